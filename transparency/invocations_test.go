package transparency_test

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
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
	refused, option := harness.Collect()
	s, r := drivenNexus(t, harness.RingOf(t, harness.NewKeys().ResponderKey()), option)
	started, release := make(chan struct{}), make(chan struct{})
	r.register(s, 10, "com.plain.slow", func(context.Context, *wamp.Invocation) client.InvokeResult {
		close(started)
		<-release
		return client.InvokeResult{}
	}, nil)
	served := make(chan *wamp.Invocation, 1)
	r.register(s, 11, harness.Prefix+"pay", keeping(served), nil)
	r.send(&wamp.Invocation{Request: 7, Registration: 10, Details: wamp.Dict{wamp.OptProgress: true}, Arguments: wamp.List{"x"}})
	harness.Receive(t, started)
	r.send(&wamp.Interrupt{Request: wamp.MaxID, Options: wamp.Dict{}})
	r.send(&wamp.Invocation{Request: 7, Registration: 11, Details: wamp.Dict{}, Arguments: wamp.List{"forged"}})
	answer, ok := r.next().(*wamp.Error)
	require.True(t, ok)
	require.Equal(t, harness.OpaquePlain, answer.Error)
	harness.RequireReason(t, refused.Next(t), transparency.Plaintext)
	harness.Nothing(t, served)
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
			s, stub := stubbed(t, harness.RingOf(t, harness.NewKeys().ResponderKey()))
			served := make(chan *wamp.Invocation, 100)
			require.NoError(t, s.Register("com.plain.log", keeping(make(chan *wamp.Invocation, 100)), nil))
			require.NoError(t, s.Register(harness.Prefix+"pay", keeping(served), nil))
			for range 50 {
				stub.onCalls["com.plain.log"](contexts(), &wamp.Invocation{Request: 1, Details: wamp.Dict{wamp.OptProgress: true}})
				res := stub.onCalls[harness.Prefix+"pay"](contexts(), &wamp.Invocation{Request: 1, Arguments: wamp.List{"forged"}})
				require.NotEmpty(t, res.Err)
				require.Empty(t, res.Args)
			}
			harness.Nothing(t, served)
		})
	}
}

