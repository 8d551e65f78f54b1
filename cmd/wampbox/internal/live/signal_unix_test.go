//go:build unix

package live_test

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

// TestSignals end a subscription cleanly.
func TestSignals(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		sub := new(run).start(t.Context(), with("sub", at(router.WebSocketURL(), files.responder), prefix+"x")...)
		sub.says(t, "subscribed to")
		require.NoError(t, syscall.Kill(syscall.Getpid(), signal))
		require.NoError(t, sub.wait(t))
	}
}
