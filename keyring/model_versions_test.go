package keyring_test

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// modelVersion is a version as the rules describe it.
type modelVersion struct {
	state    keyring.State
	notAfter time.Time
}

// dead tells whether it opens nothing, with a date long past or far ahead.
func (v modelVersion) dead() bool { return v.state == keyring.StateRevoked || v.notAfter.Equal(past) }

// modelVersions is one pattern's versions by their id, nil without the pattern.
type modelVersions map[string]modelVersion

func (m modelVersions) activeID() string {
	for id, v := range m {
		if v.state == keyring.StateActive {
			return id
		}
	}
	return ""
}

// do carries an operation out, or gives the sentinel that refuses it.
func (m modelVersions) do(op int, id string, date time.Time) (modelVersions, error) {
	v, known := m[id]
	next := modelVersions{}
	for id, v := range m {
		next[id] = v
	}
	set := func(v modelVersion) (modelVersions, error) { next[id] = v; return next, nil }
	switch {
	case op == 0 && v.state == keyring.StateRevoked:
		return m, keyring.ErrState
	case op == 0: // Set
		return modelVersions{id: {state: keyring.StateActive}}, nil
	case op == 1 && known:
		return m, keyring.ErrVersionExists
	case op == 1: // Add
		return set(modelVersion{state: keyring.StatePending})
	case op == 6: // Remove
		return nil, nil
	case !known:
		return m, keyring.ErrNoVersion
	}
	switch op {
	case 2: // Activate
		if v.dead() {
			return m, keyring.ErrState
		}
		if a := m.activeID(); a != "" {
			next[a] = modelVersion{state: keyring.StateRetired}
		}
		return set(modelVersion{state: keyring.StateActive})
	case 3: // Retire
		if v.state == keyring.StateActive || v.state == keyring.StateRevoked || date.IsZero() {
			return m, keyring.ErrState
		}
		return set(modelVersion{keyring.StateRetired, date})
	case 4: // Revoke
		return set(modelVersion{state: keyring.StateRevoked})
	default: // RemoveVersion
		if v.state == keyring.StateActive || len(m) == 1 {
			return m, keyring.ErrState
		}
		delete(next, id)
		return next, nil
	}
}

// doRing carries the same operation out on a ring.
func doRing(r *keyring.Ring, p keyring.Pattern, op int, id string, date time.Time) error {
	switch op {
	case 0:
		return r.Set(p.URI, p.Match, named(id))
	case 1:
		return r.Add(p.URI, p.Match, named(id))
	case 2:
		return r.Activate(p.URI, p.Match, id)
	case 3:
		return r.Retire(p.URI, p.Match, id, date)
	case 4:
		return r.Revoke(p.URI, p.Match, id)
	case 6:
		r.Remove(p.URI, p.Match)
		return nil
	}
	return r.RemoveVersion(p.URI, p.Match, id)
}

// operations is how many there are for the model.
const operations = 7

var (
	versionIDs   = []string{"a", "b", "c", "d"}
	versionDates = []time.Time{{}, past, future, future.AddDate(1, 0, 0)}
	// Patterns that don't match each other's URI, which is the text.
	versionPatterns = []keyring.Pattern{exact("com.exact"), prefix("com.prefix."), wild("org..wild")}
)

// versionRun plays operations on a ring and on the model, three bytes each,
// and compares after each. It counts what happened by its sentinel.
type versionRun struct {
	ring   *keyring.Ring
	models map[keyring.Pattern]modelVersions
	seen   map[error]int
}

func (run *versionRun) play(t *testing.T, ops []byte) {
	run.ring, run.models = keyring.New(), map[keyring.Pattern]modelVersions{}
	for ; len(ops) >= 3; ops = ops[3:] {
		p := versionPatterns[int(ops[0])/operations%len(versionPatterns)]
		op, id, date := int(ops[0])%operations, versionIDs[int(ops[1])%len(versionIDs)], versionDates[int(ops[2])%len(versionDates)]
		next, want := run.models[p].do(op, id, date)
		got := doRing(run.ring, p, op, id, date)
		if want == nil {
			require.NoError(t, got, "%d %s of %v", op, id, run.models[p])
		} else {
			require.ErrorIs(t, got, want, "%d %s of %v", op, id, run.models[p])
		}
		run.seen[want]++
		run.models[p] = next
		for _, p := range versionPatterns {
			run.agree(t, p)
		}
	}
}

