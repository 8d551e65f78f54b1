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
		{"the zero Key with an id", keyring.Key{}.ForPassthru("k"), false},
		{"the zero Key for Autobahn", keyring.Key{}.ForAutobahn(), false},
		{"the zero Key with a suite", keyring.Key{}.WithSuite(cryptobox.SuiteXBox), false},
		{"originator without private key", keyring.Originator(noPri, pub), true},
		{"originator without public key", keyring.Originator(pri, noPub), true},
		{"responder without private key", keyring.Responder(noPri, pub), true},
		{"responder without public key", keyring.Responder(pri, noPub), true},
		{"both without private key", keyring.Both(noPri), true},
		{"shared without key", keyring.Shared(noSym), true},
		{"an id doesn't mend it", keyring.Shared(noSym).ForPassthru("k"), true},
		{"a dialect doesn't mend it", keyring.Both(noPri).ForAutobahn(), true},
		{"a suite doesn't mend it", keyring.Originator(noPri, pub).WithSuite(cryptobox.SuiteXBox), true},
		{"AES-GCM without key", keyring.AES256GCM("k", noSym), true},
		{"AES-GCM without id", keyring.AES256GCM("", shared), false},
		{"empty id", keyring.Shared(shared).ForPassthru(""), false},
		{"long id", keyring.Shared(shared).ForPassthru(strings.Repeat("x", cryptobox.MaxKeyID+1)), false},
		{"control character in the id", keyring.Shared(shared).ForPassthru("a\nb"), false},
		{"invisible character in the id", keyring.Shared(shared).ForPassthru("a\u202eb"), false},
		{"id that isn't UTF-8", keyring.Shared(shared).ForPassthru("a\xff"), false},
		{"a good id after a bad one", keyring.Shared(shared).ForPassthru("").ForPassthru("k"), false},
		{"one pair of both ends for ours", keyring.Pair(pri, pri), false},
		{"both for passthru", keyring.Both(pri).ForPassthru("k"), false},
		{"shared for Autobahn", keyring.Shared(shared).ForAutobahn(), false},
		{"AES-GCM for Autobahn", keyring.AES256GCM("k", shared).ForAutobahn(), false},
		{"an id alone for Autobahn", keyring.Revoked("k").ForAutobahn(), false},
		{"a suite that there isn't", keyring.Originator(pri, pub).WithSuite(4), false},
		{"no suite", keyring.Originator(pri, pub).WithSuite(0), false},
		{"the suite of shared keys", keyring.Originator(pri, pub).WithSuite(cryptobox.SuiteShared), false},
		{"a pair's suite for a shared key", keyring.Shared(shared).WithSuite(cryptobox.SuiteXBox), false},
		{"a suite for Autobahn", keyring.Originator(pri, pub).ForAutobahn().WithSuite(cryptobox.SuiteXBox), false},
		{"a suite for passthru", keyring.Originator(pri, pub).ForPassthru("k").WithSuite(cryptobox.SuiteBox), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := ringOf(t, exact("com.foo"))
			err := r.Set(exact("com.foo"), tc.key)
			require.ErrorIs(t, err, keyring.ErrKey)
			require.Equal(t, tc.weak, zeroKey(err))
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
			keyring.Shared(shared).ForPassthru(id), keyring.AES256GCM(id, shared),
			keyring.Originator(cryptobox.GenerateKey(), cryptobox.GenerateKey().Public()).ForPassthru("other").ForPassthru(id),
		} {
			r := keyring.New()
			require.NoError(t, r.Set(exact("com.foo"), key))
			require.Equal(t, id, key.ID())
			require.Equal(t, id, idOf(t, r, "com.foo"))
		}
	}
}

func TestKeysAreValues(t *testing.T) {
	ours := keyring.Pair(cryptobox.GenerateKey(), cryptobox.GenerateKey())
	derived := ours.ID()
	dialects := map[string]cryptobox.Dialect{"ours": cryptobox.Wampbox, "xbox": cryptobox.Wampbox, "autobahn": cryptobox.Autobahn, "passthru": cryptobox.Passthru}
	keys := map[string]keyring.Key{"ours": ours, "xbox": ours.WithSuite(cryptobox.SuiteXBox), "autobahn": ours.ForAutobahn(), "passthru": ours.ForPassthru("other")}
	require.Equal(t, "other", keys["passthru"].ID())
	require.Equal(t, derived, ours.ID())
	require.Equal(t, derived, keys["xbox"].WithSuite(cryptobox.SuiteBox).ID())

	r, ids := keyring.New(), map[string]bool{}
	for name, key := range keys {
		ids[key.ID()] = true
		require.NoError(t, r.Set(exact(name), key))
	}
	require.Len(t, ids, len(keys), "an id of its own for each dialect and suite")
	suites := map[string]cryptobox.Suite{"ours": cryptobox.SuiteBox, "xbox": cryptobox.SuiteXBox}
	for name, key := range keys {
		v, err := look(t, r, name).Sealer(keyring.RoleOriginator)
		require.NoError(t, err)
		require.Equal(t, dialects[name], v.Dialect(), name)
		require.Equal(t, suites[name], v.Suite(), name)
		require.Equal(t, key.ID(), v.ID())
		require.Equal(t, v.Dialect().Foreign(), v.Key() == nil, "one of both")
		require.Equal(t, !v.Dialect().Foreign(), v.Cipher() == nil)
		if v.Key() != nil {
			require.Equal(t, v.Suite(), v.Key().Suite())
			require.Equal(t, v.ID(), v.Key().ID().String())
		}
	}
	require.Equal(t, []cryptobox.Dialect{cryptobox.Wampbox, cryptobox.Autobahn, cryptobox.Passthru}, r.Dialects())
}

func TestKeyIsNotEncoded(t *testing.T) {
	key := keyring.Shared(shared)
	for _, v := range []any{key, &key, struct{ K keyring.Key }{key}, map[string]any{"k": []keyring.Key{key}}} {
		out, err := json.Marshal(v)
		require.ErrorIs(t, err, cryptobox.ErrSecret)
		require.Empty(t, out)
	}
}

// TestCiphersOfOneKeyAreOne: patterns share a Key's exchange, and the count of
// its seals.
func TestCiphersOfOneKeyAreOne(t *testing.T) {
	pair := func() keyring.Key {
		return keyring.Originator(cryptobox.GenerateKey(), cryptobox.GenerateKey().Public())
	}
	for name, key := range map[string]func() keyring.Key{
		"pair": pair, "Autobahn's": func() keyring.Key { return pair().ForAutobahn() },
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
	require.NoError(t, r.Set(exact("b"), key))
	sealers := make([]any, 8)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range sealers {
		wg.Go(func() {
			<-start
			e, _ := r.Lookup([]string{"a", "b"}[i%2])
			if v, err := e.Sealer(keyring.RoleOriginator); err == nil {
				sealers[i] = sealing(v)
			}
		})
	}
	close(start)
	wg.Wait()
	require.NotNil(t, sealers[0])
	for _, s := range sealers {
		require.Same(t, sealers[0], s)
	}
}

// sealing is what a version seals with.
func sealing(v *keyring.Version) any {
	if v.Dialect().Foreign() {
		return v.Cipher()
	}
	return v.Key()
}
