package client

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// serving runs a test of a session with registration 2, and of what its handler was called
// with.
func serving(t *testing.T, test func(t *testing.T, c *Client, l *scripted, served <-chan *Invocation)) {
	t.Helper()
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		served := make(chan *Invocation, 100)
		l.register(t, c, "com.example.procedure", 2, func(inv *Invocation, _ *Received) { served <- inv })
		test(t, c, l, served)
	})
}

// TestRequestIDsAsNexus: a new request is one that nexus's client takes for new.
func TestRequestIDsAsNexus(t *testing.T) {
	for _, ids := range [][2]wamp.ID{
		{0, 1}, {1, 1}, {5, 4}, {5, 6}, {5, 0}, {5, wamp.MaxID}, {5, wamp.MaxID + 1}, {wamp.MaxID, 1}, {wamp.MaxID, 499},
		{wamp.MaxID, 500}, {wamp.MaxID, 501}, {wamp.MaxID - 100, 5}, {wamp.MaxID - 499, 1}, {wamp.MaxID - 500, 1},
	} {
		var s wamp.Session
		s.UpdateLastRecvID(ids[0])
		serving(t, func(t *testing.T, c *Client, l *scripted, served <-chan *Invocation) {
			c.mu.Lock()
			c.invocations.last = ids[0]
			c.mu.Unlock()
			l.send(wamp.INVOCATION, ids[1], 2, wamp.Dict{})
			if !s.IsNewRecvID(ids[1]) {
				l.requireRefused(t, errOldRequest)
				return
			}
			id, _ := has(t, served).IDs()
			require.Equal(t, ids[1], id)
			require.Empty(t, l.refused())
		})
	}
}

// TestUnsendableAnswer: the caller gets an error in its place, whose URI is the handler's
// where that can be sent.
func TestUnsendableAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		answer  func(*Invocation) error
		refuses func(*message.Out) error
		sent    wamp.URI
	}{
		"result": {
			func(inv *Invocation) error { return inv.Yield(&wire.Part{}, nil) },
			func(m *message.Out) error { return map[bool]error{true: link.ErrUnsendable}[m.Type == wamp.YIELD] },
			wamp.ErrInvalidArgument,
		},
		"large result": {
			func(inv *Invocation) error { return inv.Yield(&wire.Part{}, nil) },
			func(m *message.Out) error { return map[bool]error{true: tooLarge{}}[m.Type == wamp.YIELD] },
			errorTooLarge,
		},
		"arguments of an error": {
			func(inv *Invocation) error {
				return inv.Raise("com.example.error", &wire.Part{Args: wamp.List{1}}, nil)
			},
			func(m *message.Out) error { return map[bool]error{true: link.ErrUnsendable}[len(m.Args) > 0] },
			"com.example.error",
		},
		"URI of an error": {
			func(inv *Invocation) error { return inv.Raise("com.example.error", &wire.Part{}, nil) },
			func(m *message.Out) error {
				return map[bool]error{true: link.ErrUnsendable}[m.URI == "com.example.error"]
			},
			wamp.ErrInvalidArgument,
		},
	} {
		t.Run(name, func(t *testing.T) {
			serving(t, func(t *testing.T, _ *Client, l *scripted, served <-chan *Invocation) {
				l.refuses = c.refuses
				l.invoke(1)
				require.ErrorIs(t, c.answer(has(t, served)), link.ErrUnsendable)
				requireDenied(t, l, 1, c.sent)
				l.requireNothing(t)
			})
		})
	}
}

// TestInsteadOfAnUnsendableAnswer: what goes out is made by who answers, of the error's URI,
// and where that can't be sent either, of one of WAMP's own.
func TestInsteadOfAnUnsendableAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(*Invocation, Instead) error
		asked  []wamp.URI
	}{
		"result": {func(inv *Invocation, instead Instead) error {
			return inv.Yield(&wire.Part{Args: wamp.List{1}}, instead)
		}, []wamp.URI{wamp.ErrInvalidArgument}},
		"error": {
			func(inv *Invocation, instead Instead) error {
				return inv.Raise("com.example.shown", &wire.Part{Args: wamp.List{1}}, instead)
			},
			[]wamp.URI{"com.example.shown", wamp.ErrInvalidArgument},
		},
	} {
		t.Run(name, func(t *testing.T) {
			serving(t, func(t *testing.T, _ *Client, l *scripted, served <-chan *Invocation) {
				l.refuses = func(m *message.Out) error {
					return map[bool]error{true: link.ErrUnsendable}[len(m.Args) > 0 || m.URI == "hidden com.example.shown"]
				}
				l.invoke(1)
				var asked []wamp.URI
				require.ErrorIs(t, c.answer(has(t, served), func(uri wamp.URI) (wamp.URI, *wire.Part) {
					asked = append(asked, uri)
					return "hidden " + uri, &wire.Part{Kwargs: wamp.Dict{"enc": 1}}
				}), link.ErrUnsendable)
				require.Equal(t, c.asked, asked)
				m := l.next(t)
				require.Equal(t, wamp.ERROR, m.Type)
				require.Equal(t, wamp.ID(1), m.Request)
				require.Equal(t, "hidden "+string(wamp.ErrInvalidArgument), m.URI)
				require.Equal(t, wamp.Dict{"enc": 1}, m.Kwargs)
				l.requireNothing(t)
			})
		})
	}
}

