package authority_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// TestRevoke: the next grants have a new version seal at once, and the old one revoked, of whatever
// suite; a version to come that the member had is revoked too, and doesn't stop what seals when its
// date comes.
func TestRevoke(t *testing.T) {
	for name, o := range suites {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				of, shop, desk, first := pair(t, o)
				thief := of.enrol("thief", true)
				of.hold(thief, area, authority.Both, authority.GrantOptions{})
				soon()
				next, err := of.Rotate(area, in(day, 7*day))
				require.NoError(t, err)
				soon()
				of.issue()
				for _, one := range []*holder{shop, desk, thief} {
					one.fetch(of)
				}
				soon()
				r, err := of.Revoke("thief")
				require.NoError(t, err)
				require.Equal(t, thief.serial, r.Serial)
				require.Len(t, r.Patterns, 1)
				require.Equal(t, authority.Both, r.Patterns[0].As)
				require.ElementsMatch(t, []string{first, next.ID}, r.Patterns[0].Old)
				of.reopen()
				soon()
				of.issue()
				shop.fetch(of)
				now := shop.seals(topic)
				require.Equal(t, r.Patterns[0].New, now)
				require.NoError(t, shop.opens(topic, now))
				for _, old := range []string{first, next.ID} {
					require.ErrorIs(t, shop.opens(topic, old), keyring.ErrRevoked)
				}
				_, err = of.grants.Member("thief")
				require.Error(t, err)
				time.Sleep(2 * day)
				require.Equal(t, now, shop.seals(topic), "what was to come is no more")
				away := of.enrol("late", true)
				of.hold(away, area, authority.Both, authority.GrantOptions{})
				of.issue()
				away.fetch(of)
				desk.fetch(of)
				require.NoError(t, away.opens(topic, desk.seals(topic)))
				require.ErrorIs(t, desk.opens(topic, first), keyring.ErrRevoked, "who was away is told")
				if o.Suite.Signed() {
					for _, v := range desk.ring.Versions(area) {
						for _, party := range append(v.Signed.Senders, v.Signed.Answerers...) {
							require.NotEqual(t, thief.Key, party.Key)
						}
					}
				}
			})
		})
	}
}

// TestRevokeSender: who was only a sender of a signed key has no secret of it, and leaves the lists
// alone.
func TestRevokeSender(t *testing.T) {
	for _, as := range []authority.As{authority.Sender, authority.Originator} {
		t.Run(as.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				of := newOffice(t, authority.Options{})
				shop, thief := of.enrol("shop", false), of.enrol("thief", false)
				of.hold(shop, area, authority.Both, authority.GrantOptions{Suite: cryptobox.SuiteSigned})
				of.hold(thief, area, as, authority.GrantOptions{})
				of.issue()
				shop.fetch(of)
				first := shop.seals(topic)
				e, err := shop.ring.Lookup(topic)
				require.NoError(t, err)
				v, err := e.Sealer(keyring.RoleOriginator)
				require.NoError(t, err)
				_, listed := v.NameOf(thief.Key, keyring.RoleOriginator)
				require.True(t, listed)
				soon()
				r, err := of.Revoke("thief")
				require.NoError(t, err)
				require.Equal(t, []authority.Ended{{Pattern: area, As: as}}, r.Patterns)
				status, err := of.Status()
				require.NoError(t, err)
				require.True(t, status.Unissued)
				of.issue()
				shop.fetch(of)
				require.Equal(t, first, shop.seals(topic))
				e, err = shop.ring.Lookup(topic)
				require.NoError(t, err)
				v, err = e.Sealer(keyring.RoleOriginator)
				require.NoError(t, err)
				_, listed = v.NameOf(thief.Key, keyring.RoleOriginator)
				require.False(t, listed)
			})
		})
	}
}

