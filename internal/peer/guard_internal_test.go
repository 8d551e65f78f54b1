package peer

import (
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// scripted is a link that a test reads and writes.
type scripted struct {
	in      chan wamp.Message
	out     chan wamp.Message
	done    chan struct{}
	once    sync.Once
	refuses func(wamp.Message) error // what can't be sent; nil for nothing

	gathering bool
	gathered  []wamp.Message
}

func (l *scripted) IsLocal() bool { return true }

func (l *scripted) Gather() { l.gathering = true }

func (l *scripted) Flush() error {
	l.gathering = false
	for _, msg := range l.gathered {
		l.out <- msg
	}
	l.gathered = nil
	return nil
}

func (l *scripted) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *scripted) Read() (wamp.Message, error) {
	select {
	case msg := <-l.in:
		return msg, nil
	case <-l.done:
		return nil, io.EOF
	}
}

func (l *scripted) Write(msg wamp.Message) error {
	if l.refuses != nil {
		if err := l.refuses(msg); err != nil {
			return err
		}
	}
	if l.gathering {
		l.gathered = append(l.gathered, msg)
		return nil
	}
	select {
	case l.out <- msg:
		return nil
	case <-l.done:
		return io.EOF
	}
}

const testTimeout = time.Second

func scriptedLink() *scripted {
	return &scripted{in: make(chan wamp.Message), out: make(chan wamp.Message, 100), done: make(chan struct{})}
}

// welcomed returns a Peer on link that has been welcomed.
func welcomed(below link.Link, l *scripted) *Peer {
	p := New(below, Config{Framing: wire.EncArgument{}, ResponseTimeout: testTimeout})
	l.in <- &wamp.Welcome{}
	<-p.Recv()
	return p
}

func newScripted() (*Peer, *scripted) {
	l := scriptedLink()
	return welcomed(l, l), l
}

func next(t *testing.T, c <-chan wamp.Message) wamp.Message {
	t.Helper()
	synctest.Wait()
	select {
	case msg := <-c:
		return msg
	default:
		require.FailNow(t, "no message")
		return nil
	}
}

func none(t *testing.T, c <-chan wamp.Message) {
	t.Helper()
	synctest.Wait()
	select {
	case msg := <-c:
		require.Failf(t, "a message", "%T", msg)
	default:
	}
}

// guarded runs a test of a welcomed Peer in a bubble of its own.
func guarded(t *testing.T, test func(t *testing.T, p *Peer, l *scripted)) {
	synctest.Test(t, func(t *testing.T) {
		p, l := newScripted()
		test(t, p, l)
		p.Close()
	})
}

// TestReplyBeforeTheDeadline: a reply comes through until shortly before the client
// gives up, whether it waits for the client or comes late.
func TestReplyBeforeTheDeadline(t *testing.T) {
	for name, c := range map[string]struct {
		arrives, taken time.Duration
		through        bool
	}{
		"in time":            {0, 0, true},
		"just in time":       {testTimeout - margin - 1, testTimeout - margin - 1, true},
		"late":               {testTimeout - margin, testTimeout - margin, false},
		"waits, in time":     {0, testTimeout - margin - 1, true},
		"waits for too long": {0, testTimeout - margin, false},
	} {
		t.Run(name, func(t *testing.T) {
			guarded(t, func(t *testing.T, p *Peer, l *scripted) {
				p.Send() <- &wamp.Subscribe{Request: 1}
				next(t, l.out)
				time.Sleep(c.arrives)
				synctest.Wait()
				l.in <- &wamp.Subscribed{Request: 1, Subscription: 5}
				time.Sleep(c.taken - c.arrives)
				if c.through {
					require.IsType(t, &wamp.Subscribed{}, next(t, p.Recv()))
					return
				}
				none(t, p.Recv())
			})
		})
	}
}

