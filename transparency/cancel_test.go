package transparency_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
)

// TestCanceledCallOfALostConnection: it returns with its context's error, as soon as
// the connection is gone.
func TestCanceledCallOfALostConnection(t *testing.T) {
	k := newKeys()
	p := play(t, encArgument, handrouter.RawSocket, "msgpack", k.originatorKey(), k.responderKey())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		_, err := p.Call(ctx, prefix+"x", nil, nil, nil, nil)
		done <- err
	}()
	p.sealedMessage(wamp.CALL, nil, wamp.Dict{}, prefix+"x")
	cancel()
	p.plainMessage(wamp.CANCEL, nil, map[string]any{"mode": "killnowait"})
	began := time.Now()
	p.Conn.Close()
	require.ErrorIs(t, receive(t, done), context.Canceled)
	require.Less(t, time.Since(began), patience/2, "the response timeout")
}
