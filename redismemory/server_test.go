package redismemory

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

// patience bounds every wait for something that has to happen.
const patience = 10 * time.Second

// attempts is how often another free port is looked for.
const attempts = 5

// script runs the server until standard input closes. Killing it leaves it no
// time to save anything.
const script = `redis-server "$@" & server=$!; read -r _; kill -9 $server; wait`

// Server is a redis-server for tests, on a free port of the loopback interface, in a
// folder that goes away with the test. It saves nothing by itself, and ends when the
// test process is gone, however that went. Its methods are for one goroutine.
type Server struct {
	t    testing.TB
	dir  string
	addr string
	args []string

	cmd   *exec.Cmd // nil while it is down
	stdin io.WriteCloser
}

// StartServer starts a server, with more arguments for it. It ends with the test. The
// test skips where redis-server is not installed, and says how to get it; with
// WAMPBOX_INTEROP=required, as "make test" sets it, it fails.
func StartServer(t testing.TB, args ...string) *Server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		const how = "redis-server is not installed: apt-get install redis-server"
		if interop.Required() {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	s := &Server{t: t, dir: t.TempDir(), args: args}
	t.Cleanup(s.Crash)
	var err error
	for range attempts {
		s.addr = proc.Nowhere(t)
		if err = s.start(); err == nil {
			return s
		}
	}
	t.Fatal(err)
	return nil
}

// Addr is where it listens, as host:port.
func (s *Server) Addr() string { return s.addr }

// Crash kills the server, if it runs, and returns when it is gone.
func (s *Server) Crash() {
	if s.cmd == nil {
		return
	}
	_ = s.stdin.Close()
	_ = s.cmd.Wait() // of a process that was killed
	s.cmd = nil
}

// Restart starts the server again on the same port, with what was saved.
func (s *Server) Restart() {
	s.t.Helper()
	s.Crash()
	if err := s.start(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *Server) start() error {
	_, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		return err
	}
	args := []string{"-c", script, "sh", "--port", port, "--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--appendonly", "no"}
	s.cmd = exec.Command("sh", append(args, s.args...)...)
	s.cmd.Dir = s.dir
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		s.cmd = nil
		return err
	}
	if err := s.ready(); err != nil {
		s.Crash()
		return err
	}
	return nil
}

// ready waits until the server answers, as one that runs in our folder.
func (s *Server) ready() error {
	rdb := redis.NewClient(&redis.Options{Addr: s.addr, MaxRetries: -1})
	defer func() { _ = rdb.Close() }()
	err := errors.New("the server didn't start")
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		var config map[string]string
		if config, err = rdb.ConfigGet(s.t.Context(), "dir").Result(); err == nil && config["dir"] == s.dir {
			return nil
		}
	}
	return fmt.Errorf("the server at %s doesn't answer: %w", s.addr, err)
}