// TestCancelAndResult: whichever is first, a caller that has given up gets one ERROR,
// and not after it has stopped to wait for that.
func TestCancelAndResult(t *testing.T) {
	result, cancel := &wamp.Result{Request: 1}, &wamp.Cancel{Request: 1}
	call := func(t *testing.T, p *Peer, l *scripted) {
		p.Send() <- &wamp.Call{Request: 1}
		next(t, l.out)
	}
	t.Run("cancel, result", func(t *testing.T) {
		guarded(t, func(t *testing.T, p *Peer, l *scripted) {
			call(t, p, l)
			p.Send() <- cancel
			require.Equal(t, cancel, next(t, l.out))
			l.in <- &wamp.Result{Request: 1, Details: wamp.Dict{"progress": true}}
			l.in <- result
			require.IsType(t, &wamp.Error{}, next(t, p.Recv()))
			none(t, p.Recv())
		})
	})
	t.Run("cancel, result, the client waits", func(t *testing.T) {
		for range 20 {
			guarded(t, func(t *testing.T, p *Peer, l *scripted) {
				call(t, p, l)
				p.Send() <- cancel
				next(t, l.out)
				first := make(chan wamp.Message, 1)
				go func() { first <- <-p.Recv() }()
				synctest.Wait()
				l.in <- result
				require.IsType(t, &wamp.Error{}, next(t, first))
			})
		}
	})
	t.Run("result waits, cancel", func(t *testing.T) {
		guarded(t, func(t *testing.T, p *Peer, l *scripted) {
			call(t, p, l)
			l.in <- result
			synctest.Wait()
			p.Send() <- cancel
			none(t, l.out)
			require.IsType(t, &wamp.Error{}, next(t, p.Recv()))
			none(t, p.Recv())
		})
	})
	t.Run("result taken, cancel", func(t *testing.T) {
		guarded(t, func(t *testing.T, p *Peer, l *scripted) {
			call(t, p, l)
			l.in <- result
			require.IsType(t, &wamp.Result{}, next(t, p.Recv()))
			synctest.Wait()
			p.Send() <- cancel
			none(t, l.out)
			require.IsType(t, &wamp.Error{}, next(t, p.Recv()))
			none(t, p.Recv())
		})
	})
	t.Run("result taken, cancel, nobody waits", func(t *testing.T) {
		guarded(t, func(t *testing.T, p *Peer, l *scripted) {
			call(t, p, l)
			l.in <- result
			require.IsType(t, &wamp.Result{}, next(t, p.Recv()))
			synctest.Wait()
			p.Send() <- cancel
			time.Sleep(testTimeout - margin)
			none(t, p.Recv())
		})
	})
	t.Run("never answered", func(t *testing.T) {
		guarded(t, func(t *testing.T, p *Peer, l *scripted) {
			call(t, p, l)
			p.Send() <- cancel
			next(t, l.out)
			time.Sleep(testTimeout - margin)
			synctest.Wait()
			l.in <- &wamp.Error{Type: wamp.CALL, Request: 1}
			none(t, p.Recv())
		})
	})
}

// TestUnsentReplyExpires: as the router's.
func TestUnsentReplyExpires(t *testing.T) {
	guarded(t, func(t *testing.T, p *Peer, l *scripted) {
		l.refuses = func(wamp.Message) error { return link.ErrUnsendable }
		p.Send() <- &wamp.Subscribe{Request: 1}
		time.Sleep(testTimeout - margin)
		none(t, p.Recv())
	})
}

// TestEndedLinkSaysSo: from the moment on that it ends.
func TestEndedLinkSaysSo(t *testing.T) {
	guarded(t, func(t *testing.T, p *Peer, _ *scripted) {
		p.guard.end()
		_, err := p.guard.send(&wamp.Publish{Request: 1})
		require.ErrorIs(t, err, ErrClosed)
		close(p.closed)
	})
}

// TestSendAfterClose: its receipt is told, its sender never waits.
func TestSendAfterClose(t *testing.T) {
	guarded(t, func(t *testing.T, p *Peer, _ *scripted) {
		before := p.Send()
		closed := make(chan struct{})
		go func() {
			p.Close()
			close(closed)
		}()
		synctest.Wait()
		for _, out := range []chan<- wamp.Message{before, p.Send()} {
			told := make(chan error, 1)
			out <- &wamp.Publish{Request: 1, Arguments: wire.WithReceipt(nil, func(err error) { told <- err })}
			require.ErrorIs(t, <-told, ErrClosed)
		}
		<-closed
		p.Send() // and nothing
		time.Sleep(2 * lateSend)
	})
}

// TestUnansweredAnswer: an error whose URI is too long for the router becomes a short
// one.
func TestUnansweredAnswer(t *testing.T) {
	guarded(t, func(t *testing.T, p *Peer, l *scripted) {
		p.Send() <- &wamp.Register{Request: 1}
		next(t, l.out)
		l.in <- &wamp.Registered{Request: 1, Registration: 2}
		next(t, p.Recv())
		p.Registered(2)
		l.in <- &wamp.Invocation{Request: 1, Registration: 2}
		next(t, p.Recv())
		l.refuses = func(msg wamp.Message) error {
			if e, ok := msg.(*wamp.Error); ok && e.Error == "com.long" {
				return link.ErrUnsendable
			}
			return nil
		}
		p.Send() <- &wamp.Error{Type: wamp.INVOCATION, Request: 1, Error: "com.long"}
		answer, ok := next(t, l.out).(*wamp.Error)
		require.True(t, ok)
		require.Equal(t, wamp.ErrInvalidArgument, answer.Error)
		none(t, l.out)
	})
}

