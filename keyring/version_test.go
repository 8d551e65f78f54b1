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
		dialect               cryptobox.Dialect
		algorithm             string // in the dialects that aren't ours
	}{
		{"originator", keyring.Originator(o, r.Public()), true, false, cryptobox.Wampbox, ""},
		{"responder", keyring.Responder(r, o.Public()), false, true, cryptobox.Wampbox, ""},
		{"pair", keyring.Pair(o, r), true, true, cryptobox.Wampbox, ""},
		{"xbox", keyring.Responder(r, o.Public()).WithSuite(cryptobox.SuiteXBox), false, true, cryptobox.Wampbox, ""},
		{"shared", keyring.Shared(shared), true, true, cryptobox.Wampbox, ""},
		{"originator, Autobahn", keyring.Originator(o, r.Public()).ForAutobahn(), true, false, cryptobox.Autobahn, cryptobox.AlgorithmBox},
		{"both, Autobahn", keyring.Both(o), true, true, cryptobox.Autobahn, cryptobox.AlgorithmBox},
		{"responder, passthru", keyring.Responder(r, o.Public()).ForPassthru("key-1"), false, true, cryptobox.Passthru, cryptobox.AlgorithmSecretBox},
		{"shared, passthru", keyring.Shared(shared).ForPassthru("key-1"), true, true, cryptobox.Passthru, cryptobox.AlgorithmSecretBox},
		{"AES-GCM", keyring.AES256GCM("key-1", shared), true, true, cryptobox.Passthru, cryptobox.AlgorithmAESGCM},
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
					refusesRole(t, e, role, tc.dialect, tc.key.ID())
					continue
				}
				v, err := e.Sealer(role)
				require.NoError(t, err)
				require.Equal(t, tc.key.ID(), v.ID())
				require.Equal(t, tc.dialect, v.Dialect())
				if tc.algorithm != "" {
					require.Equal(t, tc.algorithm, v.Cipher().Algorithm(tc.dialect))
				}
				require.Same(t, sealing(v), sealing(v))
				require.Same(t, v, serving(t, e, tc.dialect)[0])
				dialects, err := e.Dialects(role)
				require.NoError(t, err)
				require.Equal(t, []cryptobox.Dialect{tc.dialect}, dialects)
				vs, err := byName(tc.dialect, e, role, tc.key.ID())
				require.NoError(t, err)
				require.Len(t, vs, 1)
				require.Same(t, v, vs[0])
				refusesIDs(t, e, role, tc.key.ID())
				refusesDialects(t, e, role, tc.dialect, tc.key.ID())
			}
		})
	}
}

// byName is opening in a dialect, for which an id of ours is nothing but a text in another.
func byName(d cryptobox.Dialect, e *keyring.Entry, role keyring.Role, id string) ([]*keyring.Version, error) {
	if d.Foreign() {
		return e.ForeignOpeners(role, d, id)
	}
	return opening(e, role, id)
}

// refusesRole also for a payload that names the right key.
func refusesRole(t *testing.T, e *keyring.Entry, role keyring.Role, d cryptobox.Dialect, id string) {
	t.Helper()
	v, err := e.Sealer(role)
	require.Nil(t, v)
	require.ErrorIs(t, err, keyring.ErrWrongRole)
	require.ErrorContains(t, err, `seal prefix "com.myapp."`)
	require.ErrorContains(t, err, role.String())
	_, err = e.Dialects(role)
	require.ErrorIs(t, err, keyring.ErrWrongRole)
	for _, id := range []string{"", id, "unknown", strings.Repeat("a", 26)} {
		vs, err := byName(d, e, role, id)
		require.Nil(t, vs)
		require.ErrorIs(t, err, keyring.ErrWrongRole)
		require.NotErrorIs(t, err, keyring.ErrUnknownID)
	}
}

