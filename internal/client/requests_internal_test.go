package client

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// TestReplyBeforeTheDeadline: a reply comes through until shortly before the deadline.
// A later one is no news, and puts nothing in place.
func TestReplyBeforeTheDeadline(t *testing.T) {
	for name, c := range map[string]struct {
		arrives time.Duration
		through bool
	}{
		"in time":      {0, true},
		"just in time": {testTimeout - 1, true},
		"late":         {testTimeout + 1, false},
	} {
		arrives, through := c.arrives, c.through
		t.Run(name, func(t *testing.T) {
			inSession(t, func(t *testing.T, c *Client, l *scripted) {
				subscribed := start(func() error { return c.Subscribe("com.example.topic", nil, func(*Event) {}) })
				request := l.next(t).Request
				time.Sleep(arrives)
				l.send(wamp.SUBSCRIBED, request, 5)
				if through {
					require.NoError(t, has(t, subscribed))
				} else {
					require.ErrorIs(t, has(t, subscribed), nexus.ErrReplyTimeout)
				}
				_, confirmed := c.SubscriptionID("com.example.topic")
				require.Equal(t, through, confirmed)
				require.Empty(t, l.refused())
				require.Empty(t, c.requests)
			})
		})
	}
}

// TestReplyAtTheDeadline: whichever is first, there is one outcome, and what is in place is
// what the application was told.
func TestReplyAtTheDeadline(t *testing.T) {
	for range 50 {
		inSession(t, func(t *testing.T, c *Client, l *scripted) {
			subscribed := start(func() error { return c.Subscribe("com.example.topic", nil, func(*Event) {}) })
			request := l.next(t).Request
			go func() {
				time.Sleep(testTimeout)
				l.send(wamp.SUBSCRIBED, request, 5)
			}()
			err := <-subscribed
			synctest.Wait()
			_, confirmed := c.SubscriptionID("com.example.topic")
			require.Equal(t, err == nil, confirmed)
			require.Empty(t, l.refused())
		})
	}
}

// TestCancelAndResult: whichever is first, the caller gets one outcome, and nothing is sent
// twice.
func TestCancelAndResult(t *testing.T) {
	in := func(name string, test func(t *testing.T, c *Client, l *scripted, cancel func(), call <-chan called)) {
		t.Run(name, func(t *testing.T) {
			inSession(t, func(t *testing.T, c *Client, l *scripted) {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				call := startCall(ctx, c, nil)
				require.Equal(t, wamp.CALL, l.next(t).Type)
				test(t, c, l, cancel, call)
				l.requireNothing(t)
				require.Empty(t, c.requests)
			})
		})
	}
	requireCancel := func(t *testing.T, l *scripted) {
		t.Helper()
		m := l.next(t)
		require.Equal(t, wamp.CANCEL, m.Type)
		require.Equal(t, wamp.ID(1), m.Request)
		require.Equal(t, wamp.CancelModeKillNoWait, m.Options[wamp.OptMode])
	}
	in("cancel, result", func(t *testing.T, _ *Client, l *scripted, cancel func(), call <-chan called) {
		cancel()
		requireCancel(t, l)
		l.send(wamp.RESULT, 1, more)
		l.requireNothing(t)
		require.Empty(t, call)
		l.send(wamp.RESULT, 1, wamp.Dict{})
		require.ErrorIs(t, has(t, call).err, context.Canceled)
		l.send(wamp.RESULT, 1, wamp.Dict{})
		l.requireRefused(t, errUnasked)
	})
	in("cancel, error", func(t *testing.T, _ *Client, l *scripted, cancel func(), call <-chan called) {
		cancel()
		requireCancel(t, l)
		l.send(wamp.ERROR, wamp.CALL, 1, wamp.Dict{}, wamp.ErrCanceled)
		require.ErrorIs(t, has(t, call).err, context.Canceled)
		require.Empty(t, l.refused())
	})
	in("result, cancel", func(t *testing.T, _ *Client, l *scripted, cancel func(), call <-chan called) {
		l.send(wamp.RESULT, 1, wamp.Dict{})
		require.NoError(t, has(t, call).err)
		cancel()
		l.requireNothing(t)
	})
	in("never answered", func(t *testing.T, c *Client, l *scripted, cancel func(), call <-chan called) {
		cancel()
		requireCancel(t, l)
		time.Sleep(testTimeout - 1)
		synctest.Wait()
		require.Empty(t, call)
		time.Sleep(time.Nanosecond)
		require.ErrorIs(t, has(t, call).err, nexus.ErrReplyTimeout)
		require.Empty(t, c.requests)
		l.send(wamp.ERROR, wamp.CALL, 1, wamp.Dict{}, wamp.ErrCanceled) // late is no news
		require.Empty(t, l.refused())
	})
	in("the session ends", func(t *testing.T, _ *Client, l *scripted, cancel func(), call <-chan called) {
		cancel()
		requireCancel(t, l)
		require.NoError(t, l.Close())
		require.ErrorIs(t, has(t, call).err, context.Canceled)
	})
	for range 30 {
		in("at once", func(t *testing.T, _ *Client, l *scripted, cancel func(), call <-chan called) {
			go cancel()
			go l.send(wamp.RESULT, 1, wamp.Dict{})
			got := has(t, call)
			if len(l.out) > 0 {
				requireCancel(t, l)
				require.ErrorIs(t, got.err, context.Canceled)
			}
			require.True(t, got.err == nil || errors.Is(got.err, context.Canceled), got.err)
			require.Empty(t, l.refused())
		})
	}
}

