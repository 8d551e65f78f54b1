//go:build unix

package keyfile_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// soon fails the test if something waits, as for a pipe that nobody writes to.
func soon(t testing.TB, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("it waits for a pipe")
	}
}

// swapped lets a path lead to a file and to a pipe in turns, until the test has done
// something.
func swapped(t testing.TB, path, text string, do func()) {
	t.Helper()
	file, pipe, next := path+".file", path+".pipe", path+".next"
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	require.NoError(t, os.Symlink(file, path))
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for target := pipe; ; {
			select {
			case <-stop:
				return
			default:
			}
			if os.Symlink(target, next) != nil || os.Rename(next, path) != nil {
				return
			}
			if target == pipe {
				target = file
			} else {
				target = pipe
			}
		}
	}()
	defer func() { close(stop); <-stopped }()
	soon(t, do)
}

// To open a pipe would wait for somebody to write to it.
func TestPipesAreNotOpened(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	soon(t, func() {
		_, err := keyfile.Load(pipe)
		require.ErrorContains(t, err, "not a regular file")
		_, err = keyfile.ParseFile(pipe)
		require.ErrorContains(t, err, "not a regular file")
		require.ErrorContains(t, keyfile.Update(pipe, func(*keyfile.File) error { return nil }), "not a regular file")
	})

	path := written(t, one(`"shared": "file:key"`))
	require.NoError(t, syscall.Mkfifo(filepath.Join(filepath.Dir(path), "key"), 0o600))
	soon(t, func() {
		_, err := keyfile.Load(path)
		require.ErrorIs(t, err, keyfile.ErrReference)
		require.ErrorContains(t, err, "not a regular file")
	})
}

// Nor where a file becomes a pipe between a look at it and the opening.
func TestPipesInPlaceOfFiles(t *testing.T) {
	for name, path := range map[string]string{
		"the file": filepath.Join(t.TempDir(), "keyring.json"),
		"its key":  written(t, one(`"shared": "file:key"`)),
	} {
		at, text := path, one(`"shared": "$S"`)
		if name == "its key" {
			at, text = filepath.Join(filepath.Dir(path), "key"), sampleBoth
		}
		loaded, refused := 0, 0
		swapped(t, at, text, func() {
			for began := time.Now(); time.Since(began) < time.Second; {
				if _, err := keyfile.Load(path); err == nil {
					loaded++
				} else if refused++; !assert.ErrorContains(t, err, "not a regular file") {
					return
				}
			}
		})
		require.Positive(t, loaded, name)
		require.Positive(t, refused, name)
	}
}
