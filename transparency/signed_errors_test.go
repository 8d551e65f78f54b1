package transparency_test

import (
	"context"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// raisesWhatItGets serves a procedure that raises the error that it is called with.
func raisesWhatItGets(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
	return client.InvokeResult{Err: wamp.URI(inv.Arguments[0].(string)), Args: wamp.List{marker}}
}

// TestErrorsOfSignedProcedures: whatever the ring says of an error's URI, a signed call has
// it sealed and signed, and a plain one has no arguments of an error that is keyed.
func TestErrorsOfSignedProcedures(t *testing.T) {
	forEachSigned(t, func(t *testing.T, k harness.Keys) {
		c, r, other := company{k.Parties()}, startRouter(t), harness.NewKeys()
		const signed, boxed, foreign, closed = harness.Prefix + "error1", "com.myapp.box.error1", "com.myapp.autobahn.error1", "com.closed.error1"
		ring := mixedRing(t, k.ResponderKey())
		require.NoError(t, ring.Set(keyring.Prefix("com.myapp.box."), other.ResponderKey()))
		require.NoError(t, ring.Set(keyring.Prefix("com.myapp.autobahn."), other.ResponderKey().ForAutobahn()))
		callee := local.session(t, r, ring)
		require.NoError(t, callee.Register(keyedURI, raisesWhatItGets, nil))
		require.NoError(t, callee.Register(publicPrefix+"x", raisesWhatItGets, nil))

		tap := proxy.Start(t, r.WebSocketURL())
		caller, err := transparency.ConnectNet(t.Context(), tap.URL(), harness.Config(client.JSON), harness.RingOf(t, k.OriginatorKey()))
		require.NoError(t, err)
		defer caller.Close()
		for _, uri := range []string{signed, boxed, foreign, closed, publicPrefix + "error1", "wamp.error.invalid_argument"} {
			_, err := caller.Call(harness.Timeout(t), keyedURI, nil, wamp.List{uri}, nil, nil)
			raised := harness.Raised(t, err)
			require.EqualValues(t, uri, raised.Error)
			require.Equal(t, wamp.List{marker}, raised.Arguments)
			require.Equal(t, c.sender(harness.Responding), senderOf(t, raised.Details))
			seen, err := tap.Contains(uri)
			require.NoError(t, err)
			require.False(t, seen, uri)
		}

		plain := local.plain(t, r)
		for uri, args := range map[string]wamp.List{signed: nil, boxed: nil, publicPrefix + "error1": {marker}} {
			_, err := plain.Call(harness.Timeout(t), publicPrefix+"x", nil, wamp.List{uri}, nil, nil)
			raised := harness.Raised(t, err)
			require.EqualValues(t, uri, raised.Error)
			require.ElementsMatch(t, args, raised.Arguments)
			require.Empty(t, raised.ArgumentsKw)
		}
		_, err = plain.Call(harness.Timeout(t), keyedURI, nil, wamp.List{"com.myapp.error1"}, nil, nil)
		require.Equal(t, transparency.URISealedOnly, harness.Raised(t, err).Error)
		require.Equal(t, map[transparency.Reason]uint64{transparency.Plaintext: 1}, callee.Stats().Rejected)
	})
}
