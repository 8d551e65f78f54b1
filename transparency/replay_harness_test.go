package transparency_test

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// posted is a Session over a scripted Client.
type posted struct {
	*transparency.Session
	*harness.Forger // holds the other end's key

	t    testing.TB
	box  *scripted
	ring *keyring.Ring

	refused []*transparency.Error
}

type inbox struct {
	deliver client.EventHandler
	got     []*wamp.Event
}

// post returns a Session that holds the key of a responder.
func post(t testing.TB, k harness.Keys, opts ...transparency.Option) *posted {
	t.Helper()
	other := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	return postTo(t, harness.RingOf(t, k.ResponderKey()), other, opts...)
}

// postTo is post with a ring, and who holds the other end's key.
func postTo(t testing.TB, ring *keyring.Ring, other *harness.Forger, opts ...transparency.Option) *posted {
	t.Helper()
	p := &posted{t: t, box: &scripted{}, ring: ring, Forger: other}
	opts = append(opts, transparency.WithOnReject(func(err *transparency.Error) { p.refused = append(p.refused, err) }))
	s, err := transparency.Wrap(p.box, harness.Realm, p.ring, opts...)
	require.NoError(t, err)
	p.Session = s
	return p
}

// subscribe returns a subscription whose events a test delivers.
func (p *posted) subscribe(topic string, options wamp.Dict) *inbox {
	p.t.Helper()
	sub := &inbox{}
	require.NoError(p.t, p.Subscribe(topic, func(ev *wamp.Event) { sub.got = append(sub.got, ev) }, options))
	sub.deliver = p.box.onEvent
	return sub
}

// event is one of topic x with that payload.
func event(kwargs wamp.Dict, retained bool) *wamp.Event {
	details := wamp.Dict{"topic": harness.Prefix + "x"}
	if retained {
		details["retained"] = true
	}
	return &wamp.Event{Details: details, ArgumentsKw: kwargs}
}

// takes delivers a payload, which has to reach the handler.
func (p *posted) takes(sub *inbox, kwargs wamp.Dict) {
	p.t.Helper()
	p.judges(sub, event(kwargs, false), 0)
}

// refuses delivers a payload, which has to be refused.
func (p *posted) refuses(sub *inbox, kwargs wamp.Dict, reason transparency.Reason) {
	p.t.Helper()
	p.judges(sub, event(kwargs, false), reason)
}

// judges delivers an event. Reason 0 has it reach the handler.
func (p *posted) judges(sub *inbox, ev *wamp.Event, reason transparency.Reason) {
	p.t.Helper()
	handled, refused := len(sub.got), len(p.refused)
	sub.deliver(ev)
	if reason == 0 {
		if len(p.refused) > refused {
			require.FailNow(p.t, "refused", p.refused[refused].Error())
		}
		require.Len(p.t, sub.got, handled+1)
		return
	}
	require.Len(p.t, sub.got, handled, "it reached the handler")
	require.Len(p.t, p.refused, refused+1)
	harness.RequireReason(p.t, p.refused[refused], reason)
}

// serves registers topic x as a procedure that echoes.
func (p *posted) serves(options wamp.Dict) client.InvocationHandler {
	p.t.Helper()
	require.NoError(p.t, p.Register(harness.Prefix+"x", harness.Echo, options))
	return p.box.onCall
}

// judgesCall delivers an invocation. Reason 0 has it answered.
func (p *posted) judgesCall(serve client.InvocationHandler, kwargs wamp.Dict, reason transparency.Reason) {
	p.t.Helper()
	refused := len(p.refused)
	answer := serve(context.Background(), &wamp.Invocation{Details: wamp.Dict{"procedure": harness.Prefix + "x"}, ArgumentsKw: kwargs})
	if reason == 0 {
		require.Empty(p.t, answer.Err)
		require.Len(p.t, p.refused, refused)
		return
	}
	harness.RequireOpaque(p.t, harness.OpaqueError, answer.Err, answer.Args, answer.Kwargs)
	require.Len(p.t, p.refused, refused+1)
	harness.RequireReason(p.t, p.refused[refused], reason)
}

// publication seals an event of topic x.
func (p *posted) publication(change func(*harness.Bound)) wamp.Dict {
	p.t.Helper()
	return p.Seal(harness.Prefix+"x", p.Bind(cryptobox.KindPublish, change), "hi")
}

func numbered(n uint64) func(*harness.Bound) { return func(b *harness.Bound) { b.N = n } }

// sentAgo is a clock that is behind by so much.
func sentAgo(age time.Duration) func(*harness.Bound) {
	return func(b *harness.Bound) { b.TS = time.Now().Add(-age).UnixMilli() }
}

// keptFor is for an event that was retained so long ago.
func keptFor(age time.Duration) func(*harness.Bound) {
	return func(b *harness.Bound) {
		sentAgo(age)(b)
		b.Keep = true
	}
}
