package authority_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// lost is an office of which only the grants are left, and who can recover it.
type lost struct {
	*office
	recovery  []age.Identity
	people    map[string]*holder
	key       cryptobox.VerifyKey
	recipient []string
}

var (
	boxArea    = keyring.Prefix("com.box.")
	signedArea = keyring.Prefix("com.signed.")
	sharedArea = keyring.Prefix("com.shared.")
)

// newLost makes an authority with members of all parts, issues, and has each member fetch.
func newLost(t testing.TB) *lost {
	t.Helper()
	weak, strong := newPerson(t, "weak", false), newPerson(t, "strong", true)
	l := &lost{recovery: []age.Identity{weak.age, strong.age}, people: map[string]*holder{}, recipient: []string{weak.Recipient, strong.Recipient}}
	l.office = newOffice(t, authority.Options{Recovery: l.recipient})
	for i, as := range []authority.As{authority.Originator, authority.Responder, authority.Sender, authority.Reader, authority.Both} {
		m := l.enrol(as.String(), i%2 == 0)
		l.people[m.name] = m
		l.hold(m, signedArea, as, authority.GrantOptions{Suite: cryptobox.SuiteSigned})
		if as != authority.Sender && as != authority.Reader {
			l.hold(m, boxArea, as, authority.GrantOptions{Suite: cryptobox.SuiteXBox})
		}
		l.hold(m, sharedArea, authority.Both, authority.GrantOptions{Suite: shared})
	}
	_, err := l.Rotate(boxArea, in(time.Hour, day))
	require.NoError(t, err)
	_, err = l.Rotate(sharedArea, in(0, day))
	require.NoError(t, err)
	l.issue()
	for _, m := range l.people {
		m.fetch(l.office)
	}
	l.key = l.Key()
	return l
}

// recover makes a new office of the grants.
func (l *lost) recover(o authority.RecoverOptions) (*office, authority.Recovered, error) {
	l.t.Helper()
	dir := filepath.Join(l.t.TempDir(), "anew")
	o.Authority, o.Recovery = l.key, l.recipient
	r, err := authority.Recover(dir, l.grants, l.recovery, o)
	if err != nil {
		return nil, r, err
	}
	a, err := authority.Open(dir, authority.Options{})
	require.NoError(l.t, err)
	l.t.Cleanup(a.Close)
	return &office{t: l.t, Authority: a, dir: dir, grants: l.grants}, r, nil
}

// TestRecover: an authority of the grants alone has the same members, holdings and keys, both halves
// of each, and goes on with them.
func TestRecover(t *testing.T) {
	l := newLost(t)
	before, err := l.Show()
	require.NoError(t, err)
	anew, r, err := l.recover(authority.RecoverOptions{})
	require.NoError(t, err)
	require.Empty(t, r.Problems)
	require.Empty(t, r.Replaced)
	require.Len(t, r.Members, 5)
	require.ElementsMatch(t, []keyring.Pattern{boxArea, signedArea, sharedArea}, r.Patterns)
	require.NotEqual(t, l.key, r.Key)
	require.Equal(t, r.Key, anew.Key())
	after, err := anew.Show()
	require.NoError(t, err)
	require.Equal(t, before.Serial, after.Serial)
	require.Equal(t, []cryptobox.VerifyKey{l.key}, after.Previous)
	holdings := func(s authority.Shown) (list []string) {
		for _, p := range s.Patterns {
			for _, v := range p.Versions {
				list = append(list, fmt.Sprint(p.Pattern, p.Holders, p.SignedOnce, p.AnyAnswerer, v.ID, v.Dates, v.Kind, v.Suite))
			}
		}
		return list
	}
	require.ElementsMatch(t, holdings(before), holdings(after))
	require.True(t, anew.status().Unissued)

	time.Sleep(2 * time.Millisecond)
	anew.issue()
	for name, m := range l.people {
		was := m.ring
		m.fetch(anew)
		for _, p := range []keyring.Pattern{boxArea, signedArea, sharedArea} {
			require.Equal(t, versionsOf(was, p), versionsOf(m.ring, p), name)
		}
	}
	_, err = anew.Revoke("both")
	require.NoError(t, err)
	time.Sleep(2 * time.Millisecond)
	anew.issue()
	l.people["originator"].fetch(anew)
	l.people["responder"].fetch(anew)
	require.NoError(t, l.people["responder"].opens("com.box.x", l.people["originator"].seals("com.box.x")))
}

