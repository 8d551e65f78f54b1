package authority_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

var app = keyring.Prefix("com.myapp.")

// kinds are the keys that a pattern may have, and as what each can be held.
var kinds = map[string]struct {
	options authority.GrantOptions
	as      []authority.As
}{
	"box":          {authority.GrantOptions{}, []authority.As{authority.Originator, authority.Responder, authority.Both}},
	"xbox":         {authority.GrantOptions{Suite: cryptobox.SuiteXBox}, []authority.As{authority.Originator, authority.Responder, authority.Both}},
	"shared":       {authority.GrantOptions{Suite: cryptobox.SuiteShared}, []authority.As{authority.Both}},
	"signed":       {authority.GrantOptions{Suite: cryptobox.SuiteSigned}, allParts},
	"signed-pq":    {authority.GrantOptions{Suite: cryptobox.SuiteSignedPQ}, allParts},
	"autobahn":     {authority.GrantOptions{Dialect: cryptobox.Autobahn}, []authority.As{authority.Originator, authority.Responder, authority.Both}},
	"passthru":     {authority.GrantOptions{Dialect: cryptobox.Passthru}, []authority.As{authority.Originator, authority.Responder, authority.Both}},
	"passthru all": {authority.GrantOptions{Dialect: cryptobox.Passthru, Suite: cryptobox.SuiteShared}, []authority.As{authority.Both}},
}

var allParts = []authority.As{authority.Originator, authority.Responder, authority.Sender, authority.Reader, authority.Both}

// TestParts: each member is given what it holds of a pattern, and nothing else: the secrets and the
// lists, of each kind of key and in each part.
func TestParts(t *testing.T) {
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			a, f := begun(t, authority.Options{})
			people := map[authority.As]person{}
			for _, as := range kind.as {
				people[as] = enrolled(t, a, as.String(), true)
				holds(t, a, kind.options, as, as.String(), app)
			}
			for _, as := range allParts {
				if _, fits := people[as]; !fits {
					enrolled(t, a, as.String(), true)
					require.ErrorIs(t, a.Grant(kind.options, authority.Granting{Member: as.String(), Pattern: app, As: as}), authority.ErrAs)
				}
			}
			stranger := enrolled(t, a, "stranger", false)
			issued(t, a, f)
			require.Empty(t, stranger.receive(t, f, a.Key()).file.Entries)
			v := master(t, dirOf(f)).Entries[0].Versions[0]
			for as, p := range people {
				got := p.receive(t, f, a.Key())
				require.Len(t, got.file.Entries, 1)
				requirePart(t, as, v, got)
				originates, responds := serves(t, got.ring)
				require.Equal(t, as == authority.Originator || as == authority.Sender || as == authority.Both, originates, as)
				require.Equal(t, as == authority.Responder || as == authority.Reader || as == authority.Both, responds, as)
			}
		})
	}
}

// serves tells which roles a ring serves for a URI of the application.
func serves(t *testing.T, ring *keyring.Ring) (originates, responds bool) {
	t.Helper()
	e, err := ring.Lookup("com.myapp.hello")
	require.NoError(t, err)
	_, err = e.Sealer(keyring.RoleOriginator)
	originates = err == nil
	dialects, err := e.Dialects(keyring.RoleResponder)
	return originates, err == nil && len(dialects) > 0
}

// requirePart compares what a member has with the version of the master.
func requirePart(t *testing.T, as authority.As, v *keyfile.Version, got received) {
	t.Helper()
	has := func(s keyfile.Secret) bool { return strings.Contains(got.text, string(s.UnsafeText())) }
	originates := as == authority.Originator || as == authority.Sender || as == authority.Both
	responds := as == authority.Responder || as == authority.Reader || as == authority.Both
	if v.Originator != nil && !v.Originator.Private.Equal(v.Responder.Private) {
		require.Equal(t, originates, has(v.Originator.Private), as)
		require.Equal(t, responds, has(v.Responder.Private), as)
	}
	if !v.Read.IsZero() {
		require.Equal(t, responds, has(v.Read), as)
		info := got.ring.Versions(app)[0].Signed
		require.Equal(t, originates, info.Originates)
		require.Equal(t, names(responds, "both", "originator", "sender"), namesOf(info.Senders), as)
		require.Equal(t, names(as == authority.Originator || as == authority.Both, "both", "responder"), namesOf(info.Answerers), as)
		require.Equal(t, as != authority.Reader, !info.Verify.IsZero())
	}
}

func names(are bool, list ...string) []string {
	if !are {
		return nil
	}
	return list
}

