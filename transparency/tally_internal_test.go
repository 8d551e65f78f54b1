package transparency

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// versionOf sets a shared key for a pattern, and gives the version.
func versionOf(t testing.TB, ring *keyring.Ring, p keyring.Pattern, id string) *keyring.Version {
	t.Helper()
	require.NoError(t, ring.Set(p, keyring.Shared(cryptobox.GenerateSymmetricKey()).ForPassthru(id)))
	entry, err := ring.Lookup(p.URI)
	require.NoError(t, err)
	v, err := entry.Sealer(keyring.RoleOriginator)
	require.NoError(t, err)
	return v
}

func sum(rows []KeyStats) (n uint64) {
	for _, row := range rows {
		n += row.Sealed
	}
	return n
}

// TestRowsAreBounded: of versions that the ring dropped the latest stay, of those that it has
// all, however long they are silent. Nothing that was counted gets lost.
func TestRowsAreBounded(t *testing.T) {
	ring := keyring.New()
	all := newTallies(ring)
	silent := versionOf(t, ring, keyring.Exact("com.myapp.silent"), "silent")
	begun := time.UnixMilli(1_000_000)
	all.version(silent).seal(begun)
	plain := all.row(keyRow{pattern: keyring.Exact("com.myapp.silent")})
	plain.add(&plain.plain)
	const rotations = 10_000
	p := keyring.Exact("com.myapp.x")
	for i := range rotations {
		v := versionOf(t, ring, p, fmt.Sprint(i))
		all.version(v).seal(begun.Add(time.Duration(i+1) * time.Second))
		require.LessOrEqual(t, len(all.rows), 2*(maxDropped+3), "three rows are of what the ring has")
	}
	rows := all.stats()
	require.EqualValues(t, rotations+1, sum(rows))
	require.GreaterOrEqual(t, len(rows), maxDropped)
	byID := map[string]KeyStats{}
	for _, row := range rows {
		byID[row.KeyID] = row
	}
	require.EqualValues(t, 1, byID["silent"].Sealed)
	require.EqualValues(t, 1, byID[""].Plain+rows[0].Plain, "its pattern stays too")
	for i := rotations - maxDropped; i < rotations; i++ {
		require.EqualValues(t, 1, byID[fmt.Sprint(i)].Sealed, i)
	}
	others := rows[len(rows)-1]
	require.Equal(t, keyring.Pattern{}, others.Pattern)
	require.Equal(t, cryptobox.Passthru, others.Dialect, "a sum by dialect and suite doesn't fall")
	require.GreaterOrEqual(t, others.Sealed, uint64(rotations-2*(maxDropped+3)))
	require.Equal(t, begun.Add(time.Duration(others.Sealed)*time.Second), others.LastSealed, "they are the oldest ones")
}

// TestNoCountIsLost: while rows are given up under those who count in them.
func TestNoCountIsLost(t *testing.T) {
	ring := keyring.New()
	all := newTallies(ring)
	const counted, goroutines = 20_000, 4
	gone := versionOf(t, ring, keyring.Exact("com.myapp.x"), "gone")
	require.NoError(t, ring.Remove(keyring.Exact("com.myapp.x")))
	var counting sync.WaitGroup
	for range goroutines {
		counting.Go(func() {
			t := all.version(gone) // is held while it is given up
			for i := range counted {
				if i%100 == 0 {
					t = all.version(gone)
				}
				t.seal(time.UnixMilli(1))
			}
		})
	}
	told := uint64(0)
	for range 50 {
		all.mu.Lock()
		for i := range maxDropped { // that were used later
			other := &tally{}
			other.lastSealed.Store(2)
			all.rows[keyRow{keyring.Exact("com.myapp.y"), fmt.Sprint(i)}] = other
		}
		all.sweep()
		all.mu.Unlock()
		now := sum(all.stats())
		require.GreaterOrEqual(t, now, told, "it falls")
		told = now
	}
	counting.Wait()
	require.EqualValues(t, counted*goroutines, sum(all.stats()))
	rows := all.stats()
	require.NotZero(t, rows[len(rows)-1].Sealed)
}

// TestCountingAllocatesNothing, and takes no lock, for a version that was seen before.
func TestCountingAllocatesNothing(t *testing.T) {
	ring := keyring.New()
	all := newTallies(ring)
	var versions []*keyring.Version
	for i := range 1000 {
		versions = append(versions, versionOf(t, ring, keyring.Exact(fmt.Sprintf("com.myapp.x%d", i)), "id"))
	}
	for range 2 {
		for _, v := range versions {
			all.version(v)
		}
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	i, at := 0, time.Now()
	require.Zero(t, testing.AllocsPerRun(10_000, func() {
		all.version(versions[i%len(versions)]).seal(at)
		all.version(versions[i%len(versions)]).open(at)
		i++
	}))
}

// TestNoTimeIsTakenWithoutAnObserver: nor is anything allocated.
func TestNoTimeIsTakenWithoutAnObserver(t *testing.T) {
	s := &Session{}
	require.Zero(t, s.stopwatch())
	v := versionOf(t, keyring.New(), keyring.Exact("com.myapp.x"), "id")
	in := &opened{version: v}
	require.Zero(t, testing.AllocsPerRun(100, func() {
		in.observe(s.stopwatch(), nil)
		s.observeOpened(in, cryptobox.KindCall)
		s.observeSealed(s.stopwatch(), v, cryptobox.KindCall, 1, nil)
	}))
}

// BenchmarkCount is what counting adds to a message.
func BenchmarkCount(b *testing.B) {
	ring := keyring.New()
	all := newTallies(ring)
	v := versionOf(b, ring, keyring.Prefix("com.myapp.encrypted."), "abcdefghijklmnopqrstuvwxyz")
	at := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		all.version(v).seal(at)
	}
}
