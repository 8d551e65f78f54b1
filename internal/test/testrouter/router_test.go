package testrouter_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
)

func start(t *testing.T, realms ...string) *testrouter.Router {
	t.Helper()
	// Cleanups run last in, first out: leaks are looked for after Close.
	t.Cleanup(func() { goleak.VerifyNone(t) })
	return testrouter.Start(t, realms...)
}

func config(realm string, s serialize.Serialization) client.Config {
	cfg := harness.Config(s)
	cfg.Realm = realm
	return cfg
}

func connect(t *testing.T, url string, cfg client.Config) *client.Client {
	t.Helper()
	c, err := client.ConnectNet(harness.Timeout(t), url, cfg)
	require.NoError(t, err)
	return c
}

func add(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
	a, _ := wamp.AsInt64(inv.Arguments[0])
	b, _ := wamp.AsInt64(inv.Arguments[1])
	return client.InvokeResult{Args: wamp.List{a + b}}
}

func requireSum(t *testing.T, c *client.Client, procedure string) {
	t.Helper()
	res, err := c.Call(t.Context(), procedure, nil, wamp.List{2, 3}, nil, nil)
	require.NoError(t, err)
	require.Len(t, res.Arguments, 1)
	sum, ok := wamp.AsInt64(res.Arguments[0])
	require.True(t, ok)
	require.Equal(t, int64(5), sum)
}

func TestEveryTransportRoutesCalls(t *testing.T) {
	r := start(t)
	for _, s := range transport.Serializers {
		for kind, url := range map[string]string{"websocket": r.WebSocketURL(), "rawsocket": r.RawSocketURL()} {
			t.Run(kind+" "+s.Name, func(t *testing.T) {
				callee := connect(t, url, config("realm1", s.ID))
				// nexus says GOODBYE before it drops a session's registrations, so
				// that the next callee needs a name of its own.
				procedure := "com.example.add." + kind + s.Name
				require.NoError(t, callee.Register(procedure, add, nil))
				caller := connect(t, url, config("realm1", s.ID))
				requireSum(t, caller, procedure)
				require.NoError(t, caller.Close())
				require.NoError(t, callee.Close())
			})
		}
	}
}

func TestLocalClients(t *testing.T) {
	r := start(t)
	callee, err := client.ConnectLocal(r.Router(), config("realm1", 0))
	require.NoError(t, err)
	require.NoError(t, callee.Register("com.example.add", add, nil))
	caller := connect(t, r.RawSocketURL(), config("realm1", client.CBOR))
	requireSum(t, caller, "com.example.add")
	require.NoError(t, caller.Close())
	require.NoError(t, callee.Close())
}

func TestURLs(t *testing.T) {
	r := start(t)
	for _, tt := range []struct{ url, scheme, path string }{
		{r.WebSocketURL(), "ws", "/ws"},
		{r.RawSocketURL(), "tcp", ""},
	} {
		u, err := url.Parse(tt.url)
		require.NoError(t, err)
		require.Equal(t, tt.scheme, u.Scheme)
		require.Equal(t, tt.path, u.Path)
		require.Equal(t, "127.0.0.1", u.Hostname())
	}
}

func TestRealms(t *testing.T) {
	for _, tt := range []struct {
		name    string
		realms  []string
		has     []string
		unknown string
	}{
		{"by default", nil, []string{"realm1", "realm2"}, "realm3"},
		{"named", []string{"com.example.one", "com.example.two"}, []string{"com.example.one", "com.example.two"}, "realm1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := start(t, tt.realms...)
			for _, realm := range tt.has {
				require.NoError(t, connect(t, r.WebSocketURL(), config(realm, client.JSON)).Close())
			}
			_, err := client.ConnectNet(t.Context(), r.WebSocketURL(), config(tt.unknown, client.JSON))
			require.ErrorContains(t, err, string(wamp.ErrNoSuchRealm))
		})
	}
}

