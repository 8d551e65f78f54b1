package reconnect_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const (
	sealed = harness.Prefix + "x"
	plain  = "com.example.x"
)

// quick are pauses that a test can wait for.
const (
	minPause = 5 * time.Millisecond
	maxPause = 40 * time.Millisecond
)

// told counts what a Session tells of its connections.
type told struct {
	lost  chan error
	again chan struct{}
}

// policy is quick, and tells.
func policy() (transparency.ReconnectPolicy, *told) {
	seen := &told{lost: make(chan error, 1000), again: make(chan struct{}, 1000)}
	return transparency.ReconnectPolicy{
		Min: minPause, Max: maxPause,
		OnDisconnect: func(err error) { seen.lost <- err },
		OnReconnect:  func() { seen.again <- struct{}{} },
	}, seen
}

// both is a ring whose holder publishes and subscribes, calls and serves.
func both(t testing.TB) *keyring.Ring {
	return harness.RingOf(t, keyring.Shared(cryptobox.GenerateSymmetricKey()))
}

// connect joins, and closes when the test ends.
func connect(t testing.TB, url string, cfg client.Config, ring *keyring.Ring, opts ...transparency.Option) *transparency.Session {
	t.Helper()
	s, err := transparency.ConnectNet(harness.Timeout(t), url, cfg, ring, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// played is a Session that reconnects to a router that the test plays.
type played struct {
	*transparency.Session
	*told
	t    *testing.T
	r    *handrouter.Router
	ring *keyring.Ring
	conn *handrouter.Conn

	cause error // why the last connection was lost
}

func play(t *testing.T, change func(*transparency.ReconnectPolicy), opts ...transparency.Option) *played {
	t.Helper()
	p := &played{t: t, r: handrouter.Start(t, handrouter.RawSocket, "cbor"), ring: both(t)}
	var rules transparency.ReconnectPolicy
	rules, p.told = policy()
	if change != nil {
		change(&rules)
	}
	p.Session, p.conn = harness.Welcome(t, p.r, nil, func() (*transparency.Session, error) {
		return transparency.ConnectNet(context.Background(), p.r.URL(), p.cfg(), p.ring, append(opts, transparency.WithReconnect(rules))...)
	})
	t.Cleanup(func() { p.conn.Close() }) // the last one
	return p
}

// cfg has replies time out soon.
func (p *played) cfg() client.Config {
	cfg := harness.Config(p.r.Serialization())
	cfg.ResponseTimeout = 2 * time.Second
	return cfg
}

// cut loses the connection, and returns when the Session knows.
func (p *played) cut() {
	p.t.Helper()
	p.conn.Close()
	p.cause = harness.Receive(p.t, p.lost)
	require.Error(p.t, p.cause)
}

// welcome takes the next connection.
func (p *played) welcome() {
	p.t.Helper()
	p.conn = p.r.Welcome()
}

// next takes the next message, which has to be of that type.
func (p *played) next(kind wamp.MessageType) []any {
	p.t.Helper()
	m := p.conn.Next()
	require.NotEmpty(p.t, m)
	require.EqualValues(p.t, kind, m[0])
	return m
}

// confirms answers the next message, which has to be of that type, and returns it.
func (p *played) confirms(kind wamp.MessageType, id int) []any {
	p.t.Helper()
	m := p.next(kind)
	p.conn.Send(int(kind)+1, m[1], id)
	return m
}

// refuses answers the next message with an ERROR.
func (p *played) refuses(kind wamp.MessageType, uri wamp.URI) []any {
	p.t.Helper()
	m := p.next(kind)
	p.conn.Send(wamp.ERROR, m[0], m[1], wamp.Dict{}, string(uri))
	return m
}

// asks does something that the router confirms.
func (p *played) asks(do func() error, kind wamp.MessageType, id int) []any {
	p.t.Helper()
	done := harness.Go(do)
	m := p.confirms(kind, id)
	require.NoError(p.t, harness.Receive(p.t, done))
	return m
}

func (p *played) ready() {
	p.t.Helper()
	require.Eventually(p.t, func() bool { return p.Ready() == nil }, harness.Patience, time.Millisecond)
}

// calling calls in a goroutine of its own.
func (p *played) calling(procedure string) <-chan harness.Outcome {
	return harness.Calling(func(ctx context.Context) (*wamp.Result, error) {
		return p.Call(ctx, procedure, nil, wamp.List{1}, nil, nil)
	})
}

func requireNotConnected(t *testing.T, err error) {
	t.Helper()
	require.ErrorIs(t, err, transparency.ErrNotConnected)
	require.ErrorIs(t, err, client.ErrNotConn)
	require.NotErrorIs(t, err, transparency.ErrInterrupted)
}

func requireInterrupted(t *testing.T, err error) {
	t.Helper()
	require.ErrorIs(t, err, transparency.ErrInterrupted)
	require.ErrorIs(t, err, client.ErrNotConn)
	require.NotErrorIs(t, err, transparency.ErrNotConnected)
}

// tally counts what calls came to.
type tally struct {
	answered, interrupted, notConnected, noProcedure, canceled, other atomic.Int64
	last                                                              atomic.Pointer[error] // of the others
}

func (c *tally) note(err error) {
	raised, isRaised := errors.AsType[client.RPCError](err)
	switch {
	case err == nil:
		c.answered.Add(1)
	case errors.Is(err, transparency.ErrInterrupted) && errors.Is(err, client.ErrNotConn):
		c.interrupted.Add(1)
	case errors.Is(err, transparency.ErrNotConnected) && errors.Is(err, client.ErrNotConn):
		c.notConnected.Add(1)
	case isRaised && raised.Err.Error == wamp.ErrNoSuchProcedure:
		c.noProcedure.Add(1) // the callee isn't back as yet
	case isRaised && raised.Err.Error == wamp.ErrCanceled:
		c.canceled.Add(1) // the router has seen the callee go before the caller
	default:
		c.other.Add(1)
		c.last.Store(&err)
	}
}
