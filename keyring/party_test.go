package keyring_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// rotating gives a ring whose pattern has two signed versions of a party that sends and reads, one
// of them to come, a revoked one and a box.
func rotating(t testing.TB, p keyring.Pattern) *keyring.Ring {
	t.Helper()
	version := func(of string, at time.Time) keyring.KeyVersion {
		read := reader(cryptobox.SuiteSigned, of)
		parts := receiving("me", read, "shop", "desk")
		parts.Seal, parts.Answerers = read.Public(), partiesOf("stock")
		return keyring.KeyVersion{Key: keyring.Signed(parts), Dates: from(at)}
	}
	gone := version("gone", year(1999))
	gone.Revoked = true
	r := keyring.New()
	require.NoError(t, r.SetVersions(p, version("now", past), version("next", future), gone, dated("box", year(2000))))
	require.NoError(t, r.AllowUnsigned(p, future))
	return r
}

// versionsIn gives the versions that live by what they are of.
func versionsIn(t testing.TB, r *keyring.Ring, uri string) map[string]*keyring.Version {
	t.Helper()
	versions := map[string]*keyring.Version{}
	for _, of := range []string{"now", "next"} {
		v, err := look(t, r, uri).Opener(keyring.RoleResponder, cryptobox.SignedID(reader(cryptobox.SuiteSigned, of).Public()))
		require.NoError(t, err)
		versions[of] = v
	}
	return versions
}

// What is added or removed is so in all signed versions at once, and for who looked a version up
// before.
func TestPartiesOfARing(t *testing.T) {
	p := prefix("com.")
	r := rotating(t, p)
	before := versionsIn(t, r, "com.x")
	is := func(role keyring.Role, want []string, names ...string) {
		t.Helper()
		for of, v := range versionsIn(t, r, "com.x") {
			require.Equal(t, want, listed(v, role, names...), of)
			require.Same(t, v, r.Current(before[of]), of)
			require.Equal(t, before[of].ID(), v.ID())
			require.Equal(t, before[of].Secret(), v.Secret())
		}
		_, allowed := look(t, r, "com.x").AllowsUnsigned()
		require.True(t, allowed, "what holds for the pattern stays")
	}
	sends, answers := keyring.RoleOriginator, keyring.RoleResponder
	keys := map[string]*cryptobox.SuiteKey{}
	for of, v := range before {
		keys[of] = v.Key()
	}
	require.NoError(t, r.AddParty(p, sends, partyOf("shop")), "it is there")
	for of, v := range versionsIn(t, r, "com.x") {
		require.Same(t, before[of], v)
	}
	require.NoError(t, r.AddParty(p, sends, partyOf("new")))
	is(sends, []string{"shop", "desk", "new"}, "shop", "desk", "new")
	is(answers, []string{"stock", ""}, "stock", "new")
	for of, v := range versionsIn(t, r, "com.x") {
		require.NotSame(t, keys[of], v.Key(), "one that knows the list")
		require.Same(t, keys[of], before[of].Key())
		require.Equal(t, []string{"shop", ""}, listed(before[of], sends, "shop", "new"), "a version that was looked up doesn't change")
	}
	require.NoError(t, r.AddParty(p, sends, keyring.Party{Name: "shop", Key: signer("shop's next").Public()}))
	is(sends, []string{"shop", "shop"}, "shop", "shop's next")
	require.NoError(t, r.RemoveParty(p, sends, partyOf("shop")), "its old key")
	is(sends, []string{"", "shop"}, "shop", "shop's next")
	require.NoError(t, r.RemoveParty(p, sends, keyring.Party{Name: "shop"}))
	is(sends, []string{"", "", "desk"}, "shop", "shop's next", "desk")
	require.NoError(t, r.AddParty(p, answers, partyOf("more")))
	require.NoError(t, r.RemoveParty(p, answers, keyring.Party{Name: "stock"}))
	is(answers, []string{"", "more"}, "stock", "more")
	for range 2 {
		require.NoError(t, r.RemoveParty(p, sends, keyring.Party{Name: "desk"}))
		is(sends, []string{"", "new"}, "desk", "new")
		require.ErrorIs(t, r.RemoveParty(p, sends, keyring.Party{Name: "desk"}), keyring.ErrNoParty)
		require.NoError(t, r.AddParty(p, sends, partyOf("desk")))
	}
}

// A party is removed where it is listed, and added where there is a list.
func TestPartiesOfUnlikeVersions(t *testing.T) {
	p := exact("com.x")
	anybody := sending("me", reader(cryptobox.SuiteSigned, "anybody"))
	anybody.AnyAnswerer = true
	r := keyring.New()
	require.NoError(t, r.Set(p, keyring.Signed(anybody)))
	require.ErrorIs(t, r.AddParty(p, keyring.RoleResponder, partyOf("a")), keyring.ErrState, "all are taken")
	require.ErrorIs(t, r.AddParty(p, keyring.RoleOriginator, partyOf("a")), keyring.ErrState, "it reads nothing")
	require.NoError(t, r.Add(p, keyring.Signed(sending("me", reader(cryptobox.SuiteSigned, "some"), "b")), from(past)))
	require.NoError(t, r.AddParty(p, keyring.RoleResponder, partyOf("a")))
	infos := r.Versions(p)
	require.Equal(t, partiesOf("a", "b"), infos[0].Signed.Answerers)
	require.Empty(t, infos[1].Signed.Answerers)
	require.NoError(t, r.RemoveParty(p, keyring.RoleResponder, partyOf("b")))
	require.Equal(t, partiesOf("a"), r.Versions(p)[0].Signed.Answerers)
}

