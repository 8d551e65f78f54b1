package peer

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// sizedLink is a link whose messages were so large.
type sizedLink struct {
	*scripted
	size int
}

func (l *sizedLink) ReadSize() int { return l.size }

// limited runs a test of a Peer whose registration 2 is in place, and which says what
// it reports.
func limited(t *testing.T, size int, test func(t *testing.T, p *Peer, l *scripted, reported func() error)) {
	synctest.Test(t, func(t *testing.T) {
		l := &scripted{in: make(chan wamp.Message), out: make(chan wamp.Message, 100), done: make(chan struct{})}
		reports := make(chan error, 2*maxInvocations)
		p := New(&sizedLink{l, size}, Config{Framing: wire.EncArgument{}, ResponseTimeout: testTimeout, Report: func(v *Violation) { reports <- v }})
		l.in <- &wamp.Welcome{}
		<-p.Recv()
		p.Send() <- &wamp.Register{Request: 1}
		next(t, l.out)
		l.in <- &wamp.Registered{Request: 1, Registration: 2}
		next(t, p.Recv())
		p.Registered(2)
		test(t, p, l, func() error {
			synctest.Wait()
			select {
			case err := <-reports:
				return err
			default:
				return nil
			}
		})
		p.Close()
	})
}

func invocationOf(request int) *wamp.Invocation {
	return &wamp.Invocation{Request: wamp.ID(request), Registration: 2}
}

// requireUnavailable: the router is told that the invocation is not served.
func requireUnavailable(t *testing.T, l *scripted, request int) {
	t.Helper()
	require.Equal(t, &wamp.Error{
		Type: wamp.INVOCATION, Request: wamp.ID(request), Details: wamp.Dict{}, Error: errorURIUnavailable,
	}, next(t, l.out))
}

// TestMoreInvocationsThanAreServed: another one waits for a while, is then answered,
// and counted. What comes after it is answered at once, until one has ended.
func TestMoreInvocationsThanAreServed(t *testing.T) {
	limited(t, 1, func(t *testing.T, p *Peer, l *scripted, reported func() error) {
		for i := range maxInvocations {
			l.in <- invocationOf(i + 1)
			<-p.Recv()
			p.Taken(wamp.ID(i + 1))
		}
		const first = maxInvocations + 1
		l.in <- invocationOf(first)
		time.Sleep(testTimeout - margin - 1)
		none(t, l.out)
		require.NoError(t, reported())
		time.Sleep(time.Nanosecond)
		requireUnavailable(t, l, first)
		require.ErrorIs(t, reported(), ErrFlood)
		more := invocationOf(first + 1)
		more.Details = wamp.Dict{wamp.OptProgress: true}
		l.in <- more
		requireUnavailable(t, l, first+1)
		require.ErrorIs(t, reported(), ErrFlood)
		l.in <- invocationOf(first + 1) // a chunk that was on its way
		none(t, l.out)
		require.NoError(t, reported())
		none(t, p.Recv())

		p.Send() <- &wamp.Yield{Request: 1}
		require.IsType(t, &wamp.Yield{}, next(t, l.out))
		l.in <- invocationOf(first + 2)
		require.IsType(t, &wamp.Invocation{}, next(t, p.Recv()))
		l.in <- invocationOf(first + 3)
		none(t, l.out)
		p.Send() <- &wamp.Yield{Request: 2}
		require.IsType(t, &wamp.Yield{}, next(t, l.out))
		require.IsType(t, &wamp.Invocation{}, next(t, p.Recv()))
	})
}

// TestInvocationsBehindAReply: a handler that calls isn't kept waiting.
func TestInvocationsBehindAReply(t *testing.T) {
	limited(t, 1, func(t *testing.T, p *Peer, l *scripted, _ func() error) {
		for i := range maxInvocations {
			l.in <- invocationOf(i + 1)
			<-p.Recv()
		}
		l.in <- invocationOf(maxInvocations + 1)
		none(t, l.out)
		p.Send() <- &wamp.Call{Request: 2}
		require.ElementsMatch(t, []wamp.Message{
			&wamp.Call{Request: 2},
			&wamp.Error{Type: wamp.INVOCATION, Request: maxInvocations + 1, Details: wamp.Dict{}, Error: errorURIUnavailable},
		}, []wamp.Message{next(t, l.out), next(t, l.out)})
		l.in <- invocationOf(maxInvocations + 2)
		requireUnavailable(t, l, maxInvocations+2)
		go func() { l.in <- &wamp.Result{Request: 2} }()
		require.IsType(t, &wamp.Result{}, next(t, p.Recv()))
	})
}

// TestBytesThatAreNotOpened: what comes in is read as fast as it is opened, however
// few messages that are.
func TestBytesThatAreNotOpened(t *testing.T) {
	const size = maxOpening/2 - 1
	for name, done := range map[string]func(p *Peer){
		"taken":    func(p *Peer) { p.Taken(1) },
		"answered": func(p *Peer) { p.Send() <- &wamp.Yield{Request: 1} },
	} {
		t.Run(name, func(t *testing.T) {
			limited(t, size, func(t *testing.T, p *Peer, l *scripted, reported func() error) {
				for i := range 3 {
					l.in <- invocationOf(i + 1)
					if i < 2 {
						require.IsType(t, &wamp.Invocation{}, next(t, p.Recv()))
					}
				}
				none(t, p.Recv())
				done(p)
				require.IsType(t, &wamp.Invocation{}, next(t, p.Recv()))
				l.in <- invocationOf(4)
				time.Sleep(testTimeout)
				require.ErrorIs(t, reported(), ErrFlood)
				none(t, p.Recv())
			})
		})
	}
	limited(t, 2*maxOpening, func(t *testing.T, p *Peer, l *scripted, _ func() error) {
		l.in <- invocationOf(1) // alone it may be as large as the connection takes
		require.IsType(t, &wamp.Invocation{}, next(t, p.Recv()))
	})
}

// TestBytesThatNobodyTakes: chunks that wait in the client count as well.
func TestBytesThatNobodyTakes(t *testing.T) {
	limited(t, hardBytes/2-1, func(t *testing.T, p *Peer, l *scripted, _ func() error) {
		chunk := func(request int) *wamp.Invocation {
			in := invocationOf(request)
			in.Details = wamp.Dict{wamp.OptProgress: true}
			return in
		}
		for i := range 3 {
			l.in <- chunk(i + 1)
			next(t, p.Recv())
			p.Taken(wamp.ID(i + 1))
		}
		for i := range 2 {
			l.in <- chunk(i + 1)
			next(t, p.Recv())
		}
		l.in <- chunk(3)
		none(t, p.Recv())
		p.Taken(1)
		next(t, p.Recv())
	})
}
