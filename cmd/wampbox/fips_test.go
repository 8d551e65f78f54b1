package main_test

import (
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFIPSOnly: where Go refuses to compute with such keys, no command makes or shows one.
func TestFIPSOnly(t *testing.T) {
	dir, _ := begun(t)
	key := wampbox(t, "keygen").fine(t)
	for name, args := range map[string][]string{
		"keygen":    {"keygen"},
		"to a file": {"keygen", "-o", "new.key"},
		"init":      {"init", "-dir", "new", "com.a."},
		"reading":   {"keygen", "-reading", "-o", "new.key"},
		"signed":    {"add", "-signed", "-responder", "new.json", "com.a."},
		"to signed": {"rotate", "com.x.", "-suite", "signed", responderFile},
		"rotate":    {"rotate", "com.x.", originatorFile},
		"pubkey":    {"pubkey"},
		"lint":      {"lint", originatorFile},
		"list":      {"list", originatorFile},
	} {
		t.Run(name, func(t *testing.T) {
			before := files(t, dir)
			r := run{dir: dir, stdin: []byte(key), env: []string{"GODEBUG=fips140=only"}}.start(t, args...)
			require.Equal(t, 1, r.status, "%s%s", r.out, r.err)
			require.Contains(t, r.out+r.err, "not allowed in FIPS 140-only mode")
			require.Contains(t, r.out+r.err, "GODEBUG=fips140=only")
			require.NotContains(t, r.out+r.err, "AAAAAAAAAAAA")
			require.NotContains(t, r.err, "goroutine")
			require.Equal(t, before, files(t, dir))
		})
	}
}

func files(t *testing.T, dir string) (paths []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, at fs.DirEntry, err error) error {
		if err == nil && !at.IsDir() {
			paths = append(paths, path)
		}
		return err
	}))
	return paths
}
