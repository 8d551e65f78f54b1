package guard_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const (
	// reply is what a router has for each, in the tests here.
	reply = 500 * time.Millisecond
	// loaded is what a loaded machine may add to any wait.
	loaded = 4 * time.Second
	// withoutContext is how long a publish waits that has no other end.
	withoutContext = 5 * time.Second
)

// clogging is a message that a router takes long to read, where it does at all.
var clogging = strings.Repeat("x", 12<<20)

// waits requires that do ends with an error that is wanted, at about the time.
func waits(t *testing.T, what string, after time.Duration, want error, do func() error) <-chan error {
	return harness.Go(func() error {
		begun := time.Now()
		err := do()
		took := time.Since(begun)
		t.Logf("%s: %v", what, took.Round(10*time.Millisecond))
		if took > after+loaded {
			t.Errorf("%s has waited %v, not %v", what, took, after)
		}
		if want == nil {
			return err
		}
		if err == nil {
			t.Errorf("%s: sent", what)
			return nil
		}
		require.ErrorIs(t, err, want, what)
		return nil
	})
}

// clogged returns a Session with a subscription, a registration and a call, behind a
// message that the router reads at that width.
func clogged(t *testing.T, st stage, d cryptobox.Dialect, width int64) *hostile {
	t.Helper()
	st.through = new(strait)
	st.change = func(cfg *client.Config) { cfg.ResponseTimeout = reply }
	h := st.session(t, d)
	h.through, h.progress = st.through, make(chan error, 1)
	h.subscribe("com.plain.old", 10)
	h.register("com.plain.old", 20, harness.Echo)
	h.register("com.plain.answer", 21, h.answers)
	ctx, cancel := context.WithCancel(t.Context())
	h.underWay, h.giveUp = h.callIn(ctx, nil), cancel
	require.EqualValues(t, wamp.CALL, h.r.Next()[0])
	st.through.width.Store(width)
	require.NoError(t, h.s.Publish("com.plain.clogging", nil, wamp.List{clogging}, nil))
	return h
}

// answers is a handler that sends progress, and then a result.
func (h *hostile) answers(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
	s, _ := h.s.(*transparency.Session)
	h.progress <- <-waits(h.t, "progress", reply, client.ErrCallerNoProg, func() error {
		ctx, stop := context.WithTimeout(ctx, reply)
		defer stop()
		return s.SendProgress(ctx, nil, nil)
	})
	return client.InvokeResult{Args: wamp.List{"answer"}}
}

// requireEachEnds does all that waits for the router.
func (h *hostile) requireEachEnds() {
	t := h.t
	s, ok := h.s.(*transparency.Session)
	require.True(t, ok)
	call := func(uri string) func() error {
		return func() error {
			ctx, stop := context.WithTimeout(context.Background(), reply)
			defer stop()
			_, err := s.Call(ctx, uri, nil, wamp.List{"x"}, nil, nil)
			return err
		}
	}
	h.r.Send(wamp.INVOCATION, 1, 21, wamp.Dict{wamp.OptReceiveProgress: true})
	progressive := func() error {
		ctx, stop := context.WithTimeout(context.Background(), reply)
		defer stop()
		_, err := s.CallProgressive(ctx, "com.plain.x", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			return wamp.Dict{wamp.OptProgress: true}, nil, nil, nil
		}, nil)
		return err
	}
	underWay := func() error {
		h.giveUp()
		return <-h.underWay
	}
	handler := func(*wamp.Event) {}
	acknowledge := wamp.Dict{wamp.OptAcknowledge: true}
	for _, done := range []<-chan error{
		waits(t, "call", reply, context.DeadlineExceeded, call("com.plain.x")),
		waits(t, "sealed call", reply, context.DeadlineExceeded, call(harness.Prefix+"x")),
		waits(t, "progressive call", reply, context.DeadlineExceeded, progressive),
		waits(t, "call under way", reply, context.Canceled, underWay),
		waits(t, "acknowledged publish", reply, client.ErrReplyTimeout, func() error { return s.Publish("com.plain.x", acknowledge, nil, nil) }),
		waits(t, "subscribe", reply, client.ErrReplyTimeout, func() error { return s.Subscribe("com.plain.x", handler, nil) }),
		waits(t, "register", reply, client.ErrReplyTimeout, func() error { return s.Register("com.plain.x", harness.Echo, nil) }),
		waits(t, "unsubscribe", reply, client.ErrReplyTimeout, func() error { return s.Unsubscribe("com.plain.old") }),
		waits(t, "unregister", reply, client.ErrReplyTimeout, func() error { return s.Unregister("com.plain.old") }),
		h.progress,
	} {
		require.NoError(t, harness.Receive(t, done))
	}
}

func (h *hostile) shutdown() error {
	ctx, stop := context.WithTimeout(context.Background(), reply)
	defer stop()
	s, _ := h.s.(*transparency.Session)
	return s.Shutdown(ctx)
}

// TestPatienceWithARouterThatReadsNothing: each wait has an end of its own.
func TestPatienceWithARouterThatReadsNothing(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := clogged(t, st, d, shut)
		late := client.ErrNotConn
		if d == cryptobox.Wampbox {
			late = client.ErrReplyTimeout
		}
		publish := waits(t, "publish", withoutContext, late, func() error { return h.s.Publish("com.plain.x", nil, nil, nil) })
		h.requireEachEnds()
		if d == cryptobox.Wampbox { // the others don't wait so long
			require.NoError(t, harness.Receive(t, publish))
			publish = nil
		}
		// The handler's answer still waits. Its goroutine ends with the connection.
		what, want, end := "close", error(nil), h.s.Close
		if st.transport == handrouter.RawSocket {
			what, want, end = "shutdown", context.DeadlineExceeded, h.shutdown
		}
		require.NoError(t, harness.Receive(t, waits(t, what, reply, want, end)))
		if publish != nil {
			require.NoError(t, harness.Receive(t, publish))
		}
	})
}

// TestPatienceWithARouterThatReadsSlowly: what has waited in vain isn't sent, not even in part.
func TestPatienceWithARouterThatReadsSlowly(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := clogged(t, st, d, slow)
		h.requireEachEnds()
		h.through.width.Store(open)
		publish := h.r.Next()
		require.EqualValues(t, wamp.PUBLISH, publish[0])
		require.Equal(t, []any{clogging}, publish[4])
		yield := h.r.Next()
		require.EqualValues(t, wamp.YIELD, yield[0])
		require.Equal(t, []any{"answer"}, yield[3])
		h.requireAlive()
		h.requireCloses()
	})
}
