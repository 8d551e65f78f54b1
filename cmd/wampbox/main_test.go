package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

// binary is the tool, built once.
var binary string

func TestMain(m *testing.M) { os.Exit(build(m)) }

// build makes the tool, runs the tests, and returns the status to exit with.
func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "wampbox")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary = filepath.Join(dir, "wampbox")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return proc.Main(m).Run()
}

// run is one run of the tool.
type run struct {
	dir   string   // to run in; empty is the test's
	stdin []byte   // what standard input gives
	env   []string // added to the environment
}

// result is what became of it.
type result struct {
	status int
	out    string
	err    string
}

// start runs the tool to its end.
func (r run) start(t testing.TB, args ...string) result {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), r.env...)
	cmd.Stdin = bytes.NewReader(r.stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// wampbox runs the tool without input.
func wampbox(t testing.TB, args ...string) result {
	t.Helper()
	return run{}.start(t, args...)
}

// fine expects status 0, and gives standard output.
func (r result) fine(t testing.TB) string {
	t.Helper()
	require.Equal(t, 0, r.status, "standard error: %s", r.err)
	return r.out
}

// fails expects a status, a text on standard error and nothing on standard
// output.
func (r result) fails(t testing.TB, status int, says string) {
	t.Helper()
	require.Equal(t, status, r.status, "standard error: %s", r.err)
	require.Contains(t, r.err, says)
	require.Empty(t, r.out)
}

// decode reads standard output as JSON of exactly the shape of a value.
func (r result) decode(t testing.TB, into any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader([]byte(r.fine(t))))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(into))
	require.False(t, decoder.More())
}

// write makes a file in the test's own folder.
func write(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

// mode gives a file's permissions.
func mode(t testing.TB, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Mode().Perm()
}
