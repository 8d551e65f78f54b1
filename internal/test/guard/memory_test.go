//go:build !race

package guard_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/nacl/box"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const (
	// large is a message as a router sends one at once, small one of many.
	large = 8 << 20
	small = 64 << 10
	// manySmall are more than wait in a queue where nothing else is waited for.
	manySmall = 80
	// times is what a message may take for each of its bytes.
	times = 8
	// served is what invocations in service may take, floor what one payload may in any
	// case.
	served = 128 << 20
	floor  = 16 << 20
)

// dense is a list of about size bytes whose values take a hundred times as much memory.
func dense(encoding string, size int) []byte {
	value, between := "\xa1\x60\x00", ""
	switch encoding {
	case "msgpack":
		value = "\x81\xa0\x00"
	case "json":
		value, between = `{"":0}`, ","
	}
	n := size / len(value+between)
	count := string(binary.BigEndian.AppendUint32(nil, uint32(n)))
	values := strings.Repeat(value+between, n-1) + value
	switch encoding {
	case "msgpack":
		return []byte("\xdd" + count + values)
	case "cbor":
		return []byte("\x9a" + count + values)
	}
	return []byte("[" + values + "]")
}

// requireMemory runs the attack over each transport and serializer, in a process of its
// own, which tells what was taken.
func requireMemory(t *testing.T, attack func(h *hostile, st stage, what string)) {
	t.Helper()
	requireMemoryIn(t, cryptobox.Wampbox, attack)
}

// requireMemoryIn is requireMemory for a key of a dialect.
func requireMemoryIn(t *testing.T, d cryptobox.Dialect, attack func(h *hostile, st stage, what string)) {
	t.Helper()
	out, code := harness.InVictim(t, func(t *testing.T) {
		for _, transport := range handrouter.Transports {
			for _, encoding := range handrouter.Serializers {
				st := stage{transport: transport, encoding: encoding}
				h := st.session(t, d)
				attack(h, st, string(transport)+"/"+encoding)
				h.requireAlive()
				h.requireCloses()
			}
		}
	})
	t.Log(out)
	require.Zero(t, code)
}

// refusedWhole is a refusal of one message that takes too much.
func (h *hostile) refusedWhole() {
	h.t.Helper()
	reason := h.refused.Next(h.t).Reason
	require.Contains(h.t, []transparency.Reason{transparency.TooLarge, transparency.Malformed}, reason)
}

func TestMemoryOfAPayload(t *testing.T) {
	requireMemory(t, func(h *hostile, st stage, what string) {
		h.subscribe("com.plain.x", 10)
		message := splice(h.t, st.encoding, dense(st.encoding, large), wamp.EVENT, 10, 1, wamp.Dict{}, hole)
		grown(h.t, what, times*len(message), func() {
			h.r.SendBytes(message)
			h.refusedWhole()
		})
	})
}

func TestMemoryOfDetails(t *testing.T) {
	requireMemory(t, func(h *hostile, st stage, what string) {
		h.subscribe("com.plain.x", 10)
		message := splice(h.t, st.encoding, dense(st.encoding, large), wamp.EVENT, 10, 1, wamp.Dict{"x": hole})
		grown(h.t, what, times*len(message), func() {
			h.r.SendBytes(message)
			h.refusedWhole()
		})
	})
}

// floods sends many messages whose handler takes none, while the application waits for a
// reply that comes behind them. What is decoded for handlers may take kept bytes.
func (h *hostile) floods(st stage, what string, kept int, elements func(i int) []any) {
	h.t.Helper()
	raw := dense(st.encoding, small)
	messages := make([][]byte, manySmall)
	for i := range messages {
		messages[i] = splice(h.t, st.encoding, raw, elements(i)...)
	}
	request, done := h.call("com.plain.y", nil)
	grown(h.t, what, times*manySmall*small+kept, func() {
		for _, message := range messages {
			h.r.SendBytes(message)
		}
		h.r.Send(wamp.RESULT, request, wamp.Dict{}, []any{"y"})
		require.NoError(h.t, harness.Receive(h.t, done).Err)
	})
}

