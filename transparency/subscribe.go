package transparency

import (
	"context"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Subscribe subscribes to the topic or topic pattern as client.Client.Subscribe
// does. fn gets events as they were published; [InfoFrom] tells from their
// Details what was proved. An event that is refused never reaches fn: see
// [WithOnReject] and [Session.Stats].
//
// fn runs in nexus's receive goroutine, one event at a time and in order, so it
// must not block. What was sealed is the handler's own to keep and change.
//
// Errors before anything is sent are of type [*Error]: WrongRole for a topic
// whose key can't open events (for a pattern that shows only when events come:
// see [WithOnReject]), Malformed for an unusable match option or pattern,
// ReservedOption, and TooLarge for what the router's RawSocket doesn't take.
func (s *Session) Subscribe(topic string, fn client.EventHandler, options wamp.Dict) error {
	const op = "subscribe"
	if err := checkOptions(op, topic, options); err != nil {
		return err
	}
	t, err := newTarget(op, topic, options, "topic")
	if err != nil {
		return err
	}
	if err := s.checkRole(op, t); err != nil {
		return err
	}
	err = s.ask(op, topic, options, func(options wamp.Dict) error {
		return s.client.Subscribe(topic, s.eventHandler(t, fn), options)
	})
	if err != nil {
		return err
	}
	if s.peer != nil {
		if id, ok := s.client.SubscriptionID(topic); ok {
			s.peer.Subscribed(id)
		}
	}
	return nil
}

// SubscribeChan subscribes as [Session.Subscribe] does and writes the events to
// a channel. As with client.Client.SubscribeChan, nothing else is received while
// the channel isn't read; [Session.Close] ends that wait.
func (s *Session) SubscribeChan(topic string, events chan<- *wamp.Event, options wamp.Dict) error {
	return s.Subscribe(topic, func(event *wamp.Event) {
		select {
		case events <- event:
		case <-s.closing:
		}
	}, options)
}

// SubscriptionID returns the id of the subscription to the topic.
func (s *Session) SubscriptionID(topic string) (subID wamp.ID, ok bool) {
	return s.client.SubscriptionID(topic)
}

// Unsubscribe ends the subscription to the topic.
func (s *Session) Unsubscribe(topic string) error { return s.client.Unsubscribe(topic) }

func (s *Session) eventHandler(t target, fn client.EventHandler) client.EventHandler {
	return func(event *wamp.Event) {
		open, err := s.receiveEvent(t, event)
		if err != nil {
			s.reject(err)
			return
		}
		fn(open)
	}
}

// receiveEvent returns the event to hand on: a new one, because local links
// share events between subscribers.
func (s *Session) receiveEvent(t target, event *wamp.Event) (*wamp.Event, *Error) {
	const op = "event"
	topic, ok := t.resolve(event.Details)
	if !ok {
		return nil, &Error{Op: op, URI: topic, Reason: WrongURI, Err: errOutsidePattern}
	}
	entry, keyed := s.ring.Lookup(topic)
	rules := func(f form) (action, Reason) {
		return decide(rowReceive, facts{
			keyed:        keyed,
			form:         f,
			required:     s.cfg.required,
			plainAllowed: s.cfg.allowsPlain(topic),
		})
	}
	opens := func(env *cryptobox.Envelope) (*opened, Reason, error) {
		in, reason, err := s.open(entry, keyring.RoleResponder, env)
		if reason == 0 {
			reason, err = s.verifyEvent(t, topic, entry, in, wamp.OptionFlag(event.Details, detailRetained))
		}
		return in, reason, err
	}
	part, reason, err := s.receive(&wire.Part{Dict: event.Details, Args: event.Arguments, Kwargs: event.ArgumentsKw}, rules, opens)
	if reason != 0 {
		return nil, &Error{Op: op, URI: topic, Reason: reason, Err: err}
	}
	t.tell(part.Dict, topic)
	received := *event
	received.Details, received.Arguments, received.ArgumentsKw = part.Dict, part.Args, part.Kwargs
	return &received, nil
}

func (s *Session) verifyEvent(t target, topic string, entry *keyring.Entry, in *opened, isRetained bool) (Reason, error) {
	return s.verify(context.Background(), entry, in, &expectation{
		uri:        topic,
		kind:       cryptobox.KindPublish,
		notFrom:    s.from,
		scope:      scope{s.memory, t.scope},
		retained:   t.retained,
		isRetained: isRetained,
		since:      t.since,
	})
}
