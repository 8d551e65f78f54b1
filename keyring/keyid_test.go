package keyring_test

import (
	"crypto/ecdh"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// zeroKey is errors.Is for a boolean column.
func zeroKey(err error) bool { return errors.Is(err, cryptobox.ErrWeakKey) }

// The ids were computed with Python's hashlib.
func TestGoldenKeyIDs(t *testing.T) {
	o, r, both := private(t, sampleOriginator), private(t, sampleResponder), private(t, sampleBoth)
	counted := make([]byte, 32)
	for i := range counted {
		counted[i] = byte(i)
	}
	secret, err := cryptobox.NewSymmetricKey(counted)
	require.NoError(t, err)
	const xbox = cryptobox.SuiteXBox
	for _, tc := range []struct {
		name string
		key  keyring.Key
		want string
	}{
		{"originator's half", keyring.Originator(o, r.Public()), "uju3q7tptqps3cmyfqvjrfeuw4"},
		{"responder's half", keyring.Responder(r, o.Public()), "uju3q7tptqps3cmyfqvjrfeuw4"},
		{"pair", keyring.Pair(o, r), "uju3q7tptqps3cmyfqvjrfeuw4"},
		{"roles swapped, originator", keyring.Originator(r, o.Public()), "a33cgwycaqugm3pczflcborb7y"},
		{"roles swapped, responder", keyring.Responder(o, r.Public()), "a33cgwycaqugm3pczflcborb7y"},
		{"xbox, originator's half", keyring.Originator(o, r.Public()).WithSuite(xbox), "wnctve7v6f4lmucuw3osr4zlgi"},
		{"xbox, responder's half", keyring.Responder(r, o.Public()).WithSuite(xbox), "wnctve7v6f4lmucuw3osr4zlgi"},
		{"xbox, roles swapped", keyring.Pair(r, o).WithSuite(xbox), "duccaiwtktnnzwaqw4nnh6hbce"},
		{"shared", keyring.Shared(secret), "rfzmbxkok6eohrlxziyalsn6ca"},
		{"for Autobahn, originator's half", keyring.Originator(o, r.Public()).ForAutobahn(), "vpvksoncq7izn7baaoxm63ibdq"},
		{"for Autobahn, responder's half", keyring.Responder(r, o.Public()).ForAutobahn(), "vpvksoncq7izn7baaoxm63ibdq"},
		{"for Autobahn, roles swapped", keyring.Originator(r, o.Public()).ForAutobahn(), "spefq2yojdrle3bk7tdiutdqte"},
		{"both", keyring.Both(both), "wfqqfzolshcslrgyd6pfgtrie4"},
		{"both, as an originator", keyring.Originator(both, both.Public()).ForAutobahn(), "wfqqfzolshcslrgyd6pfgtrie4"},
		{"both, as a responder", keyring.Responder(both, both.Public()).ForAutobahn(), "wfqqfzolshcslrgyd6pfgtrie4"},
	} {
		require.Equal(t, tc.want, tc.key.ID(), tc.name)
	}
}

// The same computed anew, for keys that are new each time.
func TestKeyIDsOfTwoHalves(t *testing.T) {
	for range 20 {
		o, r := cryptobox.GenerateKey(), cryptobox.GenerateKey()
		for suite := range cryptobox.SuiteShared {
			sum := sha256.Sum256([]byte("wampbox-kid-2" + string(rune(suite)) + publicOf(t, o) + publicOf(t, r)))
			want := strings.ToLower(base32.StdEncoding.EncodeToString(sum[:16])[:26])
			as := func(key keyring.Key) string {
				if suite == 0 {
					return key.ForAutobahn().ID()
				}
				return key.WithSuite(suite).ID()
			}
			require.Equal(t, want, as(keyring.Originator(o, r.Public())))
			require.Equal(t, want, as(keyring.Responder(r, o.Public())))
			require.NotEqual(t, want, as(keyring.Originator(r, o.Public())))
		}
	}
}

func publicOf(t *testing.T, k cryptobox.PrivateKey) string {
	t.Helper()
	p, err := ecdh.X25519().NewPrivateKey(k.UnsafeBytes())
	require.NoError(t, err)
	return string(p.PublicKey().Bytes())
}
