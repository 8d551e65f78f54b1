package keywatch_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch"
)

// changes are the ways in which a file becomes another one.
var changes = []struct {
	name   string
	change func(t *testing.T, path string, data []byte)
}{
	{"written in place", func(t *testing.T, path string, data []byte) { write(t, path, data) }},
	{"renamed over", func(t *testing.T, path string, data []byte) { replace(t, path, data) }},
	{"removed and made again", func(t *testing.T, path string, data []byte) {
		require.NoError(t, os.Remove(path))
		time.Sleep(50 * time.Millisecond)
		write(t, path, data)
	}},
	{"moved away as a backup, then written", func(t *testing.T, path string, data []byte) {
		require.NoError(t, os.Rename(path, path+".bak"))
		write(t, path, data)
	}},
	{"written in pieces", func(t *testing.T, path string, data []byte) {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
		require.NoError(t, err)
		for _, b := range data {
			_, err := f.Write([]byte{b})
			require.NoError(t, err)
		}
		require.NoError(t, f.Close())
	}},
	{"the folder replaced", func(t *testing.T, path string, data []byte) {
		folder := filepath.Dir(path)
		require.NoError(t, os.Mkdir(folder+".new", 0o700))
		write(t, filepath.Join(folder+".new", filepath.Base(path)), data)
		require.NoError(t, os.Rename(folder, folder+".old"))
		require.NoError(t, os.Rename(folder+".new", folder))
	}},
	{"the folder removed and made again", func(t *testing.T, path string, data []byte) {
		require.NoError(t, os.RemoveAll(filepath.Dir(path)))
		time.Sleep(100 * time.Millisecond)
		require.NoError(t, os.Mkdir(filepath.Dir(path), 0o700))
		time.Sleep(100 * time.Millisecond)
		write(t, path, data)
	}},
}

func TestChangesAreSeen(t *testing.T) {
	for _, tc := range changes {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(join(t, "keys"), "keyring.json")
			require.NoError(t, os.Mkdir(filepath.Dir(path), 0o700))
			write(t, path, text("one"))
			w := watch(t, path)
			require.Equal(t, "one", w.id())
			for _, id := range []string{"two", "three", "four"} {
				require.NoError(t, os.RemoveAll(filepath.Dir(path)+".old")) // where the one before was moved
				tc.change(t, path, text(id))
				w.becomes(t, id)
			}
			require.NoError(t, w.Stats().LastError)
			require.GreaterOrEqual(t, w.Stats().Changes, uint64(3))
		})
	}
}

// Kubernetes mounts a secret as links into a folder behind a link, and swaps
// that one.
func TestKubernetesSwap(t *testing.T) {
	folder := t.TempDir()
	mount := func(id, key string) {
		version := filepath.Join(folder, ".."+id)
		require.NoError(t, os.Mkdir(version, 0o700))
		write(t, filepath.Join(version, "keyring.json"), withKey(id, "file:key"))
		write(t, filepath.Join(version, "key"), []byte(key))
		link(t, ".."+id, filepath.Join(folder, "..data"))
	}
	mount("one", sampleKey)
	link(t, "..data/keyring.json", filepath.Join(folder, "keyring.json"))
	link(t, "..data/key", filepath.Join(folder, "key"))
	w := watch(t, filepath.Join(folder, "keyring.json"))
	for _, id := range []string{"two", "three"} {
		mount(id, sampleKey)
		w.becomes(t, id)
	}
	require.NoError(t, os.RemoveAll(filepath.Join(folder, "..one"))) // which Kubernetes does, and changes nothing
	_, errs := w.told()
	require.Empty(t, errs)
}

// A chain of links, each in a folder of its own.
func TestEveryLinkIsFollowed(t *testing.T) {
	root := t.TempDir()
	at := func(parts ...string) string { return filepath.Join(append([]string{root}, parts...)...) }
	for _, folder := range []string{"etc", "opt", "v1", "v2", "v3"} {
		require.NoError(t, os.Mkdir(at(folder), 0o700))
	}
	for i, id := range []string{"v1", "v2", "v3"} {
		write(t, at(id, "k.json"), text([]string{"one", "two", "three"}[i]))
	}
	link(t, at("v1"), at("opt", "current"))
	link(t, "../opt/current/k.json", at("etc", "k.json"))
	w := watch(t, at("etc", "k.json"))
	link(t, at("v2"), at("opt", "current")) // the middle one
	w.becomes(t, "two")
	link(t, "../v3/k.json", at("etc", "k.json")) // the first one
	w.becomes(t, "three")
	write(t, at("v3", "k.json"), text("four")) // the file
	w.becomes(t, "four")
	write(t, at("v1", "k.json"), text("stale")) // nobody's any more
	time.Sleep(100 * time.Millisecond)
	require.Equal(t, "four", w.id())
}

func TestBadFilesKeepTheOldRing(t *testing.T) {
	path := join(t, "keyring.json")
	write(t, path, text("one"))
	w := watch(t, path)

	replace(t, path, []byte("{"))
	err := w.fails(t, 1)
	require.ErrorIs(t, err, keyfile.ErrFormat)
	var at *keyfile.Error
	require.ErrorAs(t, err, &at)
	require.Equal(t, path, at.Path)
	require.Equal(t, "one", w.id())
	require.Equal(t, err, w.Stats().LastError)
	require.Equal(t, uint64(1), w.Stats().Failures)

	require.NoError(t, os.Remove(path))
	require.ErrorIs(t, w.fails(t, 2), fs.ErrNotExist)
	require.Equal(t, "one", w.id())

	write(t, path, text("two"))
	w.becomes(t, "two")
	require.NoError(t, w.Stats().LastError)

	require.NoError(t, os.Chmod(path, 0o644))
	require.ErrorIs(t, w.fails(t, 3), keyfile.ErrPermissions)
	require.Equal(t, "two", w.id())
	require.NoError(t, os.Chmod(path, 0o600))
	require.Eventually(t, func() bool { return w.Stats().LastError == nil }, 5*time.Second, 5*time.Millisecond)
	require.Equal(t, uint64(1), w.Stats().Changes) // what it says is the same
	n, _ := w.told()
	require.Equal(t, 1, n)
}

