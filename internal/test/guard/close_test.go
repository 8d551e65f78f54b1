package guard_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// shortTimeout is for tests in which it has to pass.
const shortTimeout = 1500 * time.Millisecond

func short(cfg *client.Config) { cfg.ResponseTimeout = shortTimeout }

// requireClosesInTime is requireCloses with a router that need not answer.
func (h *hostile) requireClosesInTime() {
	h.t.Helper()
	begun := time.Now()
	_ = h.s.Close()
	require.Less(h.t, time.Since(begun), harness.Patience/2, "what it promises is a second more than the timeout, on a machine that has time")
}

// answering plays a router that answers all it understands.
func (h *hostile) answering() {
	h.r.Serve(func(m []any) {
		kind, _ := wamp.AsInt64(m[0])
		switch wamp.MessageType(kind) {
		case wamp.CALL:
			h.r.Send(wamp.RESULT, m[1], wamp.Dict{}, []any{1})
		case wamp.PUBLISH:
			h.r.Send(wamp.PUBLISHED, m[1], 1)
		case wamp.CANCEL:
			h.r.Send(wamp.ERROR, wamp.CALL, m[1], wamp.Dict{}, wamp.ErrCanceled)
		case wamp.GOODBYE:
			h.r.Send(wamp.GOODBYE, wamp.Dict{}, wamp.ErrGoodbyeAndOut)
		}
	})
}

// busy has goroutines send all that a Session can send, until it is closed.
func (h *hostile) busy() *sync.WaitGroup {
	s, _ := h.s.(*transparency.Session)
	var work sync.WaitGroup
	loop := func(send func() error) {
		work.Go(func() {
			for s.Connected() {
				_ = send()
			}
			_ = send()
		})
	}
	for _, uri := range []string{"com.plain.x", harness.Prefix + "x"} {
		loop(func() error { return s.Publish(uri, nil, wamp.List{1}, nil) })
		loop(func() error { return s.Publish(uri, wamp.Dict{wamp.OptAcknowledge: true}, wamp.List{1}, nil) })
		loop(func() error {
			_, err := s.Call(context.Background(), uri, nil, nil, nil, nil)
			return err
		})
		loop(func() error {
			n := 0
			_, err := s.CallProgressive(context.Background(), uri, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
				n++
				return wamp.Dict{wamp.OptProgress: n < 4}, wamp.List{n}, nil, nil
			}, nil)
			return err
		})
	}
	return &work
}

// progressing has a handler send progress until it is told that nobody waits.
func (h *hostile) progressing() {
	h.register("com.plain.x", 20, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		for h.s.(*transparency.Session).SendProgress(ctx, wamp.List{1}, nil) == nil {
		}
		return client.InvokeResult{}
	})
	h.r.Send(wamp.INVOCATION, 1, 20, wamp.Dict{wamp.OptReceiveProgress: true}, []any{})
}

// TestGuardSendingDuringClose: whatever is being sent while a Session closes, or has
// lost its connection, returns.
func TestGuardSendingDuringClose(t *testing.T) {
	for name, end := range map[string]func(h *hostile){
		"close":      func(*hostile) {},
		"lost":       func(h *hostile) { h.r.Close() },
		"no goodbye": func(h *hostile) { h.r.SendBytes([]byte("[]")) },
		"left":       func(h *hostile) { h.r.Send(wamp.GOODBYE, wamp.Dict{}, "wamp.close.system_shutdown") },
	} {
		t.Run(name, func(t *testing.T) {
			forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
				st.change = short
				for i := range 2 {
					h := st.session(t, d)
					h.progressing()
					h.answering()
					work := h.busy()
					time.Sleep(time.Duration(i) * 2 * time.Millisecond)
					end(h)
					h.requireClosesInTime()
					done := make(chan struct{})
					go func() {
						work.Wait()
						close(done)
					}()
					harness.Receive(t, done)
				}
			})
		})
	}
}

