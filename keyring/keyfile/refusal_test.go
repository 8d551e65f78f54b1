package keyfile_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

func content(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

// What a Ring refuses, a File does, in the same words; and the file stays.
func TestRefusals(t *testing.T) {
	cases := map[string]struct {
		change func(*keyfile.File) error
		is     error
		want   string
	}{
		"an id that is there": {func(f *keyfile.File) error { return f.Add(entry("one", 0)) }, keyring.ErrVersionExists, ""},
		"retire the active": {func(f *keyfile.File) error { return f.Retire(app, "one", time.Now()) }, keyring.ErrState,
			`keyring: retire prefix "com.myapp." id "one": refused: it is active, so nothing would seal: activate another version first`},
		"remove the active":   {func(f *keyfile.File) error { return f.Remove(app, "one") }, keyring.ErrState, ""},
		"retire without date": {func(f *keyfile.File) error { return f.Retire(app, "two", time.Time{}) }, keyring.ErrState, ""},
		"activate the expired": {func(f *keyfile.File) error {
			require.NoError(t, f.Retire(app, "two", time.Now().Add(-time.Hour)))
			return f.Activate(app, "two")
		}, keyring.ErrState, ""},
		"activate the revoked": {func(f *keyfile.File) error {
			require.NoError(t, f.Revoke(app, "two"))
			return f.Activate(app, "two")
		}, keyring.ErrState, ""},
		"an unknown id": {func(f *keyfile.File) error { return f.Revoke(app, "three") }, keyring.ErrNoVersion, ""},
		"an unknown pattern": {func(f *keyfile.File) error {
			return f.Revoke(keyring.Pattern{URI: "com", Match: keyring.Exact}, "one")
		}, keyring.ErrNoVersion, ""},
		"a result that doesn't load": {func(f *keyfile.File) error { f.Keys[1].State = keyring.StateActive; return nil }, keyring.ErrState, ""},
		"a result without keys":      {func(f *keyfile.File) error { f.Keys = nil; return nil }, keyfile.ErrFormat, ""},
		"a text that isn't UTF-8":    {func(f *keyfile.File) error { f.Keys[0].Comment = "\xff"; return nil }, keyfile.ErrFormat, ""},
		"a change of mind":           {func(f *keyfile.File) error { f.Keys[0].Comment = "x"; return errUnchanged }, errUnchanged, "nothing to change"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			path := created(t)
			require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.Add(entry("two", 0)) }))
			before := content(t, path)
			err := keyfile.Update(path, tc.change)
			require.ErrorIs(t, err, tc.is)
			if tc.want != "" {
				require.EqualError(t, err, tc.want)
			}
			require.Equal(t, before, content(t, path))
			require.Empty(t, left(t, path))
		})
	}
}

// A refused order leaves the File as it was, for the next one.
func TestRefusedOrdersChangeNothing(t *testing.T) {
	path := created(t)
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error {
		before, err := f.Marshal()
		require.NoError(t, err)
		require.Error(t, f.Add(entry("one", 0)))
		require.Error(t, f.Remove(app, "one"))
		require.Error(t, f.Retire(app, "one", time.Now()))
		after, err := f.Marshal()
		require.NoError(t, err)
		require.Equal(t, string(before), string(after))
		return nil
	}))
}

func TestCreateNeverOverwrites(t *testing.T) {
	folder := t.TempDir()
	others := map[string]func(path string) error{
		"a file":              func(path string) error { return os.WriteFile(path, []byte("precious"), 0o600) },
		"an empty file":       func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"a folder":            func(path string) error { return os.Mkdir(path, 0o700) },
		"a link to nowhere":   func(path string) error { return os.Symlink("nowhere", path) },
		"a link to something": func(path string) error { return os.Symlink("a file", path) },
	}
	for name, put := range others {
		path := filepath.Join(folder, name)
		require.NoError(t, put(path))
		f := keyfile.New()
		f.Keys = append(f.Keys, entry("one", keyring.StateActive))
		err := keyfile.Create(path, f)
		require.ErrorIs(t, err, fs.ErrExist, name)
		require.ErrorContains(t, err, "isn't overwritten: remove it first, or give another path")
		require.Empty(t, left(t, path))
	}
	require.Equal(t, "precious", content(t, filepath.Join(folder, "a file")))
	require.NoFileExists(t, filepath.Join(folder, "nowhere"))

	f := keyfile.New()
	path := filepath.Join(folder, "new")
	require.ErrorIs(t, keyfile.Create(path, f), keyfile.ErrFormat) // it has no keys
	require.NoFileExists(t, path)
}

func TestModes(t *testing.T) {
	path := created(t)
	mode := func() fs.FileMode {
		info, err := os.Stat(path)
		require.NoError(t, err)
		return info.Mode().Perm()
	}
	nothing := func(*keyfile.File) error { return nil }
	require.Equal(t, fs.FileMode(0o600), mode())

	require.NoError(t, os.Chmod(path, 0o400))
	require.NoError(t, keyfile.Update(path, nothing))
	require.Equal(t, fs.FileMode(0o400), mode())

	require.NoError(t, os.Chmod(path, 0o640))
	require.ErrorIs(t, keyfile.Update(path, nothing), keyfile.ErrPermissions)
	require.NoError(t, keyfile.Update(path, nothing, keyfile.AllowReadableByOthers()))
	require.Equal(t, fs.FileMode(0o640), mode())

	// A file without secrets may be for all; it isn't any more when it gets one.
	require.NoError(t, os.Chmod(path, 0o600))
	t.Setenv("WAMPBOX_TEST_KEY", string(keyfile.PrivateKey(cryptobox.GenerateKey()).UnsafeText()))
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error {
		f.Keys[0].Originator.Private = keyfile.Text("env:WAMPBOX_TEST_KEY")
		return nil
	}))
	require.NoError(t, os.Chmod(path, 0o644))
	require.NoError(t, keyfile.Update(path, nothing))
	require.Equal(t, fs.FileMode(0o644), mode())
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.Add(entry("two", 0)) }))
	require.Equal(t, fs.FileMode(0o600), mode())
}

