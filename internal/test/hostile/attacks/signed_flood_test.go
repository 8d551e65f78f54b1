package attacks_test

import (
	"crypto/rand"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// latencies are those of honest calls, the shortest first: of so many, and until done.
func (th *theatre) latencies(calls int, done func() bool) (all []time.Duration) {
	th.t.Helper()
	for len(all) < calls || !done() {
		began := time.Now()
		require.NoError(th.t, th.call("honest"))
		all = append(all, time.Since(began))
		harness.Receive(th.t, th.callee.served)
	}
	slices.Sort(all)
	return all
}

// TestSignedFlood: a router floods a callee with made-up encapsulated keys, and one who knows
// the public half of the reading key floods it with messages that nobody signed who is listed.
// Honest calls of the same Session go on, and memory stays.
func TestSignedFlood(t *testing.T) {
	const batch, calls, heapBound = 8, 20, 64 << 20
	size := 160
	if _, long := os.LookupEnv("WAMPBOX_HOSTILE"); long {
		size = 4000
	}
	attackWith(t, []scheme{schemes[1], schemes[3]}, func(t *testing.T, th *theatre) {
		sender := harness.RawSender(t, th.Parties().Read.Public())
		event := payloadKinds[0].honest(th)
		record := newRawRecord(cryptobox.KindPublish, th.realm, attackedURI).bytes()
		for _, flood := range []struct {
			name   string
			reason transparency.Reason
			make   func() []byte
		}{
			{"encapsulated keys", transparency.NotOpened, func() []byte {
				enc := slices.Clone(event.Bytes())
				_, _ = rand.Read(enc[idEnd : idEnd+32])
				return enc
			}},
			{"signers", transparency.WrongSender, func() []byte {
				c := sender.Begin()
				nonce := c.Nonce(cryptobox.Message, nil)
				return c.Seal(cryptobox.Message, nonce, c.Signed(cryptobox.GenerateSigningKey(), cryptobox.Message, nonce, record))
			}},
		} {
			id, ok := th.callee.SubscriptionID(attackedURI)
			require.True(t, ok)
			all := make([]*proxy.Message, size)
			for i := range all {
				all[i] = event.For(th.callee.conn).With(1, int64(id))
				all[i].Direction = proxy.Down
				all[i].SetBytes(flood.make())
			}
			refused := func() int { return int(th.callee.Stats().Rejected[flood.reason] - th.callee.expects[flood.reason]) }
			quiet := th.latencies(calls, func() bool { return true })
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			began := time.Now()
			go func() { // the callee always has one batch or two to do
				for i, some := range slices.Collect(slices.Chunk(all, batch)) {
					for refused() < (i-1)*batch {
						time.Sleep(100 * time.Microsecond)
					}
					th.callee.conn.Send(some...)
				}
			}()
			during := th.latencies(1, func() bool { return refused() == size })
			th.callee.expects[flood.reason] += uint64(size)
			took := time.Since(began)
			all = nil
			runtime.GC()
			runtime.ReadMemStats(&after)
			require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(heapBound))
			t.Logf("%d made-up %s refused in %v; honest calls: median %v and longest %v of %d before, %v and %v of %d during; heap %+d bytes", size, flood.name, took,
				quiet[len(quiet)/2], quiet[len(quiet)-1], len(quiet), during[len(during)/2], during[len(during)-1], len(during), int64(after.HeapAlloc)-int64(before.HeapAlloc))
		}
	})
}
