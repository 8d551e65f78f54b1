package hostile

import (
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"pgregory.net/rapid"
)

// pauses sends what arrives when it is too old.
func (w *world) pauses(t *rapid.T) {
	o := &order{at: wamp.EVENT, name: "delay"}
	if rapid.Bool().Draw(t, "call") {
		p := w.draw(t, 1)
		o.at = wamp.INVOCATION
		w.adversary.order(t, callTypes...)
		w.adversary.add(o)
		w.run(p)
	} else {
		w.toSubscribers(t, o)
	}
	time.Sleep(shortAge + ageSlack + skew)
	w.adversary.rest(true)
	w.barrier(nil)
}

// toSubscribers publishes to a topic that many subscribe to, with one thing done.
func (w *world) toSubscribers(t *rapid.T, o *order) {
	a := rapid.SampledFrom(w.actors[:2]).Draw(t, "actor")
	w.publishes(t, a, rapid.SampledFrom([]string{"a.x", "b.x"}).Draw(t, "topic"), o)
}

// absents publishes or calls while somebody isn't subscribed or registered there, and
// replays that when it is again.
func (w *world) absents(t *rapid.T) {
	calls := rapid.Bool().Draw(t, "call")
	list := subscriptions
	if calls {
		list = registrations
	}
	wish := rapid.SampledFrom(list).Draw(t, "who")
	l := w.named(wish.actor).life
	if _, is := l.subscriptions[wish.uri]; is && !calls {
		w.unsubscribe(l, wish.uri)
	}
	if _, is := l.registrations[wish.uri]; is && calls {
		w.unregister(l, wish.uri)
	}
	if calls {
		w.run(w.draw(t, 1))
	} else {
		w.toSubscribers(t, nil)
	}
	time.Sleep(skew + 5*time.Millisecond)
	if calls {
		w.register(l, wish.uri, wish.match)
	} else {
		w.subscribe(l, wish.uri, wish.match)
	}
	w.barrier(nil)
	w.replays(t)
}

func (w *world) named(name string) *actor {
	for _, a := range w.actors {
		if a.name == name {
			return a
		}
	}
	return w.actors[0]
}