func namesOf(list []keyring.Party) (all []string) {
	for _, p := range list {
		all = append(all, p.Name)
	}
	return all
}

// TestIDsAgree: the versions that members hold are the same.
func TestIDsAgree(t *testing.T) {
	for name, kind := range kinds {
		a, f := begun(t, authority.Options{})
		shop, desk := enrolled(t, a, "shop", true), enrolled(t, a, "desk", true)
		holds(t, a, kind.options, kind.as[0], "shop", app)
		holds(t, a, kind.options, authority.Both, "desk", app)
		issued(t, a, f)
		one, other := shop.receive(t, f, a.Key()).ring.Versions(app), desk.receive(t, f, a.Key()).ring.Versions(app)
		require.Equal(t, one[0].ID, other[0].ID, name)
		require.Equal(t, keyring.StateActive, one[0].State)
	}
}

// TestSignedOptions go to all who hold the pattern.
func TestSignedOptions(t *testing.T) {
	a, f := begun(t, authority.Options{})
	shop := enrolled(t, a, "shop", false)
	o := authority.GrantOptions{Suite: cryptobox.SuiteSigned, AnyAnswerer: true, SignedOnce: true}
	holds(t, a, o, authority.Originator, "shop", app)
	issued(t, a, f)
	info := shop.receive(t, f, a.Key()).ring.Versions(app)[0].Signed
	require.True(t, info.AnyAnswerer)
	require.True(t, info.SignedOnce)
}

// TestMasterGoesAlong: what the operator's own tools put into the master is handed out: plain
// patterns to all, transitions to holders; comments and what has expired stay.
func TestMasterGoesAlong(t *testing.T) {
	a, f := begun(t, authority.Options{})
	shop, desk := enrolled(t, a, "shop", false), enrolled(t, a, "desk", false)
	holds(t, a, authority.GrantOptions{Comment: "the operator's own"}, authority.Both, "shop", app)
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	require.NoError(t, keyfile.Update(filepath.Join(dirOf(f), "keyring.json"), func(f *keyfile.File) error {
		if err := f.SetPlain(keyring.Prefix("com.public.")); err != nil {
			return err
		}
		return f.Transition(app, keyring.AcceptPlain, until)
	}))
	issued(t, a, f)
	got := shop.receive(t, f, a.Key())
	require.Len(t, got.file.Entries, 2)
	require.NotContains(t, got.text, "the operator's own")
	require.True(t, got.file.Entries[0].Until.Equal(until))
	require.True(t, got.file.Entries[1].Plain)
	got = desk.receive(t, f, a.Key())
	require.Len(t, got.file.Entries, 1)
	require.True(t, got.file.Entries[0].Plain)
}

// TestExpiredVersionsStay in the master, but for the one whose turn it is: without it an older one
// would seal again.
func TestExpiredVersionsStay(t *testing.T) {
	a, f := begun(t, authority.Options{})
	shop := enrolled(t, a, "shop", false)
	holds(t, a, authority.GrantOptions{}, authority.Both, "shop", app)
	add := func(dates keyring.Dates) string {
		v := &keyfile.Version{
			Dates:      dates,
			Originator: &keyfile.Side{Private: keyfile.PrivateKey(cryptobox.GenerateKey())},
			Responder:  &keyfile.Side{Private: keyfile.PrivateKey(cryptobox.GenerateKey())},
		}
		require.NoError(t, keyfile.Update(filepath.Join(dirOf(f), "keyring.json"), func(f *keyfile.File) error { return f.Add(app, v) }))
		versions := infos(t, dirOf(f))
		for id, d := range versions {
			if d.ActiveFrom.Equal(dates.ActiveFrom) {
				return id
			}
		}
		t.Fatal("it isn't there")
		return ""
	}
	now := time.Now().UTC().Truncate(time.Second)
	over := add(keyring.Dates{ActiveFrom: now.Add(-4 * time.Hour), NotAfter: now.Add(-3 * time.Hour)})
	turn := add(keyring.Dates{ActiveFrom: now.Add(-2 * time.Hour), NotAfter: now.Add(-time.Hour)})
	issued(t, a, f)
	got := shop.receive(t, f, a.Key()).ring
	ids := map[string]keyring.State{}
	for _, v := range got.Versions(app) {
		ids[v.ID] = v.State
	}
	require.NotContains(t, ids, over)
	require.Equal(t, keyring.StateExpired, ids[turn])
	e, err := got.Lookup("com.myapp.hello")
	require.NoError(t, err)
	_, err = e.Sealer(keyring.RoleOriginator)
	require.ErrorIs(t, err, keyring.ErrNoActive)
}

