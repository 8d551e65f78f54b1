package hostile

import (
	"context"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"pgregory.net/rapid"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

var uris = []string{"a.x", "a.y", "a.z", "b.x", "b.y"}

// someone draws an actor that can publish and call there.
func (w *world) someone(t *rapid.T, uri string) *actor {
	if uri[0] == 'b' || uri[0] == 'p' {
		return rapid.SampledFrom(w.actors).Draw(t, "actor")
	}
	return rapid.SampledFrom(w.actors[:2]).Draw(t, "actor")
}

func (w *world) publish(t *rapid.T) {
	uri := rapid.SampledFrom(uris).Draw(t, "topic")
	w.publishes(t, w.someone(t, uri), uri)
}

// echoes publishes what comes back to its publisher.
func (w *world) echoes(t *rapid.T) {
	w.publishes(t, rapid.SampledFrom(w.actors[:2]).Draw(t, "actor"), "b.x", &order{at: wamp.PUBLISH, name: "mirror", n: 1, m: 1})
}

func (w *world) publishes(t *rapid.T, a *actor, uri string, more ...*order) {
	options := wamp.Dict{}
	s := &sent{kind: cryptobox.KindPublish, uri: w.uri(uri), from: a.life}
	if rapid.Bool().Draw(t, "exclude_me false") {
		options["exclude_me"], s.self = false, true
	}
	if rapid.IntRange(0, 3).Draw(t, "acknowledge") == 3 {
		options["acknowledge"] = true
	}
	w.adversary.order(t, wamp.PUBLISH, wamp.EVENT, wamp.PUBLISHED)
	for _, o := range more {
		w.adversary.add(o)
	}
	w.ledger.send(s)
	err := a.life.session.Publish(s.uri, options, s.args, s.kwargs)
	w.ledger.sealed(s)
	w.mustBe(err, "%v can't publish to %s", a.life, uri)
	w.barrier(a)
	if w.honest {
		w.mustArrive(s)
	}
}

// mustArrive checks that every subscriber has got the event once for each pattern.
func (w *world) mustArrive(s *sent) {
	want := 0
	for _, a := range w.actors {
		for _, t := range a.life.subscriptions {
			if a.realm == s.from.actor.realm && (a.life != s.from || s.self) && t.pattern.Matches(s.uri) && w.canOpen(a, s.uri) {
				want++
			}
		}
	}
	w.ledger.mu.Lock()
	defer w.ledger.mu.Unlock()
	if s.arrived != want {
		w.ledger.fail("event %d of %s arrived %d times, not %d", s.id, s.uri, s.arrived, want)
	}
}

func (w *world) canOpen(a *actor, uri string) bool {
	return a.role == responder || uri[len(w.base)] == 'b'
}

// placed is a call that was drawn.
type placed struct {
	call     *call
	scripts  []script // for each chunk
	progress bool
	cancel   time.Duration // when to give up; 0 for not before the bound
}

func (w *world) draw(t *rapid.T, chunks int) *placed {
	return w.drawFrom(t, append([]string{"plain.deep.x"}, uris...), chunks)
}

func (w *world) drawFrom(t *rapid.T, names []string, chunks int) *placed {
	uri := rapid.SampledFrom(names).Draw(t, "procedure")
	a := w.someone(t, uri)
	p := &placed{call: &call{caller: a.life, procedure: w.uri(uri), chunks: chunks}, progress: rapid.Bool().Draw(t, "takes progress")}
	for i := range chunks {
		s := script{asks: rapid.IntRange(0, 3).Draw(t, "asks") == 3}
		if p.progress {
			s.progress = rapid.IntRange(0, 3).Draw(t, "progress")
		}
		s.fails = i == chunks-1 && rapid.IntRange(0, 3).Draw(t, "fails") == 3
		p.scripts = append(p.scripts, s)
	}
	return p
}

// callTypes are the messages of a call, in the order of their way.
var callTypes = []wamp.MessageType{wamp.CALL, wamp.INVOCATION, wamp.YIELD, wamp.RESULT, wamp.ERROR}

// calls makes one call, or two at a time.
func (w *world) calls(t *rapid.T) {
	n := rapid.IntRange(1, 2).Draw(t, "calls")
	var all []*placed
	for range n {
		chunks := rapid.SampledFrom([]int{1, 1, 1, 2, 4}).Draw(t, "chunks")
		all = append(all, w.draw(t, chunks))
	}
	w.adversary.order(t, callTypes...)
	w.run(all...)
}

// steals makes a call with progress, and has two callees serve it.
func (w *world) steals(t *rapid.T) {
	p := w.drawFrom(t, []string{"a.x"}, rapid.SampledFrom([]int{1, 1, 2}).Draw(t, "chunks"))
	p.progress = true
	for i := range p.scripts {
		p.scripts[i].progress = rapid.IntRange(0, 3).Draw(t, "progress")
	}
	w.adversary.rest(false)
	w.adversary.add(&order{at: wamp.INVOCATION, name: "two callees", n: w.adversary.drawn(t).n, m: rapid.IntRange(0, 3).Draw(t, "cut")})
	w.run(p)
}

// cancels makes a call and gives up.
func (w *world) cancels(t *rapid.T) {
	p := w.draw(t, 1)
	p.scripts[0].slow = true
	p.cancel = time.Duration(rapid.IntRange(0, 10).Draw(t, "milliseconds")) * time.Millisecond
	w.adversary.order(t, append([]wamp.MessageType{wamp.CANCEL, wamp.INTERRUPT}, callTypes...)...)
	w.run(p)
}

// run makes calls, and waits for them to return.
func (w *world) run(all ...*placed) {
	limit := patience
	switch {
	case w.adversary.busy():
		limit = 80 * time.Millisecond
	case !w.honest:
		limit = 400 * time.Millisecond
	}
	returned := make(chan *placed, len(all))
	for _, p := range all {
		go func() {
			w.perform(p, limit)
			returned <- p
		}()
	}
	late := time.NewTimer(limit + w.responseTimeout() + patience)
	defer late.Stop()
	for range all {
		select {
		case <-returned:
		case <-late.C:
			w.ledger.violated("a call of %v doesn't return", all[0].call.caller)
			w.ledger.dump()
			return
		}
	}
	w.barrier(nil)
}

func (w *world) perform(p *placed, limit time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if p.cancel > 0 {
		defer time.AfterFunc(p.cancel, cancel).Stop()
	}
	var progress client.ProgressHandler
	received := 0
	if p.progress {
		progress = func(result *wamp.Result) {
			received++
			w.ledger.progress(p.call, result)
		}
	}
	result, err := w.call(ctx, p, progress)
	w.ledger.returned(p.call, result, err)
	if w.honest && p.cancel == 0 && w.keyed(p.call.procedure) {
		w.mustReturn(p, received, err)
	}
}

// mustReturn checks that all answers of an honest call came.
func (w *world) mustReturn(p *placed, progress int, err error) {
	served := false
	for _, a := range w.actors {
		for _, t := range a.life.registrations {
			served = served || a.realm == p.call.caller.actor.realm && t.pattern.Matches(p.call.procedure)
		}
	}
	w.ledger.mu.Lock()
	defer w.ledger.mu.Unlock()
	if !served {
		return
	}
	want := 0
	for _, s := range p.scripts {
		want += s.progress
	}
	if !p.call.done || progress != want {
		w.ledger.fail("a call of %s by %v brought %d of %d progress, and %v", p.call.procedure, p.call.caller, progress, want, err)
	}
}

func (w *world) call(ctx context.Context, p *placed, progress client.ProgressHandler) (*wamp.Result, error) {
	c, session := p.call, p.call.caller.session
	chunk := func(i int) *sent {
		s := &sent{kind: cryptobox.KindCall, uri: c.procedure, from: c.caller, call: c, index: i, script: p.scripts[i]}
		if i < c.chunks-1 {
			s.kind = cryptobox.KindCallProgress
		}
		return w.ledger.send(s)
	}
	if c.chunks == 1 {
		s := chunk(0)
		defer w.ledger.sealed(s)
		return session.Call(ctx, c.procedure, nil, s.args, s.kwargs, progress)
	}
	i := 0
	return session.CallProgressive(ctx, c.procedure, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		s := chunk(i)
		i++
		return wamp.Dict{wamp.OptProgress: i < c.chunks}, s.args, s.kwargs, nil
	}, progress)
}

