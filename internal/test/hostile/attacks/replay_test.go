package attacks_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// replayed are the kinds that a router can have a Session open again at any time.
var replayed = payloadKinds[:3] // event, invocation, first chunk

// inject sends the actor a copy of an EVENT or INVOCATION, for its subscription or
// registration of the attacked URI.
func (a *actor) inject(m *proxy.Message) (request wamp.ID) {
	return a.injectFor(attackedURI, m)
}

func (a *actor) injectFor(uri string, m *proxy.Message) (request wamp.ID) {
	a.t.Helper()
	if m.Is(wamp.EVENT) {
		id, ok := a.SubscriptionID(uri)
		require.True(a.t, ok)
		m = m.For(a.conn).With(1, int64(id))
		m.Direction = proxy.Down
		a.conn.Send(m)
		return 0
	}
	id, ok := a.RegistrationID(uri)
	require.True(a.t, ok)
	return a.conn.Invoke(m.With(2, int64(id)))
}

// refusesInjected injects the message, which has to be refused, and an invocation to
// be answered so.
func (th *theatre) refusesInjected(a *actor, uri string, m *proxy.Message, reason transparency.Reason) {
	th.t.Helper()
	request := a.injectFor(uri, m)
	if m.Is(wamp.EVENT) {
		a.refuses("event", reason)
	} else {
		a.refuses("invocation", reason)
		th.answersOpaquely(a, request, m)
	}
	a.quiet()
}

// refusalSize is what refuses a sealed call in our dialect, in bytes.
const refusalSize = 256

// answersOpaquely awaits the answer to an invocation that was injected and refused.
func (th *theatre) answersOpaquely(a *actor, request wamp.ID, m *proxy.Message) *proxy.Message {
	th.t.Helper()
	answer := th.await(a.conn, proxy.Up, func(m *proxy.Message) bool { return m.Answer(request) })
	require.True(th.t, answer.Is(wamp.ERROR))
	require.Empty(th.t, answer.Details())
	uri := opaqueTo(m)
	require.Equal(th.t, string(uri), answer.Text(4))
	if uri != harness.OpaqueError {
		require.Empty(th.t, answer.Payload())
		return answer
	}
	require.Len(th.t, answer.Payload(), 2)
	require.Empty(th.t, answer.Payload()[0])
	kwargs, _ := answer.Payload()[1].(map[string]any)
	require.Len(th.t, kwargs, 1)
	require.Len(th.t, kwargs["enc"], refusalSize)
	return answer
}

// opaqueTo is the error URI that answers an invocation which is refused: that of sealed
// ones, if it has an enc, of plain ones, or else that of Autobahn's.
func opaqueTo(m *proxy.Message) wamp.URI {
	payload := m.Payload()
	if len(payload) > 1 {
		kwargs, _ := payload[1].(map[string]any)
		if _, found := kwargs["enc"]; found {
			return harness.OpaqueError
		}
	}
	for name := range m.Details() {
		if strings.HasPrefix(name, "enc_") || strings.HasPrefix(name, "ppt_") {
			return harness.OpaqueNoDetail
		}
	}
	if len(payload) > 0 {
		if _, list := payload[0].([]any); !list {
			return harness.OpaqueNoDetail
		}
	}
	return harness.OpaquePlain
}

// TestHostileReplay: to the Session that has had it, at once and after others.
func TestHostileReplay(t *testing.T) {
	attackEach(t, func(_ *testing.T, th *theatre) {
		for _, k := range replayed {
			old := k.honest(th)
			for range 3 {
				th.refusesInjected(th.callee, attackedURI, old, transparency.Replayed)
			}
			for range 5 {
				k.honest(th)
			}
			th.refusesInjected(th.callee, attackedURI, old, transparency.Replayed)
		}
	})
}

// TestHostileReplayInPlace: in place of an honest one, whose sender must not take an
// old answer for its own.
func TestHostileReplayInPlace(t *testing.T) {
	attackEach(t, func(_ *testing.T, th *theatre) {
		for _, k := range payloadKinds {
			th.doing = k.String()
			old := k.honest(th)
			reason := transparency.Replayed
			if k.victim(th) == th.caller && !th.foreign() {
				reason = transparency.WrongRequest
			}
			k.refuses(th, reason, func(m *proxy.Message) { m.Carry(old) })
		}
	})
}

// TestHostileReplayLater: to a Session that comes after the one that had it.
func TestHostileReplayLater(t *testing.T) {
	const skew = 50 * time.Millisecond
	attack(t, func(_ *testing.T, th *theatre) {
		memory := transparency.NewReplayMemory()
		for _, k := range replayed {
			th.rejoin(transparency.WithReplayMemory(memory))
			old := k.honest(th)

			th.rejoin(transparency.WithReplayMemory(memory))
			th.refusesInjected(th.callee, attackedURI, old, transparency.Replayed)
			k.honest(th)

			time.Sleep(2 * skew)
			th.rejoin(transparency.WithClockSkew(skew))
			th.refusesInjected(th.callee, attackedURI, old, transparency.Stale)
			k.honest(th)

			// A memory that is older than the Session doesn't make it older.
			time.Sleep(2 * skew)
			late := k.honest(th)
			time.Sleep(2 * skew)
			th.rejoin(transparency.WithClockSkew(skew), transparency.WithReplayMemory(memory))
			th.refusesInjected(th.callee, attackedURI, late, transparency.Stale)
		}
	})
}

