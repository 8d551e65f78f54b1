package guard_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// passthruCases are details of payload passthru mode, with arguments, that nexus's
// client takes apart.
var passthruCases = []struct {
	name    string
	details wamp.Dict
	args    []any
}{
	{"scheme alone", wamp.Dict{"ppt_scheme": "wamp"}, []any{"x"}},
	{"serializer of a wrong type", wamp.Dict{"ppt_scheme": "wamp", "ppt_serializer": 1}, []any{"x"}},
	{"no arguments", wamp.Dict{"ppt_scheme": "wamp", "ppt_serializer": "cbor"}, nil},
	{"text for bytes", wamp.Dict{"ppt_scheme": "wamp", "ppt_serializer": "cbor"}, []any{"x"}},
	{"null for bytes", wamp.Dict{"ppt_scheme": "wamp", "ppt_serializer": "cbor", "ppt_cipher": "xsalsa20poly1305"}, []any{nil}},
	{"two arguments", wamp.Dict{"ppt_scheme": "wamp", "ppt_serializer": "cbor", "ppt_cipher": "xsalsa20poly1305"}, []any{"AAAA", "AAAA"}},
	{"plain CBOR", wamp.Dict{"ppt_scheme": "wamp", "ppt_serializer": "cbor"}, []any{[]byte("\xa1\x64args\x81\x01")}},
	{"mqtt, no serializer", wamp.Dict{"ppt_scheme": "mqtt"}, []any{"x"}},
	{"mqtt, no arguments", wamp.Dict{"ppt_scheme": "mqtt", "ppt_serializer": "native"}, nil},
	{"mqtt, wrong type", wamp.Dict{"ppt_scheme": "mqtt", "ppt_serializer": []any{}}, []any{"x"}},
	{"mqtt in JSON", wamp.Dict{"ppt_scheme": "mqtt", "ppt_serializer": "json"}, []any{[]byte(`{"args":[1]}`)}},
	{"custom scheme", wamp.Dict{"ppt_scheme": "x_custom", "ppt_serializer": "msgpack"}, []any{5}},
	{"unknown scheme", wamp.Dict{"ppt_scheme": "bogus"}, []any{"x"}},
	{"scheme of a wrong type", wamp.Dict{"ppt_scheme": 5}, []any{"x"}},
	{"null scheme", wamp.Dict{"ppt_scheme": nil}, []any{"x"}},
	{"no scheme", wamp.Dict{"ppt_serializer": "cbor", "ppt_keyid": "k"}, []any{"x"}},
	{"unknown attribute", wamp.Dict{"ppt_other": 1}, []any{"x"}},
}

func TestGuardPassthruDetails(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := st.session(t, d)
		for i, topic := range []string{"com.plain.x", harness.Prefix + "x"} {
			events := h.subscribe(topic, 10+i)
			h.register(topic, 20+i, func(context.Context, *wamp.Invocation) client.InvokeResult {
				t.Error("the handler was called")
				return client.InvokeResult{}
			})
			for j, c := range passthruCases {
				h.r.Send(wamp.EVENT, 10+i, 1, c.details, c.args)
				harness.RequireReason(t, h.refused.Next(t), transparency.Malformed)
				h.refusesInvocation(100*i+j+1, 20+i, c.details, c.args)
				h.refusesAnswers(topic, c.details, c.args)
			}
			harness.Nothing(t, events)
		}
		h.requireAlive()
		h.requireCloses()
	})
}

func (h *hostile) refusesInvocation(request, registration int, details wamp.Dict, args []any) {
	h.t.Helper()
	h.r.Send(wamp.INVOCATION, request, registration, details, args)
	harness.RequireReason(h.t, h.refused.Next(h.t), transparency.Malformed)
	answer := h.r.Next()
	require.EqualValues(h.t, wamp.ERROR, answer[0])
	require.EqualValues(h.t, request, answer[2])
	require.Len(h.t, answer, 5, "no detail leaks")
}

// refusesAnswers has RESULT, ERROR and a progressive RESULT refused.
func (h *hostile) refusesAnswers(procedure string, details wamp.Dict, args []any) {
	h.t.Helper()
	request, done := h.call(procedure, nil)
	h.r.Send(wamp.RESULT, request, details, args)
	harness.RequireReason(h.t, harness.Receive(h.t, done).Err, transparency.Malformed)
	harness.RequireReason(h.t, h.refused.Next(h.t), transparency.Malformed)

	request, done = h.call(procedure, nil)
	h.r.Send(wamp.ERROR, wamp.CALL, request, details, "com.plain.error", args)
	harness.RequireReason(h.t, harness.Receive(h.t, done).Err, transparency.Malformed)
	harness.RequireReason(h.t, h.refused.Next(h.t), transparency.Malformed)

	request, done = h.call(procedure, func(*wamp.Result) { h.t.Error("progress was handed on") })
	progressive := wamp.Dict{wamp.OptProgress: true}
	for k, v := range details {
		progressive[k] = v
	}
	h.r.Send(wamp.RESULT, request, progressive, args)
	require.EqualValues(h.t, wamp.CANCEL, h.r.Next()[0])
	h.r.Send(wamp.ERROR, wamp.CALL, request, wamp.Dict{}, wamp.ErrCanceled)
	harness.RequireReason(h.t, harness.Receive(h.t, done).Err, transparency.Malformed)
	harness.RequireReason(h.t, h.refused.Next(h.t), transparency.Malformed)
}

func TestGuardPassthruDetailsNexus(t *testing.T) {
	for _, i := range []int{0, 1, 2, 3, 8} {
		c := passthruCases[i]
		t.Run(fmt.Sprint("event ", i), func(t *testing.T) {
			harness.RequireDies(t, "runHandleEvent", func(t *testing.T) {
				h := rawStage.nexus(t)
				h.subscribe("com.plain.x", 10)
				h.r.Send(wamp.EVENT, 10, 1, c.details, c.args)
			})
		})
	}
	t.Run("invocation", func(t *testing.T) {
		harness.RequireDies(t, "runHandleInvocation", func(t *testing.T) {
			h := rawStage.nexus(t)
			h.register("com.plain.x", 20, harness.Echo)
			h.r.Send(wamp.INVOCATION, 1, 20, passthruCases[0].details, passthruCases[0].args)
		})
	})
	t.Run("result", func(t *testing.T) {
		harness.RequireDies(t, "prepareCallResultMessage", func(t *testing.T) {
			h := rawStage.nexus(t)
			request, _ := h.call("com.plain.x", nil)
			h.r.Send(wamp.RESULT, request, passthruCases[0].details, passthruCases[0].args)
		})
	})
}
