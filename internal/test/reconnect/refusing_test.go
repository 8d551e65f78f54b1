package reconnect_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// A router that can't be reached, or turns clients away, is tried until it takes them.
func TestRouterThatRefusesForAWhile(t *testing.T) {
	other := startRouter(t, "com.example.other") // has no realm1
	for name, transport := range transports {
		for _, tt := range []struct {
			how    string
			refuse func(f *front)
			says   string
		}{
			{"the port is closed", func(*front) {}, "connection refused"},
			{"HTTP 503", func(f *front) {
				f.up(func(conn net.Conn) {
					_, _ = io.ReadAtLeast(conn, make([]byte, 4096), 4)
					_, _ = io.WriteString(conn, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
				})
			}, map[string]string{"websocket": "503", "rawsocket": "speaks no RawSocket"}[name]},
			{"hangs up", func(f *front) { f.up(func(net.Conn) {}) }, ""},
			{"ABORT", func(f *front) { f.router(transport.target(other)) }, string(wamp.ErrNoSuchRealm)},
			{"silence", func(f *front) { f.up(func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }) }, ""},
		} {
			t.Run(name+"/"+tt.how, func(t *testing.T) {
				t.Parallel()
				f := newFront(t)
				f.router(transport.target(startRouter(t)))
				cfg := harness.Config(client.JSON)
				cfg.ResponseTimeout = 300 * time.Millisecond
				rules, seen := policy()
				var attempts atomic.Int32
				rules.Dial = func(context.Context) (string, client.Config, error) {
					attempts.Add(1)
					return transport.url(f), cfg, nil
				}
				s := connect(t, transport.url(f), cfg, both(t), transparency.WithReconnect(rules))
				require.NoError(t, s.Register(sealed, harness.Echo, nil))
				require.NoError(t, s.Ready())
				require.NoError(t, s.Err())

				f.down()
				harness.Receive(t, seen.lost)
				tt.refuse(f)
				require.Eventually(t, func() bool { return attempts.Load() > 3 }, harness.Patience, time.Millisecond)
				require.False(t, s.Connected())
				requireNotConnected(t, s.Ready())
				require.ErrorContains(t, s.Err(), "to connect again: ")
				require.ErrorContains(t, s.Err(), tt.says)
				_, err := s.Call(harness.Timeout(t), sealed, nil, nil, nil, nil)
				requireNotConnected(t, err)
				harness.Nothing(t, s.Done())

				f.down()
				f.router(transport.target(startRouter(t)))
				harness.Receive(t, seen.again)
				require.NoError(t, s.Ready())
				require.NoError(t, s.Err())
				require.True(t, s.Connected())
				_, err = s.Call(harness.Timeout(t), sealed, nil, nil, nil, nil)
				require.NoError(t, err)
				harness.Nothing(t, seen.lost)
			})
		}
	}
}

// A router that shuts down in good order is come back to as well.
func TestGoodbyeIsNoEnd(t *testing.T) {
	r := startRouter(t)
	f := newFront(t)
	f.router(r.RawSocketURL())
	rules, seen := policy()
	s := connect(t, "tcp://"+f.address, harness.Config(client.CBOR), both(t), transparency.WithReconnect(rules))
	require.NoError(t, r.Close())
	require.ErrorContains(t, harness.Receive(t, seen.lost), string(wamp.ErrSystemShutdown))
	f.down()
	f.router(startRouter(t).RawSocketURL())
	harness.Receive(t, seen.again)
	require.NoError(t, s.Ready())
}

// Pauses double up to the longest, and are never shorter than half of that. A connection
// that doesn't last brings no short pauses again.
func TestPauses(t *testing.T) {
	const shortest, longest = 40 * time.Millisecond, 160 * time.Millisecond
	for name, turnAway := range map[string]func(p *played){
		"before the welcome": func(p *played) { p.r.Accept().Close() },
		"after it":           func(p *played) { p.r.Welcome().Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := play(t, func(rules *transparency.ReconnectPolicy) { rules.Min, rules.Max = shortest, longest })
			p.cut()
			before := time.Now()
			for _, pause := range []time.Duration{shortest, 2 * shortest, longest, longest, longest} {
				turnAway(p)
				took := time.Since(before)
				require.Greater(t, took, pause/2-time.Millisecond)
				before = time.Now()
			}
		})
	}
}

