package client

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// stalled is a handler of one kind that doesn't take what is sent to it until it is let go
// on.
type stalled struct {
	send  func(size int)
	taken func() int
	free  func()
	ends  func(t *testing.T) // what becomes of it where more comes than is kept
}

// eachStalled runs a test of what waits for each kind of handler.
func eachStalled(t *testing.T, test func(t *testing.T, c *Client, l *scripted, s stalled)) {
	for name, stall := range map[string]func(*testing.T, *Client, *scripted) stalled{
		"events": stalledEvents, "progress": stalledProgress, "chunks": stalledChunks,
	} {
		t.Run(name, func(t *testing.T) {
			inSession(t, func(t *testing.T, c *Client, l *scripted) {
				s := stall(t, c, l)
				s.send(0) // which the handler is at
				synctest.Wait()
				require.Equal(t, 1, s.taken())
				test(t, c, l, s)
			})
		})
	}
}

// gate lets handlers go on.
func gate() (wait, free func()) {
	open := make(chan struct{})
	return func() { <-open }, func() { close(open) }
}

func stalledEvents(t *testing.T, c *Client, l *scripted) stalled {
	taken := 0
	wait, free := gate()
	l.subscribe(t, c, "com.example.topic", 5, func(*Event) { taken++; wait() })
	return stalled{
		send:  func(size int) { l.sendSized(size, wamp.EVENT, 5, 1, wamp.Dict{}) },
		taken: func() int { return taken },
		free:  free,
		ends:  func(*testing.T) {},
	}
}

func stalledProgress(t *testing.T, c *Client, l *scripted) stalled {
	taken := 0
	wait, free := gate()
	call := startCall(context.Background(), c, func(*Result) error { taken++; wait(); return nil })
	id := l.next(t).Request
	return stalled{
		send:  func(size int) { l.sendSized(size, wamp.RESULT, id, more) },
		taken: func() int { return taken },
		free:  free,
		ends: func(t *testing.T) {
			var ended *ErrorAnswer
			require.ErrorAs(t, has(t, call).err, &ended)
			require.Equal(t, string(wamp.ErrCanceled), ended.URI)
		},
	}
}

func stalledChunks(t *testing.T, c *Client, l *scripted) stalled {
	taken := 0
	wait, free := gate()
	l.register(t, c, "com.example.procedure", 2, func(*Invocation, *Received) { taken++; wait() })
	return stalled{
		send:  func(size int) { l.invokeSized(size, 1, more) },
		taken: func() int { return taken },
		free:  free,
		ends:  func(t *testing.T) { requireDenied(t, l, 1, wamp.ErrCanceled) },
	}
}

// waiting returns what waits.
func waiting(c *Client) backlog {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.backlog
}

// requireEmpty: nothing waits any more.
func requireEmpty(t *testing.T, c *Client) {
	t.Helper()
	b := waiting(c)
	require.Zero(t, b.messages)
	require.Zero(t, b.bytes)
}

// TestBacklogSoft: where nobody waits for what comes next, the router has to wait early, by
// messages and by bytes, and goes on when there is room.
func TestBacklogSoft(t *testing.T) {
	for name, limits := range map[string]struct{ size, waiting int }{
		"messages": {0, softWaiting},
		"bytes":    {softBytes/2 - 1024, 2},
		"large":    {2 * softBytes, 1}, // a single one may be larger
	} {
		t.Run(name, func(t *testing.T) {
			eachStalled(t, func(t *testing.T, c *Client, l *scripted, s stalled) {
				for range limits.waiting + 10 {
					s.send(limits.size)
				}
				time.Sleep(time.Hour)
				synctest.Wait()
				require.Equal(t, limits.waiting, waiting(c).messages)
				require.Len(t, l.in, 9, "one waits for room")
				require.Empty(t, l.refused())
				s.free()
				synctest.Wait()
				require.Equal(t, 1+limits.waiting+10, s.taken())
				requireEmpty(t, c)
			})
		})
	}
}

