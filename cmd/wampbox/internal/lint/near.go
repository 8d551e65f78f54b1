package lint

import (
	"strings"
	"unicode"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// maxCompared bounds the patterns of a file that are compared with one another.
const maxCompared = 5000

// nearWithin looks for patterns of one file that are nearly the same. Names that differ in
// a digit, and short names, are no typos.
func (r *report) nearWithin() {
	if len(r.entries) > maxCompared {
		return
	}
	for i, e := range r.entries {
		for _, other := range r.entries[:i] {
			switch a, b := e.Pattern.URI, other.Pattern.URI; {
			case lacksDot(e, other):
				r.addLacksDot(e, other)
			case lacksDot(other, e):
				r.addLacksDot(other, e)
			case alike(e.Pattern, other.Pattern) && looksLikeTypo(a, b):
				r.add(e, NearMiss, "it is nearly patterns[%d] %v: see that both are meant", other.index, other.Pattern)
			}
		}
	}
}

// Near tells whether a pattern may be another one with a typo.
func Near(p, other keyring.Pattern) bool {
	withoutDot := func(exact, prefix keyring.Pattern) bool {
		return exact.Match == keyring.MatchExact && prefix == keyring.Prefix(exact.URI+".")
	}
	return withoutDot(p, other) || withoutDot(other, p) || alike(p, other) && looksLikeTypo(p.URI, other.URI)
}

// lacksDot tells whether an entry is of the one URI that a prefix is of but for its dot, where
// one of the two has a key.
func lacksDot(exact, prefix *entry) bool {
	return exact.Pattern.Match == keyring.MatchExact && prefix.Pattern == keyring.Prefix(exact.Pattern.URI+".") && !(exact.Plain && prefix.Plain)
}

func (r *report) addLacksDot(exact, prefix *entry) {
	r.add(exact, NearMiss, "it matches this URI alone, and patterns[%d] %v all that lie below it, and not this one: "+
		"if a dot is missing here, take it out (wampbox remove %s)", prefix.index, prefix.Pattern, words.Argument(exact.Pattern.URI))
}

// alike tells whether patterns differ in no more than case, one character, or two that
// changed places.
func alike(p, other keyring.Pattern) bool {
	a, b := strings.ToLower(p.URI), strings.ToLower(other.URI)
	if p == other || a == "" || b == "" || len(a) > len(b)+1 || len(b) > len(a)+1 {
		return false
	}
	a, b = apart(a, b)
	return len(a) <= 1 && len(b) <= 1 || len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
}

// apart gives what is left of texts without their common beginning and end.
func apart(a, b string) (string, string) {
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return a, b
}

// shortName is the length up to which names that differ in a letter are no typos.
const shortName = 3

func looksLikeTypo(a, b string) bool {
	one, two := strings.Split(a, "."), strings.Split(b, ".")
	if strings.TrimSuffix(a, ".") == strings.TrimSuffix(b, ".") {
		return false
	}
	if len(one) != len(two) { // a dot more or less
		return strings.EqualFold(strings.ReplaceAll(a, ".", ""), strings.ReplaceAll(b, ".", ""))
	}
	for i := range one {
		left, right := apart(strings.ToLower(one[i]), strings.ToLower(two[i]))
		if one[i] == two[i] {
			continue
		}
		if len(one[i]) <= shortName || len(two[i]) <= shortName || strings.ContainsFunc(left+right, unicode.IsDigit) {
			return false
		}
	}
	return true
}
