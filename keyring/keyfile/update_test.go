package keyfile_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

var app = keyring.Prefix("com.myapp.")

// version is a new pair's, as the originator has it.
func version(id string) *keyfile.Version {
	v := &keyfile.Version{
		ID:         id,
		Originator: &keyfile.Side{Private: keyfile.PrivateKey(cryptobox.GenerateKey())},
		Responder:  &keyfile.Side{Public: keyfile.PublicKey(cryptobox.GenerateKey().Public())},
	}
	if id != "" {
		v.Dialect = cryptobox.Passthru // elsewhere ids follow from the keys
	}
	return v
}

// from is a version that seals from a moment on.
func from(id string, activeFrom time.Time) *keyfile.Version {
	v := version(id)
	v.Dates.ActiveFrom = activeFrom
	return v
}

// created writes a file with one version, "one", which is active.
func created(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keyring.json")
	f := keyfile.New()
	require.NoError(t, f.Add(app, version("one")))
	require.NoError(t, keyfile.Create(path, f))
	return path
}

// states gives the states of the file's versions by id.
func states(t testing.TB, path string) map[string]string {
	t.Helper()
	ring, err := keyfile.Load(path)
	require.NoError(t, err)
	found := map[string]string{}
	for _, v := range ring.Versions(app) {
		found[v.ID] = v.State.String()
	}
	return found
}

func TestRotation(t *testing.T) {
	path := created(t)
	now := time.Now()
	steps := []struct {
		change func(*keyfile.File) error
		want   map[string]string
	}{
		{func(f *keyfile.File) error { return f.Add(app, from("two", now.Add(time.Hour))) },
			map[string]string{"one": "active", "two": "pending"}},
		{func(f *keyfile.File) error {
			return f.SetDates(app, "two", keyring.Dates{ActiveFrom: now.Add(-time.Hour)})
		},
			map[string]string{"one": "retired", "two": "active"}},
		{func(f *keyfile.File) error {
			return f.SetDates(app, "one", keyring.Dates{NotAfter: now.Add(time.Hour)})
		},
			map[string]string{"one": "retired", "two": "active"}},
		{func(f *keyfile.File) error {
			return f.SetDates(app, "one", keyring.Dates{NotAfter: now.Add(-time.Hour)})
		},
			map[string]string{"one": "expired", "two": "active"}},
		{func(f *keyfile.File) error { return f.Revoke(app, "one") },
			map[string]string{"one": "revoked", "two": "active"}},
		{func(f *keyfile.File) error { return f.RemoveVersion(app, "one") },
			map[string]string{"two": "active"}},
	}
	for _, step := range steps {
		require.NoError(t, keyfile.Update(path, step.change))
		require.Equal(t, step.want, states(t, path))
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	}
}

// A revoked version keeps its dates, so that none before it seals in its place.
func TestNothingSealsInPlaceOfTheRevoked(t *testing.T) {
	path := created(t)
	began := time.Now().Add(-time.Hour)
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error {
		require.NoError(t, f.Add(app, from("two", began)))
		return f.Revoke(app, "two")
	}))
	ring, err := keyfile.Load(path)
	require.NoError(t, err)
	e, err := ring.Lookup("com.myapp.x")
	require.NoError(t, err)
	_, err = e.Sealer(keyring.RoleOriginator)
	require.ErrorIs(t, err, keyring.ErrNoActive)
	require.Contains(t, content(t, path), `"active_from"`)
}

