package hostile

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// script is what a callee is to do with a payload.
type script struct {
	progress int  // to send first
	fails    bool // answers with an error
	slow     bool // waits until it is cancelled
	asks     bool // calls the router first
}

func (s script) String() string {
	return fmt.Sprintf("%d %t %t %t", s.progress, s.fails, s.slow, s.asks)
}

// slowness is how long a slow handler waits to be cancelled.
const slowness = 100 * time.Millisecond

// question is what handlers ask the router. It always answers: who waits for that has
// to go on.
const question = "wamp.session.count"

func (w *world) eventHandler(l *life, t *target) client.EventHandler {
	return func(ev *wamp.Event) { w.ledger.event(l, t, ev) }
}

func (w *world) invocationHandler(l *life, t *target) client.InvocationHandler {
	return func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		e, s := w.ledger.invocation(l, t, inv)
		if e == nil {
			return client.InvokeResult{Args: wamp.List{"plain"}}
		}
		if s.script.asks {
			_, err := l.session.Call(ctx, question, nil, nil, nil, nil)
			if ctx.Err() == nil { // the caller waits
				w.mustBe(err, "%v can't ask", l)
			}
		}
		if !w.sendProgress(ctx, e, s.script.progress) {
			return w.answer(e, true)
		}
		if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
			return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
		}
		if s.script.slow {
			select {
			case <-ctx.Done():
				return w.answer(e, true)
			case <-time.After(slowness):
			}
		}
		return w.answer(e, s.script.fails)
	}
}

// sendProgress sends progressive results. It returns false if it can't.
func (w *world) sendProgress(ctx context.Context, e *execution, n int) bool {
	for range n {
		s := w.ledger.send(&sent{kind: cryptobox.KindProgress, uri: e.procedure, from: e.life, answer: e, index: e.progress})
		if err := e.life.session.SendProgress(ctx, s.args, s.kwargs); err != nil {
			w.ledger.mu.Lock()
			w.ledger.typed("progress", e.life, err)
			w.ledger.mu.Unlock()
			return false
		}
		w.ledger.sealed(s)
		e.progress++
	}
	return true
}

func (w *world) answer(e *execution, fails bool) client.InvokeResult {
	s := &sent{kind: cryptobox.KindResult, uri: e.procedure, from: e.life, answer: e, index: e.progress}
	if fails {
		s.kind, s.uri = cryptobox.KindError, w.uri("error")
		if s.index%2 == 1 {
			s.uri = w.keyedError(e.procedure)
		}
	}
	w.ledger.send(s)
	result := client.InvokeResult{Args: s.args, Kwargs: s.kwargs}
	if fails {
		result.Err = wamp.URI(s.uri)
	}
	return result
}

// keyedError is an error URI with a key. In foreign dialects that key seals the error, and who
// calls procedures below b. holds the wrong half of the one for a.
func (w *world) keyedError(procedure string) string {
	if w.honest && strings.HasPrefix(procedure, w.uri("b.")) {
		return w.uri("b.error")
	}
	return w.uri("a.error")
}

// wish is something that an actor may subscribe to or register.
type wish struct {
	actor, uri string
	match      keyring.Match
}

// subscriptions that actors may have.
var subscriptions = []wish{
	{"caller", "b.x", keyring.MatchExact},
	{"caller", ".x", keyring.MatchWildcard},
	{"other", "b.", keyring.MatchPrefix},
	{"callee", "a.x", keyring.MatchExact},
	{"callee", "a.", keyring.MatchPrefix},
	{"callee", ".x", keyring.MatchWildcard},
	{"second", "a.x", keyring.MatchExact},
	{"second", "a.y", keyring.MatchExact},
	{"second", "plain.deep.x", keyring.MatchExact},
	{"far", "a.", keyring.MatchPrefix},
	{"far", "b.x", keyring.MatchExact},
}

// registrations that actors may have.
var registrations = []wish{
	{"caller", "b.x", keyring.MatchExact},
	{"other", "b.y", keyring.MatchExact},
	{"callee", "a.x", keyring.MatchExact},
	{"callee", "a.y", keyring.MatchExact},
	{"second", "a.x", keyring.MatchExact},
	{"second", "a.", keyring.MatchPrefix},
	{"second", "plain.deep.x", keyring.MatchExact},
	{"far", "a.x", keyring.MatchExact},
	{"far", "b.x", keyring.MatchExact},
}

func (w *world) subscribe(l *life, uri string, match keyring.Match) {
	if !w.secret.IsZero() && match == keyring.MatchWildcard {
		return // it matches URIs below a scrambled prefix and others
	}
	t := &target{pattern: keyring.Pattern{URI: w.uri(uri), Match: match}, asked: time.Now()}
	err := l.session.Subscribe(t.pattern.URI, w.eventHandler(l, t), wamp.Dict{"match": match.String()})
	if err == nil {
		l.subscriptions[uri] = t
	}
	w.mustBe(err, "%v can't subscribe to %s", l, uri)
}

func (w *world) register(l *life, uri string, match keyring.Match) {
	t := &target{pattern: keyring.Pattern{URI: w.uri(uri), Match: match}, asked: time.Now()}
	options := wamp.Dict{"match": match.String(), "invoke": "roundrobin"}
	err := l.session.Register(t.pattern.URI, w.invocationHandler(l, t), options)
	if err == nil {
		l.registrations[uri] = t
	}
	w.mustBe(err, "%v can't register %s", l, uri)
}

func (w *world) unsubscribe(l *life, uri string) {
	err := l.session.Unsubscribe(w.uri(uri))
	delete(l.subscriptions, uri)
	w.mustBe(err, "%v can't unsubscribe from %s", l, uri)
}

func (w *world) unregister(l *life, uri string) {
	err := l.session.Unregister(w.uri(uri))
	delete(l.registrations, uri)
	w.mustBe(err, "%v can't unregister %s", l, uri)
}

// mustBe fails an honest conversation for an error.
func (w *world) mustBe(err error, format string, args ...any) {
	if err != nil && w.honest {
		w.ledger.violated("%s: %v", fmt.Sprintf(format, args...), err)
	}
}

// settle gives an actor's new Session all that it may have.
func (w *world) settle(a *actor) {
	for _, s := range subscriptions {
		if s.actor == a.name {
			w.subscribe(a.life, s.uri, s.match)
		}
	}
	for _, r := range registrations {
		if r.actor == a.name {
			w.register(a.life, r.uri, r.match)
		}
	}
}
