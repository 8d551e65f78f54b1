package interop

import (
	"context"
	_ "embed"
	"fmt"
	"path/filepath"
	"testing"
)

//go:embed python/script.py
var scriptLauncher []byte

// Script is a running Autobahn program of somebody else's, unchanged: one of
// Crossbar.io's examples, say, which have their router's URL written into them.
type Script struct{ *process }

// Script starts the program at the path with Python. It connects to the node's
// WebSocket endpoint whatever URL it gives to its ApplicationRunner. It is ended when
// the test ends, and logged if that failed.
func (s *Suite) Script(t testing.TB, path string) *Script {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := startPython(s.interpreter, scriptLauncher, nil, nil, path, s.Node.WebSocketURL())
	if err != nil {
		t.Fatal(err)
	}
	p.endWith(t, "the program")
	return &Script{p}
}

// Says waits until the program has printed or logged the text.
func (s *Script) Says(ctx context.Context, text string) error {
	if err := s.says(ctx, text); err != nil {
		return fmt.Errorf("interop: the program didn't say %q: %w; its log:\n%s", text, err, s.Log())
	}
	return nil
}

// Wait waits until the program has ended. The error is that of its exit code.
func (s *Script) Wait(ctx context.Context) error {
	select {
	case <-s.exited:
	case <-ctx.Done():
		return fmt.Errorf("interop: wait for the program's end: %w; its log:\n%s", context.Cause(ctx), s.Log())
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("interop: the program ended with code %d; its log:\n%s", code, s.Log())
	}
	return nil
}
