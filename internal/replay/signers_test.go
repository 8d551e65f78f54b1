package replay_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/replay"
)

// signed is message, of a signer.
func signed(signer string, sender, n uint64, sent int64) *replay.Message {
	m := message(sender, n, sent)
	m.Signer = signer
	return m
}

func signerName(i int) string { return "signer " + strconv.Itoa(i) }

// TestSignersAreApart: whatever one names, the same of another is new, and so is what
// nobody signed.
func TestSignersAreApart(t *testing.T) {
	memory := replay.NewMemory()
	for _, signer := range []string{"victim", "", "forger"} {
		require.Equal(t, replay.New, memory.Add(signed(signer, 1, 7, 1), 1), signer)
		require.Equal(t, replay.Seen, memory.Add(signed(signer, 1, 7, 1), 1), signer)
		other := signed(signer, 1, 7, 1)
		other.Scope = "event"
		require.Equal(t, replay.New, memory.Add(other, 1), signer)
		other.Key = "l"
		require.Equal(t, replay.New, memory.Add(other, 1), signer)
		require.Equal(t, replay.Seen, memory.Add(other, 1), signer)
	}
}

// TestHugeCounterOfAnother: a forged `from` moves the forger's own window alone.
func TestHugeCounterOfAnother(t *testing.T) {
	memory := replay.NewMemory()
	require.Equal(t, replay.New, memory.Add(signed("victim", 1, 1, 1), 1))
	require.Equal(t, replay.New, memory.Add(signed("forger", 1, 1<<63, 1), 1))
	for n := uint64(2); n < 100; n++ {
		require.Equal(t, replay.New, memory.Add(signed("victim", 1, n, 1), 1))
	}
	require.Equal(t, replay.Seen, memory.Add(signed("forger", 1, 2, 1), 1), "it shut out itself")
}

// TestRoomOfASigner: one that invents a hundred thousand senders has 256 of them known, and
// what raises a floor is its own, in that scope and under that key. Who sends what was sent
// before the flood, or is heard of first after it, is taken as before.
func TestRoomOfASigner(t *testing.T) {
	memory := replay.NewMemory()
	const flood, sent = 100_000, 1_000_000
	for _, m := range []*replay.Message{signed("victim", 1, 1, sent), message(1, 1, sent)} {
		require.Equal(t, replay.New, memory.Add(m, sent))
	}
	for i := range uint64(flood) {
		if v := memory.Add(signed("forger", i, 1, sent+int64(i)), sent); v != replay.New {
			t.Fatalf("sender %d: %d", i, v)
		}
	}
	signers, senders, _ := memory.SignedSize()
	require.Equal(t, 2, signers)
	require.Equal(t, 1+replay.MaxOfSigner, senders)
	require.Equal(t, replay.Stale, memory.Add(signed("forger", 1<<40, 1, sent+flood-replay.MaxOfSigner-1), sent), "its floor rose")
	for _, signer := range []string{"victim", "third", ""} {
		require.Equal(t, replay.New, memory.Add(signed(signer, 1, 2, sent-900), sent), signer)
		require.Equal(t, replay.New, memory.Add(signed(signer, 1<<40, 1, sent-900), sent), signer)
	}
	elsewhere := signed("forger", 1<<40, 1, sent-900)
	elsewhere.Key = "l"
	require.Equal(t, replay.New, memory.Add(elsewhere, sent))
	elsewhere.Key, elsewhere.Scope = "k", "event"
	require.Equal(t, replay.New, memory.Add(elsewhere, sent))
}

// TestUnsignedFlood: the senders of a box, which nobody can tell apart from invented ones,
// leave those of signers alone, and the other way round.
func TestUnsignedFlood(t *testing.T) {
	memory := replay.NewSmallMemory(100, replay.MaxBytes, replay.MaxSignedBytes)
	require.Equal(t, replay.New, memory.Add(signed("signer", 1, 1, 1), 0))
	for i := range uint64(1000) {
		require.Equal(t, replay.New, memory.Add(message(i, 1, int64(100+i)), 0))
	}
	require.Equal(t, replay.New, memory.Add(signed("signer", 1, 2, 1), 0))
	require.Equal(t, replay.New, memory.Add(signed("signer", 2, 1, 1), 0))
	for i := range 1000 {
		require.Equal(t, replay.New, memory.Add(signed(signerName(i), 1, 1, 5000), 0))
	}
	require.Equal(t, replay.Seen, memory.Add(message(999, 1, 1099), 0))
	require.Equal(t, replay.New, memory.Add(message(5000, 1, 1099), 0))
}

