package reconnect_test

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const soon = 500 * time.Millisecond

// requireClosed closes s, at once, and for good.
func requireClosed(t *testing.T, s *transparency.Session, end func() error) {
	t.Helper()
	began := time.Now()
	require.NoError(t, end())
	require.Less(t, time.Since(began), soon)
	harness.Receive(t, s.Done())
	require.Less(t, time.Since(began), soon)
	require.False(t, s.Connected())
	require.ErrorIs(t, s.Err(), transparency.ErrClosed)
	requireNotConnected(t, s.Ready())
	requireNotConnected(t, s.Publish(plain, nil, nil, nil))
	require.ErrorIs(t, s.Close(), client.ErrAlreadyClosed)
	require.ErrorIs(t, s.Shutdown(harness.Timeout(t)), client.ErrAlreadyClosed)
}

// ends are how a Session is closed.
var ends = map[string]func(*transparency.Session) error{
	"Close":    (*transparency.Session).Close,
	"Shutdown": func(s *transparency.Session) error { return s.Shutdown(context.Background()) },
}

// Nobody waits for a pause, a router that doesn't answer, or a hook.
func TestCloseWithoutAConnection(t *testing.T) {
	reached := make(chan struct{}, 100)
	for what, tt := range map[string]struct {
		change func(*transparency.ReconnectPolicy)
		answer func(net.Conn) // nil for a closed port
	}{
		"a pause": {change: func(rules *transparency.ReconnectPolicy) { rules.Min, rules.Max = time.Hour, time.Hour }},
		"no handshake": {answer: func(conn net.Conn) {
			reached <- struct{}{}
			_, _ = io.Copy(io.Discard, conn)
		}},
		"no welcome": {answer: func(conn net.Conn) {
			_, _ = io.ReadFull(conn, make([]byte, 4))
			_, _ = conn.Write([]byte{0x7f, 0xf3, 0, 0})
			reached <- struct{}{}
			_, _ = io.Copy(io.Discard, conn)
		}},
		"Dial": {change: func(rules *transparency.ReconnectPolicy) {
			rules.Dial = func(ctx context.Context) (string, client.Config, error) {
				reached <- struct{}{}
				<-ctx.Done()
				return "", client.Config{}, ctx.Err()
			}
		}},
	} {
		for name, end := range ends {
			t.Run(what+"/"+name, func(t *testing.T) {
				f := newFront(t)
				f.router(startRouter(t).RawSocketURL())
				rules, seen := policy()
				if tt.change != nil {
					tt.change(&rules)
				}
				s := connect(t, "tcp://"+f.address, harness.Config(client.CBOR), both(t), transparency.WithReconnect(rules))
				require.NoError(t, s.Register(sealed, harness.Echo, nil))
				f.down()
				if tt.answer != nil {
					f.up(tt.answer)
				}
				harness.Receive(t, seen.lost)
				if what != "a pause" {
					harness.Receive(t, reached)
				}
				requireClosed(t, s, func() error { return end(s) })
				harness.Nothing(t, seen.again)
			})
		}
	}
}

func TestCloseWhileItRestores(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			p := play(t, nil)
			p.asks(func() error { return p.Subscribe(sealed, ignore, nil) }, subscribe, 1)
			p.cut()
			p.welcome()
			p.next(subscribe) // and no answer
			closed := harness.Go(func() error { return end(p.Session) })
			p.next(wamp.GOODBYE)
			p.conn.Send(wamp.GOODBYE, wamp.Dict{}, string(wamp.ErrGoodbyeAndOut))
			require.NoError(t, harness.Receive(t, closed))
			harness.Receive(t, p.Done())
			harness.Nothing(t, p.again)
			harness.Nothing(t, p.lost)
		})
	}
}

// The callbacks may close the Session.
func TestCloseInACallback(t *testing.T) {
	for _, in := range []string{"OnDisconnect", "OnReconnect", "Dial"} {
		t.Run(in, func(t *testing.T) {
			f := newFront(t)
			f.router(startRouter(t).RawSocketURL())
			rules, seen := policy()
			connected := make(chan *transparency.Session, 1)
			closed := make(chan error, 1)
			end := func() {
				s := <-connected
				connected <- s
				closed <- s.Close()
			}
			switch in {
			case "OnDisconnect":
				rules.OnDisconnect = func(err error) {
					seen.lost <- err
					end()
				}
			case "OnReconnect":
				rules.OnReconnect = end
			case "Dial":
				rules.Dial = func(context.Context) (string, client.Config, error) {
					end()
					return "tcp://" + f.address, harness.Config(client.CBOR), nil
				}
			}
			s := connect(t, "tcp://"+f.address, harness.Config(client.CBOR), both(t), transparency.WithReconnect(rules))
			connected <- s
			f.sever()
			harness.Receive(t, seen.lost)
			require.NoError(t, harness.Receive(t, closed))
			harness.Receive(t, s.Done())
			require.ErrorIs(t, s.Err(), transparency.ErrClosed)
		})
	}
}

// Handlers of a connection that is lost are waited for as well.
func TestShutdownWaitsForEarlierHandlers(t *testing.T) {
	p := play(t, nil)
	running, proceed := make(chan struct{}), make(chan struct{})
	progressed := make(chan error, 1)
	p.asks(func() error {
		return p.Register(plain, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			close(running)
			<-proceed
			progressed <- p.SendProgress(ctx, nil, nil)
			return client.InvokeResult{}
		}, nil)
	}, register, 1)
	p.conn.Send(wamp.INVOCATION, 1, 1, wamp.Dict{"receive_progress": true})
	harness.Receive(t, running)
	p.cut()
	p.welcome()
	p.confirms(register, 2)
	harness.Receive(t, p.again)
	done := harness.Go(func() error { return p.Shutdown(harness.Timeout(t)) })
	m := p.next(unregister)
	p.conn.Send(wamp.UNREGISTERED, m[1])
	require.Nil(t, p.conn.Pending(50*time.Millisecond), "GOODBYE has to wait")
	harness.Nothing(t, done)
	close(proceed)
	requireNotConnected(t, harness.Receive(t, progressed))
	p.next(wamp.GOODBYE)
	p.conn.Send(wamp.GOODBYE, wamp.Dict{}, string(wamp.ErrGoodbyeAndOut))
	require.NoError(t, harness.Receive(t, done))
}