func TestBadRealmsStartNothing(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, realms := range [][]string{{""}, {"realm1", ""}, {"realm1", "a b"}, {"realm1", "realm1"}} {
		r, err := testrouter.New(realms...)
		require.Error(t, err, "%q", realms)
		require.Nil(t, r)
	}
}

func TestDisclosureIsAllowed(t *testing.T) {
	r := start(t)
	sub := connect(t, r.WebSocketURL(), config("realm1", client.JSON))
	pub := connect(t, r.WebSocketURL(), config("realm1", client.JSON))
	from := make(chan wamp.ID, 1)
	err := sub.Subscribe("com.example.topic", func(ev *wamp.Event) {
		id, _ := wamp.AsID(ev.Details["publisher"])
		from <- id
	}, nil)
	require.NoError(t, err)
	require.NoError(t, pub.Publish("com.example.topic", wamp.Dict{"acknowledge": true, "disclose_me": true}, nil, nil))
	require.Equal(t, pub.ID(), <-from)
	require.NoError(t, pub.Close())
	require.NoError(t, sub.Close())
}

// Sessions that are open when the router closes get its GOODBYE, on every
// transport and every time: nexus's own peers drop what they hold when they are closed.
func TestCloseSaysGoodbye(t *testing.T) {
	for range 20 {
		r := start(t)
		local, err := client.ConnectLocal(r.Router(), config("realm2", 0))
		require.NoError(t, err)
		clients := []*client.Client{local}
		for _, s := range transport.Serializers {
			clients = append(clients,
				connect(t, r.WebSocketURL(), config("realm1", s.ID)),
				connect(t, r.RawSocketURL(), config("realm1", s.ID)))
		}
		require.NoError(t, r.Close())
		for _, c := range clients {
			<-c.Done()
			require.NotNil(t, c.RouterGoodbye())
			require.Equal(t, wamp.ErrSystemShutdown, c.RouterGoodbye().Reason)
			require.NoError(t, c.Close())
		}
	}
}

func TestCloseCutsOffSilentClients(t *testing.T) {
	r := start(t)
	// Connected, no handshake.
	for _, addr := range []string{r.WebSocketURL()[len("ws://") : len(r.WebSocketURL())-len("/ws")], r.RawSocketURL()[len("tcp://"):]} {
		conn, err := net.Dial("tcp", addr)
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
	}
	// Handshake, no HELLO.
	raw, err := net.Dial("tcp", r.RawSocketURL()[len("tcp://"):])
	require.NoError(t, err)
	t.Cleanup(func() { _ = raw.Close() })
	_, err = raw.Write(written())
	require.NoError(t, err)
	_, err = io.ReadFull(raw, make([]byte, 4))
	require.NoError(t, err)
	ws, _, err := (&websocket.Dialer{Subprotocols: []string{"wamp.2.json"}}).Dial(r.WebSocketURL(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = ws.Close() })

	began := time.Now()
	require.NoError(t, r.Close())
	require.Less(t, time.Since(began), 2*time.Second, "nexus waits 5 s for a HELLO; Close must not")
}

// written is what a RawSocket client writes that speaks JSON: its handshake and messages.
func written(messages ...string) []byte {
	all := []byte{0x7f, 0xf1, 0, 0}
	for _, message := range messages {
		all = append(all, transport.RawFrame(0, []byte(message))...)
	}
	return all
}

