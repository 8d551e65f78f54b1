package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// process is another program that takes commands as lines on standard input. It begins
// with "ready" and a text, and ends when standard input closes.
type process struct {
	name   string
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	lines  chan string // closed when it says no more
	banner string      // the text behind "ready"
	log    strings.Builder
}

// startProcess starts the command and waits until it is ready.
func startProcess(ctx context.Context, cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, lines: make(chan string, 1)}
	cmd.Stderr = &p.log
	cmd.WaitDelay = 5 * time.Second
	var err error
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.lines)
		for scanner := bufio.NewScanner(stdout); scanner.Scan(); {
			p.lines <- scanner.Text()
		}
	}()
	line, err := p.next(ctx)
	if err != nil {
		return nil, errors.Join(err, p.stop())
	}
	banner, ready := strings.CutPrefix(line, "ready ")
	if !ready {
		return nil, errors.Join(fmt.Errorf("it says %.200q, not \"ready\"", line), p.stop())
	}
	p.banner = banner
	return p, nil
}

func (p *process) next(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute) // of a busy machine
	defer cancel()
	why := errors.New("it has ended")
	select {
	case line, ok := <-p.lines:
		if ok {
			return line, nil
		}
	case <-ctx.Done():
		why = context.Cause(ctx)
	}
	err := p.stop() // all of its log is there once it has ended
	return "", errors.Join(fmt.Errorf("%w; its log:\n%s", why, &p.log), err)
}

// write sends a line.
func (p *process) write(line string) error {
	_, err := io.WriteString(p.stdin, line+"\n")
	return err
}

// measure asks for a run: the line and the least nanoseconds. It answers "done", how
// often, and how many nanoseconds it took; or "failed" and why.
func (p *process) measure(ctx context.Context, line string, least time.Duration) (s sample, err error) {
	s.apart = true
	if err := p.write(fmt.Sprintf("%s %d", line, least.Nanoseconds())); err != nil {
		return sample{}, err
	}
	answer, err := p.next(ctx)
	if err != nil {
		return sample{}, err
	}
	if n, err := fmt.Sscanf(answer, "done %d %d", &s.count, &s.elapsed); n != 2 || err != nil {
		return sample{}, fmt.Errorf("it answers %.500q", answer)
	}
	return s, nil
}

// stop ends the process and returns when it is gone. How it ended doesn't count.
func (p *process) stop() error {
	_ = p.stdin.Close()
	timer := time.AfterFunc(5*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer timer.Stop()
	for range p.lines {
	}
	_ = p.cmd.Wait()
	return nil
}
