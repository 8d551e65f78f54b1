package interop_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// The tests in live_*_test.go have Sessions of this library talk to Autobahn, and
// to each other, through Crossbar.io.

// end is a way for a Session to reach the node.
type end struct {
	name       string
	url        func(*interop.Node) string
	serializer serialize.Serialization
}

func webSocket(name string, serializer serialize.Serialization) end {
	return end{"websocket " + name, (*interop.Node).WebSocketURL, serializer}
}

func rawSocket(name string, serializer serialize.Serialization) end {
	return end{"rawsocket " + name, (*interop.Node).RawSocketURL, serializer}
}

var ends = []end{
	webSocket("json", serialize.JSON), webSocket("msgpack", serialize.MSGPACK), webSocket("cbor", serialize.CBOR),
	rawSocket("json", serialize.JSON), rawSocket("msgpack", serialize.MSGPACK), rawSocket("cbor", serialize.CBOR),
}

// usual is for tests that are not about transports and serializers.
var usual = webSocket("msgpack", serialize.MSGPACK)

// secrets are the keys of both roles.
type secrets struct{ harness.Keys }

func newSecrets() secrets { return secrets{harness.NewKeys()} }

// originating and responding are for Sessions whose peer is Autobahn.
func (s secrets) originating() keyring.Key { return s.In(cryptobox.Autobahn).OriginatorKey() }

func (s secrets) responding() keyring.Key { return s.In(cryptobox.Autobahn).ResponderKey() }

// pyOriginating and pyResponding are the same for Autobahn.
func (s secrets) pyOriginating() []interop.Key {
	return []interop.Key{{
		URI: prefix, OriginatorPriv: base64Of(s.Originator.UnsafeBytes()), ResponderPub: s.Responder.Public().String(),
	}}
}

func (s secrets) pyResponding() []interop.Key {
	return []interop.Key{{
		URI: prefix, ResponderPriv: base64Of(s.Responder.UnsafeBytes()), OriginatorPub: s.Originator.Public().String(),
	}}
}

// live is what one test works with. All tests share the node.
type live struct {
	*testing.T
	suite *interop.Suite
	ctx   context.Context
	secrets
}

func startLive(t *testing.T) live {
	t.Helper()
	return live{T: t, suite: interop.Start(t), ctx: within(t), secrets: newSecrets()}
}

// in is the same for a subtest, with time of its own.
func (l live) in(t *testing.T) live {
	t.Helper()
	l.T, l.ctx = t, within(t)
	return l
}

// connect opens a Session that has the key for everything below prefix.
func (l live) connect(e end, key keyring.Key, opts ...transparency.Option) *transparency.Session {
	l.Helper()
	return l.connectRing(e, harness.RingOf(l, key), opts...)
}

func (l live) connectRing(e end, ring *keyring.Ring, opts ...transparency.Option) *transparency.Session {
	l.Helper()
	cfg := harness.Config(e.serializer)
	cfg.ResponseTimeout = patience
	s, err := transparency.ConnectNet(l.ctx, e.url(l.suite.Node), cfg, ring, opts...)
	require.NoError(l, err)
	l.Cleanup(func() { require.NoError(l, s.Close()) })
	return s
}

func (l live) join(serializer interop.Serializer, keys []interop.Key) *interop.Peer {
	l.Helper()
	return l.suite.Join(l, interop.Config{Serializer: serializer, Keys: keys})
}

// calls calls a procedure, which succeeds.
func (l live) calls(s *transparency.Session, procedure string, args wamp.List, kwargs wamp.Dict) *wamp.Result {
	l.Helper()
	result, err := s.Call(l.ctx, procedure, nil, args, kwargs, nil)
	require.NoError(l, err)
	return result
}

// pyCalls is the same for Autobahn.
func (l live) pyCalls(py *interop.Peer, procedure string, args []any, kwargs map[string]any) interop.Received {
	l.Helper()
	result, err := py.Call(l.ctx, procedure, args, kwargs, nil)
	require.NoError(l, err)
	return result
}

