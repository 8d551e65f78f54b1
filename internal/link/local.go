package link

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"sync"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/transport"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/shield"
)

// Local attaches to a router inside the process, as nexus's client.ConnectLocal
// does, with a queue of cfg.LocalQueueSize messages from the router. What goes
// wrong with attaching goes to cfg.Logger, which has to be set, and ends the link.
func Local(r router.Router, cfg client.Config) Link {
	ours, theirs := transport.LinkedPeersQSize(cfg.LocalQueueSize)
	go func() {
		if err := r.Attach(theirs); err != nil {
			_ = shield.Run("a logger", func() { cfg.Logger.Print(err) })
		}
	}()
	return Linked(ours)
}

// Linked is the link over a peer, which it closes.
func Linked(p wamp.Peer) Link {
	return &linked{ending: newEnding(), peer: p, codec: message.CBOR()}
}

var _ Link = (*linked)(nil)

type linked struct {
	*ending
	peer    wamp.Peer
	codec   *message.Codec
	writing sync.RWMutex // held for reading while a message is handed over
}

// IsLocal implements [Link].
func (l *linked) IsLocal() bool { return true }

// Form implements [Link].
func (l *linked) Form(v any) (any, error) { return l.codec.Form(v) }

// Read implements [Link].
func (l *linked) Read(in *Incoming) error {
	for {
		if err := l.cause(); err != nil {
			return err
		}
		select {
		case msg, open := <-l.peer.Recv():
			if !open {
				return fmt.Errorf("the router has closed the link: %w", io.EOF)
			}
			if !isNil(msg) {
				in.readLocal(msg)
				return nil
			}
		case <-l.done:
		}
	}
}

func isNil(msg wamp.Message) bool {
	if msg == nil {
		return true
	}
	v := reflect.ValueOf(msg)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// Write implements [Link].
func (l *linked) Write(ctx context.Context, limit time.Duration, m message.Out) error {
	msg := outgoing(&m)
	if msg == nil {
		return fmt.Errorf("%w: no message of a client", ErrUnsendable)
	}
	l.writing.RLock()
	defer l.writing.RUnlock()
	if err := l.cause(); err != nil {
		return err
	}
	select {
	case l.peer.Send() <- msg:
		return nil
	default:
	}
	var late <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case l.peer.Send() <- msg:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrBusy, ctx.Err())
	case <-late:
		return ErrBusy
	case <-l.done:
		return l.cause()
	}
}

// Close implements [Link]. The peer closes the channel that Write sends on, so
// that the router sees the client go: not before Write has left.
func (l *linked) Close() error {
	if l.end(errClosed()) {
		l.writing.Lock()
		defer l.writing.Unlock()
		l.peer.Close()
	}
	return nil
}
