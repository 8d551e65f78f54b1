package keywatch_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sampleKey is a symmetric key for files whose ids matter only.
const sampleKey = "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM="

// text is a keyring file with one key, of the given id.
func text(id string) []byte { return withKey(id, sampleKey) }

func withKey(id, key string) []byte {
	return fileOf(fmt.Sprintf(`{"prefix": "com.myapp.", "versions": [{"dialect": "passthru", "id": %q, "shared": %q}]}`, id, key))
}

// fileOf makes a file of entries.
func fileOf(entries ...string) []byte {
	return fmt.Appendf(nil, `{"version": 2, "patterns": [%s]}`, strings.Join(entries, ", "))
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, data, 0o600))
}

// replace writes a file as careful tools do.
func replace(t testing.TB, path string, data []byte) {
	t.Helper()
	write(t, path+"~", data)
	require.NoError(t, os.Rename(path+"~", path))
}

// link makes or swaps a symbolic link in one step.
func link(t testing.TB, target, path string) {
	t.Helper()
	require.NoError(t, os.Symlink(target, path+"_tmp"))
	require.NoError(t, os.Rename(path+"_tmp", path))
}

// watched is a Watcher with what it told.
type watched struct {
	*keywatch.Watcher
	ring *keyring.Ring

	mu      sync.Mutex
	changes []keyring.Changes
	errs    []error
}

// watch begins to watch, with times fit for a test and no polling: what is seen
// was told by the system.
func watch(t testing.TB, path string, opts ...keywatch.Option) *watched {
	t.Helper()
	w := &watched{ring: keyring.New()}
	opts = append([]keywatch.Option{
		keywatch.Settle(20 * time.Millisecond),
		keywatch.Poll(time.Hour),
		keywatch.OnChange(func(c keyring.Changes) { w.mu.Lock(); w.changes = append(w.changes, c); w.mu.Unlock() }),
		keywatch.OnError(func(err error) { w.mu.Lock(); w.errs = append(w.errs, err); w.mu.Unlock() }),
	}, opts...)
	var err error
	w.Watcher, err = keywatch.Watch(t.Context(), path, w.ring, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { w.closes(t) })
	return w
}

// id gives the id of the key that seals now.
func (w *watched) id() string {
	e, err := w.ring.Lookup("com.myapp.x")
	if err != nil {
		return ""
	}
	v, err := e.Sealer(keyring.RoleOriginator)
	if err != nil {
		return ""
	}
	return v.ID()
}

func (w *watched) told() (changes int, errs []error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.changes), slices.Clone(w.errs)
}

// changed waits until so many changes were told, and gives the last one.
func (w *watched) changed(t testing.TB, n int) keyring.Changes {
	t.Helper()
	require.Eventually(t, func() bool { told, _ := w.told(); return told >= n }, 5*time.Second, 5*time.Millisecond)
	w.mu.Lock()
	defer w.mu.Unlock()
	require.Len(t, w.changes, n)
	return w.changes[n-1]
}

// closes fails the test if closing waits, as for a pipe that nobody writes to.
func (w *watched) closes(t testing.TB) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); w.Close() }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Error("Close waits")
	}
}

// becomes waits until a key seals.
func (w *watched) becomes(t testing.TB, id string) {
	t.Helper()
	require.Eventually(t, func() bool { return w.id() == id }, 5*time.Second, 5*time.Millisecond, "the key doesn't become %s: it is %s", id, w.id())
}

// fails waits until so many errors were told, and gives the last one.
func (w *watched) fails(t testing.TB, n int) error {
	t.Helper()
	require.Eventually(t, func() bool { _, errs := w.told(); return len(errs) >= n }, 5*time.Second, 5*time.Millisecond)
	_, errs := w.told()
	require.Len(t, errs, n)
	return errs[n-1]
}

// join is filepath.Join for a test's folder.
func join(t testing.TB, name string) string { t.Helper(); return filepath.Join(t.TempDir(), name) }

func mustKey(t testing.TB) cryptobox.PrivateKey { t.Helper(); return cryptobox.GenerateKey() }
