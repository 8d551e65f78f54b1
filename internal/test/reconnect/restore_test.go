package reconnect_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const (
	subscribe  = wamp.SUBSCRIBE
	register   = wamp.REGISTER
	unregister = wamp.UNREGISTER
)

func ignore(*wamp.Event) {}

// What was subscribed and registered is asked for again with its options and in its
// order, what was ended is not, and what was replaced once.
func TestEverythingComesBack(t *testing.T) {
	p := play(t, nil)
	options := wamp.Dict{"match": "prefix"}
	var asked [][]any
	want := func(m []any) { asked = append(asked, m) }
	want(p.asks(func() error { return p.Subscribe("com.example.", ignore, options) }, subscribe, 1))
	options["match"] = "wildcard" // it is the caller's own
	want(p.asks(func() error { return p.Register("com..x", harness.Echo, options) }, register, 2))
	options["match"] = "exact"
	p.asks(func() error { return p.Subscribe("com.example.y", ignore, nil) }, subscribe, 3)
	want(p.asks(func() error {
		return p.Register(sealed, harness.Echo, wamp.Dict{"invoke": "roundrobin", "x_custom": 7})
	}, register, 4))
	p.asks(func() error { return p.Register(plain, harness.Echo, nil) }, register, 5)
	first := make(chan *wamp.Event, 1)
	p.asks(func() error { return p.Subscribe(plain, func(ev *wamp.Event) { first <- ev }, nil) }, subscribe, 6)
	want(p.asks(func() error { return p.Subscribe(sealed, ignore, wamp.Dict{"get_retained": true}) }, subscribe, 7))
	second := make(chan *wamp.Event, 1)
	want(p.asks(func() error { return p.Subscribe(plain, func(ev *wamp.Event) { second <- ev }, nil) }, subscribe, 6))
	p.asks(func() error { return p.Unsubscribe("com.example.y") }, wamp.UNSUBSCRIBE, 0)
	p.asks(func() error { return p.Unregister(plain) }, unregister, 0)

	for round := range 2 {
		p.cut()
		p.welcome()
		for i, m := range asked {
			kind, _ := wamp.AsInt64(m[0])
			again := p.confirms(wamp.MessageType(kind), 100*(round+1)+i)
			require.Equal(t, m[2:], again[2:])
		}
		harness.Receive(t, p.again)
		require.NoError(t, p.Ready())
		require.Nil(t, p.conn.Pending(50*time.Millisecond))
		id, ok := p.SubscriptionID(plain)
		require.True(t, ok)
		p.conn.Send(wamp.EVENT, id, 1, wamp.Dict{}, wamp.List{round})
		require.EqualValues(t, round, harness.Receive(t, second).Arguments[0])
		harness.Nothing(t, first)
	}
	require.ErrorIs(t, p.Unregister(plain), client.ErrNotRegistered)
	require.ErrorIs(t, p.Unsubscribe("com.example.y"), client.ErrNotSubscribed)
}

// A router of nexus that hasn't noticed that a session is lost keeps its registrations.
func TestGhostAtARouter(t *testing.T) {
	for name, transport := range transports {
		t.Run(name, func(t *testing.T) {
			f := newFront(t)
			r := startRouter(t)
			f.router(transport.target(r))
			rules, seen := policy()
			s := connect(t, transport.url(f), harness.Config(client.CBOR), both(t), transparency.WithReconnect(rules))
			require.NoError(t, s.Register(sealed, harness.Echo, nil))
			require.NoError(t, s.Register(plain, harness.Echo, wamp.Dict{"invoke": "roundrobin"}))
			got := make(chan *wamp.Event, 10)
			require.NoError(t, s.Subscribe(sealed, func(ev *wamp.Event) { got <- ev }, nil))
			f.sever()
			harness.Receive(t, seen.lost)
			harness.Receive(t, seen.again)
			require.ErrorContains(t, s.Ready(), `1 not in place again, among them register "`+sealed)
			require.ErrorContains(t, s.Ready(), string(wamp.ErrProcedureAlreadyExists))
			require.True(t, s.Connected())
			require.NoError(t, s.Publish(sealed, wamp.Dict{"exclude_me": false}, wamp.List{1}, nil)) // the rest is there
			harness.Receive(t, got)
			f.cut(f.routers) // the ghost too; and the router sees it
			require.Eventually(t, func() bool { return s.Ready() == nil }, harness.Patience, time.Millisecond)
			_, err := s.Call(harness.Timeout(t), sealed, nil, nil, nil, nil)
			require.NoError(t, err)
		})
	}
}

