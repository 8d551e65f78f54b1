package proctest

import (
	"context"
	"os"
	"os/exec"
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
	stdout  *output
	stderr  *output
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
		command: exec.Command(Path(program), args...),
		stdout:  newOutput(),
		stderr:  newOutput(),
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
	return p.WaitFor(Patience)
}

// WaitFor is Wait for programs that take long.
func (p *Process) WaitFor(patience time.Duration) int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		require.FailNow(p.t, "the program doesn't end", "stdout:\n%s\nstderr:\n%s", p.Stdout(), p.Stderr())
	}
	return p.command.ProcessState.ExitCode()
}

// AwaitLine waits until the program has printed the line n times.
func (p *Process) AwaitLine(line string, n int) {
	p.t.Helper()
	p.await(p.stdout, line, func(text string) bool {
		found := 0
		for written := range strings.Lines(text) {
			if written == line+"\n" {
				found++
			}
		}
		return found >= n
	})
}

// AwaitStderr waits until the program has written text to its standard error.
func (p *Process) AwaitStderr(text string) {
	p.t.Helper()
	p.await(p.stderr, text, func(written string) bool { return strings.Contains(written, text) })
}

func (p *Process) await(o *output, what string, enough func(string) bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	require.True(p.t, o.await(ctx, p.ended, enough),
		"not written, or not often enough: %s\nstdout:\n%s\nstderr:\n%s", what, p.Stdout(), p.Stderr())
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
