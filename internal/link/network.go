package link

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// network is what the transports over a network have in common.
type network struct {
	*ending
	below   *outbox
	codec   *message.Codec
	next    func(*Incoming) (bool, error) // reads on; false for what is no message to a client
	writing sync.Mutex                    // one message at a time
	pings   pings
	work    sync.WaitGroup // of the transport's goroutines
}

func newNetwork(below *outbox, codec *message.Codec) *network {
	n := &network{ending: newEnding(), below: below, codec: codec, pings: pings{waiting: make(chan []byte, 1)}}
	below.start(func(err error) { _ = n.failWrite(err) })
	return n
}

// IsLocal implements [Link].
func (n *network) IsLocal() bool { return false }

// Form implements [Link].
func (n *network) Form(v any) (any, error) { return n.codec.Form(v) }

// Read implements [Link].
func (n *network) Read(in *Incoming) error {
	for {
		if err := n.cause(); err != nil {
			return err
		}
		found, err := n.next(in)
		if err != nil {
			return n.fail(err)
		}
		if found {
			return nil
		}
		in.drop()
	}
}

// send does what [Link.Write] does, for what write writes.
func (n *network) send(ctx context.Context, limit time.Duration, write func() error) error {
	if err := n.below.await(ctx, limit, n.ending); err != nil {
		return err
	}
	n.writing.Lock()
	err := write()
	n.writing.Unlock()
	if err != nil {
		return n.failWrite(err)
	}
	n.below.flush()
	return nil
}

// fail ends the link without ceremony and returns what ended it.
func (n *network) fail(err error) error {
	if n.end(err) {
		n.below.cut()
	}
	return n.cause()
}

func (n *network) failWrite(err error) error {
	return n.fail(fmt.Errorf("write to the router: %w", err))
}

// close ends the link with farewell, and returns when nothing of it runs any more.
func (n *network) close(farewell func() error) (err error) {
	if n.end(errClosed()) {
		err = farewell()
	}
	n.pings.end()
	n.work.Wait()
	return err
}

func errClosed() error { return fmt.Errorf("link to the router: %w", net.ErrClosed) }