// TestCanceledBeforeItIsSent: the router isn't told of it.
func TestCanceledBeforeItIsSent(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		require.ErrorIs(t, has(t, startCall(ctx, c, nil)).err, context.Canceled)
		l.stopped = make(chan struct{})
		ctx, cancel = context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		call := startCall(ctx, c, nil)
		time.Sleep(time.Minute)
		require.ErrorIs(t, has(t, call).err, context.DeadlineExceeded)
		require.Empty(t, c.requests)
		l.requireNothing(t)
	})
}

// TestRouterThatTakesNothing: a request without a context waits for the response timeout,
// a message without a reply for minPatience at least. The session goes on.
func TestRouterThatTakesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		request func(*Client) error
		waits   time.Duration
	}{
		"subscribe": {func(c *Client) error { return c.Subscribe("com.example.topic", nil, nil) }, testTimeout},
		"register":  {func(c *Client) error { return c.Register("com.example.procedure", nil, nil) }, testTimeout},
		"publish":   {func(c *Client) error { return c.Publish("com.example.topic", &wire.Part{}, nil) }, minPatience},
		"acknowledged": {func(c *Client) error {
			return c.Publish("com.example.topic", &wire.Part{Dict: wamp.Dict{wamp.OptAcknowledge: true}}, nil)
		}, testTimeout},
	} {
		request, waits := c.request, c.waits
		t.Run(name, func(t *testing.T) {
			inSession(t, func(t *testing.T, c *Client, l *scripted) {
				l.stopped = make(chan struct{})
				begun := time.Now()
				err := request(c)
				require.Equal(t, waits, time.Since(begun))
				require.ErrorIs(t, err, nexus.ErrReplyTimeout)
				require.ErrorIs(t, err, link.ErrBusy)
				require.True(t, c.Connected())
				require.Empty(t, c.requests)
			})
		})
	}
}

// TestUnsendableRequest: why is told at once, and nothing is left of it.
func TestUnsendableRequest(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		l.refuses = func(m *message.Out) error {
			if m.Type == wamp.GOODBYE {
				return nil
			}
			return link.ErrUnsendable
		}
		require.ErrorIs(t, c.Subscribe("com.example.topic", nil, nil), link.ErrUnsendable)
		require.ErrorIs(t, c.Publish("com.example.topic", &wire.Part{}, nil), link.ErrUnsendable)
		require.ErrorIs(t, has(t, startCall(context.Background(), c, nil)).err, link.ErrUnsendable)
		require.Empty(t, c.requests)
		require.True(t, c.Connected())
	})
}

// TestPublishTellsThatItIsSent once it is on its way, before it is confirmed, and not where
// it isn't sent.
func TestPublishTellsThatItIsSent(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		told := 0
		sent := func() { told++ }
		require.NoError(t, c.Publish("com.example.topic", &wire.Part{}, sent))
		require.Equal(t, 1, told)
		l.next(t)
		done := start(func() error {
			return c.Publish("com.example.topic", &wire.Part{Dict: wamp.Dict{wamp.OptAcknowledge: true}}, sent)
		})
		m := l.next(t)
		synctest.Wait()
		require.Equal(t, 2, told, "it isn't confirmed yet")
		l.send(wamp.PUBLISHED, m.Request, 1)
		require.NoError(t, has(t, done))

		l.refuses = func(m *message.Out) error {
			return map[bool]error{true: link.ErrUnsendable}[m.Type == wamp.PUBLISH]
		}
		for _, options := range []wamp.Dict{nil, {wamp.OptAcknowledge: true}} {
			require.ErrorIs(t, c.Publish("com.example.topic", &wire.Part{Dict: options}, sent), link.ErrUnsendable)
		}
		require.Equal(t, 2, told)
	})
}

