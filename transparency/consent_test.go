package transparency_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestForeignNeedsConsent: a file that has a key be for Autobahn's peers
// has plain errors taken that answer sealed calls, which a router can make up.
func TestForeignNeedsConsent(t *testing.T) {
	k := harness.NewKeys()
	ring := keyring.New()
	content := func(key keyring.Key) *keyring.Ring { return harness.ClosedRing(t, key) }
	_, err := ring.Update("file", content(k.OriginatorKey()))
	require.NoError(t, err)
	r := startRouter(t)
	require.NoError(t, local.plain(t, r).Register(harness.Prefix+"x",
		answering(client.InvokeResult{Err: "com.myapp.error1", Args: wamp.List{"made up"}}), nil))
	s := local.session(t, r, ring)
	_, err = s.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, nil)
	harness.RequireReason(t, err, transparency.Plaintext)

	_, refused := ring.Update("file", content(k.OriginatorKey().ForAutobahn()))
	_, err = s.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, nil)
	harness.RequireReason(t, err, transparency.Plaintext)
	require.ErrorIs(t, refused, keyring.ErrPlain)
}
