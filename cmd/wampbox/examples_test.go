package main_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

// TestExamplesUseTheFiles runs both ends of the example with the files that
// init made, and once more while their keys are rotated.
func TestExamplesUseTheFiles(t *testing.T) {
	dir := t.TempDir()
	router := testrouter.Start(t)
	args := func(name string) []string {
		return []string{"-router", router.WebSocketURL(), "-keyring", filepath.Join(dir, name+".json")}
	}
	exchange := func() {
		t.Helper()
		p, status := proc.Run(t, "originator", args("originator")...)
		require.Zero(t, status, p.Stderr())
		require.Contains(t, p.Stdout(), "all as expected")
	}
	old := strings.TrimSpace(wampbox(t, "init", "-dir", dir, "com.myapp.encrypted.").fine(t))
	responder := proc.Start(t, "responder", args("responder")...)
	responder.AwaitLine("session ready", 1)
	exchange()

	// The responder runs on, and takes over the changed file.
	changes := 0
	change := func(args ...string) string {
		t.Helper()
		said := wampbox(t, with(dir, args...)...).fine(t)
		changes++
		responder.Await("the change by "+args[0], func() bool {
			return strings.Count(responder.Stderr(), "the keyring has changed") >= changes
		})
		exchange()
		return strings.TrimSpace(said)
	}
	next := change("rotate", "com.myapp.encrypted.")
	change("activate", next)
	change("revoke", old)
}
