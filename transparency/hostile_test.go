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

// TestInvocationsThatShareAContext: a context that had ended before anybody asked
// for its channel shares that with all others of its kind, and a router can have
// nexus make such ones, by a timeout that overflows.
func TestInvocationsThatShareAContext(t *testing.T) {
	for name, contexts := range map[string]func() context.Context{
		"ended": func() context.Context {
			ctx, cancel := context.WithTimeout(context.Background(), -1)
			t.Cleanup(cancel)
			return ctx
		},
		"one": func() func() context.Context {
			ctx, cancel := context.WithCancel(context.Background())
			t.Cleanup(cancel)
			return func() context.Context { return ctx }
		}(),
		"endless": context.Background,
	} {
		t.Run(name, func(t *testing.T) {
			s, stub := stubbed(t, ringOf(t, newKeys().responderKey()))
			served := make(chan *wamp.Invocation, 100)
			require.NoError(t, s.Register("com.plain.log", keeping(make(chan *wamp.Invocation, 100)), nil))
			require.NoError(t, s.Register(prefix+"pay", keeping(served), nil))
			for range 50 {
				stub.onCalls["com.plain.log"](contexts(), &wamp.Invocation{Request: 1, Details: wamp.Dict{wamp.OptProgress: true}})
				res := stub.onCalls[prefix+"pay"](contexts(), &wamp.Invocation{Request: 1, Arguments: wamp.List{"forged"}})
				require.NotEmpty(t, res.Err)
				require.Empty(t, res.Args)
			}
			nothing(t, served)
		})
	}
}

func TestInvocationsThatHaveEndedAreNotServed(t *testing.T) {
	s, stub := stubbed(t, keyring.New())
	served := make(chan *wamp.Invocation, 1)
	require.NoError(t, s.Register("com.plain.x", keeping(served), nil))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.Equal(t, client.InvocationCanceled, stub.invocation(ctx, &wamp.Invocation{Request: 1}))
	nothing(t, served)
}

// endingContext ends right after it has said that it hasn't.
type endingContext struct {
	context.Context
	cancel context.CancelFunc
	armed  bool
}

func (c *endingContext) Err() error {
	err := c.Context.Err()
	if c.armed {
		ended := make(chan struct{})
		context.AfterFunc(c.Context, func() { close(ended) })
		c.cancel()
		<-ended
		time.Sleep(10 * time.Millisecond) // for those who wait for the same
	}
	return err
}

// TestInvocationsThatEndMeanwhile: a chunk that comes as its invocation ends is
// not taken for the first of another.
func TestInvocationsThatEndMeanwhile(t *testing.T) {
	k := newKeys()
	f := newForger(t, ringOf(t, k.originatorKey()), keyring.RoleOriginator)
	first, token := f.sealToken(prefix+"x", f.bind(cryptobox.KindCallProgress, nil))
	next := f.seal(prefix+"x", f.bind(cryptobox.KindCall, func(b *cryptobox.Bind) { b.Re, b.Seq = token, 1 }))
	for name, second := range map[string]wamp.Dict{"honest": next, "replayed": first} {
		t.Run(name, func(t *testing.T) {
			refused, option := collect()
			s, stub := stubbed(t, ringOf(t, k.responderKey()), option)
			served := 0
			require.NoError(t, s.Register(prefix+"x", func(context.Context, *wamp.Invocation) client.InvokeResult {
				served++
				return client.InvokeResult{}
			}, nil))
			base, cancel := context.WithCancel(context.Background())
			defer cancel()
			ctx := &endingContext{Context: base, cancel: cancel}
			stub.invocation(ctx, &wamp.Invocation{Request: 1, ArgumentsKw: first, Details: wamp.Dict{wamp.OptProgress: true}})
			ctx.armed = true
			progress := name == "replayed"
			stub.invocation(ctx, &wamp.Invocation{Request: 1, ArgumentsKw: second, Details: wamp.Dict{wamp.OptProgress: progress}})
			require.Equal(t, 1, served)
			require.Zero(t, refused.count())
		})
	}
}

// TestInvocationsWithoutAnEnd: with a client whose contexts never end, nothing
// says when an invocation is over, so chunks don't belong together.
func TestInvocationsWithoutAnEnd(t *testing.T) {
	k := newKeys()
	f := newForger(t, ringOf(t, k.originatorKey()), keyring.RoleOriginator)
	s, stub := stubbed(t, ringOf(t, k.responderKey()))
	served := make(chan *wamp.Invocation, 2)
	require.NoError(t, s.Register(prefix+"x", keeping(served), nil))
	for range 2 {
		kwargs := f.seal(prefix+"x", f.bind(cryptobox.KindCallProgress, nil))
		stub.invocation(context.Background(), &wamp.Invocation{Request: 1, ArgumentsKw: kwargs, Details: wamp.Dict{wamp.OptProgress: true}})
		receive(t, served)
	}
}

