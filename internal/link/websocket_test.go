package link_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
)

// webHandler upgrades to the given subprotocols and then is serve.
func webHandler(serve func(*websocket.Conn), subprotocols ...string) http.HandlerFunc {
	upgrader := websocket.Upgrader{Subprotocols: subprotocols, EnableCompression: true}
	return func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		serve(conn)
	}
}

func webServer(t *testing.T, handler http.Handler) (url string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return "ws" + strings.TrimPrefix(server.URL, "http")
}

// drain reads until the client goes.
func drain(conn *websocket.Conn) {
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			return
		}
	}
}

func TestSubprotocols(t *testing.T) {
	for name, tt := range map[string]struct {
		cfg  client.Config
		want string
	}{
		"auto":    {client.Config{}, "wamp.2.json, wamp.2.cbor, wamp.2.msgpack"},
		"json":    {client.Config{Serialization: client.JSON}, "wamp.2.json"},
		"msgpack": {client.Config{Serialization: client.MSGPACK}, "wamp.2.msgpack"},
		"cbor":    {client.Config{Serialization: client.CBOR}, "wamp.2.cbor"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, chosen := range strings.Split(tt.want, ", ") {
				offered := make(chan string, 1)
				kinds := make(chan int, 1)
				serve := webHandler(func(conn *websocket.Conn) {
					kind, _, _ := conn.ReadMessage()
					kinds <- kind
					drain(conn)
				}, chosen)
				l := dial(t, webServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					offered <- r.Header.Get("Sec-WebSocket-Protocol")
					serve(w, r)
				})), tt.cfg)
				require.Equal(t, tt.want, <-offered)
				require.NoError(t, l.Write(&wamp.Goodbye{Details: wamp.Dict{}, Reason: wamp.CloseRealm}))
				want := websocket.BinaryMessage
				if chosen == "wamp.2.json" {
					want = websocket.TextMessage
				}
				require.Equal(t, want, <-kinds)
				require.NoError(t, l.Close())
			}
		})
	}
	_, err := link.Dial(t.Context(), "ws://127.0.0.1:1", client.Config{Serialization: 9})
	require.ErrorContains(t, err, "serialization 9 is unknown")
}

func TestForeignSubprotocol(t *testing.T) {
	for _, chosen := range []string{"", "wamp.2.msgpack", "wamp.2.json.batched", "mqtt"} {
		url := webServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			header := http.Header{}
			if chosen != "" {
				header.Set("Sec-WebSocket-Protocol", chosen)
			}
			conn, err := new(websocket.Upgrader).Upgrade(w, r, header)
			if err == nil {
				drain(conn)
				_ = conn.Close()
			}
		}))
		l, err := link.Dial(t.Context(), url, client.Config{Serialization: client.JSON})
		require.ErrorContains(t, err, `the WebSocket subprotocol "`+chosen+`", which wasn't offered`)
		require.Nil(t, l)
	}
}

func TestWebSocketRefused(t *testing.T) {
	url := webServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusTeapot) }))
	l, err := link.Dial(t.Context(), url, client.Config{})
	require.Nil(t, l)
	refused, ok := err.(*transport.WebsocketError) //nolint:errorlint // as nexus's callers may do it
	require.True(t, ok, "%T", err)
	require.Equal(t, http.StatusTeapot, refused.Response.StatusCode)
	require.Equal(t, websocket.ErrBadHandshake, refused.Err)
}

func TestCookies(t *testing.T) {
	got := make(chan string, 2)
	upgrader := websocket.Upgrader{Subprotocols: []string{"wamp.2.json"}}
	address := webServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- r.Header.Get("Cookie")
		conn, err := upgrader.Upgrade(w, r, http.Header{"Set-Cookie": {"tracking=id1"}})
		if err == nil {
			drain(conn)
			_ = conn.Close()
		}
	}))
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	cfg := client.Config{WsCfg: transport.WebsocketConfig{Jar: jar}}
	for _, want := range []string{"", "tracking=id1"} {
		require.NoError(t, dial(t, address, cfg).Close())
		require.Equal(t, want, <-got)
	}
}

