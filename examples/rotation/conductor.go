package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

// crew are the processes, by the roles whose file they get.
var crew = []struct{ role, name string }{
	{"responder", "1"}, {"responder", "2"}, {"originator", "1"}, {"originator", "2"},
}

// retireAfter is how long an old key opens after the last has sealed with it. A real
// system takes days.
const retireAfter = 5 * time.Second

// conductor rotates the keys of the processes.
type conductor struct {
	options
	out    io.Writer
	folder string // all files are in it
	url    string // of the router
	began  time.Time

	processes []*process
	ids       []string // of the keys in their order; the last one is active
}

// conduct does all that this program is for.
func conduct(ctx context.Context, o options, out io.Writer) error {
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, fmt.Errorf("not done within %v; -timeout allows more", o.timeout))
	defer cancel()
	folder, err := os.MkdirTemp("", "rotation")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	router, err := testrouter.Start("realm1")
	if err != nil {
		return err
	}
	defer func() { _ = router.Close() }()
	c := &conductor{options: o, out: out, folder: folder, url: router.RawSocketURL(), began: time.Now()}
	defer c.kill()
	if err := c.run(ctx); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return err
	}
	return nil
}

func (c *conductor) run(ctx context.Context) error {
	if err := c.needTool(ctx); err != nil {
		return err
	}
	if _, err := c.wampbox(ctx, "init", "-dir", c.keys(), "-pattern", prefix, "-match", "prefix"); err != nil {
		return err
	}
	if err := c.start(ctx); err != nil {
		return err
	}
	c.say("four processes send, under the key %s", c.ids[0])
	for range c.rotations {
		if err := c.rotate(ctx); err != nil {
			return err
		}
	}
	if err := c.awaitSealed(ctx); err != nil {
		return err
	}
	return c.finish(ctx)
}

// awaitSealed waits until enough was sealed, if nothing fails.
func (c *conductor) awaitSealed(ctx context.Context) error {
	for c.total().Sealed < c.messages {
		if err := c.each((*process).failed); err != nil {
			return err
		}
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// rotate makes the next key, has all open it, then seal with it, and then lets the
// old one end. In each step some processes are behind the others for a while.
func (c *conductor) rotate(ctx context.Context) error {
	old := c.ids[len(c.ids)-1]
	next, err := c.wampbox(ctx, "rotate", "-dir", c.keys())
	if err != nil {
		return err
	}
	if err := c.rollOut(ctx, next, "pending"); err != nil {
		return err
	}
	c.say("all open the key %s", next)
	if _, err := c.wampbox(ctx, "activate", "-dir", c.keys(), "-id", next); err != nil {
		return err
	}
	if err := c.rollOut(ctx, next, "active"); err != nil {
		return err
	}
	c.ids = append(c.ids, next)
	c.say("all seal with it")
	if err := sleep(ctx, time.Second); err != nil {
		return err
	}
	if _, err := c.wampbox(ctx, "retire", "-dir", c.keys(), "-id", old, "-after", retireAfter.String()); err != nil {
		return err
	}
	if err := c.rollOut(ctx, old, "retired"); err != nil {
		return err
	}
	c.say("the key %s ends in %v", old, retireAfter)
	return nil
}

// rollOut gives each process the present file of its role, one after the other, and
// waits until they have a version in a state.
func (c *conductor) rollOut(ctx context.Context, id, state string) error {
	return c.each(func(p *process) error {
		if err := c.deliver(p); err != nil {
			return err
		}
		return p.awaitKey(ctx, id, state)
	})
}

// deliver puts a process' file in place in one step.
func (c *conductor) deliver(p *process) error {
	data, err := os.ReadFile(filepath.Join(c.keys(), p.role+".json"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(p.keyring+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(p.keyring+".new", p.keyring)
}

// finish has all stop sending, then end, and counts.
func (c *conductor) finish(ctx context.Context) error {
	for _, p := range c.processes {
		if p.role == "originator" {
			if err := p.stop(ctx); err != nil {
				return err
			}
		}
	}
	if err := c.each(func(p *process) error { return p.end(ctx) }); err != nil {
		return err
	}
	return c.report()
}

// report counts what all processes say at their end.
func (c *conductor) report() error {
	all := c.total()
	byKey := map[string]uint64{}
	for _, p := range c.processes {
		for id, n := range p.tally().ByKey {
			byKey[id] += n
		}
	}
	for _, id := range c.ids {
		c.say("%d messages reached a handler under the key %s", byKey[id], id)
	}
	// Each event is opened by both responders, everything else once.
	expected := all.Sealed + all.Sent
	c.say("%d messages sealed, %d of them events for two; %d opened, %d lost, %d refused",
		all.Sealed, all.Sent, all.Opened, expected-min(all.Opened, expected), all.Refused)
	switch {
	case all.Refused > 0 || all.Opened != expected:
		return errors.New("messages were lost or refused")
	case len(byKey) != len(c.ids):
		return fmt.Errorf("%d keys were used, where there were %d", len(byKey), len(c.ids))
	}
	return nil
}

func (c *conductor) total() (all tally) {
	for _, p := range c.processes {
		t := p.tally()
		all.Sealed += t.Sealed
		all.Opened += t.Opened
		all.Refused += t.Refused
		all.Sent += t.Sent
	}
	return all
}

func (c *conductor) keys() string { return filepath.Join(c.folder, "keys") }

func (c *conductor) each(do func(*process) error) error {
	for _, p := range c.processes {
		if err := do(p); err != nil {
			return fmt.Errorf("%s %s: %w", p.role, p.name, err)
		}
	}
	return nil
}

// say prints a line of what happens.
func (c *conductor) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	fmt.Fprintf(c.out, "%6.2fs %8d sealed  %s\n", time.Since(c.began).Seconds(), c.total().Sealed, strings.TrimSpace(text))
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
