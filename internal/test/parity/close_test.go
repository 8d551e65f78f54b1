package parity_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

func TestClose(t *testing.T) {
	want := outcome{
		"first": "no error", "second": "ErrAlreadyClosed", "connected": false,
		"goodbye": wamp.CloseGoodbyeAndOut, "keeps its id": true, "keeps its realm's details": true,
	}
	both(t, everywhere, want, func(w *world) {
		c := w.connect()
		id := c.ID()
		w.noteError("first", c.Close())
		ends(w, c.Done())
		w.noteError("second", c.Close())
		w.note("connected", c.Connected())
		require.NotNil(w, c.RouterGoodbye())
		w.note("goodbye", c.RouterGoodbye().Reason)
		w.note("keeps its id", c.ID() == id)
		w.note("keeps its realm's details", c.HasFeature(wamp.RoleBroker, wamp.FeaturePatternSub) && len(c.RealmDetails()) > 0)
	})
}

// useAfter notes what each method says when the session has ended. Before that, c was
// subscribed to topic and registered for procedure.
func useAfter(w *world, c transparency.Client) {
	w.Helper()
	none := func(*wamp.Event) {}
	w.noteError("publish", c.Publish(topic, nil, wamp.List{"x"}, nil))
	w.noteError("publish acknowledged", c.Publish(topic, acknowledged(), nil, nil))
	w.noteError("subscribe", c.Subscribe("com.parity.other", none, nil))
	w.noteError("subscribe a channel", c.SubscribeChan("com.parity.other", make(chan *wamp.Event), nil))
	_, known := c.SubscriptionID(topic)
	w.note("subscription id", known)
	w.noteError("unsubscribe", c.Unsubscribe(topic))
	w.noteError("unsubscribe twice", c.Unsubscribe(topic))
	w.noteError("register", c.Register("com.parity.other", sum, nil))
	_, known = c.RegistrationID(procedure)
	w.note("registration id", known)
	w.noteError("unregister", c.Unregister(procedure))
	w.noteError("unregister twice", c.Unregister(procedure))
	result, err := c.Call(w.soon(), procedure, nil, nil, nil, nil)
	require.Nil(w, result)
	w.noteError("call", err)
	asked := false
	result, err = c.CallProgressive(w.soon(), procedure, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		asked = true
		return nil, nil, nil, nil
	}, nil)
	require.Nil(w, result)
	w.noteError("progressive call", err)
	w.note("asked for chunks", asked)
	w.noteError("send progress", c.SendProgress(context.Background(), nil, nil))
	w.noteError("cancel mode", c.SetCallCancelMode(wamp.CancelModeSkip))
}

var afterTheEnd = outcome{
	"publish": "ErrNotConn", "publish acknowledged": "ErrNotConn",
	"subscribe": "ErrNotConn", "subscribe a channel": "ErrNotConn",
	"subscription id": true, "unsubscribe": "ErrNotConn", "unsubscribe twice": "ErrNotSubscribed",
	"register": "ErrNotConn", "registration id": true, "unregister": "ErrNotConn", "unregister twice": "ErrNotRegistered",
	"call": "ErrNotConn", "progressive call": "ErrNotConn", "asked for chunks": false,
	"send progress": "ErrCallerNoProg", "cancel mode": "no error",
}

// with returns an outcome with more in it.
func (o outcome) with(more outcome) outcome {
	all := outcome{}
	for _, part := range []outcome{o, more} {
		for name, value := range part {
			all[name] = value
		}
	}
	return all
}

func TestUseAfterClose(t *testing.T) {
	both(t, everywhere, afterTheEnd, func(w *world) {
		c := w.connect()
		w.events(c, topic, nil)
		w.register(c, procedure, sum, nil)
		require.NoError(w, c.Close())
		useAfter(w, c)
	})
}

// TestCloseDuringCalls: calls that wait end with ErrNotConn, progressive ones too.
func TestCloseDuringCalls(t *testing.T) {
	both(t, everywhere, outcome{"call": "ErrNotConn", "with progress": "ErrNotConn", "close": "no error"}, func(w *world) {
		callee, caller := w.connect(), w.connect()
		s := newServed()
		w.register(callee, procedure, s.handle, nil)
		call := start(w.soon(), caller, procedure, nil, nil, nil)
		other := start(w.soon(), caller, procedure, nil, nil, func(*wamp.Result) {})
		receive(w, s.begun)
		receive(w, s.begun)
		within(w, "Close", func() { w.noteError("close", caller.Close()) })
		w.noteError("call", receive(w, call).err)
		w.noteError("with progress", receive(w, other).err)
		close(s.release)
	})
}

