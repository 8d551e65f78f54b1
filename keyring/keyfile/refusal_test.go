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
	now := time.Now()
	cases := map[string]struct {
		change func(*keyfile.File) error
		is     error
		want   string
	}{
		"an id that is there": {func(f *keyfile.File) error { return f.Add(app, from("one", now.Add(time.Minute))) }, keyring.ErrVersionExists,
			`keyring file line 21: patterns[0] prefix "com.myapp." versions[2] id "one": the pattern has a version with this id: remove it first, or give the key another id`},
		"a moment that is there": {func(f *keyfile.File) error { return f.Add(app, version("three")) }, keyring.ErrState, ""},
		"a key for what is plain": {func(f *keyfile.File) error {
			require.NoError(t, f.SetPlain(keyring.Exact("com.plain")))
			return f.Add(keyring.Exact("com.plain"), version("one"))
		}, keyfile.ErrFormat, ""},
		"dates in the wrong order": {func(f *keyfile.File) error {
			return f.SetDates(app, "two", keyring.Dates{ActiveFrom: now, NotAfter: now.Add(-time.Hour)})
		}, keyring.ErrState, ""},
		"another's moment": {func(f *keyfile.File) error { return f.SetDates(app, "two", keyring.Dates{}) }, keyring.ErrState,
			`keyring: set dates prefix "com.myapp." id "two": refused: the version "one" is active from the same moment: give another date`},
		"remove the active": {func(f *keyfile.File) error { return f.RemoveVersion(app, "one") }, keyring.ErrState, ""},
		"dates for the revoked": {func(f *keyfile.File) error {
			require.NoError(t, f.Revoke(app, "two"))
			return f.SetDates(app, "two", keyring.Dates{NotAfter: now})
		}, keyring.ErrState, ""},
		"an unknown id":           {func(f *keyfile.File) error { return f.Revoke(app, "three") }, keyring.ErrNoVersion, ""},
		"an unknown pattern":      {func(f *keyfile.File) error { return f.Revoke(keyring.Exact("com"), "one") }, keyring.ErrNoVersion, ""},
		"nothing to remove":       {func(f *keyfile.File) error { return f.Remove(keyring.Exact("com")) }, keyring.ErrNoVersion, ""},
		"a transition of nothing": {func(f *keyfile.File) error { return f.Transition(keyring.Exact("com"), keyring.SendPlain, now) }, keyring.ErrNoVersion, ""},
		"a transition without end": {func(f *keyfile.File) error { return f.Transition(app, keyring.SendPlain, time.Time{}) }, keyring.ErrState,
			`keyring: transition prefix "com.myapp.": refused: a transition needs the date that ends it`},
		"plain against WAMP's rules": {func(f *keyfile.File) error { return f.SetPlain(keyring.Exact("com..a")) }, keyring.ErrPattern, ""},
		"a result that doesn't load": {func(f *keyfile.File) error { f.Entries[0].Versions[1].Dates = keyring.Dates{}; return nil }, keyring.ErrState, ""},
		"a result without patterns":  {func(f *keyfile.File) error { f.Entries = nil; return nil }, keyfile.ErrFormat, ""},
		"a text that isn't UTF-8":    {func(f *keyfile.File) error { f.Entries[0].Comment = "\xff"; return nil }, keyfile.ErrFormat, ""},
		"a change of mind":           {func(f *keyfile.File) error { f.Entries[0].Comment = "x"; return errUnchanged }, errUnchanged, "nothing to change"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			path := created(t)
			require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.Add(app, from("two", now.Add(time.Hour))) }))
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
		require.Error(t, f.Add(app, version("one")))
		require.Error(t, f.Add(keyring.Exact("com..a"), version("one")))
		require.Error(t, f.RemoveVersion(app, "one"))
		require.Error(t, f.SetDates(app, "two", keyring.Dates{}))
		require.Error(t, f.Transition(app, keyring.SendPlain, time.Time{}))
		require.Error(t, f.SetPlain(keyring.Exact("com..a")))
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
		require.NoError(t, f.Add(app, version("one")))
		err := keyfile.Create(path, f)
		require.ErrorIs(t, err, fs.ErrExist, name)
		require.ErrorContains(t, err, "isn't overwritten: remove it first, or give another path")
		require.Empty(t, left(t, path))
	}
	require.Equal(t, "precious", content(t, filepath.Join(folder, "a file")))
	require.NoFileExists(t, filepath.Join(folder, "nowhere"))

	f := keyfile.New()
	path := filepath.Join(folder, "new")
	require.ErrorIs(t, keyfile.Create(path, f), keyfile.ErrFormat) // it has no patterns
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
		f.Entries[0].Versions[0].Originator.Private = keyfile.Text("env:WAMPBOX_TEST_KEY")
		return nil
	}))
	require.NoError(t, os.Chmod(path, 0o644))
	require.NoError(t, keyfile.Update(path, nothing))
	require.Equal(t, fs.FileMode(0o644), mode())
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.Add(app, from("two", time.Now().Add(time.Hour))) }))
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
		return f.Add(app, from("two", time.Now().Add(time.Hour)))
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
	require.NoError(t, f.Add(app, version("one")))
	require.NoError(t, keyfile.Create(path, f))
	require.NotContains(t, content(t, path), "version")
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.Add(app, from("two", time.Now().Add(time.Hour))) }, decrypt, encrypt))
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
	other, public := keyring.Exact("com.other"), keyring.Prefix("com.public.")
	when := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error {
		derived := from("", when)
		derived.Comment, derived.Created = "the next", when
		require.NoError(t, f.Add(app, derived))
		require.NoError(t, f.Transition(app, keyring.AcceptPlain, when))
		require.NoError(t, f.Add(other, version("one")))
		require.NoError(t, f.SetPlain(public))
		f.Entries[1].Comment, f.Entries[1].Versions[0].Dialect = "Python", cryptobox.Autobahn
		f.Entries[1].Versions[0].ID = ""

		list, err := f.List()
		require.NoError(t, err)
		require.Len(t, list, 3)
		one, two := list[0].Versions[0], list[0].Versions[1]
		require.Equal(t, "one", one.ID)
		require.Equal(t, keyring.StateActive, one.State)
		require.Len(t, two.ID, 26)
		require.Equal(t, keyring.StatePending, two.State)
		require.Equal(t, []any{"the next", when, when}, []any{two.Comment, two.Created, two.Dates.ActiveFrom})
		require.Equal(t, []any{app, keyring.AcceptPlain, when}, []any{list[0].Pattern, list[0].Plaintext, list[0].Until})
		require.Equal(t, "originator", list[1].Versions[0].Kind)
		require.Equal(t, cryptobox.Autobahn, list[1].Versions[0].Dialect)
		require.Equal(t, []any{other, "Python", false}, []any{list[1].Pattern, list[1].Comment, list[1].Plain})
		require.Equal(t, keyfile.Info{Pattern: public, Plain: true}, list[2])

		// A derived id stays known when the keys that it follows from go.
		v := f.Entries[0].Versions[1]
		secret := v.Originator.Private.UnsafeText()
		require.NoError(t, f.Revoke(app, two.ID))
		require.Equal(t, make([]byte, len(secret)), secret)
		require.Nil(t, v.Originator)
		require.Equal(t, two.ID, v.ID)
		require.True(t, v.Revoked)
		require.True(t, v.Dates.ActiveFrom.Equal(when))
		return nil
	}))
	require.Len(t, states(t, path), 2)
}

// Each entry by itself, where another one doesn't load.
func TestAlone(t *testing.T) {
	f, err := keyfile.Parse([]byte(fileOf(versionsOf("{"+sides+"}"), `{"exact": "com.b"}`)))
	require.NoError(t, err)
	_, err = f.Ring()
	require.ErrorIs(t, err, keyfile.ErrFormat)
	ring, err := f.Alone(f.Entries[0]).Ring()
	require.NoError(t, err)
	require.Equal(t, 1, ring.Len())
	_, err = f.Alone(f.Entries[1]).List()
	require.ErrorIs(t, err, keyfile.ErrFormat)
}

func TestErrorsOfTheSystem(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "none", "keyring.json")
	require.ErrorIs(t, keyfile.Update(gone, func(*keyfile.File) error { return nil }), fs.ErrNotExist)
	f := keyfile.New()
	require.NoError(t, f.Add(app, version("one")))
	require.ErrorIs(t, keyfile.Create(gone, f), fs.ErrNotExist)
	require.False(t, errors.Is(keyfile.Create(gone, f), fs.ErrExist))
}
