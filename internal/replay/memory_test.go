package replay_test

import (
	"encoding/binary"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/replay"
)

func from(n uint64) (id cryptobox.SenderID) {
	binary.BigEndian.PutUint64(id[:], n)
	return id
}

func message(sender, n uint64, sent int64) *replay.Message {
	return &replay.Message{Scope: "call", Key: "k", From: from(sender), N: n, Sent: sent, Expires: sent + 1000}
}

// TestWindow compares with a set, for counters in any order.
func TestWindow(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 0))
		memory := replay.NewMemory()
		seen, top := map[uint64]bool{}, uint64(0)
		for range 5000 {
			n := 1 + random.Uint64N(3*replay.WindowSize)
			if random.IntN(2) == 0 && top > 0 {
				n = top + random.Uint64N(300) - min(150, top)
			}
			if n == 0 {
				continue
			}
			want := replay.New
			if seen[n] || n+replay.WindowSize <= top {
				want = replay.Seen
			}
			if got := memory.Add(message(1, n, 1), 1); got != want {
				t.Fatalf("seed %d, counter %d, newest %d: %d, not %d", seed, n, top, got, want)
			}
			seen[n], top = true, max(top, n)
		}
	}
}

// TestStream: of a long one everything has been seen, to the far end of the window and
// beyond, and what is remembered of it doesn't grow.
func TestStream(t *testing.T) {
	for _, step := range []uint64{1, 100} {
		memory := replay.NewMemory()
		for n := step; n < 3*replay.WindowSize*step; n += step {
			if memory.Add(message(1, n, 1), 1) != replay.New {
				t.Fatalf("step %d, counter %d: not new", step, n)
			}
			if n/step%5 != 0 {
				continue
			}
			for back := replay.WindowSize/step*step - step; back < n && back < replay.WindowSize+70; back += step {
				if memory.Add(message(1, n-back, 1), 1) != replay.Seen {
					t.Fatalf("step %d, newest %d: %d behind is taken again", step, n, back)
				}
			}
		}
		_, bytes := memory.Size()
		require.Less(t, bytes, 6000, "step %d", step)
	}
}

func TestCountersAtTheEnd(t *testing.T) {
	memory := replay.NewMemory()
	const last = ^uint64(0)
	for _, n := range []uint64{last, last - 1, last - replay.WindowSize + 1} {
		require.Equal(t, replay.New, memory.Add(message(1, n, 1), 1))
		require.Equal(t, replay.Seen, memory.Add(message(1, n, 1), 1))
	}
	require.Equal(t, replay.Seen, memory.Add(message(1, last-replay.WindowSize, 1), 1))
}

func TestWhatIsApart(t *testing.T) {
	memory := replay.NewMemory()
	require.Equal(t, replay.New, memory.Add(message(1, 7, 1), 1))
	other := message(1, 7, 1)
	other.Scope = "event"
	require.Equal(t, replay.New, memory.Add(other, 1))
	other = message(1, 7, 1)
	other.Key = "l"
	require.Equal(t, replay.New, memory.Add(other, 1))
	require.Equal(t, replay.New, memory.Add(message(2, 7, 1), 1))
	require.Equal(t, replay.Seen, memory.Add(message(1, 7, 1), 1))
}

// TestForgettingNeverReadmits: whatever was accepted once is not accepted again,
// with far more senders than fit.
func TestForgettingNeverReadmits(t *testing.T) {
	memory := replay.NewMemory()
	const extra = 1000
	for sender := range uint64(replay.MaxSenders + extra) {
		if v := memory.Add(message(sender, 1, int64(sender)+1), 0); v != replay.New {
			t.Fatalf("sender %d: %d", sender, v)
		}
	}
	senders, _ := memory.Size()
	require.Equal(t, replay.MaxSenders, senders)
	for sender := range uint64(replay.MaxSenders + extra) {
		if memory.Add(message(sender, 1, int64(sender)+1), 0) == replay.New {
			t.Fatalf("sender %d is taken again", sender)
		}
	}
	require.Equal(t, replay.Stale, memory.Add(message(1<<40, 1, extra), 0), "somebody unknown, not newer than what was forgotten")
	require.Equal(t, replay.New, memory.Add(message(1<<40, 1, replay.MaxSenders+extra+1), 0))
}

