package client

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// unsubscribe ends the subscription, as the router confirms.
func (l *scripted) unsubscribe(t *testing.T, c *Client, topic string) {
	t.Helper()
	unsubscribed := start(func() error { return c.Unsubscribe(topic) })
	l.send(wamp.UNSUBSCRIBED, l.next(t).Request)
	require.NoError(t, <-unsubscribed)
}

// TestSecondSubscription: to the same topic replaces the handler, and one Unsubscribe ends
// both, also for what waits.
func TestSecondSubscription(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		var got []string
		wait, free := gate()
		l.subscribe(t, c, "com.example.topic", 5, func(*Event) { got = append(got, "first"); wait() })
		l.send(wamp.EVENT, 5, 1, wamp.Dict{})
		l.send(wamp.EVENT, 5, 2, wamp.Dict{})
		synctest.Wait()
		l.subscribe(t, c, "com.example.topic", 5, func(*Event) { got = append(got, "second") })
		l.send(wamp.EVENT, 5, 3, wamp.Dict{})
		id, ok := c.SubscriptionID("com.example.topic")
		require.True(t, ok)
		require.Equal(t, wamp.ID(5), id)
		l.unsubscribe(t, c, "com.example.topic")
		free()
		l.send(wamp.EVENT, 5, 4, wamp.Dict{}) // it was on its way
		require.Empty(t, l.refused())
		require.Equal(t, []string{"first"}, got)
		l.subscribe(t, c, "com.example.topic", 5, func(*Event) { got = append(got, "third") })
		l.send(wamp.EVENT, 5, 5, wamp.Dict{})
		synctest.Wait()
		require.Equal(t, []string{"first", "third"}, got)
	})
}

// TestSecondHandlerGetsEvents: the one that was replaced gets none that come later.
func TestSecondHandlerGetsEvents(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		var got []string
		l.subscribe(t, c, "com.example.topic", 5, func(*Event) { got = append(got, "first") })
		l.subscribe(t, c, "com.example.topic", 5, func(*Event) { got = append(got, "second") })
		l.send(wamp.EVENT, 5, 1, wamp.Dict{})
		synctest.Wait()
		require.Equal(t, []string{"second"}, got)
	})
}

// TestEventHandlerUsesTheClient: it may subscribe, unsubscribe, publish, call and close.
func TestEventHandlerUsesTheClient(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		var events []wamp.ID
		var errs []error
		l.subscribe(t, c, "com.example.topic", 5, func(e *Event) {
			events = append(events, e.Publication)
			errs = append(errs,
				c.Subscribe("com.example.other", nil, func(*Event) {}),
				c.Unsubscribe("com.example.other"),
				c.Publish("com.example.topic", &wire.Part{Dict: wamp.Dict{wamp.OptAcknowledge: true}}, nil),
			)
			err := c.Call(t.Context(), "com.example.procedure", &wire.Part{}, nil, new(Result))
			errs = append(errs, err)
		})
		l.send(wamp.EVENT, 5, 1, wamp.Dict{})
		l.send(wamp.EVENT, 5, 2, wamp.Dict{})
		for range 2 {
			l.send(wamp.SUBSCRIBED, l.next(t).Request, 6)
			l.send(wamp.UNSUBSCRIBED, l.next(t).Request)
			l.send(wamp.PUBLISHED, l.next(t).Request, 1)
			l.send(wamp.RESULT, l.next(t).Request, wamp.Dict{})
		}
		synctest.Wait()
		require.Equal(t, []wamp.ID{1, 2}, events)
		require.Equal(t, make([]error, 8), errs)
		require.Empty(t, l.refused())
	})
}

// TestHandlerThatNeverCame: a confirmation that was too late puts no handler in place.
func TestHandlerThatNeverCame(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		subscribed := start(func() error { return c.Subscribe("com.example.topic", nil, func(*Event) { panic("called") }) })
		registered := start(func() error {
			return c.Register("com.example.procedure", nil, func(*Invocation, *Received) { panic("called") })
		})
		requests := map[wamp.MessageType]wamp.ID{}
		for range 2 {
			m := l.next(t)
			requests[m.Type] = m.Request
		}
		time.Sleep(testTimeout)
		require.Error(t, has(t, subscribed))
		require.Error(t, has(t, registered))
		l.send(wamp.SUBSCRIBED, requests[wamp.SUBSCRIBE], 5)
		l.send(wamp.REGISTERED, requests[wamp.REGISTER], 2)
		require.Empty(t, l.refused())
		l.send(wamp.EVENT, 5, 1, wamp.Dict{})
		l.requireRefused(t, errUnsubscribed)
		l.invoke(1)
		l.requireRefused(t, errUnregistered)
	})
}

// TestDoneBehindEvents: events that came are handed on, in order, and then the session is
// done.
func TestDoneBehindEvents(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		const events = 20
		var got []wamp.ID
		l.subscribe(t, c, "com.example.topic", 5, func(e *Event) {
			time.Sleep(time.Millisecond)
			got = append(got, e.Publication)
		})
		var want []wamp.ID
		for i := range events {
			l.send(wamp.EVENT, 5, i+1, wamp.Dict{})
			want = append(want, wamp.ID(i+1))
		}
		synctest.Wait()
		require.NoError(t, l.Close())
		synctest.Wait()
		require.False(t, c.Connected())
		require.Error(t, c.Err())
		require.Nil(t, c.RouterGoodbye())
		select {
		case <-c.Done():
			require.FailNow(t, "done before the events")
		default:
		}
		<-c.Done()
		require.Equal(t, want, got)
	})
}
