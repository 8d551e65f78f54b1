package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

func TestMain(m *testing.M) { os.Exit(proc.Main(m).Run()) }

// wampbox runs the tool on the folder and returns what it prints.
func wampbox(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := exec.Command(proc.Build(t, "cmd/wampbox"), append(args, "-dir", dir)...).Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(out))
}

// TestRotation takes the steps that the program's comment names.
func TestRotation(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	old := wampbox(t, dir, "init", "-pattern", prefix, "-match", "prefix")
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
	next := wampbox(t, dir, "rotate")
	keys(next + " is pending")
	under(old)
	wampbox(t, dir, "activate", "-id", next)
	keys(next+" is active", old+" is retired")
	under(next)
	wampbox(t, dir, "retire", "-id", old, "-after", "1m")
	wampbox(t, dir, "revoke", "-id", old)
	keys(old + " is revoked")
	under(next)
	p.Signal(syscall.SIGTERM)
	require.Zero(t, p.Wait(), p.Stderr())

	require.NotContains(t, p.Stderr(), "rotation: ")
	for i, line := range strings.Split(strings.TrimSpace(p.Stdout()), "\n") {
		require.True(t, strings.HasPrefix(line, fmt.Sprintf("event %d under key ", i+1)), "%s: an event is missing", line)
	}
}

func TestNoKeys(t *testing.T) {
	p, status := proc.Run(t, "rotation", "-dir", t.TempDir())
	require.Equal(t, 1, status)
	require.Contains(t, p.Stderr(), "no such file")
}

// TestNoPlainEvents: keys for other URIs don't lead to events in plain.
func TestNoPlainEvents(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	wampbox(t, dir, "init", "-pattern", "com.other.", "-match", "prefix")
	p, status := proc.Run(t, "rotation", "-dir", dir)
	require.Equal(t, 1, status)
	require.Empty(t, p.Stdout())
}
