//go:build unix

package grants_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
)

// TestReceiptsOfAPipe: what a server's folder has in the place of a member's receipts isn't waited for.
func TestReceiptsOfAPipe(t *testing.T) {
	f, err := grants.Create(filepath.Join(t.TempDir(), "grants"))
	require.NoError(t, err)
	require.NoError(t, syscall.Mkfifo(filepath.Join(f.Path(), "receipts", "shop"), 0o600))
	_, err = f.Receipts("shop")
	require.ErrorIs(t, err, grants.ErrFolder)
	require.Error(t, f.PutReceipt("shop", 1, grants.Receipt{}))
}