// TestOverflowingTimeout is the same attack through nexus's client.
func TestOverflowingTimeout(t *testing.T) {
	s, r := driven(t, ringOf(t, newKeys().responderKey()))
	served := make(chan *wamp.Invocation, 1000)
	r.register(s, 10, "com.plain.log", keeping(make(chan *wamp.Invocation, 1000)), nil)
	r.register(s, 11, prefix+"pay", keeping(served), nil)
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		for range 600 { // 300 of each, all answered as cancelled or refused
			<-r.peer.Recv()
		}
	}()
	for id := wamp.ID(1); id <= 600; id += 2 {
		details := func() wamp.Dict { return wamp.Dict{"timeout": int64(9223372036855), wamp.OptProgress: true} }
		r.send(&wamp.Invocation{Request: id, Registration: 10, Details: details()})
		r.send(&wamp.Invocation{Request: id + 1, Registration: 11, Details: details(), Arguments: wamp.List{"forged"}})
	}
	receive(t, answered)
	nothing(t, served)
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
	s, stub := stubbed(t, ringOf(t, k.responderKey()))
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
	requireReason(t, s.Subscribe("", func(*wamp.Event) {}, nil), transparency.Malformed)
	requireReason(t, s.Register("", echo, nil), transparency.Malformed)
	require.NoError(t, s.Subscribe("", func(*wamp.Event) {}, wamp.Dict{"match": "prefix"}))
}

// TestSendProgressEndsWithTheInvocation, whatever context it is given.
func TestSendProgressEndsWithTheInvocation(t *testing.T) {
	k := newKeys()
	f := newForger(t, ringOf(t, k.originatorKey()), keyring.RoleOriginator)
	s, r := driven(t, ringOf(t, k.responderKey()))
	started, ended := make(chan struct{}), make(chan error, 1)
	r.register(s, 10, prefix+"x", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		close(started)
		ended <- s.SendProgress(context.WithoutCancel(ctx), wamp.List{1}, nil)
		return client.InvokeResult{}
	}, nil)
	kwargs := f.seal(prefix+"x", f.bind(cryptobox.KindCall, nil))
	r.send(&wamp.Invocation{Request: 1, Registration: 10, Details: wamp.Dict{wamp.OptReceiveProgress: true}, ArgumentsKw: kwargs})
	receive(t, started)
	r.send(&wamp.Interrupt{Request: 1, Options: wamp.Dict{}}) // and reads nothing
	require.ErrorIs(t, receive(t, ended), client.ErrCallerNoProg)
	r.next()
}

func TestProgressIsNoOptionOfAResult(t *testing.T) {
	k := newKeys()
	r := startRouter(t)
	refused, option := collect()
	callee := local.session(t, r, ringOf(t, k.responderKey()), option)
	s := local.session(t, r, ringOf(t, k.originatorKey()))
	require.NoError(t, callee.Register(prefix+"x", answering(client.InvokeResult{Options: wamp.Dict{wamp.OptProgress: true}}), nil))
	_, err := s.Call(timeout(t), prefix+"x", nil, nil, nil, nil)
	require.Equal(t, wamp.URI("wamp.error.runtime_error"), raised(t, err).Error)
	requireReason(t, refused.next(t), transparency.Malformed)
}

// TestChunksOfAnotherClient: only nexus's own goroutine may be ended.
func TestChunksOfAnotherClient(t *testing.T) {
	s, err := transparency.Wrap(&scripted{}, realm, ringOf(t, newKeys().originatorKey()))
	require.NoError(t, err)
	first := true
	chunk := func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		if !first {
			return nil, wamp.List{make(chan int)}, nil, nil
		}
		first = false
		return wamp.Dict{wamp.OptProgress: true}, nil, nil, nil
	}
	_, err = s.CallProgressive(timeout(t), prefix+"x", chunk, nil)
	requireReason(t, err, transparency.Malformed)

	require.NoError(t, s.Close())
	_, err = s.CallProgressive(timeout(t), prefix+"x", chunk, nil)
	require.ErrorIs(t, err, client.ErrNotConn)
}