// refusesDialects: what a message of another dialect names is no key of this one.
func refusesDialects(t *testing.T, e *keyring.Entry, role keyring.Role, d cryptobox.Dialect, id string) {
	t.Helper()
	for _, other := range []cryptobox.Dialect{cryptobox.Autobahn, cryptobox.Passthru} {
		if other == d {
			continue
		}
		for _, id := range []string{"", id} {
			vs, err := e.ForeignOpeners(role, other, id)
			require.Empty(t, vs)
			require.ErrorIs(t, err, keyring.ErrUnknownID)
		}
	}
	if d.Foreign() {
		_, err := opening(e, role, strings.Repeat("a", 26))
		require.ErrorIs(t, err, keyring.ErrUnknownID)
		if len(id) == 26 { // Autobahn's, for people
			_, err := opening(e, role, id)
			require.ErrorIs(t, err, keyring.ErrUnknownID)
		}
	}
}

// refusesIDs, and doesn't repeat them: they are the sender's.
func refusesIDs(t *testing.T, e *keyring.Entry, role keyring.Role, id string) {
	t.Helper()
	other := []byte(id)
	other[0] ^= 1
	for _, bad := range []string{id + "x", id[:len(id)-1], string(other), strings.ToUpper(id) + "-", " ", "x", strings.Repeat("x", 1<<20)} {
		vs, err := opening(e, role, bad)
		require.Nil(t, vs)
		require.ErrorIs(t, err, keyring.ErrUnknownID)
		require.Less(t, len(err.Error()), 256)
	}
}

// The id selects among the versions of the URI's own pattern, so the holder of
// another key can't speak for it.
func TestIDDoesNotReachOtherPatterns(t *testing.T) {
	r := keyring.New()
	require.NoError(t, r.Set(exact("com.secret"), named("mine")))
	require.NoError(t, r.Set(prefix("com."), named("theirs")))
	_, err := opening(look(t, r, "com.secret"), keyring.RoleResponder, "theirs")
	require.ErrorIs(t, err, keyring.ErrUnknownID)
}

func TestCallersCannotChangeAnEntry(t *testing.T) {
	e := entryOf(t, named("k"))
	vs, err := opening(e, keyring.RoleResponder, "")
	require.NoError(t, err)
	_ = append(vs, nil)
	again, err := opening(e, keyring.RoleResponder, "k")
	require.NoError(t, err)
	require.Len(t, again, 1)
	require.Equal(t, len(vs), cap(vs))
	require.LessOrEqual(t, len(vs), keyring.MaxOpeners)
}

func TestOpenersAllocateNothing(t *testing.T) {
	for _, key := range []keyring.Key{keyring.Shared(shared), named("k")} {
		e := entryOf(t, key)
		want, err := e.Sealer(keyring.RoleOriginator)
		require.NoError(t, err)
		var id cryptobox.KeyID
		if key := want.Key(); key != nil {
			id = key.ID()
		}
		var v *keyring.Version
		require.Zero(t, testing.AllocsPerRun(100, func() {
			if want.Dialect().Foreign() {
				var vs []*keyring.Version
				vs, err = e.ForeignOpeners(keyring.RoleResponder, cryptobox.Passthru, "k")
				v = vs[0]
			} else {
				v, err = e.Opener(keyring.RoleResponder, id)
			}
			_, _ = e.Sealer(keyring.RoleOriginator)
		}))
		require.NoError(t, err)
		require.Same(t, want, v)
	}
}

// kindFrom is a kind that a party of a role seals.
func kindFrom(role keyring.Role) cryptobox.Kind {
	if role == keyring.RoleOriginator {
		return cryptobox.KindCall
	}
	return cryptobox.KindResult
}

// sealBy seals a payload in the version's dialect.
func sealBy(v *keyring.Version, kind cryptobox.Kind, text string) ([]byte, error) {
	if v.Dialect().Foreign() {
		payload, _, err := cryptobox.SealForeign(v.Cipher(), v.Dialect(), cryptobox.NewForeignRecord("com.myapp.topic", []any{text}, nil))
		return payload, err
	}
	rec := cryptobox.NewRecord(cryptobox.Head{Kind: kind, From: cryptobox.NewSenderID(), N: 1}, "realm1", "com.myapp.topic", []any{text}, nil)
	enc, _, err := v.Key().Seal(nil, &rec)
	return enc, err
}

