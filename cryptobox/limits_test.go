package cryptobox_test

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

func TestTooMuchToSeal(t *testing.T) {
	fan := any("x")
	for range 40 {
		fan = []any{fan, fan}
	}
	tree := &node{}
	for range 40 {
		tree = &node{Next: tree, Other: tree}
	}
	// The walk that counts is the same for all serializers.
	for name, v := range map[string]any{
		"just too long":     make([]byte, cryptobox.MaxPayload),
		"many values":       make([]any, cryptobox.MaxValues+1),
		"doubling lists":    fan,
		"doubling structs":  tree,
		"array of nothing":  [math.MaxInt32]struct{}{},
		"array in a struct": struct{ A [math.MaxInt32]struct{} }{},
	} {
		data, err := cryptobox.MessagePack.Encode(cryptobox.NewRecord("", []any{v}, nil, nil))
		require.ErrorIs(t, err, cryptobox.ErrTooLarge, name)
		require.Nil(t, data)
	}
	for name, v := range map[string]any{
		"long string":       strings.Repeat("x", cryptobox.MaxPayload+1),
		"long bytes":        make([]byte, cryptobox.MaxPayload+1),
		"bytes in a struct": struct{ B []byte }{make([]byte, cryptobox.MaxPayload)},
	} {
		for _, s := range serializers {
			data, err := s.Encode(cryptobox.NewRecord("", []any{v}, nil, nil))
			require.ErrorIs(t, err, cryptobox.ErrTooLarge, name)
			require.Nil(t, data)
		}
	}
	// Escapes make JSON longer than what it is made from.
	_, err := cryptobox.JSON.Encode(cryptobox.NewRecord("", []any{strings.Repeat("\x01", cryptobox.MaxPayload/5)}, nil, nil))
	require.ErrorIs(t, err, cryptobox.ErrTooLarge)
}

// TestWhatIsSealedOpens: the limits are the same in both directions.
func TestWhatIsSealedOpens(t *testing.T) {
	deep := any([]any{})
	for range cryptobox.MaxDepth - 1 {
		deep = map[string]any{"k": deep}
	}
	full := make([]any, cryptobox.MaxValues)
	bind := &cryptobox.Bind{Kind: cryptobox.KindCall, Realm: "r", From: cryptobox.SenderID{1}, N: 1, Self: true, Keep: true}
	for _, s := range serializers {
		for _, rec := range []*cryptobox.Record{
			cryptobox.NewRecord("", []any{deep}, map[string]any{"k": deep}, nil),
			cryptobox.NewRecord("com.x", full, nil, bind),
		} {
			data, err := s.Encode(rec)
			require.NoError(t, err)
			got, err := s.Decode(data)
			require.NoError(t, err)
			require.True(t, sameRecord(rec, got))
		}
	}
	ours, theirs := pair(t)
	env, _, err := cryptobox.Seal(ours, cryptobox.MessagePack, "", cryptobox.NewRecord("", []any{make([]byte, cryptobox.MaxPayload-64)}, nil, nil))
	require.NoError(t, err)
	rec, _, err := cryptobox.Open(theirs, env)
	require.NoError(t, err)
	require.Len(t, rec.Args()[0], cryptobox.MaxPayload-64)
}

// nested gives args with n lists or maps nested inside, by serializer.
func nested(n int, list bool) map[cryptobox.Serializer][]byte {
	if list {
		return map[cryptobox.Serializer][]byte{
			cryptobox.JSON:        []byte(`{"args":[` + strings.Repeat("[", n) + strings.Repeat("]", n) + `]}`),
			cryptobox.CBOR:        nestedHex(cborArgs+"81", "81", "80", n),
			cryptobox.MessagePack: nestedHex(msgpackArgs+"91", "91", "90", n),
		}
	}
	return map[cryptobox.Serializer][]byte{
		cryptobox.JSON:        []byte(`{"args":[` + strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) + `]}`),
		cryptobox.CBOR:        nestedHex(cborArgs+"81", "bf6161", "bfff", n, strings.Repeat("ff", n-1)),
		cryptobox.MessagePack: nestedHex(msgpackArgs+"91", "81a161", "80", n),
	}
}

