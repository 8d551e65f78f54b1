package transparency_test

import (
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// alike are two parties that seal as the same Session, with the same numbers.
func (c *company) alike(t testing.TB) (first, second *harness.Forger) {
	t.Helper()
	first, second = c.forger(t, billing), c.forger(t, shop)
	second.From = first.From
	return first, second
}

// TestSignersAreApart: what one sends has nothing of another refused, whatever it says of
// itself, live or retained.
func TestSignersAreApart(t *testing.T) {
	for name, retained := range map[string]bool{"live": false, "retained": true} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(false)
			first, second := c.alike(t)
			p := postTo(t, holding(t, c.serving(billing, shop)), first)
			sub := p.subscribe(keyedURI, getRetained)
			change := func(n uint64) func(*harness.Bound) {
				return func(b *harness.Bound) {
					if retained {
						keptFor(time.Hour)(b)
					}
					b.N = n
				}
			}
			had := []wamp.Dict{published(second, change(1<<40)), published(first, change(1)), published(second, change(1))}
			for i, name := range []string{shop, billing, shop} {
				reason := transparency.Reason(0)
				if i == 2 && !retained {
					reason = transparency.Replayed // far behind its own newest
				}
				p.judges(sub, event(had[i], retained), reason)
				if reason == 0 {
					require.Equal(t, c.sender(name), senderOf(t, sub.got[len(sub.got)-1].Details))
				}
			}
			for _, kwargs := range had[:2] {
				p.judges(sub, event(kwargs, retained), transparency.Replayed)
			}
		})
	}
}

// TestSignersAreApartAcrossAReconnect: what came before it doesn't come again, and that of
// another signer does.
func TestSignersAreApartAcrossAReconnect(t *testing.T) {
	c := newCompany(false)
	first, second := c.alike(t)
	r := handrouter.Start(t, handrouter.RawSocket, "cbor")
	again := make(chan struct{}, 1)
	refused, collecting := harness.Collect()
	p := playOn(t, r, ours, "cbor", keyring.Signed(c.serving(billing, shop)), keyring.Signed(c.sending(billing)), collecting,
		transparency.WithReconnect(transparency.ReconnectPolicy{Min: time.Millisecond, OnReconnect: func() { again <- struct{}{} }}))
	got := p.subscribed(keyedURI)
	p.registered(keyedURI, harness.Echo)
	request := 0
	send := func(ev, call wamp.Dict) (kind any) {
		request++
		p.Send(wamp.EVENT, subscription, publication, wamp.Dict{}, wamp.List{}, ev)
		p.Send(wamp.INVOCATION, request, registration, wamp.Dict{}, wamp.List{}, call)
		return p.Next()[0]
	}
	sealed := func(f *harness.Forger) (ev, call wamp.Dict) {
		return published(f, numbered(7)), called(f, numbered(8))
	}
	ev, call := sealed(first)
	require.EqualValues(t, wamp.YIELD, send(ev, call))
	require.Equal(t, c.sender(billing), senderOf(t, harness.Receive(t, got).Details))
	p.Conn.Close()
	p.Conn = r.Welcome()
	defer p.Conn.Close()
	p.Send(wamp.SUBSCRIBED, p.Next()[1], subscription)
	p.Send(wamp.REGISTERED, p.Next()[1], registration)
	harness.Receive(t, again)
	require.EqualValues(t, wamp.ERROR, send(ev, call))
	for range 2 {
		harness.RequireReason(t, refused.Next(t), transparency.Replayed)
	}
	ev, call = sealed(second)
	require.EqualValues(t, wamp.YIELD, send(ev, call))
	require.Equal(t, c.sender(shop), senderOf(t, harness.Receive(t, got).Details))
}

// TestALaterChunkOfAnotherSigner: it doesn't go on with a call, though it speaks as the same
// Session and holds its context.
func TestALaterChunkOfAnotherSigner(t *testing.T) {
	c := newCompany(false)
	first, second := c.alike(t)
	p := play(t, ours, handrouter.RawSocket, "cbor", keyring.Signed(c.serving(billing, shop)), keyring.Signed(c.sending(billing)))
	p.registered(keyedURI, sink)
	kwargs, token := first.SealToken(keyedURI, first.Bind(cryptobox.KindCallProgress, nil))
	p.Send(wamp.INVOCATION, 1, registration, wamp.Dict{wamp.OptProgress: true}, wamp.List{}, kwargs)
	// The second one isn't in the context of the first, so it is out already by that.
	p.Send(wamp.INVOCATION, 1, registration, wamp.Dict{}, wamp.List{},
		second.Seal(keyedURI, second.Bind(cryptobox.KindCall, func(b *harness.Bound) { b.Re, b.Seq = token, 1 })))
	require.EqualValues(t, wamp.ERROR, p.Next()[0])
	harness.RequireReason(t, p.refused.Next(t), transparency.NotOpened)
}
