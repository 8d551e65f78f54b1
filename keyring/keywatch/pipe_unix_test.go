//go:build unix

package keywatch_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch"
)

// pipeAt puts a pipe in a file's place.
func pipeAt(t testing.TB, path string) {
	t.Helper()
	require.NoError(t, syscall.Mkfifo(path+".pipe", 0o600))
	require.NoError(t, os.Rename(path+".pipe", path))
}

// A pipe in the place of the file, or of one that it refers to, is an error as others
// are: one waits for nothing, and goes on with what comes next.
func TestPipesInPlaceOfFiles(t *testing.T) {
	for name, target := range map[string]string{"the file": "keyring.json", "its key": "key"} {
		t.Run(name, func(t *testing.T) {
			path := join(t, "keyring.json")
			write(t, path, withKey("one", "file:key"))
			write(t, filepath.Join(filepath.Dir(path), "key"), []byte(sampleKey))
			w := watch(t, path)
			pipeAt(t, filepath.Join(filepath.Dir(path), target))
			require.ErrorContains(t, w.fails(t, 1), "not a regular file")
			require.Equal(t, "one", w.id())

			replace(t, path, text("two"))
			w.becomes(t, "two")
			pipeAt(t, path)
			require.Error(t, w.fails(t, 2))
			w.closes(t)
		})
	}
}

// The same where it comes between a look and the opening.
func TestPipesThatComeInBetween(t *testing.T) {
	path := join(t, "keyring.json")
	write(t, path+".file", text("one"))
	require.NoError(t, syscall.Mkfifo(path+".pipe", 0o600))
	link(t, path+".file", path)
	w := watch(t, path, keywatch.Settle(time.Millisecond), keywatch.Poll(10*time.Millisecond))
	for began := time.Now(); time.Since(began) < time.Second; {
		link(t, path+".pipe", path)
		link(t, path+".file", path)
	}
	write(t, path+".file", text("two"))
	w.becomes(t, "two")
	w.closes(t)
}
