package leak

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// enough bytes of a secret in a row show it.
const enough = 8

// Found returns the first form in which a text shows a part of a secret, or "": its
// beginning, or what comes after.
func Found(text string, secret []byte) string {
	hexDump := strings.ReplaceAll(text, "  ", " ") // which has a gap after each eight bytes
	for i := 0; i+enough <= len(secret); i += enough {
		part := secret[i : i+enough]
		for _, form := range Encodings(part) {
			if strings.Contains(text, string(form)) {
				return string(form)
			}
		}
		if form := fmt.Sprintf("% x", part); strings.Contains(hexDump, form) {
			return form
		}
		for _, form := range words(part) {
			if strings.Contains(text, form) {
				return form
			}
		}
	}
	return ""
}

// words are two numbers of 32 bits in a row, as an expanded AES key holds them.
// Short numbers are left out: they are found anywhere.
func words(part []byte) []string {
	var out []string
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		first, second := order.Uint32(part), order.Uint32(part[4:])
		if first < 100_000_000 || second < 100_000_000 {
			continue
		}
		for _, form := range []string{"%d %d", "%d, %d", "%d,%d", "%#x, %#x", "%x %x", "(uint32) %d,\n"} {
			out = append(out, fmt.Sprintf(form, []any{first, second}[:strings.Count(form, "%")]...))
		}
	}
	return out
}