// TestHandlerThatNeverCame: its events are dropped, its invocations go to the client,
// which says that it has none.
func TestHandlerThatNeverCame(t *testing.T) {
	guarded(t, func(t *testing.T, p *Peer, l *scripted) {
		p.Send() <- &wamp.Subscribe{Request: 1}
		p.Send() <- &wamp.Register{Request: 2}
		l.in <- &wamp.Subscribed{Request: 1, Subscription: 5}
		next(t, p.Recv())
		l.in <- &wamp.Registered{Request: 2, Registration: 6}
		next(t, p.Recv())
		l.in <- &wamp.Event{Subscription: 5}
		none(t, p.Recv())
		time.Sleep(testTimeout)
		none(t, p.Recv())
		l.in <- &wamp.Invocation{Request: 1, Registration: 6}
		require.IsType(t, &wamp.Invocation{}, next(t, p.Recv()))
	})
}

// TestRecentForgets: what is kept is bounded.
func TestRecentForgets(t *testing.T) {
	var r recent[int]
	for i := range 3 * maxRecent {
		r.add(wamp.ID(i), i)
		r.add(wamp.ID(i), i+1)
	}
	require.Len(t, r.entries, maxRecent)
	require.Len(t, r.order, maxRecent)
	_, ok := r.get(2*maxRecent - 1)
	require.False(t, ok)
	v, ok := r.get(2 * maxRecent)
	require.True(t, ok)
	require.Equal(t, 2*maxRecent+1, v)
}

// TestRequestIDsAsNexus: a new request is one that nexus's client takes for new.
func TestRequestIDsAsNexus(t *testing.T) {
	for _, ids := range [][2]wamp.ID{
		{0, 1}, {1, 1}, {5, 4}, {5, 6}, {5, 0}, {5, wamp.MaxID}, {5, wamp.MaxID + 1}, {wamp.MaxID, 1}, {wamp.MaxID, 499},
		{wamp.MaxID, 500}, {wamp.MaxID, 501}, {wamp.MaxID - 100, 5}, {wamp.MaxID - 499, 1}, {wamp.MaxID - 500, 1},
	} {
		var s wamp.Session
		s.UpdateLastRecvID(ids[0])
		g := newGuard(testTimeout)
		g.registrations.begin(1, &request{})
		g.invocations.last = ids[0]
		got := g.beginInvocation(&wamp.Invocation{Request: ids[1], Registration: 1}, 0)
		require.Equal(t, s.IsNewRecvID(ids[1]), got.err == nil, ids)
	}
}

// TestOutOfPlace: what no router in its senses sends, and why it is refused.
func TestOutOfPlace(t *testing.T) {
	g := newGuard(testTimeout)
	require.ErrorIs(t, g.receive(&wamp.Event{}, 0).err, errSession, "before WELCOME")
	require.NoError(t, g.receive(&wamp.Welcome{}, 0).err)
	require.ErrorIs(t, g.receive(&wamp.Welcome{}, 0).err, errSession, "a second one")
	require.ErrorIs(t, g.receive(&wamp.Challenge{}, 0).err, errSession, "after WELCOME")
	require.ErrorIs(t, g.receive(&wamp.Event{}, 0).err, errUnsubscribed)
	require.ErrorIs(t, g.receive(&wamp.Result{Request: 1}, 0).err, errUnasked)
	g.registrations.begin(1, &request{})
	g.registrations.begin(2, &request{})
	more := wamp.Dict{wamp.OptProgress: true}
	require.NotNil(t, g.receive(&wamp.Invocation{Request: 1, Registration: 1, Details: more}, 0).msg)
	require.ErrorIs(t, g.receive(&wamp.Invocation{Request: 1, Registration: 2, Details: more}, 0).err, errLive, "of another registration")
	require.ErrorIs(t, g.receive(&wamp.Invocation{Request: 2, Registration: 3}, 0).err, errUnregistered)
}

// TestAnswersThatAreNotDue: to invocations that have been answered, or that there
// never were, nothing is sent.
func TestAnswersThatAreNotDue(t *testing.T) {
	guarded(t, func(t *testing.T, p *Peer, l *scripted) {
		for _, msg := range []wamp.Message{
			&wamp.Yield{Request: 1},
			&wamp.Yield{Request: 1, Options: wamp.Dict{wamp.OptProgress: true}},
			&wamp.Error{Type: wamp.INVOCATION, Request: 1},
		} {
			_, err := p.guard.send(msg)
			require.ErrorIs(t, err, ErrNotDue)
			p.Send() <- msg
			none(t, l.out)
		}
	})
}

// TestReceiptBeforeReply: who is told by the reply that a message wasn't sent finds
// the reason with the receipt.
func TestReceiptBeforeReply(t *testing.T) {
	guarded(t, func(t *testing.T, p *Peer, l *scripted) {
		l.refuses = func(wamp.Message) error { return link.ErrUnsendable }
		replied, early := make(chan wamp.Message, 1), make(chan bool, 1)
		go func() { replied <- <-p.Recv() }()
		p.Send() <- &wamp.Call{Request: 1, Arguments: wire.WithReceipt(nil, func(error) {
			time.Sleep(time.Millisecond) // in which the client could be told
			early <- len(replied) > 0
		})}
		require.False(t, <-early)
		require.IsType(t, &wamp.Error{}, next(t, replied))
	})
}
