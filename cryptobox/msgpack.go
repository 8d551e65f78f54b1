package cryptobox

import (
	"math"
	"unicode/utf8"

	"github.com/tinylib/msgp/msgp"
)

func writeMessagePack(root []member, sizeHint int) []byte {
	dst := msgp.AppendMapHeader(make([]byte, 0, sizeHint), uint32(len(root)))
	for _, m := range root {
		dst = msgp.AppendString(dst, m.key)
		dst = appendMessagePack(dst, m.value)
	}
	return dst
}

// appendMessagePack writes a canonical value. Lengths fit 32 bits: the walk
// has kept them within MaxPayload.
func appendMessagePack(dst []byte, v any) []byte {
	switch t := v.(type) {
	case bool:
		return msgp.AppendBool(dst, t)
	case int64:
		return msgp.AppendInt64(dst, t)
	case uint64:
		return msgp.AppendUint64(dst, t)
	case float64:
		return msgp.AppendFloat64(dst, t)
	case string:
		return msgp.AppendString(dst, t)
	case []byte:
		return msgp.AppendBytes(dst, t)
	case []any:
		dst = msgp.AppendArrayHeader(dst, uint32(len(t)))
		for _, e := range t {
			dst = appendMessagePack(dst, e)
		}
		return dst
	case map[string]any:
		dst = msgp.AppendMapHeader(dst, uint32(len(t)))
		for k, e := range t {
			dst = appendMessagePack(msgp.AppendString(dst, k), e)
		}
		return dst
	}
	return msgp.AppendNil(dst)
}

var (
	errMessagePack = malformed("not valid MessagePack")
	errMsgpackExt  = malformed("a MessagePack extension")
)

// readMessagePack parses one value with nothing behind it.
func readMessagePack(data []byte, left *budget) (any, error) {
	r := msgpackReader{rest: data, left: left}
	v, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if len(r.rest) > 0 {
		return nil, malformed("bytes after the MessagePack value")
	}
	return v, nil
}

// msgpackReader walks over rest. It charges the budget and compares declared
// lengths with what is left before it allocates.
type msgpackReader struct {
	rest []byte
	left *budget
}

func (r *msgpackReader) value(depth int) (any, error) {
	switch msgp.NextType(r.rest) {
	case msgp.MapType:
		return r.object(depth)
	case msgp.ArrayType:
		return r.list(depth)
	case msgp.StrType:
		return r.text()
	case msgp.BinType:
		if r.beyondInt() {
			return nil, errMessagePack
		}
		b, rest, err := msgp.ReadBytesBytes(r.rest, []byte{}) // an empty one is not nil
		return step(r, b, rest, err)
	case msgp.NilType:
		rest, err := msgp.ReadNilBytes(r.rest)
		return step[any](r, nil, rest, err)
	case msgp.BoolType:
		b, rest, err := msgp.ReadBoolBytes(r.rest)
		return step(r, b, rest, err)
	case msgp.IntType:
		i, rest, err := msgp.ReadInt64Bytes(r.rest)
		return step(r, i, rest, err)
	case msgp.UintType:
		u, rest, err := msgp.ReadUint64Bytes(r.rest)
		return step(r, canonicalUint(u), rest, err)
	case msgp.Float32Type, msgp.Float64Type:
		f, rest, err := msgp.ReadFloat64Bytes(r.rest)
		return step(r, f, rest, err)
	case msgp.ExtensionType:
		return r.undefined()
	case msgp.TimeType, msgp.Complex64Type, msgp.Complex128Type:
		return nil, errMsgpackExt
	}
	return nil, errMessagePack
}

// step moves on behind v. An error of the library would quote what it read.
func step[T any](r *msgpackReader, v T, rest []byte, err error) (any, error) {
	if err != nil {
		return nil, errMessagePack
	}
	r.rest = rest
	return v, nil
}

// undefined reads the one extension that is taken: fixext 1 of type 0, which
// JavaScript's msgpackr writes for undefined.
func (r *msgpackReader) undefined() (any, error) {
	const fixext1, size = 0xd4, 3
	if r.rest[0] != fixext1 || len(r.rest) < size || r.rest[1] != 0 {
		return nil, errMsgpackExt
	}
	r.rest = r.rest[size:]
	return nil, nil
}

// beyondInt reports a str 32 or bin 32 of 2^31 bytes or more. Nothing holds
// that many, and the library has no int for them on 32-bit systems.
func (r *msgpackReader) beyondInt() bool {
	const str32, bin32 = 0xdb, 0xc6
	return len(r.rest) > 1 && (r.rest[0] == str32 || r.rest[0] == bin32) && r.rest[1]&0x80 != 0
}

func (r *msgpackReader) text() (string, error) {
	if r.beyondInt() {
		return "", errMessagePack
	}
	b, rest, err := msgp.ReadStringZC(r.rest)
	if err != nil {
		return "", errMessagePack
	}
	if !utf8.Valid(b) {
		return "", malformed("a MessagePack string is not valid UTF-8")
	}
	r.rest = rest
	return string(b), nil
}

func (r *msgpackReader) list(depth int) (any, error) {
	n, rest, err := msgp.ReadArrayHeaderBytes(r.rest)
	if err != nil {
		return nil, errMessagePack
	}
	r.rest = rest
	if err := r.enter(n, 1, depth); err != nil {
		return nil, err
	}
	list := make([]any, n)
	for i := range list {
		if list[i], err = r.value(depth + 1); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (r *msgpackReader) object(depth int) (any, error) {
	n, rest, err := msgp.ReadMapHeaderBytes(r.rest)
	if err != nil {
		return nil, errMessagePack
	}
	r.rest = rest
	if err := r.enter(n, 2, depth); err != nil {
		return nil, err
	}
	object := make(map[string]any, n)
	for range n {
		if msgp.NextType(r.rest) != msgp.StrType {
			return nil, malformed("a MessagePack map key is not a string")
		}
		key, err := r.text()
		if err != nil {
			return nil, err
		}
		if _, twice := object[key]; twice {
			return nil, malformed("a MessagePack map key stands twice")
		}
		if object[key], err = r.value(depth + 1); err != nil {
			return nil, err
		}
	}
	return object, nil
}

// enter checks a list or map that declares n entries of at least size bytes.
// All entries are charged at once, before room for them is made: nested lists
// that each declare much must not add up.
func (r *msgpackReader) enter(n uint32, size, depth int) error {
	if depth >= maxNesting {
		return errTooDeep
	}
	if uint64(n)*uint64(size) > uint64(len(r.rest)) {
		return malformed("a MessagePack length beyond the data")
	}
	if n > math.MaxInt32 {
		return errTooMany
	}
	return r.left.takeValues(int(n))
}
