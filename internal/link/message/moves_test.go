//go:build !race

// The race detector lets pools forget what they keep.

package message_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// TestLargeListMovesSeldom: room is doubled.
func TestLargeListMovesSeldom(t *testing.T) {
	list := make(wamp.List, 300_000)
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		for _, m := range []message.Out{
			{Type: wamp.CALL, URI: "a.b", Args: list},
			{Type: wamp.CALL, URI: "a.b", Args: wamp.List{wamp.Dict{"k": list}}},
		} {
			b := make([]byte, 0, 1024)
			moves := testing.AllocsPerRun(3, func() { _, _ = codec.Append(b, &m) })
			require.LessOrEqual(t, moves, 13.0, serializer) // 1024 << 11 is more than all
		}
	}
}
