package guard_test

import (
	"context"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// localDialects are those that a link inside the process carries.
var localDialects = []cryptobox.Dialect{cryptobox.Wampbox, cryptobox.Passthru}

// nothing is a message of each type that isn't there, behind an interface that is.
func nothing() []wamp.Message {
	return []wamp.Message{
		(*wamp.Hello)(nil), (*wamp.Welcome)(nil), (*wamp.Abort)(nil), (*wamp.Challenge)(nil), (*wamp.Authenticate)(nil), (*wamp.Goodbye)(nil),
		(*wamp.Error)(nil), (*wamp.Publish)(nil), (*wamp.Published)(nil), (*wamp.Subscribe)(nil), (*wamp.Subscribed)(nil),
		(*wamp.Unsubscribe)(nil), (*wamp.Unsubscribed)(nil), (*wamp.Event)(nil), (*wamp.Call)(nil), (*wamp.Cancel)(nil), (*wamp.Result)(nil),
		(*wamp.Register)(nil), (*wamp.Registered)(nil), (*wamp.Unregister)(nil), (*wamp.Unregistered)(nil), (*wamp.Invocation)(nil),
		(*wamp.Interrupt)(nil), (*wamp.Yield)(nil),
	}
}

// TestLocalNothing: a router in the process hands over what is no message, before
// WELCOME and after.
func TestLocalNothing(t *testing.T) {
	for _, d := range localDialects {
		r := &fakeRouter{attached: make(chan wamp.Peer, 1)}
		var s *transparency.Session
		joined := harness.Go(func() (err error) {
			s, err = transparency.ConnectLocal(r, harness.Config(0), harness.RingOf(t, harness.NewKeys().In(d).OriginatorKey()))
			return err
		})
		theirs := harness.Receive(t, r.attached)
		harness.Receive(t, theirs.Recv())
		sendNothing(theirs)
		features := wamp.Dict{"features": wamp.Dict{wamp.FeaturePayloadPassthruMode: true}}
		theirs.Send() <- &wamp.Welcome{ID: 1, Details: wamp.Dict{"roles": wamp.Dict{"broker": features, "dealer": features}}}
		require.NoError(t, harness.Receive(t, joined))
		called := harness.Calling(func(ctx context.Context) (*wamp.Result, error) { return s.Call(ctx, "com.plain.x", nil, nil, nil, nil) })
		call, ok := harness.Receive(t, theirs.Recv()).(*wamp.Call)
		require.True(t, ok)
		sendNothing(theirs)
		theirs.Send() <- &wamp.Result{Request: call.Request}
		require.NoError(t, harness.Receive(t, called).Err)
		go func() {
			<-theirs.Recv()
			theirs.Send() <- &wamp.Goodbye{Reason: wamp.ErrGoodbyeAndOut}
		}()
		require.NoError(t, s.Close())
	}
}

func sendNothing(p wamp.Peer) {
	p.Send() <- nil
	for _, m := range nothing() {
		p.Send() <- m
	}
}

// company is a Session and a client of nexus's own, in one process with their router.
type company struct {
	t      *testing.T
	router *testrouter.Router
	keys   harness.Keys
	d      cryptobox.Dialect
	s      *transparency.Session
	plain  *client.Client
}

// inCompany runs the scenario with each dialect, in a process of its own, which has to
// survive.
func inCompany(t *testing.T, scenario func(c *company)) {
	t.Helper()
	out, code := harness.InVictim(t, func(t *testing.T) {
		for _, d := range localDialects {
			r := testrouter.Start(t, harness.Realm)
			c := &company{t: t, router: r, keys: harness.NewKeys().In(d), d: d}
			c.s = c.session(c.keys.PairKey())
			var err error
			c.plain, err = client.ConnectLocal(r.Router(), harness.Config(0))
			require.NoError(t, err)
			scenario(c)
			require.True(t, c.s.Connected())
			require.True(t, c.plain.Connected())
			require.NoError(t, c.plain.Close())
			require.NoError(t, c.s.Close())
			require.NoError(t, r.Close())
		}
	})
	require.Zero(t, code, out)
}

func (c *company) session(key keyring.Key) *transparency.Session {
	c.t.Helper()
	s, err := transparency.ConnectLocal(c.router.Router(), harness.Config(0), harness.RingOf(c.t, key))
	require.NoError(c.t, err)
	return s
}

// requireBytes requires that a sealed payload is bytes, as nexus's client expects.
func (c *company) requireBytes(args wamp.List, kwargs wamp.Dict) {
	c.t.Helper()
	var payload any
	if c.d == cryptobox.Passthru {
		// nexus's client takes it apart, and has nothing to open it with.
		require.LessOrEqual(c.t, len(args), 1)
		if len(args) == 0 {
			return
		}
		payload = args[0]
	} else {
		payload = kwargs["enc"]
	}
	require.IsType(c.t, []byte{}, payload)
}

const shared = harness.Prefix + "x"

func TestLocalSealedEvent(t *testing.T) {
	inCompany(t, func(c *company) {
		events := make(chan *wamp.Event, 10)
		require.NoError(c.t, c.plain.Subscribe(shared, func(e *wamp.Event) { events <- e }, nil))
		require.NoError(c.t, c.plain.Subscribe("com.", func(*wamp.Event) {}, wamp.Dict{wamp.OptMatch: "prefix"}))
		require.NoError(c.t, c.s.Publish(shared, wamp.Dict{wamp.OptAcknowledge: true}, wamp.List{"x"}, nil))
		if c.d == cryptobox.Wampbox { // else nexus drops it
			e := harness.Receive(c.t, events)
			c.requireBytes(e.Arguments, e.ArgumentsKw)
		}
		require.NoError(c.t, c.plain.Publish("com.plain.x", wamp.Dict{wamp.OptAcknowledge: true}, nil, nil))
	})
}

func TestLocalSealedCall(t *testing.T) {
	inCompany(t, func(c *company) {
		require.NoError(c.t, c.plain.Register(shared, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
			c.requireBytes(inv.Arguments, inv.ArgumentsKw)
			return client.InvokeResult{Args: inv.Arguments, Kwargs: inv.ArgumentsKw}
		}, nil))
		_, err := c.s.Call(harness.Timeout(c.t), shared, nil, wamp.List{"x"}, nil, nil)
		require.Error(c.t, err, "sealed as a call, and plain where nexus has nothing to open it with")
	})
}

