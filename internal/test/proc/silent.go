package proc

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// Silent accepts connections and never answers.
type Silent struct {
	// Address is host:port to connect to.
	Address string
	// Reached is closed when somebody has connected.
	Reached chan struct{}
}

// StartSilent starts a Silent. The test's cleanup ends it.
func StartSilent(t testing.TB) *Silent {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &Silent{Address: listener.Addr().String(), Reached: make(chan struct{})}
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		close(s.Reached)
		<-over
		_ = conn.Close()
	}()
	t.Cleanup(func() {
		close(over)
		_ = listener.Close()
		<-ended
	})
	return s
}

// Nowhere returns host:port that nobody listens on.
func Nowhere(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}
