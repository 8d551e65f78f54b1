package transparency_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
)

// TestCanceledCallOfALostConnection: it returns with its context's error, as soon as
// the connection is gone.
func TestCanceledCallOfALostConnection(t *testing.T) {
	k := harness.NewKeys()
	p := play(t, ours, handrouter.RawSocket, "msgpack", k.OriginatorKey(), k.ResponderKey())
	ctx, cancel := context.WithCancel(context.Background())
	done := harness.Go(func() error {
		_, err := p.Call(ctx, harness.Prefix+"x", nil, nil, nil, nil)
		return err
	})
	p.sealedMessage(wamp.CALL, nil, wamp.Dict{}, harness.Prefix+"x")
	cancel()
	p.plainMessage(wamp.CANCEL, nil, map[string]any{"mode": "killnowait"})
	began := time.Now()
	p.Conn.Close()
	require.ErrorIs(t, harness.Receive(t, done), context.Canceled)
	require.Less(t, time.Since(began), harness.Patience/2, "the response timeout")
}
