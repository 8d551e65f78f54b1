package keyring_test

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// modelVersion is a version as the rules describe it.
type modelVersion struct {
	dates   keyring.Dates
	revoked bool
}

// dead says why it opens nothing.
func (v modelVersion) dead(now time.Time) error {
	switch {
	case v.revoked:
		return keyring.ErrRevoked
	case !v.dates.NotAfter.IsZero() && now.After(v.dates.NotAfter):
		return keyring.ErrExpired
	}
	return nil
}

// modelVersions is one pattern's versions by their id, nil without the pattern.
type modelVersions map[string]modelVersion

// current gives the id of the version with the latest ActiveFrom that has come.
func (m modelVersions) current(now time.Time) string {
	current := ""
	for id, v := range m {
		if !v.dates.ActiveFrom.After(now) && (current == "" || v.dates.ActiveFrom.After(m[current].dates.ActiveFrom)) {
			current = id
		}
	}
	return current
}

// takes tells whether no other version than id is active from the same moment.
func (m modelVersions) takes(id string, dates keyring.Dates) bool {
	for other, v := range m {
		if other != id && v.dates.ActiveFrom.Equal(dates.ActiveFrom) {
			return false
		}
	}
	return dates.NotAfter.IsZero() || !dates.NotAfter.Before(dates.ActiveFrom)
}

// do carries an operation out, or gives the sentinel that refuses it.
// What was revoked stays so, whatever becomes of the version and the pattern.
func (m modelVersions) do(op int, id string, dates keyring.Dates, now time.Time, revoked map[string]bool) (modelVersions, error) {
	v, known := m[id]
	next := modelVersions{}
	for id, v := range m {
		next[id] = v
	}
	set := func(v modelVersion) (modelVersions, error) { next[id] = v; return next, nil }
	switch {
	case op == opSet && revoked[id]:
		return m, keyring.ErrState
	case op == opSet:
		return modelVersions{id: {}}, nil
	case op == opAdd && known && modelVersions{}.takes(id, dates):
		return m, keyring.ErrVersionExists
	case op == opAdd && (revoked[id] || !m.takes(id, dates)):
		return m, keyring.ErrState
	case op == opAdd:
		return set(modelVersion{dates: dates})
	case op == opRemove && m == nil:
		return m, keyring.ErrNoVersion
	case op == opRemove:
		return nil, nil
	case !known:
		return m, keyring.ErrNoVersion
	}
	switch op {
	case opDate:
		if v.revoked || !m.takes(id, dates) {
			return m, keyring.ErrState
		}
		return set(modelVersion{dates: dates})
	case opRevoke:
		revoked[id] = true
		return set(modelVersion{v.dates, true})
	default: // opRemoveVersion
		if len(m) == 1 || m.current(now) == id {
			return m, keyring.ErrState
		}
		delete(next, id)
		return next, nil
	}
}

// The operations for the model.
const (
	opSet = iota
	opAdd
	opDate
	opRevoke
	opRemoveVersion
	opRemove
	opWait
	operations
)

// doRing carries the same operation out on a ring.
func doRing(r *keyring.Ring, p keyring.Pattern, op int, id string, dates keyring.Dates) error {
	switch op {
	case opSet:
		return r.Set(p, named(id))
	case opAdd:
		return r.Add(p, named(id), dates)
	case opDate:
		return r.SetDates(p, id, dates)
	case opRevoke:
		return r.Revoke(p, id)
	case opRemove:
		return r.Remove(p)
	}
	return r.RemoveVersion(p, id)
}

var (
	versionIDs = []string{"a", "b", "c", "d"}
	// Patterns that don't match each other's URI, which is the text.
	versionPatterns = []keyring.Pattern{exact("com.exact"), prefix("com.prefix."), wild("org..wild")}
)

// versionDates are around a moment, in the order of days.
func versionDates(now time.Time, n byte) (d keyring.Dates) {
	day := func(n byte) time.Time { return now.UTC().AddDate(0, 0, int(n)-4) }
	if n%8 > 0 {
		d.ActiveFrom = day(n % 8)
	}
	if n/8%4 > 0 {
		d.NotAfter = day(n%8).AddDate(0, 0, int(n/8%4)-2)
	}
	return d
}

// versionRun plays operations on a ring and on the model, three bytes each,
// and compares after each. It counts what happened by its sentinel.
type versionRun struct {
	ring   *keyring.Ring
	models map[keyring.Pattern]modelVersions
	dead   map[keyring.Pattern]map[string]bool
	seen   map[error]int
	waited int
}

