package transparency

import (
	"context"
	"math"
	"testing"
	"time"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// TestAdoptAfterClose: a connection that is made in the moment in which the Session is
// closed doesn't stay.
func TestAdoptAfterClose(t *testing.T) {
	router := testrouter.Start(t)
	cfg := nexus.Config{Realm: "realm1"}
	s, err := ConnectNet(context.Background(), router.RawSocketURL(), cfg, keyring.New(), WithReconnect(ReconnectPolicy{}))
	require.NoError(t, err)
	r, ok := s.transport.(*reconnecting)
	require.True(t, ok)
	settleConfig(&cfg)
	late, err := r.connect(context.Background(), r.url, cfg)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.ErrorIs(t, r.adopt(late), ErrClosed)
	require.False(t, late.Connected())
	<-late.Done()
	<-s.Done()
}

// TestLongestPauses: they double up to the longest one, however long that is.
func TestLongestPauses(t *testing.T) {
	p := (&ReconnectPolicy{Min: 1 << 61, Max: math.MaxInt64}).pauses()
	for _, longest := range []time.Duration{1 << 61, 1 << 62, math.MaxInt64, math.MaxInt64} {
		pause := p.take()
		require.LessOrEqual(t, pause, longest)
		require.GreaterOrEqual(t, pause, longest/2)
	}
}
