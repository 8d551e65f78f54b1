package keyring_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func TestUnusableKeysAreRefusedWhenSet(t *testing.T) {
	var (
		pri = cryptobox.GenerateKey()
		pub = cryptobox.GenerateKey().Public()

		noPri cryptobox.PrivateKey
		noPub cryptobox.PublicKey
		noSym cryptobox.SymmetricKey
	)
	for _, tc := range []struct {
		name string
		key  keyring.Key
		weak bool
	}{
		{"the zero Key", keyring.Key{}, false},
		{"the zero Key with an id", keyring.Key{}.WithID("k"), false},
		{"the zero Key, unbound", keyring.Key{}.AllowUnbound(), false},
		{"originator without private key", keyring.Originator(noPri, pub), true},
		{"originator without public key", keyring.Originator(pri, noPub), true},
		{"responder without private key", keyring.Responder(noPri, pub), true},
		{"responder without public key", keyring.Responder(pri, noPub), true},
		{"both without private key", keyring.Both(noPri), true},
		{"symmetric without key", keyring.Symmetric("k", noSym), true},
		{"an id doesn't mend it", keyring.Both(noPri).WithID("k").AllowUnbound(), true},
		{"symmetric without id", keyring.Symmetric("", shared), false},
		{"AES-GCM without key", keyring.AES256GCM("k", noSym), true},
		{"AES-GCM without id", keyring.AES256GCM("", shared), false},
		{"empty id", keyring.Both(pri).WithID(""), false},
		{"long id", keyring.Both(pri).WithID(strings.Repeat("x", cryptobox.MaxKeyID+1)), false},
		{"control character in the id", keyring.Both(pri).WithID("a\nb"), false},
		{"invisible character in the id", keyring.Both(pri).WithID("a\u202eb"), false},
		{"id that isn't UTF-8", keyring.Both(pri).WithID("a\xff"), false},
		{"a good id after a bad one", keyring.Both(pri).WithID("").WithID("k"), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := ringOf(t, exact("com.foo"))
			err := r.Set(exact("com.foo"), tc.key)
			require.ErrorIs(t, err, keyring.ErrKey)
			require.Equal(t, tc.weak, isWeak(err))
			require.ErrorContains(t, err, `exact "com.foo"`)
			require.Empty(t, tc.key.ID())
			require.Equal(t, exact("com.foo").String(), idOf(t, r, "com.foo"), "the key before stays")

			require.ErrorIs(t, r.Set(wild("com..x"), tc.key), keyring.ErrKey)
			require.NoError(t, r.Set(wild("com.x."), named("k")), "a refused key leaves no tie")
		})
	}
}

func TestGoodIDs(t *testing.T) {
	for _, id := range []string{"k", "2026-01 backup", "schl\u00fcssel", strings.Repeat("x", cryptobox.MaxKeyID)} {
		for _, key := range []keyring.Key{
			keyring.Symmetric(id, shared), keyring.AES256GCM(id, shared), keyring.Both(cryptobox.GenerateKey()).WithID("other").WithID(id),
		} {
			r := keyring.New()
			require.NoError(t, r.Set(exact("com.foo"), key))
			require.Equal(t, id, key.ID())
			require.Equal(t, id, idOf(t, r, "com.foo"))
		}
	}
}

func TestKeysAreValues(t *testing.T) {
	plain := keyring.Both(cryptobox.GenerateKey())
	derived := plain.ID()
	other := plain.WithID("other").AllowUnbound()
	require.Equal(t, "other", other.ID())
	require.Equal(t, derived, plain.ID())

	r := keyring.New()
	require.NoError(t, r.Set(exact("a"), plain))
	require.NoError(t, r.Set(exact("b"), other))
	require.False(t, look(t, r, "a").Unbound(), "off by default")
	require.True(t, look(t, r, "b").Unbound())
}

func TestKeyIsNotEncoded(t *testing.T) {
	key := keyring.Both(cryptobox.GenerateKey())
	for _, v := range []any{key, &key, struct{ K keyring.Key }{key}, map[string]any{"k": []keyring.Key{key}}} {
		out, err := json.Marshal(v)
		require.ErrorIs(t, err, cryptobox.ErrSecret)
		require.Empty(t, out)
	}
}

// TestCiphersOfOneKeyAreOne: patterns share a Key's exchange, and the count of
// its seals.
func TestCiphersOfOneKeyAreOne(t *testing.T) {
	for name, key := range map[string]func() keyring.Key{
		"pair": func() keyring.Key {
			return keyring.Originator(cryptobox.GenerateKey(), cryptobox.GenerateKey().Public())
		},
		"AES-GCM": func() keyring.Key { return keyring.AES256GCM("k", cryptobox.GenerateSymmetricKey()) },
	} {
		t.Run(name, func(t *testing.T) {
			for range 200 {
				sharesOneCipher(t, key())
			}
		})
	}
}

func sharesOneCipher(t *testing.T, key keyring.Key) {
	t.Helper()
	r := keyring.New()
	require.NoError(t, r.Set(exact("a"), key))
	require.NoError(t, r.Set(exact("b"), key.WithID("other")))
	ciphers := make([]cryptobox.Cipher, 8)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range ciphers {
		wg.Go(func() {
			<-start
			e, _ := r.Lookup([]string{"a", "b"}[i%2])
			if v, err := e.Sealer(keyring.RoleOriginator); err == nil {
				ciphers[i] = v.Cipher()
			}
		})
	}
	close(start)
	wg.Wait()
	require.NotNil(t, ciphers[0])
	for _, c := range ciphers {
		require.Same(t, ciphers[0], c)
	}
}