// TestLocalSealedAnswers: to another Session, and to a client of nexus's that hands on
// what that has sealed.
func TestLocalSealedAnswers(t *testing.T) {
	inCompany(t, func(c *company) {
		require.NoError(c.t, c.s.Register(shared, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
			if wamp.OptionFlag(inv.Details, wamp.OptReceiveProgress) {
				require.NoError(c.t, c.s.SendProgress(ctx, wamp.List{"progress"}, nil))
			}
			if inv.Arguments[0] == "fail" {
				return client.InvokeResult{Err: shared, Args: inv.Arguments}
			}
			return client.InvokeResult{Args: inv.Arguments}
		}, nil))
		other := c.session(c.keys.PairKey())
		var progress []any
		result, err := other.Call(harness.Timeout(c.t), shared, nil, wamp.List{"x"}, nil, func(r *wamp.Result) { progress = append(progress, r.Arguments...) })
		require.NoError(c.t, err)
		require.Equal(c.t, wamp.List{"x"}, result.Arguments)
		require.Equal(c.t, []any{"progress"}, progress)
		_, err = other.Call(harness.Timeout(c.t), shared, nil, wamp.List{"fail"}, nil, nil)
		require.Equal(c.t, wamp.List{"fail"}, harness.Raised(c.t, err).Arguments)
		require.NoError(c.t, other.Close())
		if c.d == cryptobox.Wampbox {
			c.callsSealed()
		}
	})
}

// callsSealed has the plain client call with what a holder of the key has sealed.
func (c *company) callsSealed() {
	c.t.Helper()
	forger := harness.Holding(c.t, harness.RingOf(c.t, c.keys.PairKey()))
	kwargs := forger.Seal(shared, forger.Bind(cryptobox.KindCall, nil), "x")
	result, err := c.plain.Call(harness.Timeout(c.t), shared, nil, wamp.List{}, kwargs, nil)
	require.NoError(c.t, err)
	c.requireBytes(result.Arguments, result.ArgumentsKw)
}
