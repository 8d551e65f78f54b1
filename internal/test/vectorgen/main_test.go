package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../../.."

// TestFilesAreCurrent: what is committed is what the generator makes. If this fails,
// run go run ./internal/test/vectorgen and look at what has changed.
func TestFilesAreCurrent(t *testing.T) {
	committed, err := os.ReadFile(filepath.Join(root, vectorsPath))
	require.NoError(t, err)
	// Not require.Equal, which would print both.
	require.True(t, bytes.Equal(committed, vectorsFile()), "%s is another one", vectorsPath)

	text, err := os.ReadFile(filepath.Join(root, formatPath))
	require.NoError(t, err)
	with, err := withExample(text)
	require.NoError(t, err)
	require.True(t, bytes.Equal(text, with), "the example in %s is another one", formatPath)
}

// TestTheSameTwice: no order of a map, no clock and no randomness gets in.
func TestTheSameTwice(t *testing.T) {
	first := vectorsFile()
	for range 5 {
		require.True(t, bytes.Equal(first, vectorsFile()))
	}
}

// TestWrite makes both files in an empty place.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{vectorsPath, formatPath} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o755))
	}
	path := filepath.Join(dir, formatPath)
	require.NoError(t, os.WriteFile(path, []byte("before\n"+exampleBegin+"old\n"+exampleEnd+"after\n"), 0o600))
	require.NoError(t, writeFiles(dir))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "before\n"+exampleBegin+example()+exampleEnd+"after\n", string(text))

	require.NoError(t, os.WriteFile(path, []byte("no place"), 0o600))
	require.Error(t, writeFiles(dir))
}

// TestNoncesAreUsedOnce: the same nonce never seals two plaintexts under one key.
func TestNoncesAreUsedOnce(t *testing.T) {
	type use struct{ keys, nonce any }
	seen := map[use]any{}
	bytesOf := func(v any) any { return v.(map[string]any)["$bytes"] }
	for _, v := range append(positive(), negative()...) {
		for _, m := range v.Messages {
			if m.Nonce == nil {
				continue
			}
			u := use{v.Keys, bytesOf(m.Nonce)}
			if before, ok := seen[u]; ok {
				require.Equal(t, before, bytesOf(m.Plaintext), v.Name)
			}
			seen[u] = bytesOf(m.Plaintext)
		}
	}
	require.NotEmpty(t, seen)
}
