package attacks_test

import (
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// publishedWith returns the EVENT of an event published with options, which the callee
// has had.
func (th *theatre) publishedWith(options wamp.Dict) *proxy.Message {
	th.t.Helper()
	th.evil.Forget()
	require.NoError(th.t, th.caller.Publish(attackedURI, options, wamp.List{"x"}, nil))
	harness.Receive(th.t, th.callee.events)
	return th.await(th.callee.conn, proxy.Down, typed(wamp.EVENT))
}

// TestHostileRetained: what a router calls retained may be old only if its publisher
// had it retained, and the subscriber asked for such events. And it comes once.
func TestHostileRetained(t *testing.T) {
	const skew = 50 * time.Millisecond
	attack(t, func(t *testing.T, th *theatre) {
		kept, other := th.publishedWith(wamp.Dict{"retain": true}), th.publishedWith(nil)
		for _, m := range []*proxy.Message{kept, other} {
			m.Details()["retained"] = true
			// Whoever has had them doesn't get them again.
			th.refusesInjected(th.callee, attackedURI, m, transparency.Replayed)
		}
		time.Sleep(2 * skew)

		asking := th.join(th.ResponderKey(), th.realm, transparency.WithClockSkew(skew))
		asking.subscribe(attackedURI, wamp.Dict{"get_retained": true})
		th.refusesInjected(asking, attackedURI, other, transparency.Stale)
		asking.inject(kept)
		require.Equal(t, wamp.List{"x"}, harness.Receive(t, asking.events).Arguments)
		th.refusesInjected(asking, attackedURI, kept, transparency.Replayed)
		live := kept.Clone()
		delete(live.Details(), "retained")
		th.refusesInjected(asking, attackedURI, live, transparency.Stale)

		plain := th.join(th.ResponderKey(), th.realm, transparency.WithClockSkew(skew))
		plain.subscribe(attackedURI, nil)
		for _, m := range []*proxy.Message{kept, other, live} {
			th.refusesInjected(plain, attackedURI, m, transparency.Stale)
		}
		require.NoError(t, asking.Close())
		require.NoError(t, plain.Close())
	})
}

// TestHostileRetainedAndLive: an event comes live or retained, but not both.
func TestHostileRetainedAndLive(t *testing.T) {
	attack(t, func(t *testing.T, th *theatre) {
		asking := wamp.Dict{"get_retained": true}
		early := th.join(th.ResponderKey(), th.realm)
		early.subscribe(attackedURI, asking)
		live := th.publishedWith(wamp.Dict{"retain": true})
		harness.Receive(t, early.events)
		retained := live.Clone()
		retained.Details()["retained"] = true
		th.refusesInjected(early, attackedURI, retained, transparency.Replayed)

		late := th.join(th.ResponderKey(), th.realm)
		late.subscribe(attackedURI, asking)
		late.inject(retained)
		harness.Receive(t, late.events)
		th.refusesInjected(late, attackedURI, live, transparency.Replayed)
		require.NoError(t, early.Close())
		require.NoError(t, late.Close())
	})
}
