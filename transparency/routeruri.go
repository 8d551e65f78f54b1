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
	texts, _, err := s.texts(pattern)
	if err != nil {
		return nil, formError(op, uri, err)
	}
	uris := make([]RouterURI, len(texts))
	for i, text := range texts {
		uris[i] = RouterURI(text)
	}
	return uris, nil
}

// RealURI gives the URI of which a router has told, in the details of a meta event or of a
// subscription or registration, whose option match is given if it has one. It knows what this
// Session has subscribed and registered, and the patterns on its keyring.
func (s *Session) RealURI(uri RouterURI, options wamp.Dict) (name string, known bool) {
	pattern, err := patternOf(string(uri), options)
	if err != nil {
		return "", false
	}
	prefix, hidden := s.ring.Hides(string(uri))
	if !hidden {
		return string(uri), true
	}
	if name, known := s.asked.nameOf(string(uri)); known {
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

// checkNamed refuses a plain call of the protocol's own if it names a URI that is scrambled for the
// router, and turns each RouterURI into text.
func (c *call) checkNamed(part *wire.Part) error {
	if !own(c.procedure) {
		return nil
	}
	part.Args, part.Kwargs = slices.Clone(part.Args), maps.Clone(part.Kwargs)
	var err error
	for i, v := range part.Args {
		if part.Args[i], err = c.named(v); err != nil {
			return err
		}
	}
	for name, v := range part.Kwargs {
		if part.Kwargs[name], err = c.named(v); err != nil {
			return err
		}
	}
	return nil
}

// named gives what is to be sent in place of an argument. What becomes text on the wire is text.
func (c *call) named(v any) (any, error) {
	if uri, ok := v.(RouterURI); ok {
		return string(uri), nil
	}
	if c.version != nil {
		return v, nil // the router doesn't see it
	}
	form, err := c.session.transport.now().Form()(v)
	if err != nil {
		return v, nil // it can't be sent, which is said elsewhere
	}
	if text, ok := wamp.AsString(form); ok {
		if _, hidden := c.session.ring.Hides(text); hidden {
			return nil, &Error{Op: opCall, URI: c.procedure, Reason: Misuse, Err: errNamesHidden}
		}
	}
	return v, nil
}