// TestProxy goes through a proxy that knows CONNECT only.
func TestProxy(t *testing.T) {
	r := startRouter(t)
	asked := make(chan string, 1)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		asked <- req.Method + " " + req.Host + " " + req.Header.Get("Proxy-Authorization")
		there, err := net.Dial("tcp", req.Host)
		if err != nil {
			return
		}
		defer func() { _ = there.Close() }()
		here, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = here.Close() }()
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go func() {
			_, _ = io.Copy(there, buffered) // with what has come early
			_ = there.Close()
		}()
		_, _ = io.Copy(here, there)
	}))
	t.Cleanup(proxy.Close)
	cfg := client.Config{WsCfg: transport.WebsocketConfig{ProxyURL: strings.Replace(proxy.URL, "//", "//user:secret@", 1)}}
	l := dial(t, r.WebSocketURL(), cfg)
	u, err := url.Parse(r.WebSocketURL())
	require.NoError(t, err)
	require.Equal(t, "CONNECT "+u.Host+" Basic dXNlcjpzZWNyZXQ=", <-asked)
	join(t, l)
	require.Equal(t, wamp.List{"text"}, exchange(t, l, "text"))
	require.NoError(t, l.Close())

	cfg.WsCfg.ProxyURL = "http://user:secret@pro\x00xy"
	_, err = link.Dial(t.Context(), r.WebSocketURL(), cfg)
	require.ErrorContains(t, err, "ProxyURL is no URL")
	require.NotContains(t, err.Error(), "secret")
}

func TestDialFunction(t *testing.T) {
	r := startRouter(t)
	u, err := url.Parse(r.WebSocketURL())
	require.NoError(t, err)
	var asked atomic.Value
	cfg := client.Config{WsCfg: transport.WebsocketConfig{Dial: func(network, addr string) (net.Conn, error) {
		asked.Store(network + " " + addr)
		return net.Dial("tcp", u.Host)
	}}}
	l := dial(t, "ws://elsewhere.example:123/ws", cfg)
	require.Equal(t, "tcp elsewhere.example:123", asked.Load())
	join(t, l)
	require.Equal(t, wamp.List{"text"}, exchange(t, l, "text"))
	require.NoError(t, l.Close())

	cfg.WsCfg.Dial = func(string, string) (net.Conn, error) { return nil, net.ErrWriteToConnected }
	_, err = link.Dial(t.Context(), "ws://elsewhere.example/", cfg)
	require.ErrorContains(t, err, net.ErrWriteToConnected.Error())
}

// TestDialFunctionIsLeftBehind: it knows no context, ours ends all the same, and
// what it opens too late is closed.
func TestDialFunctionIsLeftBehind(t *testing.T) {
	release := make(chan struct{})
	here, there := net.Pipe()
	cfg := client.Config{WsCfg: transport.WebsocketConfig{Dial: func(string, string) (net.Conn, error) {
		<-release
		return here, nil
	}}}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := link.Dial(ctx, "ws://elsewhere.example/", cfg)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	close(release)
	_, err = there.Read(make([]byte, 1))
	require.Error(t, err, "closed")
	require.NoError(t, there.Close())
}

func TestCompression(t *testing.T) {
	for _, compressed := range []bool{false, true} {
		extensions := make(chan string, 1)
		serve := webHandler(func(conn *websocket.Conn) {
			_, data, err := conn.ReadMessage()
			if err == nil {
				_ = conn.WriteMessage(websocket.TextMessage, append([]byte(`[50,1,{},`), data[len(`[70,1,{},`):]...))
			}
			drain(conn)
		}, "wamp.2.json")
		l := dial(t, webServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			extensions <- r.Header.Get("Sec-WebSocket-Extensions")
			serve(w, r)
		})), client.Config{WsCfg: transport.WebsocketConfig{EnableCompression: compressed}})
		require.Equal(t, compressed, strings.Contains(<-extensions, "permessage-deflate"))
		args := wamp.List{strings.Repeat("payload ", 1<<17)}
		require.NoError(t, l.Write(&wamp.Yield{Request: 1, Options: wamp.Dict{}, Arguments: args}))
		require.Equal(t, args, read[*wamp.Result](t, l).Arguments)
		require.NoError(t, l.Close())
	}
}

