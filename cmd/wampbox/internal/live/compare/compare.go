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
	r.strangers = !slices.ContainsFunc(a.Patterns, func(p Pattern) bool { _, has := b.of(p.parsed); return has })
	said := map[keyring.Pattern]bool{} // of the peer, with one of ours
	for _, p := range a.Patterns {
		if other, has := b.of(p.parsed); has {
			r.pattern(side{thisEnd, p}, side{thePeer, other}, now)
		} else if q, like := r.misspelt(a, b, p); like {
			said[q] = true
		} else {
			r.missing(a, b, p)
		}
	}
	for _, p := range b.Patterns {
		if _, has := a.of(p.parsed); !has && !said[p.parsed] {
			r.missing(b, a, p)
		}
	}
	r.scrambled(a, b, now)
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

// misspelt reports a pattern that the peer has in another form, which it gives: one that
// this end hasn't, and that takes in what the pattern does, or nearly.
func (r *report) misspelt(a, b end, p Pattern) (keyring.Pattern, bool) {
	q, found := b.of(b.meant(p))
	if _, has := a.of(q.parsed); !found || has {
		return keyring.Pattern{}, false
	}
	covers := b.under(p) == q.parsed || a.under(q) == p.parsed
	if covers && q.Plain != p.Plain { // no typo
		return keyring.Pattern{}, false
	}
	if covers && (p.Plain || shares(p, q)) {
		r.add(Warning, MissingPattern, p.parsed, "", fmt.Sprintf("%s has %v in its place: what both match works, and nothing else", b.name, q.parsed),
			"write the same pattern at both ends")
		return q.parsed, true
	}
	r.add(Error, MissingPattern, p.parsed, "", fmt.Sprintf("%s hasn't got it, and has %v: one of them may be a typo", b.name, q.parsed),
		"write the same pattern at both ends, with the two halves of one key (wampbox add makes both)")
	return q.parsed, true
}

// missing reports a pattern that an end has and the other hasn't. Each may have others to
// speak to about other patterns, so that is a note if both agree that such URIs aren't for
// the two of them.
func (r *report) missing(has, hasnt end, p Pattern) {
	level, message := Error, fmt.Sprintf("%s has it, and %s hasn't", has.name, hasnt.name)
	fix := fmt.Sprintf("make the pattern for both with wampbox add, or remove it at %s", has.name)
	if p.Plain {
		fix = fmt.Sprintf("remove it at %s (wampbox remove), or declare it plain at %s too", has.name, hasnt.name)
		if has.keyedIn(p) || hasnt.keyedIn(p) {
			fix = fmt.Sprintf("remove it at %s (wampbox remove): some of its URIs have a key", has.name)
		}
	}
	other, clashes := hasnt.clash(has, p)
	under, found := hasnt.of(hasnt.under(p))
	switch {
	case clashes && p.Plain:
		message += fmt.Sprintf(", where some of its URIs have a key, by %v: these go out in plain from %s, and %s refuses that", other.parsed, has.name, hasnt.name)
	case clashes:
		message += fmt.Sprintf(", where such URIs come under %v, which is plain: these go out in plain from %s, and %s refuses that", other.parsed, hasnt.name, has.name)
		fix = halfOfKey(hasnt.name)
		if _, both := has.of(other.parsed); !both {
			fix = fmt.Sprintf("remove %v at %s (wampbox remove), or ", other.parsed, hasnt.name) + fix
		}
	case found && under.Plain == p.Plain && (p.Plain || shares(under, p)):
		message += fmt.Sprintf(", where such URIs come under %v", under.parsed)
		level, fix = Warning, "it works, as both do the same there; write the same patterns at both ends"
	case found:
		message += fmt.Sprintf(", where such URIs come under %v", under.parsed)
	case hasnt.Unkeyed != "" && p.Plain:
		level = Warning
		message += ", where such URIs are plain too, as no pattern matches them"
	case hasnt.Unkeyed != "":
		message += fmt.Sprintf(", where such URIs are plain, as no pattern matches them: they go out in plain from %s, and %s refuses that", hasnt.name, has.name)
		fix = fmt.Sprintf("take \"unkeyed\" out at %s, and ", hasnt.name) + halfOfKey(hasnt.name)
	default:
		message += ", where such URIs are refused, as no pattern matches them"
		if !r.strangers {
			level, fix = Note, "nothing, unless the two should exchange it: then "+fix
		}
	}
	r.add(level, MissingPattern, p.parsed, "", message, fix)
}

// halfOfKey says what an end needs that sends in plain what the other one seals.
func halfOfKey(name string) string {
	return fmt.Sprintf("give %s its half of the key (wampbox add makes the pattern for both)", name)
}

// of gives what an end says of a pattern, if it has it.
func (e end) of(p keyring.Pattern) (Pattern, bool) {
	i := slices.IndexFunc(e.Patterns, func(other Pattern) bool { return other.parsed == p })
	if i < 0 {
		return Pattern{}, false
	}
	return e.Patterns[i], true
}

// under gives the pattern that a URI of p comes under at an end, zero if there is none.
func (e end) under(p Pattern) keyring.Pattern {
	entry, err := e.ring.Lookup(sample(p.parsed))
	if err != nil {
		return keyring.Pattern{}
	}
	return entry.Pattern()
}

// meant gives the pattern that stands in the place of p at an end, as far as can be told.
func (e end) meant(p Pattern) keyring.Pattern {
	entry, err := e.ring.Lookup(sample(p.parsed))
	var closed *keyring.Error
	switch {
	case err == nil:
		return entry.Pattern()
	case errors.As(err, &closed):
		return closed.Near
	}
	return keyring.Pattern{}
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
