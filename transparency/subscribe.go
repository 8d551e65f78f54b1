package transparency

import (
	"context"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
)

// Subscribe subscribes to the topic or topic pattern as client.Client.Subscribe
// does. fn gets events as they were published; [InfoFrom] tells from their
// Details what was proved. An event that is refused never reaches fn: see
// [WithOnReject] and [Session.Stats].
//
// fn is called with one event at a time, in order, in a goroutine of the Session for all its
// subscriptions. It may use the Session. While it blocks, no other event is handed on; when
// its queue is full, the router waits. (After [Wrap] it runs in nexus's receive goroutine and
// must not block at all.) The handler may keep and change what was sealed.
//
// Errors before anything is sent are of type [*Error]: NoKey for a topic of which the ring
// says nothing, a pattern that nothing on the ring matches, or a key that is revoked or
// expired; Misuse for a pattern that both keyed and plain topics match, for an unusable match
// option or pattern, and for a handler that is nil; WrongRole for a topic whose key can't
// open events (for a pattern that shows only when events come: see [WithOnReject]);
// NotCarried, ReservedOption, and TooLarge for what the router's RawSocket doesn't take.
func (s *Session) Subscribe(topic string, fn nexus.EventHandler, options wamp.Dict) error {
	if fn == nil {
		return &Error{Op: opSubscribe, URI: topic, Reason: Misuse, Err: errNoHandler}
	}
	t, err := s.newTarget(opSubscribe, topic, options, "topic")
	if err != nil {
		return err
	}
	return sendError(opSubscribe, topic, s.establish(opSubscribe, request{target: t, end: s.transport.Unsubscribe, begin: func(t target) error {
		return s.transport.Subscribe(t.routed.URI, t.options, func() client.EventHandler {
			return s.eventHandler(t.askedAt(s.cfg.clock()), fn)
		})
	}}))
}

const opSubscribe = "subscribe"

// SubscribeChan subscribes as [Session.Subscribe] does and writes the events to
// a channel. No other event is handed on while the channel isn't read;
// [Session.Close] ends that wait.
func (s *Session) SubscribeChan(topic string, events chan<- *wamp.Event, options wamp.Dict) error {
	if events == nil {
		return &Error{Op: opSubscribe, URI: topic, Reason: Misuse, Err: errNoHandler}
	}
	return s.Subscribe(topic, func(event *wamp.Event) {
		select {
		case events <- event:
		case <-s.life.Done():
		}
	}, options)
}

// SubscriptionID returns the id of the subscription to the topic.
func (s *Session) SubscriptionID(topic string) (subID wamp.ID, ok bool) {
	return s.idOf(opSubscribe, topic, s.transport.now().SubscriptionID)
}

// Unsubscribe ends the subscription to the topic.
func (s *Session) Unsubscribe(topic string) error {
	return s.withdraw(opSubscribe, topic, s.transport.Unsubscribe)
}

func (s *Session) eventHandler(t target, fn nexus.EventHandler) client.EventHandler {
	return func(e *client.Event) {
		const op = "event"
		topic, ok := t.resolve(e.Details)
		if !ok {
			s.reject(&Error{Op: op, URI: topic, Reason: WrongURI, Err: errOutsidePattern})
			return
		}
		l := lookAt(&e.Received)
		topic, err := s.receiveEvent(t, topic, &e.Received)
		if err != nil {
			refused := newError(op, topic, err)
			refused.countOpened(e.Details)
			refused.From = originOf(&l, e.Subscription, e.Details, "publisher")
			s.reject(refused)
			return
		}
		t.setURI(e.Details, topic)
		fn(&wamp.Event{
			Subscription: e.Subscription, Publication: e.Publication,
			Details: e.Details, Arguments: e.Args, ArgumentsKw: e.Kwargs,
		})
	}
}

// receiveEvent puts into r what is to be handed on, and returns the topic.
func (s *Session) receiveEvent(t target, topic string, r *client.Received) (string, error) {
	m := s.askAbout(t, topic)
	m.facts.form = formOf(r)
	action, reason := decide(rowReceive, m.facts)
	switch action {
	case passPlain:
		s.notePlain(m.entry)
		r.Details = cleanDetails(r.Details)
	case open:
		in, revealed, err := s.openAbout(&t, &m, r)
		if topic = revealed; err != nil {
			return topic, err
		}
		err = s.verify(context.Background(), in, &expectation{
			uri:        topic,
			kind:       cryptobox.KindPublish,
			notFrom:    s.from,
			memory:     s.memory,
			scope:      t.scope,
			retained:   t.retained,
			isRetained: wamp.OptionFlag(r.Details, detailRetained),
			since:      t.since,
		})
		if err != nil {
			in.record.Release()
			return topic, err
		}
		in.info.Missed = s.missed(t, topic, in)
		in.handTo(r)
	default:
		return topic, refused(reason, m.closed, r)
	}
	return topic, s.validate(t.past, cryptobox.KindPublish, topic, r.Args, r.Kwargs)
}