// tooLarge is an error of a link.
type tooLarge struct{}

func (tooLarge) Error() string { return "too large" }
func (tooLarge) Is(target error) bool {
	return target == link.ErrTooLarge || target == link.ErrUnsendable
}

// TestAnswersThatAreNotDue: there is one answer, and no progress behind it.
func TestAnswersThatAreNotDue(t *testing.T) {
	ends := map[string]func(c *Client, l *scripted, inv *Invocation){
		"result":      func(_ *Client, _ *scripted, inv *Invocation) { _ = inv.Yield(&wire.Part{}, nil) },
		"error":       func(_ *Client, _ *scripted, inv *Invocation) { _ = inv.Raise("com.example.error", &wire.Part{}, nil) },
		"interrupted": func(_ *Client, l *scripted, _ *Invocation) { l.send(wamp.INTERRUPT, 1, wamp.Dict{}) },
		"expired":     func(*Client, *scripted, *Invocation) { time.Sleep(time.Minute) },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			serving(t, func(t *testing.T, c *Client, l *scripted, served <-chan *Invocation) {
				l.invoke(1, wamp.Dict{wamp.OptReceiveProgress: true, wamp.OptTimeout: 60_000})
				inv := has(t, served)
				require.NoError(t, inv.Progress(context.Background(), &wire.Part{}))
				require.True(t, isProgress(l.next(t).Options))
				require.False(t, answered(inv))
				end(c, l, inv)
				require.Equal(t, wamp.ID(1), l.next(t).Request)
				require.True(t, answered(inv))
				require.ErrorIs(t, inv.Yield(&wire.Part{}, nil), nexus.ErrCallerNoProg)
				require.ErrorIs(t, inv.Raise("com.example.error", &wire.Part{}, nil), nexus.ErrCallerNoProg)
				require.ErrorIs(t, inv.Progress(context.Background(), &wire.Part{}), nexus.ErrCallerNoProg)
				l.send(wamp.INTERRUPT, 1, wamp.Dict{}) // it has crossed the answer
				l.requireNothing(t)
				require.Empty(t, l.refused())
				require.Empty(t, c.invocations.live)
				c.mu.Lock()
				due := c.interrupt(inv, context.Canceled).deny != "" // by a timer that was late
				c.mu.Unlock()
				require.False(t, due)
			})
		})
	}
	t.Run("no progress is taken", func(t *testing.T) {
		serving(t, func(t *testing.T, _ *Client, l *scripted, served <-chan *Invocation) {
			l.invoke(1)
			require.ErrorIs(t, has(t, served).Progress(context.Background(), &wire.Part{}), nexus.ErrCallerNoProg)
			l.requireNothing(t)
		})
	})
	t.Run("the session has ended", func(t *testing.T) {
		serving(t, func(t *testing.T, c *Client, l *scripted, served <-chan *Invocation) {
			l.invoke(1, wamp.Dict{wamp.OptReceiveProgress: true})
			inv := has(t, served)
			c.End(ErrClosed)
			require.ErrorIs(t, inv.Progress(context.Background(), &wire.Part{}), ErrNotConnected)
			require.ErrorIs(t, inv.Yield(&wire.Part{}, nil), nexus.ErrCallerNoProg)
			require.Error(t, inv.Context().Err())
			l.requireNothing(t)
		})
	})
}

// TestAnswerAndInterrupt: whichever is first, one answer is sent.
func TestAnswerAndInterrupt(t *testing.T) {
	for range 100 {
		serving(t, func(t *testing.T, c *Client, l *scripted, served <-chan *Invocation) {
			l.invoke(1, wamp.Dict{wamp.OptTimeout: 1000})
			inv := has(t, served)
			go l.send(wamp.INTERRUPT, 1, wamp.Dict{})
			go func() { _ = inv.Raise("com.example.error", &wire.Part{}, nil) }()
			go func() { _ = inv.Yield(&wire.Part{}, nil) }()
			require.Equal(t, wamp.ID(1), l.next(t).Request)
			time.Sleep(time.Second)
			l.requireNothing(t)
			require.Error(t, inv.Context().Err())
			require.Empty(t, c.invocations.live)
			require.True(t, c.Idle())
		})
	}
}

// TestUnregistered: an invocation that was on its way is answered.
func TestUnregistered(t *testing.T) {
	serving(t, func(t *testing.T, c *Client, l *scripted, served <-chan *Invocation) {
		unregistered := start(func() error { return c.Unregister("com.example.procedure") })
		request := l.next(t).Request
		l.invoke(1)
		requireDenied(t, l, 1, wamp.ErrInvalidArgument)
		l.send(wamp.UNREGISTERED, request)
		require.NoError(t, has(t, unregistered))
		require.Empty(t, served)
		require.Empty(t, l.refused())
	})
}

