package hostile

import (
	"os"
	"runtime/pprof"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
)

// listen has a Session hear what it publishes to itself: when it does, all that was
// on its way to it has been handled.
func (w *world) listen(l *life) error {
	return l.session.Subscribe(w.barrierOf(l), func(ev *wamp.Event) {
		if len(ev.Arguments) == 1 {
			n, _ := wamp.AsInt64(ev.Arguments[0])
			l.heard <- n
		}
	}, nil)
}

func (w *world) barrierOf(l *life) string { return w.uri("barrier.deep." + l.name) }

// barrier returns when all events that were published before have been handled, by the
// actor first, whose events have reached the router then.
func (w *world) barrier(first *actor) {
	if first != nil {
		w.pass(first.life)
	}
	for _, a := range w.actors {
		w.pass(a.life)
	}
}

// pass returns when the Session has heard what it publishes to itself. One that is
// connected has to.
func (w *world) pass(l *life) {
	n := w.ids.Add(1)
	if err := l.session.Publish(w.barrierOf(l), wamp.Dict{"exclude_me": false}, wamp.List{n}, nil); err != nil {
		return
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		select {
		case heard := <-l.heard:
			if heard == n {
				return
			}
		case <-l.session.Done():
			return
		case <-late.C:
			w.ledger.violated("%v is connected and hears nothing", l)
			w.ledger.dump()
			return
		}
	}
}

// dump writes what all goroutines do, the first time that somebody hangs.
func (l *ledger) dump() {
	l.dumped.Do(func() { _ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 2) })
}