// TestRevokeReader: who only read a signed key has its secret.
func TestRevokeReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of := newOffice(t, authority.Options{})
		shop, thief := of.enrol("shop", false), of.enrol("thief", false)
		of.hold(shop, area, authority.Originator, authority.GrantOptions{Suite: cryptobox.SuiteSigned})
		of.hold(thief, area, authority.Reader, authority.GrantOptions{})
		of.issue()
		shop.fetch(of)
		first := shop.seals(topic)
		soon()
		_, err := of.Revoke("thief")
		require.NoError(t, err)
		of.issue()
		shop.fetch(of)
		require.NotEqual(t, first, shop.seals(topic))
		require.NotEmpty(t, shop.seals(topic))
	})
}

// TestRevokeSeveral: of several revocations before one Issue the last version seals, and the
// versions that nobody ever had leave no trace. The first one that was handed out is told of.
func TestRevokeSeveral(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, desk, first := pair(t, authority.GrantOptions{})
		for i := range 100 {
			name := fmt.Sprintf("m%d", i)
			of.enrol(name, false)
			require.NoError(t, of.Grant(authority.GrantOptions{}, authority.Granting{Member: name, Pattern: area, As: authority.Originator}))
		}
		soon()
		of.issue()
		shop.fetch(of)
		for i := range 100 { // all in one moment
			_, err := of.Revoke(fmt.Sprintf("m%d", i))
			require.NoError(t, err)
		}
		live, revoked := of.ids(area)
		require.Len(t, live, 1)
		require.Equal(t, []string{first}, revoked)
		soon()
		of.issue()
		shop.fetch(of)
		require.Equal(t, live[0], shop.seals(topic), "at once")
		require.ErrorIs(t, shop.opens(topic, first), keyring.ErrRevoked)
		desk.fetch(of)
		require.NoError(t, desk.opens(topic, live[0]))
	})
}

// TestRevokeAtOnce: however quickly one follows on another, and each is issued, what is new seals at
// once.
func TestRevokeAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, _, _ := pair(t, authority.GrantOptions{})
		for i := range 40 {
			name := fmt.Sprintf("m%d", i)
			of.enrol(name, false)
			require.NoError(t, of.Grant(authority.GrantOptions{}, authority.Granting{Member: name, Pattern: area, As: authority.Both}))
		}
		for i := range 40 {
			time.Sleep(time.Millisecond)
			of.issue()
			r, err := of.Revoke(fmt.Sprintf("m%d", i))
			require.NoError(t, err)
			time.Sleep(time.Millisecond)
			of.issue()
			shop.fetch(of)
			require.Equal(t, r.Patterns[0].New, shop.seals(topic))
		}
	})
}

// TestRevokeSameKey: another pattern that has the same key gets another one too.
func TestRevokeSameKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, _, first := pair(t, authority.GrantOptions{})
		other := keyring.Prefix("com.other.")
		require.NoError(t, keyfile.Update(filepath.Join(of.dir, "keyring.json"), func(f *keyfile.File) error {
			v := *f.Entries[0].Versions[0]
			return f.Add(other, &v)
		}))
		of.hold(shop, other, authority.Both, authority.GrantOptions{})
		soon()
		of.issue()
		shop.fetch(of)
		require.Equal(t, first, shop.seals("com.other.x"))
		r, err := of.Revoke("desk")
		require.NoError(t, err)
		require.Len(t, r.Patterns, 2)
		require.Equal(t, other, r.Patterns[1].Pattern)
		require.Zero(t, r.Patterns[1].As)
		soon()
		of.issue()
		shop.fetch(of)
		require.Equal(t, r.Patterns[1].New, shop.seals("com.other.x"))
		require.ErrorIs(t, shop.opens("com.other.x", first), keyring.ErrRevoked)
	})
}

