package transparency_test

import (
	"cmp"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Of peers that bind nothing, what was delivered once isn't again.

func TestReplayOfAForeignEvent(t *testing.T) {
	forEachForeign(t, func(t *testing.T, _ dialect, k harness.Keys, play playing) {
		p := play(k.ResponderKey(), k.OriginatorKey())
		exact, byPrefix := 1001, 1002
		delivered, wide := make(chan *wamp.Event, 10), make(chan *wamp.Event, 10)
		harness.Confirmed(t, p.Conn, func() error {
			return p.Subscribe(keyedURI, func(ev *wamp.Event) { delivered <- ev }, nil)
		}, exact)
		harness.Confirmed(t, p.Conn, func() error {
			return p.Subscribe(harness.Prefix, func(ev *wamp.Event) { wide <- ev }, wamp.Dict{"match": "prefix"})
		}, byPrefix)
		tl := p.foreignTail(keyedURI)
		send := func(subscription int) {
			details := withAttribute(tl.attributes, "topic")
			details["topic"] = keyedURI
			p.Send(append([]any{wamp.EVENT, subscription, publication, details}, tl.payload...)...)
		}
		// A broker delivers an event once for each subscription that matches.
		send(exact)
		send(byPrefix)
		harness.Receive(t, delivered)
		harness.Receive(t, wide)
		for _, again := range []int{exact, byPrefix} {
			send(again)
			harness.RequireReason(t, p.refused.Next(t), transparency.Replayed)
		}
		// A new subscription to the same is no way around.
		harness.Confirmed(t, p.Conn, func() error { return p.Unsubscribe(keyedURI) })
		harness.Confirmed(t, p.Conn, func() error {
			return p.Subscribe(keyedURI, func(ev *wamp.Event) { delivered <- ev }, nil)
		}, 1003)
		send(1003)
		harness.RequireReason(t, p.refused.Next(t), transparency.Replayed)
		harness.Nothing(t, delivered)
		harness.Nothing(t, wide)
	})
}

// TestReplayOfAForeignAnswer: an error may answer a plain call, too.
func TestReplayOfAForeignAnswer(t *testing.T) {
	forEachForeign(t, func(t *testing.T, _ dialect, k harness.Keys, play playing) {
		for name, c := range map[string]struct{ procedure, errorURI string }{
			"result":                {keyedURI, ""},
			"error":                 {keyedURI, harness.Prefix + "e"},
			"error of a plain call": {plainURI, harness.Prefix + "e"},
		} {
			t.Run(name, func(t *testing.T) {
				p := play(k.OriginatorKey(), k.ResponderKey())
				tl := p.foreignTail(cmp.Or(c.errorURI, keyedURI))
				first := p.answered(c.procedure, c.errorURI, always(tl))
				if c.errorURI == "" {
					require.NoError(t, first.Err)
				} else {
					require.NotEmpty(t, harness.Raised(t, first.Err).Arguments)
				}
				harness.RequireReason(t, p.answered(c.procedure, c.errorURI, always(tl)).Err, transparency.Replayed)
			})
		}
	})
}
