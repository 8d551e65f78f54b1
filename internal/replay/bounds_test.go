//go:build !race

// Under the race detector these take a minute, and it is one goroutine that works.

package replay_test

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/replay"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/heap"
)

// TestMemoryIsBounded: 100,000 senders take less than 20 MB, and what is more than
// that is forgotten.
func TestMemoryIsBounded(t *testing.T) {
	for _, c := range []struct {
		name              string
		senders, counters uint64
		step              uint64 // between the counters of a sender
		apart             bool   // each sender in a scope of its own
	}{
		{"twice as many senders", 2 * replay.MaxSenders, 1, 1, false},
		{"scattered messages", replay.MaxSenders, 2, 200, false},
		{"full windows", 2000, replay.WindowSize / 64, 64, false},
		{"a scope for each", replay.MaxSenders, 1, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := heap.InUse()
			memory := replay.NewMemory()
			for i := range c.counters {
				for sender := range c.senders {
					m := message(sender, 1+i*c.step, int64(i*c.senders+sender))
					if c.apart {
						m.Scope = "event exact com.myapp.topic." + strconv.FormatUint(sender, 10)
					}
					if memory.Add(m, 0) != replay.New {
						t.Fatal("not new")
					}
				}
			}
			used := heap.InUse() - before
			senders, estimate := memory.Size()
			t.Logf("%d senders: %d bytes, estimated %d", senders, used, estimate)
			require.Less(t, used, int64(replay.MaxBytes))
			if c.counters == 1 && !c.apart {
				require.Equal(t, replay.MaxSenders, senders)
			}
			runtime.KeepAlive(memory)
		})
	}
}

// TestTokensAreBounded in all scopes together: a thousand, which have had more than are
// kept, take what one takes.
func TestTokensAreBounded(t *testing.T) {
	token := newTokens(t)
	taken := func(scopes int) int64 {
		before := heap.InUse()
		memory := replay.NewMemory()
		for i := range scopes {
			scope := "event exact com.myapp.topic." + strconv.Itoa(i)
			for range max(replay.MaxTokens/scopes, 100) {
				if memory.AddToken(scope, token()) != replay.New {
					t.Fatal("not new")
				}
			}
		}
		used := heap.InUse() - before
		runtime.KeepAlive(memory)
		return used
	}
	one := taken(1)
	many := taken(1000)
	t.Logf("%d bytes for one scope, %d for 1,000", one, many)
	require.Less(t, one, int64(8<<20))
	require.Less(t, many, one+one/2)
}

// TestRetainedOfSignersIsBounded: a hundred thousand of them with an event each, and four
// who have all the room.
func TestRetainedOfSignersIsBounded(t *testing.T) {
	for name, signers := range map[string]int{"many": 100_000, "more than there is room for": replay.MaxSignedRetained + 1000, "few": 4} {
		t.Run(name, func(t *testing.T) {
			names := make([]string, signers)
			for i := range names {
				names[i] = fmt.Sprintf("%016d", i)
			}
			before := heap.InUse()
			r := replay.NewRetained()
			for i := range max(signers, 5*replay.MaxTokens) {
				r.AddRetained(keptBy(names[i%signers], 1, uint64(i), int64(i)))
			}
			used := heap.InUse() - before
			t.Logf("%d bytes", used)
			require.Less(t, used, int64(50_000_000))
			runtime.KeepAlive(r)
		})
	}
}

