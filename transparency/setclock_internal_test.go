package transparency

import (
	"context"
	"reflect"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/replay"
)

// underClock is t as a clock tells it that was ahead by so much then, and was set since.
// The monotonic clock knows nothing of that.
func underClock(t time.Time, ahead time.Duration) time.Time {
	t = t.Add(ahead) // moves both
	monotonic := (*int64)(unsafe.Add(unsafe.Pointer(&t), unsafe.Sizeof(uint64(0))))
	*monotonic -= int64(ahead)
	return t
}

// TestUnderClock: what the tests below stand on.
func TestUnderClock(t *testing.T) {
	now := time.Now()
	then := underClock(now.Add(-time.Minute), time.Hour)
	require.Equal(t, time.Minute, now.Sub(then))
	require.Equal(t, now.Add(59*time.Minute).UnixNano(), then.UnixNano())
}

// settings are by how much a clock was ahead before it was set.
var settings = map[string]time.Duration{"not set": 0, "set back": time.Hour, "set forward": -time.Hour}

// TestClockIsSet: what a subscription or registration takes is what was sent since, by the
// clock as it is now.
func TestClockIsSet(t *testing.T) {
	for name, ahead := range settings {
		t.Run(name, func(t *testing.T) {
			now := time.Now()
			want := expectation{now: now, since: underClock(now.Add(-time.Minute), ahead), maxAge: time.Hour, clockSkew: time.Second}
			sent := func(ago time.Duration) error {
				return want.checkTime(&cryptobox.Head{TS: now.Add(-ago).UnixMilli()})
			}
			require.NoError(t, sent(0))
			require.NoError(t, sent(time.Minute))
			require.ErrorIs(t, sent(time.Minute+2*time.Second), Stale)
		})
	}
}

// TestClockIsSetAfterBirth: of a memory, alike.
func TestClockIsSetAfterBirth(t *testing.T) {
	for name, ahead := range settings {
		t.Run(name, func(t *testing.T) {
			now := time.Now()
			memory := inProcess{replay.NewMemory()}
			born := reflect.ValueOf(memory.memory).Elem().FieldByName("born")
			*(*time.Time)(born.Addr().UnsafePointer()) = underClock(now.Add(-time.Minute), ahead)
			counter := uint64(0)
			accept := func(ago time.Duration) error {
				counter++
				m := ReplayMessage{Bound: true, Sender: cryptobox.SenderID{1}, Counter: counter, Skew: 5 * time.Second}
				m.Sent = now.Add(-ago)
				m.Expires = m.Sent.Add(time.Hour)
				return memory.Accept(context.Background(), &m)
			}
			require.NoError(t, accept(0))
			require.NoError(t, accept(time.Minute))
			require.ErrorIs(t, accept(time.Minute+10*time.Second), Stale)
		})
	}
}
