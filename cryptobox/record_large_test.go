package cryptobox_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// TestLargeValues survive as they are. They are copied in pieces of 256 KiB, into room that
// the record before has left.
func TestLargeValues(t *testing.T) {
	const piece = 256 << 10
	pattern := make([]byte, 4*piece+1)
	for i := range pattern {
		pattern[i] = byte(i % 127)
	}
	key := someKeys(t)[cryptobox.SuiteXBox]
	for _, size := range []int{4*piece + 1, piece - 1, piece, piece + 1, 2 * piece, 2*piece + 1, 4 * piece} {
		for _, value := range []any{string(pattern[:size]), string(pattern[:size-2]) + "é", bytes.Clone(pattern[:size])} {
			rec := event([]any{value}, map[string]any{"k": "behind it"})
			var enc []byte
			for range 2 {
				var err error
				enc, _, err = key.Seal(enc[:0], rec)
				require.NoError(t, err)
			}
			var opened cryptobox.Opened
			require.NoError(t, key.Open(enc, cryptobox.Message, &opened))
			args, kwargs, err := opened.Values()
			require.NoError(t, err)
			require.True(t, len(args) == 1 && same(value, args[0]), "%T of %d bytes", value, size)
			require.Equal(t, map[string]any{"k": "behind it"}, kwargs)
			opened.Release()
		}
	}
}
