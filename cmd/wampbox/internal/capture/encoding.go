package capture

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// Encoding is how captured bytes are written down.
type Encoding string

// The encodings. Auto takes JSON for Text, what is all hex for Hex, what is all
// base64 for Base64, refuses other text, and takes everything else as it is. A sealed
// payload of 40 bytes or more is one of these by chance less than once in 2^50 captures.
const (
	Auto   Encoding = "auto"
	Raw    Encoding = "raw"
	Base64 Encoding = "base64" // standard or URL alphabet, padded or not; white space is ignored, by Auto that between lines
	Hex    Encoding = "hex"    // either case; white space is ignored
	Text   Encoding = "json"   // a JSON value; found by Auto and in Raw
)

// Encodings are those that a user may name.
var Encodings = []Encoding{Auto, Raw, Base64, Hex}

func decode(input []byte, encoding Encoding) (data []byte, found Encoding, err error) {
	ok := true
	switch encoding {
	case Raw:
		return input, Raw, nil
	case Auto:
		if data, found = detect(input); found == Raw && len(data) > 0 && isText(data) {
			return nil, Raw, errText
		}
		return data, found, nil
	case Hex:
		data, ok = fromHex(squeeze(input))
	case Base64:
		data, ok = fromBase64(squeeze(input))
	default:
		return nil, encoding, fmt.Errorf("%w: unknown encoding %.32q: use auto, raw, base64 or hex", ErrCapture, encoding)
	}
	if !ok {
		return nil, encoding, fmt.Errorf("%w: it is not %s", ErrCapture, encoding)
	}
	return data, encoding, nil
}

func detect(input []byte) ([]byte, Encoding) {
	trimmed := bytes.TrimSpace(input)
	if len(trimmed) == 0 {
		return nil, Raw
	}
	if trimmed[0] == '"' {
		if data, ok := fromString(trimmed); ok {
			return data, Base64
		}
	}
	if isJSON(trimmed) {
		return trimmed, Text
	}
	squeezed := squeeze(trimmed)
	if data, ok := fromHex(squeezed); ok {
		return data, Hex
	}
	if data, ok := fromBase64(squeezed); ok && !hasWords(trimmed) {
		return data, Base64
	}
	return input, Raw
}

// hasWords tells whether a line of a text has white space within.
func hasWords(text []byte) bool {
	for line := range bytes.Lines(text) {
		if bytes.ContainsFunc(bytes.TrimSpace(line), unicode.IsSpace) {
			return true
		}
	}
	return false
}

// isJSON tells a list or a map in JSON from other text: numbers and words are
// also base64.
func isJSON(trimmed []byte) bool {
	return len(trimmed) > 0 && (trimmed[0] == '[' || trimmed[0] == '{') && jsontext.Value(trimmed).IsValid()
}

// fromString reads binary data as WAMP writes it into JSON: a string of NUL and
// base64; or of base64 alone, as nexus does.
func fromString(quoted []byte) ([]byte, bool) {
	text, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil {
		return nil, false
	}
	return fromBase64(bytes.TrimPrefix(text, []byte{0}))
}

func fromHex(text []byte) ([]byte, bool) {
	data := make([]byte, hex.DecodedLen(len(text)))
	_, err := hex.Decode(data, text)
	return data, err == nil && len(data) > 0
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