// TestWhoWasForgottenIsHeardAgain: with what it sends from then on. Its window is a new
// one, and knows nothing of what was before.
func TestWhoWasForgottenIsHeardAgain(t *testing.T) {
	memory := replay.NewSmallMemory(1, replay.MaxBytes, replay.MaxSignedBytes)
	require.Equal(t, replay.New, memory.Add(message(1, 1, 100), 0))
	require.Equal(t, replay.New, memory.Add(message(2, 1, 200), 0), "there is room for one")
	require.Equal(t, replay.New, memory.Add(message(1, 2, 300), 0))
	require.Equal(t, replay.Stale, memory.Add(message(1, 1, 100), 0))
	require.Equal(t, replay.Seen, memory.Add(message(1, 2, 300), 0))
}

// TestExpiredSendersAreForgottenForFree: the floor rises to what is too old anyhow.
func TestExpiredSendersAreForgottenForFree(t *testing.T) {
	memory := replay.NewMemory()
	require.Equal(t, replay.New, memory.Add(message(1, 1, 5000), 5000))
	require.Equal(t, replay.New, memory.Add(message(2, 1, 6500), 6500))
	senders, _ := memory.Size()
	require.Equal(t, 1, senders)
	require.Equal(t, replay.New, memory.Add(message(3, 1, 5500), 6500), "the oldest that may still come")
}

// TestTheClockIsSetBack: whoever was forgotten while it was ahead stays refused.
func TestTheClockIsSetBack(t *testing.T) {
	memory := replay.NewMemory()
	require.Equal(t, replay.New, memory.Add(message(1, 1, 5000), 5000))
	require.Equal(t, replay.New, memory.Add(message(2, 1, 9000), 9000))
	senders, _ := memory.Size()
	require.Equal(t, 1, senders, "the first is forgotten")
	require.Equal(t, replay.Stale, memory.Add(message(1, 1, 5000), 5000))
	require.Equal(t, replay.New, memory.Add(message(1, 2, 5001), 5000))
}

// TestGroupsAreForgotten: scopes cost nothing any more when all their senders have
// expired, and don't come back to let old messages in.
func TestGroupsAreForgotten(t *testing.T) {
	memory := replay.NewMemory()
	scoped := func(scope int, sent int64) *replay.Message {
		m := message(1, 1, sent)
		m.Scope = "scope " + strconv.Itoa(scope)
		return m
	}
	const scopes = 50_000
	for i := range scopes {
		if memory.Add(scoped(i, int64(i*100)), int64(i*100)) != replay.New {
			t.Fatalf("scope %d: not new", i)
		}
	}
	senders, bytes := memory.Size()
	require.Less(t, senders, 20)
	require.Less(t, bytes, 20*400)
	for i := range scopes {
		if memory.Add(scoped(i, int64(i*100)), int64(i*100)) == replay.New {
			t.Fatalf("scope %d: taken again", i)
		}
	}
	senders, bytes = memory.Size()
	require.Less(t, senders, 20)
	require.Less(t, bytes, 20*400, "what is refused leaves nothing behind")
}

func TestTokens(t *testing.T) {
	token := newTokens(t)
	memory := replay.NewMemory()
	first, second := token(), token()
	require.Equal(t, replay.New, memory.AddToken("a", first))
	require.Equal(t, replay.New, memory.AddToken("a", second))
	require.Equal(t, replay.New, memory.AddToken("b", first))
	require.Equal(t, replay.Seen, memory.AddToken("a", first))
	for range replay.MaxTokens - 3 {
		if memory.AddToken("a", token()) != replay.New {
			t.Fatal("not new")
		}
	}
	require.Equal(t, replay.Seen, memory.AddToken("a", first), "as many are kept")
	require.Equal(t, replay.New, memory.AddToken("a", token()))
	require.Equal(t, replay.Seen, memory.AddToken("a", second))
	require.Equal(t, replay.New, memory.AddToken("a", first), "the oldest one made room")
}
