package closed_test

import (
	"fmt"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// version is one of orders' versions in a file, as originator.
func version(private cryptobox.PrivateKey, more string) string {
	return fmt.Sprintf(`{%s"originator": {"private": %q}, "responder": {"public": %q}}`,
		more, keyfile.PrivateKey(private).UnsafeText(), responder.Public())
}

// ordersOf is a file's entry of orders.
func ordersOf(versions string) string {
	return fmt.Sprintf(`{"prefix": "com.myapp.orders.", "versions": [%s]}`, versions)
}

// sealsNothing checks that the ring has a Session send nothing for uri, sealed neither.
func sealsNothing(t *testing.T, fill func(*testing.T, *keyring.Ring)) {
	t.Helper()
	ring := keyring.New()
	fill(t, ring)
	s, err := transparency.ConnectLocal(testrouter.Start(t).Router(), harness.Config(client.CBOR), ring)
	require.NoError(t, err)
	defer s.Close()
	err = s.Publish(uri, wamp.Dict{"acknowledge": true}, wamp.List{secret}, nil)
	require.Zero(t, s.Stats().Sealed, "sealed with an older version, which is the first one here: %v", ring.Versions(orders))
	harness.RequireReason(t, err, transparency.NoKey)
	require.ErrorContains(t, err, "was revoked")
}

// TestRevokedByItsIDAlone: where a file keeps nothing but the id of a revoked version, no
// older one seals in its place, since the ring knows when that one began.
func TestRevokedByItsIDAlone(t *testing.T) {
	next := cryptobox.GenerateKey()
	id := keyring.Originator(next, responder.Public()).ID()
	older := version(originator, "")
	newest := version(next, `"active_from": "`+rfc3339(past)+`", `)
	onlyID := fmt.Sprintf(`{"id": %q, "revoked": true}`, id)
	sealsNothing(t, file(ordersOf(older+", "+newest), ordersOf(older+", "+onlyID)))
}