// openBy opens what sealBy has sealed.
func openBy(v *keyring.Version, kind cryptobox.Kind, payload []byte) (string, error) {
	if v.Dialect().Foreign() {
		rec, _, err := cryptobox.OpenForeign(v.Cipher(), v.Dialect(), payload)
		if err != nil {
			return "", err
		}
		return rec.Args()[0].(string), nil
	}
	var opened cryptobox.Opened
	defer opened.Release()
	if err := v.Key().Open(payload, kind.Direction(), &opened); err != nil {
		return "", err
	}
	args, _, err := opened.Values()
	if err != nil {
		return "", err
	}
	return args[0].(string), nil
}

// What one half seals the other opens, and nobody else.
func TestHalvesOpenEachOther(t *testing.T) {
	o, r, third := cryptobox.GenerateKey(), cryptobox.GenerateKey(), cryptobox.GenerateKey()
	ways := map[string]func(keyring.Key) keyring.Key{
		"box": func(k keyring.Key) keyring.Key { return k }, "autobahn": keyring.Key.ForAutobahn,
		"xbox":     func(k keyring.Key) keyring.Key { return k.WithSuite(cryptobox.SuiteXBox) },
		"passthru": func(k keyring.Key) keyring.Key { return k.ForPassthru("k") },
	}
	type halves struct {
		name           string
		sealer, opener keyring.Key
		role           keyring.Role // of the sealer
		ok             bool
	}
	other := cryptobox.GenerateSymmetricKey()
	cases := []halves{
		{"both", keyring.Both(o), keyring.Both(o), keyring.RoleOriginator, true},
		{"another both", keyring.Both(o), keyring.Both(r), keyring.RoleOriginator, false},
		{"shared", keyring.Shared(shared), keyring.Shared(shared), keyring.RoleResponder, true},
		{"another shared", keyring.Shared(shared), keyring.Shared(other), keyring.RoleResponder, false},
		{"shared, passthru", named("k"), named("k"), keyring.RoleResponder, true},
		{"another shared, passthru", named("k"), keyring.Shared(other).ForPassthru("k"), keyring.RoleOriginator, false},
		{"AES-GCM", keyring.AES256GCM("k", shared), keyring.AES256GCM("k", shared), keyring.RoleOriginator, true},
		{"another AES-GCM secret", keyring.AES256GCM("k", shared), keyring.AES256GCM("k", other), keyring.RoleOriginator, false},
		{"another algorithm", keyring.AES256GCM("k", shared), keyring.Shared(shared).ForPassthru("k"), keyring.RoleOriginator, false},
		{"the other way round", keyring.Shared(shared).ForPassthru("k"), keyring.AES256GCM("k", shared), keyring.RoleOriginator, false},
	}
	for name, way := range ways {
		originator, responder := way(keyring.Originator(o, r.Public())), way(keyring.Responder(r, o.Public()))
		cases = append(cases,
			halves{"request, " + name, originator, responder, keyring.RoleOriginator, true},
			halves{"answer, " + name, responder, originator, keyring.RoleResponder, true},
			halves{"another originator, " + name, way(keyring.Originator(third, r.Public())), responder, keyring.RoleOriginator, false},
			halves{"another responder, " + name, originator, way(keyring.Responder(third, o.Public())), keyring.RoleOriginator, false},
		)
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			v, err := entryOf(t, tc.sealer).Sealer(tc.role)
			require.NoError(t, err)
			kind := kindFrom(tc.role)
			payload, err := sealBy(v, kind, "hello")
			require.NoError(t, err)

			opener := serving(t, entryOf(t, tc.opener), v.Dialect())[0]
			text, err := openBy(opener, kind, payload)
			if !tc.ok {
				require.ErrorIs(t, err, cryptobox.ErrOpen)
				return
			}
			require.NoError(t, err)
			require.Equal(t, "hello", text)
			vs, err := byName(v.Dialect(), entryOf(t, tc.opener), 3-tc.role, v.ID())
			require.NoError(t, err, "both ends have the same id")
			require.Len(t, vs, 1)
		})
	}
}

func TestRoleNames(t *testing.T) {
	require.Equal(t, "originator", keyring.RoleOriginator.String())
	require.Equal(t, "responder", keyring.RoleResponder.String())
	require.Equal(t, "Role(0)", keyring.Role(0).String())
}
