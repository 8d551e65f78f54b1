package transparency

import (
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

var (
	errReservedOption   = errors.New("options that begin with enc_ or ppt_ belong to the framing; leave them out")
	errEmptyURI         = errors.New("the URI is empty")
	errReservedArgument = errors.New("a keyword argument named " + wire.EncName + " would read as part of an envelope; rename it")
)

// partOf is what an application gives a verb to send. The options are copied: a transport
// writes into what it is given.
func partOf(options wamp.Dict, args wamp.List, kwargs wamp.Dict) *wire.Part {
	return &wire.Part{Dict: maps.Clone(options), Args: args, Kwargs: kwargs}
}

// checkURI refuses the empty URI: it is never keyed, and an unset variable must
// not send in plain what a default key would have sealed.
func checkURI(op, uri string) error {
	if uri == "" {
		return &Error{Op: op, Reason: Malformed, Err: errEmptyURI}
	}
	return nil
}

func checkOptions(op, uri string, options wamp.Dict) error {
	if _, found := wire.ReservedIn(options); found {
		return &Error{Op: op, URI: uri, Reason: ReservedOption, Err: errReservedOption}
	}
	return nil
}

// plain is part to be sent as it is. It refuses a payload that its receiver would take for
// parts of an envelope.
func plain(op, uri string, part *wire.Part) (*wire.Part, error) {
	if _, found := part.Kwargs[wire.EncName]; found {
		return nil, &Error{Op: op, URI: uri, Reason: ReservedOption, Err: errReservedArgument}
	}
	return part, nil
}

// seal seals the payload of part for uri, and returns part and the token by which answers
// refer to it. entry is the key of the exchange; of bind, what every message has is filled
// in here.
func (s *Session) seal(op, uri string, entry *keyring.Entry, role keyring.Role, part *wire.Part, bind *cryptobox.Bind) (*wire.Part, cryptobox.Token, error) {
	token, err := s.sealPart(uri, entry, role, part, bind)
	if err != nil {
		return nil, cryptobox.Token{}, &Error{Op: op, URI: uri, Reason: reasonOf(err), Err: err}
	}
	s.counters.sealed.Add(1)
	return part, token, nil
}

func (s *Session) sealPart(uri string, entry *keyring.Entry, role keyring.Role, part *wire.Part, bind *cryptobox.Bind) (cryptobox.Token, error) {
	version, err := entry.Sealer(role)
	if err != nil {
		return cryptobox.Token{}, fmt.Errorf("%w: to seal here, the key has to hold the %s's private half", err, role)
	}
	bind.Realm = s.realm
	bind.From = s.from
	bind.N = s.sent.Add(1)
	bind.TS = time.Now().UnixMilli()
	if bind.Kind == cryptobox.KindProgress && entry.Unbound() {
		presentPayload(part)
	}
	record := cryptobox.NewRecord(uri, part.Args, part.Kwargs, bind)
	record.Pad = s.cfg.pad
	env, token, err := cryptobox.Seal(version.Cipher(), s.cfg.serializer, version.ID(), record)
	if err == nil {
		err = s.transport.now().Put(part, env)
	}
	return token, err
}

// presentPayload gives part a list and a map where it has none: Autobahn fails to take progress
// that holds null.
func presentPayload(part *wire.Part) {
	if part.Args == nil {
		part.Args = wamp.List{}
	}
	if part.Kwargs == nil {
		part.Kwargs = wamp.Dict{}
	}
}

// sendError is what an application gets where a transport didn't send something.
func sendError(op, uri string, err error) error {
	if err != nil && errors.Is(err, link.ErrUnsendable) {
		return &Error{Op: op, URI: uri, Reason: reasonOf(err), Err: err}
	}
	return err
}