func TestMemoryOfEventsThatWait(t *testing.T) {
	requireMemory(t, func(h *hostile, st stage, what string) {
		gate := make(chan struct{})
		harness.Confirmed(h.t, h.r, func() error { return h.s.Subscribe("com.plain.x", func(*wamp.Event) { <-gate }, nil) }, 10)
		h.floods(st, what, floor, func(i int) []any { return []any{wamp.EVENT, 10, i, wamp.Dict{}, hole} })
		harness.Confirmed(h.t, h.r, func() error { return h.s.(*transparency.Session).Unsubscribe("com.plain.x") })
		close(gate)
	})
}

func TestMemoryOfProgressThatWaits(t *testing.T) {
	requireMemory(t, func(h *hostile, st stage, what string) {
		gate := make(chan struct{})
		ctx, cancel := context.WithCancel(harness.Timeout(h.t))
		failed := h.callIn(ctx, func(*wamp.Result) { <-gate })
		request := h.r.Next()[1]
		h.floods(st, what, floor, func(int) []any { return []any{wamp.RESULT, request, wamp.Dict{"progress": true}, hole} })
		cancel()
		require.EqualValues(h.t, wamp.CANCEL, h.r.Next()[0])
		h.r.Send(wamp.ERROR, wamp.CALL, request, wamp.Dict{}, wamp.ErrCanceled)
		close(gate)
		require.Error(h.t, harness.Receive(h.t, failed))
	})
}

// stuck is a handler that ends with its invocation.
func stuck(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
	if len(inv.Arguments) == 0 { // a first chunk
		return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
	}
	<-ctx.Done()
	return client.InvokeResult{Err: wamp.ErrCanceled}
}

func TestMemoryOfChunksThatWait(t *testing.T) {
	requireMemory(t, func(h *hostile, st stage, what string) {
		h.register("com.plain.x", 20, stuck)
		more := wamp.Dict{"progress": true}
		h.floods(st, what, floor, func(int) []any { return []any{wamp.INVOCATION, 1, 20, more, hole} })
		h.r.Send(wamp.INTERRUPT, 1, wamp.Dict{})
		require.EqualValues(h.t, wamp.ERROR, h.r.Next()[0])
	})
}

// interrupt ends the invocations, some of which have been turned away.
func (h *hostile) interrupt(n int) {
	h.t.Helper()
	for i := range n {
		h.r.Send(wamp.INTERRUPT, i+1, wamp.Dict{})
	}
	for range n {
		require.EqualValues(h.t, wamp.ERROR, h.r.Next()[0])
	}
}

func TestMemoryOfInvocations(t *testing.T) {
	requireMemory(t, func(h *hostile, st stage, what string) {
		h.register("com.plain.x", 20, stuck)
		h.floods(st, what, served, func(i int) []any { return []any{wamp.INVOCATION, i + 1, 20, wamp.Dict{}, hole} })
		h.refusedWhole()
		h.interrupt(manySmall)
	})
}

// TestMemoryOfLaterChunks: it isn't the first chunk that takes the memory.
func TestMemoryOfLaterChunks(t *testing.T) {
	requireMemory(t, func(h *hostile, st stage, what string) {
		h.register("com.plain.x", 20, stuck)
		for i := range manySmall {
			h.r.Send(wamp.INVOCATION, i+1, 20, wamp.Dict{"progress": true})
		}
		h.requireAlive()
		h.floods(st, what, served, func(i int) []any { return []any{wamp.INVOCATION, i + 1, 20, wamp.Dict{"progress": true}, hole} })
		h.interrupt(manySmall)
	})
}

