package keyfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// TestLocksLeaveNothing beside the file, and those who wait for one that is removed lose
// no change by that.
func TestLocksLeaveNothing(t *testing.T) {
	path := created(t)
	const tools, changes = 8, 40
	var all sync.WaitGroup
	for range tools {
		all.Go(func() {
			for range changes {
				assert.NoError(t, keyfile.Update(path, func(f *keyfile.File) error {
					f.Entries[0].Comment += "x"
					return nil
				}))
			}
		})
	}
	all.Wait()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(text), `"`+strings.Repeat("x", tools*changes)+`"`)
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1)
}
