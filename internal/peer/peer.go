package peer

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gammazero/nexus/v3/stdlog"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// ErrClosed is what a [wire.Receipt] is told when the connection is gone.
var ErrClosed = errors.New("the connection to the router is closed")

// lateSend is how long Close goes on taking messages that somebody was about to
// send.
const lateSend = 100 * time.Millisecond

// maxAnswers of our own wait to be written before reading pauses: a router that writes
// before it reads on would wait for us, while we wait for it.
const maxAnswers = 64

// Config is what a Peer needs to know.
type Config struct {
	// Framing is how envelopes travel.
	Framing wire.Framing

	// ResponseTimeout is how long nexus's client above waits for a reply. It
	// must be the client's own.
	ResponseTimeout time.Duration

	// Log is told why a connection ended. It may be nil.
	Log stdlog.StdLog

	// Report is told of messages that are kept from the client because no
	// router in its senses sends them. It may be nil, runs in the reading
	// goroutine, and must not block.
	Report func(*Violation)
}

// Peer is a wamp.Peer over a [Link].
type Peer struct {
	link  link.Link
	cfg   Config
	guard *guard

	in      chan wamp.Message
	out     chan wamp.Message
	answers chan wamp.Message // of our own, to the router

	closeOnce sync.Once
	closed    chan struct{} // Close was called, or the link has failed
	stop      chan struct{} // the writing goroutine may end
	reading   sync.WaitGroup
	writing   sync.WaitGroup
	injecting injectors
	written   []wire.Receipt // of messages that were written and not flushed

	// Calls of Send, and messages received after: what is between is on its way.
	sends, taken atomic.Int64
}

var _ wamp.Peer = (*Peer)(nil)

// New returns a Peer that runs on link, which it owns from now on. Close ends it.
func New(l link.Link, cfg Config) *Peer {
	p := &Peer{
		link:    l,
		cfg:     cfg,
		guard:   newGuard(cfg.ResponseTimeout),
		in:      make(chan wamp.Message),
		out:     make(chan wamp.Message),
		answers: make(chan wamp.Message, maxAnswers),
		closed:  make(chan struct{}),
		stop:    make(chan struct{}),
	}
	p.reading.Go(p.read)
	p.writing.Go(p.write)
	return p
}

// IsLocal reports whether the router is in the same process.
func (p *Peer) IsLocal() bool { return p.link.IsLocal() }

// Recv returns the channel of messages from the router. It is closed when the
// connection has ended.
func (p *Peer) Recv() <-chan wamp.Message { return p.in }

// Send returns the channel for one message to the router. It is read from at all
// times, and never closed: what is sent after the end is dropped.
func (p *Peer) Send() chan<- wamp.Message {
	p.sends.Add(1)
	select {
	case <-p.stop:
		return p.tooLate()
	default:
		return p.out
	}
}

// tooLate returns a channel for a message that is dropped.
func (p *Peer) tooLate() chan<- wamp.Message {
	out := make(chan wamp.Message, 1)
	go func() {
		late := time.NewTimer(lateSend)
		defer late.Stop()
		select {
		case msg := <-out:
			p.drop(msg)
		case <-late.C:
		}
	}()
	return out
}

// Close ends the connection at once and returns when all goroutines have ended.
func (p *Peer) Close() {
	p.shut()
	p.closeOnce.Do(func() { close(p.stop) })
	p.writing.Wait()
	p.reading.Wait()
}

// Cut ends the connection at once, and waits for nothing. Close has to follow.
func (p *Peer) Cut() { p.shut() }

// shut ends the connection, and with it what reads and writes.
func (p *Peer) shut() {
	if p.guard.end() {
		close(p.closed)
	}
	_ = p.link.Close()
}

// fail is shut for a reason of the link's.
func (p *Peer) fail(err error) {
	select {
	case <-p.closed:
		return // an echo of having closed it
	default:
	}
	if p.cfg.Log != nil && !p.guard.leaving() {
		p.cfg.Log.Println("connection to the router ended:", err)
	}
	p.shut()
}

// read hands on what the router sends, until the link ends.
func (p *Peer) read() {
	defer func() {
		p.injecting.wait()
		p.release()
		close(p.in)
	}()
	for {
		msg, err := p.link.Read()
		if err != nil {
			p.fail(err)
			return
		}
		if msg == nil {
			continue
		}
		if !p.receive(msg, link.SizeOf(p.link)) {
			return
		}
	}
}

// release ends the client's wait for calls that were canceled: it looks at nothing
// but their replies by now.
func (p *Peer) release() {
	patience := time.NewTimer(lateSend)
	defer patience.Stop()
	for _, id := range p.guard.givenUp() {
		select {
		case p.in <- canceledReply(id):
		case <-patience.C:
			return
		}
	}
}

// write sends what the client gives, until Close. After the link has ended it
// goes on taking messages: nexus sends without asking.
func (p *Peer) write() {
	for {
		select {
		case msg := <-p.out:
			p.link.Gather()
			p.accept(msg)
		case msg := <-p.answers:
			p.link.Gather()
			p.tryWrite(msg)
		case <-p.stop:
			p.drain()
			return
		}
		p.writeMore()
		p.flush()
	}
}

// maxBurst is how many messages are written together.
const maxBurst = 64

// writeMore writes what else there is to write by now.
func (p *Peer) writeMore() {
	for range maxBurst - 1 {
		select {
		case msg := <-p.out:
			p.accept(msg)
		case msg := <-p.answers:
			p.tryWrite(msg)
		default:
			return
		}
	}
}

// flush sends what was written, and tells the receipts of it.
func (p *Peer) flush() {
	err := p.link.Flush()
	if err != nil {
		err = p.broken(err)
	}
	for i, receipt := range p.written {
		receipt(err)
		p.written[i] = nil
	}
	p.written = p.written[:0]
}

// accept sends a message of the client.
func (p *Peer) accept(msg wamp.Message) {
	p.taken.Add(1)
	p.send(msg)
}

// answer has a message of ours sent to the router. It returns false when the
// connection has ended.
func (p *Peer) answer(msg wamp.Message) bool {
	select {
	case p.answers <- msg:
		return true
	case <-p.closed:
		return false
	}
}

// drain takes what was about to be sent when the Peer was closed.
func (p *Peer) drain() {
	late := time.NewTimer(lateSend)
	defer late.Stop()
	for p.taken.Load() < p.sends.Load() {
		select {
		case msg := <-p.out:
			p.taken.Add(1)
			p.drop(msg)
		case <-late.C:
			return
		}
	}
}
