package authority_test

import (
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

const day = 24 * time.Hour

func in(activate, retire time.Duration) authority.Rotation {
	at := time.Now().Add(activate)
	return authority.Rotation{Activate: at, Retire: at.Add(retire)}
}

// TestRotate: a rotation is one change, and each member goes over by its clock; when the old
// version's end has passed, it leaves the master and the grants.
func TestRotate(t *testing.T) {
	for name, o := range suites {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				of, shop, desk, first := pair(t, o)
				soon()
				made, err := of.Rotate(area, in(day, 7*day))
				require.NoError(t, err)
				require.Equal(t, first, made.Old)
				require.True(t, made.ActiveFrom.Equal(time.Now().Add(day)), made.ActiveFrom)
				require.True(t, made.OldUntil.Equal(made.ActiveFrom.Add(7*day)))
				of.reopen()
				soon()
				of.issue()
				shop.fetch(of)
				require.Equal(t, first, shop.seals(topic))
				require.NoError(t, shop.opens(topic, made.ID))
				require.ErrorIs(t, desk.opens(topic, made.ID), keyring.ErrUnknownID)
				desk.fetch(of)
				time.Sleep(day)
				require.Equal(t, made.ID, shop.seals(topic))
				require.NoError(t, desk.opens(topic, first))
				require.NoError(t, desk.opens(topic, made.ID))
				time.Sleep(7 * day)
				require.ErrorIs(t, desk.opens(topic, first), keyring.ErrExpired)
				of.issue()
				live, revoked := of.ids(area)
				require.Equal(t, []string{made.ID}, live)
				require.Empty(t, revoked)
				desk.fetch(of)
				require.Len(t, desk.file.Entries[0].Versions, 1)
			})
		})
	}
}

// TestRotateForeign: keys for peers of other makes are rotated alike.
func TestRotateForeign(t *testing.T) {
	for name, o := range map[string]authority.GrantOptions{
		"autobahn": foreign("autobahn", 0), "passthru": foreign("passthru", 0), "passthru shared": foreign("passthru", shared),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				of := newOffice(t, authority.Options{})
				shop := of.enrol("shop", false)
				of.hold(shop, area, authority.Both, o)
				of.issue()
				shop.fetch(of)
				first := shop.seals(topic)
				require.NotEmpty(t, first)
				soon()
				made, err := of.Rotate(area, in(0, day))
				require.NoError(t, err)
				of.issue()
				shop.fetch(of)
				require.Equal(t, made.ID, shop.seals(topic))
				require.NotEqual(t, first, made.ID)
				soon()
				of.enrol("desk", false)
				_, err = of.Revoke("shop")
				require.NoError(t, err)
				live, revoked := of.ids(area)
				require.Len(t, live, 1)
				require.ElementsMatch(t, []string{first, made.ID}, revoked)
			})
		})
	}
}

// TestManyRotations: a hundred in a row leave what is in use, however long the old ones are to be
// open, and whether each is issued or not.
func TestManyRotations(t *testing.T) {
	rotations := func(o authority.GrantOptions, rotations int, retire time.Duration, most int) func(*testing.T) {
		return func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				of, shop, desk, last := pair(t, o)
				for range rotations {
					soon()
					made, err := of.Rotate(area, in(0, retire))
					require.NoError(t, err)
					of.issue()
					shop.fetch(of)
					require.Equal(t, made.ID, shop.seals(topic))
					require.NoError(t, desk.opens(topic, last), "what desk has goes on")
					require.NoError(t, shop.opens(topic, last), "what desk seals until it fetches")
					desk.fetch(of)
					last = made.ID
				}
				live, revoked := of.ids(area)
				require.LessOrEqual(t, len(live), most)
				require.Empty(t, revoked)
			})
		}
	}
	for name, o := range suites {
		t.Run(name, rotations(o, 10, 4*time.Second, 8))
	}
	t.Run("open for a week", rotations(authority.GrantOptions{}, 60, 7*day, 48))
	t.Run("none issued", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			of, shop, desk, first := pair(t, authority.GrantOptions{})
			for range 100 {
				_, err := of.Rotate(area, in(0, 7*day))
				require.NoError(t, err)
				soon()
			}
			of.issue()
			live, _ := of.ids(area)
			require.Len(t, live, 2)
			shop.fetch(of)
			require.NoError(t, shop.opens(topic, first), "what members have stays open")
			require.NoError(t, shop.opens(topic, desk.seals(topic)))
			desk.fetch(of)
			require.NoError(t, desk.opens(topic, shop.seals(topic)))
		})
	})
}

