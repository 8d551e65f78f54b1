package redisserver

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
)

// patience bounds every wait for the server.
const patience = 10 * time.Second

// attempts is how often another free port is looked for.
const attempts = 5

// script runs the server until standard input closes. Killing it leaves it no
// time to save anything.
const script = `redis-server "$@" & server=$!; read -r _; kill -9 $server; wait`

// Server is a redis-server that saves nothing by itself. Its methods are for one
// goroutine.
type Server struct {
	t    testing.TB
	dir  string
	addr string
	args []string

	cmd   *exec.Cmd // nil while it is down
	stdin io.WriteCloser
}

// Start starts a server, with more arguments for it. It ends with the test.
func Start(t testing.TB, args ...string) *Server {
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
		if s.addr, err = freePort(); err != nil {
			continue
		}
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
		return fmt.Errorf("redisserver: %w", err)
	}
	if err := s.ready(); err != nil {
		s.Crash()
		return err
	}
	return nil
}

// ready waits until the server answers, as one that runs in our folder.
func (s *Server) ready() error {
	err := errors.New("redisserver: the server didn't start")
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		var dir string
		if dir, err = s.ask(); err == nil && dir == s.dir {
			return nil
		}
	}
	return fmt.Errorf("redisserver: the server at %s doesn't answer: %w", s.addr, err)
}

// ask returns the folder that the server works in.
func (s *Server) ask() (string, error) {
	conn, err := net.DialTimeout("tcp", s.addr, patience)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(conn, "CONFIG GET dir\r\n"); err != nil {
		return "", err
	}
	// *2, $3, dir, $<length>, <folder>
	lines := bufio.NewScanner(conn)
	for range 5 {
		if !lines.Scan() {
			return "", errors.Join(io.ErrUnexpectedEOF, lines.Err())
		}
		if strings.HasPrefix(lines.Text(), "-") {
			return "", errors.New(lines.Text())
		}
	}
	return strings.TrimRight(lines.Text(), "\r"), nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
