package guard_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// tight is a router that takes 2 KiB.
var tight = stage{transport: handrouter.RawSocket, encoding: "cbor", limit: 2}

// tooMuch doesn't fit.
var tooMuch = strings.Repeat("x", 4096)

type unsendableArg struct {
	name   string
	topic  string
	arg    any
	reason transparency.Reason
	uri    wamp.URI // that a caller gets for such a result
}

// unsendable are arguments that can't be sent, with the reason that the sender gets:
// too much of anything, or what no serializer knows.
var unsendable = []unsendableArg{
	{"too large", "com.plain.x", tooMuch, transparency.TooLarge, "wamp.error.payload_size_exceeded"},
	{"complex", "com.plain.x", 1i, transparency.Unsealable, wamp.ErrInvalidArgument},
	{"panics", "com.plain.x", panics{}, transparency.Unsealable, wamp.ErrInvalidArgument},
}

var unsendableSealed = append(slices.Clone(unsendable), []unsendableArg{
	{"too large, sealed", harness.Prefix + "x", tooMuch, transparency.TooLarge, ""},
	{"channel, sealed", harness.Prefix + "x", make(chan int), transparency.Unsealable, ""},
	{"function, sealed", harness.Prefix + "x", func() {}, transparency.Unsealable, ""},
}...)

// panics can't be serialized.
type panics struct{}

func (panics) MarshalBinary() ([]byte, error)  { panic(tooMuch) }
func (*panics) UnmarshalBinary(_ []byte) error { return nil }

func forEachUnsendable(t *testing.T, cases []unsendableArg, test func(t *testing.T, h *hostile, topic string, args wamp.List, reason transparency.Reason, uri wamp.URI)) {
	for _, d := range []cryptobox.Dialect{cryptobox.Wampbox, cryptobox.Autobahn, cryptobox.Passthru} {
		for _, c := range cases {
			t.Run(d.String()+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				test(t, tight.session(t, d), c.topic, wamp.List{c.arg}, c.reason, c.uri)
			})
		}
	}
}

func TestGuardUnsendablePublish(t *testing.T) {
	forEachUnsendable(t, unsendableSealed, func(t *testing.T, h *hostile, topic string, args wamp.List, reason transparency.Reason, _ wamp.URI) {
		harness.RequireReason(t, h.s.Publish(topic, nil, args, nil), reason)
		harness.RequireReason(t, h.s.Publish(topic, wamp.Dict{wamp.OptAcknowledge: true}, args, nil), reason)
		h.requireAlive()
		h.requireCloses()
	})
}

func TestGuardUnsendableCall(t *testing.T) {
	forEachUnsendable(t, unsendableSealed, func(t *testing.T, h *hostile, topic string, args wamp.List, reason transparency.Reason, _ wamp.URI) {
		_, err := h.s.Call(harness.Timeout(t), topic, nil, args, nil, nil)
		harness.RequireReason(t, err, reason)
		h.requireAlive()
		h.requireCloses()
	})
}

// TestGuardUnsendableChunk: the router is told that no more will come.
func TestGuardUnsendableChunk(t *testing.T) {
	forEachUnsendable(t, unsendableSealed, func(t *testing.T, h *hostile, topic string, args wamp.List, reason transparency.Reason, _ wamp.URI) {
		for _, fails := range []int{1, 2, 3} {
			n := 0
			done := harness.Go(func() error {
				_, err := h.s.(*transparency.Session).CallProgressive(harness.Timeout(t), topic, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
					if n++; n == fails {
						return wamp.Dict{wamp.OptProgress: true}, args, nil, nil
					}
					return wamp.Dict{wamp.OptProgress: true}, wamp.List{n}, nil, nil
				}, nil)
				return err
			})
			var request any
			for range fails - 1 {
				call := h.r.Next()
				require.EqualValues(t, wamp.CALL, call[0])
				request = call[1]
			}
			if request != nil {
				cancel := h.r.Next()
				require.EqualValues(t, wamp.CANCEL, cancel[0])
				require.EqualValues(t, request, cancel[1])
				h.r.Send(wamp.ERROR, wamp.CALL, request, wamp.Dict{}, wamp.ErrCanceled)
			}
			harness.RequireReason(t, harness.Receive(t, done), reason)
		}
		h.requireAlive()
		require.Zero(t, h.refused.Count())
		h.requireCloses()
	})
}

