package interop

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

//go:embed python/peer.py
var peerScript []byte

// Python is a Python process that holds Autobahn sessions. Its methods may be
// called from several goroutines.
type Python struct {
	*process
	ready    chan struct{} // closed when versions are there
	versions Versions

	writing sync.Mutex // one line at a time

	mu      sync.Mutex
	last    uint64
	pending map[uint64]*request
	peers   map[string]*Peer
	defect  error // a line that can't be read: nothing works from then on
}

// request is a command that waits for its answer.
type request struct {
	progress func(Received)
	answer   chan message // of one
}

// StartPython starts a process without sessions, and waits for its first line. Whoever
// starts it must stop it.
func StartPython(ctx context.Context, interpreter string) (*Python, error) {
	p := &Python{ready: make(chan struct{}), pending: map[uint64]*request{}, peers: map[string]*Peer{}}
	var err error
	if p.process, err = startPython(interpreter, peerScript, nil, &lines{each: p.handle}); err != nil {
		return nil, err
	}
	select {
	case <-p.ready:
		return p, nil
	case <-p.exited:
		err = errors.New("it ended")
	case <-ctx.Done():
		err = ctx.Err()
	case <-time.After(bootTime):
		err = context.DeadlineExceeded
	}
	return nil, errors.Join(fmt.Errorf("interop: the Python peers didn't start: %w; their log:\n%s", err, p.Log()), p.Stop())
}

// Versions returns what runs, as the process itself says.
func (p *Python) Versions() Versions { return p.versions }

// Stop ends the process and its sessions and removes its folder. Further calls
// do nothing and return the same.
func (p *Python) Stop() error { return p.end() }

// command is one line to the process.
type command map[string]any

// do sends a command and returns its answer. The error is an [*Error] for a
// WAMP error.
func (p *Python) do(ctx context.Context, cmd command, progress func(Received), result any) error {
	id, req := p.enter(progress)
	defer p.leave(id)
	cmd["id"] = id
	line, err := json.Marshal(cmd)
	if err != nil {
		return fmt.Errorf("interop: a command to Python: %w", err)
	}
	if err := p.write(append(line, '\n')); err != nil {
		return err
	}
	select {
	case answer := <-req.answer:
		return answer.outcome(result)
	case <-p.exited:
		return fmt.Errorf("interop: the Python peers have ended; their log:\n%s", p.Log())
	case <-ctx.Done():
		return fmt.Errorf("interop: wait for a Python peer's answer to %q: %w%s", cmd["op"], ctx.Err(), p.trouble())
	}
}

func (p *Python) enter(progress func(Received)) (uint64, *request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last++
	req := &request{progress: progress, answer: make(chan message, 1)}
	p.pending[p.last] = req
	return p.last, req
}

func (p *Python) leave(id uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.pending, id)
}

func (p *Python) write(line []byte) error {
	p.writing.Lock()
	defer p.writing.Unlock()
	if _, err := p.stdin.Write(line); err != nil {
		return fmt.Errorf("interop: write to the Python peers: %w; their log:\n%s", err, p.Log())
	}
	return nil
}

// handle takes one line of the process.
func (p *Python) handle(line []byte) {
	var m message
	if err := parse(line, &m); err != nil {
		p.mu.Lock()
		p.defect = errors.Join(p.defect, fmt.Errorf("interop: Python sent a line that can't be read: %w: %.200q", err, line))
		p.mu.Unlock()
		return
	}
	if m.Versions != nil {
		p.versions = *m.Versions
		close(p.ready)
		return
	}
	p.mu.Lock()
	req, peer := p.pending[m.ID], p.peers[m.Session]
	p.mu.Unlock()
	switch {
	case peer != nil:
		peer.take(m)
	case req == nil: // nobody waits any more
	case m.Progress != nil:
		if req.progress != nil {
			req.progress(*m.Progress)
		}
	default:
		req.answer <- m // the only answer, and there is room for one
	}
}

// trouble returns what may be why an answer doesn't come.
func (p *Python) trouble() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.defect == nil {
		return ""
	}
	return "; " + p.defect.Error()
}

// lines calls each with every line that is written to it, without its end.
type lines struct {
	each func([]byte)
	rest []byte
}

// Write implements [io.Writer] and never fails.
func (l *lines) Write(text []byte) (int, error) {
	for _, b := range text {
		if b != '\n' {
			l.rest = append(l.rest, b)
			continue
		}
		l.each(l.rest)
		l.rest = nil
	}
	return len(text), nil
}
