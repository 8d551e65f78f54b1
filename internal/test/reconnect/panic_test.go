package reconnect_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestPanicsWhileReconnecting: a function of the application that panics is a failed attempt,
// or a line of the log that doesn't have what it panicked with, and the Session comes back.
func TestPanicsWhileReconnecting(t *testing.T) {
	var dialled atomic.Int64
	var p *played
	again := make(chan struct{}, 1)
	lost := make(chan struct{}, 1)
	out := &harness.Buffer{}
	ready := make(chan struct{})
	p = play(t, func(rules *transparency.ReconnectPolicy) {
		rules.OnDisconnect = func(error) { lost <- struct{}{}; panic("secret") }
		rules.OnReconnect = func() { again <- struct{}{}; panic("secret") }
		rules.Dial = func(context.Context) (string, client.Config, error) {
			<-ready
			switch dialled.Add(1) {
			case 1:
				panic("secret")
			case 2:
				cfg := p.cfg()
				cfg.AuthHandlers = map[string]client.AuthFunc{"ticket": func(*wamp.Challenge) (string, wamp.Dict) { panic("secret") }}
				return p.r.URL(), cfg, nil
			}
			return p.r.URL(), p.cfg(), nil
		}
	}, transparency.WithLogger(slog.New(slog.NewTextHandler(out, nil))))
	close(ready)
	p.conn.Close()
	harness.Receive(t, lost)
	conn := p.r.Accept()
	require.EqualValues(t, wamp.HELLO, conn.Next()[0])
	conn.Send(wamp.CHALLENGE, "ticket", wamp.Dict{})
	require.Nil(t, conn.NextBytes(), "closed")
	p.welcome()
	harness.Receive(t, again)
	require.NoError(t, p.Ready())
	for _, text := range []string{"OnDisconnect", "what connects", "an AuthFunc"} {
		require.Equal(t, 1, strings.Count(out.String(), "code of the application panicked: "+text+", in "), out.String())
	}
	require.NotContains(t, out.String(), "secret")
	require.False(t, errors.Is(p.Err(), transparency.ErrPanic))
}