// TestReceiveLimit counts what the client has to hold: a megabyte of zeros is a
// kilobyte when it is compressed.
func TestReceiveLimit(t *testing.T) {
	message := func(size int) []byte {
		return []byte(`[50,1,{},["` + strings.Repeat("0", size-14) + `"]]`)
	}
	for name, compressed := range map[string]bool{"plain": false, "compressed": true} {
		for _, tt := range []struct {
			limit, fits int
			want        string
		}{
			{100_000, 1 << 17, "a message of more than 131072 bytes: raise the limit of what is received"},
			{1, 512, "more than 512 bytes"},
		} {
			t.Run(name+" "+tt.want, func(t *testing.T) {
				code := make(chan int, 1)
				l := dial(t, webServer(t, webHandler(func(conn *websocket.Conn) {
					_ = conn.SetCompressionLevel(1)
					_ = conn.WriteMessage(websocket.TextMessage, message(tt.fits))
					_ = conn.WriteMessage(websocket.TextMessage, message(tt.fits+1))
					_, _, err := conn.ReadMessage()
					if end, ok := err.(*websocket.CloseError); ok { //nolint:errorlint // never wrapped
						code <- end.Code
					}
					close(code)
				}, "wamp.2.json")), client.Config{RecvLimit: tt.limit, WsCfg: transport.WebsocketConfig{EnableCompression: compressed}})
				require.Len(t, read[*wamp.Result](t, l).Arguments, 1)
				require.ErrorContains(t, requireEnd(t, l), tt.want)
				if tt.limit == 1 { // else the server may still be writing
					require.Equal(t, websocket.CloseMessageTooBig, <-code)
				}
				require.NoError(t, l.Close())
			})
		}
	}
}

// TestReceiveLimitAnnounced: what is announced as too large is not waited for. Without
// RecvLimit that is beyond 64 MiB.
func TestReceiveLimitAnnounced(t *testing.T) {
	for limit, want := range map[int]string{0: "more than 67108864 bytes", 1000: "more than 1024 bytes"} {
		for _, compressed := range []bool{false, true} {
			code := make(chan int, 1)
			l := dial(t, webServer(t, webHandler(func(conn *websocket.Conn) {
				text := byte(0x81)
				if compressed {
					text |= 0x40
				}
				frame := binary.BigEndian.AppendUint64([]byte{text, 127}, 80<<20) // RFC 6455, 5.2
				_, _ = conn.NetConn().Write(frame)
				_, _, err := conn.ReadMessage()
				if end, ok := err.(*websocket.CloseError); ok { //nolint:errorlint // never wrapped
					code <- end.Code
				}
				close(code)
			}, "wamp.2.json")), client.Config{RecvLimit: limit, WsCfg: transport.WebsocketConfig{EnableCompression: compressed}})
			require.ErrorContains(t, requireEnd(t, l), want)
			require.Equal(t, websocket.CloseMessageTooBig, <-code)
			require.NoError(t, l.Close())
		}
	}
}

// TestKeepAlive: pings are sent, answered ones keep the link, two in a row that
// aren't end it.
func TestKeepAlive(t *testing.T) {
	const interval = 100 * time.Millisecond
	cfg := client.Config{WsCfg: transport.WebsocketConfig{KeepAlive: interval}}
	for name, answered := range map[string]int32{"silent": 0, "falls silent": 4} {
		t.Run(name, func(t *testing.T) {
			var pings atomic.Int32
			l := dial(t, webServer(t, webHandler(func(conn *websocket.Conn) {
				answer := conn.PingHandler()
				conn.SetPingHandler(func(data string) error {
					if pings.Add(1) > answered {
						return nil
					}
					return answer(data)
				})
				drain(conn)
			}, "wamp.2.json")), cfg)
			began := time.Now()
			require.ErrorContains(t, requireEnd(t, l), "the router has answered no ping for 200ms")
			require.GreaterOrEqual(t, time.Since(began), time.Duration(answered+2)*interval)
			require.NoError(t, l.Close())
			require.GreaterOrEqual(t, pings.Load(), answered+1)
		})
	}
}

func TestPingIsAnswered(t *testing.T) {
	pong := make(chan string, 1)
	l := dial(t, webServer(t, webHandler(func(conn *websocket.Conn) {
		conn.SetPongHandler(func(data string) error { pong <- data; return nil })
		_ = conn.WriteControl(websocket.PingMessage, []byte("are you there"), time.Now().Add(patient))
		drain(conn)
	}, "wamp.2.json")), client.Config{})
	go func() { _, _ = l.Read() }()
	select {
	case data := <-pong:
		require.Equal(t, "are you there", data)
	case <-time.After(patient):
		require.FailNow(t, "no pong")
	}
	require.NoError(t, l.Close())
}

