package transparency

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// keyRow names a row of [Stats] Keys. Both parts come from the ring, never from the wire.
type keyRow struct {
	pattern keyring.Pattern
	id      string
}

func rowOf(v *keyring.Version) keyRow { return keyRow{v.Pattern(), v.ID()} }

// tally counts for one row.
type tally struct {
	dialect cryptobox.Dialect
	suite   cryptobox.Suite

	sealed, opened, plain  atomic.Uint64
	rejected               [reasonCount]atomic.Uint64
	lastSealed, lastOpened atomic.Int64 // Unix ms; 0 for never

	// into is set once the row is given up: whoever counts here after that moves the counts on.
	into atomic.Pointer[tally]
}

func (t *tally) seal(at time.Time) { t.count(&t.sealed, &t.lastSealed, at) }
func (t *tally) open(at time.Time) { t.count(&t.opened, &t.lastOpened, at) }

func (t *tally) count(n *atomic.Uint64, last *atomic.Int64, at time.Time) {
	n.Add(1)
	if ms := at.UnixMilli(); last.Load() != ms {
		last.Store(ms)
	}
	t.moveOn()
}

func (t *tally) add(n *atomic.Uint64) {
	n.Add(1)
	t.moveOn()
}

func (t *tally) moveOn() {
	if to := t.into.Load(); to != nil {
		t.drain(to)
	}
}

// giveUp has another tally count for t from now on.
func (t *tally) giveUp(to *tally) {
	t.into.Store(to)
	t.drain(to)
}

func (t *tally) drain(to *tally) {
	move := func(from, to *atomic.Uint64) { to.Add(from.Swap(0)) }
	move(&t.sealed, &to.sealed)
	move(&t.opened, &to.opened)
	move(&t.plain, &to.plain)
	for i := range t.rejected {
		move(&t.rejected[i], &to.rejected[i])
	}
	to.lastSealed.Store(max(to.lastSealed.Load(), t.lastSealed.Load()))
	to.lastOpened.Store(max(to.lastOpened.Load(), t.lastOpened.Load()))
}

func (t *tally) lastUsed() int64 { return max(t.lastSealed.Load(), t.lastOpened.Load()) }

// maxDropped is how many rows stay of versions that the ring has no more.
const maxDropped = 1024

// manner is how a version seals, zero for no version. A count stays with it when its row goes, so
// that what is added up by manner never falls.
type manner struct {
	dialect cryptobox.Dialect
	suite   cryptobox.Suite
}

// tallies are those of a Session. A row that there is for a while is found without a lock.
type tallies struct {
	ring *keyring.Ring

	steady atomic.Pointer[map[keyRow]*tally] // some of rows; the map isn't changed any more

	mu      sync.Mutex
	rows    map[keyRow]*tally
	missed  int               // rows that were asked for and aren't in steady
	sweepAt int               // so many rows, those that are to be given up are looked for
	others  map[manner]*tally // of the rows that were given up
}

func newTallies(ring *keyring.Ring) *tallies {
	return &tallies{ring: ring, rows: map[keyRow]*tally{}, others: map[manner]*tally{}, sweepAt: 2 * maxDropped}
}

// version gives the tally of a version.
func (all *tallies) version(v *keyring.Version) *tally {
	row := rowOf(v)
	if t := all.known(row); t != nil {
		return t
	}
	return all.find(row, v.Dialect(), v.Suite())
}

// row gives the tally of a version that isn't at hand, or of a pattern where the id is empty.
func (all *tallies) row(row keyRow) *tally {
	if t := all.known(row); t != nil {
		return t
	}
	if row.id != "" {
		for _, v := range all.ring.Versions(row.pattern) {
			if v.ID == row.id {
				return all.find(row, v.Dialect, v.Suite)
			}
		}
	}
	return all.find(row, 0, 0)
}

func (all *tallies) known(row keyRow) *tally {
	if steady := all.steady.Load(); steady != nil {
		return (*steady)[row]
	}
	return nil
}

// find gives the tally of a row that isn't in steady, and copies all rows there when that was
// done often enough to be worth it.
func (all *tallies) find(row keyRow, d cryptobox.Dialect, s cryptobox.Suite) *tally {
	all.mu.Lock()
	defer all.mu.Unlock()
	t := all.rows[row]
	if t == nil {
		t = &tally{dialect: d, suite: s}
		all.rows[row] = t
	}
	if len(all.rows) >= all.sweepAt {
		all.sweep()
	}
	if all.missed++; 4*all.missed >= len(all.rows) {
		all.publish()
	}
	return t
}

// publish makes all rows known. mu is held.
func (all *tallies) publish() {
	all.missed = 0
	steady := maps.Clone(all.rows)
	all.steady.Store(&steady)
}

// sweep gives up rows of what the ring has no more, but for those that were used last. mu is
// held.
func (all *tallies) sweep() {
	held := map[keyRow]bool{}
	for p := range all.ring.Patterns() {
		held[keyRow{pattern: p}] = true
	}
	for p, v := range all.ring.Walk(time.Time{}) {
		held[keyRow{p, v.ID}] = true
	}
	type use struct {
		row  keyRow
		last int64
	}
	var dropped []use
	for row, t := range all.rows {
		if !held[row] {
			dropped = append(dropped, use{row, t.lastUsed()})
		}
	}
	slices.SortFunc(dropped, func(a, b use) int { return cmp.Compare(b.last, a.last) })
	for _, u := range dropped[min(maxDropped, len(dropped)):] {
		t := all.rows[u.row]
		t.giveUp(all.othersOf(manner{t.dialect, t.suite}))
		delete(all.rows, u.row)
	}
	all.sweepAt = 2 * max(maxDropped, len(all.rows))
	all.publish()
}

// othersOf gives the tally of rows that were given up. mu is held.
func (all *tallies) othersOf(m manner) *tally {
	if all.others[m] == nil {
		all.others[m] = &tally{dialect: m.dialect, suite: m.suite}
	}
	return all.others[m]
}

// stats gives all rows, in order.
func (all *tallies) stats() []KeyStats {
	all.mu.Lock()
	defer all.mu.Unlock()
	rows := make([]KeyStats, 0, len(all.rows)+len(all.others))
	for row, t := range all.rows {
		rows = append(rows, t.stats(row))
	}
	for _, t := range all.others {
		rows = append(rows, t.stats(keyRow{}))
	}
	slices.SortFunc(rows, compareKeyStats)
	return rows
}

func (t *tally) stats(row keyRow) KeyStats {
	return KeyStats{
		Pattern: row.pattern, KeyID: row.id, Dialect: t.dialect, Suite: t.suite,
		Sealed: t.sealed.Load(), Opened: t.opened.Load(), Plain: t.plain.Load(), Rejected: byReason(&t.rejected),
		LastSealed: moment(t.lastSealed.Load()), LastOpened: moment(t.lastOpened.Load()),
	}
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
