package interop

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"
)

// Variable names the environment variable that says whether the suite must
// run: "required", or nothing.
const Variable = "WAMPBOX_INTEROP"

const joinTime = 20 * time.Second

// Required reports whether a test must fail, and not skip, without the
// environment.
func Required() bool { return os.Getenv(Variable) == "required" }

// Suite is what a test of interoperation works with.
type Suite struct {
	Node   *Node
	Python *Python
}

// Start returns the node and the Python process that the tests of this binary
// share; the first test to call it waits until they run. The test skips where
// there is no environment and none is required (see [Required]), and fails
// where anything else is wrong. If the test fails, what node and peers log
// during it goes to its log.
//
// The binary needs a TestMain that ends them: see [Main].
func Start(t testing.TB) *Suite {
	t.Helper()
	node, python, err := shared.start()
	switch {
	case errors.Is(err, ErrMissing) && !Required():
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	atNode, atPython := node.process.log.mark(), python.process.log.mark()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("Crossbar.io's log:\n%s", node.process.log.since(atNode))
			t.Logf("Autobahn's log:\n%s", python.process.log.since(atPython))
		}
	})
	return &Suite{Node: node, Python: python}
}

// Join opens an Autobahn session, on the node's WebSocket endpoint if cfg has
// no URL. It is closed when the test ends.
func (s *Suite) Join(t testing.TB, cfg Config) *Peer {
	t.Helper()
	if cfg.URL == "" {
		cfg.URL = s.Node.WebSocketURL()
	}
	ctx, cancel := context.WithTimeout(context.Background(), joinTime)
	defer cancel()
	peer, err := s.Python.Join(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), joinTime)
		defer cancel()
		if err := peer.Leave(ctx); err != nil {
			t.Errorf("leave: %v", err)
		}
	})
	return peer
}

// Runner runs a binary's tests and ends what they shared.
type Runner struct{ m *testing.M }

// Main wraps the tests of a binary for [testing.M] or goleak.VerifyTestMain.
func Main(m *testing.M) *Runner { return &Runner{m} }

// Run implements goleak.TestingM.
func (r *Runner) Run() int {
	code := r.m.Run()
	if err := shared.end(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

// shared is started by the first test that needs it and ended by Main.
var shared sharing

type sharing struct {
	once   sync.Once
	node   *Node
	python *Python
	err    error
}

func (s *sharing) start() (*Node, *Python, error) {
	s.once.Do(func() {
		ctx := context.Background()
		env, err := environmentFor(ctx)
		if err != nil {
			s.err = err
			return
		}
		var started sync.WaitGroup
		var nodeErr, pythonErr error
		started.Go(func() { s.node, nodeErr = StartNode(ctx, env) })
		started.Go(func() { s.python, pythonErr = StartPython(ctx, env) })
		started.Wait()
		s.err = errors.Join(nodeErr, pythonErr)
	})
	return s.node, s.python, s.err
}

func environmentFor(ctx context.Context) (*Env, error) {
	switch value := os.Getenv(Variable); value {
	case "required":
		return Make(ctx, os.Stderr)
	case "":
		return Find(ctx)
	default:
		return nil, fmt.Errorf("interop: %s is %q: set it to \"required\", or not at all", Variable, value)
	}
}

func (s *sharing) end() error {
	s.once.Do(func() {}) // no start from here on
	var errs []error
	if s.python != nil {
		errs = append(errs, s.python.Stop())
	}
	if s.node != nil {
		errs = append(errs, s.node.Stop())
	}
	return errors.Join(errs...)
}
