package keyfile_test

import (
	"fmt"
	"math/rand"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/heap"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// TestManyShapesOfWildcards: a small file takes memory in proportion to its size, though all
// its wildcards fix different components.
func TestManyShapesOfWildcards(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	var entries []string
	for i := range 1000 {
		parts := make([]string, 64)
		for _, at := range rnd.Perm(64)[:32] {
			parts[at] = fmt.Sprintf("%x", i)
		}
		entries = append(entries, fmt.Sprintf(`{"wildcard": %q, "plain": true}`, strings.Join(parts, ".")))
	}
	text := `{"version": 2, "patterns": [` + strings.Join(entries, ", ") + `]}`
	before := heap.InUse()
	ring, err := keyfile.Read(strings.NewReader(text))
	require.NoError(t, err)
	taken := heap.InUse() - before
	runtime.KeepAlive(ring)
	require.Less(t, taken>>20, int64(64), "MiB for a file of %d KiB", len(text)>>10)
}
