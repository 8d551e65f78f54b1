package message

import (
	"bytes"

	"github.com/gammazero/nexus/v3/transport/serialize"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// msgpackSyntax is MessagePack.
type msgpackSyntax struct{}

// nexusMsgpack knows the extensions that applications have registered.
var nexusMsgpack serialize.MessagePackSerializer

func (*msgpackSyntax) head(b []byte, i int) codec.Head {
	h := codec.MessagePackHead(b, i)
	if !h.Sized(b) {
		return codec.Head{}
	}
	return h
}

func (*msgpackSyntax) next([]byte, int, bool, codec.Kind) (int, bool) { return -1, false }

func (*msgpackSyntax) behindKey(_ []byte, i int) int { return i }

func (*msgpackSyntax) textKey(_ []byte, h codec.Head) bool {
	return h.Kind == codec.KindText || h.Kind == codec.KindBytes || h.Kind == codec.KindNull
}

func (*msgpackSyntax) appendContent(to, _ []byte, _ codec.Head) ([]byte, bool) { return to, false }

// special decodes an extension. That may run the application's own code, whose panics
// become errors. It gets a copy, as it may keep what it is given.
func (*msgpackSyntax) special(b []byte, h codec.Head) (v any, ok bool) {
	err := nexusMsgpack.DeserializeDataItem(bytes.Clone(b[h.Start:h.End]), &v)
	return v, err == nil
}

func (*msgpackSyntax) appendOther(b []byte, v any) ([]byte, error) {
	data, err := nexusMsgpack.SerializeDataItem(codec.AtAnAddress(v))
	return append(b, data...), err
}
