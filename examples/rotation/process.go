package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// process is a worker, as the conductor sees it.
type process struct {
	role, name string
	keyring    string
	command    *exec.Cmd
	stdin      io.WriteCloser

	mu      sync.Mutex
	changed chan struct{} // closed and replaced with each line
	last    tally
	keys    map[string]string
	ready   bool
	stopped bool
	ended   bool
	err     error
}

// start starts all processes, and waits until they work.
func (c *conductor) start(ctx context.Context) error {
	for _, member := range crew {
		p := &process{role: member.role, name: member.name, changed: make(chan struct{})}
		p.keyring = filepath.Join(c.folder, member.role+member.name+".json")
		if err := errors.Join(c.deliver(p), p.start(c.url)); err != nil {
			return err
		}
		c.processes = append(c.processes, p)
		if err := p.await(ctx, "it is ready", func() bool { return p.ready }); err != nil {
			return err
		}
	}
	c.ids = []string{c.processes[0].activeKey()}
	return nil
}

func (p *process) activeKey() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, state := range p.keys {
		if state == keyring.StateActive.String() {
			return id
		}
	}
	return ""
}

func (p *process) start(router string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	p.command = exec.Command(self, "-worker", p.role, "-name", p.name, "-keyring", p.keyring, "-router", router)
	p.command.Stderr = os.Stderr
	if p.stdin, err = p.command.StdinPipe(); err != nil {
		return err
	}
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.command.Start(); err != nil {
		return err
	}
	go p.listen(stdout)
	return nil
}

// listen takes what the process says, until it ends.
func (p *process) listen(stdout io.Reader) {
	for in := bufio.NewScanner(stdout); in.Scan(); {
		var l line
		if err := json.Unmarshal(in.Bytes(), &l); err != nil {
			l.Failed = "it says what isn't understood"
		}
		p.take(func() { p.note(l) })
	}
	err := p.command.Wait()
	p.take(func() {
		p.ended = true
		if err != nil && p.err == nil {
			p.err = err
		}
	})
}

func (p *process) note(l line) {
	if l.Keys != nil {
		p.keys = l.Keys
	}
	if l.Tally != nil {
		p.last = *l.Tally
	}
	p.ready = p.ready || l.Ready
	p.stopped = p.stopped || l.Stopped
	if l.Failed != "" && p.err == nil {
		p.err = errors.New(l.Failed)
	}
}

func (p *process) take(do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	do()
	close(p.changed)
	p.changed = make(chan struct{})
}

// await waits until something is so. What fails in the process meanwhile ends it.
func (p *process) await(ctx context.Context, what string, so func() bool) error {
	for {
		p.mu.Lock()
		err, done, ended, changed := p.err, so(), p.ended, p.changed
		p.mu.Unlock()
		switch {
		case err != nil:
			return err
		case done:
			return nil
		case ended:
			return fmt.Errorf("it ended before %s", what)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (p *process) awaitKey(ctx context.Context, id, state string) error {
	return p.await(ctx, "it has the key "+id, func() bool { return p.keys[id] == state })
}

func (p *process) failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended && p.err == nil {
		return errors.New("it has ended")
	}
	return p.err
}

func (p *process) stop(ctx context.Context) error {
	if _, err := io.WriteString(p.stdin, "stop\n"); err != nil {
		return err
	}
	return p.await(ctx, "it has stopped", func() bool { return p.stopped })
}

func (p *process) end(ctx context.Context) error {
	if err := p.stdin.Close(); err != nil {
		return err
	}
	return p.await(ctx, "it has ended", func() bool { return p.ended })
}

func (p *process) tally() tally {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.last
	t.ByKey = maps.Clone(t.ByKey)
	return t
}

// kill ends what is left.
func (c *conductor) kill() {
	for _, p := range c.processes {
		_ = p.stdin.Close()
		_ = p.command.Process.Kill() // fails where it has ended
		_ = p.await(context.Background(), "", func() bool { return p.ended })
	}
}

// needTool builds wampbox if no path is given.
func (c *conductor) needTool(ctx context.Context) error {
	if c.tool != "" {
		return nil
	}
	c.tool = filepath.Join(c.folder, "wampbox")
	build := exec.CommandContext(ctx, "go", "build", "-o", c.tool, "github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("can't build wampbox: %w: %s; -wampbox names one that is there", err, out)
	}
	return nil
}

// wampbox runs the tool, prints how, and returns the one word that it prints.
func (c *conductor) wampbox(ctx context.Context, args ...string) (string, error) {
	shown := slices.Clone(args)
	for i := range shown {
		shown[i] = strings.TrimPrefix(shown[i], c.folder+string(filepath.Separator))
	}
	c.say("$ wampbox %s", strings.Join(shown, " "))
	command := exec.CommandContext(ctx, c.tool, args...)
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("wampbox %s: %w: %s", args[0], err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}
