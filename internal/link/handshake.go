package link

import (
	"errors"
	"fmt"
	"io"
	"math/bits"
	"net"

	"github.com/gammazero/nexus/v3/transport/serialize"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// magic begins every RawSocket handshake.
const magic = 0x7f

// rawSocketCode is what a serialization is called in the handshake. AUTO is
// JSON, as for nexus.
func rawSocketCode(s serialize.Serialization) (byte, *message.Codec, error) {
	if s == serialize.AUTO {
		s = serialize.JSON
	}
	codec, err := message.New(s)
	if err != nil {
		return 0, nil, err
	}
	return map[string]byte{"json": 1, "msgpack": 2, "cbor": 3}[codec.Name()], codec, nil
}

// shakeHands agrees on the serializer, tells the router what the client can
// receive, and returns what the router can (WAMP specification, "RawSocket
// Transport", "Handshake").
func shakeHands(conn net.Conn, code, recvCode byte) (sendLimit int, err error) {
	if _, err := conn.Write([]byte{magic, recvCode<<4 | code, 0, 0}); err != nil {
		return 0, fmt.Errorf("RawSocket handshake: %w", err)
	}
	var reply [4]byte
	if _, err := io.ReadFull(conn, reply[:]); err != nil {
		return 0, fmt.Errorf("RawSocket handshake: %w", err)
	}
	if reply[0] != magic {
		return 0, errors.New("RawSocket handshake: the other side speaks no RawSocket: is this the right port?")
	}
	high, low := reply[1]>>4, reply[1]&0xf
	if low == 0 {
		return 0, fmt.Errorf("RawSocket handshake: %s", refusalText(high))
	}
	if low != code {
		return 0, fmt.Errorf("RawSocket handshake: the router chose serializer %d, not %d that was asked for", low, code)
	}
	return frameLimit(high), nil
}

func refusalText(code byte) string {
	switch code {
	case 1:
		return "the router refuses the serializer: set another Config.Serialization"
	case 2:
		return "the router refuses the maximum message length: set another Config.RecvLimit"
	case 3:
		return "the router refuses the use of reserved bits"
	case 4:
		return "the router has too many connections: try again later"
	}
	return fmt.Sprintf("the router refuses with the unknown error %d", code)
}

// frameLimit is the length in bytes that a code in the handshake stands for.
func frameLimit(code byte) int { return 1 << (9 + code) }

// frameCode is the smallest code for limit, the largest where limit isn't set.
func frameCode(limit int) byte {
	const largest = 0xf
	if limit <= 0 {
		return largest
	}
	return byte(min(max(bits.Len(uint(limit-1))-9, 0), largest))
}