// What the router refuses is asked for again with pauses, whatever the reason; the rest is
// there meanwhile.
func TestRefusedAtFirst(t *testing.T) {
	for _, uri := range []wamp.URI{wamp.ErrProcedureAlreadyExists, wamp.ErrNotAuthorized} {
		t.Run(string(uri), func(t *testing.T) {
			records := make(sayings, 100)
			p := play(t, nil, transparency.WithLogger(slog.New(records)))
			p.asks(func() error { return p.Register(sealed, harness.Echo, nil) }, register, 1)
			p.asks(func() error { return p.Subscribe(sealed, ignore, nil) }, subscribe, 2)
			p.cut()
			p.welcome()
			p.refuses(register, uri)
			p.confirms(subscribe, 3)
			harness.Receive(t, p.again)
			require.ErrorContains(t, p.Ready(), sealed)
			require.ErrorContains(t, p.Ready(), string(uri))
			p.refuses(register, uri)
			p.confirms(register, 4)
			p.ready()
			harness.Nothing(t, p.lost)
			harness.Nothing(t, p.again)
			require.Nil(t, p.conn.Pending(2*maxPause))
			for _, want := range []string{"connection to the router ended", "not in place again", "connected to the router again"} {
				require.Equal(t, want, harness.Receive(t, records))
			}
			harness.Nothing(t, records)
		})
	}
}

// sayings is a handler of records that keeps what they say.
type sayings chan string

func (sayings) Enabled(context.Context, slog.Level) bool { return true }

func (c sayings) Handle(_ context.Context, r slog.Record) error {
	c <- r.Message
	return nil
}

func (c sayings) WithAttrs([]slog.Attr) slog.Handler { return c }
func (c sayings) WithGroup(string) slog.Handler      { return c }

// What is ended while it is refused isn't asked for any more.
func TestEndedWhileItIsRefused(t *testing.T) {
	p := play(t, nil)
	p.asks(func() error { return p.Register(sealed, harness.Echo, nil) }, register, 1)
	p.cut()
	p.welcome()
	p.refuses(register, wamp.ErrProcedureAlreadyExists)
	harness.Receive(t, p.again)
	require.NoError(t, p.Unregister(sealed))
	require.NoError(t, p.Ready())
	require.Nil(t, p.conn.Pending(4*maxPause))
}

// What is ended while its turn hasn't come isn't asked for.
func TestEndedBeforeItsTurn(t *testing.T) {
	p := play(t, nil)
	p.asks(func() error { return p.Register(sealed, harness.Echo, nil) }, register, 1)
	p.asks(func() error { return p.Register(plain, harness.Echo, nil) }, register, 2)
	p.cut()
	p.welcome()
	m := p.next(register)
	require.NoError(t, p.Unregister(plain))
	p.conn.Send(wamp.REGISTERED, m[1], 3)
	harness.Receive(t, p.again)
	require.NoError(t, p.Ready())
	require.Nil(t, p.conn.Pending(4*maxPause))
}

// Unregister, while the router is being asked, waits for its answer, and ends that.
func TestEndedWhileItIsAskedFor(t *testing.T) {
	p := play(t, nil)
	p.asks(func() error { return p.Register(sealed, harness.Echo, nil) }, register, 1)
	p.cut()
	p.welcome()
	m := p.next(register)
	ended := harness.Go(func() error { return p.Unregister(sealed) })
	require.Nil(t, p.conn.Pending(50*time.Millisecond))
	p.conn.Send(wamp.REGISTERED, m[1], 5)
	m = p.next(unregister)
	require.EqualValues(t, 5, m[2])
	p.conn.Send(wamp.UNREGISTERED, m[1])
	require.NoError(t, harness.Receive(t, ended))
	require.NoError(t, p.Ready())
}

// A router that doesn't answer leaves open what is there: another connection tells.
func TestNoAnswerToARestore(t *testing.T) {
	p := play(t, nil)
	p.asks(func() error { return p.Register(sealed, harness.Echo, nil) }, register, 1)
	p.cut()
	p.welcome()
	p.next(register)
	require.ErrorIs(t, harness.Receive(t, p.lost), client.ErrReplyTimeout)
	p.welcome()
	p.confirms(register, 2)
	harness.Receive(t, p.again)
	require.NoError(t, p.Ready())
}

