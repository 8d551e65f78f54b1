package client

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// TestClose: GOODBYE goes both ways, then the link is closed, and nobody is told that the
// session has ended but by what asks for it. A second call says so.
func TestClose(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		require.NoError(t, c.Close())
		m := l.next(t)
		require.Equal(t, wamp.GOODBYE, m.Type)
		require.Equal(t, string(wamp.CloseRealm), m.URI)
		l.requireNothing(t)
		l.requireClosed(t)
		<-c.Done()
		require.False(t, c.Connected())
		require.Equal(t, ErrClosed, c.Err())
		require.Equal(t, wamp.ErrGoodbyeAndOut, c.RouterGoodbye().Reason)
		require.Empty(t, l.ended)
		require.ErrorIs(t, c.Close(), nexus.ErrAlreadyClosed)
		require.ErrorIs(t, c.Shutdown(context.Background()), nexus.ErrAlreadyClosed)
	})
}

// TestCloseAtOnce: one of those that close a session at once does.
func TestCloseAtOnce(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		results := make(chan error, 20)
		for range cap(results) {
			go func() { results <- c.Close() }()
		}
		closed := 0
		for range cap(results) {
			if err := <-results; err == nil {
				closed++
			} else {
				require.ErrorIs(t, err, nexus.ErrAlreadyClosed)
			}
		}
		require.Equal(t, 1, closed)
		require.Equal(t, wamp.GOODBYE, l.next(t).Type)
		l.requireNothing(t)
	})
}

// TestCloseAndARouterThatIsGone: it has the response timeout, whether it answers nothing
// or takes nothing, and no time where the session has ended already.
func TestCloseAndARouterThatIsGone(t *testing.T) {
	for name, c := range map[string]struct {
		gone  func(*Client, *scripted)
		waits time.Duration
		cause error
	}{
		"silent": {func(_ *Client, l *scripted) { l.silent = true }, testTimeout, ErrClosed},
		"ended":  {func(c *Client, _ *scripted) { c.End(errBroken) }, 0, errBroken},
		"broken": {func(_ *Client, l *scripted) { _ = l.Close(); synctest.Wait() }, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			inSession(t, func(t *testing.T, client *Client, l *scripted) {
				c.gone(client, l)
				begun := time.Now()
				require.NoError(t, client.Close())
				require.Equal(t, c.waits, time.Since(begun))
				l.requireClosed(t)
				if c.cause != nil {
					require.Equal(t, c.cause, client.Err())
				}
			})
		})
	}
}

var errBroken = errors.New("broken")

// TestCloseAndHandlers: it waits a second for an event handler, and for no other. What is
// being done ends.
func TestCloseAndHandlers(t *testing.T) {
	t.Run("event", func(t *testing.T) {
		for _, takes := range []time.Duration{closeGrace - 1, closeGrace + 1} {
			inSession(t, func(t *testing.T, c *Client, l *scripted) {
				l.subscribe(t, c, "com.example.topic", 5, func(*Event) { time.Sleep(takes) })
				l.send(wamp.EVENT, 5, 1, wamp.Dict{})
				synctest.Wait()
				if err := c.Close(); takes < closeGrace {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, ErrCloseTimeout)
				}
				require.False(t, c.Connected())
			})
		}
	})
	t.Run("invocation", func(t *testing.T) {
		inSession(t, func(t *testing.T, c *Client, l *scripted) {
			l.register(t, c, "com.example.procedure", 2, func(inv *Invocation, _ *Received) { <-inv.Context().Done() })
			l.invoke(1)
			synctest.Wait()
			begun := time.Now()
			require.NoError(t, c.Close())
			require.Zero(t, time.Since(begun))
			synctest.Wait()
			require.True(t, c.Idle())
		})
	})
	t.Run("progress", func(t *testing.T) {
		inSession(t, func(t *testing.T, c *Client, l *scripted) {
			wait, free := gate()
			taken := 0
			call := startCall(context.Background(), c, func(*Result) error { taken++; wait(); return nil })
			id := l.next(t).Request
			for range 3 {
				l.send(wamp.RESULT, id, more)
			}
			synctest.Wait()
			require.NoError(t, c.Close())
			synctest.Wait()
			require.Empty(t, call, "the handler runs")
			free()
			require.ErrorIs(t, has(t, call).err, ErrInterrupted)
			require.Equal(t, 1, taken)
			requireEmpty(t, c)
		})
	})
	t.Run("in an event handler", func(t *testing.T) {
		inSession(t, func(t *testing.T, c *Client, l *scripted) {
			closed := make(chan error, 1)
			l.subscribe(t, c, "com.example.topic", 5, func(*Event) { closed <- c.Close() })
			l.send(wamp.EVENT, 5, 1, wamp.Dict{})
			require.ErrorIs(t, <-closed, ErrCloseTimeout)
			<-c.Done()
		})
	})
	t.Run("in a handler of invocations", func(t *testing.T) {
		inSession(t, func(t *testing.T, c *Client, l *scripted) {
			closed := make(chan error, 1)
			l.register(t, c, "com.example.procedure", 2, func(*Invocation, *Received) { closed <- c.Close() })
			l.invoke(1)
			require.NoError(t, <-closed)
		})
	})
}

// TestCloseBehindWhatWaits: a reader that waits for room doesn't read the router's GOODBYE,
// and Close returns all the same.
func TestCloseBehindWhatWaits(t *testing.T) {
	eachStalled(t, func(t *testing.T, c *Client, _ *scripted, s stalled) {
		for range softWaiting + 10 {
			s.send(0)
		}
		synctest.Wait()
		begun := time.Now()
		closed := start(c.Close)
		time.Sleep(testTimeout)
		s.free()
		require.NoError(t, <-closed)
		require.Equal(t, testTimeout, time.Since(begun))
	})
}

