package transparency

import (
	"errors"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

var (
	errTestament      = errors.New("a testament is published by the router, which can't seal; publish it from a session that lives")
	errTestamentTopic = errors.New("the topic of a testament has to be a string or wamp.URI")
	errTestamentEvent = errors.New("for a validator the arguments of a testament have to be a wamp.List and a wamp.Dict")
)

const opTestament = "testament"

// checkTestament refuses a testament of a topic that has a key: the router
// would publish it in plain (specification, "Testament Meta API"). It also refuses an event that
// is invalid.
func (s *Session) checkTestament(procedure string, part *wire.Part) error {
	if procedure != string(wamp.MetaProcSessionAddTestament) {
		return nil
	}
	var named []any
	if len(part.Args) > 0 {
		named = append(named, part.Args[0])
	}
	if v, given := part.Kwargs["topic"]; given {
		named = append(named, v)
	}
	for _, v := range named {
		topic, ok := wamp.AsURI(v)
		if !ok {
			// A serializer may still make text of it.
			return &Error{Op: opTestament, Reason: Misuse, Err: errTestamentTopic}
		}
		_, f, closed := s.ask(string(topic), false)
		if action, reason := decide(rowTestament, f); action == refuse && closed == nil {
			return &Error{Op: opTestament, URI: string(topic), Reason: reason, Err: errTestament}
		} else if action == refuse {
			return newError(opTestament, string(topic), closed)
		}
		if err := s.validateTestament(string(topic), part); err != nil {
			return err
		}
	}
	return nil
}

// validateTestament refuses one whose event is invalid.
func (s *Session) validateTestament(topic string, part *wire.Part) error {
	if s.cfg.validator == nil {
		return nil
	}
	event, ok := testamentEvent(part)
	if !ok {
		return &Error{Op: opTestament, URI: topic, Reason: Misuse, Err: errTestamentEvent}
	}
	return s.validateOwn(false, opTestament, cryptobox.KindPublish, topic, event, false)
}

// testamentEvent is the payload that the router is to publish.
func testamentEvent(part *wire.Part) (event *wire.Part, ok bool) {
	args, kwargs := part.Kwargs["args"], part.Kwargs["kwargs"]
	if len(part.Args) > 1 {
		args = part.Args[1]
	}
	if len(part.Args) > 2 {
		kwargs = part.Args[2]
	}
	event = new(wire.Part)
	if event.Args, ok = wamp.AsList(args); args != nil && !ok {
		return nil, false
	}
	event.Kwargs, ok = wamp.AsDict(kwargs)
	return event, ok || kwargs == nil
}
