//go:build !race

// Under the race detector it takes minutes, and it is one goroutine that works.

package authority_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
)

// TestProgramOutlivesRevocations: the ring of a program that is never started anew takes the grants
// of more than 1,500 rotations and 1,100 revoked versions of one pattern, and what each revokes
// opens nothing from then on. What a ring knows as revoked has a bound (keyring.MaxRevoked), and
// grants list a few of a time.
func TestProgramOutlivesRevocations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, _, _ := pair(t, authority.GrantOptions{})
		rotations, revoked := 0, 0
		for revoked < 1100 {
			for range 11 {
				_, err := of.Rotate(area, in(0, 300*day))
				require.NoError(t, err)
				rotations++
				soon()
			}
			of.issue()
			shop.fetch(of)
			sealed := shop.seals(topic)
			require.NoError(t, shop.opens(topic, sealed))
			_, err := of.Withdraw("desk", area)
			require.NoError(t, err)
			soon()
			of.issue()
			shop.fetch(of)
			require.Error(t, shop.opens(topic, sealed))
			require.NoError(t, shop.opens(topic, shop.seals(topic)))
			_, ids := of.ids(area)
			revoked += len(ids)
			require.NoError(t, of.Grant(authority.GrantOptions{}, authority.Granting{Member: "desk", Pattern: area, As: authority.Both}))
		}
		require.GreaterOrEqual(t, rotations, 1500)
	})
}
