package capture

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strconv"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// Encoding is how captured bytes are written down.
type Encoding string

// The encodings. Auto takes JSON for Text, what is all hex for Hex, what is all
// base64 for Base64, looks for messages in other text, and takes everything else as it is. A
// sealed payload of 40 bytes or more is one of these by chance less than once in 2^30
// captures.
const (
	Auto   Encoding = "auto"
	Raw    Encoding = "raw"
	Base64 Encoding = "base64" // standard or URL alphabet, padded or not; white space is ignored, by Auto that between lines
	Hex    Encoding = "hex"    // either case; with white space, 0x, \x, colons, commas, as a list in source code, as a dump
	Text   Encoding = "json"   // a JSON value; found by Auto and in Raw
)

// Encodings are those that a user may name.
var Encodings = []Encoding{Auto, Raw, Base64, Hex}

// jsonOptions are for what others wrote.
var jsonOptions = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// isJSON tells a list or a map in JSON from other text: numbers and words are
// also base64.
func isJSON(trimmed []byte) bool {
	return len(trimmed) > 0 && (trimmed[0] == '[' || trimmed[0] == '{') && jsontext.Value(trimmed).IsValid(jsonOptions...)
}

// isWrapped tells whether a text is in one piece, or in lines of one length: those of which
// one differs are words.
func isWrapped(text []byte) bool {
	width, short := -1, false
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if short || bytes.ContainsFunc(line, unicode.IsSpace) || width >= 0 && len(line) > width {
			return false
		}
		short = width >= 0 && len(line) < width
		width = len(line)
	}
	return true
}

var (
	hexPrefix    = regexp.MustCompile(`0[xX]|\\+x`)
	hexSeparator = regexp.MustCompile(`[\s:,;-]+`)
	hexWord      = regexp.MustCompile(`^(?:<Buffer |h')`)
)

// fromHexText reads bytes in hex as people and programs write them.
func fromHexText(text []byte) ([]byte, bool) {
	if data, ok := fromHex(squeeze(text)); ok {
		return data, true
	}
	text = bytes.Trim(hexWord.ReplaceAll(text, nil), "{}[]()<>'\"; \r\n")
	prefixed := hexPrefix.ReplaceAll(text, []byte(" "))
	var digits []byte
	for _, token := range hexSeparator.Split(string(prefixed), -1) {
		switch {
		case len(token) == 1 && len(prefixed) < len(text): // as 0x0 is written
			digits = append(digits, '0')
		case len(token)%2 != 0:
			return nil, false
		}
		digits = append(digits, token...)
	}
	return fromHex(digits)
}

func fromHex(text []byte) ([]byte, bool) {
	data := make([]byte, hex.DecodedLen(len(text)))
	_, err := hex.Decode(data, text)
	return data, err == nil && len(data) > 0
}

// around64 stands before base64 where it is a part of something: a URL, a string of WAMP's
// in which the NUL is written down.
var around64 = regexp.MustCompile("^(?:data:[^,]{0,100};base64,|b?[\"'`])?(?:\\\\u0000|\\\\x00|\\\\0|\\x00)?")

// fromBase64Text reads base64 that was cut out of something.
func fromBase64Text(text []byte) ([]byte, bool) {
	return fromBase64(squeeze(bytes.TrimRight(around64.ReplaceAll(text, nil), "\"'`,; \r\n")))
}

func fromBase64(text []byte) ([]byte, bool) {
	text = bytes.TrimRight(text, "=")
	for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		data := make([]byte, alphabet.DecodedLen(len(text)))
		if _, err := alphabet.Strict().Decode(data, text); err == nil {
			return data, len(data) > 0
		}
	}
	return nil, false
}

// squeeze takes out white space, as of lines that were wrapped.
func squeeze(text []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}

// fromLiteral reads bytes as Python and C write them, b'\x01A\n'.
func fromLiteral(text []byte) ([]byte, bool) {
	text = bytes.TrimPrefix(text, []byte("b"))
	if len(text) < 2 || text[0] != '\'' && text[0] != '"' || text[len(text)-1] != text[0] || !bytes.Contains(text, []byte(`\x`)) {
		return nil, false
	}
	quote, rest := text[0], string(text[1:len(text)-1])
	var data []byte
	for rest != "" {
		r, multibyte, tail, err := strconv.UnquoteChar(rest, quote)
		if err != nil && len(rest) > 1 && rest[0] == '\\' && (rest[1] == '\'' || rest[1] == '"' || rest[1] == '0') {
			r, multibyte, tail, err = rune(rest[1]), false, rest[2:], nil
			if r == '0' {
				r = 0
			}
		}
		if err != nil || multibyte {
			return nil, false
		}
		data, rest = append(data, byte(r)), tail
	}
	return data, len(data) > 0
}

// fromNumbers reads a list of bytes in decimal: JSON's, with commas, or Go's, with spaces.
func fromNumbers(text []byte) ([]byte, bool) {
	if len(text) < 2 || text[0] != '[' || text[len(text)-1] != ']' {
		return nil, false
	}
	var data []byte
	for field := range bytes.FieldsFuncSeq(text[1:len(text)-1], func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		n, err := strconv.ParseUint(string(field), 10, 8)
		if err != nil {
			return nil, false
		}
		data = append(data, byte(n))
	}
	return data, len(data) > maxElements
}

// maxElements is how many a message of WAMP has.
const maxElements = 7
