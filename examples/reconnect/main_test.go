package main

import (
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

func TestMain(m *testing.M) { os.Exit(proc.Main(m).Run()) }

// startRouter starts the router of the examples on that port.
func startRouter(t *testing.T, address string) *proc.Process {
	t.Helper()
	router := proc.Start(t, "router", "-listen", address, "-rawsocket", "")
	router.AwaitLine("router ready", 1)
	return router
}

// answers returns how many calls were answered. None may fail, but for those that come
// between the connection and the registration.
func answers(t *testing.T, output string) (n int) {
	t.Helper()
	for line := range strings.Lines(output) {
		if strings.HasPrefix(line, "answered: ") {
			n++
		}
		if strings.HasPrefix(line, "failed: ") {
			require.Contains(t, line, "no_such_procedure")
		}
	}
	return n
}

// TestRouterIsKilled: the program goes on when there is a router again.
func TestRouterIsKilled(t *testing.T) {
	address, health := proc.Nowhere(t), proc.Nowhere(t)
	check := func() (status int, text string) {
		response, err := http.Get("http://" + health)
		if err != nil {
			return 0, err.Error()
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(body)
	}
	router := startRouter(t, address)
	p := proc.Start(t, "reconnect", "-router", "ws://"+address+"/ws", "-every", "5ms", "-health", health)
	flows := func() {
		t.Helper()
		before := answers(t, p.Stdout())
		p.Await("answers", func() bool { return answers(t, p.Stdout()) > before+5 })
		p.Await("ready", func() bool { status, _ := check(); return status == http.StatusOK })
	}
	flows()
	for round := 1; round <= 2; round++ {
		router.Signal(syscall.SIGKILL)
		p.Await("lost", func() bool { return strings.Count(p.Stdout(), "lost: ") == round })
		p.Await("nothing is sent", func() bool { return strings.Contains(p.Stdout(), "not sent: ") })
		status, text := check()
		require.Equal(t, http.StatusServiceUnavailable, status)
		require.Contains(t, text, "not connected")
		time.Sleep(50 * time.Millisecond)
		router = startRouter(t, address)
		p.AwaitLine("connected again", round)
		flows()
	}
	require.Contains(t, p.Stderr(), `level=WARN msg="connection to the router ended"`)
	p.Signal(syscall.SIGINT)
	require.Zero(t, p.Wait(), p.Stderr())
}

// TestInterruptWithoutARouter: nobody has to wait for one to leave.
func TestInterruptWithoutARouter(t *testing.T) {
	address := proc.Nowhere(t)
	router := startRouter(t, address)
	p := proc.Start(t, "reconnect", "-router", "ws://"+address+"/ws", "-every", "5ms")
	p.Await("an answer", func() bool { return answers(t, p.Stdout()) > 0 })
	router.Signal(syscall.SIGKILL)
	p.Await("lost", func() bool { return strings.Contains(p.Stdout(), "lost: ") })
	began := time.Now()
	p.Signal(syscall.SIGTERM)
	require.Zero(t, p.Wait(), p.Stderr())
	require.Less(t, time.Since(began), leaveTime/2)
}

func TestNoRouterAtFirst(t *testing.T) {
	p, status := proc.Run(t, "reconnect", "-router", "tcp://"+proc.Nowhere(t))
	require.Equal(t, 1, status)
	require.Contains(t, p.Stderr(), "connection refused")
	require.Empty(t, p.Stdout())
}

func TestHelp(t *testing.T) {
	p, status := proc.Run(t, "reconnect", "-h")
	require.Zero(t, status)
	require.Contains(t, p.Stderr(), "-health ADDRESS")
}