// What holds for a pattern is changed for all of it.
func TestChangesOfAPattern(t *testing.T) {
	path := created(t)
	until := time.Now().Add(time.Hour).Round(0)
	lookup := func() *keyring.Entry {
		ring, err := keyfile.Load(path)
		require.NoError(t, err)
		e, err := ring.Lookup("com.myapp.x")
		require.NoError(t, err)
		return e
	}
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.Transition(app, keyring.SendPlain, until) }))
	plaintext, end, lasts := lookup().Transition()
	require.Equal(t, keyring.SendPlain, plaintext)
	require.True(t, end.Equal(until))
	require.True(t, lasts)
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.Transition(app, keyring.AcceptPlain, until) }))
	require.False(t, lookup().SendsPlain())
	require.True(t, lookup().TakesPlain())
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.EndTransition(app) }))
	require.False(t, lookup().TakesPlain())
	require.NotContains(t, content(t, path), "until")

	other := keyring.Exact("com.other")
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.SetPlain(other) }))
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error {
		secret := f.Entries[0].Versions[0].Originator.Private.UnsafeText()
		require.NoError(t, f.Transition(app, keyring.SendPlain, until))
		require.NoError(t, f.SetPlain(app))
		require.Equal(t, make([]byte, len(secret)), secret, "it is wiped")
		return nil
	}))
	require.True(t, lookup().Plain())
	require.NotContains(t, content(t, path), "originator")
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.Remove(app) }))
	ring, err := keyfile.Load(path)
	require.NoError(t, err)
	require.Equal(t, 1, ring.Len())
	require.ErrorIs(t, keyfile.Update(path, func(f *keyfile.File) error { return f.Remove(other) }), keyfile.ErrFormat) // nothing is left
}

// A change of one version leaves the dates of others as they were written.
func TestDatesStayAsTheyWereWritten(t *testing.T) {
	path := written(t, fileOf(versionsOf(
		`{"dialect": "passthru", "id": "x", "not_after": "2099-12-31T23:59:59+01:00", "shared": "$S"}`,
		`{"dialect": "passthru", "id": "y", "active_from": "2025-12-31T23:59:59+01:00", "shared": "$O"}`)))
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error {
		return f.SetDates(keyring.Exact("com.a"), "x", keyring.Dates{NotAfter: time.Date(2098, 1, 1, 0, 0, 0, 0, time.UTC)})
	}))
	require.Contains(t, content(t, path), `"2098-01-01T00:00:00Z"`)
	require.Contains(t, content(t, path), `"2025-12-31T23:59:59+01:00"`)
}

// Revoking takes the keys out of the file, of a version too that was said to be revoked
// and had them.
func TestRevokedKeysLeaveTheFile(t *testing.T) {
	path := written(t, one(`"revoked": true, `+asOriginator))
	id := keyring.Originator(private(t, sampleOriginator), private(t, sampleResponder).Public()).ID()
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.Revoke(keyring.Exact("com.a"), id) }))
	require.NotContains(t, content(t, path), sampleOriginator)
	ring, err := keyfile.Load(path)
	require.NoError(t, err)
	require.Equal(t, []string{"revoked " + id + " revoked"}, describe(ring))
}

// Where there is no file Update makes one if it is told so, and many that do it at once lose
// no change.
func TestCreateMissing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring.json")
	add := func(name string) error {
		return keyfile.Update(path, func(f *keyfile.File) error {
			return f.Add(keyring.Exact(name), version(""))
		}, keyfile.CreateMissing())
	}
	refused := errors.New("refused")
	require.ErrorIs(t, keyfile.Update(path, func(*keyfile.File) error { return nil }), fs.ErrNotExist)
	require.ErrorIs(t, keyfile.Update(path, func(*keyfile.File) error { return refused }, keyfile.CreateMissing()), refused)
	require.ErrorIs(t, keyfile.Update(path, func(*keyfile.File) error { return nil }, keyfile.CreateMissing()), keyfile.ErrFormat)
	require.NoFileExists(t, path)

	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() { assert.NoError(t, add(fmt.Sprintf("com.%d", i))) })
	}
	all.Wait()
	ring, err := keyfile.Load(path)
	require.NoError(t, err)
	require.Equal(t, 8, ring.Len())

	link := filepath.Join(t.TempDir(), "link")
	gone := filepath.Join(t.TempDir(), "gone")
	require.NoError(t, os.Symlink(gone, link))
	require.Error(t, keyfile.Update(link, func(f *keyfile.File) error { return f.SetPlain(app) }, keyfile.CreateMissing()))
	require.NoFileExists(t, gone)
}
