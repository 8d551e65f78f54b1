package keyring_test

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

var signedSuites = []cryptobox.Suite{cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ}

func TestUnusableSignedKeysAreRefused(t *testing.T) {
	read, other := reader(cryptobox.SuiteSigned, "orders"), reader(cryptobox.SuiteSignedPQ, "orders")
	alice, none := partyOf("alice"), keyring.Party{}
	for name, tc := range map[string]struct {
		change func(*keyring.Signing)
		weak   bool
		saying string
	}{
		"nothing":             {func(s *keyring.Signing) { *s = keyring.Signing{Suite: s.Suite} }, false, "Sign"},
		"Sign alone":          {func(s *keyring.Signing) { s.Seal, s.Read = cryptobox.ReadingPublicKey{}, cryptobox.ReadingKey{} }, false, "Sign"},
		"Seal without Sign":   {func(s *keyring.Signing) { s.Sign = cryptobox.SigningKey{} }, false, "Sign"},
		"another suite":       {func(s *keyring.Signing) { s.Suite = cryptobox.SuiteSignedPQ }, false, "suite"},
		"a suite of pairs":    {func(s *keyring.Signing) { s.Suite = cryptobox.SuiteBox }, false, "suite"},
		"two suites":          {func(s *keyring.Signing) { s.Read = other }, false, "suite"},
		"Seal of another":     {func(s *keyring.Signing) { s.Seal = reader(cryptobox.SuiteSigned, "others").Public() }, false, "Seal"},
		"any, and some":       {func(s *keyring.Signing) { s.AnyAnswerer = true }, false, "AnyAnswerer"},
		"a party twice":       {func(s *keyring.Signing) { s.Senders = []keyring.Party{alice, alice} }, false, `Senders has the party "alice" with one key twice: remove one`},
		"one key, two names":  {func(s *keyring.Signing) { s.Senders = []keyring.Party{alice, {Name: "bob", Key: alice.Key}} }, false, `"alice" and "bob" have one key: a key belongs to one party (Senders)`},
		"no key":              {func(s *keyring.Signing) { s.Answerers = []keyring.Party{{Name: "bob"}} }, true, `the key of the party "bob" is the zero value`},
		"no name":             {func(s *keyring.Signing) { s.Senders = []keyring.Party{{Key: alice.Key}} }, false, "the party's name is empty: give it one (Senders)"},
		"nobody":              {func(s *keyring.Signing) { s.Answerers = []keyring.Party{none} }, false, "name is empty: give it one (Answerers)"},
		"a long name":         {func(s *keyring.Signing) { s.Senders[0].Name = strings.Repeat("x", 257) }, false, "has 257 bytes: at most 256"},
		"a name of two lines": {func(s *keyring.Signing) { s.Senders[0].Name = "a\nb" }, false, "doesn't print: U+000A"},
		"a name in disguise":  {func(s *keyring.Signing) { s.Senders[0].Name = "a\u202eb" }, false, "doesn't print: U+202E"},
		"a name of bytes":     {func(s *keyring.Signing) { s.Senders[0].Name = "a\xff" }, false, "isn't UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			parts := keyring.Signing{
				Suite: cryptobox.SuiteSigned, Sign: signer("me"), Seal: read.Public(), Read: read,
				Senders: partiesOf("carol"), Answerers: partiesOf("carol"),
			}
			require.NoError(t, keyring.Signed(parts).Validate())
			tc.change(&parts)
			key := keyring.Signed(parts)
			err := key.Validate()
			require.ErrorIs(t, err, keyring.ErrKey)
			require.Equal(t, tc.weak, zeroKey(err))
			require.ErrorContains(t, err, tc.saying)
			require.Empty(t, key.ID())
			require.ErrorIs(t, keyring.New().Set(exact("com.x"), key), keyring.ErrKey)
		})
	}
}

// A signed key has a suite of its own, and speaks our dialect alone.
func TestSignedKeysStaySigned(t *testing.T) {
	key := keyring.Signed(sending("me", reader(cryptobox.SuiteSigned, "orders")))
	for name, other := range map[string]keyring.Key{
		"Autobahn": key.ForAutobahn(), "passthru": key.ForPassthru("k"), "box": key.WithSuite(cryptobox.SuiteBox),
		"signed": key.WithSuite(cryptobox.SuiteSigned), "signed-pq": key.WithSuite(cryptobox.SuiteSignedPQ),
	} {
		require.ErrorIs(t, other.Validate(), keyring.ErrKey, name)
		require.ErrorContains(t, other.Validate(), "signed", name)
	}
	require.ErrorContains(t, key.WithSuite(cryptobox.SuiteXBox).Validate(), "give it to Signed")
	require.NoError(t, key.Validate(), "it is a value")
}