// TestSignersExpire: who is silent for long enough costs nothing any more, with its floors.
func TestSignersExpire(t *testing.T) {
	memory := replay.NewMemory()
	for i := range 10_000 {
		now := int64(i * 100)
		for sender := range uint64(3) {
			m := signed(signerName(i), sender, 1, now)
			m.Scope = "scope " + strconv.Itoa(i%7)
			if memory.Add(m, now) != replay.New {
				t.Fatal("not new")
			}
		}
	}
	signers, senders, bytes := memory.SignedSize()
	require.Less(t, signers, 20)
	require.Less(t, senders, 60)
	require.Less(t, bytes, 30_000)

}

// TestRoomsExpire of a signer that goes on: what it had in them, in the one that it goes on in
// too, whoever else is still known that has been silent for longer.
func TestRoomsExpire(t *testing.T) {
	memory := replay.NewMemory()
	in := func(scope string, sender uint64, now int64) *replay.Message {
		m := signed("steady", sender, 1, now)
		m.Scope = scope
		return m
	}
	for sender := range uint64(100) {
		require.Equal(t, replay.New, memory.Add(in("gone", sender, 1000), 1000))
		require.Equal(t, replay.New, memory.Add(in("held", sender, 1000), 1000))
	}
	require.Equal(t, replay.New, memory.Add(signed("silent", 1, 1, 1500), 1500))
	require.Equal(t, replay.New, memory.Add(in("other", 1, 1500), 1500))
	require.Equal(t, replay.New, memory.Add(in("held", 200, 1500), 1500))

	require.Equal(t, replay.New, memory.Add(in("held", 201, 2400), 2400))
	signers, senders, bytes := memory.SignedSize()
	require.Equal(t, []int{2, 1 + 1 + 2}, []int{signers, senders})
	require.Less(t, bytes, 2500)
	require.Equal(t, replay.Stale, memory.Add(in("gone", 1, 1000), 1000), "the clock is set back")
	require.Equal(t, replay.Stale, memory.Add(in("held", 1, 1000), 1000))
}

// naiveSigners is what a Memory does with signers who don't fill it, with nothing clever.
type naiveSigners map[[3]string]*naiveRoom

type naiveRoom struct {
	senders []*naiveSender // in the order in which they were heard of
	floor   int64
}

func (all naiveSigners) add(sender uint64, msg *replay.Message) replay.Verdict {
	name := [3]string{msg.Signer, msg.Scope, msg.Key}
	r := all[name]
	if r == nil {
		r = &naiveRoom{}
		all[name] = r
	}
	at := slices.IndexFunc(r.senders, func(s *naiveSender) bool { return s.from == sender })
	s := &naiveSender{from: sender, seen: map[uint64]bool{}, floor: r.floor}
	if at >= 0 {
		s = r.senders[at]
	}
	if msg.Sent <= s.floor {
		return replay.Stale
	}
	if s.seen[msg.N] || msg.N+replay.WindowSize <= s.top {
		return replay.Seen
	}
	s.seen[msg.N], s.top, s.newest = true, max(s.top, msg.N), max(s.newest, msg.Sent)
	if at >= 0 {
		r.senders = slices.Delete(r.senders, at, at+1)
	}
	if r.senders = append(r.senders, s); len(r.senders) > replay.MaxOfSigner {
		r.floor = max(r.floor, r.senders[0].newest)
		r.senders = r.senders[1:]
	}
	return replay.New
}

