package reconnect_test

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// recorded are sealed messages that a router has kept, by kind.
func (p *played) recorded() (event, retained, call wamp.Dict) {
	forger := harness.NewForger(p.t, p.ring, keyring.RoleOriginator)
	bind := func(kind cryptobox.Kind, keep bool) *harness.Bound {
		return forger.Bind(kind, func(b *harness.Bound) { b.Keep = keep })
	}
	return forger.Seal(sealed, bind(cryptobox.KindPublish, false)),
		forger.Seal(sealed, bind(cryptobox.KindPublish, true)),
		forger.Seal(sealed, bind(cryptobox.KindCall, false))
}

// deliver hands over what was recorded: the retained event live at first, and late then.
func (p *played) deliver(id int, event, retained, call wamp.Dict, late bool) {
	p.conn.Send(wamp.EVENT, 10+id, 1, wamp.Dict{}, wamp.List{}, event)
	details := wamp.Dict{}
	if late {
		details["retained"] = true
	}
	p.conn.Send(wamp.EVENT, 10+id, 2, details, wamp.List{}, retained)
	p.conn.Send(wamp.INVOCATION, 1, 20+id, wamp.Dict{}, wamp.List{}, call)
}

// A router that ends the connection gains nothing: what it has recorded is refused on the
// next one too.
func TestReplayMemoryIsKept(t *testing.T) {
	refused, collecting := harness.Collect()
	p := play(t, nil, collecting)
	got := make(chan *wamp.Event, 10)
	p.asks(func() error {
		return p.Subscribe(sealed, func(ev *wamp.Event) { got <- ev }, wamp.Dict{"get_retained": true})
	}, subscribe, 10)
	p.asks(func() error { return p.Register(sealed, harness.Echo, nil) }, register, 20)
	event, retained, call := p.recorded()
	p.deliver(0, event, retained, call, false)
	harness.Receive(t, got)
	harness.Receive(t, got)
	p.next(wamp.YIELD)
	for round := 1; round < 3; round++ {
		p.cut()
		p.welcome()
		p.confirms(subscribe, 10+round)
		p.confirms(register, 20+round)
		harness.Receive(t, p.again)
		p.deliver(round, event, retained, call, true)
		for range 3 {
			harness.RequireReason(t, refused.Next(t), transparency.Replayed)
		}
		p.next(wamp.ERROR)
		harness.Nothing(t, got)
	}
}

// What was sent before the router was asked again is too old, but for the skew.
func TestSinceIsAnew(t *testing.T) {
	refused, collecting := harness.Collect()
	p := play(t, nil, collecting, transparency.WithClockSkew(0))
	p.asks(func() error { return p.Subscribe(sealed, ignore, nil) }, subscribe, 10)
	p.asks(func() error { return p.Register(sealed, harness.Echo, nil) }, register, 20)
	event, retained, call := p.recorded()
	time.Sleep(20 * time.Millisecond)
	p.cut()
	p.welcome()
	p.confirms(subscribe, 11)
	p.confirms(register, 21)
	harness.Receive(t, p.again)
	p.deliver(1, event, retained, call, false)
	for range 3 {
		harness.RequireReason(t, refused.Next(t), transparency.Stale)
	}
}

// To its peers, a Session stays the same sender, and goes on counting.
func TestSenderGoesOn(t *testing.T) {
	p := play(t, nil)
	forger := harness.NewForger(t, p.ring, keyring.RoleOriginator)
	var from cryptobox.SenderID
	for n := uint64(1); n < 4; n++ {
		require.NoError(t, p.Publish(sealed, nil, nil, nil))
		m := p.next(wamp.PUBLISH)
		kwargs, ok := wamp.AsDict(m[5])
		require.True(t, ok)
		record, _ := forger.Open(nil, kwargs)
		require.Equal(t, n, record.N)
		if n == 1 {
			from = record.From
		}
		require.Equal(t, from, record.From)
		p.cut()
		p.welcome()
		harness.Receive(t, p.again)
	}
	require.NoError(t, p.SetCallCancelMode("skip"))
	p.cut()
	p.welcome()
	harness.Receive(t, p.again)
	ctx, cancel := context.WithCancel(context.Background())
	outcome := harness.Go(func() error {
		_, err := p.Call(ctx, plain, nil, nil, nil, nil)
		return err
	})
	m := p.next(wamp.CALL)
	cancel()
	options, _ := wamp.AsDict(p.next(wamp.CANCEL)[2])
	require.Equal(t, "skip", options["mode"], "the mode is the Session's")
	p.conn.Send(wamp.ERROR, wamp.CALL, m[1], wamp.Dict{}, string(wamp.ErrCanceled))
	require.Error(t, harness.Receive(t, outcome))
}
