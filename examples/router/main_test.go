package main_test

import (
	"context"
	"io"
	"log"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

func TestMain(m *testing.M) { os.Exit(proc.Main(m).Run()) }

// startRouter returns when the router says that it is ready, and the lines that it has
// printed by then.
func startRouter(t *testing.T, args ...string) (p *proc.Process, lines, urls []string) {
	t.Helper()
	p = proc.Start(t, "router", args...)
	p.AwaitLine("router ready", 1)
	lines = strings.Split(strings.TrimSpace(p.Stdout()), "\n")
	for _, line := range lines {
		if url, ok := strings.CutPrefix(line, "listening on "); ok {
			urls = append(urls, url)
		}
	}
	return p, lines, urls
}

// end signals the router and expects that it succeeds.
func end(t *testing.T, p *proc.Process, sig os.Signal) {
	t.Helper()
	p.Signal(sig)
	require.Zero(t, p.Wait())
	require.True(t, strings.HasSuffix(p.Stdout(), "\nrouter ready\nrouter stopped\n"))
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
	p, _, urls := startRouter(t, "-listen", "127.0.0.1:0", "-rawsocket", "127.0.0.1:0")
	require.Len(t, urls, 2)
	require.Regexp(t, `^ws://127\.0\.0\.1:[1-9]\d*/ws$`, urls[0])
	require.Regexp(t, `^tcp://127\.0\.0\.1:[1-9]\d*$`, urls[1])
	root := strings.TrimSuffix(urls[0], "ws")
	for name, s := range map[string]serialize.Serialization{
		"json": client.JSON, "msgpack": client.MSGPACK, "cbor": client.CBOR,
	} {
		for _, url := range append(urls, root) {
			t.Run(name+" "+url, func(t *testing.T) { requireRoutes(t, url, "realm1", s) })
		}
	}
	end(t, p, syscall.SIGTERM)
	require.Empty(t, p.Stderr())
}

func TestShow(t *testing.T) {
	p, _, urls := startRouter(t, "-listen", "127.0.0.1:0", "-rawsocket", "", "-show")
	c := connect(t, urls[0], "realm1", client.CBOR)
	require.NoError(t, c.Publish("com.example.topic", wamp.Dict{"acknowledge": true}, wamp.List{"hello", []byte("bytes")}, wamp.Dict{"k": 1}))
	require.NoError(t, c.Close())
	p.AwaitLine(`event "com.example.topic" {"args":["hello","Ynl0ZXM="],"kwargs":{"k":1}}`, 1)
	p.Signal(syscall.SIGTERM)
	require.Zero(t, p.Wait())
	require.NotContains(t, p.Stdout(), "on_join")
}

func TestOtherPathsAreNotFound(t *testing.T) {
	p, _, urls := startRouter(t, "-listen", "127.0.0.1:0", "-rawsocket", "")
	_, err := client.ConnectNet(t.Context(), urls[0]+"x", client.Config{Realm: "realm1", Logger: log.New(io.Discard, "", 0)})
	require.ErrorContains(t, err, "404")
	end(t, p, os.Interrupt)
}

func TestRealms(t *testing.T) {
	p, lines, urls := startRouter(t, "-listen", "127.0.0.1:0", "-rawsocket", "", "-realm", "one,com.example.two", "-realm", "three")
	require.Equal(t, []string{"realm one", "realm com.example.two", "realm three", "router ready"}, lines[1:])
	for _, realm := range []string{"one", "com.example.two", "three"} {
		requireRoutes(t, urls[0], realm, client.JSON)
	}
	_, err := client.ConnectNet(t.Context(), urls[0], client.Config{Realm: "realm1", Logger: log.New(io.Discard, "", 0)})
	require.ErrorContains(t, err, string(wamp.ErrNoSuchRealm))
	end(t, p, syscall.SIGTERM)
}

func TestATransportCanBeSwitchedOff(t *testing.T) {
	ws, _, wsURLs := startRouter(t, "-listen", "127.0.0.1:0", "-rawsocket", "")
	require.Len(t, wsURLs, 1)
	requireRoutes(t, wsURLs[0], "realm1", client.JSON)
	end(t, ws, syscall.SIGTERM)

	raw, _, rawURLs := startRouter(t, "-listen", "", "-rawsocket", "127.0.0.1:0")
	require.Len(t, rawURLs, 1)
	require.True(t, strings.HasPrefix(rawURLs[0], "tcp://"))
	requireRoutes(t, rawURLs[0], "realm1", client.CBOR)
	end(t, raw, syscall.SIGTERM)
}

// Signals end a router that has clients, and its clients' sessions.
func TestSignalsEndItWithClients(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			p, _, urls := startRouter(t, "-listen", "127.0.0.1:0", "-rawsocket", "127.0.0.1:0")
			var clients []*client.Client
			for _, url := range urls {
				clients = append(clients, connect(t, url, "realm1", client.JSON))
			}
			silent, err := net.Dial("tcp", strings.TrimPrefix(urls[1], "tcp://"))
			require.NoError(t, err)
			defer func() { _ = silent.Close() }()
			began := time.Now()
			end(t, p, sig)
			require.Less(t, time.Since(began), 3*time.Second)
			for _, c := range clients {
				<-c.Done()
				require.NoError(t, c.Close())
			}
		})
	}
}

func TestHelp(t *testing.T) {
	p, code := proc.Run(t, "router", "-h")
	require.Zero(t, code)
	require.Empty(t, p.Stderr())
	for _, text := range []string{"-listen", "-rawsocket", "-realm", "127.0.0.1:8080", "127.0.0.1:8081", "realm1", "/ws", "SIGTERM"} {
		require.Contains(t, p.Stdout(), text)
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
			p, code := proc.Run(t, "router", tt.args...)
			require.Equal(t, 2, code)
			require.Empty(t, p.Stdout())
			require.Contains(t, p.Stderr(), tt.says)
			require.Contains(t, p.Stderr(), "-h")
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
		p, code := proc.Run(t, "router", flags...)
		require.Equal(t, 1, code)
		require.Empty(t, p.Stdout(), "nothing is ready")
		require.Contains(t, p.Stderr(), taken.Addr().String())
		require.Contains(t, p.Stderr(), "in use")
	}
}
