package cryptobox_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
	"github.com/tinylib/msgp/msgp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

func exactly(want int) func(int) int { return func(int) int { return want } }

// TestPaddedToEverySize: every size from the least on is met, the record is the
// same, and other decoders read it too.
func TestPaddedToEverySize(t *testing.T) {
	for _, s := range serializers {
		for _, bind := range []*cryptobox.Bind{nil, {Kind: cryptobox.KindCall, Realm: "r", From: cryptobox.NewSenderID(), N: 1, TS: 2}} {
			record := cryptobox.NewRecord("com.x", []any{int64(1), "two"}, map[string]any{"k": nil}, bind)
			least := 0
			record.Pad = func(size int) int { least = size; return size }
			data, err := s.Encode(record)
			require.NoError(t, err)
			require.Len(t, data, least)
			sizes := []int{least + 1<<16, least + 1<<20}
			for more := range 600 {
				sizes = append(sizes, least+more)
			}
			for _, size := range sizes {
				record.Pad = exactly(size)
				data, err := s.Encode(record)
				require.NoError(t, err)
				require.Len(t, data, size, s)
				got, err := s.Decode(data)
				require.NoError(t, err)
				require.True(t, sameRecord(record, got))
				require.Nil(t, got.Pad)
				requireReadable(t, s, data)
			}
		}
	}
}

// requireReadable reads data with a library that knows nothing of records.
func requireReadable(t *testing.T, s cryptobox.Serializer, data []byte) {
	t.Helper()
	root := map[string]any{}
	switch s {
	case cryptobox.JSON:
		require.NoError(t, json.Unmarshal(data, &root))
		require.True(t, strings.HasPrefix(root["pad"].(string), "\x00"))
	case cryptobox.MessagePack:
		_, rest, err := msgp.ReadMapStrIntfBytes(data, root)
		require.NoError(t, err)
		require.Empty(t, rest)
		require.IsType(t, []byte{}, root["pad"])
	default:
		require.NoError(t, cbor.Unmarshal(data, &root))
		require.IsType(t, []byte{}, root["pad"])
	}
}

func TestPaddingThatAsksForLess(t *testing.T) {
	for _, s := range serializers {
		for _, size := range []int{0, -1, 10} {
			data, err := s.Encode(padded(exactly(size)))
			require.ErrorIs(t, err, cryptobox.ErrPadding)
			require.Nil(t, data)
		}
	}
}

// TestPaddingEndsAtTheLimit: it never makes a record too large.
func TestPaddingEndsAtTheLimit(t *testing.T) {
	for _, s := range serializers {
		data, err := s.Encode(padded(exactly(1 << 40)))
		require.NoError(t, err)
		require.Len(t, data, cryptobox.MaxPayload)
		_, err = s.Decode(data)
		require.NoError(t, err)
	}
}

func TestPadme(t *testing.T) {
	// Sizes from the paper's definition, computed by hand: the exponent E, the
	// bits S that tell E, and E-S bits that become zero.
	for size, want := range map[int]int{
		0: 0, 1: 1, 2: 2, 3: 3, 7: 7, 8: 8, 9: 10, 15: 16, 16: 16, 17: 18, 100: 104, 1000: 1024, 1025: 1088, 65537: 67584, 1_000_000: 1_015_808,
	} {
		require.Equal(t, want, cryptobox.Padme(size), size)
	}
	last := 0
	for size := range 1 << 17 {
		padded := cryptobox.Padme(size)
		require.GreaterOrEqual(t, padded, size)
		require.LessOrEqual(t, float64(padded), float64(size)*1.12+1)
		require.GreaterOrEqual(t, padded, last)
		require.Equal(t, padded, cryptobox.Padme(padded), "what is padded stays")
		last = padded
	}
}

// padded gives a record with padding.
func padded(pad func(int) int) *cryptobox.Record {
	rec := cryptobox.NewRecord("com.x", nil, nil, nil)
	rec.Pad = pad
	return rec
}
