package transparency_test

import (
	"context"
	"io"
	"log"
	"sync"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/stdlog"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// scripted is a Client without a router: tests hand events and invocations to
// the handlers that a Session leaves with it, in forms that no router in this
// process would send.
type scripted struct {
	transparency.Client // for the methods that these tests don't need

	mu      sync.Mutex
	onEvent client.EventHandler
	onCall  client.InvocationHandler // of the last procedure
	onCalls map[string]client.InvocationHandler

	sent, progress []wamp.Dict // keyword arguments of what was published, and of progress
}

// stubbed returns a Session over a scripted Client.
func stubbed(t testing.TB, ring *keyring.Ring, opts ...transparency.Option) (*transparency.Session, *scripted) {
	t.Helper()
	stub := &scripted{}
	s, err := transparency.Wrap(stub, harness.Realm, ring, opts...)
	require.NoError(t, err)
	return s, stub
}

func (c *scripted) SendProgress(_ context.Context, _ wamp.List, kwargs wamp.Dict) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.progress = append(c.progress, kwargs)
	return nil
}

func (c *scripted) Publish(_ string, _ wamp.Dict, _ wamp.List, kwargs wamp.Dict) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = append(c.sent, kwargs)
	return nil
}

// take returns what was published since the last time.
func (c *scripted) take() []wamp.Dict {
	c.mu.Lock()
	defer c.mu.Unlock()
	sent := c.sent
	c.sent = nil
	return sent
}

func (c *scripted) Unsubscribe(string) error { return nil }

func (c *scripted) Subscribe(_ string, fn client.EventHandler, _ wamp.Dict) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onEvent = fn
	return nil
}

func (c *scripted) Register(procedure string, fn client.InvocationHandler, _ wamp.Dict) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onCall = fn
	if c.onCalls == nil {
		c.onCalls = map[string]client.InvocationHandler{}
	}
	c.onCalls[procedure] = fn
	return nil
}

// CallProgressive asks for two chunks, in the goroutine of the caller.
func (c *scripted) CallProgressive(ctx context.Context, _ string, sendProg client.SendProgressiveData, _ client.ProgressHandler) (*wamp.Result, error) {
	for range 2 {
		if _, _, _, err := sendProg(ctx); err != nil {
			return nil, err
		}
	}
	return &wamp.Result{}, nil
}

func (c *scripted) Close() error { return nil }

func (c *scripted) Logger() stdlog.StdLog { return log.New(io.Discard, "", 0) }

func (c *scripted) event(ev *wamp.Event) { c.onEvent(ev) }

func (c *scripted) invocation(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
	return c.onCall(ctx, inv)
}

// changedBytes returns a changed copy of the binary data v.
func changedBytes(t testing.TB, v any, change func([]byte) []byte) serialize.BinaryData {
	t.Helper()
	b, ok := v.(serialize.BinaryData)
	if !ok {
		t.Fatalf("%T is no binary data", v)
	}
	return serialize.BinaryData(change(append([]byte(nil), b...)))
}
