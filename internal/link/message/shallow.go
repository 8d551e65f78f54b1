package message

import (
	"bytes"
	"encoding/base64"
	"math"

	"github.com/gammazero/nexus/v3/transport/serialize"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// Flag reports whether an entry of raw details is true, without decoding them. As in
// decoding, the last one of that name counts.
func (c *Codec) Flag(details []byte, name string) bool {
	if !bytes.Contains(details, []byte(name)) && !mayHideText(details) {
		return false
	}
	h := c.head(details, 0)
	if h.Kind != codec.KindMap {
		return false
	}
	flag := false
	it := itemsOf(c.syntax, details, h)
	for it.more() {
		key, at := c.key(details, it.at)
		if at < 0 {
			return false
		}
		if string(key) == name {
			flag = c.head(details, at).Kind == codec.KindTrue
		}
		it.at = c.skip(details, at)
	}
	return flag && it.at >= 0
}

// mayHideText reports whether a text may stand in there otherwise than as its bytes: with
// escapes of JSON, or in the pieces of CBOR's texts and byte strings (RFC 8949, section
// 3.2.3).
func mayHideText(raw []byte) bool {
	const piecesOfBytes, piecesOfText = 0x5f, 0x7f
	return bytes.IndexByte(raw, '\\') >= 0 || bytes.IndexByte(raw, piecesOfText) >= 0 || bytes.IndexByte(raw, piecesOfBytes) >= 0
}

// Only returns the value of the only entry of a raw map, if that has this name. It returns
// false for any other value.
func (c *Codec) Only(raw []byte, name string) ([]byte, bool) {
	h := c.head(raw, 0)
	if h.Kind != codec.KindMap {
		return nil, false
	}
	it := itemsOf(c.syntax, raw, h)
	if !it.more() {
		return nil, false
	}
	key, at := c.key(raw, it.at)
	if at < 0 || string(key) != name {
		return nil, false
	}
	value := c.head(raw, at)
	if it.at = value.End; value.Kind != codec.KindText && value.Kind != codec.KindBytes {
		it.at = c.skip(raw, value.Start)
	}
	if it.at < 0 {
		return nil, false
	}
	end := it.at
	if it.more() || it.at != len(raw) {
		return nil, false
	}
	return raw[value.Start:end], true
}

// Items appends the items of a raw list to into[:0]. It returns false for any other
// value, and for a list with more items than into has room for.
func (c *Codec) Items(raw []byte, into [][]byte) ([][]byte, bool) {
	into = into[:0]
	h := c.head(raw, 0)
	if h.Kind != codec.KindList {
		return nil, false
	}
	it := itemsOf(c.syntax, raw, h)
	for it.more() {
		at := c.head(raw, it.at).Start
		if it.at = c.skip(raw, at); it.at < 0 || len(into) == cap(into) {
			return nil, false
		}
		into = append(into, raw[at:it.at])
	}
	return into, it.at >= 0
}

// BinaryValue returns binary data: bytes of CBOR, with tag 64 too, and of MessagePack,
// or text that is NUL followed by base64 (WAMP specification, "Binary conversion of JSON
// Strings"). The result is never nil.
func (c *Codec) BinaryValue(raw []byte) ([]byte, bool) {
	h := c.head(raw, 0)
	switch h.Kind {
	case codec.KindTag:
		if h.N != codec.TagUint8Array {
			return nil, false
		}
		if h = c.head(raw, h.End); h.Kind != codec.KindBytes {
			return nil, false
		}
		return content(c.syntax, raw, h, []byte{})
	case codec.KindBytes:
		return content(c.syntax, raw, h, []byte{})
	case codec.KindExt:
		return c.extension(raw, h)
	case codec.KindText:
		encoded, ok := c.usualBinary(raw, h)
		if !ok {
			text, ok := content(c.syntax, raw, h, nil)
			if !ok || len(text) == 0 || text[0] != 0 {
				return nil, false
			}
			encoded = text[1:]
		}
		b := make([]byte, base64.StdEncoding.DecodedLen(len(encoded)))
		n, err := base64.StdEncoding.Strict().Decode(b, encoded)
		return b[:n], err == nil
	}
	return nil, false
}

// escapedNUL begins binary data in JSON as most write it.
const escapedNUL = "\"\\u0000"

// usualBinary returns the base64 of binary data in JSON that has no other escape.
func (c *Codec) usualBinary(raw []byte, h codec.Head) ([]byte, bool) {
	if !c.Text() || !bytes.HasPrefix(raw[h.Start:], []byte(escapedNUL)) {
		return nil, false
	}
	encoded := raw[h.Start+len(escapedNUL) : h.End-1]
	return encoded, bytes.IndexByte(encoded, '\\') < 0
}

// extension returns the binary data of an extension that the application has registered
// for nexus's type.
func (c *Codec) extension(raw []byte, h codec.Head) ([]byte, bool) {
	v, _ := c.special(raw, h)
	switch v := v.(type) {
	case serialize.BinaryData:
		return append([]byte{}, v...), true
	case []byte:
		return append([]byte{}, v...), true
	}
	return nil, false
}

// mayBeBinary reports whether a tag, extension or text looks like binary data. Whether
// base64 is right isn't looked at.
func mayBeBinary(s syntax, b []byte, h codec.Head) bool {
	switch h.Kind {
	case codec.KindTag:
		return h.N == codec.TagUint8Array && s.head(b, h.End).Kind == codec.KindBytes
	case codec.KindText:
		if !h.Open {
			return h.N > 0 && b[h.From] == 0
		}
		var room [64]byte
		text, _ := content(s, b, h, room[:])
		return len(text) > 0 && text[0] == 0
	}
	c := Codec{syntax: s}
	_, ok := c.extension(b, h)
	return ok
}

// key returns a key without escapes, and where its value begins.
func (c *Codec) key(b []byte, i int) (key []byte, at int) {
	h := c.head(b, i)
	if !c.textKey(b, h) {
		return nil, -1
	}
	if h.Kind != codec.KindNull {
		var ok bool
		if key, ok = content(c.syntax, b, h, nil); !ok {
			return nil, -1
		}
	}
	return key, c.behindKey(b, h.End)
}

// Skip returns where the first value of b ends, a negative number where there is none.
func (c *Codec) Skip(b []byte) int { return c.skip(b, 0) }

// skip returns where a value ends.
func (c *Codec) skip(b []byte, i int) int {
	s := scan{syntax: c.syntax, b: b, limit: math.MaxInt}
	return s.value(i, 1)
}
