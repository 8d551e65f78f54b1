package interop_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const modulePath = "github.com/wamp-cryptobox/wamp-cryptobox-go/"

// buildTime is how long the go command may take where it has built nothing before.
const buildTime = 2 * time.Minute

// build builds example programs into a folder and returns it.
func build(t *testing.T, names ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	args := []string{"build", "-o", dir + string(filepath.Separator)}
	for _, name := range names {
		if !strings.Contains(name, "/") {
			name = "examples/" + name
		}
		args = append(args, modulePath+name)
	}
	ctx, cancel := context.WithTimeout(t.Context(), buildTime)
	defer cancel()
	out, err := exec.CommandContext(ctx, "go", args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return dir
}

// running is a program of ours that runs, with nothing of our environment.
type running struct {
	l       live
	cmd     *exec.Cmd
	lines   chan string // of its standard output; closed at its end
	printed []string    // those that were read from lines
	stderr  bytes.Buffer
}

// run starts the program. It is ended with the test at the latest.
func (l live) run(path string, args ...string) *running {
	l.Helper()
	p := &running{l: l, cmd: exec.CommandContext(l.ctx, path, args...), lines: make(chan string, 1000)}
	p.cmd.Env = []string{"HOME=" + l.TempDir()}
	p.cmd.Stderr = &p.stderr
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(l, err)
	require.NoError(l, p.cmd.Start())
	go p.read(stdout)
	l.Cleanup(func() {
		_ = p.cmd.Process.Kill() // fails where it has ended
		p.drain()
		_ = p.cmd.Wait() // likewise
	})
	return p
}

func (p *running) read(stdout io.Reader) {
	defer close(p.lines)
	for s := bufio.NewScanner(stdout); s.Scan(); {
		p.lines <- s.Text()
	}
}

// drain reads all that the program prints until it ends.
func (p *running) drain() {
	for line := range p.lines {
		p.printed = append(p.printed, line)
	}
}

// says waits until the program has printed the line.
func (p *running) says(want string) {
	p.l.Helper()
	for !slices.Contains(p.printed, want) {
		line, ok := <-p.lines // closed when the context ends the program
		require.True(p.l, ok, "the program didn't say %q; it said %q, %s", want, p.printed, &p.stderr)
		p.printed = append(p.printed, line)
	}
}

// ends waits for the program's end and expects that it succeeded.
func (p *running) ends() (printed []string) {
	p.l.Helper()
	p.drain()
	require.NoError(p.l, p.cmd.Wait(), "%q, %s", p.printed, &p.stderr)
	return p.printed
}

// interrupted is ends for a program that goes on for ever.
func (p *running) interrupted() (printed []string) {
	p.l.Helper()
	require.NoError(p.l, p.cmd.Process.Signal(syscall.SIGTERM))
	return p.ends()
}