// reconnects gives an actor a new Session.
func (w *world) reconnects(t *rapid.T) {
	a := rapid.SampledFrom(w.actors).Draw(t, "actor")
	keep := rapid.Bool().Draw(t, "keeps its memory")
	if w.honest { // nexus forgets registrations some time after a session has ended
		for uri := range a.life.registrations {
			w.unregister(a.life, uri)
		}
	}
	w.renew(a, keep)
}

// returns gives an actor a new Session, and replays to it and the others.
func (w *world) returns(t *rapid.T) {
	w.reconnects(t)
	w.replays(t)
}

func (w *world) renew(a *actor, keep bool) {
	w.leave(a.life)
	time.Sleep(skew + 5*time.Millisecond) // what comes from before is too old now
	w.connect(a, keep)
	w.settle(a)
}

// toggles begins or ends a subscription or registration.
func (w *world) toggles(t *rapid.T) {
	all := append(append([]wish(nil), subscriptions...), registrations...)
	i := rapid.IntRange(0, len(all)-1).Draw(t, "which")
	wish := all[i]
	l := w.named(wish.actor).life
	w.adversary.order(t, wamp.SUBSCRIBED, wamp.UNSUBSCRIBED, wamp.REGISTERED, wamp.UNREGISTERED)
	_, subscribed := l.subscriptions[wish.uri]
	_, registered := l.registrations[wish.uri]
	switch subscription := i < len(subscriptions); {
	case subscription && subscribed:
		w.unsubscribe(l, wish.uri)
	case subscription:
		w.subscribe(l, wish.uri, wish.match)
	case registered:
		w.unregister(l, wish.uri)
	default:
		w.register(l, wish.uri, wish.match)
	}
	w.barrier(nil)
}