// agree compares one pattern: listing, sealer, and openers with every id.
func (run *versionRun) agree(t *testing.T, p keyring.Pattern) {
	m := run.models[p]
	infos := run.ring.Versions(p.URI, p.Match)
	require.Len(t, infos, len(m))
	for _, info := range infos {
		require.Equal(t, m[info.ID], modelVersion{info.State, info.NotAfter}, info.ID)
	}
	e, ok := run.ring.Lookup(p.URI)
	require.Equal(t, m != nil, ok)
	if !ok {
		return
	}
	sealer, err := e.Sealer(keyring.RoleOriginator)
	if id := m.activeID(); id != "" {
		require.NoError(t, err)
		require.Equal(t, id, sealer.ID())
	} else {
		require.ErrorIs(t, err, keyring.ErrNoActive)
	}
	var opening []string
	for _, id := range versionIDs {
		v, known := m[id]
		vs, err := e.Openers(keyring.RoleResponder, id)
		switch {
		case !known:
			require.ErrorIs(t, err, keyring.ErrUnknownID)
		case v.state == keyring.StateRevoked:
			require.ErrorIs(t, err, keyring.ErrRevoked)
		case v.dead():
			require.ErrorIs(t, err, keyring.ErrExpired)
		default:
			require.NoError(t, err)
			require.Len(t, vs, 1)
			require.Equal(t, id, vs[0].ID())
			opening = append(opening, id)
		}
	}
	vs, err := e.Openers(keyring.RoleResponder, "")
	if len(opening) == 0 {
		require.Error(t, err)
		return
	}
	var ids []string
	for _, v := range vs {
		ids = append(ids, v.ID())
	}
	if sealer != nil {
		require.Equal(t, sealer, vs[0], "the active one first")
	}
	slices.Sort(ids)
	require.Equal(t, opening, ids)
}

func TestVersionsAgreeWithModel(t *testing.T) {
	t.Logf("seed %d", modelSeed)
	rnd := rand.New(rand.NewSource(modelSeed))
	run := versionRun{seen: map[error]int{}}
	for range 60 {
		ops := make([]byte, 3*60)
		_, _ = rnd.Read(ops)
		run.play(t, ops)
	}
	// The comparison must have compared something.
	require.Greater(t, run.seen[nil], 1000)
	for _, err := range []error{keyring.ErrState, keyring.ErrVersionExists, keyring.ErrNoVersion} {
		require.Greater(t, run.seen[err], 80, err)
	}
}

// versionSeeds are whole lives: three rotations, and one that ends badly.
func versionSeeds() [][]byte {
	life := func(steps ...[3]byte) []byte {
		var ops []byte
		for _, s := range steps {
			ops = append(ops, s[:]...)
		}
		return ops
	}
	return [][]byte{
		life([3]byte{0, 0, 0}, [3]byte{1, 1, 0}, [3]byte{2, 1, 0}, [3]byte{3, 0, 2}, [3]byte{1, 2, 0}, [3]byte{2, 2, 0}, [3]byte{3, 1, 1}, [3]byte{5, 0, 0}),
		life([3]byte{0, 0, 0}, [3]byte{4, 0, 0}, [3]byte{0, 0, 0}, [3]byte{1, 1, 0}, [3]byte{2, 1, 0}, [3]byte{5, 0, 0}, [3]byte{6, 0, 0}),
		life([3]byte{8, 0, 0}, [3]byte{9, 0, 0}, [3]byte{10, 0, 2}, [3]byte{9, 0, 0}, [3]byte{15, 3, 0}, [3]byte{19, 3, 1}),
	}
}

func TestVersionSeedsDoSomething(t *testing.T) {
	run := versionRun{seen: map[error]int{}}
	for _, ops := range versionSeeds() {
		run.play(t, ops)
	}
	require.Greater(t, run.seen[nil], 10, fmt.Sprint(run.seen))
	require.Positive(t, run.seen[keyring.ErrState])
}

func FuzzVersions(f *testing.F) {
	for _, ops := range versionSeeds() {
		f.Add(ops)
	}
	f.Fuzz(func(t *testing.T, ops []byte) {
		run := versionRun{seen: map[error]int{}}
		run.play(t, ops[:min(len(ops), 300)])
	})
}