// infos gives the dates of the pattern's versions by their ids.
func infos(t *testing.T, dir string) map[string]keyring.Dates {
	t.Helper()
	list, err := master(t, dir).List()
	require.NoError(t, err)
	dates := map[string]keyring.Dates{}
	for _, v := range list[0].Versions {
		dates[v.ID] = v.Dates
	}
	return dates
}

// TestRecovery: the recovery recipient of a member's kind reads its grants too, and a member of
// which there is none is refused before anything is promised.
func TestRecovery(t *testing.T) {
	x25519, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	hybrid, err := age.GenerateHybridIdentity()
	require.NoError(t, err)
	other, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	a, f := begun(t, authority.Options{Recovery: []string{x25519.Recipient().String(), hybrid.Recipient().String()}})
	for name, identity := range map[string]age.Identity{"shop": x25519, "desk": hybrid} {
		p := enrolled(t, a, name, name == "desk")
		holds(t, a, authority.GrantOptions{}, authority.Both, name, app)
		issued(t, a, f)
		m, err := f.Member(name)
		require.NoError(t, err)
		require.Equal(t, p.receive(t, f, a.Key()).text, decrypted(t, m.Ciphertext, identity))
	}

	b, _ := begun(t, authority.Options{Recovery: []string{x25519.Recipient().String()}})
	enrolled(t, b, "shop", false)
	require.ErrorIs(t, b.Enrol(newPerson(t, "desk", true).Enrolment), authority.ErrRecipient)
	for _, recovery := range [][]string{{"age1nobody"}, {x25519.Recipient().String(), other.Recipient().String()}} {
		_, err := authority.Init(filepath.Join(t.TempDir(), "a"), authority.Options{Recovery: recovery})
		require.ErrorIs(t, err, authority.ErrRecipient)
	}
}

// TestPostQuantumKeysAreForHybridRecipients, at grant and at issue.
func TestPostQuantumKeysAreForHybridRecipients(t *testing.T) {
	pq := authority.GrantOptions{Suite: cryptobox.SuiteSignedPQ}
	a, f := begun(t, authority.Options{})
	enrolled(t, a, "shop", false)
	for _, as := range []authority.As{authority.Responder, authority.Reader, authority.Both} {
		require.ErrorIs(t, a.Grant(pq, authority.Granting{Member: "shop", Pattern: app, As: as}), authority.ErrRecipient)
	}
	require.NoFileExists(t, filepath.Join(dirOf(f), "keyring.json"))
	holds(t, a, pq, authority.Sender, "shop", app)
	issued(t, a, f)

	b, f := begun(t, authority.Options{})
	enrolled(t, b, "shop", false)
	holds(t, b, authority.GrantOptions{Suite: cryptobox.SuiteSigned}, authority.Reader, "shop", app)
	reading, err := cryptobox.GenerateReadingKey(cryptobox.SuiteSignedPQ)
	require.NoError(t, err)
	require.NoError(t, keyfile.Update(filepath.Join(dirOf(f), "keyring.json"), func(f *keyfile.File) error {
		return f.Add(app, &keyfile.Version{
			Suite: cryptobox.SuiteSignedPQ, Read: keyfile.ReadingKey(reading), Dates: keyring.Dates{ActiveFrom: time.Now()},
		})
	}))
	_, err = b.Issue(f, authority.IssueOptions{})
	require.ErrorIs(t, err, authority.ErrRecipient)
	require.Empty(t, membersOf(t, f))
}

func membersOf(t *testing.T, f *grants.Folder) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(f.Path(), "members"))
	require.NoError(t, err)
	var all []string
	for _, e := range entries { // what is hidden too
		all = append(all, e.Name())
	}
	return all
}

