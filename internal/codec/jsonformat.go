package codec

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// bytesMark begins the string that stands for binary data, quotedMark is how it is
// written.
const (
	bytesMark  = "\x00"
	quotedMark = `\u0000`
)

// appendJSONFloat writes the shortest digits that read back as f, always with a fraction
// or an exponent: all other numbers are integers, so that both stay what they are.
func appendJSONFloat(dst []byte, f float64) []byte {
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'g', -1, 64)
	if !bytes.ContainsAny(dst[start:], ".e") {
		dst = append(dst, ".0"...)
	}
	return dst
}

func appendJSONText(dst []byte, s string) []byte {
	if standsForItself(s) {
		return append(append(append(dst, '"'), s...), '"')
	}
	// The only error is invalid UTF-8, which the writer has refused.
	dst, _ = jsontext.AppendQuote(dst, s)
	return dst
}

// standsForItself reports whether s is of ASCII characters that JSON escapes none of.
// It takes eight at a time, as most text is such: of each byte the highest bit is set
// if it is beyond ASCII, below a space, a quote or a backslash.
func standsForItself(s string) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; len(s) >= 8; s = s[8:] {
		w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		quote, backslash := w^('"'*ones), w^('\\'*ones)
		if (w|(w-' '*ones)|(quote-ones)|(backslash-ones))&high != 0 {
			return false
		}
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