// TestCloseWhileServing: the handler's context ends, Close doesn't wait for it to take
// note, and the caller learns that the callee is gone.
func TestCloseWhileServing(t *testing.T) {
	both(t, everywhere, nil, func(w *world) {
		callee, caller := w.connect(), w.connect()
		begun, release, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		w.register(callee, procedure, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			close(begun)
			<-release
			<-ctx.Done()
			ended <- ctx.Err()
			return client.InvokeResult{}
		}, nil)
		call := start(w.soon(), caller, procedure, nil, nil, nil)
		ends(w, begun)
		within(w, "Close", func() { w.noteError("close", callee.Close()) })
		w.noteError("call", receive(w, call).err)
		close(release)
		w.note("handler's context", receive(w, ended))
		require.Equal(w, "no error", w.noted["close"])
		require.Contains(w, w.noted["call"], "RPCError wamp.error.canceled of com.parity.procedure to CALL")
		require.Equal(w, context.Canceled, w.noted["handler's context"])
	})
}

// kill calls the meta procedure that ends a session.
func kill(w *world, c transparency.Client, id wamp.ID, kwargs wamp.Dict) error {
	_, err := c.Call(w.soon(), string(wamp.MetaProcSessionKill), nil, wamp.List{id}, kwargs, nil)
	return err
}

// goodbye is what a client was told when its session ended.
func goodbye(w *world, c transparency.Client) string {
	w.Helper()
	ends(w, c.Done())
	g := c.RouterGoodbye()
	if g == nil {
		return "none"
	}
	return fmt.Sprint(g.Reason, " ", g.Details)
}

// TestSessionIsKilled: the client ends with the router's GOODBYE, others go on.
func TestSessionIsKilled(t *testing.T) {
	killed := wamp.Dict{"reason": "com.parity.killed", "message": "this is a test"}
	want := afterTheEnd.with(outcome{
		"kill":          "no error",
		"goodbye":       "com.parity.killed map[message:this is a test]",
		"connected":     false,
		"close":         "no error",
		"close twice":   "ErrAlreadyClosed",
		"others go on":  true,
		"self":          "RPCError wamp.error.no_such_session of wamp.session.kill to CALL",
		"nobody":        "RPCError wamp.error.no_such_session of wamp.session.kill to CALL",
		"without words": "wamp.close.normal map[]",
	})
	both(t, everywhere, want, func(w *world) {
		killer, victim, bystander := w.connect(), w.connect(), w.connect()
		w.events(victim, topic, nil)
		w.register(victim, procedure, sum, nil)
		w.noteError("kill", kill(w, killer, victim.ID(), killed))
		w.note("goodbye", goodbye(w, victim))
		w.note("connected", victim.Connected())
		useAfter(w, victim)
		w.noteError("close", victim.Close())
		w.noteError("close twice", victim.Close())
		w.noteError("self", kill(w, killer, killer.ID(), killed))
		w.noteError("nobody", kill(w, killer, 12345, killed))
		w.note("others go on", killer.Connected() && bystander.Connected())
		another := w.connect()
		require.NoError(w, kill(w, killer, another.ID(), nil))
		w.note("without words", goodbye(w, another))
	})
}

// TestManyAreKilled: all, by authid and by role.
func TestManyAreKilled(t *testing.T) {
	want := outcome{"by authid": "com.parity.killed map[]", "by role": "com.parity.killed map[]", "all": "com.parity.killed map[all:<nil>]", "killer": true}
	both(t, everywhere, want, func(w *world) {
		killer := w.connect()
		for name, call := range map[string]struct {
			procedure wamp.URI
			args      func(victim transparency.Client) wamp.List
		}{
			"by authid": {wamp.MetaProcSessionKillByAuthid, func(c transparency.Client) wamp.List { return wamp.List{c.RealmDetails()["authid"]} }},
			"by role":   {wamp.MetaProcSessionKillByAuthrole, func(transparency.Client) wamp.List { return wamp.List{"anonymous"} }},
			"all":       {wamp.MetaProcSessionKillAll, func(transparency.Client) wamp.List { return nil }},
		} {
			victim := w.connect()
			_, err := killer.Call(w.soon(), string(call.procedure), nil, call.args(victim), wamp.Dict{"reason": "com.parity.killed"}, nil)
			require.NoError(w, err)
			w.note(name, goodbye(w, victim))
		}
		w.note("killer", killer.Connected())
	})
}

// TestKilledWhileServing: the handler's context ends, and Close gets through.
func TestKilledWhileServing(t *testing.T) {
	both(t, everywhere, outcome{"handler's context": context.Canceled, "close": "no error"}, func(w *world) {
		callee, caller := w.connect(), w.connect()
		s := newServed()
		w.register(callee, procedure, s.handle, nil)
		start(w.soon(), caller, procedure, nil, wamp.List{73}, nil)
		receive(w, s.begun)
		require.NoError(w, kill(w, caller, callee.ID(), nil))
		w.note("handler's context", receive(w, s.ended))
		require.NoError(w, caller.Close())
		within(w, "Close", func() { w.noteError("close", callee.Close()) })
	})
}