// TestEndOfASession: what waits for a reply, and what comes after, are told apart, and why
// the session has ended.
func TestEndOfASession(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		subscribed := start(func() error { return c.Subscribe("com.example.topic", nil, nil) })
		l.next(t)
		call := startCall(context.Background(), c, nil)
		l.next(t)
		require.NoError(t, c.Err())
		broken := errors.New("broken")
		c.End(broken)
		for _, err := range []error{has(t, subscribed), has(t, call).err} {
			require.ErrorIs(t, err, ErrInterrupted)
			require.ErrorIs(t, err, nexus.ErrNotConn)
			require.ErrorIs(t, err, broken)
		}
		for _, err := range []error{
			c.Subscribe("com.example.topic", nil, nil), c.Publish("com.example.topic", &wire.Part{}, nil),
			has(t, startCall(context.Background(), c, nil)).err,
		} {
			require.ErrorIs(t, err, ErrNotConnected)
			require.NotErrorIs(t, err, ErrInterrupted)
			require.ErrorIs(t, err, broken)
		}
		l.requireNothing(t)
		require.Equal(t, []error{broken}, l.ended)
		c.End(errors.New("another"))
		require.Equal(t, broken, c.Err())
		require.Len(t, l.ended, 1)
	})
}

// TestOneOutcomePerRequest: of requests whose state is used again each gets its own reply.
func TestOneOutcomePerRequest(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		go func() {
			for m := range l.out {
				if m.Type != wamp.CALL {
					return
				}
				l.send(wamp.RESULT, m.Request, wamp.Dict{}, []any{m.Request})
			}
		}()
		const callers, rounds = 8, 100
		done := make(chan bool, callers)
		for range callers {
			go func() {
				right := true
				for range rounds {
					var r Result
					err := c.Call(context.Background(), "com.example.procedure", &wire.Part{}, nil, &r)
					id, _ := wamp.AsID(append(r.Args, nil)[0])
					right = right && err == nil && id == r.Request && id > 0
				}
				done <- right
			}()
		}
		for range callers {
			require.True(t, <-done)
		}
		require.Empty(t, c.requests)
	})
}

// TestOutOfPlace: what no router in its senses sends is refused, and why.
func TestOutOfPlace(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		handled := 0
		l.register(t, c, "com.example.procedure", 2, func(*Invocation, *Received) { handled++ })
		call := startCall(context.Background(), c, nil)
		id := l.next(t).Request
		for _, out := range []struct {
			message []any
			why     error
		}{
			{[]any{wamp.WELCOME, 1, wamp.Dict{}}, errSession},
			{[]any{wamp.CHALLENGE, "ticket", wamp.Dict{}}, errSession},
			{[]any{wamp.EVENT, 5, 1, wamp.Dict{}}, errUnsubscribed},
			{[]any{wamp.RESULT, id + 1, wamp.Dict{}}, errUnasked},
			{[]any{wamp.SUBSCRIBED, id, 5}, errOtherType},
			{[]any{wamp.ERROR, wamp.SUBSCRIBE, id, wamp.Dict{}, "com.example.error"}, errOtherType},
			{[]any{wamp.ERROR, wamp.INVOCATION, id, wamp.Dict{}, "com.example.error"}, errOtherType},
			{[]any{wamp.PUBLISHED, 1, 1}, errUnasked}, // that of Register has been answered
			{[]any{wamp.INVOCATION, 1, 3, wamp.Dict{}}, errUnregistered},
			{[]any{wamp.INVOCATION, 0, 2, wamp.Dict{}}, errOldRequest},
			{[]any{wamp.INVOCATION, 1, 2, more}, nil},
			{[]any{wamp.INVOCATION, 1, 3, more}, errLive}, // of another registration
			{[]any{wamp.INVOCATION, 1, 2, wamp.Dict{}}, nil},
			{[]any{wamp.INVOCATION, 1, 2, wamp.Dict{}}, errLive}, // behind the last chunk
		} {
			l.send(out.message...)
			if out.why == nil {
				require.Empty(t, l.refused(), out.message)
				continue
			}
			l.requireRefused(t, out.why)
		}
		require.Equal(t, 2, handled)
		require.Empty(t, call)
		l.send(wamp.RESULT, id, wamp.Dict{})
		require.NoError(t, has(t, call).err)
		l.requireNothing(t)
	})
}
