package transparency

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/replay"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

var (
	errOutsidePattern = errors.New("the URI that the router gives doesn't match the pattern")
	errNothingMatches = errors.New("no pattern of the keyring has a URI in common with it: give one a key, or declare it plain")
	errOtherProcedure = errors.New("the router gives another procedure than with the first chunk")
)

// target is what a subscription or registration is for.
type target struct {
	pattern keyring.Pattern
	past    bool      // it passes the ring by
	options wamp.Dict // for the router
	detail  string    // where a router names the URI that a pattern matched

	routed keyring.Pattern // what the router is asked for

	since    time.Time        // when the router was asked for it
	scope    string           // of its events
	retained *replay.Retained // nil if events from before weren't asked for

	overlap *atomic.Pointer[overlap] // what a pattern matches; nil for an exact target
}

// Retained events (WAMP specification, "Event Retention").
const (
	optGetRetained = "get_retained"
	detailRetained = "retained"
)

// newTarget says what is to be subscribed to or registered, or why it can't be.
func (s *Session) newTarget(op, uri string, options wamp.Dict, detail string) (target, error) {
	options, past, err := passesBy(op, uri, options)
	if err == nil {
		err = checkOptions(op, uri, options)
	}
	if err != nil {
		return target{}, err
	}
	if _, err := s.ring.Lookup(uri); !past && errors.Is(err, keyring.ErrReserved) {
		return target{}, newError(op, uri, err)
	}
	pattern, err := patternOf(uri, options)
	if err != nil {
		return target{}, &Error{Op: op, URI: uri, Reason: Misuse, Err: causeOf(err)}
	}
	t := target{pattern: pattern, routed: pattern, past: past, options: maps.Clone(options), detail: detail, scope: eventScope(pattern)}
	if past && pattern.Match != keyring.MatchExact {
		return target{}, &Error{Op: op, URI: uri, Reason: Misuse, Err: errPassBy}
	}
	if pattern.Match != keyring.MatchExact {
		t.overlap = new(atomic.Pointer[overlap])
	}
	if wamp.OptionFlag(options, optGetRetained) {
		t.retained = replay.NewRetained()
	}
	return t, s.checkTarget(op, t)
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
	case match != keyring.MatchExact:
		return p, p.Validate()
	case uri == "":
		return p, errEmptyURI
	}
	return p, nil // the rest is for the router to judge
}

// askedAs is t where the router is asked for it under that text.
func (t target) askedAs(text string) target {
	t.routed.URI = text
	return t
}

// askedAt is t where the router is asked for it again, at that time.
func (t target) askedAt(now time.Time) target {
	t.since = now
	return t
}

// resolve returns the URI that a message is about. For an exact target that is
// the one asked for, whatever the details say. For another it is what the router says, which may
// be scrambled.
func (t target) resolve(details wamp.Dict) (uri string, ok bool) {
	if t.pattern.Match == keyring.MatchExact {
		return t.pattern.URI, true
	}
	named, isURI := wamp.AsURI(details[t.detail])
	return string(named), isURI && t.routed.Matches(string(named)) && own(string(named)) == own(t.pattern.URI)
}

// continues reports whether the details of a later chunk name no other URI than
// the first did. Routers name it with the first one only.
func (t target) continues(details wamp.Dict, uri string) bool {
	named, given := details[t.detail]
	if !given || t.pattern.Match == keyring.MatchExact {
		return true
	}
	same, isURI := wamp.AsURI(named)
	return isURI && string(same) == uri
}

// setURI leaves the resolved URI, and no other, in the details that a handler
// gets, in the type that the router's had.
func (t target) setURI(details wamp.Dict, uri string) {
	named, given := details[t.detail]
	if !given && t.pattern.Match == keyring.MatchExact {
		return
	}
	switch named := named.(type) {
	case wamp.URI:
		details[t.detail] = wamp.URI(uri)
	case string:
		if named != uri {
			details[t.detail] = uri
		}
	default:
		details[t.detail] = uri
	}
}

// own reports whether a URI is one of the protocol's own. They match no pattern but one
// that itself begins so.
func own(uri string) bool { return strings.HasPrefix(uri, "wamp.") }

// checkTarget refuses what nothing could come from: a URI or pattern of which the ring
// says nothing, a URI whose key can't open what arrives (what a pattern will match isn't
// known yet), and a pattern that matches both keyed and plain URIs.
func (s *Session) checkTarget(op string, t target) error {
	uri := t.pattern.URI
	if t.overlap != nil {
		keyed, plain, both := s.ring.Overlap(t.pattern)
		switch {
		case both:
			return &Error{Op: op, URI: uri, Reason: Misuse, Err: mixedError(keyed, plain)}
		case keyed == keyring.Pattern{} && plain == keyring.Pattern{}:
			return &Error{Op: op, URI: uri, Reason: NoKey, Err: errNothingMatches}
		}
		return nil
	}
	entry, f, closed := s.ask(uri, t.past)
	if closed != nil {
		return newError(op, uri, closed)
	}
	if !f.keyed {
		return nil
	}
	dialects, err := entry.Dialects(keyring.RoleResponder)
	if err != nil {
		refused := newError(op, uri, err)
		if refused.Reason == NotOpened {
			refused.Reason = NoKey // all are revoked or expired, and no message has come
		}
		return refused
	}
	for _, d := range dialects {
		if err = s.transport.now().Carries(d); err == nil {
			return nil
		}
	}
	return &Error{Op: op, URI: uri, Reason: NotCarried, Err: err}
}

// overlap is what a pattern that was asked for matches, as the ring was once.
type overlap struct {
	generation uint64
	both       bool
}

// mixed reports whether the target is a pattern that matches both keyed and plain URIs,
// since the ring has changed. Nothing plain is taken there: who sends it could choose a
// URI for which it may be plain.
func (s *Session) mixed(t target) bool {
	if t.overlap == nil {
		return false
	}
	generation, before := s.ring.Generation(), t.overlap.Load()
	if before != nil && before.generation == generation {
		return before.both
	}
	keyed, plain, both := s.ring.Overlap(t.pattern)
	t.overlap.Store(&overlap{generation, both})
	if both && (before == nil || !before.both) {
		s.logger.Warn("nothing plain is taken any more", slog.String("pattern", t.pattern.String()),
			slog.Any(keyError, mixedError(keyed, plain)))
	}
	return both
}

func mixedError(keyed, plain keyring.Pattern) error {
	return fmt.Errorf("it matches URIs that are sealed, by %v, and URIs that are plain, by %v: ask for each by itself", keyed, plain)
}
