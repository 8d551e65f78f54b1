package guard_test

import (
	"context"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
)

// panicText is what the handlers of these tests panic with.
const panicText = "the application's own"

// panicking are the handlers of an application, each made to panic.
var panicking = map[string]func(h *hostile){
	"event": func(h *hostile) {
		harness.Confirmed(h.t, h.r, func() error { return h.s.Subscribe("com.plain.x", func(*wamp.Event) { panic(panicText) }, nil) }, 10)
		h.r.Send(wamp.EVENT, 10, 1, wamp.Dict{}, []any{})
	},
	"invocation": func(h *hostile) {
		h.register("com.plain.x", 20, func(context.Context, *wamp.Invocation) client.InvokeResult { panic(panicText) })
		h.r.Send(wamp.INVOCATION, 1, 20, wamp.Dict{}, []any{})
	},
	"progress": func(h *hostile) {
		request, _ := h.call("com.plain.x", func(*wamp.Result) { panic(panicText) })
		h.r.Send(wamp.RESULT, request, wamp.Dict{wamp.OptProgress: true}, []any{})
	},
}

// TestPanicInAHandler: a panic that the application doesn't recover ends the process,
// under nexus alone and under a Session alike.
func TestPanicInAHandler(t *testing.T) {
	for name, provoke := range panicking {
		t.Run(name+"/nexus", func(t *testing.T) {
			harness.RequireDies(t, panicText, func(t *testing.T) { provoke(rawStage.nexus(t)) })
		})
		t.Run(name+"/session", func(t *testing.T) {
			harness.RequireDies(t, panicText, func(t *testing.T) { provoke(rawStage.session(t, cryptobox.Wampbox)) })
		})
	}
}
