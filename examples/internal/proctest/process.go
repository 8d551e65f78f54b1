package proctest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/examples/internal/party"
)

// Patience bounds every wait for something that has to happen.
const Patience = 20 * time.Second

// Process is a program that was started.
type Process struct {
	t       testing.TB
	command *exec.Cmd
	stdout  *lines
	stderr  *lines
	ended   chan struct{}
}

// Start starts a program that Main built. The test's cleanup ends it.
func Start(t testing.TB, program string, args ...string) *Process {
	t.Helper()
	return StartEnv(t, nil, program, args...)
}

// StartEnv is Start with additional environment variables.
func StartEnv(t testing.TB, env []string, program string, args ...string) *Process {
	t.Helper()
	p := &Process{
		t:       t,
		command: exec.Command(filepath.Join(directory, program), args...),
		stdout:  newLines(),
		stderr:  newLines(),
		ended:   make(chan struct{}),
	}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, party.PrivateKeyVariable+"=") {
			p.command.Env = append(p.command.Env, variable)
		}
	}
	p.command.Env = append(p.command.Env, env...)
	p.command.Stdout, p.command.Stderr = p.stdout, p.stderr
	require.NoError(t, p.command.Start())
	go func() {
		_ = p.command.Wait() // the status is in ProcessState
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.command.Process.Kill() // fails where it has ended
		<-p.ended
	})
	return p
}

// Run starts a program, waits until it ends, and returns it with its status.
func Run(t testing.TB, program string, args ...string) (*Process, int) {
	t.Helper()
	p := Start(t, program, args...)
	return p, p.Wait()
}

// Wait waits until the program ends, and returns its status.
func (p *Process) Wait() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(Patience):
		require.FailNow(p.t, "the program doesn't end", "stdout:\n%s\nstderr:\n%s", p.Stdout(), p.Stderr())
	}
	return p.command.ProcessState.ExitCode()
}

// AwaitLine waits until the program has printed the line n times.
func (p *Process) AwaitLine(line string, n int) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	require.True(p.t, p.stdout.await(ctx, p.ended, line, n),
		"line %q not printed %d times\nstdout:\n%s\nstderr:\n%s", line, n, p.Stdout(), p.Stderr())
}

// Signal sends a signal to the program.
func (p *Process) Signal(s os.Signal) {
	p.t.Helper()
	require.NoError(p.t, p.command.Process.Signal(s))
}

// Stdout returns what the program has written to its standard output.
func (p *Process) Stdout() string { return p.stdout.String() }

// Stderr returns what the program has written to its standard error.
func (p *Process) Stderr() string { return p.stderr.String() }
