package harness

import (
	"testing"

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
