package wire

import (
	"encoding/base64"
	"math"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/ugorji/go/codec"
)

// tagUint8Array is the CBOR tag of an array of unsigned bytes (RFC 8746), as
// JavaScript peers write a Uint8Array.
const tagUint8Array = 64

// Bytes returns the binary data in v. Routers pass binary data on in several
// shapes, depending on the serializers at both ends: as bytes, as the string
// "\u0000" followed by base64 (WAMP specification, "Binary conversion of JSON
// Strings"), as base64 alone, as CBOR tag 64, and as a list of small integers.
// The result may share memory with v.
func Bytes(v any) ([]byte, bool) {
	switch v := v.(type) {
	case []byte:
		return v, true
	case serialize.BinaryData:
		return v, true
	case string:
		return fromBase64(v)
	case codec.RawExt:
		if v.Tag != tagUint8Array {
			return nil, false
		}
		b, ok := v.Value.([]byte)
		return b, ok
	case []any:
		return fromList(v)
	case wamp.List:
		return fromList(v)
	}
	return nil, false
}

func fromBase64(s string) ([]byte, bool) {
	if s == "" {
		return nil, false
	}
	if s[0] == 0 {
		s = s[1:]
	}
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, false
	}
	return b, true
}

func fromList(list []any) ([]byte, bool) {
	b := make([]byte, len(list))
	for i, item := range list {
		n, ok := smallInteger(item)
		if !ok {
			return nil, false
		}
		b[i] = n
	}
	return b, true
}

func smallInteger(v any) (byte, bool) {
	var n uint64
	switch v := v.(type) {
	case uint8:
		n = uint64(v)
	case uint64:
		n = v
	case int64:
		n = uint64(v) // a negative one is far too large
	case int:
		n = uint64(v)
	default:
		return 0, false
	}
	return byte(n), n <= math.MaxUint8
}
