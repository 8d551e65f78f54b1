package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// patience bounds each wait.
const patience = time.Minute

// process is one that was started. What it prints is printed, with its name.
type process struct {
	name    string
	command *exec.Cmd
	stdin   io.WriteCloser
	ended   chan struct{}

	mu     sync.Mutex
	lines  []string // that were printed
	seen   int      // of them, how many have been waited for
	tally  tally    // what it told last
	tallys int      // how often
}

// run starts a process.
func (s *stage) run(ctx context.Context, name string, argv []string) (*process, error) {
	p := &process{name: name, command: exec.CommandContext(ctx, argv[0], argv[1:]...), ended: make(chan struct{})}
	p.command.Dir = s.dir
	p.command.Cancel = func() error { return p.command.Process.Signal(syscall.SIGTERM) }
	p.command.WaitDelay = 10 * time.Second
	var err error
	if p.stdin, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, in := io.Pipe()
	p.command.Stdout, p.command.Stderr = in, in
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	s.processes = append(s.processes, p)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			p.take(lines.Text())
		}
	}()
	go func() {
		_ = p.command.Wait() // how it went shows in what it printed
		_ = in.Close()
		close(p.ended)
	}()
	return p, nil
}

// take prints a line, or notes the tally that it is.
func (p *process) take(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if text, is := strings.CutPrefix(line, "tally "); is {
		var t tally
		if json.Unmarshal([]byte(text), &t) == nil {
			p.tally, p.tallys = t, p.tallys+1
		}
		return
	}
	fmt.Printf("%8s | %s\n", p.name, line)
	p.lines = append(p.lines, line)
}

// await waits for a line that has the text, behind those that were waited for before, and gives
// what follows the text.
func (p *process) await(ctx context.Context, text string) (rest string, err error) {
	err = p.until(ctx, fmt.Sprintf("%q", text), func() bool {
		for i, line := range p.lines[p.seen:] {
			if _, after, found := strings.Cut(line, text); found {
				rest, p.seen = after, p.seen+i+1
				return true
			}
		}
		return false
	})
	return rest, err
}

// until waits until something is so of the process.
func (p *process) until(ctx context.Context, what string, so func() bool) error {
	for deadline := time.Now().Add(patience); ; {
		p.mu.Lock()
		is := so()
		p.mu.Unlock()
		if is {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.ended:
			return fmt.Errorf("%s has ended before it said %s", p.name, what)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s didn't say %s in %v", p.name, what, patience)
		}
	}
}

// tell gives the process a word on its standard input.
func (p *process) tell(word string) error {
	_, err := fmt.Fprintln(p.stdin, word)
	return err
}

// end ends the process.
func (p *process) end() {
	if p.command.Process.Signal(syscall.SIGTERM) != nil {
		_ = p.command.Process.Kill() // Windows has no such signal
	}
	<-p.ended
}

// stop ends all processes, the last one first.
func (s *stage) stop() {
	for _, p := range slices.Backward(s.processes) {
		p.end()
	}
}

// tallies are what the members have counted.
type tallies struct{ shop, desk, archive tally }

// tallies asks all members.
func (s *stage) tallies(ctx context.Context) (all tallies, err error) {
	for p, to := range map[*process]*tally{s.shop: &all.shop, s.desk: &all.desk, s.archive: &all.archive} {
		p.mu.Lock()
		before := p.tallys
		p.mu.Unlock()
		if err := p.tell("tally"); err != nil {
			return all, err
		}
		err = errors.Join(err, p.until(ctx, "its tally", func() bool { *to = p.tally; return p.tallys > before }))
	}
	return all, err
}

// watch waits until the members have counted enough, and says what.
func (s *stage) watch(ctx context.Context, what string, enough func(tallies) bool) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		all, err := s.tallies(ctx)
		switch {
		case err != nil:
			return err
		case enough(all):
			fmt.Printf("%s: shop has %d of %d calls answered; desk received %d events, archive %d\n",
				what, all.shop.Answered, all.shop.Called, all.desk.Received, all.archive.Received)
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("%s: not enough in %v: %+v", what, patience, all)
		}
	}
}

// serve starts the server of the keys, and waits until it serves.
func (s *stage) serve(ctx context.Context) (err error) {
	if s.server, err = s.run(ctx, "server", []string{s.tool, "serve", "-router", s.url, "-realm", realm, "-dir", s.path("grants")}); err != nil {
		return err
	}
	_, err = s.server.await(ctx, "serv")
	return err
}

// wampbox runs the tool as the operator does, and gives its standard output.
func (s *stage) wampbox(ctx context.Context, args ...string) (string, error) {
	fmt.Println("$ wampbox", strings.Join(args, " "))
	command := exec.CommandContext(ctx, s.tool, args...)
	command.Dir = s.dir
	var out bytes.Buffer
	command.Stdout, command.Stderr = io.MultiWriter(&out, os.Stdout), os.Stdout
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("wampbox %s: %w", args[0], err)
	}
	return out.String(), nil
}

// own is the command line of a process of this program.
func (s *stage) own(args ...string) []string {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return append([]string{self}, args...)
}

func (s *stage) path(name string) string { return filepath.Join(s.dir, name) }
