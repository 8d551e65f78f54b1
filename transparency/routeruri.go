package transparency

import (
	"errors"
	"maps"
	"slices"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// RouterURI is a URI as routers know it: see [Session.RouterURIs].
type RouterURI string

var (
	errNamesHidden = errors.New("the router would learn a URI that is scrambled for it: give what RouterURIs returns")
	errHiddenError = errors.New("the router would learn the error URI, which is scrambled for it: the caller gets wamp.error.runtime_error")
)

// RouterURIs gives the URIs under which the router knows a topic, a procedure, or with the option
// match a pattern: more than one where URIs are scrambled and their secret changes
// ([keyring.Ring.Scramble]). The first is the one in use now.
//
// It is for the procedures of the protocol that name URIs, such as wamp.registration.lookup: they
// are plain, so a Session refuses a string there that the router isn't to see, and takes a
// RouterURI. The error is an [*Error]: Misuse, or NoKey if no secret is in use.
func (s *Session) RouterURIs(uri string, options wamp.Dict) ([]RouterURI, error) {
	const op = "router URI"
	pattern, err := patternOf(uri, options)
	if err != nil {
		return nil, &Error{Op: op, URI: uri, Reason: Misuse, Err: causeOf(err)}
	}
	forms, _, err := s.forms.Receive(pattern)
	if err != nil {
		return nil, formError(op, uri, err)
	}
	uris := make([]RouterURI, len(forms))
	for i, f := range forms {
		uris[i] = RouterURI(f.URI(uri))
	}
	return uris, nil
}

// RealURI gives the URI of which a router has told, in the details of a meta event or of a
// subscription or registration, whose option match is given if it has one. It knows what this
// Session has subscribed and registered, and the patterns on its keyring.
func (s *Session) RealURI(uri RouterURI, options wamp.Dict) (real string, known bool) {
	pattern, err := patternOf(string(uri), options)
	if err != nil {
		return "", false
	}
	prefix, hidden := s.ring.Hides(string(uri))
	if !hidden {
		return string(uri), true
	}
	if name := s.asked.nameOf(string(uri)); name != string(uri) {
		return name, true
	}
	forms, _, _ := s.forms.Receive(keyring.Prefix(prefix))
	for _, f := range forms {
		if p, known := f.Real(pattern); known && !f.IsClear() {
			return p.URI, true
		}
	}
	return "", false
}

// checkNamed refuses a call of the protocol's own, which is plain, if it names a URI that is
// scrambled for the router, and turns each RouterURI into text.
func (s *Session) checkNamed(procedure string, part *wire.Part) error {
	if !own(procedure) {
		return nil
	}
	for i, v := range part.Args {
		text, err := s.named(procedure, v)
		if err != nil {
			return err
		}
		if text != nil {
			part.Args = slices.Clone(part.Args)
			part.Args[i] = text
		}
	}
	for name, v := range part.Kwargs {
		text, err := s.named(procedure, v)
		if err != nil {
			return err
		}
		if text != nil {
			part.Kwargs = maps.Clone(part.Kwargs)
			part.Kwargs[name] = text
		}
	}
	return nil
}

// named gives what is to be sent in place of a RouterURI, else nil.
func (s *Session) named(procedure string, v any) (any, error) {
	if uri, ok := v.(RouterURI); ok {
		return wamp.URI(uri), nil
	}
	uri, ok := wamp.AsURI(v)
	if !ok {
		return nil, nil
	}
	if _, hidden := s.ring.Hides(string(uri)); hidden {
		return nil, &Error{Op: opCall, URI: procedure, Reason: Misuse, Err: errNamesHidden}
	}
	return nil, nil
}