// A client that never reads blocks nexus's writer, and with it nexus's Close.
func TestCloseCutsOffStalledClients(t *testing.T) {
	r := start(t)
	stalled, err := net.Dial("tcp", r.RawSocketURL()[len("tcp://"):])
	require.NoError(t, err)
	t.Cleanup(func() { _ = stalled.Close() })
	require.NoError(t, stalled.(*net.TCPConn).SetReadBuffer(4096))
	_, err = stalled.Write(written(`[1,"realm1",{"roles":{"subscriber":{}}}]`, `[32,1,{},"com.example.flood"]`))
	require.NoError(t, err)
	pub := connect(t, r.WebSocketURL(), config("realm1", client.JSON))
	require.Eventually(t, func() bool {
		res, err := pub.Call(t.Context(), "wamp.subscription.lookup", nil, wamp.List{"com.example.flood"}, nil, nil)
		return err == nil && len(res.Arguments) == 1 && res.Arguments[0] != nil
	}, 5*time.Second, 5*time.Millisecond)
	big := strings.Repeat("x", 128<<10)
	for range 60 {
		require.NoError(t, pub.Publish("com.example.flood", wamp.Dict{"acknowledge": true}, wamp.List{big}, nil))
	}
	require.NoError(t, pub.Close())

	began := time.Now()
	require.NoError(t, r.Close())
	require.Less(t, time.Since(began), 5*time.Second)
}

// helloRawSocket and helloWebSocket connect, say HELLO and leave at once. They
// use no nexus client, whose ConnectNet hangs for good when the connection is
// lost before its HELLO is sent.
func helloRawSocket(r *testrouter.Router) error {
	conn, err := net.Dial("tcp", r.RawSocketURL()[len("tcp://"):])
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	_, err = conn.Write(written(hello))
	return err
}

func helloWebSocket(r *testrouter.Router) error {
	conn, _, err := (&websocket.Dialer{Subprotocols: []string{"wamp.2.json"}}).Dial(r.WebSocketURL(), nil)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return conn.WriteMessage(websocket.TextMessage, []byte(hello))
}

const hello = `[1,"realm1",{"roles":{"caller":{}}}]`

// Closing while clients come and go must neither panic, as nexus does when one
// says HELLO after Close, nor leave anything behind.
func TestCloseWhileClientsArrive(t *testing.T) {
	for range 20 {
		r := start(t)
		done := make(chan struct{})
		for _, visit := range []func(*testrouter.Router) error{helloRawSocket, helloWebSocket} {
			go func() {
				for visit(r) == nil {
				}
				done <- struct{}{}
			}()
		}
		time.Sleep(5 * time.Millisecond)
		require.NoError(t, r.Close())
		<-done
		<-done
	}
}

// A router that shuts down ends its sessions one by one, while those still
// there publish to those that have ended.
func TestCloseWhileClientsPublish(t *testing.T) {
	event := `[16,1,{"exclude_me":false},"com.example.flood",["x"]]`
	burst := bytes.Repeat(transport.RawFrame(0, []byte(event)), 200)
	for range 20 {
		r := start(t)
		var flooding sync.WaitGroup
		for range 8 {
			conn, err := net.Dial("tcp", r.RawSocketURL()[len("tcp://"):])
			require.NoError(t, err)
			_, err = conn.Write(written(`[1,"realm1",{"roles":{"subscriber":{},"publisher":{}}}]`, `[32,1,{},"com.example.flood"]`))
			require.NoError(t, err)
			go func() { _, _ = io.Copy(io.Discard, conn) }()
			flooding.Go(func() {
				defer func() { _ = conn.Close() }()
				for {
					if _, err := conn.Write(burst); err != nil {
						return
					}
				}
			})
		}
		time.Sleep(10 * time.Millisecond)
		require.NoError(t, r.Close())
		flooding.Wait()
	}
}

func TestAttachAfterClose(t *testing.T) {
	r := start(t)
	require.NoError(t, r.Close())
	require.NoError(t, r.Close(), "closing twice")
	_, err := client.ConnectLocal(r.Router(), config("realm1", 0))
	require.ErrorContains(t, err, string(wamp.ErrSystemShutdown))
	for _, url := range []string{r.WebSocketURL(), r.RawSocketURL()} {
		_, err = client.ConnectNet(t.Context(), url, config("realm1", client.JSON))
		require.Error(t, err)
	}
}

func TestRouterCloseIsTheSameClose(t *testing.T) {
	r := start(t)
	r.Router().Close()
	_, err := net.Dial("tcp", r.RawSocketURL()[len("tcp://"):])
	require.Error(t, err)
}
