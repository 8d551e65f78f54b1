package codec

import (
	"math/big"

	"github.com/tinylib/msgp/msgp"
)

// messagePackFormat writes the shortest form that MessagePack has for each value.
type messagePackFormat struct{ unmarked }

func (messagePackFormat) null(dst []byte) []byte               { return msgp.AppendNil(dst) }
func (messagePackFormat) boolean(dst []byte, b bool) []byte    { return msgp.AppendBool(dst, b) }
func (messagePackFormat) integer(dst []byte, i int64) []byte   { return msgp.AppendInt64(dst, i) }
func (messagePackFormat) unsigned(dst []byte, u uint64) []byte { return msgp.AppendUint64(dst, u) }
func (messagePackFormat) float(dst []byte, f float64) []byte   { return msgp.AppendFloat64(dst, f) }
func (messagePackFormat) text(dst []byte, s string) []byte     { return msgp.AppendString(dst, s) }
func (messagePackFormat) binary(dst, b []byte) []byte          { return msgp.AppendBytes(dst, b) }
func (messagePackFormat) list(dst []byte, n int) []byte {
	return msgp.AppendArrayHeader(dst, uint32(n))
}
func (messagePackFormat) object(dst []byte, n int) []byte {
	return msgp.AppendMapHeader(dst, uint32(n))
}

// big is never called: MessagePack has no such integers, and the writer refuses them.
func (messagePackFormat) big(dst []byte, _ *big.Int) []byte { return msgp.AppendNil(dst) }