func TestGuardUnsendableResult(t *testing.T) {
	forEachUnsendable(t, unsendable, func(t *testing.T, h *hostile, _ string, args wamp.List, reason transparency.Reason, uri wamp.URI) {
		const topic = "com.plain.x"
		var progress error
		h.register(topic, 20, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
			switch len(inv.Arguments) {
			case 1:
				return client.InvokeResult{Err: "com.plain.error", Args: args}
			case 2:
				return client.InvokeResult{Err: wamp.URI("com.plain." + strings.Repeat("x", 3000)), Args: args}
			case 3:
				progress = h.s.(*transparency.Session).SendProgress(ctx, args, nil)
				return client.InvokeResult{}
			}
			return client.InvokeResult{Args: args}
		})
		for i, want := range []wamp.URI{uri, "com.plain.error", uri} {
			h.r.Send(wamp.INVOCATION, i+1, 20, wamp.Dict{}, make([]any, i))
			answer := h.r.Next()
			require.EqualValues(t, wamp.ERROR, answer[0])
			require.EqualValues(t, i+1, answer[2])
			require.EqualValues(t, want, answer[4])
			require.Len(t, answer, 5)
			harness.RequireReason(t, h.refused.Next(t), reason)
		}
		h.r.Send(wamp.INVOCATION, 4, 20, wamp.Dict{wamp.OptReceiveProgress: true}, make([]any, 3))
		require.EqualValues(t, wamp.YIELD, h.r.Next()[0])
		harness.RequireReason(t, progress, reason)
		h.requireAlive()
		h.requireCloses()
	})
}

// TestGuardUnsendableRequest: also a URI can be too much.
func TestGuardUnsendableRequest(t *testing.T) {
	h := tight.session(t, cryptobox.Wampbox)
	for range 3 {
		begun := time.Now()
		harness.RequireReason(t, h.s.Subscribe("com.plain."+tooMuch, func(*wamp.Event) {}, nil), transparency.TooLarge)
		harness.RequireReason(t, h.s.Register("com.plain."+tooMuch, harness.Echo, nil), transparency.TooLarge)
		require.Less(t, time.Since(begun), harness.Patience/2)
	}
	h.requireAlive()
}

// TestGuardOverOwnLimit: what the router may not send ends the session, and all that
// waits.
func TestGuardOverOwnLimit(t *testing.T) {
	for _, transport := range handrouter.Transports {
		st := stage{transport: transport, encoding: "cbor", change: func(cfg *client.Config) { cfg.RecvLimit = 2048 }}
		h := st.session(t, cryptobox.Wampbox)
		request, done := h.call("com.plain.x", nil)
		h.r.Send(wamp.RESULT, request, wamp.Dict{}, []any{tooMuch})
		require.ErrorIs(t, harness.Receive(t, done).Err, client.ErrNotConn)
		require.NoError(t, h.s.Close())
	}
}

func TestGuardUnsendableNexus(t *testing.T) {
	for name, arg := range map[string]any{"too large": tooMuch, "complex": 1i} {
		t.Run(name, func(t *testing.T) {
			harness.RequireHangs(t, func(t *testing.T) func() {
				h := tight.nexus(t)
				return func() { _, _ = h.s.Call(context.Background(), "com.plain.x", nil, wamp.List{arg}, nil, nil) }
			})
		})
	}
	t.Run("publish", func(t *testing.T) {
		h := tight.nexus(t)
		require.NoError(t, h.s.Publish("com.plain.x", nil, wamp.List{tooMuch}, nil), "nexus drops it in silence")
		require.NoError(t, h.s.Publish("com.plain.x", nil, wamp.List{"next"}, nil))
		require.Equal(t, []any{"next"}, h.r.Next()[4])
		h.requireCloses()
	})
}
