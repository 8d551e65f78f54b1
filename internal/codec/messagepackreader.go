package codec

import (
	"unicode/utf8"

	"github.com/tinylib/msgp/msgp"
)

var (
	errMessagePack       = malformed("not valid MessagePack")
	errMessagePackExt    = malformed("a MessagePack extension")
	errMessagePackLength = malformed("a MessagePack length beyond the data")
)

// messagePackReader reads MessagePack.
type messagePackReader struct {
	data []byte
	at   int // what was read of it
}

func (r *messagePackReader) rest() []byte { return r.data[r.at:] }

func (r *messagePackReader) end() error {
	if len(r.rest()) > 0 {
		return malformed("bytes after the MessagePack value")
	}
	return nil
}

func (r *messagePackReader) read(it *Item) error {
	switch msgp.NextType(r.rest()) {
	case msgp.MapType:
		n, rest, err := msgp.ReadMapHeaderBytes(r.rest())
		return r.container(it, KindMap, 2, n, rest, err)
	case msgp.ArrayType:
		n, rest, err := msgp.ReadArrayHeaderBytes(r.rest())
		return r.container(it, KindList, 1, n, rest, err)
	case msgp.StrType:
		return r.text(it)
	case msgp.BinType:
		return r.bytes(it)
	case msgp.NilType:
		it.Kind = KindNull
		r.at++
		return nil
	case msgp.ExtensionType:
		return r.undefined(it)
	case msgp.TimeType, msgp.Complex64Type, msgp.Complex128Type:
		return errMessagePackExt
	}
	return r.scalar(it)
}

// scalar reads a boolean or number.
func (r *messagePackReader) scalar(it *Item) error {
	switch msgp.NextType(r.rest()) {
	case msgp.BoolType:
		b, rest, err := msgp.ReadBoolBytes(r.rest())
		it.Kind = KindFalse
		if b {
			it.Kind = KindTrue
		}
		return r.step(rest, err)
	case msgp.IntType:
		i, rest, err := msgp.ReadInt64Bytes(r.rest())
		it.setInteger(i)
		return r.step(rest, err)
	case msgp.UintType:
		u, rest, err := msgp.ReadUint64Bytes(r.rest())
		it.setUnsigned(u)
		return r.step(rest, err)
	case msgp.Float32Type, msgp.Float64Type:
		f, rest, err := msgp.ReadFloat64Bytes(r.rest())
		it.setFloat(f)
		return r.step(rest, err)
	}
	return errMessagePack
}

// step moves on to rest. An error of the library would quote what it read.
func (r *messagePackReader) step(rest []byte, err error) error {
	if err != nil {
		return errMessagePack
	}
	r.at = len(r.data) - len(rest)
	return nil
}

// container is the head of a list or map, whose elements or entries have at least
// size bytes.
func (r *messagePackReader) container(it *Item, kind Kind, size int, n uint32, rest []byte, err error) error {
	if err == nil && int64(n)*int64(size) > int64(len(rest)) {
		return errMessagePackLength
	}
	it.setContainer(kind, int64(n))
	return r.step(rest, err)
}

// undefined reads the one extension that is taken: fixext 1 of type 0, which
// JavaScript's msgpackr writes for undefined.
func (r *messagePackReader) undefined(it *Item) error {
	const fixext1, size = 0xd4, 3
	if b := r.rest(); b[0] != fixext1 || len(b) < size || b[1] != 0 {
		return errMessagePackExt
	}
	r.at += size
	it.Kind = KindNull
	return nil
}

// beyondInt reports a str 32 or bin 32 of 2^31 bytes or more. Nothing holds
// that many, and the library has no int for them on 32-bit systems.
func (r *messagePackReader) beyondInt() bool {
	const str32, bin32 = 0xdb, 0xc6
	b := r.rest()
	return len(b) > 1 && (b[0] == str32 || b[0] == bin32) && b[1]&0x80 != 0
}

func (r *messagePackReader) bytes(it *Item) error {
	if r.beyondInt() {
		return errMessagePack
	}
	b, rest, err := msgp.ReadBytesZC(r.rest())
	it.setChars(KindBytes, b)
	return r.step(rest, err)
}

func (r *messagePackReader) text(it *Item) error {
	if r.beyondInt() {
		return errMessagePack
	}
	b, rest, err := msgp.ReadStringZC(r.rest())
	if err == nil && !utf8.Valid(b) {
		return malformed("a MessagePack string is not valid UTF-8")
	}
	it.setChars(KindText, b)
	return r.step(rest, err)
}
