package transparency_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestShutdownWaitsForHandlers: what has begun is answered, and nothing new begins.
func TestShutdownWaitsForHandlers(t *testing.T) {
	for _, l := range links {
		t.Run(l.name, func(t *testing.T) {
			k := harness.NewKeys()
			originator, responder := two(t, k, l, l)
			running, proceed := make(chan struct{}, 2), make(chan struct{})
			require.NoError(t, responder.Register(harness.Prefix+"slow", func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
				running <- struct{}{}
				<-proceed
				return client.InvokeResult{Args: inv.Arguments}
			}, nil))
			handled := make(chan struct{})
			require.NoError(t, responder.Subscribe(harness.Prefix+"x", func(*wamp.Event) {
				running <- struct{}{}
				<-proceed
				close(handled)
			}, nil))
			outcome := harness.Calling(func(ctx context.Context) (*wamp.Result, error) {
				return originator.Call(ctx, harness.Prefix+"slow", nil, wamp.List{"kept"}, nil, nil)
			})
			require.NoError(t, originator.Publish(harness.Prefix+"x", nil, nil, nil))
			harness.Receive(t, running)
			harness.Receive(t, running)

			done := harness.Go(func() error { return responder.Shutdown(harness.Timeout(t)) })
			requireGone(t, originator, wamp.MetaProcRegLookup, harness.Prefix+"slow")
			requireGone(t, originator, wamp.MetaProcSubLookup, harness.Prefix+"x")
			_, err := originator.Call(harness.Timeout(t), harness.Prefix+"slow", nil, nil, nil, nil)
			require.Equal(t, wamp.ErrNoSuchProcedure, harness.Raised(t, err).Error)
			require.NoError(t, originator.Publish(harness.Prefix+"x", wamp.Dict{"acknowledge": true}, nil, nil))
			harness.Nothing(t, done)
			require.True(t, responder.Connected())
			close(proceed)
			require.NoError(t, harness.Receive(t, done))
			harness.Receive(t, handled)
			got := harness.Receive(t, outcome)
			require.NoError(t, got.Err)
			require.Equal(t, wamp.List{"kept"}, got.Result.Arguments)
			harness.Nothing(t, running)
			harness.Receive(t, responder.Done())
			require.ErrorIs(t, responder.Err(), transparency.ErrClosed)
			require.ErrorIs(t, responder.Shutdown(harness.Timeout(t)), client.ErrAlreadyClosed)
			require.ErrorIs(t, responder.Close(), client.ErrAlreadyClosed)
		})
	}
}

// requireGone waits until the router has forgotten a subscription or registration.
func requireGone(t *testing.T, s *transparency.Session, lookup wamp.URI, uri string) {
	t.Helper()
	require.Eventually(t, func() bool {
		found, err := s.Call(harness.Timeout(t), string(lookup), nil, wamp.List{uri}, nil, nil)
		id, there := wamp.ID(0), false
		if err == nil && len(found.Arguments) == 1 {
			id, there = wamp.AsID(found.Arguments[0])
		}
		return err == nil && (!there || id == 0)
	}, harness.Patience, time.Millisecond)
}

// TestShutdownLosesNoCall: one callee of a shared registration after the other goes,
// and each call is answered.
func TestShutdownLosesNoCall(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	wire := links[2]
	const callees = 5
	var all []*transparency.Session
	for range callees {
		s := wire.session(t, r, harness.RingOf(t, k.ResponderKey()))
		require.NoError(t, s.Register(harness.Prefix+"shared", harness.Echo, wamp.Dict{"invoke": "roundrobin"}))
		all = append(all, s)
	}
	caller := wire.session(t, r, harness.RingOf(t, k.OriginatorKey()))
	var load sync.WaitGroup
	var answered atomic.Int64
	over := make(chan struct{})
	failed := make(chan error, 8)
	for range cap(failed) {
		load.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				if _, err := caller.Call(harness.Timeout(t), harness.Prefix+"shared", nil, nil, nil, nil); err != nil {
					failed <- err
					return
				}
				answered.Add(1)
			}
		})
	}
	for _, s := range all[1:] {
		before := answered.Load()
		require.Eventually(t, func() bool { return answered.Load() > before+100 }, harness.Patience, time.Millisecond)
		require.NoError(t, s.Shutdown(harness.Timeout(t)))
	}
	close(over)
	load.Wait()
	select {
	case err := <-failed:
		require.NoError(t, err)
	default:
	}
}

