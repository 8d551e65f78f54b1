package leak

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// enough bytes of a secret in a row show it.
const enough = 8

// forms are the ways in which a part of a secret may show in a text: its beginning, as
// base64 shows it at any place, and what comes after.
func forms(secret []byte) []string {
	var out []string
	for i := 0; i+enough <= len(secret); i++ {
		if i > 2 && i%enough != 0 {
			continue
		}
		part := secret[i : i+enough]
		list := strings.Trim(fmt.Sprint(part), "[]")
		out = append(out,
			string(part), quoted("%q", part), quoted("%+q", part),
			hex.EncodeToString(part), strings.ToUpper(hex.EncodeToString(part)), fmt.Sprintf("% x", part), fmt.Sprintf("% X", part),
			list, strings.ReplaceAll(list, " ", ","), strings.ReplaceAll(list, " ", ", "),
			strings.Trim(strings.TrimPrefix(fmt.Sprintf("%#v", part), "[]byte"), "{}"),
		)
		// Base64 shows the same text at every third byte.
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			out = append(out, encoding.EncodeToString(part[:6]))
		}
	}
	return out
}

func quoted(verb string, part []byte) string {
	text := fmt.Sprintf(verb, part)
	return text[1 : len(text)-1]
}

// Found returns the first form in which a text shows a secret, or "".
func Found(text string, secret []byte) string {
	for _, form := range forms(secret) {
		if strings.Contains(text, form) {
			return form
		}
	}
	return ""
}