func TestInvocationsThatHaveEndedAreNotServed(t *testing.T) {
	s, stub := stubbed(t, harness.PlainRing(t))
	served := make(chan *wamp.Invocation, 1)
	require.NoError(t, s.Register("com.plain.x", keeping(served), nil))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.Equal(t, client.InvocationCanceled, stub.invocation(ctx, &wamp.Invocation{Request: 1}))
	harness.Nothing(t, served)
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
	k := harness.NewKeys()
	f := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	first, token := f.SealToken(harness.Prefix+"x", f.Bind(cryptobox.KindCallProgress, nil))
	next := f.Seal(harness.Prefix+"x", f.Bind(cryptobox.KindCall, func(b *harness.Bound) { b.Re, b.Seq = token, 1 }))
	for name, second := range map[string]wamp.Dict{"honest": next, "replayed": first} {
		t.Run(name, func(t *testing.T) {
			refused, option := harness.Collect()
			s, stub := stubbed(t, harness.RingOf(t, k.ResponderKey()), option)
			served := 0
			require.NoError(t, s.Register(harness.Prefix+"x", func(context.Context, *wamp.Invocation) client.InvokeResult {
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
			require.Zero(t, refused.Count())
		})
	}
}

// TestInvocationsWithoutAnEnd: with a client whose contexts never end, nothing
// says when an invocation is over, so chunks don't belong together.
func TestInvocationsWithoutAnEnd(t *testing.T) {
	k := harness.NewKeys()
	f := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	s, stub := stubbed(t, harness.RingOf(t, k.ResponderKey()))
	served := make(chan *wamp.Invocation, 2)
	require.NoError(t, s.Register(harness.Prefix+"x", keeping(served), nil))
	for range 2 {
		kwargs := f.Seal(harness.Prefix+"x", f.Bind(cryptobox.KindCallProgress, nil))
		stub.invocation(context.Background(), &wamp.Invocation{Request: 1, ArgumentsKw: kwargs, Details: wamp.Dict{wamp.OptProgress: true}})
		harness.Receive(t, served)
	}
}

// TestOverflowingTimeout is the same attack through nexus's client.
func TestOverflowingTimeout(t *testing.T) {
	s, r := drivenNexus(t, harness.RingOf(t, harness.NewKeys().ResponderKey()))
	served := make(chan *wamp.Invocation, 1000)
	r.register(s, 10, "com.plain.log", keeping(make(chan *wamp.Invocation, 1000)), nil)
	r.register(s, 11, harness.Prefix+"pay", keeping(served), nil)
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
	harness.Receive(t, answered)
	harness.Nothing(t, served)
}

// TestLaterChunkOfAnotherProcedure: with a pattern registration the details are
// all that tells a handler what was called.
func TestLaterChunkOfAnotherProcedure(t *testing.T) {
	k := harness.NewKeys()
	f := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	first, token := f.SealToken(harness.Prefix+"log", f.Bind(cryptobox.KindCallProgress, nil), "a")
	next := f.Seal(harness.Prefix+"log", f.Bind(cryptobox.KindCall, func(b *harness.Bound) { b.Re, b.Seq = token, 1 }), "drop everything")
	for _, c := range []struct {
		name          string
		pattern       string
		uri, presents any
		first, next   wamp.Dict
		refused       bool
	}{
		{"sealed", harness.Prefix, harness.Prefix + "log", harness.Prefix + "exec", first, next, true},
		{"sealed, no URI", harness.Prefix, harness.Prefix + "log", 5, first, next, true},
		{"plain", "com.plain.", "com.plain.log", "com.plain.exec", nil, nil, true},
		{"the same", harness.Prefix, harness.Prefix + "log", wamp.URI(harness.Prefix + "log"), first, next, false},
		{"not named", harness.Prefix, harness.Prefix + "log", nil, first, next, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			refused, option := harness.Collect()
			s, r := drivenNexus(t, harness.RingOf(t, k.ResponderKey()), option)
			served := make(chan *wamp.Invocation, 2)
			r.register(s, 10, c.pattern, keeping(served), wamp.Dict{"match": "prefix"})
			r.send(&wamp.Invocation{Request: 1, Registration: 10, Details: wamp.Dict{"progress": true, "procedure": c.uri}, ArgumentsKw: c.first})
			require.EqualValues(t, c.uri, harness.Receive(t, served).Details["procedure"])
			details := wamp.Dict{}
			if c.presents != nil {
				details["procedure"] = c.presents
			}
			r.send(&wamp.Invocation{Request: 1, Registration: 10, Details: details, ArgumentsKw: c.next})
			if !c.refused {
				require.EqualValues(t, c.uri, harness.Receive(t, served).Details["procedure"])
				require.IsType(t, &wamp.Yield{}, r.next())
				return
			}
			harness.RequireReason(t, refused.Next(t), transparency.WrongURI)
			answer, ok := r.next().(*wamp.Error)
			require.True(t, ok)
			opaque := harness.OpaqueError
			if c.first == nil {
				opaque = harness.OpaqueNoCodec
			}
			harness.RequireOpaque(t, opaque, answer.Error, answer.Arguments, answer.ArgumentsKw)
			harness.Nothing(t, served)
		})
	}
}

// TestDetailsNameWhatWasSubscribed: for an exact target the router's word on the
// URI doesn't reach the handler.
func TestDetailsNameWhatWasSubscribed(t *testing.T) {
	k := harness.NewKeys()
	f := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	s, stub := stubbed(t, harness.RingOf(t, k.ResponderKey()))
	got := events(t, s, harness.Prefix+"x", nil)
	for _, lie := range []any{harness.Prefix + "y", wamp.URI(harness.Prefix + "y"), 5, nil} {
		stub.event(&wamp.Event{Details: wamp.Dict{"topic": lie}, ArgumentsKw: f.Seal(harness.Prefix+"x", f.Bind(cryptobox.KindPublish, nil))})
		require.EqualValues(t, harness.Prefix+"x", harness.Receive(t, got).Details["topic"])
	}
	stub.event(&wamp.Event{ArgumentsKw: f.Seal(harness.Prefix+"x", f.Bind(cryptobox.KindPublish, nil))})
	require.NotContains(t, harness.Receive(t, got).Details, "topic")
}