// TestFullOfOneSigner: who takes most of what all signers have gives way, by the number of its
// senders and by the bytes of its windows. A few others are known as they were, with what
// they sent first, however long they have been silent.
func TestFullOfOneSigner(t *testing.T) {
	for name, c := range map[string]struct {
		maxSenders, maxBytes, scopes int
		counters                     uint64
	}{
		"senders": {1000, replay.MaxSignedBytes, 50, 1},
		"bytes":   {replay.MaxSenders, 400_000, 50, 1},
		"windows": {replay.MaxSenders, 1_000_000, 5, 100},
	} {
		t.Run(name, func(t *testing.T) {
			memory := replay.NewSmallMemory(c.maxSenders, replay.MaxBytes, c.maxBytes)
			const honest = 20
			for i := range honest {
				for n := range uint64(10) {
					require.Equal(t, replay.New, memory.Add(signed(signerName(i), 1, 1+n*64, 100), 0))
				}
			}
			refused := 0
			for scope := range c.scopes {
				for sender := range uint64(2 * replay.MaxOfSigner) {
					for n := range c.counters {
						m := signed("forger", sender, 1+n*64, int64(200+sender/100))
						m.Scope = "scope " + strconv.Itoa(scope)
						if memory.Add(m, 0) == replay.Stale {
							refused++
						}
					}
				}
			}
			require.NotZero(t, refused)
			signers, senders, bytes := memory.SignedSize()
			require.Equal(t, honest+1, signers)
			require.LessOrEqual(t, senders, c.maxSenders)
			require.LessOrEqual(t, bytes, c.maxBytes)
			for i := range honest {
				require.Equal(t, replay.Seen, memory.Add(signed(signerName(i), 1, 1+64, 100), 0), "it is known still")
				require.Equal(t, replay.New, memory.Add(signed(signerName(i), 1, 2, 100), 0))
				require.Equal(t, replay.New, memory.Add(signed(signerName(i), 2, 1, 1), 0), "its floor is what it was")
			}
		})
	}
}

// TestSignersAreBounded: a hundred thousand of them, each with a message in its room, are
// known in 64 MB. What is more is forgotten.
func TestSignersAreBounded(t *testing.T) {
	for _, c := range []struct {
		name              string
		signers           int
		scopes            int
		senders, counters uint64
		known             int
	}{
		{"a hundred thousand", 100_000, 1, 1, 1, 100_000},
		{"many more", 150_000, 1, 1, 1, 100_000},
		{"a room for each of many scopes", 1000, 200, 1, 1, 1000},
		{"many senders", 500, 1, 2 * replay.MaxOfSigner, 1, 500},
		{"full windows", 50, 1, replay.MaxOfSigner, replay.WindowSize / 64, 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			scopes, names := make([]string, c.scopes), make([]string, c.signers)
			for i := range scopes {
				scopes[i] = "event exact com.myapp.topic." + strconv.Itoa(i)
			}
			for i := range names {
				names[i] = fmt.Sprintf("%016d", i) // of the size that a Session's have
			}
			before := heap.InUse()
			memory := replay.NewMemory()
			for sender := range c.senders {
				for n := range c.counters {
					for scope := range c.scopes {
						for i := range c.signers {
							m := signed(names[i], sender, 1+n*64, int64(sender*c.counters+n))
							m.Scope = scopes[scope]
							memory.Add(m, 0)
						}
					}
				}
			}
			used := heap.InUse() - before
			signers, senders, estimate := memory.SignedSize()
			t.Logf("%d signers, %d senders: %d bytes, estimated %d", signers, senders, used, estimate)
			require.Less(t, used, int64(replay.MaxSignedBytes))
			require.GreaterOrEqual(t, signers, c.known)
			require.LessOrEqual(t, senders, replay.MaxSenders)
			runtime.KeepAlive(memory)
		})
	}
}

// TestTimeIsFlat: a message doesn't take longer by the number of signers, also where each has
// another forgotten. A look at each of them would take some hundred times as long.
func TestTimeIsFlat(t *testing.T) {
	per := func(signers int) time.Duration {
		memory := replay.NewMemory()
		a := newSignedTraffic(memory, signers)
		best := time.Hour
		for range 10 {
			const messages = 1000
			begun := time.Now()
			for range messages {
				a.next()
			}
			best = min(best, time.Since(begun)/messages)
		}
		return best
	}
	few, many, full := per(10), per(90_000), per(110_000)
	t.Logf("10 signers: %v, 90,000: %v, 110,000: %v", few, many, full)
	require.Less(t, many, 40*few)
	require.Less(t, full, 40*few)
}
