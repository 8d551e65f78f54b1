package capture

import (
	"bytes"
	"math"
	"strconv"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// textual is the serializer whose messages are text.
const textual = "json"

// typeOf reads the number that a list begins with, beyond all types where there is none.
func typeOf(s serialize.Serialization, list []byte) uint64 {
	var root, first codec.Head
	switch s {
	case serialize.JSON:
		number, _, _ := bytes.Cut(list[1:], []byte(","))
		n, err := strconv.ParseUint(string(bytes.TrimSpace(number)), 10, 32)
		if err != nil {
			return math.MaxUint64
		}
		return n
	case serialize.MSGPACK:
		root = codec.MessagePackHead(list, 0)
		first = codec.MessagePackHead(list, root.End)
	default:
		root = codec.CBORHead(list, 0)
		first = codec.CBORHead(list, root.End)
	}
	if !isNumber(first) {
		return math.MaxUint64
	}
	return first.N
}

// isMessage tells whether a number is a type of WAMP's messages.
func isMessage(number uint64) bool {
	const last = uint64(wamp.YIELD)
	return number > 0 && number <= last && wamp.NewMessage(wamp.MessageType(number)) != nil
}

// carries tells whether messages of a type have a payload.
func carries(number uint64) bool {
	switch wamp.MessageType(min(number, math.MaxInt32)) {
	case wamp.ERROR, wamp.PUBLISH, wamp.EVENT, wamp.CALL, wamp.RESULT, wamp.INVOCATION, wamp.YIELD:
		return true
	}
	return false
}
