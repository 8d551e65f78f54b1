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
	Node        *Node
	Python      *Python
	interpreter string
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
	suite, err := shared()
	switch {
	case errors.Is(err, ErrMissing) && !Required():
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	node, python := suite.Node.log, suite.Python.log
	atNode, atPython := node.mark(), python.mark()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("Crossbar.io's log:\n%s", node.since(atNode))
			t.Logf("Autobahn's log:\n%s", python.since(atPython))
		}
	})
	return suite
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
	if err := running.end(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

// shared starts what the first test needs, and Main ends.
var shared = sync.OnceValues(func() (*Suite, error) {
	python, err := interpreter()
	if err != nil {
		return nil, err
	}
	running = &Suite{interpreter: python}
	ctx := context.Background()
	var started sync.WaitGroup
	var nodeErr, pythonErr error
	started.Go(func() { running.Node, nodeErr = StartNode(ctx, python) })
	started.Go(func() { running.Python, pythonErr = StartPython(ctx, python) })
	started.Wait()
	return running, errors.Join(nodeErr, pythonErr)
})

// running is what shared has started, nil where no test has needed it.
var running *Suite

func (s *Suite) end() (err error) {
	if s != nil && s.Python != nil {
		err = s.Python.Stop()
	}
	if s != nil && s.Node != nil {
		err = errors.Join(err, s.Node.Stop())
	}
	return err
}

// interpreter is [Interpreter] where [Variable] makes sense.
func interpreter() (string, error) {
	if value := os.Getenv(Variable); value != "" && !Required() {
		return "", fmt.Errorf("interop: %s is %q: set it to \"required\", or not at all", Variable, value)
	}
	return Interpreter()
}
