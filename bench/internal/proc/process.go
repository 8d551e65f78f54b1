// Package proc runs the processes that a benchmark compares with, or needs apart
// from itself. They take commands as lines on standard input, answer each with one
// line on standard output, begin with one of their own, and end when standard input
// closes: none outlives the benchmark.
package proc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

const (
	startTime = time.Minute     // a busy machine's
	endTime   = 5 * time.Second // for a process that was asked to end
	logSize   = 16 << 10        // bytes kept of what it logs
	lineSize  = 16 << 20        // bytes of an answer
)

// Process is a running process. Its methods are for one goroutine.
type Process struct {
	name   string
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	lines  chan string // closed when it says no more
	log    *tail
	banner string
}

// Start starts the command and waits for its first line, which [Process.Banner]
// returns.
func Start(ctx context.Context, name string, cmd *exec.Cmd) (*Process, error) {
	p := &Process{name: name, cmd: cmd, lines: make(chan string, 1), log: &tail{}}
	cmd.Stderr = p.log
	cmd.WaitDelay = endTime
	var err error
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("bench: start %s: %w", name, err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("bench: start %s: %w", name, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("bench: start %s: %w", name, err)
	}
	go p.read(stdout)
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if p.banner, err = p.next(ctx); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	return p, nil
}

// read hands on lines until the process says no more. A process speaks when it is
// asked, so there is one at a time; Stop takes what comes unasked.
func (p *Process) read(from io.Reader) {
	defer close(p.lines)
	scanner := bufio.NewScanner(from)
	scanner.Buffer(nil, lineSize)
	for scanner.Scan() {
		p.lines <- scanner.Text()
	}
}

// Banner is the line that the process began with.
func (p *Process) Banner() string { return p.banner }

// Ask sends a line and returns the answer. The error holds the end of what the
// process logged.
func (p *Process) Ask(ctx context.Context, line string) (string, error) {
	if _, err := io.WriteString(p.stdin, line+"\n"); err != nil {
		return "", p.gone(err)
	}
	return p.next(ctx)
}

func (p *Process) next(ctx context.Context) (string, error) {
	select {
	case line, ok := <-p.lines:
		if !ok {
			return "", p.gone(errors.New("it has ended"))
		}
		return line, nil
	case <-ctx.Done():
		return "", p.failed(context.Cause(ctx))
	}
}

// gone is the error of a process that says no more. All of its log is there once it
// has ended.
func (p *Process) gone(err error) error { return p.failed(errors.Join(err, p.Stop())) }

func (p *Process) failed(err error) error {
	return fmt.Errorf("bench: %s: %w; its log:\n%s", p.name, err, p.log)
}

// Stop ends the process and returns when it is gone. How it ended doesn't count.
func (p *Process) Stop() error {
	_ = p.stdin.Close() // closed before if Stop was called before
	timer := time.AfterFunc(endTime, func() { _ = p.cmd.Process.Kill() })
	defer timer.Stop()
	for range p.lines {
	}
	_ = p.cmd.Wait() // being killed is an error, too
	return nil
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// Write implements [io.Writer] and never fails.
func (t *tail) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, text...)
	if over := len(t.text) - logSize; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(text), nil
}

// String implements [fmt.Stringer].
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.text))
}
