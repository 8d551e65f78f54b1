package keyring_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// walked are the versions of a walk by pattern, in its order.
func walked(ring *keyring.Ring, at time.Time) map[keyring.Pattern][]keyring.VersionInfo {
	all := map[keyring.Pattern][]keyring.VersionInfo{}
	for p, v := range ring.Walk(at) {
		all[p] = append(all[p], v)
	}
	return all
}

// TestWalk gives what Versions gives, of all patterns with a key, whatever source they are of.
func TestWalk(t *testing.T) {
	ring, p, exact := keyring.New(), keyring.Prefix("com.myapp."), keyring.Exact("com.myapp.x")
	require.NoError(t, ring.Set(p, named("a")))
	require.NoError(t, ring.Add(p, named("b"), keyring.Dates{ActiveFrom: time.Now().Add(time.Hour)}))
	require.NoError(t, ring.Add(p, named("c"), keyring.Dates{ActiveFrom: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(2 * time.Hour)}))
	require.NoError(t, ring.Revoke(p, "a"))
	require.NoError(t, ring.Set(keyring.Exact("com.myapp.gone"), named("d")))
	require.NoError(t, ring.Remove(keyring.Exact("com.myapp.gone")))
	require.NoError(t, ring.SetPlain(keyring.Prefix("com.plain.")))
	lent := keyring.New()
	require.NoError(t, lent.Set(exact, keyring.Shared(shared)))
	lent.Lease(time.Now().Add(time.Minute), time.Now().Add(90*time.Minute))
	_, err := ring.Update("service", lent)
	require.NoError(t, err)

	now := walked(ring, time.Now())
	require.Equal(t, map[keyring.Pattern][]keyring.VersionInfo{p: ring.Versions(p), exact: ring.Versions(exact)}, now)
	states := func(infos []keyring.VersionInfo) (states []keyring.State) {
		for _, info := range infos {
			states = append(states, info.State)
		}
		return states
	}
	require.Equal(t, []keyring.State{keyring.StatePending, keyring.StateActive, keyring.StateRevoked}, states(now[p]))
	later := walked(ring, time.Now().Add(100*time.Minute))
	require.Equal(t, []keyring.State{keyring.StateActive, keyring.StateRetired, keyring.StateRevoked}, states(later[p]))
	require.Equal(t, []keyring.State{keyring.StateExpired}, states(later[exact]), "by its lease")

	for range ring.Walk(time.Now()) {
		break
	}
	begun := 0
	for range ring.Walk(time.Now()) {
		require.NoError(t, ring.Set(keyring.Exact(fmt.Sprintf("com.new.x%d", begun)), named(fmt.Sprint("new", begun))))
		begun++
	}
	require.Equal(t, 4, begun, "it is of the ring as it was when the walk began")
}

// TestWalkCopiesNoLists: it allocates the same for a few patterns and parties as for many.
func TestWalkCopiesNoLists(t *testing.T) {
	allocations := func(parties, patterns int) float64 {
		ring := keyring.New()
		read, err := cryptobox.GenerateReadingKey(cryptobox.SuiteSigned)
		require.NoError(t, err)
		s := keyring.Signing{Suite: cryptobox.SuiteSigned, Read: read}
		for i := range parties {
			s.Senders = append(s.Senders, keyring.Party{Name: fmt.Sprint("party ", i), Key: cryptobox.GenerateSigningKey().Public()})
		}
		key := keyring.Signed(s)
		for i := range patterns {
			require.NoError(t, ring.Set(keyring.Exact(fmt.Sprintf("com.myapp.x%d", i)), key))
		}
		n := 0
		each := testing.AllocsPerRun(10, func() {
			n = 0
			for _, v := range ring.Walk(time.Now()) {
				if v.State == keyring.StateActive && len(v.Signed.Senders) == 0 {
					n++
				}
			}
		})
		require.Equal(t, patterns, n)
		return each
	}
	few := allocations(1, 1)
	require.LessOrEqual(t, allocations(500, 1), few)
	require.LessOrEqual(t, allocations(1, 1000), few+10) // the walk itself goes deeper
}
