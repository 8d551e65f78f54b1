package transparency

import (
	"errors"
	"strings"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/shield"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// Validator says whether a payload is one that a URI may have. Module validation has one for
// JSON Schema. A Session asks it from several goroutines at a time.
type Validator interface {
	// Covers tells whether payloads of that kind are validated for that URI. Others are left
	// alone: for these, Validate isn't asked.
	Covers(kind cryptobox.Kind, uri string) bool

	// Validate returns nil for a payload that may be sent, or handed on. It is called where
	// handlers are, and what comes after the message waits for it. It must not use the Session.
	//
	// Of its error the Session shows and logs only what an [*InvalidError] says. Any other
	// error can be found with errors.Is and errors.As, and stays out of texts: it may hold a
	// part of the payload.
	Validate(p *Payload) error
}

// Payload is what a [Validator] looks at. It is the validator's own: to change it changes
// nothing that is sent or handed on. It prints no arguments.
type Payload struct {
	// Kind is what the payload is part of. KindCallProgress is a chunk of a progressive call
	// that isn't the last.
	Kind cryptobox.Kind
	// URI is the topic, the procedure, or that of the error.
	URI string

	hidden func() (wamp.List, wamp.Dict) // where printers don't look
}

// NewPayload makes a Payload, for tests of a [Validator].
func NewPayload(kind cryptobox.Kind, uri string, args wamp.List, kwargs wamp.Dict) *Payload {
	return &Payload{Kind: kind, URI: uri, hidden: func() (wamp.List, wamp.Dict) { return args, kwargs }}
}

// Args are the arguments. In a Session their values are those that package cryptobox delivers,
// for plain messages too: integers as int64 (uint64 beyond), maps as map[string]any, lists as
// []any.
func (p *Payload) Args() wamp.List {
	args, _ := p.content()
	return args
}

// Kwargs are the keyword arguments, whose values are as those of Args.
func (p *Payload) Kwargs() wamp.Dict {
	_, kwargs := p.content()
	return kwargs
}

func (p *Payload) content() (wamp.List, wamp.Dict) {
	if p.hidden == nil {
		return nil, nil
	}
	return p.hidden()
}

// InvalidError is a [Validator]'s word on a payload. Both texts are told to the caller whose
// call is invalid, and logged, up to 200 bytes each. Nothing of the payload's values belongs
// into them.
type InvalidError struct {
	Path string // to the value, such as "args[0].items[3].price"; "" for the whole payload
	Why  string // what the value is or lacks, such as the name of a rule
}

// Error gives path and reason.
func (e *InvalidError) Error() string {
	path, why := e.texts()
	if path == "" {
		return why
	}
	return path + ": " + why
}

// texts are what is shown of path and reason.
func (e *InvalidError) texts() (path, why string) {
	if e == nil {
		return "", "" // a nil *InvalidError that was returned as an error
	}
	return sealable(e.Path), sealable(e.Why)
}

func sealable(text string) string { return strings.ToValidUTF8(link.Printable(text), "?") }

// WithValidator has v look at every payload that it covers, plain ones too: events, calls and their chunks,
// results, progress, and errors with arguments. What it refuses has the reason [Invalid].
//
// What is invalid isn't sent: Publish, Call and SendProgress return the error, and so does the Call
// that adds a testament with an invalid event. A handler's
// invalid result becomes an error wamp.error.runtime_error for the caller, and an invalid error
// loses its arguments; [WithOnReject] tells why, with Op "yield".
//
// What came in is looked at after all other checks have passed, and never reaches a handler if
// it is invalid. A caller whose call is invalid gets the error wamp.error.invalid_argument, which
// is sealed if the call was. Its keyword arguments path and why are those of an [*InvalidError].
// A call whose result, progress or error is invalid returns an [*Error]; it has run.
//
// A validator that panics has refused the payload ([ErrPanic]). The caller then gets
// wamp.error.runtime_error.
func WithValidator(v Validator) Option {
	return func(cfg *config) error {
		if v == nil {
			return unusable("WithValidator(nil): give a validator, such as one of module validation")
		}
		cfg.validator = v
		return nil
	}
}

// covers tells whether the validator looks at a payload. An error without arguments is valid:
// where its arguments can't be sent, or prove nothing, its URI goes alone. So is what passes the ring
// by, which is none of the application's.
func (s *Session) covers(past bool, kind cryptobox.Kind, uri string, args wamp.List, kwargs wamp.Dict) (covered bool, err error) {
	if past || s.cfg.validator == nil || kind == cryptobox.KindError && len(args) == 0 && len(kwargs) == 0 {
		return false, nil
	}
	if panicked := shield.Run("the Validator", func() { covered = s.cfg.validator.Covers(kind, uri) }); panicked != nil {
		return false, &Error{Reason: Invalid, Err: panicked}
	}
	return covered, nil
}

// validate returns why what came in is invalid.
func (s *Session) validate(past bool, kind cryptobox.Kind, uri string, args wamp.List, kwargs wamp.Dict) error {
	covered, err := s.covers(past, kind, uri, args, kwargs)
	if !covered {
		return err
	}
	return s.askValidator(kind, uri, args, kwargs)
}

// validateOwn returns why what is to be sent is invalid. If it is sealed then it is settled
// first: what was looked at is what is sealed.
func (s *Session) validateOwn(past bool, op string, kind cryptobox.Kind, uri string, part *wire.Part, sealed bool) error {
	covered, err := s.covers(past, kind, uri, part.Args, part.Kwargs)
	if covered && sealed {
		if err := s.settle(op, uri, part); err != nil {
			return err
		}
	}
	if covered {
		err = s.askValidator(kind, uri, part.Args, part.Kwargs)
	}
	if err != nil {
		return newError(op, uri, err)
	}
	return nil
}

// askValidator shows the validator a copy. A payload that can't be copied is invalid.
func (s *Session) askValidator(kind cryptobox.Kind, uri string, args wamp.List, kwargs wamp.Dict) error {
	args, kwargs, err := codec.Copy(args, kwargs, s.transport.now().Form())
	if err != nil {
		return &Error{Reason: Invalid, Err: causeOf(err)}
	}
	p := NewPayload(kind, uri, args, kwargs)
	if panicked := shield.Run("the Validator", func() { err = s.cfg.validator.Validate(p) }); panicked != nil {
		return &Error{Reason: Invalid, Err: panicked}
	}
	if err == nil {
		return nil
	}
	return &Error{Reason: Invalid, Err: verdict{func() error { return err }}}
}

// verdict is an error of a Validator, of which no more is shown than may be.
type verdict struct{ hidden func() error }

func (v verdict) Error() string {
	if shown, ok := errors.AsType[*InvalidError](v.hidden()); ok {
		return shown.Error()
	}
	return "the validator refuses it"
}

func (v verdict) Unwrap() error { return v.hidden() }
