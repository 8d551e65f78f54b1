package keyservice

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Watcher keeps a Ring as a key service has it, until its context ends or it is closed. The Ring
// keeps what it had then, for as long as the grant says.
type Watcher struct {
	*member
	ring   *keyring.Ring
	cancel context.CancelFunc
	first  chan struct{}  // closed when the ring has keys
	done   chan struct{}  // closed when the watcher's goroutine has ended
	rest   sync.WaitGroup // of what else it has started

	hints      chan struct{}
	asked      chan chan<- error // by Fetch
	replies    chan reply
	subscribed chan error

	// Of the watcher's goroutine only.
	lent     lent
	heard    time.Time // when an answer was fresh, or the watching began
	schedule schedule
	told     told
	waiting  []chan<- error // for the next reply
	serving  []chan<- error // for the one that is under way

	mu      sync.Mutex
	stats   Stats
	unheard error // of the subscription's end
}

// Watch brings the Ring the member's keys, and from then on every change of them, as
// [keyring.Ring.Update] does with the service as the source: the Ring may have other patterns from
// elsewhere, which stay. It reserves the service's prefix in the Ring.
//
// It is back once the Ring has its first keys: those of the Cache, if they are good, else those
// that the server gives. Until then it tells OnError what is in the way, and tries again.
//
// The session may be any client. A [transparency.Session] takes the Ring; one that joins again
// after a lost connection is best. Closing the Watcher leaves it open.
//
// The error is an [*Error] that wraps [ErrConfig] or what Ring.Reserve says, or the cause of ctx's
// end and why there were no keys until then.
func Watch(ctx context.Context, session transparency.Client, ring *keyring.Ring, cfg Config) (*Watcher, error) {
	const op = "watch"
	m, err := newMember(session, cfg)
	if err == nil && ring == nil {
		err = fmt.Errorf("%w: no Ring: give the session's", ErrConfig)
	}
	if err == nil {
		err = ring.Reserve(m.Prefix)
	}
	if err != nil {
		return nil, &Error{op, err}
	}
	w := &Watcher{
		member: m, ring: ring, first: make(chan struct{}), done: make(chan struct{}),
		hints: make(chan struct{}, 1), asked: make(chan chan<- error), replies: make(chan reply, 1), subscribed: make(chan error, 1),
	}
	running, cancel := context.WithCancel(ctx)
	w.cancel = cancel
	go w.run(running)
	select {
	case <-w.first:
		return w, nil
	case <-w.done:
	}
	select {
	case <-w.first:
		return w, nil
	default:
	}
	err = context.Cause(ctx)
	if last := w.Stats().LastError; last != nil {
		err = fmt.Errorf("%w: %w", err, unwrapped(last))
	}
	return nil, &Error{op, err}
}

// Close ends the watching. It waits until no callback runs any more, and until the router has
// answered, or the client has given it up. It may be called again. The error is the client's, of
// ending the subscription.
func (w *Watcher) Close() error {
	w.cancel()
	<-w.done
	w.rest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return wrap("close", w.unheard)
}

// Fetch asks the server now, and waits until the Ring has what it gives. The error is an [*Error],
// of which OnError is told too.
func (w *Watcher) Fetch(ctx context.Context) error {
	told := make(chan error, 1)
	select {
	case w.asked <- told:
	case <-w.done:
		return &Error{"fetch", ErrClosed}
	case <-ctx.Done():
		return &Error{"fetch", context.Cause(ctx)}
	}
	select {
	case err := <-told:
		return err
	case <-w.done:
		return &Error{"fetch", ErrClosed}
	case <-ctx.Done():
		return &Error{"fetch", context.Cause(ctx)}
	}
}

// run waits for changes, answers and dates.
func (w *Watcher) run(ctx context.Context) {
	defer close(w.done)
	defer w.cancel()
	w.begin()
	w.rest.Go(func() { w.subscribe(ctx) })
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			w.relend()
		case <-w.hints:
			w.schedule.hasten()
		case err := <-w.subscribed:
			w.isSubscribed(err)
		case told := <-w.asked:
			w.waiting = append(w.waiting, told)
		case r := <-w.replies:
			w.replied(r)
			w.relend()
		}
		w.warn()
		if w.schedule.isDue() || len(w.waiting) > 0 && !w.schedule.asking {
			w.ask(ctx)
		}
		timer.Reset(w.pause())
	}
}

// begin takes what the cache has.
func (w *Watcher) begin() {
	w.schedule, w.heard = newSchedule(w.Every), time.Now()
	g, err := w.load()
	if err == nil && g != nil {
		if err = g.expired(w.proved.now()); err == nil {
			_, err = w.lend(g)
		}
		if err == nil {
			w.fails(&w.told.cache, "store", w.keep()) // what was cut off when the program ended
		}
		if err != nil {
			err = fmt.Errorf("%w isn't used: %w", ErrCache, err)
		}
	}
	if err != nil {
		w.tell(wrap("load", err))
	}
}

// ask asks in a goroutine of its own: a router may take its time.
func (w *Watcher) ask(ctx context.Context) {
	q, err := w.query()
	w.fails(&w.told.recipient, "change recipient", err)
	w.schedule.asks()
	w.serving, w.waiting = w.waiting, nil
	w.rest.Go(func() { w.replies <- q.ask(ctx) })
}

// replied takes what a server has said.
func (w *Watcher) replied(r reply) {
	err := r.err
	var g *granted
	if err == nil {
		g, err = w.verify(r.wire, &r.nonce)
	}
	isNew := false
	if err == nil {
		w.isFresh()
		isNew, err = w.take(g)
	}
	err = wrap("fetch", err)
	w.schedule.asked(err == nil, isNew, w.lent.grant != nil)
	w.answered(err)
	for _, told := range w.serving {
		told <- err
	}
	w.serving = nil
}

// take takes over what was verified, and tells whether its grant is new.
func (w *Watcher) take(g *granted) (isNew bool, err error) {
	if w.lent.grant.sameGrant(g) {
		w.held, w.lent.grant = g, g // later proofs are of the same grant
	} else {
		isNew = true
		err = w.change(g)
	}
	if err == nil {
		w.fails(&w.told.cache, "store", w.keep())
	}
	return isNew, err
}

// change puts a grant's keys on the Ring, and tells what that has changed.
func (w *Watcher) change(g *granted) error {
	isFirst := w.lent.grant == nil
	changes, err := w.lend(g)
	if err == nil {
		w.changed(changes, isFirst)
	}
	return err
}