// TestMemoryBehindCompression: a message that is small on the wire.
func TestMemoryBehindCompression(t *testing.T) {
	out, code := harness.InVictim(t, func(t *testing.T) {
		for _, encoding := range handrouter.Serializers {
			st := stage{transport: handrouter.WebSocket, encoding: encoding, change: func(cfg *client.Config) {
				cfg.WsCfg.EnableCompression = true
				cfg.RecvLimit = large
			}}
			h := st.session(t, cryptobox.Wampbox)
			h.subscribe("com.plain.x", 10)
			message := splice(t, encoding, dense(encoding, large-1024), wamp.EVENT, 10, 1, wamp.Dict{}, hole)
			grown(t, encoding+", as large as may be", times*len(message), func() {
				h.r.SendBytes(message)
				h.refusedWhole()
			})
			h.requireAlive()
			message = bytes.Repeat([]byte{'['}, 6*large)
			grown(t, encoding+", more", times*large, func() {
				h.r.SendBytes(message)
				harness.Receive(t, h.s.Done())
			})
		}
	})
	t.Log(out)
	require.Zero(t, code)
}

// seal is what a holder of the Session's keys makes of the bytes of a record.
func (h *hostile) seal(d cryptobox.Dialect, record []byte) []byte {
	h.t.Helper()
	var nonce [24]byte
	_, _ = rand.Read(nonce[:])
	private, public := [32]byte(h.keys.Originator.UnsafeBytes()), [32]byte(h.keys.Responder.Public().Bytes())
	payload := nonce[:]
	if d == cryptobox.Wampbox {
		id := cryptobox.PairID(cryptobox.SuiteBox, h.keys.Originator.Public(), h.keys.Responder.Public())
		payload = slices.Concat([]byte{byte(cryptobox.SuiteBox)}, id[:], nonce[:])
	}
	return box.Seal(payload, record, &nonce, &public, &private)
}

// TestMemoryOfARecord: who holds the key may be hostile as well.
func TestMemoryOfARecord(t *testing.T) {
	for _, c := range []struct {
		dialect                 cryptobox.Dialect
		encoding, before, after string
	}{
		{cryptobox.Wampbox, "cbor", "\x8b\x01\x66realm1\x77" + harness.Prefix + "xxx\x50" + strings.Repeat("f", 16) + "\x01\x1b\x00\x00\x01\x9b\x76\xda\xa8\x7b\xf6\x00\x00", "\xf6"},
		{cryptobox.Autobahn, "json", `{"args":`, "}"},
		{cryptobox.Passthru, "cbor", "\xa1\x64args", ""},
	} {
		t.Run(c.dialect.String(), func(t *testing.T) {
			requireMemoryIn(t, c.dialect, func(h *hostile, _ stage, what string) {
				events := h.subscribe(harness.Prefix+"xxx", 10)
				record := slices.Concat([]byte(c.before), dense(c.encoding, 1_400_000), []byte(c.after))
				var part wire.Part
				wire.Put(&part, &wire.Envelope{Dialect: c.dialect, Algorithm: algorithms[c.dialect], Payload: h.seal(c.dialect, record)})
				list := []any{wamp.EVENT, 10, 1, part.Dict, part.Args, part.Kwargs}
				switch {
				case part.Raw != nil:
					list = append(list[:4], serialize.BinaryData(part.Raw))
				case part.Dict == nil:
					list[3] = wamp.Dict{}
				}
				message, err := handrouter.Encode(what[strings.IndexByte(what, '/')+1:], list)
				require.NoError(h.t, err)
				grown(h.t, what, times*len(message)+2*floor, func() {
					h.r.SendBytes(message)
					harness.RequireReason(h.t, h.refused.Next(h.t), transparency.TooLarge)
				})
				harness.Nothing(h.t, events)
			})
		})
	}
}

// algorithms are those that envelopes of boxes name.
var algorithms = map[cryptobox.Dialect]string{cryptobox.Autobahn: cryptobox.AlgorithmBox, cryptobox.Passthru: cryptobox.AlgorithmSecretBox}
