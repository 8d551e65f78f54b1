// Package proc builds programs of this module and runs them as processes of their
// own, for tests, at routers that hang, fall silent or go away.
package proc

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
)

// Patience bounds every wait for something that has to happen.
const Patience = time.Minute

// Process is a program that was started.
type Process struct {
	t              testing.TB
	command        *exec.Cmd
	stdout, stderr harness.Buffer
	ended          chan struct{}
}

// Start builds a program (see [Build]) and starts it. The test's cleanup ends it.
func Start(t testing.TB, program string, args ...string) *Process {
	t.Helper()
	command := exec.Command(Build(t, program), args...)
	p := &Process{t: t, command: command, ended: make(chan struct{})}
	command.Stdout, command.Stderr = &p.stdout, &p.stderr
	require.NoError(t, command.Start())
	go func() {
		_ = command.Wait() // the status is in ProcessState
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = command.Process.Kill() // fails where it has ended
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
	p.Await(line, func() bool {
		found := 0
		for written := range strings.Lines(p.Stdout()) {
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
	p.Await(text, func() bool { return strings.Contains(p.Stderr(), text) })
}

// Await waits until something is so, and fails if the program ends before.
func (p *Process) Await(what string, so func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(Patience); ; time.Sleep(5 * time.Millisecond) {
		ended := time.Now().After(deadline)
		select {
		case <-p.ended:
			ended = true
		default:
		}
		if so() {
			return
		}
		require.False(p.t, ended, "it doesn't happen: %s\nstdout:\n%s\nstderr:\n%s", what, p.Stdout(), p.Stderr())
	}
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