// TestRotateRefuses: what would seal in the place of another that is to come, and what a pattern
// has no room for.
func TestRotateRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, _, _, _ := pair(t, authority.GrantOptions{})
		_, err := of.Rotate(keyring.Prefix("com.other."), in(0, day))
		require.ErrorIs(t, err, authority.ErrMaster)
		_, err = of.Rotate(area, authority.Rotation{Activate: time.Now().Add(day), Retire: time.Now()})
		require.ErrorIs(t, err, authority.ErrOption)
		_, err = of.Defer(area, time.Now().Add(day))
		require.ErrorIs(t, err, authority.ErrNoPending)
		for i := range 47 {
			_, err = of.Rotate(area, in(day+time.Duration(i)*time.Hour, day))
			require.NoError(t, err)
			if i == 0 {
				_, err = of.Rotate(area, in(time.Hour, day))
				require.ErrorIs(t, err, authority.ErrLater)
			}
		}
		_, err = of.Rotate(area, in(9*day, day))
		require.ErrorIs(t, err, authority.ErrRoom)
		live, _ := of.ids(area)
		require.Len(t, live, 48)
		of.issue()
	})
}

// TestDefer: what is to come is put off, or brought forward, and the end of what seals until then
// goes with it.
func TestDefer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, desk, first := pair(t, authority.GrantOptions{})
		soon()
		one, err := of.Rotate(area, in(day, 7*day))
		require.NoError(t, err)
		two, err := of.Rotate(area, in(2*day, 7*day))
		require.NoError(t, err)
		soon()
		of.issue()
		shop.fetch(of)
		_, err = of.Defer(area, time.Now())
		require.ErrorIs(t, err, authority.ErrOption)
		moved, err := of.Defer(area, one.ActiveFrom.Add(3*day))
		require.NoError(t, err)
		require.Equal(t, one.ID, moved.ID)
		require.Equal(t, first, moved.Old)
		require.True(t, moved.OldUntil.Equal(one.OldUntil.Add(3*day)))
		require.True(t, moved.Versions[0].Dates.ActiveFrom.Equal(two.ActiveFrom.Add(3*day)))
		status, err := of.Status()
		require.NoError(t, err)
		require.True(t, status.Unissued)
		soon()
		of.issue()
		shop.fetch(of)
		desk.fetch(of)
		time.Sleep(3*day + 12*time.Hour)
		require.Equal(t, first, shop.seals(topic))
		_, err = of.Defer(area, time.Now().Add(time.Minute))
		require.NoError(t, err)
		of.issue()
		shop.fetch(of)
		time.Sleep(time.Minute + time.Second)
		require.Equal(t, one.ID, shop.seals(topic))
		require.NoError(t, desk.opens(topic, one.ID), "who hasn't heard of it opens what others seal")
		require.NoError(t, shop.opens(topic, desk.seals(topic)), "and is opened")
	})
}

// TestSchedule: what fell due several times is rotated once, and what is issued once a day, be it a
// little early, is rotated once a day.
func TestSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, desk, _ := pair(t, authority.GrantOptions{})
		for _, s := range []authority.Schedule{{Every: time.Second}, {Every: day, Retire: 100 * day}, {Every: day, Activate: 2 * day}, {Every: day, Retire: -day}} {
			require.ErrorIs(t, of.Schedule(area, s), authority.ErrOption, s)
		}
		require.ErrorIs(t, of.Schedule(keyring.Prefix("com.other."), authority.Schedule{Every: day}), authority.ErrMaster)
		require.NoError(t, of.Schedule(area, authority.Schedule{Every: day, Activate: time.Hour, Retire: time.Hour}))
		of.reopen()
		soon()
		require.Empty(t, of.issue().Rotated)
		time.Sleep(10 * day)
		made := of.issue()
		require.Len(t, made.Rotated, 1)
		require.True(t, made.Rotated[0].ActiveFrom.Equal(time.Now().Add(time.Hour).Truncate(time.Second)), made.Rotated[0].ActiveFrom)
		soon()
		require.Empty(t, of.issue().Rotated, "the next one is to come")
		last := made.Rotated[0].ActiveFrom
		for range 30 {
			time.Sleep(day - time.Minute)
			made := of.issue()
			require.Len(t, made.Rotated, 1)
			require.True(t, made.Rotated[0].ActiveFrom.Equal(last.Add(day)), "%v after %v", made.Rotated[0].ActiveFrom, last)
			last = made.Rotated[0].ActiveFrom
			shop.fetch(of)
			desk.fetch(of)
			require.NoError(t, desk.opens(topic, shop.seals(topic)))
			live, revoked := of.ids(area)
			require.LessOrEqual(t, len(live), 3)
			require.Empty(t, revoked)
		}
		status, err := of.Status()
		require.NoError(t, err)
		require.True(t, status.Patterns[0].Next.Equal(last.Add(day)))
		require.NoError(t, of.Schedule(area, authority.Schedule{}))
		time.Sleep(10 * day)
		require.Empty(t, of.issue().Rotated)
	})
}