// TestShutdownHandlesEventsThatCame: those that wait too, in order.
func TestShutdownHandlesEventsThatCame(t *testing.T) {
	k := harness.NewKeys()
	originator, responder := two(t, k, links[1], links[2])
	const sent = 20
	proceed := make(chan struct{})
	var got atomic.Int64
	require.NoError(t, responder.Subscribe(harness.Prefix+"x", func(ev *wamp.Event) {
		<-proceed
		if ev.Arguments[0] == got.Load() {
			got.Add(1)
		}
	}, nil))
	for i := range sent {
		require.NoError(t, originator.Publish(harness.Prefix+"x", wamp.Dict{"acknowledge": true}, wamp.List{i}, nil))
	}
	done := harness.Go(func() error { return responder.Shutdown(harness.Timeout(t)) })
	time.Sleep(20 * time.Millisecond)
	harness.Nothing(t, done)
	close(proceed)
	require.NoError(t, harness.Receive(t, done))
	require.EqualValues(t, sent, got.Load())
}

// TestShutdownDoesNotWaitForChunks: nexus's router sends none without a registration.
func TestShutdownDoesNotWaitForChunks(t *testing.T) {
	k := harness.NewKeys()
	originator, responder := two(t, k, links[1], links[2])
	began := make(chan struct{})
	require.NoError(t, responder.Register(harness.Prefix+"sum", func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
			close(began)
			return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
		}
		return client.InvokeResult{Args: wamp.List{"done"}}
	}, nil))
	proceed := make(chan struct{})
	more := true
	outcome := harness.Calling(func(ctx context.Context) (*wamp.Result, error) {
		return originator.CallProgressive(ctx, harness.Prefix+"sum", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			if !more {
				<-proceed
			}
			options := wamp.Dict{wamp.OptProgress: more}
			more = false
			return options, nil, nil, nil
		}, nil)
	})
	harness.Receive(t, began)
	done := harness.Go(func() error { return responder.Shutdown(harness.Timeout(t)) })
	requireGone(t, originator, wamp.MetaProcRegLookup, harness.Prefix+"sum")
	require.NoError(t, harness.Receive(t, done))
	close(proceed)
	require.Error(t, harness.Receive(t, outcome).Err)
}

// TestShutdownHandlesTheLastEvent: the handler of one that comes right before the router
// confirms the end has a connection still.
func TestShutdownHandlesTheLastEvent(t *testing.T) {
	k := harness.NewKeys()
	for range 100 {
		p := play(t, dialects[0], handrouter.RawSocket, "cbor", k.ResponderKey(), k.OriginatorKey())
		harness.Confirmed(t, p.Conn, func() error {
			return p.Subscribe("com.example.x", func(*wamp.Event) { _ = p.Publish("com.example.last", nil, nil, nil) }, nil)
		}, subscription)
		done := harness.Go(func() error { return p.Shutdown(harness.Timeout(t)) })
		request := p.plainMessage(wamp.UNSUBSCRIBE, nil, nil)[1]
		p.SendTogether([]any{wamp.EVENT, subscription, publication, wamp.Dict{}}, []any{wamp.UNSUBSCRIBED, request})
		p.plainMessage(wamp.PUBLISH, nil, map[string]any{}, "com.example.last")
		p.plainMessage(wamp.GOODBYE, map[string]any{}, string(wamp.CloseRealm))
		p.Send(wamp.GOODBYE, wamp.Dict{}, string(wamp.ErrGoodbyeAndOut))
		require.NoError(t, harness.Receive(t, done))
	}
}

