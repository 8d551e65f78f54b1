package cryptobox_test

import (
	"encoding/binary"
	"encoding/hex"
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
	// The walk that counts is the same in both dialects.
	for name, v := range map[string]any{
		"just too long":  make([]byte, cryptobox.MaxPayload),
		"many values":    make([]any, cryptobox.MaxValues+1),
		"doubling lists": fan,
	} {
		data, err := encode(t, cryptobox.Passthru, cryptobox.NewForeignRecord("", []any{v}, nil))
		require.ErrorIs(t, err, cryptobox.ErrTooLarge, name)
		require.Nil(t, data)
	}
	for name, v := range map[string]any{
		"long string": strings.Repeat("x", cryptobox.MaxPayload+1),
		"long bytes":  make([]byte, cryptobox.MaxPayload+1),
	} {
		for _, d := range foreign {
			data, err := encode(t, d, cryptobox.NewForeignRecord("", []any{v}, nil))
			require.ErrorIs(t, err, cryptobox.ErrTooLarge, name)
			require.Nil(t, data)
		}
	}
	// Escapes make JSON longer than what it is made from.
	_, err := encode(t, cryptobox.Autobahn, cryptobox.NewForeignRecord("", []any{strings.Repeat("\x01", cryptobox.MaxPayload/5)}, nil))
	require.ErrorIs(t, err, cryptobox.ErrTooLarge)
}

// TestWhatIsSealedOpens: the limits are the same in both directions.
func TestWhatIsSealedOpens(t *testing.T) {
	deep := any([]any{})
	for range cryptobox.MaxDepth - 1 {
		deep = map[string]any{"k": deep}
	}
	full := make([]any, cryptobox.MaxValues)
	for _, d := range foreign {
		for _, rec := range []*cryptobox.ForeignRecord{
			cryptobox.NewForeignRecord("", []any{deep}, map[string]any{"k": deep}),
			cryptobox.NewForeignRecord("com.x", full, nil),
		} {
			data, err := encode(t, d, rec)
			require.NoError(t, err)
			got, err := decode(t, d, data)
			require.NoError(t, err)
			require.True(t, sameRecord(rec, got))
		}
	}
	ours, theirs := pair(t)
	payload, _, err := cryptobox.SealForeign(ours, cryptobox.Passthru, cryptobox.NewForeignRecord("", []any{make([]byte, cryptobox.MaxPayload-64)}, nil))
	require.NoError(t, err)
	rec, _, err := cryptobox.OpenForeign(theirs, cryptobox.Passthru, payload)
	require.NoError(t, err)
	require.Len(t, rec.Args()[0], cryptobox.MaxPayload-64)
}

// nested gives args with n lists or maps nested inside, by dialect.
func nested(n int, list bool) map[cryptobox.Dialect][]byte {
	if list {
		return map[cryptobox.Dialect][]byte{
			cryptobox.Autobahn: []byte(`{"args":[` + strings.Repeat("[", n) + strings.Repeat("]", n) + `]}`),
			cryptobox.Passthru: nestedHex(cborArgs+"81", "81", "80", n),
		}
	}
	return map[cryptobox.Dialect][]byte{
		cryptobox.Autobahn: []byte(`{"args":[` + strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) + `]}`),
		cryptobox.Passthru: nestedHex(cborArgs+"81", "bf6161", "bfff", n, strings.Repeat("ff", n-1)),
	}
}

func nestedHex(head, step, last string, n int, tail ...string) []byte {
	text := strings.ReplaceAll(head+strings.Repeat(step, n-1)+last+strings.Join(tail, ""), " ", "")
	data, _ := hex.DecodeString(text)
	return data
}

func TestForeignDepthIsBounded(t *testing.T) {
	for _, list := range []bool{true, false} {
		for d, plaintext := range nested(cryptobox.MaxDepth, list) {
			rec, err := decode(t, d, plaintext)
			require.NoError(t, err, d)
			require.Len(t, rec.Args(), 1)
		}
		for _, n := range []int{cryptobox.MaxDepth + 1, 20_000, 1_000_000} {
			for d, plaintext := range nested(n, list) {
				requireRefused(t, cryptobox.ErrTooLarge, d, plaintext)
			}
		}
	}
	// Unknown keys are read, so they are bounded as well.
	requireRefused(t, cryptobox.ErrTooLarge, cryptobox.Autobahn, []byte(`{"x":`+strings.Repeat("[", 200)+strings.Repeat("]", 200)+`}`))
}

func TestForeignValuesAreBounded(t *testing.T) {
	n := cryptobox.MaxValues + 100
	header := binary.BigEndian.AppendUint32(nil, uint32(n))
	for d, plaintext := range map[cryptobox.Dialect][]byte{
		cryptobox.Autobahn: []byte(`{"args":[0` + strings.Repeat(",0", n-1) + `]}`),
		cryptobox.Passthru: append(append(unhex(t, cborArgs+"9a"), header...), make([]byte, n)...),
	} {
		requireRefused(t, cryptobox.ErrTooLarge, d, plaintext)
	}
	indefinite := append(append(unhex(t, cborArgs+"9f"), make([]byte, n)...), 0xff)
	requireRefused(t, cryptobox.ErrTooLarge, cryptobox.Passthru, indefinite)
	for _, d := range foreign {
		rec, err := decode(t, d, make([]byte, cryptobox.MaxPayload+1))
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
	for _, d := range foreign {
		require.Less(t, allocated(func() {
			_, err := encode(t, d, cryptobox.NewForeignRecord("", shared, nil))
			require.ErrorIs(t, err, cryptobox.ErrTooLarge)
		}), uint64(6*cryptobox.MaxPayload), d)
	}
}

// TestLongIntegersAreNotComputed: the time for that grows faster than they do.
func TestLongIntegersAreNotComputed(t *testing.T) {
	box := known(t, 1)
	payload, err := box.Seal([]byte(`{"args":[` + strings.Repeat("7", 1<<20) + `]}`))
	require.NoError(t, err)
	require.Less(t, allocated(func() {
		requireNoRecord(t, cryptobox.ErrMalformed, box, cryptobox.Autobahn, payload)
	}), uint64(1<<20+1<<17))
}

// TestDeclaredLengthsDoNotAddUp: nested lists that each declare what the rest
// of a long message could just hold.
func TestDeclaredLengthsDoNotAddUp(t *testing.T) {
	rest := make([]byte, cryptobox.MaxPayload-1024)
	plaintext := append(unhex(t, cborArgs+strings.Repeat("9a000f0000", 100)), rest...)
	require.Less(t, allocated(func() {
		_, err := decode(t, cryptobox.Passthru, plaintext)
		require.Error(t, err)
	}), uint64(64<<20))
}
