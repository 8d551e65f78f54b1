package client

import (
	"testing"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
)

// TestOneIDForTwo: a router that gives one id to two topics, or to two procedures, takes
// one of them away from the other, and nothing else happens.
func TestOneIDForTwo(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		l.subscribe(t, c, "com.example.a", 5, func(*Event) {})
		l.subscribe(t, c, "com.example.b", 5, func(*Event) {})
		l.register(t, c, "com.example.a", 5, func(*Invocation, *Received) {})
		l.register(t, c, "com.example.b", 5, func(*Invocation, *Received) {})
		for _, end := range []func(string) error{c.Unsubscribe, c.Unregister} {
			ended := start(func() error { return end("com.example.a") })
			m := l.next(t)
			l.send(m.Type+1, m.Request)
			require.NoError(t, <-ended)
		}
		require.ErrorIs(t, c.Unsubscribe("com.example.b"), nexus.ErrNotSubscribed)
		require.ErrorIs(t, c.Unregister("com.example.b"), nexus.ErrNotRegistered)
		l.requireNothing(t)
		l.send(wamp.EVENT, 5, 1, wamp.Dict{})
		require.Empty(t, l.refused())
	})
}