// TestShutdownInTime: ctx bounds all of it, and its cause is what Shutdown returns.
func TestShutdownInTime(t *testing.T) {
	impatience := errors.New("no more patience")
	for name, stuck := range map[string]func(s *transparency.Session, until <-chan struct{}, running chan<- struct{}) error{
		"invocation": func(s *transparency.Session, until <-chan struct{}, running chan<- struct{}) error {
			return s.Register(harness.Prefix+"x", func(context.Context, *wamp.Invocation) client.InvokeResult {
				close(running)
				<-until
				return client.InvokeResult{}
			}, nil)
		},
		"event": func(s *transparency.Session, until <-chan struct{}, running chan<- struct{}) error {
			return s.Subscribe(harness.Prefix+"x", func(*wamp.Event) {
				close(running)
				<-until
			}, nil)
		},
		"channel": func(s *transparency.Session, _ <-chan struct{}, running chan<- struct{}) error {
			close(running)
			return s.SubscribeChan(harness.Prefix+"x", make(chan *wamp.Event), nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := harness.NewKeys()
			originator, responder := two(t, k, links[1], links[2])
			until, running := make(chan struct{}), make(chan struct{})
			defer close(until)
			require.NoError(t, stuck(responder, until, running))
			require.NoError(t, originator.Publish(harness.Prefix+"x", wamp.Dict{"acknowledge": true}, nil, nil))
			outcome := harness.Calling(func(ctx context.Context) (*wamp.Result, error) {
				return originator.Call(ctx, harness.Prefix+"x", nil, nil, nil, nil)
			})
			harness.Receive(t, running)
			if name == "channel" {
				require.Eventually(t, func() bool { return responder.Stats().Opened == 1 }, harness.Patience, time.Millisecond)
			}
			ctx, cancel := context.WithCancelCause(context.Background())
			done := harness.Go(func() error { return responder.Shutdown(ctx) })
			time.Sleep(50 * time.Millisecond)
			harness.Nothing(t, done)
			began := time.Now()
			cancel(impatience)
			require.ErrorIs(t, harness.Receive(t, done), impatience)
			require.Less(t, time.Since(began), 500*time.Millisecond)
			require.False(t, responder.Connected())
			require.Error(t, harness.Receive(t, outcome).Err)
			if name == "channel" {
				harness.Receive(t, responder.Done()) // its wait has ended too
			}
		})
	}
}

// foreign is a context that package context didn't make, and watches from a goroutine.
type foreign struct {
	context.Context
	done chan struct{}
}

func (f foreign) Done() <-chan struct{} { return f.done }

func (f foreign) Err() error {
	select {
	case <-f.done:
		return context.Canceled
	default:
		return nil
	}
}

// TestShutdownWhoeverSeesTheEndFirst: of a context, the connection is closed.
func TestShutdownWhoeverSeesTheEndFirst(t *testing.T) {
	k := harness.NewKeys()
	for range 50 {
		p := play(t, dialects[0], handrouter.RawSocket, "cbor", k.ResponderKey(), k.OriginatorKey())
		running, proceed := make(chan struct{}), make(chan struct{})
		p.registered("com.example.x", func(context.Context, *wamp.Invocation) client.InvokeResult {
			close(running)
			<-proceed
			return client.InvokeResult{}
		})
		p.Send(wamp.INVOCATION, 1, registration, wamp.Dict{})
		harness.Receive(t, running)
		ctx := foreign{context.Background(), make(chan struct{})}
		done := harness.Go(func() error { return p.Shutdown(ctx) })
		p.Send(wamp.UNREGISTERED, p.plainMessage(wamp.UNREGISTER, nil, nil)[1])
		time.Sleep(time.Millisecond)
		close(ctx.done)
		require.Error(t, harness.Receive(t, done))
		require.False(t, p.Connected())
		close(proceed)
	}
}

// TestShutdownAtOnce: a context that has ended leaves no time for a GOODBYE.
func TestShutdownAtOnce(t *testing.T) {
	k := harness.NewKeys()
	p := play(t, dialects[0], handrouter.RawSocket, "json", k.ResponderKey(), k.OriginatorKey())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, p.Shutdown(ctx), context.Canceled)
	require.False(t, p.Connected())
}