func versionsOf(r *keyring.Ring, p keyring.Pattern) (list []string) {
	for _, v := range r.Versions(p) {
		list = append(list, fmt.Sprint(v.ID, v.State, v.Dates, v.Kind, v.Signed))
	}
	return list
}

// TestRecoverWithKey: with the authority's key members pin no other.
func TestRecoverWithKey(t *testing.T) {
	l := newLost(t)
	_, _, err := l.recover(authority.RecoverOptions{Key: cryptobox.GenerateSigningKey()})
	require.ErrorIs(t, err, authority.ErrOption)
	text, err := os.ReadFile(filepath.Join(l.dir, "authority.json"))
	require.NoError(t, err)
	key, err := authority.KeyOf(text)
	require.NoError(t, err)
	anew, r, err := l.recover(authority.RecoverOptions{Key: key})
	require.NoError(t, err)
	require.Equal(t, l.key, r.Key)
	time.Sleep(2 * time.Millisecond)
	anew.issue()
	l.people["both"].fetch(anew)
}

// TestRecoverTrustsNobody: grants that the pinned authority hasn't signed as they are aren't
// believed, and neither is what was made up of them.
func TestRecoverTrustsNobody(t *testing.T) {
	l := newLost(t)
	_, err := authority.Recover(filepath.Join(t.TempDir(), "x"), l.grants, l.recovery, authority.RecoverOptions{})
	require.ErrorIs(t, err, authority.ErrPinned)
	other := l.key
	l.key = cryptobox.GenerateSigningKey().Public()
	_, _, err = l.recover(authority.RecoverOptions{})
	require.ErrorIs(t, err, authority.ErrNoGrants)
	l.key = other

	good, err := l.grants.Member("both")
	require.NoError(t, err)
	foe := newPerson(t, "both", true)
	forger := cryptobox.GenerateSigningKey()
	forged, err := statement.Grant{
		Authority: statement.HashOfKey(forger.Public()), Serial: 1 << 52, Member: "both", Key: statement.HashOfKey(foe.Key),
		Recipient: statement.HashOf(foe.Recipient), Ciphertext: statement.HashOf(good.Ciphertext), Issued: time.Now(), Expires: time.Now().Add(day),
	}.Sign(forger)
	require.NoError(t, err)
	for name, change := range map[string]func(m *grants.Member){
		"another's verify key": func(m *grants.Member) { m.Key = foe.Key },
		"another's recipient":  func(m *grants.Member) { m.Recipient = foe.Recipient },
		"altered":              func(m *grants.Member) { m.Ciphertext = append([]byte{}, m.Ciphertext...); m.Ciphertext[99]++ },
		"another's":            func(m *grants.Member) { *m, err = l.grants.Member("reader"); require.NoError(t, err) },
		"forged":               func(m *grants.Member) { m.Key, m.Recipient, m.Grant = foe.Key, foe.Recipient, forged },
	} {
		bad := good
		change(&bad)
		require.NoError(t, l.grants.Put("both", bad))
		_, r, err := l.recover(authority.RecoverOptions{})
		require.NoError(t, err, name)
		require.Len(t, r.Problems, 1, name)
		require.Equal(t, "both", r.Problems[0].Member)
		require.ErrorIs(t, r.Problems[0].Err, statement.ErrForged, name)
		require.NotContains(t, r.Members, "both")
		require.Less(t, r.Serial, uint64(1<<52))
	}
}

// TestRecoverTellsWhoIsOlder: a grant of a revoked member that was put back into the folder makes it a
// member again, and it is told that this isn't of the last ones.
func TestRecoverTellsWhoIsOlder(t *testing.T) {
	l := newLost(t)
	old, err := l.grants.Member("reader")
	require.NoError(t, err)
	_, err = l.Revoke("reader")
	require.NoError(t, err)
	time.Sleep(2 * time.Millisecond)
	l.issue()
	_, r, err := l.recover(authority.RecoverOptions{})
	require.NoError(t, err)
	require.Empty(t, r.Older)
	require.NotContains(t, r.Members, "reader")
	require.NoError(t, l.grants.Put("reader", old))
	_, r, err = l.recover(authority.RecoverOptions{})
	require.NoError(t, err)
	require.Contains(t, r.Members, "reader")
	require.Equal(t, []string{"reader"}, r.Older)
}