// TestRevokeSharedHalf: so does a pattern whose key has a private half of it alone, and no other that
// only has the half which the member didn't know.
func TestRevokeSharedHalf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, _, _ := pair(t, authority.GrantOptions{})
		till := of.enrol("till", true)
		of.hold(till, keyring.Prefix("com.till."), authority.Originator, authority.GrantOptions{})
		known, unknown := keyring.Prefix("com.known."), keyring.Prefix("com.unknown.")
		require.NoError(t, keyfile.Update(filepath.Join(of.dir, "keyring.json"), func(f *keyfile.File) error {
			of := f.Entries[1].Versions[0] // of com.till.
			return errors.Join(
				f.Add(known, &keyfile.Version{Originator: of.Originator, Responder: renewal.PrivateSide(cryptobox.GenerateKey())}),
				f.Add(unknown, &keyfile.Version{Originator: renewal.PrivateSide(cryptobox.GenerateKey()), Responder: of.Responder}))
		}))
		of.hold(shop, known, authority.Both, authority.GrantOptions{})
		of.hold(shop, unknown, authority.Both, authority.GrantOptions{})
		soon()
		of.issue()
		shop.fetch(of)
		first, other := shop.seals("com.known.x"), shop.seals("com.unknown.x")
		r, err := of.Revoke("till")
		require.NoError(t, err)
		require.Len(t, r.Patterns, 2)
		require.Equal(t, known, r.Patterns[1].Pattern)
		soon()
		of.issue()
		shop.fetch(of)
		require.Equal(t, r.Patterns[1].New, shop.seals("com.known.x"))
		require.ErrorIs(t, shop.opens("com.known.x", first), keyring.ErrRevoked)
		require.Equal(t, other, shop.seals("com.unknown.x"))
	})
}

// TestRevokeAfterBackup: an older copy of the authority's folder doesn't know what was issued since.
// What a revoked member has is of no use all the same.
func TestRevokeAfterBackup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, desk, first := pair(t, authority.GrantOptions{})
		soon()
		made, err := of.Rotate(area, in(0, day))
		require.NoError(t, err)
		backup := copied(t, of.dir)
		soon()
		of.issue()
		shop.fetch(of)
		desk.fetch(of)
		require.Equal(t, made.ID, desk.seals(topic))
		of.Close()
		of.dir = backup
		of.reopen()
		_, err = of.Revoke("desk")
		require.NoError(t, err)
		soon()
		of.issue()
		shop.fetch(of)
		require.NotEmpty(t, shop.seals(topic))
		for _, id := range []string{first, made.ID} {
			require.Error(t, shop.opens(topic, id))
			require.NotEqual(t, id, shop.seals(topic))
		}
	})
}

// TestRevokeDozens: each of dozens of revocations is issued. Ids leave the master when all
// grants have ended that had their versions alive, and the oldest ones before that where there are
// many: who was away loses these versions too.
func TestRevokeDozens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, desk, first := pair(t, authority.GrantOptions{})
		before, sealed := first, desk.seals(topic)
		for i := range 18 {
			name := fmt.Sprintf("m%d", i)
			of.enrol(name, false)
			require.NoError(t, of.Grant(authority.GrantOptions{}, authority.Granting{Member: name, Pattern: area, As: authority.Both}))
			soon()
			of.issue()
			_, err := of.Revoke(name)
			require.NoError(t, err)
			soon()
			of.issue()
			if i%3 == 0 {
				shop.fetch(of)
				require.Error(t, shop.opens(topic, before))
				before = shop.seals(topic)
				require.NotEmpty(t, before)
			}
			live, revoked := of.ids(area)
			require.Len(t, live, 1)
			require.LessOrEqual(t, len(revoked), 8)
		}
		changes := desk.fetch(of)
		require.Equal(t, []keyring.Pattern{area}, changes.Changed)
		require.ErrorIs(t, desk.opens(topic, sealed), keyring.ErrUnknownID)
		require.NoError(t, desk.opens(topic, desk.seals(topic)))

		_, revoked := of.ids(area)
		require.Len(t, revoked, 8)
		time.Sleep(34 * day)
		of.issue()
		_, revoked = of.ids(area)
		require.Len(t, revoked, 8, "grants that had them open still")
		time.Sleep(day + time.Hour)
		of.issue()
		_, revoked = of.ids(area)
		require.Empty(t, revoked)
	})
}

