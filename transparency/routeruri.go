package transparency

import (
	"errors"
	"maps"
	"slices"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// RouterURI is a URI as routers know it: see [Session.RouterURIs].
type RouterURI string

var (
	errNamesHidden = errors.New("the router would learn a URI that is scrambled for it: give what RouterURIs returns")
	errNamesDeep   = errors.New("its arguments are nested too deep, or hold themselves")
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
	args, err := c.namedList(part.Args, 0)
	if err != nil {
		return err
	}
	kwargs, err := c.namedDict(part.Kwargs, 0)
	if err != nil {
		return err
	}
	part.Args, part.Kwargs = args, kwargs
	return nil
}

// named gives what is to be sent in place of an argument, or of what is in one. What becomes text on
// the wire is text.
func (c *call) named(v any, depth int) (any, error) {
	if depth > codec.MaxDepth {
		return nil, &Error{Op: opCall, URI: c.procedure, Reason: Unsealable, Err: errNamesDeep}
	}
	switch v := v.(type) {
	case RouterURI:
		return string(v), nil
	case []RouterURI:
		texts := make([]string, len(v))
		for i, uri := range v {
			texts[i] = string(uri)
		}
		return texts, nil
	case wamp.List:
		list, err := c.namedList(v, depth)
		return wamp.List(list), err
	case []any:
		return c.namedList(v, depth)
	case wamp.Dict:
		dict, err := c.namedDict(v, depth)
		return wamp.Dict(dict), err
	case map[string]any:
		return c.namedDict(v, depth)
	}
	return v, c.checkForm(v)
}

func (c *call) namedList(list []any, depth int) (_ []any, err error) {
	list = slices.Clone(list)
	for i, v := range list {
		if list[i], err = c.named(v, depth+1); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (c *call) namedDict(dict map[string]any, depth int) (_ map[string]any, err error) {
	dict = maps.Clone(dict)
	for name, v := range dict {
		if err = c.checkForm(name); err != nil {
			return nil, err
		}
		if dict[name], err = c.named(v, depth+1); err != nil {
			return nil, err
		}
	}
	return dict, nil
}

// checkForm refuses a value that shows the router a URI that is scrambled for it.
func (c *call) checkForm(v any) error {
	if c.version != nil || !c.session.forms.Any() {
		return nil // the router doesn't see it, or may
	}
	form, err := c.session.transport.now().Form()(v)
	switch {
	case err != nil: // what it shows isn't known
		return unsealed(opCall, c.procedure, err)
	case c.session.shows(form):
		return &Error{Op: opCall, URI: c.procedure, Reason: Misuse, Err: errNamesHidden}
	}
	return nil
}

// shows tells whether a URI that is scrambled is anywhere in the form of a value.
func (s *Session) shows(form any) bool {
	switch form := form.(type) {
	case []any:
		return slices.ContainsFunc(form, s.shows)
	case map[string]any:
		for name, v := range form {
			if s.shows(name) || s.shows(v) {
				return true
			}
		}
	}
	text, ok := wamp.AsString(form)
	if ok {
		_, ok = s.ring.Hides(text)
	}
	return ok
}