// TestClockBack: an authority whose clock went back rotates and issues nothing. It revokes, and that
// counts when the clock is right again.
func TestClockBack(t *testing.T) {
	of := newOffice(t, authority.Options{})
	var shop *holder
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(3 * day)
		shop = of.enrol("shop", false)
		of.hold(shop, area, authority.Both, authority.GrantOptions{})
		of.hold(of.enrol("thief", false), area, authority.Both, authority.GrantOptions{})
		of.issue()
		soon()
		require.NoError(t, of.Schedule(area, authority.Schedule{Every: time.Hour}))
		_, err := of.Rotate(area, in(0, day))
		require.NoError(t, err)
		of.issue()
		shop.fetch(of)
	})
	var r authority.Revocation
	synctest.Test(t, func(t *testing.T) {
		of.reopen()
		before, _ := of.ids(area)
		_, err := of.Issue(of.grants, authority.IssueOptions{})
		require.ErrorIs(t, err, authority.ErrClock)
		_, err = of.Rotate(area, in(0, day))
		require.ErrorIs(t, err, authority.ErrLater)
		after, _ := of.ids(area)
		require.Equal(t, before, after)
		r, err = of.Revoke("thief")
		require.NoError(t, err)
		require.ElementsMatch(t, before, r.Patterns[0].Old)
	})
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(3*day + time.Minute)
		of.reopen()
		require.NoError(t, of.Schedule(area, authority.Schedule{}))
		of.issue()
		shop.fetch(of)
		require.Equal(t, r.Patterns[0].New, shop.seals(topic))
		for _, old := range r.Patterns[0].Old {
			require.ErrorIs(t, shop.opens(topic, old), keyring.ErrRevoked)
		}
	})
}

// TestScheduleByWrongClock: what would be due by a clock that went back isn't rotated: it would seal
// as soon as it is issued.
func TestScheduleByWrongClock(t *testing.T) {
	of := newOffice(t, authority.Options{})
	synctest.Test(t, func(t *testing.T) {
		of.hold(of.enrol("shop", false), area, authority.Both, authority.GrantOptions{})
		time.Sleep(10 * day)
		of.issue()
		require.NoError(t, of.Schedule(area, authority.Schedule{Every: day, Activate: time.Hour}))
	})
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(8 * day)
		of.reopen()
		_, err := of.Issue(of.grants, authority.IssueOptions{})
		require.ErrorIs(t, err, authority.ErrClock)
		require.Len(t, liveOf(of), 1)
		time.Sleep(2*day + time.Hour)
		require.Len(t, of.issue().Rotated, 1)
	})
}

// TestScheduleCutOff: wherever an Issue is cut off, what was due is rotated once.
func TestScheduleCutOff(t *testing.T) {
	for step := 1; ; step++ {
		done := false
		t.Run(fmt.Sprint(step), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				of, shop, desk, first := pair(t, authority.GrantOptions{})
				require.NoError(t, of.Schedule(area, authority.Schedule{Every: day, Activate: time.Hour, Retire: day}))
				time.Sleep(2 * day)
				of.Close()
				left := step
				a, err := authority.Open(of.dir, authority.Options{}.WithStep(func(string) {
					if left--; left == 0 {
						panic("cut off")
					}
				}))
				require.NoError(t, err)
				func() {
					defer a.Close()
					defer func() { done = recover() == nil }()
					issued(t, a, of.grants)
				}()
				of.reopen()
				if s := of.status(); !s.Unissued {
					require.Equal(t, s.Serial, shop.receive(t, of.grants, of.Key()).Serial)
					require.Equal(t, s.Serial, desk.receive(t, of.grants, of.Key()).Serial)
				}
				soon()
				of.issue()
				live := liveOf(of)
				require.Len(t, live, 2)
				shop.fetch(of)
				desk.fetch(of)
				require.Equal(t, first, shop.seals(topic))
				time.Sleep(time.Hour)
				require.NotEqual(t, first, shop.seals(topic))
				require.NoError(t, desk.opens(topic, shop.seals(topic)))
			})
		})
		if done {
			require.Greater(t, step, 6)
			return
		}
	}
}

func liveOf(of *office) []string {
	live, _ := of.ids(area)
	return live
}

// TestRotateHalf: of what the master has only one half of, no next version is made.
func TestRotateHalf(t *testing.T) {
	of, _, _, _ := pair(t, authority.GrantOptions{})
	require.NoError(t, keyfile.Update(filepath.Join(of.dir, "keyring.json"), func(f *keyfile.File) error {
		v := f.Entries[0].Versions[0]
		v.Responder = renewal.PublicSide(cryptobox.GenerateKey().Public())
		return nil
	}))
	_, err := of.Rotate(area, in(0, day))
	require.ErrorIs(t, err, authority.ErrMaster)
}
