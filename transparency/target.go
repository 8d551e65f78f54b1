package transparency

import (
	"errors"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/replay"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

var (
	errOutsidePattern = errors.New("the URI that the router gives doesn't match the pattern")
	errOtherProcedure = errors.New("the router gives another procedure than with the first chunk")
)

// target is what a subscription or registration is for.
type target struct {
	pattern keyring.Pattern
	detail  string // where a router names the URI that a pattern matched

	since    time.Time        // when the router was asked for it
	scope    string           // of its events
	retained *replay.Retained // nil if events from before weren't asked for
}

// Retained events (WAMP specification, "Event Retention").
const (
	optGetRetained = "get_retained"
	detailRetained = "retained"
)

// newTarget says what is to be subscribed to or registered, or why it can't be.
func (s *Session) newTarget(op, uri string, options wamp.Dict, detail string) (target, error) {
	if err := checkOptions(op, uri, options); err != nil {
		return target{}, err
	}
	pattern, err := patternOf(uri, options)
	if err != nil {
		return target{}, &Error{Op: op, URI: uri, Reason: Malformed, Err: err}
	}
	t := target{pattern: pattern, detail: detail, scope: eventScope(pattern)}
	if wamp.OptionFlag(options, optGetRetained) {
		t.retained = replay.NewRetained()
	}
	return t, s.checkRole(op, pattern)
}

// patternOf reads the match option as WAMP defines it (specification,
// "Pattern-based Subscriptions"). An unknown one is an error here: routers
// differ in what they take it for.
func patternOf(uri string, options wamp.Dict) (keyring.Pattern, error) {
	name := ""
	if match, found := options[wamp.OptMatch]; found {
		var ok bool
		if name, ok = wamp.AsString(match); !ok {
			return keyring.Pattern{}, errors.New("option match is no string")
		}
	}
	match, err := keyring.ParseMatch(name)
	p := keyring.Pattern{URI: uri, Match: match}
	switch {
	case err != nil:
		return p, err
	case match != keyring.Exact:
		return p, p.Validate()
	case uri == "":
		return p, errEmptyURI
	}
	return p, nil // the rest is for the router to judge
}

// asked is t where the router is asked for it now.
func (t target) asked() target {
	t.since = time.Now()
	return t
}

// resolve returns the URI that a message is about. For an exact target that is
// the one asked for, whatever the details say.
func (t target) resolve(details wamp.Dict) (uri string, ok bool) {
	if t.pattern.Match == keyring.Exact {
		return t.pattern.URI, true
	}
	named, isURI := wamp.AsURI(details[t.detail])
	if !isURI || !t.pattern.Matches(string(named)) {
		return string(named), false
	}
	return string(named), true
}

// continues reports whether the details of a later chunk name no other URI than
// the first did. Routers name it with the first one only.
func (t target) continues(details wamp.Dict, uri string) bool {
	named, given := details[t.detail]
	if !given || t.pattern.Match == keyring.Exact {
		return true
	}
	same, isURI := wamp.AsURI(named)
	return isURI && string(same) == uri
}

// setURI leaves the resolved URI, and no other, in the details that a handler
// gets, in the type that the router's had.
func (t target) setURI(details wamp.Dict, uri string) {
	named, given := details[t.detail]
	if !given && t.pattern.Match == keyring.Exact {
		return
	}
	if _, isURI := named.(wamp.URI); isURI {
		details[t.detail] = wamp.URI(uri)
		return
	}
	details[t.detail] = uri
}

// checkRole refuses to subscribe or register for one URI with a key that could
// never open what arrives. What a pattern will match isn't known yet.
func (s *Session) checkRole(op string, p keyring.Pattern) error {
	if p.Match != keyring.Exact {
		return nil
	}
	entry, keyed := s.ring.Lookup(p.URI)
	if !keyed {
		return nil
	}
	if _, err := entry.Openers(keyring.RoleResponder, ""); err != nil {
		return newError(op, p.URI, err)
	}
	return nil
}