func TestGuardSendingDuringCloseNexus(t *testing.T) {
	st := rawStage
	st.change = func(cfg *client.Config) { cfg.ResponseTimeout = shortTimeout } // its Close may hang instead
	harness.RequireDies(t, "send on closed channel", func(t *testing.T) {
		for range 100 * many {
			h := st.nexus(t)
			go func() {
				for h.s.Publish("com.plain.x", nil, nil, nil) == nil {
					continue // until nexus says that it is closed, or panics
				}
			}()
			h.answering()
			_ = h.s.Close()
		}
	})
}

// TestGuardLostConnection: 100 calls fail at once.
func TestGuardLostConnection(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := st.session(t, d)
		errs := make(chan error, 100)
		for range cap(errs) {
			go func() {
				_, err := h.s.Call(context.Background(), "com.plain.x", nil, nil, nil, nil)
				errs <- err
			}()
		}
		for range cap(errs) {
			require.EqualValues(t, wamp.CALL, h.r.Next()[0])
		}
		begun := time.Now()
		h.r.Close()
		for range cap(errs) {
			require.ErrorIs(t, harness.Receive(t, errs), client.ErrNotConn)
		}
		require.Less(t, time.Since(begun), harness.Patience/2)
		require.NoError(t, h.s.Close())
	})
}

// TestGuardClose: a Session closes whatever the router does.
func TestGuardClose(t *testing.T) {
	flood := func(h *hostile, message ...any) {
		var work sync.WaitGroup
		work.Go(func() {
			for {
				select {
				case <-h.s.Done():
					return
				default:
					h.r.Send(message...)
				}
			}
		})
		work.Go(func() {
			for {
				select {
				case <-h.s.Done():
					return
				case <-h.refused.C:
				}
			}
		})
		h.t.Cleanup(func() { h.r.Close(); work.Wait() })
	}
	for name, play := range map[string]func(h *hostile){
		"no goodbye":    func(*hostile) {},
		"unknown flood": func(h *hostile) { flood(h, wamp.EVENT, 99, 1, wamp.Dict{}) },
		"second results": func(h *hostile) {
			request, done := h.call("com.plain.x", nil)
			h.r.Send(wamp.RESULT, request, wamp.Dict{})
			harness.Receive(h.t, done)
			flood(h, wamp.RESULT, request, wamp.Dict{})
		},
		"chunks": func(h *hostile) {
			h.register("com.plain.x", 20, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
				<-ctx.Done()
				return client.InvokeResult{}
			})
			flood(h, wamp.INVOCATION, 1, 20, wamp.Dict{wamp.OptProgress: true}, []any{1})
		},
		"slow events": func(h *hostile) {
			got := make(chan *wamp.Event)
			harness.Confirmed(h.t, h.r, func() error { return h.s.SubscribeChan("com.plain.x", got, nil) }, 10)
			flood(h, wamp.EVENT, 10, 1, wamp.Dict{})
		},
		"calls of a handler": func(h *hostile) {
			h.register("com.plain.x", 20, h.calling(h.t))
			h.r.Send(wamp.INVOCATION, 1, 20, wamp.Dict{}, []any{1})
			h.r.Next()
		},
	} {
		t.Run(name, func(t *testing.T) {
			forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
				st.change = short
				h := st.session(t, d)
				play(h)
				h.requireClosesInTime()
			})
		})
	}
}

// TestGuardCloseInAHandler: with an event handler that goes on after Close has given
// up on it.
func TestGuardCloseInAHandler(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		st.change = short
		h := st.session(t, d)
		begun, closed, outcome := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		done := make(chan error, 1)
		go func() {
			done <- h.s.Subscribe("com.plain.x", func(*wamp.Event) {
				close(begun)
				<-closed
				outcome <- h.s.Publish("com.plain.y", nil, nil, nil)
			}, nil)
		}()
		h.r.Send(wamp.SUBSCRIBED, h.r.Next()[1], 10)
		require.NoError(t, harness.Receive(t, done))
		h.r.Send(wamp.EVENT, 10, 1, wamp.Dict{})
		harness.Receive(t, begun)
		start := time.Now()
		require.ErrorIs(t, h.s.Close(), transparency.ErrCloseTimeout)
		require.Less(t, time.Since(start), shortTimeout+1500*time.Millisecond)
		close(closed)
		require.ErrorIs(t, harness.Receive(t, outcome), client.ErrNotConn)
		harness.Receive(t, h.s.Done())
	})
}

