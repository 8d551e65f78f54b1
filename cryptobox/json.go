package cryptobox

import (
	"bytes"
	"encoding/base64"
	"io"
	"math/big"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// JSON has no bytes: the WAMP specification writes them as a string of NUL and
// standard base64. Numbers with a fraction or an exponent are floats, all
// others integers, so that both stay what they are.

const bytesMark = "\x00"

// maxDigits is enough for an integer of MaxBigBits with its sign.
const maxDigits = MaxBigBits/3 + 2

func writeJSON(root []member, sizeHint int) []byte {
	dst := append(make([]byte, 0, sizeHint), '{')
	for i, m := range root {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendJSONString(dst, m.key), ':')
		dst = appendJSON(dst, m.value)
	}
	return append(dst, '}')
}

// appendJSON writes a canonical value without spaces.
func appendJSON(dst []byte, v any) []byte {
	switch t := v.(type) {
	case bool:
		return strconv.AppendBool(dst, t)
	case int64:
		return strconv.AppendInt(dst, t, 10)
	case uint64:
		return strconv.AppendUint(dst, t, 10)
	case float64:
		return appendJSONFloat(dst, t)
	case string:
		return appendJSONString(dst, t)
	case []byte:
		dst = append(dst, `"\u0000`...)
		return append(base64.StdEncoding.AppendEncode(dst, t), '"')
	case *big.Int:
		return t.Append(dst, 10)
	case []any:
		dst = append(dst, '[')
		for i, e := range t {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, e)
		}
		return append(dst, ']')
	case map[string]any:
		dst = append(dst, '{')
		first := true
		for k, e := range t {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = append(appendJSONString(dst, k), ':')
			dst = appendJSON(dst, e)
		}
		return append(dst, '}')
	}
	return append(dst, "null"...)
}

func appendJSONString(dst []byte, s string) []byte {
	// The only error is invalid UTF-8, which the walk has refused.
	dst, _ = jsontext.AppendQuote(dst, s)
	return dst
}

// appendJSONFloat writes the shortest digits that read back as f, always with
// a fraction or an exponent.
func appendJSONFloat(dst []byte, f float64) []byte {
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'g', -1, 64)
	if !bytes.ContainsAny(dst[start:], ".e") {
		dst = append(dst, ".0"...)
	}
	return dst
}

// readJSON parses one value with nothing behind it. The decoder refuses
// invalid UTF-8 and names that stand twice in one object.
func readJSON(data []byte, left *budget) (any, error) {
	r := jsonReader{dec: jsontext.NewDecoder(bytes.NewBuffer(data)), left: left}
	v, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := r.dec.ReadToken(); err != io.EOF {
		return nil, malformed("bytes after the JSON value")
	}
	return v, nil
}

type jsonReader struct {
	dec  *jsontext.Decoder
	left *budget
}

var errJSON = malformed("not valid JSON, or a name stands twice")

func (r *jsonReader) value(depth int) (any, error) {
	tok, err := r.dec.ReadToken()
	if err != nil {
		return nil, errJSON
	}
	if err := r.left.takeValues(1); err != nil {
		return nil, err
	}
	switch tok.Kind() {
	case jsontext.KindNull:
		return nil, nil
	case jsontext.KindTrue, jsontext.KindFalse:
		return tok.Bool(), nil
	case jsontext.KindNumber:
		return jsonNumber(tok.String())
	case jsontext.KindString:
		return jsonString(tok.String())
	}
	if depth >= maxNesting {
		return nil, errTooDeep
	}
	if tok.Kind() == jsontext.KindBeginArray {
		return r.list(depth)
	}
	return r.object(depth)
}

func (r *jsonReader) list(depth int) (any, error) {
	list := []any{}
	for r.dec.PeekKind() != jsontext.KindEndArray {
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return nil, errJSON
	}
	return list, nil
}

func (r *jsonReader) object(depth int) (any, error) {
	object := map[string]any{}
	for r.dec.PeekKind() != jsontext.KindEndObject {
		tok, err := r.dec.ReadToken()
		if err != nil {
			return nil, errJSON
		}
		name := tok.String()
		if strings.HasPrefix(name, bytesMark) {
			return nil, malformed("bytes as a JSON name")
		}
		if object[name], err = r.value(depth + 1); err != nil {
			return nil, err
		}
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return nil, errJSON
	}
	return object, nil
}

func jsonString(s string) (any, error) {
	text, ok := strings.CutPrefix(s, bytesMark)
	if !ok {
		return s, nil
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, malformed("a JSON string begins with NUL and is not base64")
	}
	return b, nil
}

func jsonNumber(text string) (any, error) {
	if strings.ContainsAny(text, ".eE") {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, malformed("a JSON number beyond float64")
		}
		return f, nil
	}
	if len(text) > maxDigits {
		return nil, malformed("an integer beyond MaxBigBits")
	}
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return i, nil
	}
	n, ok := new(big.Int).SetString(text, 10)
	if !ok || n.BitLen() > MaxBigBits {
		return nil, malformed("an integer beyond MaxBigBits")
	}
	return canonicalBig(n), nil
}
