package main_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
)

// binary is the program, built once.
var binary string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "router")
	if err != nil {
		log.Print(err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary = filepath.Join(dir, "router")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		log.Printf("go build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// process is a running router.
type process struct {
	cmd    *exec.Cmd
	urls   []string
	lines  []string
	stdout *bufio.Reader
	stderr bytes.Buffer
}

// startRouter returns when the router says that it is ready.
func startRouter(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(binary, args...)}
	p.cmd.Stderr = &p.stderr
	pipe, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	p.stdout = bufio.NewReader(pipe)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	for {
		line, err := p.stdout.ReadString('\n')
		require.NoError(t, err, "the router ended: %s", &p.stderr)
		line = strings.TrimSpace(line)
		p.lines = append(p.lines, line)
		if url, ok := strings.CutPrefix(line, "listening on "); ok {
			p.urls = append(p.urls, url)
		}
		if line == "router ready" {
			return p
		}
	}
}

// end signals the router and returns its exit code.
func (p *process) end(t *testing.T, sig os.Signal) int {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(sig))
	rest, err := io.ReadAll(p.stdout)
	require.NoError(t, err)
	require.Equal(t, "router stopped\n", string(rest))
	return exitCode(t, p.cmd.Wait())
}

func exitCode(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	require.NoError(t, err)
	return 0
}

// runRouter runs a router that isn't expected to stay.
func runRouter(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	return exitCode(t, cmd.Run()), out.String(), errs.String()
}

func connect(t *testing.T, url, realm string, s serialize.Serialization) *client.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c, err := client.ConnectNet(ctx, url, client.Config{Realm: realm, Serialization: s, Logger: log.New(io.Discard, "", 0)})
	require.NoError(t, err)
	return c
}

// requireRoutes calls a procedure and leaves no session behind.
func requireRoutes(t *testing.T, url, realm string, s serialize.Serialization) {
	t.Helper()
	callee, caller := connect(t, url, realm, s), connect(t, url, realm, s)
	// nexus says GOODBYE before it drops a session's registrations, so that the
	// next callee needs a name of its own.
	procedure := "com.example.echo." + strconv.FormatUint(uint64(callee.ID()), 10)
	err := callee.Register(procedure, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{Args: inv.Arguments}
	}, nil)
	require.NoError(t, err)
	res, err := caller.Call(t.Context(), procedure, nil, wamp.List{"hello"}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, wamp.List{"hello"}, res.Arguments)
	require.NoError(t, caller.Close())
	require.NoError(t, callee.Close())
}

func TestRoutesOnEveryTransportAndSerializer(t *testing.T) {
	p := startRouter(t, "-listen", "127.0.0.1:0", "-rawsocket", "127.0.0.1:0")
	require.Len(t, p.urls, 2)
	require.Regexp(t, `^ws://127\.0\.0\.1:[1-9]\d*/ws$`, p.urls[0])
	require.Regexp(t, `^tcp://127\.0\.0\.1:[1-9]\d*$`, p.urls[1])
	root := strings.TrimSuffix(p.urls[0], "ws")
	for name, s := range map[string]serialize.Serialization{
		"json": client.JSON, "msgpack": client.MSGPACK, "cbor": client.CBOR,
	} {
		for _, url := range append(p.urls, root) {
			t.Run(name+" "+url, func(t *testing.T) { requireRoutes(t, url, "realm1", s) })
		}
	}
	require.Zero(t, p.end(t, syscall.SIGTERM))
	require.Empty(t, p.stderr.String())
}

func TestOtherPathsAreNotFound(t *testing.T) {
	p := startRouter(t, "-listen", "127.0.0.1:0", "-rawsocket", "")
	_, err := client.ConnectNet(t.Context(), p.urls[0]+"x", client.Config{Realm: "realm1", Logger: log.New(io.Discard, "", 0)})
	require.ErrorContains(t, err, "404")
	require.Zero(t, p.end(t, os.Interrupt))
}

