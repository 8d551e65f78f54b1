//go:build unix

package live_test

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
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

// TestServeSignals end a server cleanly.
func TestServeSignals(t *testing.T) {
	router := testrouter.Start(t)
	o := operate(t, cryptobox.SuiteBox)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		server := new(run).start(t.Context(), "serve", "-router", router.WebSocketURL(), "-realm", realm, "-dir", o.folder.Path())
		server.says(t, "serving the grants")
		require.NoError(t, syscall.Kill(syscall.Getpid(), signal))
		require.NoError(t, server.wait(t))
		require.Contains(t, server.err.String(), "\nanswered 0 gets\n")
	}
}
