package main

import (
	"bytes"
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
	case float64:
		text := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return append(dst, text...)
	case []byte:
		return append(dst, `"\u0000`+base64.StdEncoding.EncodeToString(v)+`"`...)
	case []any:
		items := make([][]byte, len(v))
		for i, e := range v {
			items[i] = appendJSON(nil, e)
		}
		return fmt.Appendf(dst, "[%s]", bytes.Join(items, []byte(",")))
	case pairs:
		items := make([][]byte, len(v))
		for i, e := range v {
			items[i] = appendJSON(append(jsonText(e.key), ':'), e.value)
		}
		return fmt.Appendf(dst, "{%s}", bytes.Join(items, []byte(",")))
	}
	return append(dst, jsonText(v)...)
}

// jsonText is what the standard library makes of a value, in one line.
func jsonText(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
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