func TestWebSocketEnds(t *testing.T) {
	for name, tt := range map[string]struct {
		serve func(*websocket.Conn)
		want  string
	}{
		"malformed": {func(conn *websocket.Conn) {
			_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"secret":1}`))
			drain(conn)
		}, "not a WAMP message"},
		"empty": {func(conn *websocket.Conn) { _ = conn.WriteMessage(websocket.TextMessage, nil); drain(conn) }, "not a WAMP message"},
		"closed": {func(conn *websocket.Conn) {
			_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseGoingAway, ""), time.Now().Add(patient))
			drain(conn)
		}, "1001"},
		"cut off": {func(*websocket.Conn) {}, "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			l := dial(t, webServer(t, webHandler(func(conn *websocket.Conn) {
				_ = conn.WriteMessage(websocket.TextMessage, []byte(`[16,1,{},"a.b"]`)) // ignored
				tt.serve(conn)
			}, "wamp.2.json")), client.Config{})
			err := requireEnd(t, l)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "secret")
			for range 2000 { // the connection below would panic
				_, again := l.Read()
				require.Equal(t, err, again)
			}
			require.Equal(t, err, l.Write(&wamp.Goodbye{}))
			require.NoError(t, l.Close())
		})
	}
}

func TestCloseSaysSo(t *testing.T) {
	code := make(chan int, 1)
	l := dial(t, webServer(t, webHandler(func(conn *websocket.Conn) {
		_, _, err := conn.ReadMessage()
		if end, ok := err.(*websocket.CloseError); ok { //nolint:errorlint // never wrapped
			code <- end.Code
		}
		close(code)
	}, "wamp.2.json")), client.Config{})
	require.NoError(t, l.Close())
	require.Equal(t, websocket.CloseNormalClosure, <-code)
}

func TestWebSocketRouterThatReadsNothing(t *testing.T) {
	over := make(chan struct{})
	url := webServer(t, webHandler(func(*websocket.Conn) { <-over }, "wamp.2.json"))
	dialed, err := link.DialImpatient(t.Context(), url, client.Config{}, impatience)
	l := messages{dialed}
	require.NoError(t, err)
	stalled(t, l)
	close(over)
}

// TestCloseBesideAStalledWrite: Close waits for nobody.
func TestCloseBesideAStalledWrite(t *testing.T) {
	over := make(chan struct{})
	for name, url := range map[string]string{
		"websocket": webServer(t, webHandler(func(*websocket.Conn) { <-over }, "wamp.2.json")),
		"rawsocket": rawServer(t, jsonReply, func(net.Conn) { <-over }),
	} {
		t.Run(name, func(t *testing.T) {
			l := dial(t, url, client.Config{})
			ended := make(chan error)
			go func() {
				big := &wamp.Yield{Arguments: wamp.List{strings.Repeat("x", 8<<20)}}
				for {
					if err := l.Write(big); err != nil {
						ended <- err
						return
					}
				}
			}()
			time.Sleep(200 * time.Millisecond) // the buffers below are full
			began := time.Now()
			_ = l.Close()
			require.Less(t, time.Since(began), time.Second)
			require.ErrorIs(t, <-ended, net.ErrClosed)
		})
	}
	close(over)
}

// TestRouterThatWritesFirst pings and writes before it reads on, while the
// client writes: who waited with its answer would wait for ever.
func TestRouterThatWritesFirst(t *testing.T) {
	big := strings.Repeat("x", 8<<20)
	result := `[50,1,{},["` + big + `"]]`
	begin := make(chan struct{})
	for name, url := range map[string]string{
		"rawsocket": rawServer(t, jsonReply, func(conn net.Conn) {
			<-begin
			_, _ = io.WriteString(conn, frame(1, "1")+frame(1, "2")+frame(0, result))
			linger(conn)
		}),
		"websocket": webServer(t, webHandler(func(conn *websocket.Conn) {
			<-begin
			for range 5 {
				_ = conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(patient))
			}
			_ = conn.WriteMessage(websocket.TextMessage, []byte(result))
			drain(conn)
		}, "wamp.2.json")),
	} {
		t.Run(name, func(t *testing.T) {
			l := dial(t, url, client.Config{})
			written := make(chan error, 1)
			go func() {
				var err error
				for range 2 { // more than the buffers below take
					err = errors.Join(err, l.Write(&wamp.Yield{Request: 1, Options: wamp.Dict{}, Arguments: wamp.List{big}}))
				}
				written <- err
			}()
			time.Sleep(300 * time.Millisecond) // they are full
			begin <- struct{}{}
			got := make(chan error, 1)
			go func() {
				_, err := l.Read()
				got <- err
				_, _ = l.Read()
			}()
			select {
			case err := <-got:
				require.NoError(t, err)
			case <-time.After(patient):
				_ = l.Close()
				require.FailNow(t, "each waits for the other")
			}
			require.NoError(t, <-written)
			require.NoError(t, l.Close())
		})
	}
}

// TestEndlessMessage: what is above the limit isn't read.
func TestEndlessMessage(t *testing.T) {
	l := dial(t, webServer(t, webHandler(func(conn *websocket.Conn) {
		go drain(conn)
		w, err := conn.NextWriter(websocket.TextMessage)
		for err == nil {
			_, err = w.Write(make([]byte, 1<<16))
		}
	}, "wamp.2.json")), client.Config{RecvLimit: 1000})
	require.ErrorContains(t, requireEnd(t, l), "more than 1024 bytes")
	require.NoError(t, l.Close())
}

// timeless is a connection that knows no deadlines, as some tunnels give it.
type timeless struct{ net.Conn }

func (timeless) SetDeadline(time.Time) error      { return errors.ErrUnsupported }
func (timeless) SetReadDeadline(time.Time) error  { return errors.ErrUnsupported }
func (timeless) SetWriteDeadline(time.Time) error { return errors.ErrUnsupported }

// accepted is a listener for one connection.
type accepted struct {
	net.Listener
	conns chan net.Conn
}

func (accepted) Close() error { return nil }

func (a accepted) Accept() (net.Conn, error) {
	conn, open := <-a.conns
	if !open {
		return nil, net.ErrClosed
	}
	return conn, nil
}

// TestConnectionWithoutDeadlines can be dialed by, under a context with one, and
// closed though nothing is read at the other end.
func TestConnectionWithoutDeadlines(t *testing.T) {
	here, there := net.Pipe()
	conns := make(chan net.Conn, 1)
	conns <- there
	close(conns)
	over := make(chan struct{})
	served := make(chan struct{})
	go func() {
		_ = http.Serve(accepted{conns: conns}, webHandler(func(*websocket.Conn) { //nolint:gosec // ends with the pipe
			<-over
			close(served)
		}, "wamp.2.json"))
	}()
	l := dial(t, "ws://elsewhere.example/", client.Config{WsCfg: transport.WebsocketConfig{
		Dial: func(string, string) (net.Conn, error) { return timeless{here}, nil },
	}})
	began := time.Now()
	_ = l.Close()
	require.Less(t, time.Since(began), time.Second)
	close(over)
	<-served
}

// TestFarewell: what was written goes ahead of the farewell, whoever ends the link, and
// both arrive.
func TestFarewell(t *testing.T) {
	const limit = 1024
	for name, tt := range map[string]struct {
		serve func(*websocket.Conn) error
		code  int
	}{
		"closed by the client": {func(*websocket.Conn) error { return nil }, websocket.CloseNormalClosure},
		"closed by the router": {func(conn *websocket.Conn) error {
			return conn.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseGoingAway, ""))
		}, websocket.CloseGoingAway},
		"too much from the router": {func(conn *websocket.Conn) error {
			return conn.WriteMessage(websocket.TextMessage, make([]byte, limit+1))
		}, websocket.CloseMessageTooBig},
	} {
		t.Run(name, func(t *testing.T) {
			begin := make(chan struct{})
			ended := make(chan error, 2)
			l := dial(t, webServer(t, webHandler(func(conn *websocket.Conn) {
				<-begin
				err := tt.serve(conn)
				if err == nil {
					_, _, err = conn.ReadMessage()
				}
				ended <- err
				_, _, err = conn.ReadMessage()
				ended <- err
			}, "wamp.2.json")), client.Config{Serialization: client.JSON, RecvLimit: limit})
			require.NoError(t, l.Write(&wamp.Subscribe{Request: 1, Options: wamp.Dict{}, Topic: "a.b"}))
			close(begin)
			if tt.code == websocket.CloseNormalClosure {
				require.NoError(t, l.Close())
			} else {
				requireEnd(t, l)
			}
			require.NoError(t, <-ended, "the message")
			require.True(t, websocket.IsCloseError(<-ended, tt.code))
		})
	}
}
