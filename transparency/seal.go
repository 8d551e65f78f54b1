package transparency

import (
	"errors"
	"maps"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

var (
	errNoHandler        = errors.New("the handler or channel is nil")
	errReservedOption   = errors.New("options that begin with enc_ or ppt_ belong to sealed payloads; leave them out")
	errEmptyURI         = errors.New("the URI is empty")
	errReservedArgument = errors.New("a keyword argument named " + wire.EncName + " would read as a sealed payload; rename it")
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
		return &Error{Op: op, Reason: Misuse, Err: errEmptyURI}
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

// outgoing is what a sealed payload says of its place, and what is known of it once it is
// sealed. In the dialects that aren't ours, nothing of that is said.
type outgoing struct {
	head     cryptobox.Head     // what every message has is filled in by sealing
	exchange cryptobox.Exchange // that it goes on with, or has begun once it is sealed
	token    cryptobox.Token    // by which answers refer to it
	ref      cryptobox.Ref
}

// seal seals the payload of part for uri. version is the key of the exchange.
func (s *Session) seal(op, uri string, version *keyring.Version, part *wire.Part, out *outgoing) error {
	at, err := s.sealPart(uri, version, part, out)
	if err != nil {
		return unsealed(op, uri, err)
	}
	s.counters.sealed.Add(1)
	s.tallies.version(version).seal(at)
	return nil
}

func unsealed(op, uri string, err error) *Error {
	failed := newError(op, uri, err)
	if failed.Reason == Malformed {
		failed.Reason = Unsealable // for what reason ever: nothing has come off the wire
	}
	return failed
}

// settle replaces the payload of part with what is written of it. Its values may have methods
// that send something: seal calls none of them afterwards, and can be called under a lock.
func (s *Session) settle(op, uri string, part *wire.Part) (err error) {
	if part.Args, part.Kwargs, err = codec.Canonical(part.Args, part.Kwargs, s.transport.now().Form()); err != nil {
		return unsealed(op, uri, err)
	}
	return nil
}

// sealPart does that, and tells when it was.
func (s *Session) sealPart(uri string, version *keyring.Version, part *wire.Part, out *outgoing) (at time.Time, err error) {
	if err := alive(version, keyring.ErrNoActive); err != nil {
		return at, err
	}
	to := s.transport.now()
	if err := to.Carries(version.Dialect()); err != nil {
		return at, &Error{Reason: NotCarried, Err: err}
	}
	began := s.stopwatch()
	at = s.cfg.clock()
	if version.Dialect().Foreign() {
		size, err := sealForeign(to, uri, version, part, out)
		if err == nil {
			s.observeSealed(began, version, out.head.Kind, size, part)
		}
		return at, err
	}
	head := out.head
	head.From, head.N, head.TS = s.from, s.sent.Add(1), at.UnixMilli()
	record := cryptobox.NewRecord(head, s.realm, uri, part.Args, part.Kwargs)
	record.Pad, record.Form, record.Exchange = s.cfg.pad, to.Form(), out.exchange
	var made struct { // in one piece
		draft cryptobox.Draft
		env   wire.Envelope
	}
	if err := version.Key().Encode(&record, &made.draft); err != nil {
		return at, err
	}
	size := made.draft.Size()
	// A local link seals at once.
	out.token, out.ref, out.exchange = made.draft.Token(), made.draft.Ref(), made.draft.Exchange()
	made.env.Sealing = &made.draft
	to.Put(part, &made.env)
	s.observeSealed(began, version, head.Kind, size, part)
	return at, nil
}

// sealForeign is sealPart in another dialect than ours, and tells how large the payload is.
func sealForeign(to joined, uri string, version *keyring.Version, part *wire.Part, out *outgoing) (size int, err error) {
	dialect, cipher := version.Dialect(), version.Cipher()
	args, kwargs := part.Args, part.Kwargs
	if out.head.Kind == cryptobox.KindProgress {
		// Autobahn fails to take progress that holds null.
		args, kwargs = append(wamp.List{}, args...), present(kwargs)
	}
	record := cryptobox.NewForeignRecord(uri, args, kwargs)
	record.Form = to.Form()
	payload, token, err := cryptobox.SealForeign(cipher, dialect, record)
	if err != nil {
		return 0, err
	}
	out.token = token
	env := wire.Envelope{Dialect: dialect, Algorithm: cipher.Algorithm(dialect), Payload: payload}
	if dialect == cryptobox.Passthru {
		env.KeyID = version.ID()
	}
	to.Put(part, &env)
	return len(payload), nil
}

// sendError is what an application gets where a transport didn't send something.
func sendError(op, uri string, err error) error {
	if err != nil && errors.Is(err, link.ErrUnsendable) {
		return &Error{Op: op, URI: uri, Reason: reasonOf(err), Err: err}
	}
	return err
}