// TestRevokedNeverComesBack: neither under its name, nor its key or recipient under another.
func TestRevokedNeverComesBack(t *testing.T) {
	of, _, desk, _ := pair(t, authority.GrantOptions{})
	_, err := of.Revoke("desk")
	require.NoError(t, err)
	_, err = of.Revoke("desk")
	require.ErrorIs(t, err, authority.ErrMember)
	require.ErrorContains(t, err, "it was revoked")
	_, err = of.Revoke("nobody")
	require.ErrorIs(t, err, authority.ErrMember)
	for name, p := range map[string]person{
		"it":              desk.person,
		"its key":         {name: "other", sign: desk.sign, age: newPerson(t, "other", false).age},
		"its recipient":   {name: "other", sign: cryptobox.GenerateSigningKey(), age: desk.age},
		"under its name":  {name: "DESK", sign: desk.sign, age: newPerson(t, "other", false).age},
		"a look-alike":    {name: "Desk", sign: cryptobox.GenerateSigningKey(), age: newPerson(t, "other", false).age},
		"recipient again": {name: "desk", sign: cryptobox.GenerateSigningKey(), age: desk.age},
	} {
		require.ErrorIs(t, of.Enrol(p.enrolment(t).Enrolment), authority.ErrEnrolled, name)
	}
	anew := of.enrol("desk", false)
	of.issue()
	require.Empty(t, anew.receive(t, of.grants, of.Key()).file.Entries, "it holds nothing of what the other held")
}

// TestRevokeCutOff: a Revoke is completed wherever it is cut off, once, with versions to come too.
func TestRevokeCutOff(t *testing.T) {
	cut := errors.New("cut off")
	for step := 1; ; step++ {
		done := false
		t.Run(fmt.Sprint(step), func(t *testing.T) {
			of, shop, desk, first := pair(t, authority.GrantOptions{})
			next, err := of.Rotate(area, in(day, 7*day))
			require.NoError(t, err)
			time.Sleep(2 * time.Millisecond)
			of.issue()
			shop.fetch(of)
			of.Close()
			left := step
			a, err := authority.Open(of.dir, authority.Options{}.WithStep(func(string) {
				if left--; left == 0 {
					panic(cut)
				}
			}))
			require.NoError(t, err)
			func() {
				defer a.Close()
				defer func() { done = recover() == nil }()
				_, err := a.Revoke("desk")
				require.NoError(t, err)
			}()
			of.reopen()
			if _, err := of.Revoke("desk"); err != nil {
				require.ErrorIs(t, err, authority.ErrMember)
			}
			live, revoked := of.ids(area)
			require.Len(t, live, 1)
			require.ElementsMatch(t, []string{first, next.ID}, revoked)
			of.reopen()
			time.Sleep(2 * time.Millisecond)
			of.issue()
			shop.fetch(of)
			require.Equal(t, live[0], shop.seals(topic))
			require.ErrorIs(t, of.Enrol(desk.Enrolment), authority.ErrEnrolled)
		})
		if done {
			require.Greater(t, step, 4)
			return
		}
	}
}

// TestRevokeToSigned: a sender of a signed key holds what isn't signed that opens beside it, and
// that alone is revoked.
func TestRevokeToSigned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of := newOffice(t, authority.Options{})
		shop, thief := of.enrol("shop", false), of.enrol("thief", false)
		of.hold(shop, area, authority.Both, authority.GrantOptions{})
		of.hold(thief, area, authority.Originator, authority.GrantOptions{})
		of.issue()
		shop.fetch(of)
		box := shop.seals(topic)
		soon()
		of.toSigned(area, time.Now(), time.Now().Add(day))
		soon()
		of.issue()
		shop.fetch(of)
		signed := shop.seals(topic)
		require.NotEqual(t, box, signed)
		require.NoError(t, shop.opens(topic, box))
		soon()
		r, err := of.Revoke("thief")
		require.NoError(t, err)
		require.Equal(t, []authority.Ended{{Pattern: area, As: authority.Originator, Old: []string{box}}}, r.Patterns)
		of.issue()
		shop.fetch(of)
		require.Equal(t, signed, shop.seals(topic))
		require.ErrorIs(t, shop.opens(topic, box), keyring.ErrRevoked)
	})
}

