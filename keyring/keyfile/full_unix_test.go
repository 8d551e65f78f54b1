//go:build unix

package keyfile_test

import (
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

func init() {
	// A tool that may write files of 2,000 bytes only, as on a full disk.
	tools["full"] = func(path, _ string) error {
		limit := syscall.Rlimit{Cur: 2000, Max: 2000}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			return err
		}
		return keyfile.Update(path, func(f *keyfile.File) error {
			f.Entries[0].Comment = strings.Repeat("x", 4000)
			return nil
		})
	}
}

func TestNoRoomForTheFile(t *testing.T) {
	path := created(t)
	before := content(t, path)
	cmd := tool(t, "full", path, "")
	out, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	said, err := io.ReadAll(out)
	require.NoError(t, err)
	require.Error(t, cmd.Wait())
	require.Contains(t, string(said), "file too large")
	require.Equal(t, before, content(t, path))
	require.Empty(t, left(t, path))
}
