package message_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// clearing empties the map that it stands in.
type clearing struct{ in wamp.Dict }

func (v clearing) MarshalBinary() ([]byte, error) { clear(v.in); return []byte("x"), nil }
func (clearing) UnmarshalBinary([]byte) error     { return nil }
func (v clearing) MarshalJSON() ([]byte, error)   { clear(v.in); return []byte("1"), nil }
func (clearing) UnmarshalJSON([]byte) error       { return nil }

// TestMapThatChanges while it is written has no other number of entries than its head says.
func TestMapThatChanges(t *testing.T) {
	changing := func() wamp.Dict {
		in := wamp.Dict{}
		in["a"], in["b"] = &clearing{in}, &clearing{in}
		return in
	}
	for serializer := range serializations {
		c := newCodec(t, serializer)
		_, err := c.Append(nil, &message.Out{Type: wamp.YIELD, Kwargs: changing()})
		require.ErrorIs(t, err, message.ErrUnsendable, serializer)
		var w codec.Writer
		w.Reset(codec.FormatCBOR, nil)
		var refused *codec.ValueError
		require.ErrorAs(t, w.Map(changing(), 0, c.Form), &refused, serializer)
		require.Equal(t, "map", refused.Type)
	}
}