// TestRouterLeaves: its GOODBYE is answered, an ABORT isn't. Either ends the session, and
// is told.
func TestRouterLeaves(t *testing.T) {
	for _, kind := range []wamp.MessageType{wamp.GOODBYE, wamp.ABORT} {
		t.Run(kind.String(), func(t *testing.T) {
			inSession(t, func(t *testing.T, c *Client, l *scripted) {
				l.silent = true // it has said it
				call := startCall(context.Background(), c, nil)
				l.next(t)
				l.send(kind, wamp.Dict{"message": "bye"}, "com.example.reason\n")
				var left *LeftError
				require.ErrorAs(t, has(t, call).err, &left)
				require.Equal(t, LeftError{kind, "com.example.reason\n"}, *left)
				require.NotContains(t, left.Error(), "\n")
				require.Equal(t, []error{left}, l.ended)
				require.Equal(t, left, c.Err())
				l.requireClosed(t)
				<-c.Done()
				if kind == wamp.ABORT {
					require.Nil(t, c.RouterGoodbye())
					l.requireNothing(t)
					return
				}
				require.Equal(t, "bye", c.RouterGoodbye().Details["message"])
				m := l.next(t)
				require.Equal(t, wamp.GOODBYE, m.Type)
				require.Equal(t, string(wamp.ErrGoodbyeAndOut), m.URI)
				require.NoError(t, c.Close())
				l.requireNothing(t)
			})
		})
	}
}

// TestBothLeave: whichever is first, one GOODBYE is sent, and Close returns at once.
func TestBothLeave(t *testing.T) {
	for range 100 {
		inSession(t, func(t *testing.T, c *Client, l *scripted) {
			l.silent = true
			begun := time.Now()
			go l.send(wamp.GOODBYE, wamp.Dict{}, "com.example.reason")
			require.NoError(t, c.Close())
			require.Zero(t, time.Since(begun))
			synctest.Wait()
			require.LessOrEqual(t, len(l.out), 1)
		})
	}
}

// TestCloseDuringTheFarewell: another GOODBYE isn't sent, and Close doesn't wait.
func TestCloseDuringTheFarewell(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		wait, free := gate()
		asked := 0
		l.silent, l.refuses = true, func(*message.Out) error { asked++; wait(); return nil }
		l.send(wamp.GOODBYE, wamp.Dict{}, "com.example.reason")
		synctest.Wait()
		closed := start(c.Close)
		synctest.Wait()
		free()
		require.NoError(t, has(t, closed))
		require.Equal(t, 1, asked)
		require.Equal(t, ErrClosed, c.Err())
	})
}

// TestCloseAndAll: whatever goes on while a session is closed returns, and nothing is left
// of it.
func TestCloseAndAll(t *testing.T) {
	for round := range 30 {
		inSession(t, func(t *testing.T, c *Client, l *scripted) {
			go func() {
				for m := range l.out {
					switch m.Type {
					case wamp.CALL:
						l.send(wamp.RESULT, m.Request, more)
						l.send(wamp.RESULT, m.Request, wamp.Dict{})
					case wamp.PUBLISH:
						l.send(wamp.PUBLISHED, m.Request, 1)
						l.send(wamp.EVENT, 5, 1, wamp.Dict{})
					case wamp.SUBSCRIBE:
						l.send(wamp.SUBSCRIBED, m.Request, 5)
					case wamp.UNSUBSCRIBE:
						l.send(wamp.UNSUBSCRIBED, m.Request)
					case wamp.REGISTER:
						l.send(wamp.REGISTERED, m.Request, 2)
					case wamp.GOODBYE:
						return
					}
				}
			}()
			acknowledged := &wire.Part{Dict: wamp.Dict{wamp.OptAcknowledge: true}}
			require.NoError(t, c.Register("com.example.procedure", nil, func(inv *Invocation, _ *Received) {
				_ = c.Call(inv.Context(), "com.example.procedure", &wire.Part{}, nil, new(Result))
				_ = inv.Yield(&wire.Part{}, nil)
			}))
			requests := []func() error{
				func() error {
					return c.Subscribe("com.example.topic", nil, func(*Event) { _ = c.Publish("com.example.topic", acknowledged, nil) })
				},
				func() error { return c.Unsubscribe("com.example.topic") },
				func() error { return c.Publish("com.example.topic", acknowledged, nil) },
				func() error {
					err := c.Call(t.Context(), "com.example.procedure", &wire.Part{}, func(*Result) error { return nil }, new(Result))
					return err
				},
			}
			ended := make(chan error, len(requests))
			for _, request := range requests {
				go func() {
					var err error
					for !errors.Is(err, nexus.ErrNotConn) {
						err = request()
						if errors.Is(err, nexus.ErrNotSubscribed) && !c.Connected() {
							err = c.notConnected()
						}
					}
					ended <- err
				}()
			}
			for i := range 20 {
				l.invoke(i+1, wamp.Dict{wamp.OptTimeout: 1000})
				l.send(wamp.INTERRUPT, max(i-3, 0), wamp.Dict{})
			}
			for range round {
				_ = c.Call(t.Context(), "com.example.procedure", &wire.Part{}, nil, new(Result))
			}
			_ = c.Close()
			for range requests {
				require.ErrorIs(t, <-ended, nexus.ErrNotConn)
			}
			<-c.Done()
			synctest.Wait()
			requireEmpty(t, c)
			require.True(t, c.Idle())
			require.Empty(t, c.requests)
		})
	}
}
