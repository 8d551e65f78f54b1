package codec

import (
	"bytes"
	"encoding/base64"
	"io"
	"math/big"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDigits is enough for an integer of MaxBigBits with its sign.
const maxDigits = MaxBigBits/3 + 2

var errJSON = malformed("not valid JSON, or a name stands twice")

// jsonReader reads JSON (RFC 8259). The Decoder refuses invalid UTF-8. Who builds
// values of items looks for names that stand twice.
type jsonReader struct {
	dec  *jsontext.Decoder // of data, which it doesn't copy
	data bytes.Buffer
	text []byte // of the string with escapes that was read last
}

func (r *jsonReader) reset(data []byte) {
	r.data, r.text = *bytes.NewBuffer(data), nil
	if r.dec == nil {
		r.dec = jsontext.NewDecoder(&r.data, jsontext.AllowDuplicateNames(true))
		return
	}
	r.dec.Reset(&r.data, jsontext.AllowDuplicateNames(true))
}

func (r *jsonReader) end() error {
	if _, err := r.dec.ReadToken(); err != io.EOF {
		return malformed("bytes after the JSON value")
	}
	return nil
}

func (r *jsonReader) read(it *Item) error {
	switch r.dec.PeekKind() {
	case jsontext.KindString, jsontext.KindNumber:
		return r.scalar(it)
	}
	tok, err := r.dec.ReadToken()
	if err != nil {
		return errJSON
	}
	it.Kind = KindEnd
	switch tok.Kind() {
	case jsontext.KindNull:
		it.Kind = KindNull
	case jsontext.KindFalse:
		it.Kind = KindFalse
	case jsontext.KindTrue:
		it.Kind = KindTrue
	case jsontext.KindBeginArray:
		it.setContainer(KindList, undeclared)
	case jsontext.KindBeginObject:
		it.setContainer(KindMap, undeclared)
	}
	return nil
}

// scalar reads a string or a number.
func (r *jsonReader) scalar(it *Item) error {
	v, err := r.dec.ReadValue()
	if err != nil {
		return errJSON
	}
	if v[0] != '"' {
		return it.setJSONNumber(v)
	}
	text := []byte(v[1 : len(v)-1])
	// Bytes need no unquoting but of their mark, as everybody writes it.
	if encoded, ok := bytes.CutPrefix(text, []byte(quotedMark)); ok && bytes.IndexByte(encoded, '\\') < 0 {
		return it.setJSONBytes(encoded)
	}
	if bytes.IndexByte(text, '\\') >= 0 {
		if r.text, err = jsontext.AppendUnquote(r.text[:0], v); err != nil {
			return errJSON
		}
		text = r.text
	}
	if encoded, ok := bytes.CutPrefix(text, []byte(bytesMark)); ok {
		return it.setJSONBytes(encoded)
	}
	it.setChars(KindText, text)
	return nil
}

func (it *Item) setJSONBytes(encoded []byte) error {
	b, err := base64.StdEncoding.AppendDecode([]byte{}, encoded)
	if err != nil {
		return malformed("a JSON string begins with NUL and is not base64")
	}
	it.Kind, it.B, it.own = KindBytes, b, true
	return nil
}

func (it *Item) setJSONNumber(text []byte) error {
	if bytes.ContainsAny(text, ".eE") {
		f, err := strconv.ParseFloat(string(text), 64)
		if err != nil {
			return malformed("a JSON number beyond float64")
		}
		it.setFloat(f)
		return nil
	}
	if len(text) > maxDigits {
		return malformed("an integer beyond MaxBigBits")
	}
	if i, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		it.setInteger(i)
		return nil
	}
	if u, err := strconv.ParseUint(string(text), 10, 64); err == nil {
		it.setUnsigned(u)
		return nil
	}
	n, ok := new(big.Int).SetString(string(text), 10)
	if !ok {
		return errJSON
	}
	return it.setBig(n)
}