// play runs in a bubble, where time passes at will.
func (run *versionRun) play(t *testing.T, ops []byte) {
	run.ring, run.models, run.dead = keyring.New(), map[keyring.Pattern]modelVersions{}, map[keyring.Pattern]map[string]bool{}
	for _, p := range versionPatterns {
		run.dead[p] = map[string]bool{}
	}
	for ; len(ops) >= 3; ops = ops[3:] {
		p := versionPatterns[int(ops[0])/operations%len(versionPatterns)]
		op, id, dates := int(ops[0])%operations, versionIDs[int(ops[1])%len(versionIDs)], versionDates(time.Now(), ops[2])
		if op == opWait {
			time.Sleep(time.Duration(ops[1]%30) * time.Hour)
			run.waited++
		} else {
			next, want := run.models[p].do(op, id, dates, time.Now(), run.dead[p])
			got := doRing(run.ring, p, op, id, dates)
			if want == nil {
				require.NoError(t, got, "%d %s of %v", op, id, run.models[p])
			} else {
				require.ErrorIs(t, got, want, "%d %s of %v", op, id, run.models[p])
			}
			run.seen[want]++
			run.models[p] = next
		}
		for _, p := range versionPatterns {
			run.agree(t, p)
		}
	}
}

// agree compares one pattern: listing, sealer, and openers with every id.
func (run *versionRun) agree(t *testing.T, p keyring.Pattern) {
	m, now := run.models[p], time.Now()
	infos := run.ring.Versions(p)
	require.Len(t, infos, len(m))
	for _, info := range infos {
		require.Equal(t, m[info.ID].dates, info.Dates, info.ID)
		require.Equal(t, m[info.ID].revoked, info.State == keyring.StateRevoked)
	}
	if m == nil {
		require.True(t, closed(run.ring, p.URI))
		return
	}
	e := look(t, run.ring, p.URI)
	sealer, err := e.Sealer(keyring.RoleOriginator)
	if id := m.current(now); id != "" && m[id].dead(now) == nil {
		require.NoError(t, err)
		require.Equal(t, id, sealer.ID())
	} else {
		require.ErrorIs(t, err, keyring.ErrNoActive)
	}
	var live []string
	for _, id := range versionIDs {
		v, known := m[id]
		vs, err := opening(e, keyring.RoleResponder, id)
		switch {
		case !known:
			require.ErrorIs(t, err, keyring.ErrUnknownID)
		case v.dead(now) != nil:
			require.ErrorIs(t, err, v.dead(now))
		default:
			require.NoError(t, err)
			require.Len(t, vs, 1)
			require.Equal(t, id, vs[0].ID())
			live = append(live, id)
		}
	}
	if len(live) == 0 {
		_, err := opening(e, keyring.RoleResponder, "")
		require.Error(t, err)
		return
	}
	ids := openersOf(t, e)
	slices.Sort(ids)
	require.Equal(t, live, ids)
}

func TestVersionsAgreeWithModel(t *testing.T) {
	t.Logf("seed %d", modelSeed)
	rnd := rand.New(rand.NewSource(modelSeed))
	run := versionRun{seen: map[error]int{}}
	for range 60 {
		ops := make([]byte, 3*60)
		_, _ = rnd.Read(ops)
		synctest.Test(t, func(t *testing.T) { run.play(t, ops) })
	}
	// The comparison must have compared something.
	require.Greater(t, run.seen[nil], 1000)
	require.Greater(t, run.waited, 100)
	for _, err := range []error{keyring.ErrState, keyring.ErrVersionExists, keyring.ErrNoVersion} {
		require.Greater(t, run.seen[err], 50, err)
	}
}

// versionSeeds are whole lives: rotations, and one that ends badly.
func versionSeeds() [][]byte {
	life := func(steps ...[3]byte) []byte {
		var ops []byte
		for _, s := range steps {
			ops = append(ops, s[:]...)
		}
		return ops
	}
	return [][]byte{
		life([3]byte{opSet, 0, 0}, [3]byte{opAdd, 1, 5}, [3]byte{opWait, 0, 24}, [3]byte{opWait, 0, 2}, [3]byte{opRemoveVersion, 0, 0},
			[3]byte{opAdd, 2, 6}, [3]byte{opWait, 0, 29}, [3]byte{opWait, 0, 29}, [3]byte{opDate, 1, 29}),
		life([3]byte{opSet, 0, 0}, [3]byte{opRevoke, 0, 0}, [3]byte{opSet, 0, 0}, [3]byte{opAdd, 1, 2}, [3]byte{opRemoveVersion, 0, 0}, [3]byte{opRemove, 0, 0}),
		life([3]byte{operations + opAdd, 0, 5}, [3]byte{operations + opRevoke, 0, 0}, [3]byte{operations + opDate, 0, 2}, [3]byte{2*operations + opAdd, 3, 25}),
	}
}

func TestVersionSeedsDoSomething(t *testing.T) {
	run := versionRun{seen: map[error]int{}}
	for _, ops := range versionSeeds() {
		synctest.Test(t, func(t *testing.T) { run.play(t, ops) })
	}
	require.Greater(t, run.seen[nil], 8, fmt.Sprint(run.seen))
	require.Positive(t, run.seen[keyring.ErrState])
}

func FuzzVersions(f *testing.F) {
	for _, ops := range versionSeeds() {
		f.Add(ops)
	}
	f.Fuzz(func(t *testing.T, ops []byte) {
		run := versionRun{seen: map[error]int{}}
		synctest.Test(t, func(t *testing.T) { run.play(t, ops[:min(len(ops), 300)]) })
	})
}
