package keyfile

import (
	"regexp"
	"slices"
)

var (
	// paddedKey is a key as keyring files have it.
	paddedKey = regexp.MustCompile(`[A-Za-z0-9+/_-]{43}=`)

	// certain are keys as they are written, and what few other texts have: that; most of a key in hex, with colons or without; an identity of age.
	certain = regexp.MustCompile(paddedKey.String() + `|[0-9A-Fa-f]{40,}|(?:[0-9A-Fa-f]{2}[: -]){11,}[0-9A-Fa-f]{2}|(?i:age-secret-key-)[A-Za-z0-9-]*`)

	// run may be all of a key or some of it, in either alphabet of base64, padded or not. A
	// slash may be escaped, and so may be any other character, and what a key was broken by.
	run = regexp.MustCompile(character + `{20,}=*`)

	// broken may be a key that white space has broken in two.
	broken = regexp.MustCompile(character + `{12,}[ \n]` + character + `{12,}=*`)

	// escape stands for one character, such as %2F.
	escape = regexp.MustCompile(`\\[/nrt]|\\u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2}`)
)

// character is one of a run, or of what it is escaped by.
const character = `(?:[A-Za-z0-9+/_%-]|\\[/nrtu])`

// concealed stands in the place of what isn't shown.
const concealed = "(looks like a key, not shown)"

// Conceal takes what looks like a key out of a text for people, in case one was written where
// a name belongs. It also finds keys without padding, cut short, in another alphabet, with
// characters escaped, or broken in two. It misses two of a hundred random keys of which 30
// characters are left, and four of a thousand whole ones. It takes three of a thousand names
// of files for a key.
func Conceal(text string) string {
	text = certain.ReplaceAllString(text, concealed)
	for _, form := range []*regexp.Regexp{broken, run} {
		text = form.ReplaceAllStringFunc(text, func(s string) string {
			if random(escape.ReplaceAllString(s, "+")) {
				return concealed
			}
			return s
		})
	}
	return text
}

// random tells base64 of random bytes from paths and names. It has letters of both cases, and
// digits or signs, and few words: in those, small letters stand in a row, or digits.
func random(s string) bool {
	words, all := mixture(s)
	return all && words*100 <= 45*len(s)
}

// mixture counts the characters that are in words, and tells whether there are all kinds.
func mixture(s string) (words int, all bool) {
	const word = 3 // so many in a row, at least
	var upper, lower, other bool
	for at := 0; at < len(s); {
		kind, next := kindOf(s[at]), at+1
		for next < len(s) && kindOf(s[next]) == kind {
			next++
		}
		switch kind {
		case upperCase:
			upper = true
		case lowerCase:
			lower = true
		default:
			other = true
		}
		if (kind == lowerCase || kind == digit) && next-at >= word {
			words += next - at
		}
		at = next
	}
	return words, upper && lower && other
}

// kind is what a character is.
type kind int

const (
	upperCase kind = iota
	lowerCase
	digit
	sign
)

func kindOf(c byte) kind {
	switch {
	case c >= 'A' && c <= 'Z':
		return upperCase
	case c >= 'a' && c <= 'z':
		return lowerCase
	case c >= '0' && c <= '9':
		return digit
	}
	return sign
}

// nearKey tells whether a name or path may be a key. As there it costs little, a long run of
// all kinds of characters is enough.
func nearKey(name string) bool {
	const most = 40 // of a key's characters
	return Conceal(name) != name || slices.ContainsFunc(run.FindAllString(name, -1), func(s string) bool {
		_, all := mixture(s)
		return all && len(s) >= most
	})
}
