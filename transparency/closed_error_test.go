package transparency_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// TestErrorOfAClosedPattern: what a change removes stays closed, error URIs too, and so does
// what nearly has a key: their arguments don't go out in plain. Those of an error of which
// the ring merely says nothing do.
func TestErrorOfAClosedPattern(t *testing.T) {
	k := harness.NewKeys()
	const procedure, keyed, near = publicPrefix + "x", harness.Prefix + "error1", "com.myapp.encryptet.error1"
	unless := func(ring *keyring.Ring) error {
		ring.PlainUnlessKeyed()
		return nil
	}
	for name, c := range map[string]struct {
		uri    wamp.URI
		change func(ring *keyring.Ring) error
		given  bool
	}{
		"keyed":   {keyed, func(*keyring.Ring) error { return nil }, false},
		"revoked": {keyed, func(ring *keyring.Ring) error { return ring.Revoke(encrypted, k.ResponderKey().ID()) }, false},
		"removed": {keyed, func(ring *keyring.Ring) error { return ring.Remove(encrypted) }, false},
		"removed, the rest plain": {keyed, func(ring *keyring.Ring) error {
			ring.PlainUnlessKeyed()
			return ring.Remove(encrypted)
		}, false},
		"a file lost it": {"com.file.error1", func(ring *keyring.Ring) error {
			content := keyring.New()
			if err := content.Set(keyring.Prefix("com.file."), k.ResponderKey()); err != nil {
				return err
			}
			if _, err := ring.Update("file", content); err != nil {
				return err
			}
			_, err := ring.Update("file", keyring.New())
			return err
		}, false},
		"a near miss":                 {near, func(*keyring.Ring) error { return nil }, false},
		"a near miss, the rest plain": {near, unless, false},
		"a near miss of a plain one":  {"com.myapp.publik.error1", func(*keyring.Ring) error { return nil }, true},
		"nothing is said":             {"org.other.error1", func(*keyring.Ring) error { return nil }, true},
		"nothing, the rest plain":     {"org.other.error1", unless, true},
		"plain":                       {publicPrefix + "error1", func(*keyring.Ring) error { return nil }, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := startRouter(t)
			ring := mixedRing(t, k.ResponderKey())
			callee := local.session(t, r, ring)
			require.NoError(t, callee.Register(procedure, answering(client.InvokeResult{
				Err: c.uri, Args: wamp.List{"secret"}, Kwargs: wamp.Dict{"why": "secret"},
			}), nil))
			require.NoError(t, c.change(ring))
			_, err := local.plain(t, r).Call(harness.Timeout(t), procedure, nil, nil, nil, nil)
			raised := harness.Raised(t, err)
			require.Equal(t, c.uri, raised.Error)
			if c.given {
				require.Equal(t, wamp.List{"secret"}, raised.Arguments)
				return
			}
			require.NotContains(t, raised.Arguments, "secret", "plaintext was sent under a closed URI")
			require.NotContains(t, raised.ArgumentsKw, "why")
		})
	}
}
