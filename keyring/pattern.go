package keyring

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a [Pattern].
const (
	MaxPatternLength = 1024 // bytes of its text
	MaxComponents    = 64   // components between the dots
)

// Match is how a [Pattern] matches URIs: WAMP's matching policies. The zero
// value is refused.
type Match uint8

// WAMP's matching policies (WAMP specification, "Pattern-based Subscriptions").
const (
	MatchExact    Match = iota + 1 // the URI itself
	MatchPrefix                    // all URIs that begin with the text, character by character
	MatchWildcard                  // empty components match any component
)

// ParseMatch reads a policy as WAMP's options write it: "exact", "prefix" or
// "wildcard". The empty string is exact, WAMP's default. Anything else is
// [ErrPattern].
func ParseMatch(s string) (Match, error) {
	switch s {
	case "", "exact":
		return MatchExact, nil
	case "prefix":
		return MatchPrefix, nil
	case "wildcard":
		return MatchWildcard, nil
	}
	return 0, &Error{Op: "parse", Err: fmt.Errorf(
		"%w: unknown match policy %.32q: use exact, prefix or wildcard", ErrPattern, s)}
}

// String gives WAMP's name of the policy.
func (m Match) String() string {
	switch m {
	case MatchExact:
		return "exact"
	case MatchPrefix:
		return "prefix"
	case MatchWildcard:
		return "wildcard"
	}
	return fmt.Sprintf("Match(%d)", uint8(m))
}

// Pattern is a set of URIs, as WAMP's subscriptions and registrations write
// it. Make one with [Exact], [Prefix], [Wildcard] or [ParsePattern]. Patterns can be
// compared with ==.
type Pattern struct {
	URI   string // the text; for [MatchWildcard] with empty components
	Match Match
}

// Exact is the pattern of one URI.
func Exact(uri string) Pattern { return Pattern{uri, MatchExact} }

// Prefix is the pattern of all URIs that begin with the text, character by character:
// end it with a dot for what lies under a name. Prefix("") stands for every URI.
func Prefix(text string) Pattern { return Pattern{text, MatchPrefix} }

// Wildcard is the pattern of all URIs with as many components as the text, of which
// empty ones match any: "com.myapp..temperature".
func Wildcard(text string) Pattern { return Pattern{text, MatchWildcard} }

// ParsePattern infers the policy from the text: one that is empty, or has a dot at its
// end and no empty component before that, is a prefix; one with another empty component
// is a wildcard; anything else is exact. Whether the pattern is valid, Validate tells.
func ParsePattern(text string) Pattern {
	switch within := strings.TrimSuffix(text, "."); {
	case text == "", within != text && within != "" && !hasEmpty(within):
		return Prefix(text)
	case hasEmpty(text):
		return Wildcard(text)
	}
	return Exact(text)
}

// String gives policy and text: prefix "com.myapp.".
func (p Pattern) String() string {
	// A refused pattern may be of any length; an error that shows it may not.
	return fmt.Sprintf("%v %.*q", p.Match, MaxPatternLength, p.URI)
}

// Validate checks the pattern against the loose URI rules of the WAMP
// specification ("URIs"): components of one or more characters other than
// white space, "." and "#". "*" is refused as well, since nothing in WAMP gives it a
// meaning and who writes it means something by it. In detail:
//
//   - exact: no empty component;
//   - prefix: the last component may be empty or cut short, as prefixes match
//     character by character; the empty prefix stands for every URI;
//   - wildcard: empty components stand for any component, and at least one is
//     not empty.
//
// Text must be UTF-8, of at most [MaxPatternLength] bytes and [MaxComponents]
// components. The error is an [*Error] that wraps [ErrPattern].
func (p Pattern) Validate() error {
	if err := p.check(); err != nil {
		return &Error{Op: "validate", Pattern: p, Err: err}
	}
	return nil
}

// check is Validate without the envelope.
func (p Pattern) check() error {
	if why := p.problem(); why != "" {
		return fmt.Errorf("%w: %s", ErrPattern, why)
	}
	return nil
}

// problem says what is wrong with a pattern, or nothing. It doesn't allocate.
func (p Pattern) problem() string {
	switch {
	case p.Match != MatchExact && p.Match != MatchPrefix && p.Match != MatchWildcard:
		return "no match policy: use Exact, Prefix or Wildcard"
	case len(p.URI) > MaxPatternLength:
		return "longer than 1024 bytes"
	case !utf8.ValidString(p.URI):
		return "not UTF-8"
	case strings.ContainsAny(p.URI, "*#"):
		return `"*" and "#" stand for nothing in WAMP: for all URIs below a name write a prefix, ` +
			`which ends with a dot ("com.myapp."), for any one component leave it empty ("com.myapp..temperature")`
	case strings.ContainsFunc(p.URI, unicode.IsSpace):
		return "white space can't stand in a URI"
	case isReserved(p.URI):
		return reservedErrors + " is wampbox's own: no pattern covers it"
	case strings.Count(p.URI, ".") >= MaxComponents:
		return "more than 64 components"
	}
	return p.emptyProblem()
}

// emptyProblem checks where the pattern has empty components.
func (p Pattern) emptyProblem() string {
	switch p.Match {
	case MatchExact:
		if p.URI == "" {
			return "an exact pattern needs text: a default key is set under the empty prefix"
		}
		if hasEmpty(p.URI) {
			return "it has an empty component: only a wildcard pattern may"
		}
	case MatchPrefix:
		// Only the last component may still be empty: "com.myapp."
		if p.URI != "" && hasEmpty(strings.TrimSuffix(p.URI, ".")) {
			return "it has an empty component before its end: only a wildcard pattern may"
		}
	case MatchWildcard:
		if strings.Trim(p.URI, ".") == "" {
			return "a wildcard pattern needs a component that isn't empty: a default key is set under the empty prefix"
		}
	}
	return ""
}

// hasEmpty tells whether one of the components between the dots is empty.
func hasEmpty(uri string) bool {
	return uri == "" || uri[0] == '.' || uri[len(uri)-1] == '.' || strings.Contains(uri, "..")
}

// Matches tells whether the pattern matches a URI, by WAMP's rules alone: the
// reservation of "wamp." is a rule of [Ring.Lookup]. An invalid pattern matches
// nothing, and nothing matches the empty URI.
//
// The URI isn't validated. An empty component of a pattern matches every
// component, also an empty one, for the reason given at [Ring.Lookup].
func (p Pattern) Matches(uri string) bool {
	return p.problem() == "" && p.matches(uri)
}

// matches is Matches for a pattern that is valid, or that somebody asks for all the same.
func (p Pattern) matches(uri string) bool {
	if uri == "" {
		return false
	}
	switch p.Match {
	case MatchExact:
		return uri == p.URI
	case MatchPrefix:
		return strings.HasPrefix(uri, p.URI)
	}
	return matchWildcard(p.URI, uri)
}

// matchWildcard compares component by component.
func matchWildcard(pattern, uri string) bool {
	for {
		want, pattRest, pattMore := strings.Cut(pattern, ".")
		have, uriRest, uriMore := strings.Cut(uri, ".")
		if want != "" && want != have || pattMore != uriMore {
			return false
		}
		if !pattMore {
			return true
		}
		pattern, uri = pattRest, uriRest
	}
}
