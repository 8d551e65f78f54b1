package replay_test

import (
	"encoding/binary"
	"math/rand/v2"
	"runtime"
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
			require.Equal(t, want, memory.Add(message(1, n, 1), 1), "seed %d, counter %d, newest %d", seed, n, top)
			seen[n], top = true, max(top, n)
		}
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
		require.Equal(t, replay.New, memory.Add(message(sender, 1, int64(sender)+1), 0))
	}
	senders, _ := memory.Size()
	require.LessOrEqual(t, senders, replay.MaxSenders)
	for sender := range uint64(replay.MaxSenders + extra) {
		require.NotEqual(t, replay.New, memory.Add(message(sender, 1, int64(sender)+1), 0))
	}
	require.Equal(t, replay.Stale, memory.Add(message(1<<40, 1, extra), 0), "somebody unknown, not newer than what was forgotten")
	require.Equal(t, replay.New, memory.Add(message(1<<40, 1, replay.MaxSenders+extra+1), 0))
}

// TestExpiredSendersAreForgottenForFree: without raising the floor.
func TestExpiredSendersAreForgottenForFree(t *testing.T) {
	memory := replay.NewMemory()
	require.Equal(t, replay.New, memory.Add(message(1, 1, 5000), 5000))
	require.Equal(t, replay.New, memory.Add(message(2, 1, 6500), 6500))
	senders, _ := memory.Size()
	require.Equal(t, 1, senders)
	require.Equal(t, replay.New, memory.Add(message(3, 1, 4000), 6500), "the floor is where it was")
}

// TestMemoryIsBounded: 100,000 senders take less than 20 MB.
func TestMemoryIsBounded(t *testing.T) {
	for name, counters := range map[string]uint64{"one message each": 1, "scattered messages": 12} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			memory := replay.NewMemory()
			for i := range counters {
				for sender := range uint64(replay.MaxSenders) {
					memory.Add(message(sender, 1+i*200, int64(i)), 0)
				}
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			senders, estimate := memory.Size()
			used := int64(after.HeapAlloc) - int64(before.HeapAlloc)
			t.Logf("%d senders: %d bytes, estimated %d", senders, used, estimate)
			require.Less(t, used, int64(replay.MaxBytes)*11/10)
			if counters == 1 {
				require.Equal(t, replay.MaxSenders, senders)
				require.Less(t, used, int64(20_000_000))
			}
			runtime.KeepAlive(memory)
		})
	}
}

func TestTokens(t *testing.T) {
	box, err := cryptobox.NewSecretBox(cryptobox.GenerateSymmetricKey())
	require.NoError(t, err)
	token := func() cryptobox.Token {
		_, token, err := cryptobox.Seal(box, cryptobox.CBOR, "", &cryptobox.Record{URI: "a"})
		require.NoError(t, err)
		return token
	}
	memory := replay.NewMemory()
	first, second := token(), token()
	require.Equal(t, replay.New, memory.AddToken("a", first))
	require.Equal(t, replay.New, memory.AddToken("a", second))
	require.Equal(t, replay.New, memory.AddToken("b", first))
	require.Equal(t, replay.Seen, memory.AddToken("a", first))
	for range replay.MaxTokens - 2 {
		require.Equal(t, replay.New, memory.AddToken("a", token()))
	}
	require.Equal(t, replay.Seen, memory.AddToken("a", first), "as many are kept")
	require.Equal(t, replay.New, memory.AddToken("a", token()))
	require.Equal(t, replay.Seen, memory.AddToken("a", second))
	require.Equal(t, replay.New, memory.AddToken("a", first), "the oldest one made room")
}