// TestInterruptedChunks: what waits for a handler that has been interrupted is forgotten,
// and what comes later isn't out of place.
func TestInterruptedChunks(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		taken := 0
		wait, free := gate()
		l.register(t, c, "com.example.procedure", 2, func(*Invocation, *Received) { taken++; wait() })
		for range 5 {
			l.invoke(1, more)
		}
		l.send(wamp.INTERRUPT, 1, wamp.Dict{})
		requireDenied(t, l, 1, wamp.ErrCanceled)
		requireEmpty(t, c)
		l.invoke(1, more)
		l.invoke(1)
		require.Empty(t, l.refused())
		free()
		synctest.Wait()
		require.Equal(t, 1, taken)
		l.requireNothing(t)
	})
}

// TestChunksInOrder: chunks of one invocation come one at a time and in order, and its
// handler keeps its state from one to the next.
func TestChunksInOrder(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		const chunks = 50
		running := false
		l.register(t, c, "com.example.procedure", 2, func(inv *Invocation, r *Received) {
			require.False(t, running)
			running = true
			time.Sleep(time.Millisecond)
			running = false
			n, _ := (*inv.State()).(int)
			got, _ := wamp.AsInt64(r.Args[0])
			require.Equal(t, int64(n), got)
			*inv.State() = n + 1
			if !wamp.OptionFlag(r.Details, wamp.OptProgress) {
				require.NoError(t, inv.Yield(&wire.Part{Args: wamp.List{n + 1}}, nil))
			}
		})
		for i := range chunks {
			l.send(wamp.INVOCATION, 1, 2, wamp.Dict{wamp.OptProgress: i < chunks-1}, []any{i})
			time.Sleep(time.Duration(i%3) * time.Millisecond)
		}
		time.Sleep(time.Second)
		require.Equal(t, wamp.List{chunks}, l.next(t).Args)
		require.True(t, c.Idle())
	})
}

// TestProgressAndSlowRouter: progress that the router doesn't take ends with its context,
// and with the invocation.
func TestProgressAndSlowRouter(t *testing.T) {
	for name, end := range map[string]func(l *scripted, cancel func()){
		"context":    func(_ *scripted, cancel func()) { cancel() },
		"invocation": func(l *scripted, _ func()) { l.send(wamp.INTERRUPT, 1, wamp.Dict{}) },
	} {
		t.Run(name, func(t *testing.T) {
			serving(t, func(t *testing.T, _ *Client, l *scripted, served <-chan *Invocation) {
				l.stopped = make(chan struct{})
				l.invoke(1, wamp.Dict{wamp.OptReceiveProgress: true})
				inv := has(t, served)
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				sent := start(func() error { return inv.Progress(ctx, &wire.Part{}) })
				time.Sleep(time.Hour)
				require.Empty(t, sent)
				end(l, cancel)
				require.ErrorIs(t, has(t, sent), nexus.ErrCallerNoProg)
				close(l.stopped)
			})
		})
	}
}

func answered(inv *Invocation) bool {
	inv.client.mu.Lock()
	defer inv.client.mu.Unlock()
	return inv.answered
}

// TestRoomForWhatIsOpened: who finds none waits for half of the response timeout, or until
// the session waits for a reply. What a handler has ends when it returns.
func TestRoomForWhatIsOpened(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		reserved := make(chan error, 10)
		yield := make(chan struct{})
		l.register(t, c, "com.example.procedure", 2, func(inv *Invocation, _ *Received) {
			err := inv.Reserve(maxServedBytes)
			reserved <- err
			if err == nil {
				<-yield
			}
		})
		for i := range 3 {
			l.invoke(i+1, more)
		}
		synctest.Wait()
		require.NoError(t, <-reserved)
		require.NoError(t, <-reserved)
		time.Sleep(testTimeout/2 - 1)
		require.Empty(t, reserved)
		time.Sleep(time.Nanosecond)
		require.ErrorIs(t, has(t, reserved), ErrFlood)

		l.invoke(4, more)
		synctest.Wait()
		require.Empty(t, reserved)
		call := startCall(context.Background(), c, nil)
		require.ErrorIs(t, has(t, reserved), ErrFlood)
		l.invoke(5, more)
		require.ErrorIs(t, has(t, reserved), ErrFlood)
		l.send(wamp.RESULT, l.next(t).Request, wamp.Dict{})
		require.NoError(t, has(t, call).err)

		l.invoke(6, more)
		synctest.Wait()
		require.Empty(t, reserved)
		yield <- struct{}{} // a chunk was served, and the next isn't there
		require.NoError(t, has(t, reserved))

		l.invoke(7, more)
		synctest.Wait()
		l.send(wamp.INTERRUPT, 7, wamp.Dict{})
		require.ErrorIs(t, has(t, reserved), context.Canceled)
		close(yield)
	})
}
