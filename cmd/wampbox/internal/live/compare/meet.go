package compare

import (
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// anyName stands in a URI for what a pattern leaves open: no pattern is meant to have it.
const anyName = "any-of-these-uris"

// meet gives a URI that stands for all that match both patterns, and whether any does.
// Where both leave the end open, it has more components than a wildcard can have, as only
// then no wildcard stands between them by chance.
func meet(p, q keyring.Pattern) (string, bool) {
	one, two := strings.Split(p.URI, "."), strings.Split(q.URI, ".")
	if len(one) < len(two) {
		p, q, one, two = q, p, two, one
	}
	if len(one) != len(two) && q.Match != keyring.MatchPrefix {
		return "", false
	}
	uri := make([]string, len(one))
	for i := range one {
		a, b := newComponent(p, one, i), newComponent(q, two, i)
		if a.open && !b.open {
			a, b = b, a
		}
		if longer := strings.HasPrefix(a.text, b.text); !longer && a.open && b.open {
			a, b = b, a
		}
		if !strings.HasPrefix(a.text, b.text) || !b.open && a.text != b.text {
			return "", false
		}
		if uri[i] = a.text; a.open {
			uri[i] += anyName
		}
	}
	text := strings.Join(uri, ".")
	if p.Match == keyring.MatchPrefix && q.Match == keyring.MatchPrefix {
		text += strings.Repeat("."+anyName, keyring.MaxComponents)
	}
	return text, true
}

// component is what a pattern says of one: its text, or if it is open how it begins.
type component struct {
	text string
	open bool
}

func newComponent(p keyring.Pattern, parts []string, i int) component {
	switch {
	case i >= len(parts): // behind a prefix
		return component{open: true}
	case p.Match == keyring.MatchWildcard && parts[i] == "", p.Match == keyring.MatchPrefix && i == len(parts)-1:
		return component{parts[i], true}
	}
	return component{text: parts[i]}
}

// counting gives the pattern that counts for a URI at an end, if there is one.
func (e end) counting(uri string) (Pattern, bool) {
	entry, err := e.ring.Lookup(uri)
	if err != nil {
		return Pattern{}, false
	}
	return e.of(entry.Pattern())
}

// clash finds a pattern of an end that counts there for URIs for which p counts at another
// one, where one of the two has a key and the other is plain.
func (e end) clash(other end, p Pattern) (Pattern, bool) {
	for _, q := range e.Patterns {
		if q.Plain == p.Plain {
			continue
		}
		uri, ok := meet(p.parsed, q.parsed)
		if !ok {
			continue
		}
		here, _ := e.counting(uri)
		if there, _ := other.counting(uri); here.parsed == q.parsed && there.parsed == p.parsed {
			return q, true
		}
	}
	return Pattern{}, false
}

// keyedIn tells whether an end has a key for some URIs of a pattern, so that to declare the
// pattern plain at both could take the sealing off them.
func (e end) keyedIn(p Pattern) bool {
	for _, q := range e.Patterns {
		if _, ok := meet(p.parsed, q.parsed); ok && !q.Plain {
			return true
		}
	}
	return false
}
