package redismemory_test

import (
	"errors"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/redismemory"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

func TestNewRefuses(t *testing.T) {
	rdb := clientOf(t, "127.0.0.1:1")
	ring := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": "127.0.0.1:1"}})
	defer func() { require.NoError(t, ring.Close()) }()
	var none *redis.Client
	says := map[string]string{
		"a nil option": "an Option that is nil", "no prefix": `WithPrefix(""): `, "braces": `WithPrefix("a}b"): give a text without braces`,
		"a moment only": "WithUnboundFor(999ns): give 1s at least",
	}
	for name, make := range map[string]func() (*redismemory.Memory, error){
		"no client":     func() (*redismemory.Memory, error) { return redismemory.New(nil) },
		"a nil client":  func() (*redismemory.Memory, error) { return redismemory.New(none) },
		"a ring":        func() (*redismemory.Memory, error) { return redismemory.New(ring) },
		"a nil option":  func() (*redismemory.Memory, error) { return redismemory.New(rdb, nil) },
		"no prefix":     func() (*redismemory.Memory, error) { return redismemory.New(rdb, redismemory.WithPrefix("")) },
		"braces":        func() (*redismemory.Memory, error) { return redismemory.New(rdb, redismemory.WithPrefix("a}b")) },
		"a moment only": func() (*redismemory.Memory, error) { return redismemory.New(rdb, redismemory.WithUnboundFor(999)) },
	} {
		t.Run(name, func(t *testing.T) {
			memory, err := make()
			require.ErrorIs(t, err, transparency.ErrOption)
			require.Contains(t, err.Error(), says[name])
			require.Nil(t, memory)
		})
	}
	require.True(t, memoryOf(t, rdb).Shared())
}

// TestWhatIsApart: a message is new once, and whatever differs is another.
func TestWhatIsApart(t *testing.T) {
	_, rdb, memory := start(t)
	elsewhere := memoryOf(t, rdb)
	born(t, elsewhere)
	first, plain := bound(0), unbound(t)
	token, _ := sealed(t)
	for _, m := range []*transparency.ReplayMessage{
		first,
		with(first, func(m *transparency.ReplayMessage) { m.Scope = "other" }),
		with(first, func(m *transparency.ReplayMessage) { m.Secret = "l" }),
		with(first, func(m *transparency.ReplayMessage) { m.Scope, m.Secret = "callk", "" }),
		with(first, func(m *transparency.ReplayMessage) { m.Signer = "one" }),
		with(first, func(m *transparency.ReplayMessage) { m.Signer = "another" }),
		with(first, func(m *transparency.ReplayMessage) { m.Signer, m.Scope = "onecall", "" }),
		with(first, func(m *transparency.ReplayMessage) { m.Sender = cryptobox.NewSenderID() }),
		with(first, func(m *transparency.ReplayMessage) { m.Counter = 1 << 63 }),
		with(first, func(m *transparency.ReplayMessage) { m.Counter = 1<<63 + 1 }),
		plain,
		with(plain, func(m *transparency.ReplayMessage) { m.Scope = "other" }),
		with(plain, func(m *transparency.ReplayMessage) { m.Token = token }),
	} {
		require.NoError(t, memory.Accept(within(t), m))
		require.ErrorIs(t, memory.Accept(within(t), m), transparency.Replayed)
		require.ErrorIs(t, elsewhere.Accept(within(t), m), transparency.Replayed, "another process")
	}
	// Times and token of a message with a binding, and the sender of one without,
	// are not what it is known by.
	same := with(first, func(m *transparency.ReplayMessage) { m.Sent, m.Token = m.Sent.Add(time.Second), token })
	require.ErrorIs(t, memory.Accept(within(t), same), transparency.Replayed)
	same = with(plain, func(m *transparency.ReplayMessage) { m.Sender, m.Counter = cryptobox.NewSenderID(), 9 })
	require.ErrorIs(t, memory.Accept(within(t), same), transparency.Replayed)

	apart := memoryOf(t, rdb, redismemory.WithPrefix("other"))
	born(t, apart)
	late := bound(0)
	require.NoError(t, memory.Accept(within(t), late))
	require.NoError(t, apart.Accept(within(t), late), "another prefix is another memory")
}

// TestSignersAreApart: one that names the sender and the counters of another, a huge one, or
// many senders that it invents has none of the other's calls refused, in any process.
func TestSignersAreApart(t *testing.T) {
	_, rdb, memory := start(t)
	elsewhere := memoryOf(t, rdb)
	born(t, elsewhere)
	call := func(signer string, n uint64) *transparency.ReplayMessage {
		return with(bound(0), func(m *transparency.ReplayMessage) {
			m.Signer, m.Sender, m.Counter = signer, cryptobox.SenderID{1}, n
		})
	}
	for n := range uint64(20) {
		require.NoError(t, memory.Accept(within(t), call("forger", n)))
	}
	require.NoError(t, memory.Accept(within(t), call("forger", math.MaxUint64)))
	for range 1000 {
		invented := call("forger", 1)
		invented.Sender = cryptobox.NewSenderID()
		require.NoError(t, memory.Accept(t.Context(), invented))
	}
	for n := range uint64(20) {
		require.NoError(t, elsewhere.Accept(within(t), call("victim", n)))
		require.ErrorIs(t, memory.Accept(within(t), call("victim", n)), transparency.Replayed)
		require.NoError(t, memory.Accept(within(t), call("", n)))
	}
}

// TestLongestTimes: a message is new once, however long it is to be remembered.
func TestLongestTimes(t *testing.T) {
	_, _, memory := start(t)
	for _, times := range []struct{ expires, skew time.Duration }{
		{math.MaxInt64, 0}, {0, math.MaxInt64}, {math.MaxInt64, math.MaxInt64}, {math.MaxInt64, time.Second},
	} {
		m := bound(times.skew)
		m.Expires = m.Sent.Add(times.expires)
		require.NoError(t, memory.Accept(within(t), m))
		time.Sleep(1100 * time.Millisecond) // longer than the least
		require.ErrorIs(t, memory.Accept(within(t), m), transparency.Replayed)
	}
}

// TestOneWinner: of a hundred at a time, in two memories, with and without a
// binding.
func TestOneWinner(t *testing.T) {
	_, rdb, memory := start(t)
	other := memoryOf(t, rdb)
	born(t, other)
	for _, m := range []*transparency.ReplayMessage{bound(0), unbound(t)} {
		for range 5 {
			m = with(m, func(m *transparency.ReplayMessage) { m.Counter++; m.Token, _ = sealed(t) })
			var won, lost atomic.Int32
			var all sync.WaitGroup
			ctx := within(t)
			for i := range 100 {
				all.Go(func() {
					memory := []*redismemory.Memory{memory, other}[i%2]
					switch err := memory.Accept(ctx, m); {
					case err == nil:
						won.Add(1)
					case errors.Is(err, transparency.Replayed):
						lost.Add(1)
					}
				})
			}
			all.Wait()
			require.EqualValues(t, 1, won.Load())
			require.EqualValues(t, 99, lost.Load())
		}
	}
}

// TestExpiry: a key stays until every callee would refuse its message as too old,
// and no longer.
func TestExpiry(t *testing.T) {
	_, rdb, memory := start(t)
	memory = memoryOf(t, rdb, redismemory.WithUnboundFor(90*time.Minute))
	left := func(m *transparency.ReplayMessage) time.Duration {
		t.Helper()
		before := keysOf(t, rdb)
		require.NoError(t, memory.Accept(within(t), m))
		for key := range keysOf(t, rdb) {
			if !before[key] {
				d, err := rdb.PTTL(within(t), key).Result()
				require.NoError(t, err)
				return d
			}
		}
		require.Fail(t, "no key")
		return 0
	}
	const slow = 5 * time.Second // of this machine
	require.InDelta(t, time.Minute+30*time.Second-slow/2, left(bound(30*time.Second)), float64(slow/2))
	require.InDelta(t, 90*time.Minute-slow/2, left(unbound(t)), float64(slow/2))
	gone := with(bound(0), func(m *transparency.ReplayMessage) { m.Expires = m.Sent.Add(-time.Hour) })
	require.InDelta(t, time.Second/2, left(gone), float64(time.Second/2), "a second at least")
	require.ErrorIs(t, memory.Accept(within(t), gone), transparency.Replayed)
	held := len(keysOf(t, rdb))
	require.Eventually(t, func() bool { return len(keysOf(t, rdb)) == held-1 }, patience, 50*time.Millisecond)

	d, err := rdb.PTTL(within(t), "{wampbox:replay}:birth").Result()
	require.NoError(t, err)
	require.EqualValues(t, -1, d, "the birth stays")
}

// TestAgesWithoutEnd: a key stays as long as a time can be told.
func TestAgesWithoutEnd(t *testing.T) {
	const most = time.Duration(math.MaxInt64)
	_, rdb, memory := start(t)
	for _, skew := range []time.Duration{0, time.Minute, most} {
		for _, expires := range []time.Time{time.Now().Add(most), time.Now().Add(most).Add(most), time.UnixMilli(math.MaxInt64), time.Now()} {
			m := with(bound(skew), func(m *transparency.ReplayMessage) { m.Expires = expires })
			before := keysOf(t, rdb)
			require.NoError(t, memory.Accept(within(t), m))
			for key := range keysOf(t, rdb) {
				if !before[key] && (skew > 0 || expires.After(time.Now())) {
					require.Greater(t, rdb.PTTL(within(t), key).Val(), 55*time.Second)
				}
			}
			require.ErrorIs(t, memory.Accept(within(t), m), transparency.Replayed)
		}
	}
}

// TestMemoryOfAKey holds the manual to what it says of room.
func TestMemoryOfAKey(t *testing.T) {
	_, rdb, memory := start(t)
	used := func() (n int) {
		sizes, err := rdb.Do(within(t), "MEMORY", "STATS").Result()
		require.NoError(t, err)
		switch stats := sizes.(type) {
		case map[any]any:
			n = int(stats["dataset.bytes"].(int64)) + int(stats["overhead.total"].(int64)) -
				int(stats["clients.normal"].(int64))
		default:
			require.Failf(t, "shape", "%T", sizes)
		}
		return n
	}
	const count = 3000
	before := used()
	m := bound(0)
	for range count {
		m.Counter++
		require.NoError(t, memory.Accept(t.Context(), m))
	}
	each := (used() - before) / count
	t.Logf("%d bytes for each message", each)
	require.Less(t, each, 260)
}

// TestRedisLearnsNothing: names and values are hashes and random, and nothing that
// identifies a message is found in what Redis is sent.
func TestRedisLearnsNothing(t *testing.T) {
	_, rdb, memory := start(t)
	token, nonce := sealed(t)
	secret := bound(0)
	secret.Scope, secret.Secret, secret.Signer = "scope-marker", "key-marker", "signer-marker"
	copy(secret.Sender[:], "sender-marker---")
	secret.Counter = 0x6d61726b65726d61 // "markerma"
	require.NoError(t, memory.Accept(within(t), secret))
	require.NoError(t, memory.Accept(within(t), &transparency.ReplayMessage{Scope: "scope-marker", Secret: "key-marker", Token: token}))
	var held strings.Builder
	for key := range keysOf(t, rdb) {
		value, err := rdb.Get(within(t), key).Result()
		require.NoError(t, err)
		held.WriteString(key + " " + value + "\n")
		require.True(t, strings.HasPrefix(key, "{wampbox:replay}:"), key)
		if !strings.HasSuffix(key, ":birth") {
			require.Len(t, key, len("{wampbox:replay}:")+43)
		}
	}
	require.Len(t, keysOf(t, rdb), 4)
	fingerprint := token.Fingerprint()
	for _, hidden := range []string{"marker", string(nonce[:6]), string(fingerprint[:6])} {
		require.NotContains(t, held.String(), hidden)
	}
}

func keysOf(t testing.TB, rdb *redis.Client) map[string]bool {
	t.Helper()
	keys, err := rdb.Keys(within(t), "*").Result()
	require.NoError(t, err)
	set := map[string]bool{}
	for _, key := range keys {
		set[key] = true
	}
	return set
}
