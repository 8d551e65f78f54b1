package wire_test

import (
	"encoding/base64"
	"testing"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"github.com/ugorji/go/codec"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

func TestBytesInEveryShape(t *testing.T) {
	want := []byte{0, 1, 0xff}
	b64 := base64.StdEncoding.EncodeToString(want)
	for name, v := range map[string]any{
		"bytes":               want,
		"binary data":         serialize.BinaryData(want),
		"NUL and base64":      "\x00" + b64,
		"base64":              b64,
		"tag 64":              codec.RawExt{Tag: 64, Value: want},
		"list of uint64":      []any{uint64(0), uint64(1), uint64(255)},
		"list of int64":       wamp.List{int64(0), int64(1), int64(255)},
		"list of mixed kinds": []any{uint8(0), 1, uint64(255)},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := wire.Bytes(v)
			require.True(t, ok)
			require.Equal(t, want, got)
		})
	}
	for name, v := range map[string]any{
		"nil":               nil,
		"number":            5,
		"empty string":      "",
		"no base64":         "\x00***",
		"unpadded base64":   "AAE",
		"trailing bits":     "AAF=",
		"map":               map[string]any{"type": "Buffer"},
		"another tag":       codec.RawExt{Tag: 65, Value: want},
		"tag 64, no bytes":  codec.RawExt{Tag: 64, Value: "x"},
		"too large item":    []any{uint64(256)},
		"negative item":     []any{int64(-1)},
		"negative int item": []any{-1},
		"fractional item":   []any{1.0},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := wire.Bytes(v)
			require.False(t, ok)
			require.Nil(t, got)
		})
	}
}
