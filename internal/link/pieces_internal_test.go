package link

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPiecesKeepOrder in whatever way they are written: parts at a time, with what is left
// joined by what came meanwhile.
func TestPiecesKeepOrder(t *testing.T) {
	source := bytes.Repeat([]byte("0123456789abcdef!"), 20_000)
	for range 50 {
		var pending, out pieces
		var got []byte
		from := 0
		for len(got) < len(source) {
			n := min(rand.IntN(3*pieceSize), len(source)-from)
			pending.append(source[from : from+n])
			from += n
			out.join(pending)
			pending = pieces{}
			require.Equal(t, from-len(got), out.size)
			for range rand.IntN(4) {
				if out.size == 0 {
					break
				}
				next := out.next()
				require.NotEmpty(t, next)
				require.LessOrEqual(t, len(next), pieceSize)
				taken := rand.IntN(len(next) + 1)
				got = append(got, next[:taken]...)
				out.drop(taken)
			}
		}
		require.Equal(t, source, got)
		require.Equal(t, pieces{}, out, "nothing is kept")
	}
}