// TestKilledWhileRegistering: whatever a client waits for when its session ends, it
// doesn't wait for ever. nexus's own test asks that of its client, which seldom fails it:
// it sends on a channel that is closed meanwhile, and the process ends, or on a link in the
// process it waits for a router that reads no more. So it is asked of ours alone.
func TestKilledWhileRegistering(t *testing.T) {
	want := outcome{"ends": true, "at last": "ErrNotConn"}
	behave := func(w *world) {
		killer, victim := w.connect(), w.connect()
		begun, killed := make(chan struct{}), make(chan error, 1)
		go func() {
			<-begun
			killed <- kill(w, killer, victim.ID(), nil)
		}()
		var err error
		within(w, "Register", func() {
			for i := 0; err == nil; i++ {
				if i == 3 {
					close(begun)
				}
				err = victim.Register(fmt.Sprint("com.parity.p", i), sum, nil)
			}
		})
		w.noteError("at last", err)
		require.NoError(w, receive(w, killed))
		ends(w, victim.Done())
		w.note("ends", true)
	}
	oursAlone(t, everywhere, want, behave)
}

// TestKilledAmongMetaEvents: a session that gets the meta events of the one it kills.
func TestKilledAmongMetaEvents(t *testing.T) {
	both(t, everywhere, outcome{"kill": "no error", "unregistered": true}, func(w *world) {
		victim, killer := w.connect(), w.connect()
		w.register(victim, procedure, answers("done"), nil)
		id, _ := victim.RegistrationID(procedure)
		got := w.events(killer, string(wamp.MetaEventRegOnUnregister), nil)
		w.noteError("kill", kill(w, killer, victim.ID(), nil))
		event := receive(w, got)
		w.note("unregistered", number(event.Arguments[0]) == int64(victim.ID()) && number(event.Arguments[1]) == int64(id))
		ends(w, victim.Done())
	})
}

// ownRouter gives a behaviour a router that it may shut down.
func ownRouter(w *world) {
	w.Helper()
	r := testrouter.Start(w, w.realm)
	w.router = r
}

// TestRouterShutsDown: everything that waits ends, and the client says so.
func TestRouterShutsDown(t *testing.T) {
	want := afterTheEnd.with(outcome{
		"goodbye": "wamp.close.system_shutdown map[]", "pending call": "ErrNotConn", "handler's context": context.Canceled,
		"close": "no error", "close twice": "ErrAlreadyClosed", "connected": false,
	})
	both(t, everywhere, want, func(w *world) {
		ownRouter(w)
		c, callee := w.connect(), w.connect()
		w.events(c, topic, nil)
		w.register(c, procedure, sum, nil)
		s := newServed()
		w.register(callee, "com.parity.served", s.handle, nil)
		call := start(w.soon(), c, "com.parity.served", nil, nil, nil)
		receive(w, s.begun)
		require.NoError(w, w.router.Close())
		w.note("goodbye", goodbye(w, c))
		w.noteError("pending call", receive(w, call).err)
		w.note("handler's context", receive(w, s.ended))
		w.note("connected", c.Connected())
		useAfter(w, c)
		w.noteError("close", c.Close())
		w.noteError("close twice", c.Close())
	})
}

// TestRouterShutsDownDuringProgress: the caller's Call ends, and the callee can send no
// more.
func TestRouterShutsDownDuringProgress(t *testing.T) {
	both(t, everywhere, outcome{"call": "ErrNotConn", "progress is refused": true}, func(w *world) {
		ownRouter(w)
		callee, caller := w.connect(), w.connect()
		down, refused := make(chan struct{}), make(chan error, 1)
		w.register(callee, procedure, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			err := callee.SendProgress(ctx, wamp.List{"hello"}, nil)
			<-down
			for deadline := time.Now().Add(patience); err == nil && time.Now().Before(deadline); {
				time.Sleep(time.Millisecond)
				err = callee.SendProgress(ctx, wamp.List{"hello"}, nil)
			}
			refused <- err
			return client.InvocationCanceled
		}, nil)
		got := make(chan struct{}, 1)
		call := start(w.soon(), caller, procedure, nil, nil, func(*wamp.Result) {
			select {
			case got <- struct{}{}:
			default:
			}
		})
		receive(w, got)
		require.NoError(w, w.router.Close())
		ends(w, callee.Done())
		close(down)
		w.noteError("call", receive(w, call).err)
		err := receive(w, refused)
		w.note("progress is refused", errors.Is(err, client.ErrNotConn) || errors.Is(err, client.ErrCallerNoProg))
	})
}

// TestJoinAfterShutdown: who comes late is turned away.
func TestJoinAfterShutdown(t *testing.T) {
	both(t, everywhere, nil, func(w *world) {
		ownRouter(w)
		require.NoError(w, w.router.Close())
		c, err := w.try()
		require.Nil(w, c)
		require.Error(w, err)
		if w.link.url == nil {
			w.noteError("joining", err)
		}
	})
}

// TestCloseFromManySides: one Close wins, the others are told so, whatever else goes on.
func TestCloseFromManySides(t *testing.T) {
	const n = 8
	both(t, everywhere, outcome{"closed": 1, "were told": n - 1}, func(w *world) {
		c := w.connect()
		errs := make(chan error, n)
		for range n {
			go func() { errs <- c.Close() }()
		}
		closed, told := 0, 0
		for range n {
			switch err := receive(w, errs); {
			case err == nil:
				closed++
			case errors.Is(err, client.ErrAlreadyClosed):
				told++
			}
		}
		w.note("closed", closed)
		w.note("were told", told)
	})
}
