package link_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/fips"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

// TestFIPSOnly: WebSocket is refused before its handshake panics, RawSocket goes on.
func TestFIPSOnly(t *testing.T) {
	if !fips.Only(t) {
		return
	}
	r := testrouter.Start(t)
	cfg := client.Config{Realm: "realm1"}
	_, err := link.Dial(t.Context(), r.WebSocketURL(), cfg)
	require.ErrorContains(t, err, "SHA-1")
	require.ErrorContains(t, err, "GODEBUG=fips140=only")
	l, err := link.Dial(t.Context(), r.RawSocketURL(), cfg)
	require.NoError(t, err)
	require.NoError(t, l.Close())
}
