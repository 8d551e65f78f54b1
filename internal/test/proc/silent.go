package proc

import (
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
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
	var first sync.Once
	reached, over := make(chan struct{}), make(chan struct{})
	address := transport.Listen(t, func(net.Conn) {
		first.Do(func() { close(reached) })
		<-over
	})
	t.Cleanup(func() { close(over) })
	return &Silent{address, reached}
}

// Nowhere returns host:port that nobody listens on.
func Nowhere(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}