// TestShutdownOfAStubbornRouter: one that confirms nothing, or goes on sending.
func TestShutdownOfAStubbornRouter(t *testing.T) {
	k := harness.NewKeys()
	p := play(t, dialects[0], handrouter.RawSocket, "json", k.ResponderKey(), k.OriginatorKey())
	p.registered(harness.Prefix+"x", harness.Echo)
	running, proceed := make(chan struct{}, 10), make(chan struct{})
	harness.Confirmed(t, p.Conn, func() error {
		return p.Register("com.example.slow", func(context.Context, *wamp.Invocation) client.InvokeResult {
			running <- struct{}{}
			<-proceed
			return client.InvokeResult{}
		}, nil)
	}, registration+1)
	p.Send(wamp.INVOCATION, 1, registration+1, wamp.Dict{})
	harness.Receive(t, running)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := harness.Go(func() error { return p.Shutdown(ctx) })
	p.Send(wamp.UNREGISTERED, p.Next()[1])
	p.Send(wamp.UNREGISTERED, p.Next()[1])
	// Nothing new begins from here on.
	require.Eventually(t, func() bool {
		p.Send(wamp.INVOCATION, len(running)+2, registration+1, wamp.Dict{})
		answer := p.Pending(20 * time.Millisecond)
		return answer != nil
	}, harness.Patience, time.Millisecond)
	close(proceed)
	for kind := int64(0); kind != int64(wamp.GOODBYE); {
		m := p.Next()
		require.NotEmpty(t, m)
		kind, _ = wamp.AsInt64(m[0])
	}
	harness.Nothing(t, done)
	cancel() // the router doesn't answer that
	require.ErrorIs(t, harness.Receive(t, done), context.Canceled)
}

// slow is a client that takes its time to close.
type slow struct {
	*scripted
	proceed chan struct{}
}

func (s slow) Close() error {
	<-s.proceed
	return s.scripted.Close()
}

// TestShutdownOfAWrappedClient: is Close, which ctx bounds.
func TestShutdownOfAWrappedClient(t *testing.T) {
	for _, proceed := range []bool{true, false} {
		c := slow{&scripted{}, make(chan struct{})}
		s, err := transparency.Wrap(c, harness.Realm, harness.RingOf(t, harness.NewKeys().ResponderKey()))
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		if proceed {
			close(c.proceed)
			require.NoError(t, s.Shutdown(ctx))
		} else {
			require.ErrorIs(t, s.Shutdown(ctx), context.DeadlineExceeded)
			close(c.proceed)
		}
		cancel()
	}
}

// TestReadyAndErrOfAWrappedClient: as far as the client tells.
func TestReadyAndErrOfAWrappedClient(t *testing.T) {
	for _, how := range []string{"closed by the router", "closed"} {
		r := startRouter(t)
		s, err := transparency.Wrap(links[1].plain(t, r), harness.Realm, harness.RingOf(t, harness.NewKeys().ResponderKey()))
		require.NoError(t, err)
		require.NoError(t, s.Ready())
		require.NoError(t, s.Err())
		want := ""
		if how == "closed" {
			require.NoError(t, s.Close())
		} else {
			require.NoError(t, r.Close())
			want = string(wamp.ErrSystemShutdown)
		}
		harness.Receive(t, s.Done())
		require.ErrorIs(t, s.Ready(), transparency.ErrNotConnected)
		require.ErrorContains(t, s.Err(), want)
	}
}

// TestReadyAndErrWithoutReconnect: both say why, and so do calls.
func TestReadyAndErrWithoutReconnect(t *testing.T) {
	k := harness.NewKeys()
	p := play(t, dialects[0], handrouter.WebSocket, "json", k.ResponderKey(), k.OriginatorKey())
	require.NoError(t, p.Ready())
	require.NoError(t, p.Err())
	outcome := p.calling("com.example.x", nil, nil, nil)
	p.nextMessage()
	p.Send(wamp.GOODBYE, wamp.Dict{}, "com.example.reason\n[2026-11-26] forged")
	err := harness.Receive(t, outcome).Err
	require.ErrorIs(t, err, transparency.ErrInterrupted)
	harness.Receive(t, p.Done())
	require.ErrorContains(t, p.Err(), `GOODBYE "com.example.reason\n[`)
	require.ErrorIs(t, err, p.Err())
	require.ErrorIs(t, p.Ready(), transparency.ErrNotConnected)
	require.ErrorIs(t, p.Ready(), p.Err())
	err = p.Publish("com.example.x", nil, nil, nil)
	require.ErrorIs(t, err, transparency.ErrNotConnected)
	require.ErrorIs(t, err, p.Err())
	cause := p.Err()
	require.NoError(t, p.Session.Close())
	require.Equal(t, cause, p.Err(), "the first one counts")
}
