package keyring_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// entryOf sets one key and looks it up.
func entryOf(t testing.TB, key keyring.Key) *keyring.Entry {
	t.Helper()
	r := keyring.New()
	require.NoError(t, r.Set(prefix("com.myapp."), key))
	return look(t, r, "com.myapp.topic")
}

func TestRoles(t *testing.T) {
	o, r := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	for _, tc := range []struct {
		name                  string
		key                   keyring.Key
		originator, responder bool
		algorithm             string
	}{
		{"originator", keyring.Originator(o, r.Public()), true, false, cryptobox.AlgorithmBox},
		{"responder", keyring.Responder(r, o.Public()), false, true, cryptobox.AlgorithmBox},
		{"both", keyring.Both(o), true, true, cryptobox.AlgorithmBox},
		{"symmetric", keyring.Symmetric("key-1", shared), true, true, cryptobox.AlgorithmSecretBox},
		{"AES-GCM", keyring.AES256GCM("key-1", shared), true, true, cryptobox.AlgorithmAESGCM},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := entryOf(t, tc.key)
			require.Equal(t, prefix("com.myapp."), e.Pattern())
			for role, serves := range map[keyring.Role]bool{
				keyring.RoleOriginator: tc.originator,
				keyring.RoleResponder:  tc.responder,
				0:                      false,
				3:                      false,
			} {
				if !serves {
					refusesRole(t, e, role, tc.key.ID())
					continue
				}
				v, err := e.Sealer(role)
				require.NoError(t, err)
				require.Equal(t, tc.key.ID(), v.ID())
				require.Equal(t, tc.algorithm, v.Cipher().Algorithm())
				require.Same(t, v.Cipher(), v.Cipher())
				for _, id := range []string{tc.key.ID(), ""} {
					vs, err := e.Openers(role, id)
					require.NoError(t, err)
					require.Len(t, vs, 1)
					require.Same(t, v, vs[0])
				}
				refusesIDs(t, e, role, tc.key.ID())
			}
		})
	}
}

// refusesRole also for a payload that names the right key.
func refusesRole(t *testing.T, e *keyring.Entry, role keyring.Role, id string) {
	t.Helper()
	v, err := e.Sealer(role)
	require.Nil(t, v)
	require.ErrorIs(t, err, keyring.ErrWrongRole)
	require.ErrorContains(t, err, `seal prefix "com.myapp."`)
	require.ErrorContains(t, err, role.String())
	for _, id := range []string{"", id, "unknown"} {
		vs, err := e.Openers(role, id)
		require.Nil(t, vs)
		require.ErrorIs(t, err, keyring.ErrWrongRole)
		require.NotErrorIs(t, err, keyring.ErrUnknownID)
	}
}

func refusesIDs(t *testing.T, e *keyring.Entry, role keyring.Role, id string) {
	t.Helper()
	for _, bad := range []string{id + "x", id[:len(id)-1], strings.ToUpper(id) + "-", " ", "x", strings.Repeat("x", 1<<20)} {
		vs, err := e.Openers(role, bad)
		require.Nil(t, vs)
		require.ErrorIs(t, err, keyring.ErrUnknownID)
		require.ErrorContains(t, err, `id "`+bad[:min(len(bad), 200)], "the peer's id, to see which version is missing")
		require.Less(t, len(err.Error()), 1024, "and no more of it than an id can have")
	}
}

// The id selects among the versions of the URI's own pattern, so the holder of
// another key can't speak for it.
func TestIDDoesNotReachOtherPatterns(t *testing.T) {
	r := keyring.New()
	require.NoError(t, r.Set(exact("com.secret"), named("mine")))
	require.NoError(t, r.Set(prefix("com."), named("theirs")))
	_, err := look(t, r, "com.secret").Openers(keyring.RoleResponder, "theirs")
	require.ErrorIs(t, err, keyring.ErrUnknownID)
}

func TestCallersCannotChangeAnEntry(t *testing.T) {
	e := entryOf(t, named("k"))
	vs, err := e.Openers(keyring.RoleResponder, "")
	require.NoError(t, err)
	_ = append(vs, nil)
	again, err := e.Openers(keyring.RoleResponder, "k")
	require.NoError(t, err)
	require.Len(t, again, 1)
	require.Equal(t, len(vs), cap(vs))
	require.LessOrEqual(t, len(vs), keyring.MaxOpeners)
}