// TestTooLarge: a grant that members wouldn't take is refused with its member's name, before
// anything is written, and one that they would just take isn't.
func TestTooLarge(t *testing.T) {
	prepared := 0
	a, f := begun(t, authority.Options{}.WithStep(func(step string) {
		if step == "prepare grants" {
			prepared++
		}
	}))
	enrolled(t, a, "shop", false)
	enrolled(t, a, "desk", true)
	uri := func(i int) keyring.Pattern {
		return keyring.Exact(fmt.Sprintf("com.myapp.%04d.%s", i, strings.Repeat("x", 700)))
	}
	var list []authority.Granting
	for i := range 1050 {
		list = append(list, authority.Granting{Member: "desk", Pattern: uri(i), As: authority.Both})
	}
	require.NoError(t, a.Grant(authority.GrantOptions{}, list[:1000]...))
	holds(t, a, authority.GrantOptions{}, authority.Both, "shop", app)
	made := issued(t, a, f)
	require.Greater(t, made.Members[1].Bytes, 900_000)
	before := membersOf(t, f)
	old, err := f.Member("shop")
	require.NoError(t, err)

	require.NoError(t, a.Grant(authority.GrantOptions{}, append(list[1000:], many(uri, 1050, 1150)...)...))
	_, err = a.Issue(f, authority.IssueOptions{})
	require.ErrorIs(t, err, authority.ErrTooLarge)
	var failed *authority.Error
	require.ErrorAs(t, err, &failed)
	require.Equal(t, "desk", failed.Member)
	require.Equal(t, 1, prepared)
	require.Equal(t, before, membersOf(t, f))
	same, err := f.Member("shop")
	require.NoError(t, err)
	require.Equal(t, old, same)
}

func many(uri func(int) keyring.Pattern, from, to int) (list []authority.Granting) {
	for i := from; i < to; i++ {
		list = append(list, authority.Granting{Member: "desk", Pattern: uri(i), As: authority.Both})
	}
	return list
}

// TestSerials: they never fall, whatever the clock says, and are refused when they would be too
// far ahead of it.
func TestSerials(t *testing.T) {
	a, f := begun(t, authority.Options{})
	shop := enrolled(t, a, "shop", false)
	began := uint64(time.Now().UnixMilli())
	last := uint64(0)
	for range 3 {
		made := issued(t, a, f)
		require.GreaterOrEqual(t, made.Serial, began)
		require.Greater(t, made.Serial, last)
		last = made.Serial
		require.Equal(t, last, shop.receive(t, f, a.Key()).Serial)
	}
	for _, test := range []struct {
		ahead   time.Duration
		refused bool
	}{{23 * time.Hour, false}, {25 * time.Hour, true}} {
		dir := filepath.Join(t.TempDir(), "authority")
		serial := uint64(time.Now().Add(test.ahead).UnixMilli())
		text, err := os.ReadFile(filepath.Join(dirOf(f), "authority.json"))
		require.NoError(t, err)
		require.NoError(t, os.Mkdir(dir, 0o700))
		changed := strings.Replace(string(text), fmt.Sprintf(`"serial":%d,"issued":`, last), fmt.Sprintf(`"serial":%d,"issued":`, serial), 1)
		require.NotEqual(t, string(text), changed)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "authority.json"), []byte(changed), 0o600))
		b, err := authority.Open(dir, authority.Options{})
		require.NoError(t, err)
		made, err := b.Issue(f, authority.IssueOptions{})
		b.Close()
		if test.refused {
			require.ErrorIs(t, err, authority.ErrClock)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, serial+1, made.Serial)
	}
}

// TestRestoredBackup: a copy of the folder that is older than what was issued since goes on, as
// its serials are not below the time.
func TestRestoredBackup(t *testing.T) {
	a, f := begun(t, authority.Options{})
	shop := enrolled(t, a, "shop", false)
	holds(t, a, authority.GrantOptions{}, authority.Both, "shop", app)
	issued(t, a, f)
	backup := filepath.Join(t.TempDir(), "backup")
	require.NoError(t, os.CopyFS(backup, os.DirFS(dirOf(f))))
	require.NoError(t, os.Chmod(filepath.Join(backup, "authority.json"), 0o600))
	require.NoError(t, os.Chmod(filepath.Join(backup, "keyring.json"), 0o600))
	desk := enrolled(t, a, "desk", false)
	holds(t, a, authority.GrantOptions{}, authority.Both, "desk", app)
	lost := issued(t, a, f)

	b, err := authority.Open(backup, authority.Options{})
	require.NoError(t, err)
	defer b.Close()
	require.Equal(t, a.Key(), b.Key())
	made := issued(t, b, f)
	require.Greater(t, made.Serial, lost.Serial)
	require.Equal(t, []string{"desk"}, made.Unknown, "it was enrolled since, and isn't lost without a word")
	require.Equal(t, made.Serial, shop.receive(t, f, a.Key()).Serial)
	require.Equal(t, lost.Serial, desk.receive(t, f, a.Key()).Serial)
}

