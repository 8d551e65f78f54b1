package attacks_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestHostileReflectCall: a caller's own payload is no answer to it.
func TestHostileReflectCall(t *testing.T) {
	attack(t, func(_ *testing.T, th *theatre) {
		for _, k := range payloadKinds[3:] {
			th.doing = k.String()
			th.evil.Forget()
			own := func() *proxy.Message { return th.await(th.caller.conn, proxy.Up, typed(wamp.CALL)) }
			if k.op == "error" {
				k.refuses(th, transparency.WrongURI, func(m *proxy.Message) {
					m.Carry(own())
					m.List[4] = attackedURI
				})
				th.evil.Forget()
			}
			k.refuses(th, th.otherDirection(), func(m *proxy.Message) { m.Carry(own()) })
		}
	})
}

// bothRoles has the caller and the callee hold one key for both roles, in place of a half
// each.
func (th *theatre) bothRoles() {
	th.withKeys(harness.SharedKeys(keyring.Shared(cryptobox.GenerateSymmetricKey())))
}

// TestHostileReflectEvent: a publisher that subscribes gets its own event when it has
// asked for it, once.
func TestHostileReflectEvent(t *testing.T) {
	attack(t, func(t *testing.T, th *theatre) {
		th.bothRoles()
		th.caller.subscribe(attackedURI, nil)
		old := payloadKinds[0].honest(th)
		th.refusesInjected(th.caller, attackedURI, old, transparency.Replayed)

		th.evil.Forget()
		require.NoError(t, th.caller.Publish(attackedURI, wamp.Dict{wamp.OptExcludeMe: false}, wamp.List{"mine"}, nil))
		require.Equal(t, wamp.List{"mine"}, harness.Receive(t, th.caller.events).Arguments)
		require.Equal(t, wamp.List{"mine"}, harness.Receive(t, th.callee.events).Arguments)
		own := th.await(th.caller.conn, proxy.Down, typed(wamp.EVENT))
		th.refusesInjected(th.caller, attackedURI, own, transparency.Replayed)
		th.refusesInjected(th.callee, attackedURI, own, transparency.Replayed)
		require.NoError(t, th.caller.Unsubscribe(attackedURI))
	})
}

// TestHostileReflectAsEvent: what was sealed for a procedure of the same name is no
// event, nor is an event a call.
func TestHostileReflectAsEvent(t *testing.T) {
	attack(t, func(_ *testing.T, th *theatre) {
		event, call := payloadKinds[0].honest(th), payloadKinds[1].honest(th)
		for _, k := range payloadKinds[1:] {
			reason := transparency.WrongKind
			switch {
			case k.victim(th) == th.caller && th.signed():
				reason = transparency.NotOpened
			case k.op == "error":
				reason = transparency.WrongURI
			}
			other, forged := k.honest(th), event.Clone()
			forged.Carry(other)
			th.refusesInjected(th.callee, attackedURI, forged, reason)
			if k.op == "invocation" {
				continue
			}
			forged = call.Clone()
			forged.Carry(other)
			th.refusesInjected(th.callee, attackedURI, forged, reason)
		}
		forged := call.Clone()
		forged.Carry(event)
		th.refusesInjected(th.callee, attackedURI, forged, transparency.WrongKind)
	})
}