func TestPartiesAreRefused(t *testing.T) {
	p := prefix("com.")
	a, sends := partyOf("a"), keyring.RoleOriginator
	add := func(p keyring.Pattern, role keyring.Role, one keyring.Party) func(*keyring.Ring) error {
		return func(r *keyring.Ring) error { return r.AddParty(p, role, one) }
	}
	remove := func(p keyring.Pattern, role keyring.Role, one keyring.Party) func(*keyring.Ring) error {
		return func(r *keyring.Ring) error { return r.RemoveParty(p, role, one) }
	}
	for name, tc := range map[string]struct {
		order  func(*keyring.Ring) error
		want   error
		saying string
	}{
		"no role":              {add(p, 0, a), keyring.ErrWrongRole, "give RoleOriginator"},
		"no role, removed":     {remove(p, 3, a), keyring.ErrWrongRole, "give RoleOriginator"},
		"a bad pattern":        {add(exact("a..b"), sends, a), keyring.ErrPattern, "add party"},
		"no pattern":           {add(exact("org.x"), sends, a), keyring.ErrNoVersion, "give it a key first"},
		"no pattern, removed":  {remove(exact("org.x"), sends, a), keyring.ErrNoVersion, "remove party"},
		"plain":                {add(exact("com.plain"), sends, a), keyring.ErrNoVersion, "the pattern is plain"},
		"a box":                {add(exact("com.box"), sends, a), keyring.ErrState, "give the pattern a signed key"},
		"a box, removed":       {remove(exact("com.box"), sends, a), keyring.ErrNoParty, `no version lists "a"`},
		"all revoked":          {add(exact("com.dead"), sends, a), keyring.ErrState, "give the pattern a signed key"},
		"all revoked, removed": {remove(exact("com.dead"), sends, partyOf("shop")), keyring.ErrNoParty, "shop"},
		"from a file":          {add(exact("com.file"), sends, a), keyring.ErrSource, `"file"`},
		"from a file, removed": {remove(exact("com.file"), sends, partyOf("shop")), keyring.ErrSource, `"file"`},
		"no name":              {add(p, sends, keyring.Party{Key: a.Key}), keyring.ErrKey, "name is empty"},
		"no key":               {add(p, sends, keyring.Party{Name: "a"}), keyring.ErrKey, "zero value"},
		"another's key":        {add(p, sends, keyring.Party{Name: "a", Key: partyOf("desk").Key}), keyring.ErrKey, `"desk" and "a" have one key`},
		"nobody, removed":      {remove(p, sends, keyring.Party{}), keyring.ErrNoParty, "no such party"},
		"a stranger, removed":  {remove(p, sends, a), keyring.ErrNoParty, `no version lists "a"`},
		"an answerer, removed": {remove(p, sends, partyOf("stock")), keyring.ErrNoParty, `"stock"`},
		"with another's key":   {remove(p, sends, keyring.Party{Name: "shop", Key: partyOf("desk").Key}), keyring.ErrNoParty, "not with this key"},
	} {
		t.Run(name, func(t *testing.T) {
			r := rotating(t, p)
			require.NoError(t, r.Set(exact("com.box"), named("k")))
			require.NoError(t, r.SetPlain(exact("com.plain")))
			dead := keyring.Signed(receiving("me", reader(cryptobox.SuiteSigned, "dead"), "shop"))
			require.NoError(t, r.Set(exact("com.dead"), dead))
			require.NoError(t, r.Revoke(exact("com.dead"), dead.ID()))
			file := keyring.New()
			require.NoError(t, file.Set(exact("com.file"), keyring.Signed(receiving("me", reader(cryptobox.SuiteSigned, "file"), "shop"))))
			update(t, r, "file", file)
			before, versions := versionsIn(t, r, "com.x"), r.Versions(p)
			err := tc.order(r)
			require.ErrorIs(t, err, tc.want)
			require.ErrorContains(t, err, tc.saying)
			require.Equal(t, before, versionsIn(t, r, "com.x"))
			require.Equal(t, versions, r.Versions(p), "unchanged")
		})
	}
}

// While parties come and go, readers see one list or the other, and never a version less.
func TestPartiesChangeWhileOthersRead(t *testing.T) {
	p := prefix("com.")
	r := rotating(t, p)
	before := versionsIn(t, r, "com.x")["now"]
	var done atomic.Bool
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for !done.Load() {
				v := r.Current(before)
				if v.ID() != before.ID() || v.Key() == nil || listed(v, keyring.RoleOriginator, "desk")[0] != "desk" {
					t.Error("lost")
					return
				}
			}
		})
	}
	for range 200 {
		require.NoError(t, r.RemoveParty(p, keyring.RoleOriginator, partyOf("shop")))
		require.Equal(t, []string{""}, listed(r.Current(before), keyring.RoleOriginator, "shop"))
		require.NoError(t, r.AddParty(p, keyring.RoleOriginator, partyOf("shop")))
	}
	done.Store(true)
	group.Wait()
}