// TestFreshKey: it is the authority's word, and a new one each time.
func TestFreshKey(t *testing.T) {
	a, f := begun(t, authority.Options{})
	keys := map[cryptobox.VerifyKey]bool{}
	for range 2 {
		made, err := a.Issue(f, authority.IssueOptions{Valid: 10 * time.Hour, Fresh: 2 * time.Hour})
		require.NoError(t, err)
		fresh, err := f.Fresh()
		require.NoError(t, err)
		d, err := statement.OpenDelegation(fresh.Delegation, a.Key())
		require.NoError(t, err)
		require.Equal(t, fresh.Key.Public(), d.Key)
		require.Equal(t, made.Serial, d.Serial)
		require.Equal(t, made.Issued.Add(2*time.Hour), d.NotAfter)
		require.Equal(t, made.FreshUntil, d.NotAfter)
		require.Equal(t, made.Issued.Add(10*time.Hour), made.Expires)
		require.True(t, d.NotBefore.Before(made.Issued))
		keys[d.Key] = true
	}
	require.Len(t, keys, 2)
	for _, o := range []authority.IssueOptions{{Valid: -1}, {Grace: time.Millisecond}, {Fresh: 100 * 366 * 24 * time.Hour}} {
		_, err := a.Issue(f, o)
		require.ErrorIs(t, err, authority.ErrOption)
	}
}

// TestRekey: the next grants are by the new key alone.
func TestRekey(t *testing.T) {
	a, f := begun(t, authority.Options{})
	shop := enrolled(t, a, "shop", false)
	holds(t, a, authority.GrantOptions{}, authority.Both, "shop", app)
	first := issued(t, a, f)
	before := a.Key()
	old, next, err := a.Rekey()
	require.NoError(t, err)
	require.Equal(t, before, old)
	require.Equal(t, next, a.Key())
	require.NotEqual(t, old, next)
	shop.receive(t, f, old)
	made := issued(t, a, f)
	require.Greater(t, made.Serial, first.Serial)
	shop.receive(t, f, next)
	m, err := f.Member("shop")
	require.NoError(t, err)
	_, err = statement.OpenGrant(m.Grant, old)
	require.ErrorIs(t, err, statement.ErrForged)
	text, err := os.ReadFile(filepath.Join(dirOf(f), "authority.json"))
	require.NoError(t, err)
	require.Contains(t, string(text), `"previous":["`+old.String()+`"]`)
}

// TestToSigned: a pattern that goes over from a pair to a signed key is handed out in both, and who
// only sends gets nothing of the pair, whose halves read too.
func TestToSigned(t *testing.T) {
	a, f := begun(t, authority.Options{})
	shop, desk := enrolled(t, a, "shop", false), enrolled(t, a, "desk", false)
	holds(t, a, authority.GrantOptions{}, authority.Both, "shop", app)
	reading, err := cryptobox.GenerateReadingKey(cryptobox.SuiteSigned)
	require.NoError(t, err)
	require.NoError(t, keyfile.Update(filepath.Join(dirOf(f), "keyring.json"), func(f *keyfile.File) error {
		if err := f.Add(app, &keyfile.Version{
			Suite: cryptobox.SuiteSigned, Read: keyfile.ReadingKey(reading), Dates: keyring.Dates{ActiveFrom: time.Now().Add(-time.Minute)},
		}); err != nil {
			return err
		}
		return f.AllowUnsigned(app, time.Now().Add(time.Hour))
	}))
	holds(t, a, authority.GrantOptions{}, authority.Sender, "desk", app)
	issued(t, a, f)
	got := shop.receive(t, f, a.Key()).file.Entries[0]
	require.Len(t, got.Versions, 2)
	require.False(t, got.AllowUnsigned.IsZero())
	got = desk.receive(t, f, a.Key()).file.Entries[0]
	require.Len(t, got.Versions, 1)
	require.Equal(t, cryptobox.SuiteSigned, got.Versions[0].Suite)
}

// TestIssueOverAnother: one authority doesn't cut the members of another one off, and replaces a
// fresh key that nobody can read.
func TestIssueOverAnother(t *testing.T) {
	a, f := begun(t, authority.Options{})
	shop := enrolled(t, a, "shop", false)
	holds(t, a, authority.GrantOptions{}, authority.Both, "shop", app)
	made := issued(t, a, f)
	other, _ := begun(t, authority.Options{})
	require.NoError(t, other.Enrol(shop.Enrolment))
	_, err := other.Issue(f, authority.IssueOptions{})
	require.ErrorIs(t, err, authority.ErrGrants)
	require.ErrorContains(t, err, f.Path())
	require.Equal(t, made.Serial, shop.receive(t, f, a.Key()).Serial)
	issued(t, a, f)

	require.NoError(t, os.WriteFile(filepath.Join(f.Path(), "fresh.key"), []byte("cut"), 0o600))
	issued(t, a, f)
	_, err = f.Fresh()
	require.NoError(t, err)
}
