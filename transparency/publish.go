package transparency

import (
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Publish publishes an event as client.Client.Publish does, sealed where the
// ring has a key for the topic. options, args and kwargs are not changed.
//
// Errors before anything is sent are of type [*Error]: WrongRole, Malformed (a
// value that can't be sealed, an empty URI), TooLarge (also for what the router's
// RawSocket doesn't take), ReservedOption, and NoKey under [WithEncryptionRequired].
func (s *Session) Publish(topic string, options wamp.Dict, args wamp.List, kwargs wamp.Dict) error {
	part, err := s.preparePublish(topic, payload{options, args, kwargs})
	if err != nil {
		return err
	}
	return sendError(opPublish, topic, s.transport.now().Publish(topic, part))
}

const opPublish = "publish"

func (s *Session) preparePublish(topic string, p payload) (*wire.Part, error) {
	const op = opPublish
	if err := checkURI(op, topic); err != nil {
		return nil, err
	}
	if err := checkOptions(op, topic, p.options); err != nil {
		return nil, err
	}
	entry, keyed := s.ring.Lookup(topic)
	action, reason := decide(rowSend, facts{keyed: keyed, required: s.cfg.required})
	switch action {
	case passPlain:
		return p.plain(op, topic)
	case seal:
		part, _, err := s.seal(op, topic, entry, keyring.RoleOriginator, p, &cryptobox.Bind{
			Kind: cryptobox.KindPublish,
			Self: wantsOwnEvents(p.options),
			Keep: wamp.OptionFlag(p.options, optRetain),
		})
		return part, err
	}
	return nil, &Error{Op: op, URI: topic, Reason: reason}
}

// optRetain asks the broker to keep an event for later subscribers (WAMP
// specification, "Event Retention").
const optRetain = "retain"

// wantsOwnEvents reports whether the publisher asks for its own event
// (specification, "Publisher Exclusion").
func wantsOwnEvents(options wamp.Dict) bool {
	exclude, given := options[wamp.OptExcludeMe].(bool)
	return given && !exclude
}