// rejoin replaces the callee by a new Session.
func (th *theatre) rejoin(opts ...transparency.Option) *actor {
	th.t.Helper()
	th.leave(th.callee)
	th.callee = th.join(th.ResponderKey(), th.realm, opts...)
	th.callee.serve(attackedURI, otherURI)
	th.callee.subscribe(attackedURI, nil)
	th.callee.subscribe(otherURI, nil)
	return th.callee
}

// leave ends a Session, and its registrations, which nexus otherwise drops some time
// after.
func (th *theatre) leave(a *actor) {
	th.t.Helper()
	for _, uri := range []string{attackedURI, otherURI} {
		require.NoError(th.t, a.Unregister(uri))
	}
	a.quiet()
	require.NoError(th.t, a.Close())
}

// TestHostileReplayElsewhere: as another topic or procedure, or in another realm.
func TestHostileReplayElsewhere(t *testing.T) {
	attackEach(t, func(_ *testing.T, th *theatre) {
		abroad := th.join(th.ResponderKey(), strings.Replace(th.realm, "realm1", "realm2", 1))
		abroad.serve(attackedURI)
		abroad.subscribe(attackedURI, nil)
		for _, k := range replayed {
			old := k.honest(th)
			th.refusesInjected(th.callee, otherURI, old, transparency.WrongURI)
			if !th.foreign() {
				th.refusesInjected(abroad, attackedURI, old, transparency.WrongRealm)
			}
		}
	})
}

// TestHostileReplayToOtherSubscriber: each of two has an event once, and who comes
// later has it not at all.
func TestHostileReplayToOtherSubscriber(t *testing.T) {
	const skew = 50 * time.Millisecond
	attack(t, func(t *testing.T, th *theatre) {
		also := th.join(th.ResponderKey(), th.realm)
		also.subscribe(attackedURI, nil)
		old := payloadKinds[0].honest(th)
		harness.Receive(t, also.events)
		th.refusesInjected(also, attackedURI, old, transparency.Replayed)
		time.Sleep(2 * skew)
		late := th.join(th.ResponderKey(), th.realm, transparency.WithClockSkew(skew))
		late.subscribe(attackedURI, nil)
		th.refusesInjected(late, attackedURI, old, transparency.Stale)
		require.NoError(t, also.Close())
		require.NoError(t, late.Close())
	})
}

// TestHostileReplayToOtherCallee: callees of one registration that share a memory
// serve a call once. One that comes later serves it not at all.
func TestHostileReplayToOtherCallee(t *testing.T) {
	const shared, skew = harness.Prefix + "shared", 50 * time.Millisecond
	attack(t, func(t *testing.T, th *theatre) {
		options := wamp.Dict{wamp.OptInvoke: wamp.InvokeFirst}
		memory := transparency.WithReplayMemory(transparency.NewReplayMemory())
		one, two := th.join(th.ResponderKey(), th.realm, memory), th.join(th.ResponderKey(), th.realm, memory)
		one.serveWith(options, shared)
		two.serveWith(options, shared)
		_, err := th.caller.Call(harness.Timeout(t), shared, nil, wamp.List{"x"}, nil, nil)
		require.NoError(t, err)
		harness.Receive(t, one.served)
		old := th.await(one.conn, proxy.Down, typed(wamp.INVOCATION))
		th.refusesInjected(two, shared, old, transparency.Replayed)
		time.Sleep(2 * skew)
		late := th.join(th.ResponderKey(), th.realm, transparency.WithClockSkew(skew))
		late.serveWith(options, shared)
		th.refusesInjected(late, shared, old, transparency.Stale)
	})
}

// TestHostileReplayRemembered: without a binding a memory that is kept still knows what
// came, to a Session that comes after, and to callees that share it.
func TestHostileReplayRemembered(t *testing.T) {
	attackIn(t, inForeign, func(_ *testing.T, th *theatre) {
		memory := transparency.WithReplayMemory(transparency.NewReplayMemory())
		for _, k := range replayed {
			th.rejoin(memory)
			old := k.honest(th)
			th.rejoin(memory)
			th.refusesInjected(th.callee, attackedURI, old, transparency.Replayed)
			k.honest(th)
		}
	})
}

// TestHostileReplayError: an error that answers a plain call is sealed in Autobahn's
// dialect. It is bound to no call, but comes once.
func TestHostileReplayError(t *testing.T) {
	const plain = "com.plain.x"
	attackIn(t, inAutobahn, func(t *testing.T, th *theatre) {
		th.callee.serve(plain)
		call := func() error {
			_, err := th.caller.Call(harness.Timeout(t), plain, nil, wamp.List{"fail"}, nil, nil)
			harness.Receive(t, th.callee.served)
			return err
		}
		th.evil.Forget()
		_, proved := transparency.InfoFrom(harness.Raised(t, call()).Details)
		require.True(t, proved)
		old := th.await(th.caller.conn, proxy.Down, typed(wamp.ERROR))
		th.caller.conn.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
			if m.Is(wamp.ERROR) {
				m.Carry(old)
			}
			send(m)
		})
		harness.RequireReason(t, call(), transparency.Replayed)
		th.caller.refuses("error", transparency.Replayed)
	})
}