// TestGuardBackPressure: a slow event handler makes the router wait.
func TestGuardBackPressure(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := st.session(t, d)
		gate, once := make(chan struct{}), sync.Once{}
		t.Cleanup(func() { once.Do(func() { close(gate) }) })
		harness.Confirmed(t, h.r, func() error { return h.s.Subscribe("com.plain.x", func(*wamp.Event) { <-gate }, nil) }, 10)
		const count = 100
		big := make([]byte, 1<<18)
		progress := make(chan int, count)
		go func() {
			for i := range count {
				h.r.Send(wamp.EVENT, 10, i, wamp.Dict{}, []any{big})
				progress <- i
			}
		}()
		require.Less(t, settled(progress), count-1, "25 MiB were read in advance")
		once.Do(func() { close(gate) })
		h.requireAlive()
		h.requireCloses()
	})
}

// mute is a router that accepts connections, does what play says with each, and leaves
// it open.
func mute(t *testing.T, play func(conn net.Conn)) string {
	t.Helper()
	over := make(chan struct{})
	address := transport.Listen(t, func(conn net.Conn) {
		play(conn)
		<-over
	})
	t.Cleanup(func() { close(over) })
	return address
}

// TestGuardConnect: connecting ends with ctx, or the response timeout, whatever the
// router does.
func TestGuardConnect(t *testing.T) {
	shake := func(conn net.Conn) {
		var hello [4]byte
		_, _ = conn.Read(hello[:])
		_, _ = conn.Write([]byte{0x7f, 0xf0 | hello[1]&0xf, 0, 0})
	}
	plays := map[string]func(conn net.Conn){
		"says nothing":      func(net.Conn) {},
		"closes":            func(conn net.Conn) { _ = conn.Close() },
		"half a handshake":  func(conn net.Conn) { _, _ = conn.Write([]byte{0x7f, 0xf1}) },
		"no welcome":        shake,
		"closes when asked": func(conn net.Conn) { shake(conn); _, _ = conn.Read(make([]byte, 1)); _ = conn.Close() },
		"half a message":    func(conn net.Conn) { shake(conn); _, _ = conn.Write([]byte{0, 0, 1, 0, '['}) },
		"only pings": func(conn net.Conn) {
			shake(conn)
			for {
				if _, err := conn.Write([]byte{1, 0, 0, 1, 0}); err != nil {
					return
				}
			}
		},
	}
	for name, play := range plays {
		for _, scheme := range []string{"tcp://", "ws://"} {
			t.Run(name+"/"+scheme[:2], func(t *testing.T) {
				t.Parallel()
				url := scheme + mute(t, play)
				cfg := harness.Config(client.JSON)
				ctx, cancel := context.WithTimeout(t.Context(), shortTimeout)
				defer cancel()
				begun := time.Now()
				_, err := transparency.ConnectNet(ctx, url, cfg, harness.RingOf(t, harness.NewKeys().OriginatorKey()))
				require.Error(t, err)
				require.Less(t, time.Since(begun), shortTimeout+5*time.Second)
			})
		}
	}
	t.Run("response timeout", func(t *testing.T) {
		cfg := harness.Config(client.JSON)
		cfg.ResponseTimeout = shortTimeout
		begun := time.Now()
		_, err := transparency.ConnectNet(t.Context(), "tcp://"+mute(t, shake), cfg, harness.RingOf(t, harness.NewKeys().OriginatorKey()))
		require.Error(t, err)
		require.Less(t, time.Since(begun), shortTimeout+5*time.Second)
	})
}

