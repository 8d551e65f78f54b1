package link

import (
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"sync"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/transport"
	"github.com/gammazero/nexus/v3/wamp"
)

// Local attaches to a router inside the process, as nexus's client.ConnectLocal
// does, with a queue of cfg.LocalQueueSize messages from the router. What goes
// wrong with attaching goes to cfg.Logger, or to standard error, and ends the
// link.
func Local(r router.Router, cfg client.Config) Link {
	logger := cfg.Logger
	if logger == nil {
		logger = log.New(os.Stderr, "", 0)
	}
	ours, theirs := transport.LinkedPeersQSize(cfg.LocalQueueSize)
	go func() {
		if err := r.Attach(theirs); err != nil {
			logger.Print(err)
		}
	}()
	return Linked(ours)
}

// Linked is the link over a peer, which it closes.
func Linked(p wamp.Peer) Link {
	return &linked{ending: newEnding(), peer: p}
}

var _ Link = (*linked)(nil)

type linked struct {
	*ending
	peer    wamp.Peer
	writing sync.Mutex
}

// IsLocal implements [Link].
func (l *linked) IsLocal() bool { return l.peer.IsLocal() }

// Read implements [Link].
func (l *linked) Read() (wamp.Message, error) {
	for {
		if err := l.cause(); err != nil {
			return nil, err
		}
		select {
		case msg, open := <-l.peer.Recv():
			if !open {
				return nil, fmt.Errorf("the router has closed the link: %w", io.EOF)
			}
			if msg != nil { // as nexus's RawSocket peer makes one of an unknown frame
				return msg, nil
			}
		case <-l.done:
		}
	}
}

// Write implements [Link].
func (l *linked) Write(msg wamp.Message) error {
	if msg == nil {
		return fmt.Errorf("%w: there is none", ErrUnsendable)
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	if err := l.cause(); err != nil {
		return err
	}
	select {
	case l.peer.Send() <- msg:
		return nil
	case <-l.done:
		return l.cause()
	}
}

// Gather implements [Link]: there is nothing to gain.
func (l *linked) Gather() {}

// Flush implements [Link].
func (l *linked) Flush() error { return nil }

// Close implements [Link]. The peer closes the channel that Write sends on, so
// that the router sees the client go: not before Write has left.
func (l *linked) Close() error {
	if l.end(fmt.Errorf("link to the router: %w", net.ErrClosed)) {
		l.writing.Lock()
		defer l.writing.Unlock()
		l.peer.Close()
	}
	return nil
}