// TestRecoverMissingHalf: of a key whose one half nobody's grant has, a new one is made.
func TestRecoverMissingHalf(t *testing.T) {
	l := newLost(t)
	for _, name := range []string{"responder", "both", "reader"} {
		m, err := l.grants.Member(name)
		require.NoError(t, err)
		m.Ciphertext = append([]byte{}, m.Ciphertext...)
		m.Ciphertext[len(m.Ciphertext)-1]++
		require.NoError(t, l.grants.Put(name, m))
	}
	anew, r, err := l.recover(authority.RecoverOptions{})
	require.NoError(t, err)
	require.Len(t, r.Problems, 3)
	made := map[keyring.Pattern]string{}
	for _, one := range r.Replaced {
		if one.New != "" {
			made[one.Pattern] = one.New
		}
	}
	require.Len(t, made, 2)
	require.Len(t, r.Replaced, 3, "two versions of the pair, one signed")
	time.Sleep(2 * time.Millisecond)
	anew.issue()
	m := l.people["originator"]
	m.fetch(anew)
	require.Equal(t, made[boxArea], m.seals("com.box.x"))
	require.Equal(t, made[signedArea], m.seals("com.signed.x"))
	live, _ := anew.ids(boxArea)
	require.Equal(t, []string{made[boxArea]}, live)
}

// TestRecoverAfterCutOff: where an Issue was cut off, the newest grants say what there is, and older
// ones what they lack.
func TestRecoverAfterCutOff(t *testing.T) {
	l := newLost(t)
	made, err := l.Rotate(boxArea, in(2*time.Hour, day))
	require.NoError(t, err)
	old := map[string]grants.Member{}
	for _, name := range []string{"responder", "reader"} {
		old[name], err = l.grants.Member(name)
		require.NoError(t, err)
	}
	time.Sleep(2 * time.Millisecond)
	serial := l.issue().Serial
	for name, m := range old {
		require.NoError(t, l.grants.Put(name, m))
	}
	anew, r, err := l.recover(authority.RecoverOptions{})
	require.NoError(t, err)
	require.Empty(t, r.Replaced)
	require.Equal(t, serial, r.Serial)
	live, _ := anew.ids(boxArea)
	require.Contains(t, live, made.ID)
	require.Len(t, live, 3)
}

// TestRecoverCutOff: the folder is there as a whole or not at all, and what is there isn't written
// over.
func TestRecoverCutOff(t *testing.T) {
	l := newLost(t)
	dir := filepath.Join(t.TempDir(), "anew")
	o := authority.RecoverOptions{Authority: l.key}
	o.Recovery = l.recipient
	for step := 1; ; step++ {
		left, killed := step, true
		o.Options = o.Options.WithStep(func(string) {
			if left--; left == 0 {
				panic(errors.New("cut off"))
			}
		})
		func() {
			defer func() { killed = recover() != nil }()
			_, err := authority.Recover(dir, l.grants, l.recovery, o)
			require.NoError(t, err)
		}()
		if !killed {
			require.Greater(t, step, 4)
			break
		}
		require.NoDirExists(t, dir)
	}
	a, err := authority.Open(dir, authority.Options{})
	require.NoError(t, err)
	a.Close()
	require.NoDirExists(t, dir+".recovering")
	before := filesOf(t, dir)
	_, err = authority.Recover(dir, l.grants, l.recovery, authority.RecoverOptions{Authority: l.key})
	require.ErrorIs(t, err, fs.ErrExist)
	require.Equal(t, before, filesOf(t, dir))
	require.NoDirExists(t, dir+".recovering", "nothing is left beside it")
}

func filesOf(t *testing.T, dir string) map[string]string {
	all := map[string]string{}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		all[e.Name()] = string(text)
	}
	return all
}

// TestRecoverEncrypted: a folder that is to be encrypted never is plain.
func TestRecoverEncrypted(t *testing.T) {
	l := newLost(t)
	dir := filepath.Join(t.TempDir(), "anew")
	o := authority.RecoverOptions{Authority: l.key}
	o.Recovery = l.recipient
	identity, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	o.Decrypt, o.Encrypt = sealedBy(identity).Decrypt, sealedBy(identity).Encrypt
	_, err = authority.Recover(dir, l.grants, l.recovery, o)
	require.NoError(t, err)
	requireEncrypted(t, dir)
	_, err = authority.Open(dir, authority.Options{})
	require.ErrorIs(t, err, authority.ErrEncrypted)
	a, err := authority.Open(dir, o.Options)
	require.NoError(t, err)
	a.Close()
}
