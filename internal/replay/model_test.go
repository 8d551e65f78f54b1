package replay_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/replay"
)

// naive is what a Memory does, with nothing clever: a list of senders in the order in
// which they were heard of, each with the set of its counters.
type naive struct {
	max     int
	senders []*naiveSender
	floors  map[[2]string]int64 // by scope and key
}

type naiveSender struct {
	group               [2]string
	from                uint64
	seen                map[uint64]bool
	top                 uint64
	newest, lastExpires int64
	floor               int64 // of the group when this was heard of
}

func (m *naive) add(sender uint64, msg *replay.Message, now int64) replay.Verdict {
	group := [2]string{msg.Scope, msg.Key}
	at := slices.IndexFunc(m.senders, func(s *naiveSender) bool { return s.group == group && s.from == sender })
	var s *naiveSender
	if at >= 0 {
		s = m.senders[at]
	} else {
		s = &naiveSender{group: group, from: sender, seen: map[uint64]bool{}, floor: m.floors[group]}
	}
	if msg.Sent <= s.floor {
		return replay.Stale
	}
	if s.seen[msg.N] || msg.N+replay.WindowSize <= s.top {
		return replay.Seen
	}
	s.seen[msg.N] = true
	s.top = max(s.top, msg.N)
	s.newest, s.lastExpires = max(s.newest, msg.Sent), max(s.lastExpires, msg.Expires)
	if at >= 0 {
		m.senders = slices.Delete(m.senders, at, at+1)
	}
	m.senders = append(m.senders, s)
	for len(m.senders) > 0 {
		oldest := m.senders[0]
		if oldest.lastExpires >= now && len(m.senders) <= m.max {
			break
		}
		m.floors[oldest.group] = max(m.floors[oldest.group], oldest.newest)
		m.senders = m.senders[1:]
	}
	return replay.New
}

// traffic draws messages of a few senders, some of them old ones again.
type traffic struct {
	random *rand.Rand
	now    int64
	counts map[uint64]uint64
	used   map[[2]uint64]bool // by sender and counter: no sender uses one twice
	past   []sent
}

func newTraffic(seed uint64) *traffic {
	return &traffic{
		random: rand.New(rand.NewPCG(seed, 0)),
		now:    1_000_000,
		counts: map[uint64]uint64{},
		used:   map[[2]uint64]bool{},
	}
}

type sent struct {
	sender uint64
	msg    *replay.Message
}

const modelAge = 1000

func (tr *traffic) next() sent {
	r := tr.random
	tr.now += r.Int64N(20)
	if len(tr.past) > 0 && r.IntN(3) == 0 {
		recent := min(len(tr.past), 1+r.IntN(2000))
		return tr.past[len(tr.past)-1-r.IntN(recent)]
	}
	sender := r.Uint64N(12)
	tr.counts[sender] += 1 + r.Uint64N(3)
	if r.IntN(50) == 0 {
		tr.counts[sender] += r.Uint64N(2 * replay.WindowSize)
	}
	n := tr.counts[sender]
	if late := n - r.Uint64N(min(n, 10_000)); r.IntN(4) == 0 && !tr.used[[2]uint64{sender, late}] {
		n = late
	}
	tr.used[[2]uint64{sender, n}] = true
	m := message(sender, n, tr.now-r.Int64N(modelAge*3/2)+200)
	m.Expires = m.Sent + modelAge + 30
	m.Scope, m.Key = "scope "+strconv.Itoa(r.IntN(2)), "key "+strconv.Itoa(r.IntN(2))
	tr.past = append(tr.past, sent{sender, m})
	return tr.past[len(tr.past)-1]
}

// TestMemoryIsAsTheNaiveOne: for what a Session would ask of it, with a clock that
// goes on. Senders are too many for the memory in half of the runs.
func TestMemoryIsAsTheNaiveOne(t *testing.T) {
	verdicts := map[replay.Verdict]int{}
	for seed := range uint64(20) {
		most := 8 + int(seed%2)*1000
		memory := replay.NewSmallMemory(most, replay.MaxBytes, replay.MaxSignedBytes)
		model := &naive{max: most, floors: map[[2]string]int64{}}
		tr := newTraffic(seed)
		for step := range 3000 {
			m := tr.next()
			if m.msg.Sent < tr.now-modelAge {
				continue // is refused as too old
			}
			want, got := model.add(m.sender, m.msg, tr.now), memory.Add(m.msg, tr.now)
			if got != want {
				t.Fatalf("seed %d, step %d: %d, not %d", seed, step, got, want)
			}
			verdicts[got]++
		}
	}
	t.Logf("new %d, seen %d, stale %d", verdicts[replay.New], verdicts[replay.Seen], verdicts[replay.Stale])
	for _, v := range []replay.Verdict{replay.New, replay.Seen, replay.Stale} {
		if verdicts[v] < 100 {
			t.Fatalf("verdict %d was given %d times: the traffic is poor", v, verdicts[v])
		}
	}
}

// TestNothingIsTakenTwice: in a memory that is much too small, whatever the clock
// does.
func TestNothingIsTakenTwice(t *testing.T) {
	type identity struct {
		scope, key string
		sender, n  uint64
	}
	for seed := range uint64(20) {
		memory := replay.NewSmallMemory(1+int(seed%6), replay.MaxBytes, replay.MaxSignedBytes)
		if seed%2 == 1 {
			memory = replay.NewSmallMemory(replay.MaxSenders, 2000, 2000)
		}
		tr := newTraffic(seed)
		taken := map[identity]bool{}
		for step := range 5000 {
			m := tr.next()
			if tr.random.IntN(100) == 0 {
				tr.now += tr.random.Int64N(8*modelAge) - 4*modelAge
			}
			if memory.Add(m.msg, tr.now) != replay.New {
				continue
			}
			id := identity{m.msg.Scope, m.msg.Key, m.sender, m.msg.N}
			if taken[id] {
				t.Fatalf("seed %d, step %d: taken twice", seed, step)
			}
			taken[id] = true
		}
		if len(taken) < 50 {
			t.Fatalf("seed %d: only %d were taken", seed, len(taken))
		}
	}
}