// TestRevokeBringsForward: a version to come that the member has no secret of isn't discarded, but
// seals at once.
func TestRevokeBringsForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of := newOffice(t, authority.Options{})
		shop, thief, other := of.enrol("shop", false), of.enrol("thief", false), of.enrol("other", false)
		of.hold(shop, area, authority.Both, authority.GrantOptions{})
		of.hold(thief, area, authority.Originator, authority.GrantOptions{})
		of.issue()
		shop.fetch(of)
		box := shop.seals(topic)
		soon()
		of.toSigned(area, time.Now().Add(day), time.Now().Add(2*day))
		of.issue()
		shop.fetch(of)
		require.Equal(t, box, shop.seals(topic))
		r, err := of.Revoke("thief")
		require.NoError(t, err)
		signed := r.Patterns[0].New
		require.Equal(t, []string{box}, r.Patterns[0].Old)
		require.NoError(t, shop.opens(topic, signed), "it has it already")
		soon()
		of.issue()
		shop.fetch(of)
		require.Equal(t, signed, shop.seals(topic))
		require.ErrorIs(t, shop.opens(topic, box), keyring.ErrRevoked)
		of.hold(other, area, authority.Reader, authority.GrantOptions{})
		soon()
		of.issue()
		_, err = of.Revoke("other")
		require.NoError(t, err)
		soon()
		of.issue()
		shop.fetch(of)
		require.ErrorIs(t, shop.opens(topic, signed), keyring.ErrRevoked, "it was handed out before")
	})
}

// TestRevokeMany: of each of many patterns what the member had is revoked, and something else seals.
func TestRevokeMany(t *testing.T) {
	of := newOffice(t, authority.Options{})
	shop, _ := of.enrol("shop", false), of.enrol("thief", false)
	var list []authority.Granting
	for i := range 50 {
		for _, name := range []string{"shop", "thief"} {
			list = append(list, authority.Granting{Member: name, Pattern: keyring.Prefix(fmt.Sprintf("com.x%d.", i)), As: authority.Both})
		}
	}
	require.NoError(t, of.Grant(authority.GrantOptions{}, list...))
	of.issue()
	time.Sleep(2 * time.Millisecond)
	shop.fetch(of)
	r, err := of.Revoke("thief")
	require.NoError(t, err)
	require.Len(t, r.Patterns, 50)
	of.issue()
	before := keyring.New()
	before, shop.ring = shop.ring, before
	shop.fetch(of)
	for _, one := range r.Patterns {
		require.Equal(t, []string{before.Versions(one.Pattern)[0].ID}, one.Old)
		require.Equal(t, one.New, shop.seals(one.Pattern.URI+"x"))
	}
}

// toSigned has a signed key follow on a pattern's other one, as wampbox rotate does.
func (o *office) toSigned(p keyring.Pattern, from, until time.Time) {
	o.t.Helper()
	reading, err := cryptobox.GenerateReadingKey(cryptobox.SuiteSigned)
	require.NoError(o.t, err)
	live, _ := o.ids(p)
	require.NoError(o.t, keyfile.Update(filepath.Join(o.dir, "keyring.json"), func(f *keyfile.File) error {
		return errors.Join(
			f.Add(p, &keyfile.Version{
				Suite: cryptobox.SuiteSigned, Read: keyfile.ReadingKey(reading), Dates: keyring.Dates{ActiveFrom: from.Add(-renewal.Skew)},
			}),
			f.SetDates(p, live[0], keyring.Dates{NotAfter: until}),
			f.AllowUnsigned(p, until))
	}))
}
