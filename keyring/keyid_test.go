package keyring_test

import (
	"crypto/ecdh"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// isWeak is errors.Is for a boolean column.
func isWeak(err error) bool { return errors.Is(err, cryptobox.ErrWeakKey) }

// The ids were computed with Python's hashlib and cryptography.
func TestGoldenKeyIDs(t *testing.T) {
	o, r, both := private(t, sampleOriginator), private(t, sampleResponder), private(t, sampleBoth)
	for _, tc := range []struct {
		name string
		key  keyring.Key
		want string
	}{
		{"originator's half", keyring.Originator(o, r.Public()), "oBUxsNkztmwkPJTaGqV4Fg"},
		{"responder's half", keyring.Responder(r, o.Public()), "oBUxsNkztmwkPJTaGqV4Fg"},
		{"roles swapped, originator", keyring.Originator(r, o.Public()), "0d20OVNK68ytnNEPBYrMRw"},
		{"roles swapped, responder", keyring.Responder(o, r.Public()), "0d20OVNK68ytnNEPBYrMRw"},
		{"both", keyring.Both(both), "La4clKgnG-YX4Kv5PbGbqw"},
		{"both, as an originator", keyring.Originator(both, both.Public()), "La4clKgnG-YX4Kv5PbGbqw"},
		{"both, as a responder", keyring.Responder(both, both.Public()), "La4clKgnG-YX4Kv5PbGbqw"},
	} {
		require.Equal(t, tc.want, tc.key.ID(), tc.name)
		require.Equal(t, tc.want, tc.key.AllowUnbound().ID(), tc.name)
	}
}

// The same computed anew, for keys that are new each time.
func TestKeyIDsOfTwoHalves(t *testing.T) {
	for range 20 {
		o, r := cryptobox.GenerateKey(), cryptobox.GenerateKey()
		sum := sha256.Sum256([]byte("wampbox-kid-1" + publicOf(t, o) + publicOf(t, r)))
		want := base64.RawURLEncoding.EncodeToString(sum[:16])
		require.Equal(t, want, keyring.Originator(o, r.Public()).ID())
		require.Equal(t, want, keyring.Responder(r, o.Public()).ID())
		require.NotEqual(t, want, keyring.Originator(r, o.Public()).ID())
	}
}

func publicOf(t *testing.T, k cryptobox.PrivateKey) string {
	t.Helper()
	p, err := ecdh.X25519().NewPrivateKey(k.UnsafeBytes())
	require.NoError(t, err)
	return string(p.PublicKey().Bytes())
}