func TestReferencesAreWatched(t *testing.T) {
	path := join(t, "keyring.json")
	other := join(t, "key") // in a folder of its own
	write(t, path, withKey("one", "file:"+other))
	write(t, other, []byte(sampleKey))
	w := watch(t, path)
	write(t, other, []byte("ss1v3Nbg65NGGzz8fno17hUCS669pIvPKd3T40oWkEE="))
	w.changed(t, 1)
	require.NoError(t, os.Remove(other))
	require.ErrorIs(t, w.fails(t, 1), keyfile.ErrReference)
	write(t, other, []byte(sampleKey))
	w.changed(t, 2)

	// A reference that came with a bad file is watched too.
	third := join(t, "third")
	replace(t, path, withKey("two", "file:"+third))
	require.ErrorIs(t, w.fails(t, 2), keyfile.ErrReference)
	write(t, third, []byte(sampleKey))
	w.becomes(t, "two")
}

func TestPollSeesWhatTheSystemDoesNotTell(t *testing.T) {
	path := join(t, "keyring.json")
	write(t, path, text("one"))
	// No event is acted on within the test.
	w := watch(t, path, keywatch.Settle(time.Minute), keywatch.Poll(20*time.Millisecond))
	write(t, path, text("two"))
	w.becomes(t, "two")
}

func TestAFolderThatIsNeverQuiet(t *testing.T) {
	path := join(t, "keyring.json")
	write(t, path, text("one"))
	w := watch(t, path, keywatch.Settle(300*time.Millisecond)) // longer than the noise ever pauses
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				_ = os.WriteFile(path+".noise", nil, 0o600)
			}
		}
	}()
	write(t, path, text("two"))
	w.becomes(t, "two")
	close(stop)
	<-done
}

func TestWhatIsTheSameIsNotLoadedAgain(t *testing.T) {
	path := join(t, "keyring.json")
	write(t, path, text("one"))
	w := watch(t, path, keywatch.Poll(20*time.Millisecond))
	replace(t, path, text("one"))
	write(t, path+".other", nil)
	time.Sleep(200 * time.Millisecond)
	require.Zero(t, w.Stats().Changes)
	require.Zero(t, w.Stats().Failures)

	// A bad file is told of once, however often it is looked at.
	replace(t, path, []byte("{"))
	require.ErrorIs(t, w.fails(t, 1), keyfile.ErrFormat)
	time.Sleep(200 * time.Millisecond)
	require.Equal(t, uint64(1), w.Stats().Failures)
}

func TestWatchRefuses(t *testing.T) {
	path := join(t, "keyring.json")
	ring := keyring.New()
	require.NoError(t, ring.Set(keyring.Exact("kept"), keyring.Both(mustKey(t))))

	_, err := keywatch.Watch(t.Context(), path, ring)
	require.ErrorIs(t, err, fs.ErrNotExist)
	write(t, path, []byte("{"))
	_, err = keywatch.Watch(t.Context(), path, ring)
	require.ErrorIs(t, err, keyfile.ErrFormat)
	write(t, path, text("one"))
	for _, opt := range []keywatch.Option{
		keywatch.Settle(0), keywatch.Settle(time.Hour), keywatch.Poll(0), keywatch.OnChange(nil), keywatch.OnError(nil),
		nil, keywatch.WithLogger(nil), keywatch.AllowPlain(keyring.Exact("com..a")), keywatch.AllowPlain(keyring.Pattern{}),
	} {
		_, err = keywatch.Watch(t.Context(), path, ring, opt)
		require.ErrorIs(t, err, keywatch.ErrOption)
		require.Regexp(t, `^keywatch: unusable option: (an Option that is nil|[A-Z]\w+(\(\S+\))?): `, err.Error())
	}
	require.Equal(t, 1, ring.Len())
	_, err = ring.Lookup("kept")
	require.NoError(t, err)
}

func TestEndsWithItsContext(t *testing.T) {
	path := join(t, "keyring.json")
	write(t, path, text("one"))
	ctx, cancel := context.WithCancel(t.Context())
	ring := keyring.New()
	w, err := keywatch.Watch(ctx, path, ring, keywatch.Settle(time.Millisecond))
	require.NoError(t, err)
	cancel()
	w.Close()
	w.Close()
	write(t, path, text("two"))
	time.Sleep(50 * time.Millisecond)
	require.Zero(t, w.Stats().Changes)
}

func TestLoadOptionsReachTheLoad(t *testing.T) {
	path := join(t, "keyring.json")
	write(t, path, text("one"))
	require.NoError(t, os.Chmod(path, 0o644))
	_, err := keywatch.Watch(t.Context(), path, keyring.New())
	require.ErrorIs(t, err, keyfile.ErrPermissions)
	require.False(t, errors.Is(err, keyfile.ErrFormat))
	w := watch(t, path, keywatch.LoadWith(keyfile.AllowReadableByOthers()))
	write(t, path, text("two"))
	w.becomes(t, "two")
}