func TestWithoutAConnection(t *testing.T) {
	p := play(t, func(rules *transparency.ReconnectPolicy) {
		rules.Min, rules.Max = 200*time.Millisecond, 200*time.Millisecond
	})
	p.asks(func() error { return p.Register(sealed, harness.Echo, nil) }, register, 1)
	p.asks(func() error { return p.Subscribe(sealed, ignore, nil) }, subscribe, 2)
	p.asks(func() error { return p.Subscribe(plain, ignore, nil) }, subscribe, 3)
	p.cut()
	requireNotConnected(t, p.Subscribe("com.example.new", ignore, nil))
	requireNotConnected(t, p.Register("com.example.new", harness.Echo, nil))
	require.ErrorIs(t, p.Register("com.example.new", harness.Echo, nil), p.cause)
	requireNotConnected(t, p.Publish(sealed, nil, nil, nil))
	requireNotConnected(t, p.Publish(plain, wamp.Dict{"acknowledge": true}, nil, nil))
	requireNotConnected(t, harness.Receive(t, p.calling(sealed)).Err)
	require.NoError(t, p.Unregister(sealed))
	require.NoError(t, p.Unsubscribe(plain))
	require.ErrorIs(t, p.Unsubscribe("com.example.new"), client.ErrNotSubscribed)
	p.welcome()
	m := p.confirms(subscribe, 4)
	require.Equal(t, sealed, m[3])
	harness.Receive(t, p.again)
	require.Nil(t, p.conn.Pending(50*time.Millisecond))
}

// What was sent and not answered may have been done, whatever it was.
func TestInterrupted(t *testing.T) {
	p := play(t, nil)
	progress := make(chan struct{})
	outcomes := map[string]<-chan error{
		"call": harness.Go(func() error {
			_, err := p.Call(harness.Timeout(t), sealed, nil, nil, nil, nil)
			return err
		}),
		"progressive results": harness.Go(func() error {
			_, err := p.Call(harness.Timeout(t), plain, nil, nil, nil, func(*wamp.Result) {})
			return err
		}),
		"acknowledge": harness.Go(func() error { return p.Publish(sealed, wamp.Dict{"acknowledge": true}, nil, nil) }),
		"subscribe":   harness.Go(func() error { return p.Subscribe(sealed, ignore, nil) }),
		"register":    harness.Go(func() error { return p.Register(sealed, harness.Echo, nil) }),
	}
	for range outcomes {
		require.NotNil(t, p.conn.Next())
	}
	outcomes["chunks"] = harness.Go(func() error {
		sent := 0
		_, err := p.CallProgressive(harness.Timeout(t), sealed, func(ctx context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			if sent++; sent > 1 {
				close(progress)
				<-ctx.Done()
			}
			return wamp.Dict{"progress": true}, nil, nil, nil
		}, nil)
		return err
	})
	p.next(wamp.CALL)
	harness.Receive(t, progress)
	p.cut()
	for what, outcome := range outcomes {
		err := harness.Receive(t, outcome)
		require.ErrorIs(t, err, p.cause, what)
		requireInterrupted(t, err)
	}
	p.welcome()
	require.Nil(t, p.conn.Pending(50*time.Millisecond), "what failed isn't kept")
}

// A chunk that can't be sent any more doesn't say that nothing was.
func TestChunkAfterTheConnection(t *testing.T) {
	p := play(t, nil)
	lost := make(chan struct{})
	sent := 0
	outcome := harness.Go(func() error {
		_, err := p.CallProgressive(harness.Timeout(t), sealed, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			if sent++; sent > 1 {
				<-lost
			}
			return wamp.Dict{"progress": true}, nil, nil, nil
		}, nil)
		return err
	})
	p.next(wamp.CALL)
	p.conn.Close()
	harness.Receive(t, p.lost)
	close(lost)
	requireInterrupted(t, harness.Receive(t, outcome))
}

// Handlers of events run one after the other, over connections too, and see them in
// order; meanwhile all else works.
func TestEventsStayInOrder(t *testing.T) {
	p := play(t, nil)
	running, proceed := make(chan any, 10), make(chan struct{})
	p.asks(func() error {
		return p.Subscribe(plain, func(ev *wamp.Event) {
			running <- ev.Arguments[0]
			<-proceed
		}, nil)
	}, subscribe, 1)
	for i := range 3 {
		p.conn.Send(wamp.EVENT, 1, i+1, wamp.Dict{}, wamp.List{fmt.Sprint("first ", i)})
	}
	require.Equal(t, "first 0", harness.Receive(t, running))
	p.cut()
	p.welcome()
	p.confirms(subscribe, 2)
	harness.Receive(t, p.again)
	p.conn.Send(wamp.EVENT, 2, 9, wamp.Dict{}, wamp.List{"second"})
	require.NoError(t, p.Ready())
	p.asks(func() error { return p.Subscribe("com.example.y", func(*wamp.Event) { running <- "y" }, nil) }, subscribe, 3)
	p.conn.Send(wamp.EVENT, 3, 10, wamp.Dict{}, wamp.List{})
	time.Sleep(20 * time.Millisecond)
	harness.Nothing(t, running)
	for _, want := range []string{"first 1", "first 2", "second", "y"} {
		proceed <- struct{}{}
		require.Equal(t, want, harness.Receive(t, running))
	}
}
