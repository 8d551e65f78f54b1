package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// encode writes a value in a serializer by its name.
func encode(serializer string, v any) []byte {
	switch serializer {
	case "json":
		return appendJSON(nil, v)
	case "msgpack":
		return appendMessagePack(nil, v)
	case "cbor":
		return appendCBOR(nil, v)
	}
	panic("no serializer " + serializer)
}

// appendJSON writes JSON (RFC 8259) without spaces.
func appendJSON(dst []byte, v any) []byte {
	switch v := v.(type) {
	case verbatim:
		return append(dst, v...)
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case uint64:
		return strconv.AppendUint(dst, v, 10)
	case *big.Int:
		return v.Append(dst, 10)
	case float64:
		text := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return append(dst, text...)
	case string:
		return append(dst, jsonText(v)...)
	case []byte:
		return append(dst, `"\u0000`+base64.StdEncoding.EncodeToString(v)+`"`...)
	case []any:
		return appendJSONList(dst, v)
	case pairs:
		return appendJSONObject(dst, v)
	}
	panic(fmt.Sprintf("JSON: %T", v))
}

func appendJSONList(dst []byte, list []any) []byte {
	dst = append(dst, '[')
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSON(dst, e)
	}
	return append(dst, ']')
}

func appendJSONObject(dst []byte, object pairs) []byte {
	dst = append(dst, '{')
	for i, e := range object {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(dst, jsonText(e.key)...), ':')
		dst = appendJSON(dst, e.value)
	}
	return append(dst, '}')
}

func jsonText(s string) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string
	}
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}

// appendCBOR writes CBOR (RFC 8949), every head as short as it can be.
func appendCBOR(dst []byte, v any) []byte {
	switch v := v.(type) {
	case verbatim:
		return append(dst, v...)
	case nil:
		return append(dst, 0xf6)
	case bool:
		if v {
			return append(dst, 0xf5)
		}
		return append(dst, 0xf4)
	case int:
		return appendCBOR(dst, int64(v))
	case int64:
		if v < 0 {
			return cborHead(dst, 1, uint64(-(v + 1)))
		}
		return cborHead(dst, 0, uint64(v))
	case uint64:
		return cborHead(dst, 0, v)
	case *big.Int:
		return appendCBORBig(dst, v)
	case float64:
		return binary.BigEndian.AppendUint64(append(dst, 0xfb), math.Float64bits(v))
	case string:
		return append(cborHead(dst, 3, uint64(len(v))), v...)
	case []byte:
		return append(cborHead(dst, 2, uint64(len(v))), v...)
	case []any:
		dst = cborHead(dst, 4, uint64(len(v)))
		for _, e := range v {
			dst = appendCBOR(dst, e)
		}
		return dst
	case pairs:
		dst = cborHead(dst, 5, uint64(len(v)))
		for _, e := range v {
			dst = appendCBOR(appendCBOR(dst, e.key), e.value)
		}
		return dst
	}
	panic(fmt.Sprintf("CBOR: %T", v))
}

// appendCBORBig writes a bignum: tag 2, or 3 for a negative one.
func appendCBORBig(dst []byte, n *big.Int) []byte {
	if n.Sign() < 0 {
		return appendCBOR(append(dst, 0xc3), new(big.Int).Not(n).Bytes())
	}
	return appendCBOR(append(dst, 0xc2), n.Bytes())
}

func cborHead(dst []byte, major byte, n uint64) []byte {
	major <<= 5
	switch {
	case n < 24:
		return append(dst, major|byte(n))
	case n <= math.MaxUint8:
		return append(dst, major|24, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, major|25), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, major|27), n)
}
