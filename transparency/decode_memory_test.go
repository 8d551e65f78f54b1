//go:build !race

package transparency_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestDecodeOfSharedLists: what types take by methods of their own is bounded as well, though
// a process that holds one list in many places needs little memory for it.
func TestDecodeOfSharedLists(t *testing.T) {
	for name, v := range map[string]any{"short": "x", "long in JSON": strings.Repeat("\x01", 1<<20)} {
		for range 40 {
			v = []any{v, v}
		}
		for _, into := range []any{new(json.RawMessage), new(selfer)} {
			var where *transparency.DecodeError
			require.ErrorAs(t, transparency.Decode(v, into), &where, "%s: %T", name, into)
		}
	}
	var raw json.RawMessage
	require.NoError(t, transparency.Decode([]any{strings.Repeat("\x01", 16<<20)}, &raw))
}
