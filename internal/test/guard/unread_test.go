package guard_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// flood is how many messages a router sends that reads none.
const flood = 60_000

// goroutines is the most that there are, until a while after the last change.
func goroutines(t *testing.T) (most int) {
	t.Helper()
	for quiet := 0; quiet < 10; quiet++ {
		time.Sleep(50 * time.Millisecond)
		if n := runtime.NumGoroutine(); n > most {
			most, quiet = n, 0
		}
	}
	return most
}

// requireGoroutines runs the flood over each transport, in a process of its own, and
// requires that it leads to no more goroutines than that.
func requireGoroutines(t *testing.T, limit int, attack func(h *hostile)) {
	t.Helper()
	out, code := harness.InVictim(t, func(t *testing.T) {
		for i, transport := range handrouter.Transports {
			st := stage{transport: transport, encoding: handrouter.Serializers[i+1], through: new(strait)}
			h := st.session(t, cryptobox.Wampbox)
			h.through = st.through
			h.register("com.plain.x", 20, harness.Echo)
			attack(h)
			most := goroutines(t)
			fmt.Printf("%s: %d of at most %d goroutines\n", transport, most, limit)
			require.Less(t, most, limit)
			h.r.Close()
			require.NoError(t, h.s.Close())
		}
	})
	t.Log(out)
	require.Zero(t, code)
}

// clog has the router read nothing, and keeps it from getting any more.
func (h *hostile) clog() {
	h.t.Helper()
	h.through.width.Store(shut)
	require.NoError(h.t, h.s.Publish("com.plain.clogging", nil, wamp.List{clogging}, nil))
}

// invoke sends the flood, as far as the Session reads.
func (h *hostile) invoke() {
	message := []any{wamp.INVOCATION, 0, 20, wamp.Dict{}, []any{"x"}}
	go func() {
		for i := range flood {
			message[1] = i + 1
			data, err := handrouter.Encode(h.encoding, message)
			if err != nil {
				return
			}
			h.r.SendBytes(data)
		}
	}()
}

// TestUnreadAnswers: answers that the router doesn't read hold up what it sends.
func TestUnreadAnswers(t *testing.T) {
	requireGoroutines(t, 1<<15, func(h *hostile) {
		h.clog()
		h.invoke()
	})
}

// TestUnreadDenials: neither do invocations pile up that nobody serves any more.
func TestUnreadDenials(t *testing.T) {
	requireGoroutines(t, 1<<12, func(h *hostile) {
		harness.Confirmed(h.t, h.r, func() error { return h.s.(*transparency.Session).Unregister("com.plain.x") })
		h.clog()
		h.invoke()
	})
}

// TestUnreadPongs: pings without end take no memory, where no pong is read.
func TestUnreadPongs(t *testing.T) {
	out, code := harness.InVictim(t, func(t *testing.T) {
		st := stage{transport: handrouter.WebSocket, encoding: "cbor", through: new(strait)}
		st.change = func(cfg *client.Config) { cfg.ResponseTimeout = harness.Patience }
		h := st.session(t, cryptobox.Wampbox)
		h.through = st.through
		events := h.subscribe("com.plain.x", 10)
		h.clog()
		data := make([]byte, 125)
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range 4 * flood {
			h.r.Control(websocket.PingMessage, data)
		}
		h.r.Send(wamp.EVENT, 10, 1, wamp.Dict{}, []any{"behind the pings"})
		harness.Receive(t, events)
		runtime.GC()
		runtime.ReadMemStats(&after)
		grown := int64(after.HeapAlloc) - int64(before.HeapAlloc)
		fmt.Printf("%d bytes\n", grown)
		require.Less(t, grown, int64(4<<20))
	})
	t.Log(out)
	require.Zero(t, code)
}
