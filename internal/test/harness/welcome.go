package harness

import (
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
)

// Welcome connects a client to a router that the test plays, which has these features.
// The test's cleanup ends the connection and the client.
func Welcome[C interface{ Close() error }](t testing.TB, r *handrouter.Router, features []string, connect func() (C, error)) (C, *handrouter.Conn) {
	t.Helper()
	var client C
	connected := Go(func() (err error) {
		client, err = connect()
		return err
	})
	conn := r.Welcome(features...)
	require.NoError(t, Receive(t, connected))
	t.Cleanup(func() {
		conn.Close()
		_ = client.Close() // says that the connection is gone
	})
	return client, conn
}

// Confirmed does what the router confirms, with a number where there is one to give:
// subscribes, registers, and undoes either.
func Confirmed(t testing.TB, router *handrouter.Conn, do func() error, number ...any) {
	t.Helper()
	done := Go(do)
	request := router.Next()
	kind, _ := wamp.AsInt64(request[0])
	router.Send(append([]any{kind + 1, request[1]}, number...)...)
	require.NoError(t, Receive(t, done))
}
