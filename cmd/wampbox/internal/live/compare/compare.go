package compare

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Names of the two ends.
const (
	thisEnd = "this end"
	thePeer = "the peer"
)

// end is one of the two.
type end struct {
	name string
	List
	ring *keyring.Ring // that says which pattern a URI comes under, and no more
}

// Lists gives what is wrong between this end and its peer, for two lists of
// [NewList] or [ReadList]. What is wrong in one of them alone is for wampbox lint.
func Lists(ours, peers List, now time.Time) []Finding {
	r := &report{}
	a, b := newEnd(thisEnd, ours), newEnd(thePeer, peers)
	for _, p := range a.Patterns {
		i := slices.IndexFunc(b.Patterns, func(other Pattern) bool { return other.parsed == p.parsed })
		if i < 0 {
			r.missing(a, b, p)
			continue
		}
		r.pattern(side{thisEnd, p}, side{thePeer, b.Patterns[i]}, now)
	}
	for _, p := range b.Patterns {
		if !slices.ContainsFunc(a.Patterns, func(other Pattern) bool { return other.parsed == p.parsed }) {
			r.missing(b, a, p)
		}
	}
	r.unkeyed(a, b)
	return r.findings
}

func newEnd(name string, l List) end {
	e := end{name, l, keyring.New()}
	for _, p := range l.Patterns {
		// What a keyring refuses can't be in use; then the hint is missing, and no more.
		_ = e.ring.SetPlain(p.parsed)
	}
	return e
}

// missing reports a pattern that an end has and the other hasn't.
func (r *report) missing(has, hasnt end, p Pattern) {
	level, message := Error, fmt.Sprintf("%s has it, and %s hasn't", has.name, hasnt.name)
	fix := fmt.Sprintf("give %s its half of the key (wampbox add makes both), or remove the pattern at %s", hasnt.name, has.name)
	if p.Plain {
		fix = fmt.Sprintf("declare it plain at %s too, or remove it at %s", hasnt.name, has.name)
	}
	entry, err := hasnt.ring.Lookup(sample(p.parsed))
	var closed *keyring.Error
	switch {
	case err == nil:
		under := hasnt.of(entry.Pattern())
		message += fmt.Sprintf(", where such URIs come under %v", entry.Pattern())
		if under.Plain == p.Plain && (p.Plain || shares(under, p)) {
			level, fix = Warning, "the keys are the same, so it works; write the same patterns at both ends"
		}
	case errors.As(err, &closed) && closed.Near != (keyring.Pattern{}):
		message += fmt.Sprintf(", which has %v: one of them may be a typo", closed.Near)
	case hasnt.Unkeyed != "":
		message += ", where such URIs are plain, as no pattern matches them"
	default:
		message += ", where such URIs are refused, as no pattern matches them"
	}
	r.add(level, MissingPattern, p.parsed, "", message, fix)
}

// of gives what an end says of a pattern that it has.
func (e end) of(p keyring.Pattern) Pattern {
	i := slices.IndexFunc(e.Patterns, func(other Pattern) bool { return other.parsed == p })
	return e.Patterns[i]
}

// shares tells whether two patterns have a version in common.
func shares(a, b Pattern) bool {
	return slices.ContainsFunc(a.Versions, func(v Version) bool { return b.version(v.ID) != nil })
}

// version gives the version with an id, nil if there is none.
func (p Pattern) version(id string) *Version {
	i := slices.IndexFunc(p.Versions, func(v Version) bool { return v.ID == id })
	if i < 0 {
		return nil
	}
	return &p.Versions[i]
}

// unkeyed reports that one end alone takes as plain what no pattern matches.
func (r *report) unkeyed(a, b end) {
	if a.Unkeyed == b.Unkeyed {
		return
	}
	plain, closed := a.name, b.name
	if a.Unkeyed == "" {
		plain, closed = closed, plain
	}
	r.findings = append(r.findings, Finding{
		Level: Warning, Rule: Unkeyed,
		Message: fmt.Sprintf(`URIs that no pattern matches are plain at %s ("unkeyed": "plain"), and refused at %s`, plain, closed),
		Fix:     fmt.Sprintf("declare by patterns what is plain, at both ends, and take \"unkeyed\" out at %s", plain),
	})
}
