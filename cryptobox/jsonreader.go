package cryptobox

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

// jsonReader reads JSON (RFC 8259). The decoder refuses invalid UTF-8. Who builds
// values of items looks for names that stand twice.
type jsonReader struct {
	dec  *jsontext.Decoder // of data, which it doesn't copy
	data bytes.Buffer
}

func (r *jsonReader) reset(data []byte) {
	r.data = *bytes.NewBuffer(data)
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

func (r *jsonReader) item() (item, error) {
	switch r.dec.PeekKind() {
	case jsontext.KindString, jsontext.KindNumber:
		return r.scalar()
	}
	tok, err := r.dec.ReadToken()
	if err != nil {
		return item{}, errJSON
	}
	switch tok.Kind() {
	case jsontext.KindNull:
		return item{kind: itemNull}, nil
	case jsontext.KindFalse:
		return item{kind: itemFalse}, nil
	case jsontext.KindTrue:
		return item{kind: itemTrue}, nil
	case jsontext.KindBeginArray:
		return item{kind: itemList, n: undeclared}, nil
	case jsontext.KindBeginObject:
		return item{kind: itemMap, n: undeclared}, nil
	}
	return item{kind: itemEnd}, nil
}

// scalar reads a string or a number.
func (r *jsonReader) scalar() (item, error) {
	v, err := r.dec.ReadValue()
	if err != nil {
		return item{}, errJSON
	}
	if v[0] != '"' {
		return jsonNumber(v)
	}
	text := []byte(v[1 : len(v)-1])
	// Bytes need no unquoting but of their mark, as everybody writes it.
	if encoded, ok := bytes.CutPrefix(text, []byte(quotedMark)); ok && bytes.IndexByte(encoded, '\\') < 0 {
		return jsonBytes(encoded)
	}
	if bytes.IndexByte(text, '\\') >= 0 {
		if text, err = jsontext.AppendUnquote(nil, v); err != nil {
			return item{}, errJSON
		}
	}
	if encoded, ok := bytes.CutPrefix(text, []byte(bytesMark)); ok {
		return jsonBytes(encoded)
	}
	return item{kind: itemText, b: text}, nil
}

func jsonBytes(encoded []byte) (item, error) {
	b, err := base64.StdEncoding.AppendDecode([]byte{}, encoded)
	if err != nil {
		return item{}, malformed("a JSON string begins with NUL and is not base64")
	}
	return item{kind: itemBytes, b: b, own: true}, nil
}

func jsonNumber(text []byte) (item, error) {
	if bytes.ContainsAny(text, ".eE") {
		f, err := strconv.ParseFloat(string(text), 64)
		if err != nil {
			return item{}, malformed("a JSON number beyond float64")
		}
		return floatItem(f), nil
	}
	if len(text) > maxDigits {
		return item{}, malformed("an integer beyond MaxBigBits")
	}
	if i, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		return integerItem(i), nil
	}
	n, ok := new(big.Int).SetString(string(text), 10)
	if !ok {
		return item{}, errJSON
	}
	return bigItem(n)
}
