package authority_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func (o *office) status() authority.Status {
	o.t.Helper()
	s, err := o.Status()
	require.NoError(o.t, err)
	return s
}

// TestStatus: who has a version to come before its date, and who hasn't; what isn't issued yet.
func TestStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, desk, first := pair(t, authority.GrantOptions{})
		made := of.status()
		require.False(t, made.Unissued)
		require.True(t, made.Expires.Equal(made.Issued.Add(28*day)))
		require.True(t, made.OpensUntil.Equal(made.Expires.Add(7*day)))
		require.True(t, made.FreshUntil.Equal(made.Issued.Add(14*day)))
		require.Equal(t, []string{"desk", "shop"}, made.Patterns[0].Versions[0].Names(authority.HasNot), "no receipts yet")

		soon()
		next, err := of.Rotate(area, in(day, 7*day))
		require.NoError(t, err)
		of.receipt(shop, "")
		of.receipt(desk, "")
		of.collect()
		s := of.status()
		require.True(t, s.Unissued)
		require.Equal(t, next.ID, s.Patterns[0].Versions[0].ID)
		require.Equal(t, keyring.StatePending, s.Patterns[0].Versions[0].State)
		require.Zero(t, s.Patterns[0].Versions[0].Issued)
		require.Equal(t, []string{"desk", "shop"}, s.Patterns[0].Versions[0].Names(authority.HasNot))
		require.Equal(t, first, s.Patterns[0].Versions[1].ID)
		require.Equal(t, []string{"desk", "shop"}, s.Patterns[0].Versions[1].Names(authority.Has))

		of.issue()
		shop.fetch(of)
		of.receipt(shop, "")
		of.collect()
		of.reopen()
		s = of.status()
		require.False(t, s.Unissued)
		require.Equal(t, []string{"shop"}, s.Patterns[0].Versions[0].Names(authority.Has))
		require.Equal(t, []string{"desk"}, s.Patterns[0].Versions[0].Names(authority.HasNot))
		require.Equal(t, authority.Has, s.Members[0].Has)
		require.Equal(t, authority.HasNot, s.Members[1].Has)
		require.Equal(t, s.Serial, s.Members[0].Held[1].Serial)
		require.True(t, s.Members[1].SealsUntil.Equal(made.Expires))
		require.False(t, s.Members[1].Stale)
		time.Sleep(25 * time.Hour)
		of.receipt(shop, "")
		of.collect()
		s = of.status()
		require.False(t, s.Members[0].Stale)
		require.True(t, s.Members[1].Stale)
	})
}

// TestStatusReplicas: a replica that has asked since with an earlier grant lags behind.
func TestStatusReplicas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, _, _ := pair(t, authority.GrantOptions{})
		of.receipt(shop, "")
		replica := *shop
		time.Sleep(10 * time.Minute)
		next, err := of.Rotate(area, in(day, 7*day))
		require.NoError(t, err)
		of.issue()
		shop.fetch(of)
		of.receipt(shop, "")
		of.collect()
		pending := func() authority.VersionStatus {
			s := of.status()
			require.Equal(t, next.ID, s.Patterns[0].Versions[0].ID)
			return s.Patterns[0].Versions[0]
		}
		require.Equal(t, []string{"shop"}, pending().Names(authority.Has))
		time.Sleep(10 * time.Minute)
		of.receipt(&replica, "")
		of.collect()
		require.Equal(t, []string{"shop"}, pending().Names(authority.HasPartly))
		s := of.status()
		require.Equal(t, authority.HasPartly, s.Members[0].Has)
		require.Len(t, s.Members[0].Held, 2)
		require.True(t, s.Members[0].Held[0].Last.After(s.Members[0].Held[1].First))
	})
}

// TestStatusOfWhoJoins: who holds a pattern since the last grants hasn't its versions, though it
// has a grant of the time.
func TestStatusOfWhoJoins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, _, _, _ := pair(t, authority.GrantOptions{})
		late := of.enrol("late", false)
		soon()
		of.issue()
		late.fetch(of)
		of.receipt(late, "")
		of.collect()
		of.hold(late, area, authority.Originator, authority.GrantOptions{})
		having := func() authority.Having { return of.status().Patterns[0].Versions[0].Has["late"] }
		require.True(t, of.status().Unissued)
		require.Equal(t, authority.HasNot, having())
		soon()
		of.issue()
		require.Equal(t, authority.HasNot, having())
		late.fetch(of)
		of.receipt(late, "")
		of.collect()
		require.Equal(t, authority.Has, having())
		soon()
		of.hold(late, area, authority.Both, authority.GrantOptions{})
		require.Equal(t, authority.HasNot, having(), "it has one half")
		_, err := of.Revoke("late")
		require.NoError(t, err)
		require.NotContains(t, of.status().Patterns[0].Versions[0].Has, "late")
		of.reopen()
	})
}