// TestSignersAreAsTheNaiveOnes: each signer's verdicts are those that it would have had alone,
// beside two that have more senders than there is room for.
func TestSignersAreAsTheNaiveOnes(t *testing.T) {
	verdicts := map[replay.Verdict]int{}
	for seed := range uint64(10) {
		random := rand.New(rand.NewPCG(seed, 0))
		memory, model := replay.NewMemory(), naiveSigners{}
		var past []sent
		for step := range int64(10_000) {
			m := sent{sender: random.Uint64N(5)}
			signer := random.IntN(4)
			if signer >= 2 {
				m.sender = random.Uint64N(400)
			}
			m.msg = signed(signerName(signer), m.sender, uint64(step)+random.Uint64N(50), 1000+step-random.Int64N(40))
			m.msg.Scope = "scope " + strconv.Itoa(random.IntN(2))
			if random.IntN(3) == 0 && len(past) > 0 {
				m = past[random.IntN(len(past))]
			}
			past = append(past, m)
			m.msg.Expires = m.msg.Sent + 1_000_000
			want, got := model.add(m.sender, m.msg), memory.Add(m.msg, 0)
			if got != want {
				t.Fatalf("seed %d, step %d: %d, not %d", seed, step, got, want)
			}
			verdicts[got]++
		}
	}
	t.Logf("new %d, seen %d, stale %d", verdicts[replay.New], verdicts[replay.Seen], verdicts[replay.Stale])
	for _, v := range []replay.Verdict{replay.New, replay.Seen, replay.Stale} {
		require.Greater(t, verdicts[v], 100)
	}
}

// TestNothingOfSignersIsTakenTwice: in a memory that is much too small, whatever the clock
// does.
func TestNothingOfSignersIsTakenTwice(t *testing.T) {
	type identity struct {
		signer, scope, key string
		sender, n          uint64
	}
	for seed := range uint64(20) {
		memory := replay.NewSmallMemory(1+int(seed%6), replay.MaxBytes, replay.MaxSignedBytes)
		if seed%2 == 1 {
			memory = replay.NewSmallMemory(replay.MaxSenders, replay.MaxBytes, []int{200, 700, 2000}[seed%3])
		}
		tr := newTraffic(seed)
		taken := map[identity]bool{}
		for step := range 5000 {
			m := tr.next()
			if m.msg.Signer == "" {
				m.msg.Signer = signerName(tr.random.IntN(3)) // it keeps it where it comes again
			}
			if tr.random.IntN(100) == 0 {
				tr.now += tr.random.Int64N(8*modelAge) - 4*modelAge
			}
			if memory.Add(m.msg, tr.now) != replay.New {
				continue
			}
			id := identity{m.msg.Signer, m.msg.Scope, m.msg.Key, m.sender, m.msg.N}
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

// TestHonestSignersInAFullMemory: three times as many as there is room for. Each goes on
// with what it sends next, since its own floor is all that is left of it.
func TestHonestSignersInAFullMemory(t *testing.T) {
	memory := replay.NewSmallMemory(100, replay.MaxBytes, replay.MaxSignedBytes)
	for i := range 300 {
		require.Equal(t, replay.New, memory.Add(signed(signerName(i), 1, 0, 0), 0))
	}
	for round := int64(1); round < 5; round++ {
		for i := range 300 {
			require.Equal(t, replay.New, memory.Add(signed(signerName(i), 1, uint64(round), round), 0))
			require.NotEqual(t, replay.New, memory.Add(signed(signerName((i+150)%300), 1, uint64(round-1), round-1), 0))
		}
	}
}

// signedTraffic is of many signers in turn, each message from another sender.
type signedTraffic struct {
	memory *replay.Memory
	names  []string
	msg    *replay.Message
}

func newSignedTraffic(memory *replay.Memory, signers int) *signedTraffic {
	a := &signedTraffic{memory: memory, names: make([]string, signers), msg: message(1, 1, 0)}
	for i := range a.names {
		a.names[i] = signerName(i)
		memory.Add(signed(a.names[i], 1, 1, 0), 0)
	}
	return a
}

func (a *signedTraffic) next() {
	a.msg.N++
	a.msg.Sent++
	a.msg.Expires++
	a.msg.From = from(a.msg.N)
	a.msg.Signer = a.names[a.msg.N*7919%uint64(len(a.names))]
	a.memory.Add(a.msg, 0)
}