func TestOpenersAllocateNothing(t *testing.T) {
	e := entryOf(t, keyring.Both(cryptobox.GenerateKey()))
	v, err := e.Sealer(keyring.RoleOriginator)
	require.NoError(t, err)
	id := v.ID()
	var vs []*keyring.Version
	for _, name := range []string{"", id} {
		require.Zero(t, testing.AllocsPerRun(100, func() {
			vs, err = e.Openers(keyring.RoleResponder, name)
			v, _ = e.Sealer(keyring.RoleOriginator)
		}))
		require.NoError(t, err)
		require.Same(t, v, vs[0])
	}
}

// What one half seals the other opens, and nobody else.
func TestHalvesOpenEachOther(t *testing.T) {
	o, r, third := cryptobox.GenerateKey(), cryptobox.GenerateKey(), cryptobox.GenerateKey()
	originator, responder := entryOf(t, keyring.Originator(o, r.Public())), entryOf(t, keyring.Responder(r, o.Public()))
	both := entryOf(t, keyring.Both(o))
	symmetric, gcm := entryOf(t, named("k")), entryOf(t, keyring.AES256GCM("k", shared))
	for _, tc := range []struct {
		name           string
		sealer, opener *keyring.Entry
		role           keyring.Role // of the sealer
		ok             bool
	}{
		{"request", originator, responder, keyring.RoleOriginator, true},
		{"answer", responder, originator, keyring.RoleResponder, true},
		{"both", both, entryOf(t, keyring.Both(o)), keyring.RoleOriginator, true},
		{"symmetric", symmetric, entryOf(t, named("k")), keyring.RoleResponder, true},
		{"AES-GCM", gcm, entryOf(t, keyring.AES256GCM("k", shared)), keyring.RoleOriginator, true},
		{"another AES-GCM secret", gcm, entryOf(t, keyring.AES256GCM("k", cryptobox.GenerateSymmetricKey())), keyring.RoleOriginator, false},
		{"another originator", entryOf(t, keyring.Originator(third, r.Public())), responder, keyring.RoleOriginator, false},
		{"another responder", originator, entryOf(t, keyring.Responder(third, o.Public())), keyring.RoleOriginator, false},
		{"another pair", both, entryOf(t, keyring.Both(r)), keyring.RoleOriginator, false},
		{"another secret", symmetric, entryOf(t, keyring.Symmetric("k", cryptobox.GenerateSymmetricKey())), keyring.RoleOriginator, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v, err := tc.sealer.Sealer(tc.role)
			require.NoError(t, err)
			record := cryptobox.NewRecord("com.myapp.topic", []any{"hello"}, nil, nil)
			env, _, err := cryptobox.Seal(v.Cipher(), cryptobox.CBOR, v.ID(), record)
			require.NoError(t, err)

			vs, err := tc.opener.Openers(3-tc.role, "")
			require.NoError(t, err)
			opened, _, err := cryptobox.Open(vs[0].Cipher(), env)
			if !tc.ok {
				require.ErrorIs(t, err, cryptobox.ErrOpen)
				return
			}
			require.NoError(t, err)
			require.Equal(t, record.Args(), opened.Args())

			vs, err = tc.opener.Openers(3-tc.role, env.KeyID)
			require.NoError(t, err, "both ends have the same id")
			require.Len(t, vs, 1)
		})
	}
}

// A key has one algorithm, even where two are made of one secret.
func TestAlgorithmsAreNotMixed(t *testing.T) {
	symmetric, gcm := entryOf(t, keyring.Symmetric("k", shared)), entryOf(t, keyring.AES256GCM("k", shared))
	for _, tc := range []struct{ sealer, opener *keyring.Entry }{{symmetric, gcm}, {gcm, symmetric}} {
		v, err := tc.sealer.Sealer(keyring.RoleOriginator)
		require.NoError(t, err)
		env, _, err := cryptobox.Seal(v.Cipher(), cryptobox.CBOR, v.ID(), &cryptobox.Record{})
		require.NoError(t, err)
		vs, err := tc.opener.Openers(keyring.RoleResponder, env.KeyID)
		require.NoError(t, err)
		_, _, err = cryptobox.Open(vs[0].Cipher(), env)
		require.ErrorIs(t, err, cryptobox.ErrAlgorithm)
	}
}

func TestRoleNames(t *testing.T) {
	require.Equal(t, "originator", keyring.RoleOriginator.String())
	require.Equal(t, "responder", keyring.RoleResponder.String())
	require.Equal(t, "Role(0)", keyring.Role(0).String())
}
