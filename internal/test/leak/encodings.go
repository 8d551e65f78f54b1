package leak

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Encodings returns the byte strings of which one is in the data if the needle is in it:
// raw, in hex, in base64 at any place, quoted by Go or JSON, or as a list of integers.
// None is empty.
func Encodings(needle []byte) [][]byte {
	shapes := [][]byte{needle}
	for _, verb := range []string{"%x", "%X", "% x", "% X"} {
		shapes = append(shapes, fmt.Appendf(nil, verb, needle))
	}
	for _, verb := range []string{"%q", "%+q"} {
		quoted := fmt.Appendf(nil, verb, needle)
		shapes = append(shapes, quoted[1:len(quoted)-1])
	}
	for offset := range 3 {
		shapes = append(shapes,
			base64Core(base64.StdEncoding, needle, offset),
			base64Core(base64.URLEncoding, needle, offset))
	}
	shapes = append(shapes, integerLists(needle)...)
	if utf8.Valid(needle) {
		shapes = append(shapes, jsonStrings(string(needle))...)
	}
	return shapes
}

// base64Core returns the characters that the needle fixes when it stands in
// longer data, offset bytes after a group of three: 6 bits each, so those at
// its ends that share bits with the neighbours are cut off.
func base64Core(encoding *base64.Encoding, needle []byte, offset int) []byte {
	padded := append(make([]byte, offset), needle...)
	text := encoding.EncodeToString(padded)
	first := (offset*8 + 5) / 6
	last := len(padded) * 8 / 6
	return []byte(text[first:last])
}

// integerLists returns the needle as elements of a list of integers: what
// []byte becomes where it is taken for a list.
func integerLists(needle []byte) [][]byte {
	spaced := strings.Trim(fmt.Sprint(needle), "[]")
	source := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", needle), "[]byte{"), "}")
	var cbor, unsigned, signed []byte
	for _, b := range needle {
		if b >= 24 { // CBOR, RFC 8949 section 3: one byte follows
			cbor = append(cbor, 0x18)
		}
		cbor = append(cbor, b)
		if b >= 0x80 { // MessagePack: uint 8, or int 16 where the writer's type has a sign
			unsigned = append(unsigned, 0xcc)
			signed = append(signed, 0xd1, 0)
		}
		unsigned = append(unsigned, b)
		signed = append(signed, b)
	}
	return [][]byte{
		[]byte(spaced), []byte(strings.ReplaceAll(spaced, " ", ",")), []byte(strings.ReplaceAll(spaced, " ", ", ")),
		[]byte(source), cbor, unsigned, signed,
	}
}

// jsonStrings returns the text as JSON writers escape it: as little as they
// must, with <, > and & escaped for HTML, and in ASCII alone.
func jsonStrings(text string) [][]byte {
	plain, html := jsonString(text, false), jsonString(text, true)
	var ascii []byte
	for _, r := range string(plain) {
		switch {
		case r < utf8.RuneSelf:
			ascii = append(ascii, byte(r))
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			ascii = fmt.Appendf(ascii, `\u%04x\u%04x`, high, low)
		default:
			ascii = fmt.Appendf(ascii, `\u%04x`, r)
		}
	}
	return [][]byte{plain, html, ascii}
}

func jsonString(text string, html bool) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(html)
	if err := encoder.Encode(text); err != nil {
		return []byte(text) // a string always encodes
	}
	return bytes.TrimSuffix(bytes.TrimPrefix(bytes.TrimSpace(out.Bytes()), []byte{'"'}), []byte{'"'})
}
