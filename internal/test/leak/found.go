package leak

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// enough bytes of a secret in a row show it.
const enough = 8

// needle are the forms of a part of a secret.
type needle struct {
	forms []string
	dump  string // as in a hex dump
}

// needlesOf gives those of all parts of a secret.
func needlesOf(secret []byte) (list []needle) {
	for i := 0; i+enough <= len(secret); i += enough {
		part := secret[i : i+enough]
		n := needle{forms: words(part), dump: fmt.Sprintf("% x", part)}
		for _, form := range Encodings(part) {
			n.forms = append(n.forms, string(form))
		}
		list = append(list, n)
	}
	return list
}

// Found returns the first form in which a text shows a part of a secret, or "": its
// beginning, or what comes after.
func Found(text string, secret []byte) string { return found(text, needlesOf(secret)) }

func found(text string, list []needle) string {
	hexDump := strings.ReplaceAll(text, "  ", " ") // which has a gap after each eight bytes
	for _, n := range list {
		for _, form := range n.forms {
			if strings.Contains(text, form) {
				return form
			}
		}
		if strings.Contains(hexDump, n.dump) {
			return n.dump
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
