package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

func TestMain(m *testing.M) { os.Exit(proc.Main(m).Run()) }

var pattern = keyring.Prefix(prefix)

// version gives one of a key as the files of both ends have it, and its id.
func version(dates keyring.Dates) (originator, responder *keyfile.Version, id string) {
	o, r := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	of := func(o, r keyfile.Side) *keyfile.Version {
		return &keyfile.Version{Dates: dates, Originator: &o, Responder: &r}
	}
	return of(keyfile.Side{Private: keyfile.PrivateKey(o)}, keyfile.Side{Public: keyfile.PublicKey(r.Public())}),
		of(keyfile.Side{Public: keyfile.PublicKey(o.Public())}, keyfile.Side{Private: keyfile.PrivateKey(r)}),
		cryptobox.PairID(cryptobox.SuiteBox, o.Public(), r.Public()).String()
}

// create makes the files of both ends, as "wampbox init" does, and returns the key's id.
func create(t *testing.T, dir string, pattern keyring.Pattern) (id string) {
	t.Helper()
	originator, responder, id := version(keyring.Dates{})
	for role, v := range map[string]*keyfile.Version{"originator": originator, "responder": responder} {
		f := keyfile.New()
		require.NoError(t, f.Add(pattern, v))
		require.NoError(t, keyfile.Create(filepath.Join(dir, role+".json"), f))
	}
	return id
}

// update changes the files, one after the other.
func update(t *testing.T, dir string, change func(role string, f *keyfile.File) error) {
	t.Helper()
	for _, role := range []string{"originator", "responder"} {
		path := filepath.Join(dir, role+".json")
		require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return change(role, f) }))
	}
}

// rotate makes the one change that a rotation is, as "wampbox rotate" does, and returns
// the new key's id.
func rotate(t *testing.T, dir, old string, activate, retire time.Duration) (id string) {
	t.Helper()
	from := time.Now().Add(activate)
	originator, responder, id := version(keyring.Dates{ActiveFrom: from})
	update(t, dir, func(role string, f *keyfile.File) error {
		v := map[string]*keyfile.Version{"originator": originator, "responder": responder}[role]
		return errors.Join(f.Add(pattern, v), f.SetDates(pattern, old, keyring.Dates{NotAfter: from.Add(retire)}))
	})
	return id
}

// TestRotation does what the program's comment says.
func TestRotation(t *testing.T) {
	dir := t.TempDir()
	old := create(t, dir, pattern)
	p := proc.Start(t, "rotation", "-dir", dir, "-every", "10ms")
	keys := func(states ...string) {
		t.Helper()
		for _, state := range states {
			p.AwaitStderr("originator: key " + state)
			p.AwaitStderr("responder: key " + state)
		}
	}
	under := func(id string) {
		t.Helper()
		before := len(p.Stdout())
		p.Await("events under "+id, func() bool { return strings.Count(p.Stdout()[before:], " under key "+id+"\n") > 3 })
	}
	keys(old + " is active")
	under(old)
	next := rotate(t, dir, old, 4*time.Second, time.Minute)
	keys(next+" is pending, seals from ", old+" is active, opens until ")
	under(old)
	under(next) // with nothing done
	update(t, dir, func(_ string, f *keyfile.File) error { return f.Revoke(pattern, old) })
	keys(next+" is active", old+" is revoked")
	under(next)
	p.Signal(syscall.SIGTERM)
	require.Zero(t, p.Wait(), p.Stderr())

	require.NotContains(t, p.Stderr(), "rotation: ")
	lines := strings.Split(strings.TrimSpace(p.Stdout()), "\n")
	for i, line := range lines {
		require.True(t, strings.HasPrefix(line, fmt.Sprintf("event %d under key ", i+1)), "%s: an event is missing", line)
	}
	over := slices.IndexFunc(lines, func(line string) bool { return strings.HasSuffix(line, next) })
	for _, line := range lines[over:] {
		require.True(t, strings.HasSuffix(line, next), "%s: back to the old key", line)
	}
}

func TestNoKeys(t *testing.T) {
	p, status := proc.Run(t, "rotation", "-dir", t.TempDir())
	require.Equal(t, 1, status)
	require.Contains(t, p.Stderr(), "no such file")
}

// TestNoPlainEvents: keys for other URIs don't lead to events in plain.
func TestNoPlainEvents(t *testing.T) {
	dir := t.TempDir()
	create(t, dir, keyring.Prefix("com.myapp.encryptd."))
	p, status := proc.Run(t, "rotation", "-dir", dir)
	require.Equal(t, 1, status)
	require.Empty(t, p.Stdout())
	require.Contains(t, p.Stderr(), `no pattern of the keyring matches`)
	require.Contains(t, p.Stderr(), `it nearly matches prefix "com.myapp.encryptd."`)
}

// TestOtherKeys: files without a key for what is published end the program, with what to do.
func TestOtherKeys(t *testing.T) {
	dir := t.TempDir()
	create(t, dir, keyring.Prefix("com.other."))
	err := run(t.Context(), dir, time.Second)
	require.ErrorIs(t, err, keyring.ErrClosed)
	require.ErrorContains(t, err, filepath.Join(dir, "originator.json")+": ")
	require.ErrorContains(t, err, "wampbox init -dir FOLDER com.myapp.encrypted. makes files that fit")
}