// All parties have one id and one secret, whatever their parts and lists; another reading key
// or suite has others.
func TestIDOfSignedKeys(t *testing.T) {
	ids := map[string]bool{}
	for _, suite := range signedSuites {
		for _, of := range []string{"orders", "stock"} {
			read := reader(suite, of)
			want := cryptobox.SignedID(read.Public()).String()
			require.False(t, ids[want])
			ids[want] = true
			both := receiving("c", read, "a")
			both.Seal, both.AnyAnswerer, both.SignedOnce = read.Public(), true, true
			secrets := map[string]bool{}
			for _, parts := range []keyring.Signing{sending("a", read), sending("b", read, "c"), receiving("c", read, "a", "b"), {Suite: suite, Read: read}, both} {
				key := keyring.Signed(parts)
				require.Equal(t, want, key.ID())
				r := keyring.New()
				require.NoError(t, r.Set(exact("com.x"), key))
				v := only(t, r, "com.x")
				secrets[v.Secret()] = true
				require.True(t, v.Signed())
				require.Equal(t, []any{want, suite, cryptobox.Wampbox}, []any{v.ID(), v.Suite(), v.Dialect()})
				require.Equal(t, []any{want, suite}, []any{v.Key().ID().String(), v.Key().Suite()})
				require.Nil(t, v.Cipher())
			}
			require.Len(t, secrets, 1)
			require.NotContains(t, secrets, "")
		}
	}
}

// What a party can do by what it holds; what is missing is said.
func TestRolesOfSignedKeys(t *testing.T) {
	read := reader(cryptobox.SuiteSigned, "orders")
	me, public := signer("me"), read.Public()
	for name, tc := range map[string]struct {
		parts                keyring.Signing
		originates, responds bool
	}{
		"sends":                {keyring.Signing{Sign: me, Seal: public}, true, false},
		"reads":                {keyring.Signing{Read: read}, false, true},
		"reads, signs answers": {keyring.Signing{Sign: me, Read: read}, false, true},
		"does both":            {keyring.Signing{Sign: me, Seal: public, Read: read}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			tc.parts.Suite = cryptobox.SuiteSigned
			r := keyring.New()
			require.NoError(t, r.Set(exact("com.x"), keyring.Signed(tc.parts)))
			for _, revoked := range []bool{false, true} {
				e := look(t, r, "com.x")
				for role, serves := range map[keyring.Role]bool{keyring.RoleOriginator: tc.originates, keyring.RoleResponder: tc.responds, 0: false, 3: false} {
					_, err := e.Sealer(role)
					_, opened := e.Opener(role, cryptobox.SignedID(public))
					require.Equal(t, serves && !revoked, err == nil)
					require.Equal(t, serves && !revoked, opened == nil)
					require.Equal(t, !serves, isWrongRole(err), "%v", err)
					require.Equal(t, !serves, isWrongRole(opened), "%v", opened)
					if missing := map[keyring.Role]string{keyring.RoleOriginator: "needs both Sign", keyring.RoleResponder: "needs Read"}[role]; !serves && missing != "" {
						require.ErrorContains(t, err, missing)
						require.ErrorContains(t, opened, missing)
						require.ErrorContains(t, err, "the key is of kind signed")
					}
				}
				require.NoError(t, r.Revoke(exact("com.x"), keyring.Signed(tc.parts).ID()))
			}
		})
	}
}

func isWrongRole(err error) bool { return errors.Is(err, keyring.ErrWrongRole) }

// A version knows names by keys, apart for who sends and who answers.
func TestNamesOfParties(t *testing.T) {
	read := reader(cryptobox.SuiteSigned, "orders")
	parts := sending("me", read, "stock", "both")
	parts.Read, parts.Senders = read, partiesOf("shop", "both")
	parts.Senders = append(parts.Senders, keyring.Party{Name: "shop", Key: signer("shop's next").Public()})
	r := keyring.New()
	require.NoError(t, r.Set(exact("com.x"), keyring.Signed(parts)))
	v := only(t, r, "com.x")
	names := []string{"shop", "shop's next", "both", "stock", "me", "stranger"}
	require.Equal(t, []string{"shop", "shop", "both", "", "", ""}, listed(v, keyring.RoleOriginator, names...))
	require.Equal(t, []string{"", "", "both", "stock", "", ""}, listed(v, keyring.RoleResponder, names...))
	for _, role := range []keyring.Role{0, keyring.RoleOriginator, keyring.RoleResponder, 3} {
		_, found := v.NameOf(cryptobox.VerifyKey{}, role)
		require.False(t, found)
	}
	_, found := v.NameOf(signer("both").Public(), 0)
	require.False(t, found)
	parts.Senders[0].Name = "changed"
	require.Equal(t, []string{"shop"}, listed(v, keyring.RoleOriginator, "shop"), "lists are copied")

	info := r.Versions(exact("com.x"))[0]
	require.Equal(t, "signed", info.Kind)
	require.Equal(t, cryptobox.SuiteSigned, info.Suite)
	both, stock := partyOf("both"), partyOf("stock")
	require.Equal(t, []keyring.Party{both, stock}, info.Signed.Answerers)
	require.Len(t, info.Signed.Senders, 3)
	require.Equal(t, both, info.Signed.Senders[0])
	require.Equal(t, []any{signer("me").Public(), read.Public(), true, true, false, false},
		[]any{info.Signed.Verify, info.Signed.Reading, info.Signed.Originates, info.Signed.Responds, info.Signed.AnyAnswerer, info.Signed.SignedOnce})
}