// TestBacklogHard: where a reply is waited for, more is kept, within bounds. What is beyond
// them costs what floods, and the reply comes, after half a response timeout.
func TestBacklogHard(t *testing.T) {
	for name, limits := range map[string]struct{ size, waiting int }{
		"messages": {0, hardWaiting},
		"bytes":    {hardBytes/4 - 1024, 4},
	} {
		t.Run(name, func(t *testing.T) {
			eachStalled(t, func(t *testing.T, c *Client, l *scripted, s stalled) {
				call := startCall(context.Background(), c, nil)
				id := l.next(t).Request
				for range limits.waiting {
					s.send(limits.size)
				}
				synctest.Wait()
				require.Equal(t, limits.waiting, waiting(c).messages)
				require.LessOrEqual(t, waiting(c).bytes, hardBytes)
				for range 20 {
					s.send(limits.size)
				}
				l.send(wamp.RESULT, id, wamp.Dict{})
				time.Sleep(testTimeout/2 - 1)
				synctest.Wait()
				require.Empty(t, call)
				require.LessOrEqual(t, waiting(c).bytes, hardBytes)
				require.Empty(t, l.refused())
				time.Sleep(time.Nanosecond)
				require.NoError(t, has(t, call).err)
				for _, err := range l.refused() {
					require.ErrorIs(t, err, ErrFlood)
				}
				s.free()
				s.ends(t)
				requireEmpty(t, c)
			})
		})
	}
}

// TestBacklogOfAll: handlers share one bound.
func TestBacklogOfAll(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		kinds := []stalled{stalledEvents(t, c, l), stalledProgress(t, c, l), stalledChunks(t, c, l)}
		call := startCall(context.Background(), c, nil)
		id := l.next(t).Request
		for i := range hardWaiting + len(kinds) {
			kinds[i%len(kinds)].send(0)
		}
		synctest.Wait()
		require.Equal(t, hardWaiting, waiting(c).messages)
		l.send(wamp.RESULT, id, wamp.Dict{})
		require.NoError(t, has(t, call).err)
		for _, s := range kinds {
			s.free()
		}
		synctest.Wait()
		requireEmpty(t, c)
	})
}

// TestRequestBehindWhatWaits: a request that is made while the router has to wait gets its
// reply at once.
func TestRequestBehindWhatWaits(t *testing.T) {
	eachStalled(t, func(t *testing.T, c *Client, l *scripted, s stalled) {
		for range softWaiting + 10 {
			s.send(0)
		}
		synctest.Wait()
		published := start(func() error {
			return c.Publish("com.example.topic", &wire.Part{Dict: wamp.Dict{wamp.OptAcknowledge: true}}, nil)
		})
		l.send(wamp.PUBLISHED, l.next(t).Request, 1)
		require.NoError(t, has(t, published))
		s.free()
		synctest.Wait()
		require.Equal(t, 1+softWaiting+10, s.taken())
		require.Empty(t, l.refused())
	})
}

// TestFloodBeforeAReply: an event handler that makes a request gets its reply in time,
// whatever is before it.
func TestFloodBeforeAReply(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		var asked []error
		l.subscribe(t, c, "com.example.topic", 5, func(*Event) {
			if len(asked) < 2 {
				asked = append(asked, c.Publish("com.example.topic", &wire.Part{Dict: wamp.Dict{wamp.OptAcknowledge: true}}, nil))
			}
		})
		for range 2 {
			l.send(wamp.EVENT, 5, 1, wamp.Dict{})
		}
		for range 2 {
			m := l.next(t)
			for range 2 * hardWaiting {
				l.send(wamp.EVENT, 5, 1, wamp.Dict{})
			}
			l.send(wamp.PUBLISHED, m.Request, 1)
			time.Sleep(testTimeout / 2)
		}
		synctest.Wait()
		require.Equal(t, []error{nil, nil}, asked)
		require.NotEmpty(t, l.refused())
		requireEmpty(t, c)
	})
}

// TestEndBehindWhatWaits: what waits for room doesn't keep the session from ending.
func TestEndBehindWhatWaits(t *testing.T) {
	eachStalled(t, func(t *testing.T, c *Client, _ *scripted, s stalled) {
		for range softWaiting + 10 {
			s.send(0)
		}
		synctest.Wait()
		c.End(ErrClosed)
		s.free()
		<-c.Done()
		synctest.Wait()
		requireEmpty(t, c)
	})
}
