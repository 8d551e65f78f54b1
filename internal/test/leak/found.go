package leak

import "strings"

// enough bytes of a secret in a row show it.
const enough = 8

// Found returns the first form in which a text shows a part of a secret, or "": its
// beginning, or what comes after.
func Found(text string, secret []byte) string {
	for i := 0; i+enough <= len(secret); i += enough {
		for _, form := range Encodings(secret[i : i+enough]) {
			if strings.Contains(text, string(form)) {
				return string(form)
			}
		}
	}
	return ""
}
