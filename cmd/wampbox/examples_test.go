package main_test

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

// TestExamplesUseTheFiles runs both ends of the example with the files that
// init made, and once more while their keys are rotated.
func TestExamplesUseTheFiles(t *testing.T) {
	programs, dir := t.TempDir(), t.TempDir()
	const module = "github.com/wamp-cryptobox/wamp-cryptobox-go/examples/"
	out, err := exec.Command("go", "build", "-o", programs+string(filepath.Separator), module+"originator", module+"responder").CombinedOutput()
	require.NoError(t, err, "%s", out)
	router, err := testrouter.Start()
	require.NoError(t, err)
	defer func() { require.NoError(t, router.Close()) }()
	example := func(name string) *exec.Cmd {
		return exec.Command(filepath.Join(programs, name), "-router", router.WebSocketURL(), "-realm", "realm1",
			"-keyring", filepath.Join(dir, name+".json"))
	}
	exchange := func() {
		t.Helper()
		out, err := example("originator").CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "all as expected")
	}
	old := strings.TrimSpace(wampbox(t, "init", "-dir", dir, "-pattern", "com.myapp.encrypted.", "-match", "prefix").fine(t))

	responder := example("responder")
	stdout, err := responder.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, responder.Start())
	defer func() { _ = responder.Process.Kill(); _ = responder.Wait() }()
	ready := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if strings.Contains(lines.Text(), "session ready") {
				ready <- true
			}
		}
	}()
	select {
	case <-ready:
	case <-time.After(30 * time.Second):
		t.Fatal("the responder isn't ready")
	}
	exchange()

	// The responder runs on, and takes over the changed file.
	next := strings.TrimSpace(wampbox(t, "rotate", "-dir", dir).fine(t))
	exchange()
	wampbox(t, "activate", "-dir", dir, "-id", next).fine(t)
	require.Eventually(t, func() bool {
		return example("originator").Run() == nil
	}, 30*time.Second, 200*time.Millisecond, "the responder doesn't take over the new version")
	wampbox(t, "revoke", "-dir", dir, "-id", old).fine(t)
	exchange()
}