func TestTakesAnswers(t *testing.T) {
	read := reader(cryptobox.SuiteSigned, "orders")
	anybody := sending("me", read)
	anybody.AnyAnswerer = true
	for name, tc := range map[string]struct {
		key  keyring.Key
		want bool
	}{
		"nobody's": {keyring.Signed(sending("me", read)), false}, "some": {keyring.Signed(sending("me", read, "stock")), true},
		"anybody's": {keyring.Signed(anybody), true}, "a box": {named("k"), true},
	} {
		r := keyring.New()
		require.NoError(t, r.Set(exact("com.x"), tc.key))
		vs, err := look(t, r, "com.x").Sealer(keyring.RoleOriginator)
		require.NoError(t, err)
		require.Equal(t, tc.want, vs.TakesAnswers(), name)
	}
}

// A key that is read anew with equal parts keeps what was made for it; with other lists, other
// names or a device it doesn't.
func TestSignedKeysReadAnew(t *testing.T) {
	read := reader(cryptobox.SuiteSigned, "orders")
	parts := func() keyring.Signing { return receiving("me", read, "shop", "desk") }
	device := func() keyring.Signing {
		s := parts()
		s.Sign = must(cryptobox.NewSigningDevice(ed25519.NewKeyFromSeed(signer("me").UnsafeBytes())))
		return s
	}
	renamed := parts()
	renamed.Senders[0].Name = "the shop"
	once := parts()
	once.SignedOnce = true
	caller := func(anybody bool, answerers ...string) keyring.Signing {
		s := sending("me", read, answerers...)
		s.AnyAnswerer = anybody
		return s
	}
	reversed := parts()
	slices.Reverse(reversed.Senders)
	for name, tc := range map[string]struct {
		before, after  keyring.Signing
		keeps, changes bool
	}{
		"equal":              {parts(), parts(), true, false},
		"in other order":     {parts(), reversed, true, false},
		"one more":           {parts(), receiving("me", read, "shop", "desk", "x"), false, true},
		"one less":           {parts(), receiving("me", read, "shop"), false, true},
		"another":            {parts(), receiving("me", read, "shop", "x"), false, true},
		"renamed":            {parts(), renamed, false, true},
		"another signer":     {parts(), receiving("you", read, "shop", "desk"), false, true},
		"signed once":        {parts(), once, false, true},
		"other answerers":    {caller(false, "a"), caller(false, "b"), false, true},
		"anybody's answers":  {caller(false), caller(true), false, true},
		"the same answerers": {caller(false, "a"), caller(false, "a"), true, false},
		"into a device":      {parts(), device(), false, false},
		"a device":           {device(), device(), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			content := func(s keyring.Signing) *keyring.Ring {
				r := keyring.New()
				require.NoError(t, r.Set(exact("com.x"), keyring.Signed(s)))
				return r
			}
			r := keyring.New()
			update(t, r, "file", content(tc.before))
			before := only(t, r, "com.x")
			key := before.Key()
			changes := update(t, r, "file", content(tc.after))
			after := only(t, r, "com.x")
			require.NotSame(t, before, after)
			require.Equal(t, tc.keeps, key == after.Key())
			require.Same(t, key, before.Key())
			require.Equal(t, tc.changes, len(changes.Changed) == 1)
			require.Same(t, after, r.Current(before))
		})
	}
}

// Of a revoked version only its names and roles are left, and it is told from another one.
func TestRevokedSignedKeys(t *testing.T) {
	content := func(of string) *keyring.Ring {
		r := keyring.New()
		key := keyring.Signed(receiving("me", reader(cryptobox.SuiteSigned, of), "shop"))
		require.NoError(t, r.SetVersions(exact("com.x"), keyring.KeyVersion{Key: key, Revoked: true}))
		return r
	}
	r := content("a")
	info := r.Versions(exact("com.x"))[0]
	require.Equal(t, keyring.SignedInfo{Responds: true, Senders: []keyring.Party{}, Answerers: []keyring.Party{}}, info.Signed)
	require.Equal(t, []any{"signed", cryptobox.SuiteSigned, keyring.StateRevoked}, []any{info.Kind, info.Suite, info.State})
	r = keyring.New()
	update(t, r, "file", content("a"))
	requireChanges(t, keyring.Changes{}, update(t, r, "file", content("a")))
	requireChanges(t, keyring.Changes{Changed: list(exact("com.x"))}, update(t, r, "file", content("b")))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
