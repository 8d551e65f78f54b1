package transparency_test

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// keeping returns a handler that keeps what it is called with, and takes more
// chunks where there are some.
func keeping(served chan<- *wamp.Invocation) client.InvocationHandler {
	return func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		served <- inv
		if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
			return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
		}
		return client.InvokeResult{Args: wamp.List{"secret answer"}}
	}
}

// TestOneRequestIDForTwoInvocations: nexus forgets which request ids it has seen
// after an INTERRUPT with the largest one. A plain invocation that is live must
// not lend its plainness to a keyed procedure.
func TestOneRequestIDForTwoInvocations(t *testing.T) {
	refused, option := collect()
	s, r := driven(t, ringOf(t, newKeys().responderKey()), option)
	started, release := make(chan struct{}), make(chan struct{})
	r.register(s, 10, "com.plain.slow", func(context.Context, *wamp.Invocation) client.InvokeResult {
		close(started)
		<-release
		return client.InvokeResult{}
	}, nil)
	served := make(chan *wamp.Invocation, 1)
	r.register(s, 11, prefix+"pay", keeping(served), nil)
	r.send(&wamp.Invocation{Request: 7, Registration: 10, Details: wamp.Dict{wamp.OptProgress: true}, Arguments: wamp.List{"x"}})
	receive(t, started)
	r.send(&wamp.Interrupt{Request: wamp.MaxID, Options: wamp.Dict{}})
	r.send(&wamp.Invocation{Request: 7, Registration: 11, Details: wamp.Dict{}, Arguments: wamp.List{"forged"}})
	answer, ok := r.next().(*wamp.Error)
	require.True(t, ok)
	require.Equal(t, opaqueNoDetail, answer.Error)
	requireReason(t, refused.next(t), transparency.Plaintext)
	nothing(t, served)
	close(release)
	r.next()
}

// TestLaterChunkOfAnotherProcedure: with a pattern registration the details are
// all that tells a handler what was called.
func TestLaterChunkOfAnotherProcedure(t *testing.T) {
	k := newKeys()
	f := newForger(t, ringOf(t, k.originatorKey()), keyring.RoleOriginator)
	first, token := f.sealToken(prefix+"log", f.bind(cryptobox.KindCallProgress, nil), "a")
	next := f.seal(prefix+"log", f.bind(cryptobox.KindCall, func(b *cryptobox.Bind) { b.Re, b.Seq = token, 1 }), "drop everything")
	for _, c := range []struct {
		name          string
		pattern       string
		uri, presents any
		first, next   wamp.Dict
		refused       bool
	}{
		{"sealed", prefix, prefix + "log", prefix + "exec", first, next, true},
		{"sealed, no URI", prefix, prefix + "log", 5, first, next, true},
		{"plain", "com.", "com.plain.log", prefix + "exec", nil, nil, true},
		{"the same", prefix, prefix + "log", wamp.URI(prefix + "log"), first, next, false},
		{"not named", prefix, prefix + "log", nil, first, next, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			refused, option := collect()
			s, r := driven(t, ringOf(t, k.responderKey()), option)
			served := make(chan *wamp.Invocation, 2)
			r.register(s, 10, c.pattern, keeping(served), wamp.Dict{"match": "prefix"})
			r.send(&wamp.Invocation{Request: 1, Registration: 10, Details: wamp.Dict{"progress": true, "procedure": c.uri}, ArgumentsKw: c.first})
			require.EqualValues(t, c.uri, receive(t, served).Details["procedure"])
			details := wamp.Dict{}
			if c.presents != nil {
				details["procedure"] = c.presents
			}
			r.send(&wamp.Invocation{Request: 1, Registration: 10, Details: details, ArgumentsKw: c.next})
			if !c.refused {
				require.EqualValues(t, c.uri, receive(t, served).Details["procedure"])
				require.IsType(t, &wamp.Yield{}, r.next())
				return
			}
			requireReason(t, refused.next(t), transparency.WrongURI)
			answer, ok := r.next().(*wamp.Error)
			require.True(t, ok)
			require.Empty(t, answer.Arguments)
			require.Empty(t, answer.ArgumentsKw)
			nothing(t, served)
		})
	}
}

// TestDetailsNameWhatWasSubscribed: for an exact target the router's word on the
// URI doesn't reach the handler.
func TestDetailsNameWhatWasSubscribed(t *testing.T) {
	k := newKeys()
	f := newForger(t, ringOf(t, k.originatorKey()), keyring.RoleOriginator)
	stub := &scripted{}
	s, err := transparency.Wrap(stub, realm, ringOf(t, k.responderKey()))
	require.NoError(t, err)
	got := events(t, s, prefix+"x", nil)
	for _, lie := range []any{prefix + "y", wamp.URI(prefix + "y"), 5, nil} {
		stub.event(&wamp.Event{Details: wamp.Dict{"topic": lie}, ArgumentsKw: f.seal(prefix+"x", f.bind(cryptobox.KindPublish, nil))})
		require.EqualValues(t, prefix+"x", receive(t, got).Details["topic"])
	}
	stub.event(&wamp.Event{ArgumentsKw: f.seal(prefix+"x", f.bind(cryptobox.KindPublish, nil))})
	require.NotContains(t, receive(t, got).Details, "topic")
}

// TestCloseAfterAProgressiveCallEndedEarly: nexus panics when a source of chunks
// that ends with its context meets a client that was closed.
func TestCloseAfterAProgressiveCallEndedEarly(t *testing.T) {
	for _, uri := range []string{prefix + "x", "com.plain.x"} {
		s, r := driven(t, ringOf(t, newKeys().originatorKey()))
		asked, closed, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
		go func() {
			call := r.next().(*wamp.Call)
			<-asked
			r.send(&wamp.Error{Type: wamp.CALL, Request: call.Request, Details: wamp.Dict{}, Error: "wamp.error.early"})
			r.goodbye()
		}()
		first := true
		_, err := s.CallProgressive(timeout(t), uri, func(ctx context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			if !first {
				defer close(ended)
				close(asked)
				<-ctx.Done()
				<-closed
				return nil, nil, nil, ctx.Err()
			}
			first = false
			return wamp.Dict{wamp.OptProgress: true}, nil, nil, nil
		}, nil)
		require.Equal(t, wamp.URI("wamp.error.early"), raised(t, err).Error)
		require.NoError(t, s.Close())
		close(closed)
		receive(t, ended)
		time.Sleep(20 * time.Millisecond) // for nexus to do its worst
	}
}

func TestEmptyURIsAreRefused(t *testing.T) {
	ring := keyring.New()
	require.NoError(t, ring.Set("", keyring.Prefix, newKeys().originatorKey()))
	s, err := transparency.Wrap(&scripted{}, realm, ring)
	require.NoError(t, err)
	requireReason(t, s.Publish("", nil, wamp.List{"secret"}, nil), transparency.Malformed)
	_, err = s.Call(timeout(t), "", nil, wamp.List{"secret"}, nil, nil)
	requireReason(t, err, transparency.Malformed)
	_, err = s.CallProgressive(timeout(t), "", nil, nil)
	requireReason(t, err, transparency.Malformed)
}
