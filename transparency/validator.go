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
	// Validate returns nil for a payload that may be sent, or handed on. It is called where
	// handlers are, and what comes after the message waits for it. It must not use the Session.
	//
	// Of its error the Session shows and logs only what an [*InvalidError] says. Any other
	// error can be found with errors.Is and errors.As, and stays out of texts: it may hold a
	// part of the payload.
	Validate(p *Payload) error
}

// Payload is what a [Validator] looks at. It is the validator's own: to change it changes
// nothing that is sent or handed on. Its values are those that package cryptobox delivers,
// for plain messages too: integers as int64 (uint64 beyond), maps as map[string]any, lists as
// []any.
type Payload struct {
	// Kind is what the payload is part of. KindCallProgress is a chunk of a progressive call
	// that isn't the last.
	Kind cryptobox.Kind
	// URI is the topic, the procedure, or that of the error.
	URI    string
	Args   wamp.List
	Kwargs wamp.Dict
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

// WithValidator has v look at every payload, plain ones too: events, calls and their chunks,
// results, progress, and errors with arguments. What it refuses has the reason [Invalid].
//
// What is invalid isn't sent: Publish, Call and SendProgress return the error. A handler's
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

// validate returns why a payload is invalid. An error without arguments is valid: where its
// arguments can't be sent, or prove nothing, its URI goes alone.
func (s *Session) validate(kind cryptobox.Kind, uri string, args wamp.List, kwargs wamp.Dict) error {
	if s.cfg.validator == nil || kind == cryptobox.KindError && len(args) == 0 && len(kwargs) == 0 {
		return nil
	}
	p := Payload{Kind: kind, URI: uri}
	var err error
	if p.Args, p.Kwargs, err = codec.Copy(args, kwargs, s.transport.now().Form()); err != nil {
		return &Error{Reason: Invalid, Err: causeOf(err)}
	}
	if panicked := shield.Run("the Validator", func() { err = s.cfg.validator.Validate(&p) }); panicked != nil {
		return &Error{Reason: Invalid, Err: panicked}
	}
	if err == nil {
		return nil
	}
	return &Error{Reason: Invalid, Err: verdict{err}}
}

// verdict is an error of a Validator, of which no more is shown than may be.
type verdict struct{ err error }

func (v verdict) Error() string {
	if shown, ok := errors.AsType[*InvalidError](v.err); ok {
		return shown.Error()
	}
	return "the validator refuses it"
}

func (v verdict) Unwrap() error { return v.err }

// validateOwn is validate for what is to be sent. A payload that is sealed then is settled
// first: what was looked at is what is sealed.
func (s *Session) validateOwn(op string, kind cryptobox.Kind, uri string, part *wire.Part, sealed bool) error {
	if s.cfg.validator == nil {
		return nil
	}
	if sealed {
		if err := s.settle(op, uri, part); err != nil {
			return err
		}
	}
	if err := s.validate(kind, uri, part.Args, part.Kwargs); err != nil {
		return newError(op, uri, err)
	}
	return nil
}
