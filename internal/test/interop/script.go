package interop

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

//go:embed python/script.py
var scriptLauncher []byte

// Script is a running Autobahn program of somebody else's, unchanged: one of
// Crossbar.io's examples, say, which have their router's URL written into them.
type Script struct {
	process *process
	dir     string
}

// StartScript runs the program at the path with Python. It connects to url
// ("ws://…") whatever URL it gives to its ApplicationRunner. Whoever starts it
// must stop it.
func StartScript(python string, path, url string) (*Script, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("interop: the program's path: %w", err)
	}
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("interop: the program: %w", err)
	}
	dir, err := os.MkdirTemp("", "wampbox-script-")
	if err != nil {
		return nil, fmt.Errorf("interop: make the program's folder: %w", err)
	}
	p, err := startPython(python, dir, scriptLauncher, nil, path, url)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &Script{process: p, dir: dir}, nil
}

// Log returns the end of what the program printed and logged.
func (s *Script) Log() string { return s.process.log.since(0) }

// Says waits until the program has printed or logged the text.
func (s *Script) Says(ctx context.Context, text string) error {
	for {
		ended := false
		select {
		case <-s.process.exited:
			ended = true
		default:
		}
		if s.process.log.contains(text) {
			return nil
		}
		err := context.Cause(ctx)
		if ended {
			err = errors.New("it ended")
		}
		if err != nil {
			return fmt.Errorf("interop: the program didn't say %q: %w; its log:\n%s", text, err, s.Log())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Wait waits until the program has ended. The error is that of its exit code.
func (s *Script) Wait(ctx context.Context) error {
	select {
	case <-s.process.exited:
	case <-ctx.Done():
		return fmt.Errorf("interop: wait for the program's end: %w; its log:\n%s", context.Cause(ctx), s.Log())
	}
	if code := s.process.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("interop: the program ended with code %d; its log:\n%s", code, s.Log())
	}
	return nil
}

// Stop ends the program. Further calls do nothing and return the same.
func (s *Script) Stop() error {
	return errors.Join(s.process.end(endTime), os.RemoveAll(s.dir))
}
