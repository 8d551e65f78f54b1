//go:build !race

package keyring_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// With the race detector, sync.Pool drops what it is given now and then.

func TestLookupAllocatesNothing(t *testing.T) {
	full := keyring.New()
	for i := range 1000 {
		require.NoError(t, full.Set(exact(fmt.Sprintf("com.myapp.device%d.status", i)), named("k")))
		require.NoError(t, full.Set(prefix(fmt.Sprintf("com.myapp.room%d.", i)), named("k")))
		require.NoError(t, full.Set(wild(fmt.Sprintf("org.myapp..sensor%d", i)), named("k")))
	}
	long := strings.Repeat("x", 5000)
	for name, uri := range map[string]string{
		"exact":                               "com.myapp.device17.status",
		"prefix":                              "com.myapp.room17.temperature.celsius",
		"wildcard":                            "org.myapp.any.sensor17",
		"long wildcard":                       "org.myapp." + long + ".sensor17",
		"miss":                                "net.myapp.any.sensor17",
		"long miss":                           "net." + long,
		"miss by length of a fixed component": "org.myapp.any." + long,
		"miss by length of the first":         long[:keyring.MaxPatternLength] + ".myapp.any.sensor17",
		"own":                                 "wamp.session.count",
	} {
		t.Run(name, func(t *testing.T) {
			var e *keyring.Entry
			if strings.Contains(name, "miss") {
				require.LessOrEqual(t, testing.AllocsPerRun(100, func() { e, _ = full.Lookup(uri) }), 1.0, "the error")
				require.Nil(t, e)
				return
			}
			require.Zero(t, testing.AllocsPerRun(100, func() { e, _ = full.Lookup(uri) }))
			require.NotNil(t, e)
		})
	}
}

// A version that hasn't changed is found as it is looked for with each message of an exchange.
func TestCurrentAllocatesNothing(t *testing.T) {
	r := ringOf(t, prefix("com.other."), wild("com..other"))
	for _, p := range []keyring.Pattern{exact("com.app.x"), prefix("com.app."), wild("com..x"), prefix("")} {
		require.NoError(t, r.Set(p, keyring.Signed(receiving("me", reader(cryptobox.SuiteSigned, p.URI)))))
		v, err := look(t, r, "com.app.x").Sealer(keyring.RoleResponder)
		require.NoError(t, err)
		require.Zero(t, testing.AllocsPerRun(100, func() {
			if r.Current(v) != v {
				panic("another one")
			}
		}), p)
		forget(t, r, p)
	}
}