// A link stays one, and what it leads to is changed, under one lock.
func TestUpdateBehindALink(t *testing.T) {
	path := created(t)
	link := filepath.Join(t.TempDir(), "link.json")
	require.NoError(t, os.Symlink(path, link))
	require.NoError(t, keyfile.Update(link, func(f *keyfile.File) error {
		err := keyfile.Update(path, func(*keyfile.File) error { return nil }, keyfile.LockWait(20*time.Millisecond))
		require.ErrorIs(t, err, keyfile.ErrLocked)
		return f.Add(entry("two", 0))
	}))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&fs.ModeSymlink)
	require.Equal(t, map[string]string{"one": "active", "two": "pending"}, states(t, path))
}

func TestLockIsFreedAndWaitedFor(t *testing.T) {
	path := created(t)
	began, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- keyfile.Update(path, func(*keyfile.File) error {
			close(began)
			time.Sleep(100 * time.Millisecond)
			return nil
		})
	}()
	<-began
	err := keyfile.Update(path, func(*keyfile.File) error { return nil }, keyfile.LockWait(time.Millisecond))
	require.ErrorIs(t, err, keyfile.ErrLocked)
	require.NoError(t, keyfile.Update(path, func(*keyfile.File) error { return nil }))
	require.NoError(t, <-done)
}

// turned is an encryption for tests: each byte's bits are turned.
type turned struct{ w io.Writer }

func (c turned) Write(b []byte) (int, error) {
	return c.w.Write(turn(b))
}
func (turned) Close() error { return nil }

func turn(b []byte) []byte {
	b = bytes.Clone(b)
	for i := range b {
		b[i] = ^b[i]
	}
	return b
}

func TestEncryptedFiles(t *testing.T) {
	decrypt := keyfile.WithDecrypter(func(r io.Reader) (io.Reader, error) {
		text, err := io.ReadAll(r)
		return bytes.NewReader(turn(text)), err
	})
	encrypt := keyfile.WithEncrypter(func(w io.Writer) (io.WriteCloser, error) { return turned{w}, nil })
	path := filepath.Join(t.TempDir(), "keyring.json")
	f := keyfile.New(encrypt)
	f.Keys = append(f.Keys, entry("one", keyring.StateActive))
	require.NoError(t, keyfile.Create(path, f))
	require.NotContains(t, content(t, path), "version")
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.Add(entry("two", 0)) }, decrypt, encrypt))
	require.NotContains(t, content(t, path), "version")
	require.Contains(t, string(turn([]byte(content(t, path)))), `"two"`)
	before := content(t, path)
	require.ErrorIs(t, keyfile.Update(path, func(*keyfile.File) error { return nil }), keyfile.ErrFormat)
	require.ErrorIs(t, keyfile.Update(path, func(*keyfile.File) error { return nil }, decrypt), keyfile.ErrEncrypted)
	require.Equal(t, before, content(t, path), "it isn't written in plain")

	require.NoError(t, os.WriteFile(path, []byte("age-encryption.org/v1\n"), 0o600))
	require.ErrorIs(t, keyfile.Update(path, func(*keyfile.File) error { return nil }), keyfile.ErrEncrypted)
}

func TestListAndIDs(t *testing.T) {
	path := created(t)
	derived := entry("", keyring.StatePending)
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error {
		require.NoError(t, f.Add(derived))
		other := entry("one", 0)
		other.Pattern = keyring.Pattern{URI: "com.other", Match: keyring.Exact}
		f.Keys = append(f.Keys, other)
		list, err := f.List()
		require.NoError(t, err)
		require.Len(t, list, 3)
		require.Equal(t, "one", list[0].Info.ID)
		require.Len(t, list[1].Info.ID, 22)
		require.Equal(t, keyring.StatePending, list[1].Info.State)
		require.Equal(t, "originator", list[2].Info.Kind)
		require.Equal(t, keyring.Pattern{URI: "com.other", Match: keyring.Exact}, list[2].Pattern)
		// A derived id stays known when the keys that it follows from go.
		require.NoError(t, f.Revoke(app, list[1].Info.ID))
		require.Nil(t, f.Keys[1].Originator)
		require.Equal(t, list[1].Info.ID, f.Keys[1].ID)
		return nil
	}))
	require.Len(t, states(t, path), 2)
}

func TestErrorsOfTheSystem(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "none", "keyring.json")
	require.ErrorIs(t, keyfile.Update(gone, func(*keyfile.File) error { return nil }), fs.ErrNotExist)
	f := keyfile.New()
	f.Keys = append(f.Keys, entry("one", keyring.StateActive))
	require.ErrorIs(t, keyfile.Create(gone, f), fs.ErrNotExist)
	require.False(t, errors.Is(keyfile.Create(gone, f), fs.ErrExist))
}
