//go:build !race

// With the race detector sync.Pool forgets what it is given, so more is allocated.

package cryptobox_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// TestAllocations: sealing into a buffer that has room makes none, and opening as many as
// there are values.
func TestAllocations(t *testing.T) {
	keys := someKeys(t)
	delete(keys, cryptobox.SuiteShared) // as XBox
	for suite, key := range keys {
		rec := event([]any{"a text", int64(1000)}, nil)
		room := make([]byte, 0, 1<<10)
		var enc []byte
		run := func() {
			var err error
			if enc, _, err = key.Seal(room, rec); err != nil {
				panic(err)
			}
		}
		require.Zero(t, testing.AllocsPerRun(1000, run), suite)
		var opened cryptobox.Opened
		require.LessOrEqual(t, testing.AllocsPerRun(1000, func() {
			if key.Open(enc, cryptobox.Message, &opened) != nil || !opened.HasURI("com.myapp.hello") || !opened.HasRealm("realm1") {
				panic("refused")
			}
			opened.Release()
		}), 0.0, suite)
		const values = 1 + 2 + 1 // the list, a text and its head, a number
		require.LessOrEqual(t, testing.AllocsPerRun(1000, func() {
			if key.Open(enc, cryptobox.Message, &opened) != nil {
				panic("refused")
			}
			if _, _, err := opened.Values(); err != nil {
				panic(err)
			}
			opened.Release()
		}), float64(values), suite)
	}
}
