package keyring

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// scramblings are those of a ring, by their prefixes, none of which is below another.
type scramblings []*scrambling

// MaxScrambled bounds the prefixes of a ring whose URIs are scrambled.
const MaxScrambled = 1024

// of gives the scrambling of a URI, or of a text that URIs begin with; nil for none. A prefix of
// the URI is the last one that doesn't stand behind it, since what is between would be below.
func (all scramblings) of(uri string) *scrambling {
	if len(all) == 0 {
		return nil
	}
	i, found := slices.BinarySearchFunc(all, uri, func(sc *scrambling, uri string) int { return strings.Compare(sc.prefix, uri) })
	switch {
	case found:
		return all[i]
	case i > 0 && strings.HasPrefix(uri, all[i-1].prefix):
		return all[i-1]
	}
	return nil
}

// get gives that of a prefix, nil for none.
func (all scramblings) get(prefix string) *scrambling {
	if sc := all.of(prefix); sc != nil && sc.prefix == prefix {
		return sc
	}
	return nil
}

// with gives a copy with one in place of that of the same prefix, or refuses it.
func (all scramblings) with(sc *scrambling) (scramblings, error) {
	next := all.without(sc.prefix)
	for _, other := range next {
		if strings.HasPrefix(sc.prefix, other.prefix) || strings.HasPrefix(other.prefix, sc.prefix) {
			return nil, fmt.Errorf("%w: the URIs below %q are scrambled already: choose one of both prefixes", ErrScrambled, other.prefix)
		}
	}
	if len(next) >= MaxScrambled {
		return nil, refuse(fmt.Sprintf("a ring has at most %d scrambled prefixes", MaxScrambled))
	}
	i, _ := slices.BinarySearchFunc(next, sc.prefix, func(sc *scrambling, prefix string) int { return strings.Compare(sc.prefix, prefix) })
	return slices.Insert(next, i, sc), nil
}

// has tells whether a secret is one of a prefix.
func (all scramblings) has(prefix string, id cryptobox.KeyID) bool {
	sc := all.get(prefix)
	return sc != nil && slices.ContainsFunc(sc.secrets, func(v *scrambleSecret) bool { return v.id == id })
}

// without gives a copy without a prefix.
func (all scramblings) without(prefix string) scramblings {
	return slices.DeleteFunc(slices.Clone(all), func(sc *scrambling) bool { return sc.prefix == prefix })
}

// takes says why an entry can't be below the prefixes, or is nil.
func (all scramblings) takes(e *Entry) error {
	if sc := all.of(e.pattern.fixedText()); sc != nil {
		return sc.takes(e)
	}
	return nil
}

// apart refuses a pattern that matches URIs below a prefix and doesn't lie there.
func (all scramblings) apart(p Pattern) error {
	for _, sc := range all {
		if _, ok := p.meet(Prefix(sc.prefix)); ok {
			return &Error{Op: opScramble, Pattern: p, Err: fmt.Errorf(
				"%w: it matches URIs below %q, which are scrambled, and others: ask for each by itself", ErrPattern, sc.prefix)}
		}
	}
	return nil
}