// TestGuardBeforeWelcome: what comes before WELCOME is kept from the client, or ends
// joining.
func TestGuardBeforeWelcome(t *testing.T) {
	for _, message := range [][]any{
		{wamp.EVENT, 1, 1, wamp.Dict{}}, {wamp.INVOCATION, 1, 1, wamp.Dict{}}, {wamp.RESULT, 1, wamp.Dict{}},
		{wamp.INTERRUPT, 1, wamp.Dict{}}, {wamp.SUBSCRIBED, 1, 1},
	} {
		r, cfg := rawStage.start(t)
		done := make(chan error, 1)
		var s *transparency.Session
		go func() {
			var err error
			s, err = transparency.ConnectNet(context.Background(), r.URL(), cfg, harness.RingOf(t, harness.NewKeys().OriginatorKey()))
			done <- err
		}()
		conn := r.Accept()
		conn.Next()
		conn.SendTogether(message, []any{wamp.WELCOME, 1, wamp.Dict{"roles": wamp.Dict{"broker": wamp.Dict{}}}})
		require.NoError(t, harness.Receive(t, done))
		conn.Close()
		require.NoError(t, s.Close())
	}
	for _, message := range [][]any{
		{wamp.GOODBYE, wamp.Dict{}, "wamp.close.normal"}, {wamp.ABORT, wamp.Dict{}, "wamp.error.x"}, {wamp.CHALLENGE, "ticket", wamp.Dict{}},
		{wamp.WELCOME, 1, wamp.Dict{}}, {wamp.WELCOME, 1, wamp.Dict{"roles": 5}}, {wamp.WELCOME, 1, wamp.Dict{"roles": wamp.Dict{"broker": 5, "dealer": wamp.Dict{"features": 7}, "x": nil}}},
	} {
		r, cfg := stage{transport: handrouter.WebSocket, encoding: "json"}.start(t)
		done := harness.Go(func() error {
			s, err := transparency.ConnectNet(context.Background(), r.URL(), cfg, harness.RingOf(t, harness.NewKeys().In(cryptobox.Autobahn).OriginatorKey()))
			if err == nil {
				err = s.Publish(harness.Prefix+"x", nil, nil, nil)
				harness.RequireReason(t, err, transparency.NotCarried)
				_ = s.Close()
			}
			return err
		})
		conn := r.Accept()
		conn.Next()
		conn.Send(message...)
		if len(message) == 3 && message[0] == wamp.WELCOME {
			conn.Serve(func([]any) { conn.Send(wamp.GOODBYE, wamp.Dict{}, wamp.ErrGoodbyeAndOut) })
		}
		require.Error(t, harness.Receive(t, done))
	}
}

// TestGuardRouterThatReadsNothing: large messages pile up in the connection.
func TestGuardRouterThatReadsNothing(t *testing.T) {
	welcome := []byte(`[2,1,{"roles":{"broker":{},"dealer":{}}}]`)
	url := "tcp://" + mute(t, func(conn net.Conn) {
		var hello [4]byte
		_, _ = conn.Read(hello[:])
		_, _ = conn.Write([]byte{0x7f, 0xf0 | hello[1]&0xf, 0, 0})
		_, _ = conn.Write(append([]byte{0, 0, 0, byte(len(welcome))}, welcome...))
	})
	cfg := harness.Config(client.JSON)
	cfg.ResponseTimeout = shortTimeout
	s, err := transparency.ConnectNet(t.Context(), url, cfg, harness.RingOf(t, harness.NewKeys().OriginatorKey()))
	require.NoError(t, err)
	sent := harness.Go(func() error {
		var err error
		for err == nil {
			err = s.Publish("com.plain.x", nil, wamp.List{make([]byte, 1<<20)}, nil)
		}
		return err
	})
	time.Sleep(2 * shortTimeout)
	begun := time.Now()
	require.NoError(t, s.Close())
	require.Less(t, time.Since(begun), shortTimeout+5*time.Second)
	require.ErrorIs(t, harness.Receive(t, sent), client.ErrNotConn)
}