func TestGivingUp(t *testing.T) {
	for name, bound := range map[string]func(*transparency.ReconnectPolicy){
		"attempts": func(rules *transparency.ReconnectPolicy) { rules.Attempts = 4 },
		"time":     func(rules *transparency.ReconnectPolicy) { rules.GiveUp = 100 * time.Millisecond },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFront(t)
			f.router(startRouter(t).RawSocketURL())
			rules, seen := policy()
			bound(&rules)
			attempts := 0
			rules.Dial = func(context.Context) (string, client.Config, error) {
				attempts++
				return "tcp://" + f.address, harness.Config(client.CBOR), nil
			}
			s := connect(t, "tcp://"+f.address, harness.Config(client.CBOR), both(t), transparency.WithReconnect(rules))
			began := time.Now()
			f.down()
			cause := harness.Receive(t, seen.lost)
			harness.Receive(t, s.Done())
			if rules.Attempts > 0 {
				require.Equal(t, rules.Attempts, attempts)
			} else {
				require.Greater(t, time.Since(began), rules.GiveUp)
				require.Less(t, time.Since(began), rules.GiveUp+harness.Patience/2)
			}
			require.ErrorIs(t, s.Err(), transparency.ErrGaveUp)
			require.ErrorIs(t, s.Err(), cause)
			require.ErrorContains(t, s.Err(), "connection refused")
			requireNotConnected(t, s.Ready())
			requireNotConnected(t, s.Publish(sealed, nil, nil, nil))
			require.NoError(t, s.Close())
			require.ErrorIs(t, s.Err(), transparency.ErrGaveUp)
			require.ErrorIs(t, s.Close(), client.ErrAlreadyClosed)
		})
	}
}

// URL and configuration are asked for before each attempt: tickets age.
func TestDialIsAskedEachTime(t *testing.T) {
	failure := errors.New("no ticket today")
	var asked atomic.Int32
	p := play(t, nil)
	other := play(t, nil) // another router
	rules, seen := policy()
	ticket := func(text string) client.Config {
		cfg := p.cfg()
		cfg.HelloDetails = wamp.Dict{"authid": text}
		return cfg
	}
	rules.Dial = func(ctx context.Context) (string, client.Config, error) {
		switch asked.Add(1) {
		case 1:
			return "", client.Config{}, failure
		case 2:
			cfg := ticket("elsewhere")
			cfg.Realm = "com.example.other"
			return p.r.URL(), cfg, nil
		case 3:
			return p.r.URL(), ticket("second"), nil
		}
		return other.r.URL(), ticket("third"), ctx.Err()
	}
	var s *transparency.Session
	joined := harness.Go(func() (err error) {
		s, err = transparency.ConnectNet(context.Background(), p.r.URL(), ticket("first"), both(t), transparency.WithReconnect(rules))
		return err
	})
	authid := func() any { return harness.At(t, p.conn.Hello, 2, "authid") }
	p.welcome()
	require.NoError(t, harness.Receive(t, joined))
	defer func() { _ = s.Close() }()
	require.Equal(t, "first", authid())
	p.conn.Close()
	require.NotErrorIs(t, harness.Receive(t, seen.lost), failure)
	p.welcome()
	harness.Receive(t, seen.again)
	require.EqualValues(t, 3, asked.Load())
	require.Equal(t, "second", authid())
	p.conn.Close()
	p.conn = other.r.Welcome()
	harness.Receive(t, seen.again)
	require.Equal(t, "third", authid())
	p.conn.Close()
}

func TestWhereThereIsNothingToReconnect(t *testing.T) {
	ring := both(t)
	r := startRouter(t)
	cfg := harness.Config(client.JSON)
	_, err := transparency.ConnectLocal(r.Router(), cfg, ring, transparency.WithReconnect(transparency.ReconnectPolicy{}))
	require.ErrorIs(t, err, transparency.ErrOption)
	c, err := client.ConnectLocal(r.Router(), cfg)
	require.NoError(t, err)
	defer func() { _ = c.Close() }()
	_, err = transparency.Wrap(c, harness.Realm, ring, transparency.WithReconnect(transparency.ReconnectPolicy{}))
	require.ErrorIs(t, err, transparency.ErrOption)
	for field, policy := range map[string]transparency.ReconnectPolicy{
		"Min is -1ns: give 0 at least":                      {Min: -1},
		"Max is -1ns: give Min at least, which is 0s, or 0": {Max: -1},
		"Max is 1s: give Min at least, which is 2s, or 0":   {Max: time.Second, Min: 2 * time.Second},
		"Attempts is -1: give 0 at least":                   {Attempts: -1},
		"GiveUp is -1ns: give 0 at least":                   {GiveUp: -1},
	} {
		_, err := transparency.ConnectNet(harness.Timeout(t), r.RawSocketURL(), cfg, ring, transparency.WithReconnect(policy))
		require.EqualError(t, err, transparency.ErrOption.Error()+": WithReconnect: "+field)
	}
	// The first connection isn't tried again.
	_, err = transparency.ConnectNet(harness.Timeout(t), "tcp://"+newFront(t).address, cfg, ring, transparency.WithReconnect(transparency.ReconnectPolicy{}))
	require.ErrorContains(t, err, "connection refused")
}
