package keyring

import (
	"fmt"
	"slices"
	"strings"
)

// reservedErrors begins the URIs of our own protocol's errors.
const reservedErrors = "wampbox.error"

// reservation is a prefix that no pattern covers, and what to say of its URIs.
type reservation struct {
	prefix string
	err    error
}

// Reserve has the URIs that begin with a prefix, which ends with a dot, be those of a service of
// this module, such as a key service, for as long as the ring lives. [Ring.Lookup] refuses them
// ([ErrReserved]), whatever else matches, and no pattern that lies within may be set, nor given
// by a source ([ErrPattern]). To reserve a prefix again changes nothing.
//
// The error is an [*Error] that wraps [ErrPattern] for a prefix that isn't one, or that begins
// with "wamp.", or [ErrState] if the ring has a pattern within.
func (r *Ring) Reserve(prefix string) error {
	const op = "reserve"
	p := Prefix(prefix)
	switch err := p.check(); {
	case err != nil:
		return &Error{Op: op, Pattern: p, Err: err}
	case !strings.HasSuffix(prefix, "."), p.own():
		return &Error{Op: op, Pattern: p, Err: fmt.Errorf(`%w: give one that ends with a dot, and doesn't begin with "wamp."`, ErrPattern)}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.snapshot()
	if slices.ContainsFunc(s.reserved, func(other reservation) bool { return other.prefix == prefix }) {
		return nil
	}
	made := reservation{prefix, &worded{ErrReserved, fmt.Sprintf("URIs that begin with %q are a key service's own: use another one", prefix)}}
	for e := range s.entries() {
		if e.standing != closed && made.covers(e.pattern) {
			return &Error{Op: op, Pattern: p, Err: refuse(fmt.Sprintf("the keyring has %v: remove it, or choose another prefix", e.pattern))}
		}
	}
	for _, sc := range s.scrambled {
		if strings.HasPrefix(prefix, sc.prefix) || strings.HasPrefix(sc.prefix, prefix) {
			return &Error{Op: op, Pattern: p, Err: refuse(fmt.Sprintf("the URIs below %q are scrambled: choose another prefix", sc.prefix))}
		}
	}
	next := *s
	next.reserved = append(slices.Clone(s.reserved), made)
	r.swap(&next)
	return nil
}

// covers tells whether a pattern lies within.
func (r reservation) covers(p Pattern) bool { return strings.HasPrefix(p.fixedText(), r.prefix) }

// isReserved tells whether a URI is one that no pattern may match, on any ring.
func isReserved(uri string) bool { return strings.HasPrefix(uri, reservedErrors) }

// reservedBy says why no pattern matches a URI here, or is nil.
func (s *snapshot) reservedBy(uri string) error {
	if isReserved(uri) {
		return ErrReserved
	}
	for _, r := range s.reserved {
		if strings.HasPrefix(uri, r.prefix) {
			return r.err
		}
	}
	return nil
}

// takes refuses a pattern that lies within what is reserved here.
func (s *snapshot) takes(p Pattern) error {
	for _, r := range s.reserved {
		if r.covers(p) {
			return fmt.Errorf("%w: %q is reserved for a key service: no pattern covers it", ErrPattern, r.prefix)
		}
	}
	return nil
}