// pyEvent is the next event that Autobahn gets.
func (l live) pyEvent(py *interop.Peer) interop.Received {
	l.Helper()
	event, err := py.Event(l.ctx)
	require.NoError(l, err)
	return event
}

var lastURI atomic.Uint64

// keyed returns a URI below prefix that no other test has.
func keyed(name string) string { return fmt.Sprintf("%s%s%d", prefix, name, lastURI.Add(1)) }

// unkeyed returns one that is not below it.
func unkeyed(name string) string { return fmt.Sprintf("com.myapp.%s%d", name, lastURI.Add(1)) }

// next waits for the next of the channel.
func next[T any](l live, c <-chan T) T {
	l.Helper()
	select {
	case v := <-c:
		return v
	case <-l.ctx.Done():
		require.Fail(l, "nothing came")
		panic("unreachable")
	}
}

// served is a procedure of a Session, with the invocations that reach it.
func (l live) served(s *transparency.Session, procedure string, options wamp.Dict, handler client.InvocationHandler) <-chan *wamp.Invocation {
	l.Helper()
	invocations := make(chan *wamp.Invocation, 2000)
	require.NoError(l, s.Register(procedure, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		invocations <- inv
		return handler(ctx, inv)
	}, options))
	return invocations
}

func (l live) subscribed(s *transparency.Session, topic string, options wamp.Dict) <-chan *wamp.Event {
	l.Helper()
	events := make(chan *wamp.Event, 2000)
	require.NoError(l, s.Subscribe(topic, func(event *wamp.Event) { events <- event }, options))
	return events
}

func answering(result client.InvokeResult) client.InvocationHandler {
	return func(context.Context, *wamp.Invocation) client.InvokeResult { return result }
}

// fromAutobahn expects details of a message that Autobahn sealed.
func fromAutobahn(t testing.TB, details wamp.Dict) {
	t.Helper()
	require.Equal(t, cryptobox.AlgorithmBox, details["enc_algo"])
	info, ok := transparency.InfoFrom(details)
	require.True(t, ok)
	require.Equal(t, transparency.Info{Pattern: info.Pattern, KeyID: info.KeyID, Dialect: cryptobox.Autobahn}, info, "Autobahn binds nothing")
	require.NotEmpty(t, info.KeyID)
}

// cameInPlain expects the opposite.
func cameInPlain(t testing.TB, details wamp.Dict) {
	t.Helper()
	require.NotContains(t, details, "enc_algo")
	_, ok := transparency.InfoFrom(details)
	require.False(t, ok)
}

// fromSession expects what a Session sealed, as Autobahn got it. No key is named.
func fromSession(t testing.TB, got interop.Received) {
	t.Helper()
	require.Equal(t, cryptobox.AlgorithmBox, got.EncAlgo)
	require.Equal(t, "json", got.EncSerializer)
	require.Empty(t, got.EncKey)
}

// refusals collects what a Session refuses.
type refusals struct{ *harness.Rejections }

func collect() (refusals, transparency.Option) {
	r, collecting := harness.Collect()
	return refusals{r}, collecting
}

// one expects a refusal for the reason, and that it was the only one so far.
func (r refusals) one(l live, s *transparency.Session, op, uri string, reason transparency.Reason) {
	l.Helper()
	err := next(l, r.C)
	require.Equal(l, op, err.Op)
	require.Equal(l, uri, err.URI)
	require.ErrorIs(l, err, reason)
	require.Empty(l, r.C)
	require.Equal(l, map[transparency.Reason]uint64{reason: 1}, s.Stats().Rejected)
}

// pyRaised returns the error that the other end of a call of Autobahn's raised.
func pyRaised(t testing.TB, err error) interop.Received {
	t.Helper()
	var wampError *interop.Error
	require.ErrorAs(t, err, &wampError)
	return wampError.Received
}

// gather collects what callbacks get.
type gather[T any] struct {
	mu   sync.Mutex
	list []T
}

func (g *gather[T]) add(v T) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.list = append(g.list, v)
}

func (g *gather[T]) all() []T {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.list
}
