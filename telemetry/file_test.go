package telemetry_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch"
)

// TestFile: a reload is counted, and a file that doesn't load shows until it does.
func TestFile(t *testing.T) {
	s := newScope(t)
	path := filepath.Join(t.TempDir(), "keyring.json")
	write := func(text string) {
		t.Helper()
		next := path + ".next"
		require.NoError(t, os.WriteFile(next, []byte(text), 0o600))
		require.NoError(t, os.Rename(next, path))
	}
	const first = `{"version": 2, "patterns": [{"prefix": "com.a.", "plain": true}]}`
	write(first)
	w, err := keywatch.Watch(t.Context(), path, keyring.New(), keywatch.Settle(time.Millisecond), keywatch.Poll(20*time.Millisecond))
	require.NoError(t, err)
	t.Cleanup(w.Close)
	shows(t)(s.File("orders", w))

	has := func(changes, failures, failing float64) {
		t.Helper()
		got := s.until(t, func(got series) bool {
			return got[`file.changes{file="orders"}`] == changes && got[`file.failing{file="orders"}`] == failing
		})
		require.Equal(t, failures, got[`file.failures{file="orders"}`])
		got.about(t, `file.age{file="orders"}`, 0)
		require.Len(t, got, 4)
	}
	has(0, 0, 0)
	write(`{"version": 2, "patterns": [{"prefix": "com.a.", "plain": true}, {"prefix": "com.b.", "plain": true}]}`)
	has(1, 0, 0)
	write("no keyring")
	has(1, 1, 1)
	write(first)
	has(2, 1, 0)
}
