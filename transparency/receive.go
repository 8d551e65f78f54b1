package transparency

import (
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// take looks for an envelope in a message part.
func (s *Session) take(part *wire.Part) (*cryptobox.Envelope, form, error) {
	env, err := s.carrier.take(part)
	switch {
	case err != nil:
		return nil, formParts, err
	case env == nil:
		return nil, formPlain, nil
	}
	return env, formSealed, nil
}

// receive returns the part to hand on in place of one that came in: opened, or
// plain where the rules let it pass. It returns a new one, because local links
// share what they carry.
func (s *Session) receive(part *wire.Part, rules func(form) (action, Reason), opens func(*cryptobox.Envelope) (*opened, Reason, error)) (*wire.Part, Reason, error) {
	env, form, cause := s.take(part)
	action, reason := rules(form)
	switch action {
	case passPlain:
		return &wire.Part{Dict: cleanDetails(part.Dict), Args: part.Args, Kwargs: part.Kwargs}, 0, nil
	case open:
		in, reason, err := opens(env)
		if reason != 0 {
			return nil, reason, err
		}
		return &wire.Part{Dict: provedDetails(part.Dict, in.info), Args: in.record.Args, Kwargs: in.record.Kwargs}, 0, nil
	}
	return nil, reason, cause
}
