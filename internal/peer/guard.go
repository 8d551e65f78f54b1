package peer

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
)

// ErrFlood is wrapped by what is reported where more came than is kept, while others
// had to wait. The invocation or call concerned ends with it.
var ErrFlood = errors.New("too much at once")

var (
	errChunks      = fmt.Errorf("%w: chunks of an invocation whose handler doesn't take them", ErrFlood)
	errProgress    = fmt.Errorf("%w: progressive results that nobody takes", ErrFlood)
	errInvocations = fmt.Errorf("%w: more invocations than are served", ErrFlood)
)

// What a router in its senses never sends.
var (
	errUnasked      = errors.New("an answer to no request")
	errOtherType    = errors.New("an answer to another kind of request")
	errUnwanted     = errors.New("a progressive result that nobody asked for")
	errUnsubscribed = errors.New("an event for no subscription")
	errUnregistered = errors.New("an invocation for no registration")
	errOldRequest   = errors.New("an invocation under a request id that was used before")
	errLive         = errors.New("an invocation under the request id of one that is being served")
	errSession      = errors.New("a message out of place in a session")
)

// guard knows what nexus's client waits for, so that nothing else gets there: what
// the client does with the rest is listed beside the tests.
type guard struct {
	// timeout is how long the client waits for a reply, less a margin: a reply
	// that comes as it gives up would block it for good.
	timeout time.Duration

	mu            sync.Mutex
	ended         bool // the link
	goodbye       bool // one was sent or received
	welcomed      bool
	requests      map[wamp.ID]*request // that wait for a reply
	past          recent[*request]
	subscriptions handlers
	registrations handlers
	invocations   invocations
	backlog       backlog
}

// margin is how long before the client gives up on a reply the guard does.
const margin = 250 * time.Millisecond

func newGuard(responseTimeout time.Duration) *guard {
	return &guard{
		timeout:     responseTimeout - min(margin, responseTimeout/4),
		requests:    map[wamp.ID]*request{},
		invocations: invocations{live: map[wamp.ID]*invocation{}},
	}
}

// end notes that the link has ended. It returns false if it had before.
func (g *guard) end() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended {
		return false
	}
	g.ended = true
	return true
}

// leaving reports whether the session is being left on purpose.
func (g *guard) leaving() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.goodbye
}

// verdict is what to do with a message of the router.
type verdict struct {
	msg   wamp.Message // to hand on; nil for none
	err   error        // why it isn't, or what was wrong with it
	reply *request     // that msg answers
	last  bool         // nothing more is to come for reply
	// answer goes to the router.
	answer wamp.Message
	ready  *handler        // has to be in place first
	room   <-chan struct{} // wait for it, then ask again
	// urgent is true where others wait for what comes after.
	urgent bool
}

func denied(err error) verdict { return verdict{err: err} }

// receive decides on a message of the router, of that size in bytes.
func (g *guard) receive(msg wamp.Message, size int) verdict {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch m := msg.(type) {
	case *wamp.Welcome:
		if g.welcomed {
			return denied(errSession)
		}
		g.welcomed = true
		return verdict{msg: msg}
	case *wamp.Challenge:
		if g.welcomed {
			return denied(errSession)
		}
		if err := checkChallenge(m); err != nil {
			return verdict{msg: refusedChallenge(err), err: err}
		}
		return verdict{msg: msg}
	case *wamp.Abort:
		g.goodbye = true
		return verdict{msg: msg}
	case *wamp.Goodbye:
		g.goodbye = true
		return verdict{msg: msg}
	}
	if !g.welcomed {
		return denied(errSession)
	}
	switch m := msg.(type) {
	case *wamp.Event:
		return g.receiveEvent(m)
	case *wamp.Invocation:
		return g.receiveInvocation(m, size)
	case *wamp.Interrupt:
		if _, live := g.invocations.live[m.Request]; !live {
			return verdict{} // it has been answered meanwhile
		}
		return verdict{msg: msg}
	}
	return g.receiveReply(msg, size)
}

func (g *guard) receiveEvent(msg *wamp.Event) verdict {
	if h, ok := g.subscriptions.live[msg.Subscription]; ok {
		return verdict{msg: msg, ready: h}
	}
	if _, ok := g.subscriptions.past.get(msg.Subscription); ok {
		return verdict{} // it was on its way when the client unsubscribed
	}
	return denied(errUnsubscribed)
}

// send decides on a message of the client: why it isn't to be sent, and what the
// client is told in place of the router's reply.
func (g *guard) send(msg wamp.Message) (reply *injected, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended {
		return nil, ErrClosed
	}
	due := true
	switch m := msg.(type) {
	case *wamp.Goodbye:
		g.goodbye = true
	case *wamp.Yield:
		due = g.answer(m.Request, !isProgress(m.Options))
	case *wamp.Error:
		due = g.answer(m.Request, true)
	case *wamp.Cancel:
		due, reply = g.cancel(m.Request)
	default:
		due = g.request(msg)
	}
	if !due {
		err = ErrNotDue
	}
	return reply, err
}
