package client

import (
	"context"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// testTimeout is the response timeout, in the time of a bubble.
const testTimeout = time.Second

// scripted is a link that a test reads and writes. What is read from it has gone through
// a codec.
type scripted struct {
	codec *message.Codec
	in    chan []byte
	out   chan message.Out
	done  chan struct{}
	once  sync.Once

	// Set before the client could write.
	local   bool                     // it is one inside the process
	silent  bool                     // GOODBYE isn't answered
	refuses func(*message.Out) error // what can't be sent; nil for nothing
	stopped chan struct{}            // non-nil: until it is closed the router takes nothing but GOODBYE

	mu       sync.Mutex
	refusals []error
	ended    []error
}

func newScripted(t *testing.T) *scripted {
	t.Helper()
	codec, err := message.New(serialize.CBOR)
	require.NoError(t, err)
	return &scripted{codec: codec, in: make(chan []byte, 1<<16), out: make(chan message.Out, 1<<16), done: make(chan struct{})}
}

func (l *scripted) IsLocal() bool { return l.local }

func (l *scripted) Form(v any) (any, error) { return v, nil }

func (l *scripted) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *scripted) Read(in *link.Incoming) error {
	for {
		select {
		case data := <-l.in:
			if ok, err := in.ReadFrom(l.codec, data); ok || err != nil {
				return err
			}
		case <-l.done:
			return io.EOF
		}
	}
}

func (l *scripted) Write(ctx context.Context, limit time.Duration, m message.Out) error {
	select {
	case <-l.done:
		return net.ErrClosed
	default:
	}
	if l.refuses != nil {
		if err := l.refuses(&m); err != nil {
			return err
		}
	}
	if m.Type == wamp.GOODBYE && !l.silent {
		l.send(wamp.GOODBYE, wamp.Dict{}, wamp.ErrGoodbyeAndOut)
	}
	if l.stopped != nil && m.Type != wamp.GOODBYE {
		var late <-chan time.Time
		if limit > 0 {
			late = time.After(limit)
		}
		select {
		case <-l.stopped:
		case <-ctx.Done():
			return link.ErrBusy
		case <-late:
			return link.ErrBusy
		case <-l.done:
			return net.ErrClosed
		}
	}
	l.out <- m
	return nil
}

// send has the router send a message.
func (l *scripted) send(elements ...any) { l.sendSized(0, elements...) }

// sendSized has it send one that takes so many bytes.
func (l *scripted) sendSized(size int, elements ...any) {
	data, err := (&serialize.CBORSerializer{}).SerializeDataItem(elements)
	if err != nil {
		panic(err)
	}
	if size > 0 {
		data = append(make([]byte, 0, size), data...)
	}
	l.in <- data
}

// next returns what the client has sent.
func (l *scripted) next(t *testing.T) message.Out {
	t.Helper()
	synctest.Wait()
	select {
	case m := <-l.out:
		return m
	default:
		require.FailNow(t, "nothing was sent")
		return message.Out{}
	}
}

// requireNothing: the client has sent nothing more.
func (l *scripted) requireNothing(t *testing.T) {
	t.Helper()
	synctest.Wait()
	select {
	case m := <-l.out:
		require.Failf(t, "a message", "%v", m)
	default:
	}
}

// refused returns what the client has refused since the last time.
func (l *scripted) refused() []error {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	refusals := l.refusals
	l.refusals = nil
	return refusals
}

// requireRefused: the client has refused one message, for that.
func (l *scripted) requireRefused(t *testing.T, why error) {
	t.Helper()
	refusals := l.refused()
	require.Len(t, refusals, 1)
	require.ErrorIs(t, refusals[0], why)
}

// config is the configuration of a client over l.
func (l *scripted) config() Config {
	return Config{
		Config: nexus.Config{Realm: "realm1", ResponseTimeout: testTimeout},
		Refused: func(_ wamp.MessageType, err error) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.refusals = append(l.refusals, err)
		},
		Ended: func(err error) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.ended = append(l.ended, err)
		},
	}
}

// welcome has the router welcome the client.
func (l *scripted) welcome() {
	role := wamp.Dict{"features": wamp.Dict{wamp.FeatureProgCallInvocations: true}}
	l.send(wamp.WELCOME, 1, wamp.Dict{"roles": wamp.Dict{"broker": role, "dealer": role}})
}

// scriptedClient joins over l.
func scriptedClient(t *testing.T, l *scripted) *Client {
	t.Helper()
	l.welcome()
	c, err := New(context.Background(), l, l.config())
	require.NoError(t, err)
	require.Equal(t, wamp.HELLO, l.next(t).Type)
	return c
}

// inSession runs a test of a session in a bubble of its own, which fails where a goroutine
// is left.
func inSession(t *testing.T, test func(t *testing.T, c *Client, l *scripted)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := newScripted(t)
		c := scriptedClient(t, l)
		test(t, c, l)
		_ = c.Close()
		<-c.Done()
	})
}

// subscribe subscribes, with that id.
func (l *scripted) subscribe(t *testing.T, c *Client, topic string, id int, handler EventHandler) {
	t.Helper()
	subscribed := start(func() error { return c.Subscribe(topic, nil, handler) })
	l.send(wamp.SUBSCRIBED, l.next(t).Request, id)
	require.NoError(t, <-subscribed)
}

// register registers, with that id.
func (l *scripted) register(t *testing.T, c *Client, procedure string, id int, handler InvocationHandler) {
	t.Helper()
	registered := start(func() error { return c.Register(procedure, nil, handler) })
	l.send(wamp.REGISTERED, l.next(t).Request, id)
	require.NoError(t, <-registered)
}

// invoke has the router send an invocation of registration 2.
func (l *scripted) invoke(request int, details ...wamp.Dict) {
	l.invokeSized(0, request, details...)
}

func (l *scripted) invokeSized(size, request int, details ...wamp.Dict) {
	dict := wamp.Dict{}
	if len(details) > 0 {
		dict = details[0]
	}
	l.sendSized(size, wamp.INVOCATION, request, 2, dict)
}

// start runs f, and returns what it will return.
func start[T any](f func() T) <-chan T {
	result := make(chan T, 1)
	go func() { result <- f() }()
	return result
}

// called is what a call has returned.
type called struct {
	result Result
	err    error
}

func startCall(ctx context.Context, c *Client, onProgress ProgressHandler) <-chan called {
	return start(func() called {
		var r Result
		err := c.Call(ctx, "com.example.procedure", &wire.Part{}, onProgress, &r)
		return called{r, err}
	})
}

// has returns what is in c, at once.
func has[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	synctest.Wait()
	require.Len(t, c, 1)
	return <-c
}

// goroutines returns how many goroutines are in the function.
func goroutines(function string) int {
	synctest.Wait()
	stacks := make([]byte, 1<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), function+"(")
}

// more are the details of a chunk that isn't the last.
var more = wamp.Dict{wamp.OptProgress: true}