func nestedHex(head, step, last string, n int, tail ...string) []byte {
	text := strings.ReplaceAll(head+strings.Repeat(step, n-1)+last+strings.Join(tail, ""), " ", "")
	data, _ := hex.DecodeString(text)
	return data
}

func TestDepthIsBounded(t *testing.T) {
	for _, list := range []bool{true, false} {
		for s, plaintext := range nested(cryptobox.MaxDepth, list) {
			rec, _, err := openPlaintext(t, s, plaintext)
			require.NoError(t, err, s)
			require.Len(t, rec.Args(), 1)
		}
		for _, n := range []int{cryptobox.MaxDepth + 1, 20_000, 1_000_000} {
			for s, plaintext := range nested(n, list) {
				requireRefused(t, cryptobox.ErrTooLarge, s, plaintext)
			}
		}
	}
	// Unknown keys are read, so they are bounded as well.
	requireRefused(t, cryptobox.ErrTooLarge, cryptobox.JSON, []byte(`{"x":`+strings.Repeat("[", 200)+strings.Repeat("]", 200)+`}`))
}

func TestValuesAreBounded(t *testing.T) {
	n := cryptobox.MaxValues + 100
	header := binary.BigEndian.AppendUint32(nil, uint32(n))
	for s, plaintext := range map[cryptobox.Serializer][]byte{
		cryptobox.JSON:        []byte(`{"args":[0` + strings.Repeat(",0", n-1) + `]}`),
		cryptobox.CBOR:        append(append(unhex(t, cborArgs+"9a"), header...), make([]byte, n)...),
		cryptobox.MessagePack: append(append(unhex(t, msgpackArgs+"dd"), header...), make([]byte, n)...),
	} {
		requireRefused(t, cryptobox.ErrTooLarge, s, plaintext)
	}
	indefinite := append(append(unhex(t, cborArgs+"9f"), make([]byte, n)...), 0xff)
	requireRefused(t, cryptobox.ErrTooLarge, cryptobox.CBOR, indefinite)
	for _, s := range serializers {
		rec, err := s.Decode(make([]byte, cryptobox.MaxPayload+1))
		require.ErrorIs(t, err, cryptobox.ErrTooLarge)
		require.Nil(t, rec)
	}
}

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestRefusedWhileWritten: one long string in a list again and again is refused as
// soon as it is too much.
func TestRefusedWhileWritten(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	shared := make([]any, 200)
	for i := range shared {
		shared[i] = long
	}
	for _, s := range serializers {
		require.Less(t, allocated(func() {
			_, err := s.Encode(cryptobox.NewRecord("", shared, nil, nil))
			require.ErrorIs(t, err, cryptobox.ErrTooLarge)
		}), uint64(6*cryptobox.MaxPayload), s)
	}
}

// TestLongIntegersAreNotComputed: the time for that grows faster than they do.
func TestLongIntegersAreNotComputed(t *testing.T) {
	plaintext := []byte(`{"args":[` + strings.Repeat("7", 1<<20) + `]}`)
	require.Less(t, allocated(func() {
		_, err := cryptobox.JSON.Decode(plaintext)
		require.ErrorIs(t, err, cryptobox.ErrMalformed)
	}), uint64(1<<20+1<<17))
}

// TestDeclaredLengthsDoNotAddUp: nested lists that each declare what the rest
// of a long message could just hold.
func TestDeclaredLengthsDoNotAddUp(t *testing.T) {
	rest := make([]byte, cryptobox.MaxPayload-1024)
	for s, step := range map[cryptobox.Serializer]string{
		cryptobox.MessagePack: "dd000f0000",
		cryptobox.CBOR:        "9a000f0000",
	} {
		head := map[cryptobox.Serializer]string{cryptobox.MessagePack: msgpackArgs, cryptobox.CBOR: cborArgs}[s]
		plaintext := append(unhex(t, head+strings.Repeat(step, 100)), rest...)
		require.Less(t, allocated(func() {
			rec, err := s.Decode(plaintext)
			require.Error(t, err)
			require.Nil(t, rec)
		}), uint64(64<<20), s)
	}
}
