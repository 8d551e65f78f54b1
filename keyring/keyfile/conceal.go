package keyfile

import (
	"regexp"
	"strings"
)

// Keys as they are written, and what few other texts have.
var (
	paddedKey = regexp.MustCompile(`[A-Za-z0-9+/]{43}=`)
	hexKey    = regexp.MustCompile(`[0-9A-Fa-f]{64}`)
	keyLike   = regexp.MustCompile(paddedKey.String() + `|` + hexKey.String())
	keyRun    = regexp.MustCompile(`[A-Za-z0-9+/_-]{40,}`) // most of a key, in any alphabet
)

// Conceal takes out of a text for people what looks like a key, in case that
// one was written where a name belongs.
func Conceal(text string) string {
	return keyLike.ReplaceAllString(text, "(looks like a key, not shown)")
}

// nearKey tells whether a name or path may be a key all the same: without padding, cut
// short, or in another alphabet. Few have that long a run with all kinds of characters.
func nearKey(name string) bool {
	const upper, digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
	for _, run := range keyRun.FindAllString(name, -1) {
		if strings.ContainsAny(run, upper) && strings.ContainsAny(run, strings.ToLower(upper)) && strings.ContainsAny(run, digits) {
			return true
		}
	}
	return hexKey.MatchString(name)
}