func TestRealms(t *testing.T) {
	p := startRouter(t, "-listen", "127.0.0.1:0", "-rawsocket", "", "-realm", "one,com.example.two", "-realm", "three")
	require.Equal(t, []string{"realm one", "realm com.example.two", "realm three", "router ready"}, p.lines[1:])
	for _, realm := range []string{"one", "com.example.two", "three"} {
		requireRoutes(t, p.urls[0], realm, client.JSON)
	}
	_, err := client.ConnectNet(t.Context(), p.urls[0], client.Config{Realm: "realm1", Logger: log.New(io.Discard, "", 0)})
	require.ErrorContains(t, err, string(wamp.ErrNoSuchRealm))
	require.Zero(t, p.end(t, syscall.SIGTERM))
}

func TestATransportCanBeSwitchedOff(t *testing.T) {
	ws := startRouter(t, "-listen", "127.0.0.1:0", "-rawsocket", "")
	require.Len(t, ws.urls, 1)
	requireRoutes(t, ws.urls[0], "realm1", client.JSON)
	require.Zero(t, ws.end(t, syscall.SIGTERM))

	raw := startRouter(t, "-listen", "", "-rawsocket", "127.0.0.1:0")
	require.Len(t, raw.urls, 1)
	require.True(t, strings.HasPrefix(raw.urls[0], "tcp://"))
	requireRoutes(t, raw.urls[0], "realm1", client.CBOR)
	require.Zero(t, raw.end(t, syscall.SIGTERM))
}

// Signals end a router that has clients, and its clients' sessions.
func TestSignalsEndItWithClients(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			p := startRouter(t, "-listen", "127.0.0.1:0", "-rawsocket", "127.0.0.1:0")
			var clients []*client.Client
			for _, url := range p.urls {
				clients = append(clients, connect(t, url, "realm1", client.JSON))
			}
			silent, err := net.Dial("tcp", strings.TrimPrefix(p.urls[1], "tcp://"))
			require.NoError(t, err)
			defer func() { _ = silent.Close() }()
			began := time.Now()
			require.Zero(t, p.end(t, sig))
			require.Less(t, time.Since(began), 3*time.Second)
			for _, c := range clients {
				<-c.Done()
				require.NoError(t, c.Close())
			}
		})
	}
}

func TestHelp(t *testing.T) {
	code, stdout, stderr := runRouter(t, "-h")
	require.Zero(t, code)
	require.Empty(t, stderr)
	for _, text := range []string{"-listen", "-rawsocket", "-realm", "127.0.0.1:8080", "127.0.0.1:8081", "realm1", "/ws", "SIGTERM"} {
		require.Contains(t, stdout, text)
	}
}

func TestUsageErrors(t *testing.T) {
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"-nosuchflag"}, "-nosuchflag"},
		{[]string{"extra"}, "extra"},
		{[]string{"-listen", "", "-rawsocket", ""}, "both empty"},
		{[]string{"-listen", "localhost"}, "host:port"},
		{[]string{"-rawsocket", "8081"}, "host:port"},
		{[]string{"-realm", ""}, "isn't a realm's name"},
		{[]string{"-realm", "one,,two"}, "isn't a realm's name"},
		{[]string{"-realm", "one", "-realm", "two,one"}, "twice"},
	} {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			code, stdout, stderr := runRouter(t, tt.args...)
			require.Equal(t, 2, code)
			require.Empty(t, stdout)
			require.Contains(t, stderr, tt.says)
			require.Contains(t, stderr, "-h")
		})
	}
}

func TestAddressInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	for _, flags := range [][]string{
		{"-listen", taken.Addr().String(), "-rawsocket", "127.0.0.1:0"},
		{"-listen", "127.0.0.1:0", "-rawsocket", taken.Addr().String()},
	} {
		code, stdout, stderr := runRouter(t, flags...)
		require.Equal(t, 1, code)
		require.Empty(t, stdout, "nothing is ready")
		require.Contains(t, stderr, taken.Addr().String())
		require.Contains(t, stderr, "in use")
	}
}
