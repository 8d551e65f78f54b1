package telemetry_test

import (
	"strconv"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/telemetry"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestCountersNeverFall, also when a Session gives up the rows of versions of long ago: one that
// falls counts as one that began anew.
func TestCountersNeverFall(t *testing.T) {
	const rotations, limit = 4000, 5
	r, ring := testrouter.Start(t), keyring.New()
	session, err := transparency.ConnectLocal(r.Router(), harness.Config(client.CBOR), ring)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, session.Close()) })
	scopes := []*scope{newScope(t), newScope(t, telemetry.WithPatterns(limit))}
	before := make([]series, len(scopes))
	for _, s := range scopes {
		shows(t)(s.Session("shop", session))
	}
	folded := false
	for i := range rotations {
		key := keyring.Shared(cryptobox.GenerateSymmetricKey())
		if i%2 == 1 {
			key = key.ForPassthru(strconv.Itoa(i))
		}
		require.NoError(t, ring.Set(keyring.Prefix(harness.Prefix), key))
		require.NoError(t, session.Publish(harness.Prefix+"x", nil, nil, nil))
		if i%100 != 99 {
			continue
		}
		rows := session.Stats().Keys
		folded = folded || rows[len(rows)-1].Pattern == keyring.Pattern{}
		for at, s := range scopes {
			got := s.collect(t).of("messages.sealed")
			require.EqualValues(t, i+1, got.sum())
			require.LessOrEqual(t, len(got), limit+2)
			for key, n := range before[at] {
				if now, there := got[key]; there {
					require.GreaterOrEqual(t, now, n, key)
				}
			}
			before[at] = got
		}
	}
	require.True(t, folded)
}
