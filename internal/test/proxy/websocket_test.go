package proxy_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
)

// startEcho runs a WebSocket server that sends every message back, behind a tap.
// It hands each request it gets to seen, and calls what that returns when the
// connection has ended.
func startEcho(t *testing.T, seen func(*http.Request) (ended func()), options ...proxy.Option) *proxy.Proxy {
	t.Helper()
	upgrader := websocket.Upgrader{Subprotocols: []string{"second", "third"}, EnableCompression: true}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer seen(r)()
		if r.URL.Path == "/forbidden" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		conn, err := upgrader.Upgrade(w, r, http.Header{"Set-Cookie": {"tasty=yes"}})
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		for {
			kind, data, err := conn.ReadMessage()
			if err != nil || conn.WriteMessage(kind, data) != nil {
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	tap := proxy.Start(t, "ws"+strings.TrimPrefix(server.URL, "http")+"/base", options...)
	return tap
}

func ignore(*http.Request) func() { return func() {} }

func dialTap(t *testing.T, url string, header http.Header, subprotocols ...string) (*websocket.Conn, *http.Response) {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: subprotocols, EnableCompression: true}
	conn, resp, err := dialer.DialContext(t.Context(), url, header)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn, resp
}

func TestHandshakeIsPassedOn(t *testing.T) {
	requests := make(chan *http.Request, 1)
	tap := startEcho(t, func(r *http.Request) func() { requests <- r; return func() {} })
	require.Regexp(t, `^ws://127\.0\.0\.1:\d+/base$`, tap.URL())
	conn, resp := dialTap(t, tap.URL()+"?ticket=opensesame", http.Header{"X-Sample": {"mustard"}}, "first", "third")

	got := <-requests
	require.Equal(t, "/base", got.URL.Path)
	require.Equal(t, "opensesame", got.URL.Query().Get("ticket"))
	require.Equal(t, "mustard", got.Header.Get("X-Sample"))
	require.Empty(t, got.Header.Get("Sec-Websocket-Extensions"), "compressed messages couldn't be searched")
	require.Equal(t, []string{"first", "third"}, websocket.Subprotocols(got))
	require.Equal(t, "third", conn.Subprotocol())
	require.Equal(t, "tasty=yes", resp.Header.Get("Set-Cookie"))

	echo(t, conn, websocket.TextMessage, "a message")
	for _, text := range []string{"opensesame", "mustard", "tasty=yes"} {
		found, err := tap.Find([]byte(text))
		require.NoError(t, err)
		require.Len(t, found, 1, text)
		require.True(t, found[0].Control)
	}
}

func echo(t *testing.T, conn *websocket.Conn, kind int, text string) {
	t.Helper()
	require.NoError(t, conn.WriteMessage(kind, []byte(text)))
	gotKind, data, err := conn.ReadMessage()
	require.NoError(t, err)
	require.Equal(t, kind, gotKind)
	require.Equal(t, text, string(data))
}

func TestRefusalIsPassedOn(t *testing.T) {
	tap := startEcho(t, ignore)
	_, resp, err := websocket.DefaultDialer.DialContext(t.Context(), strings.TrimSuffix(tap.URL(), "/base")+"/forbidden", nil)
	require.ErrorIs(t, err, websocket.ErrBadHandshake)
	require.Equal(t, http.StatusForbidden, resp.StatusCode)
}

func TestRouterIsAway(t *testing.T) {
	addr := proc.Nowhere(t)
	ws := proxy.Start(t, "ws://"+addr)
	_, resp, err := websocket.DefaultDialer.DialContext(t.Context(), ws.URL(), nil)
	require.ErrorIs(t, err, websocket.ErrBadHandshake)
	require.Equal(t, http.StatusBadGateway, resp.StatusCode)

	raw := proxy.Start(t, "tcp://"+addr)
	conn, err := net.Dial("tcp", raw.URL()[len("tcp://"):])
	require.NoError(t, err)
	_, err = io.ReadAll(conn)
	require.NoError(t, err, "the tap closes the connection")
	require.NoError(t, conn.Close())
}

func TestFramesArePutTogether(t *testing.T) {
	tap := startEcho(t, ignore)
	conn, _ := dialTap(t, tap.URL(), nil)
	w, err := conn.NextWriter(websocket.TextMessage)
	require.NoError(t, err)
	long := strings.Repeat(".", 8<<10) // gorilla sends a frame for each 4 KiB
	for _, part := range []string{"attack ", long, " at dawn"} {
		_, err = io.WriteString(w, part)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	_, data, err := conn.ReadMessage()
	require.NoError(t, err)
	require.Equal(t, "attack "+long+" at dawn", string(data))

	messages := tap.Messages(nil)
	require.Len(t, messages, 2)
	require.Equal(t, data, messages[0].Data)
	require.Equal(t, data, messages[1].Data)
	requireContains(t, true, tap, "attack "+long+" at dawn")
}

func TestControlFramesArePassedOnAndSearched(t *testing.T) {
	tap := startEcho(t, ignore)
	conn, _ := dialTap(t, tap.URL(), nil)
	pongs := make(chan string, 1)
	conn.SetPongHandler(func(text string) error { pongs <- text; return nil })
	require.NoError(t, conn.WriteControl(websocket.PingMessage, []byte("knock knock"), time.Now().Add(time.Second)))
	echo(t, conn, websocket.BinaryMessage, "reads the pong")
	require.Equal(t, "knock knock", <-pongs)
	found, err := tap.Find([]byte("knock knock"))
	require.NoError(t, err)
	require.Len(t, found, 2, "the ping, and the router's own pong")

	farewell := websocket.FormatCloseMessage(4321, "so long, and thanks")
	require.NoError(t, conn.WriteControl(websocket.CloseMessage, farewell, time.Now().Add(time.Second)))
	_, _, err = conn.ReadMessage()
	var closed *websocket.CloseError
	require.True(t, errors.As(err, &closed))
	require.Equal(t, 4321, closed.Code, "the router's answer to the close frame")
	requireContains(t, true, tap, "so long, and thanks")
	require.Len(t, tap.Messages(nil), 2)
}

// What other writers make of a payload: JSON in ASCII, JSON with and without
// escapes for HTML, a list of integers.
func TestEncodingsOfOtherWritersAreFound(t *testing.T) {
	for _, tt := range []struct{ text, has, hasNot string }{
		{`[16,1,{},"t",["Der Turm f\u00e4llt \ud83d\ude00 um"]]`, "fällt 😀 um", "fällt 😁 um"},
		{`[16,1,{},"t",["say \"<yes>\"\n now"]]`, "\"<yes>\"\n", "\"<yes>\"\t"},
		{`[16,1,{},"t",["say \"fällt <um>\""]]`, `"fällt <um>"`, `"fällt <hin>"`},
		{`[16,1,{},"t",["say \"\u003cyes\u003e\"\n now"]]`, "\"<yes>\"\n", "\"<yes>\"\t"},
		{`[16,1,{},"t",[{"type":"Buffer","data":[0,102,195,164,108,108,116]}]]`, "fällt", "füllt"},
		{`[16, 1, {}, "t", [[102, 195, 164, 108, 108, 116, 9]]]`, "fällt", "füllt"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			tap := startEcho(t, ignore)
			conn, _ := dialTap(t, tap.URL(), nil)
			echo(t, conn, websocket.TextMessage, tt.text)
			requireContains(t, true, tap, tt.has)
			requireContains(t, false, tap, tt.hasNot)
		})
	}
}

// A client that is gone without a close frame takes its router's end with it.
func TestLostClientIsLostToTheRouter(t *testing.T) {
	ended := make(chan struct{})
	tap := startEcho(t, func(*http.Request) func() { return func() { close(ended) } })
	conn, _ := dialTap(t, tap.URL(), nil)
	echo(t, conn, websocket.TextMessage, "hello there")
	w, err := conn.NextWriter(websocket.TextMessage)
	require.NoError(t, err)
	_, err = io.WriteString(w, "half a message"+strings.Repeat(".", 8<<10))
	require.NoError(t, err)
	require.NoError(t, conn.NetConn().Close())
	select {
	case <-ended:
	case <-time.After(700 * time.Millisecond):
		require.Fail(t, "the router still waits for the client")
	}
	require.Eventually(t, func() bool {
		found, err := tap.Find([]byte("half a message"))
		return err == nil && len(found) == 1 && found[0].Control
	}, 5*time.Second, time.Millisecond, "the part that did arrive is searched")
	require.Len(t, tap.Messages(nil), 2)
}
