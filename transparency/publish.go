package transparency

import (
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Publish publishes an event as client.Client.Publish does: sealed where the ring has a key
// for the topic, plain where the ring declares it plain, or has it in a transition with
// [keyring.SendPlain]. options, args and kwargs are not changed.
//
// Errors before anything is sent are of type [*Error]: WrongRole, Unsealable, Misuse
// (an empty URI), NotCarried, TooLarge (also for what the router's RawSocket doesn't take),
// ReservedOption, Invalid, and NoKey for a topic of which the ring says
// nothing, or whose key doesn't seal now.
func (s *Session) Publish(topic string, options wamp.Dict, args wamp.List, kwargs wamp.Dict) error {
	options, past, err := passesBy(opPublish, topic, options)
	if err != nil {
		return err
	}
	part := partOf(options, args, kwargs)
	version, err := s.preparePublish(topic, part, past)
	if err != nil {
		return err
	}
	if version != nil {
		if err := s.settle(opPublish, topic, part); err != nil {
			return err
		}
	}
	if err := s.validateOwn(past, opPublish, cryptobox.KindPublish, topic, part, false); err != nil {
		return err
	}
	var sent func()
	if version != nil {
		numbered := s.number(topic, version, part.Dict)
		defer numbered.done(false)
		err = s.seal(opPublish, topic, version, part, &outgoing{head: cryptobox.Head{
			Kind:       cryptobox.KindPublish,
			Unnumbered: numbered.count == nil,
			Seq:        numbered.seq,
			Self:       wantsOwnEvents(part.Dict),
			Keep:       wamp.OptionFlag(part.Dict, optRetain),
		}})
		if err != nil {
			return err
		}
		sent = func() { numbered.done(true) }
	}
	form, err := s.forms.Send(topic) // not before: what is above may take its time
	if err != nil {
		return formError(opPublish, topic, err)
	}
	return sendError(opPublish, topic, s.transport.now().Publish(form.URI(topic), part, sent))
}

const opPublish = "publish"

// preparePublish returns the version to seal with; nil to send plain.
func (s *Session) preparePublish(topic string, part *wire.Part, past bool) (*keyring.Version, error) {
	if err := checkURI(opPublish, topic); err != nil {
		return nil, err
	}
	if err := checkOptions(opPublish, topic, part.Dict); err != nil {
		return nil, err
	}
	entry, f, closed := s.ask(topic, past)
	action, reason := decide(rowSend, f)
	switch action {
	case passPlain:
		s.notePlain(entry)
		_, err := plain(opPublish, topic, part)
		return nil, err
	case seal:
		version, err := entry.Sealer(keyring.RoleOriginator)
		if err != nil {
			return nil, newError(opPublish, topic, err)
		}
		return version, nil
	}
	return nil, denied(opPublish, topic, reason, closed)
}

const optRetain = "retain"

// wantsOwnEvents reports whether the publisher asks for its own event
// (specification, "Publisher Exclusion").
func wantsOwnEvents(options wamp.Dict) bool {
	exclude, given := options[wamp.OptExcludeMe].(bool)
	return given && !exclude
}
