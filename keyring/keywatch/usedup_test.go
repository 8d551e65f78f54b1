package keywatch_test

import (
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch"
)

// TestUsedUp: where the system gives no watcher, changes are seen at the interval, which is
// said once, and by the system again when it gives one.
func TestUsedUp(t *testing.T) {
	path := join(t, "keyring.json")
	write(t, path, text("one"))
	var logged lines
	var free atomic.Bool
	var asked atomic.Int32
	w := watch(t, path, keywatch.Poll(30*time.Millisecond), keywatch.WithLogger(slog.New(slog.NewTextHandler(&logged, nil))),
		keywatch.NotifyBy(func() (*fsnotify.Watcher, error) {
			asked.Add(1)
			if free.Load() {
				return fsnotify.NewWatcher()
			}
			return nil, os.NewSyscallError("inotify_init1", syscall.EMFILE)
		}))
	err := w.fails(t, 1)
	require.ErrorIs(t, err, syscall.EMFILE)
	require.ErrorContains(t, err, "max_user_instances")
	require.ErrorContains(t, err, "every 30ms")
	require.Equal(t, "one", w.id())
	for _, id := range []string{"two", "three"} {
		replace(t, path, text(id))
		w.becomes(t, id)
	}
	before := asked.Load()
	require.Eventually(t, func() bool { return asked.Load() > before }, 5*time.Second, 5*time.Millisecond, "it asks again")
	require.Equal(t, err, w.fails(t, 1), "it is said once")
	require.Equal(t, uint64(1), w.Stats().Failures)
	require.NoError(t, w.Stats().LastError, "the file is fine")
	require.Equal(t, 1, strings.Count(strings.Join(logged.all(), "\n"), "max_user_instances"))

	free.Store(true)
	require.Eventually(t, func() bool { return strings.Contains(strings.Join(logged.all(), "\n"), "changes again") }, 5*time.Second, 5*time.Millisecond)
	before = asked.Load()
	replace(t, path, text("four"))
	w.becomes(t, "four")
	require.Equal(t, before, asked.Load(), "one watcher does")
}

// TestUsedUpByNow: a watcher that comes later is one of the system's: nothing is polled.
func TestUsedUpByNow(t *testing.T) {
	path := join(t, "keyring.json")
	write(t, path, text("one"))
	var asked atomic.Int32
	w := watch(t, path, keywatch.NotifyBy(func() (*fsnotify.Watcher, error) {
		if asked.Add(1) == 1 {
			return nil, os.NewSyscallError("inotify_init1", syscall.EMFILE)
		}
		return fsnotify.NewWatcher()
	}))
	require.ErrorIs(t, w.fails(t, 1), syscall.EMFILE)
	replace(t, path, text("two"))
	w.becomes(t, "two")
}

// TestUsedUpAndABadFile: nothing is left open, and the file's error is the one that is told.
func TestUsedUpAndABadFile(t *testing.T) {
	path := join(t, "keyring.json")
	write(t, path, []byte("{"))
	_, err := keywatch.Watch(t.Context(), path, keyring.New(), keywatch.NotifyBy(func() (*fsnotify.Watcher, error) {
		return nil, os.NewSyscallError("inotify_init1", syscall.EMFILE)
	}))
	require.Error(t, err)
	require.NotErrorIs(t, err, syscall.EMFILE)
}
