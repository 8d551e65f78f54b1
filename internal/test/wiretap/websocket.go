package wiretap

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/websocket"
)

// WebSocket starts a tap in front of a router's WebSocket listener, given by a
// ws or wss URL. What the client asks for is asked of the router: path, query,
// headers and subprotocols; what the router picks and sets is handed back, and
// a refusal with its HTTP status. Extensions are left out. The error is that of
// a bad URL or of listening; a router that can't be reached shows when a client
// connects: the tap then answers 502.
func WebSocket(routerURL string, options ...Option) (*Tap, error) {
	router, err := url.Parse(routerURL)
	if err != nil {
		return nil, fmt.Errorf("wiretap: URL of the router: %w", err)
	}
	if (router.Scheme != "ws" && router.Scheme != "wss") || router.Host == "" {
		return nil, fmt.Errorf("wiretap: %q isn't a router's URL: give ws://host:port/path or wss://", routerURL)
	}
	t, err := newTap(options)
	if err != nil {
		return nil, err
	}
	t.url = (&url.URL{Scheme: "ws", Host: t.listener.Addr().String(), Path: router.Path}).String()
	t.server = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			t.serveWebSocket(w, req, router)
		}),
		ErrorLog:          log.New(io.Discard, "", 0),
		ReadHeaderTimeout: 5 * time.Second,
	}
	t.work.Go(func() { _ = t.server.Serve(t.listener) }) // returns when the listener closes
	return t, nil
}

func (t *Tap) serveWebSocket(w http.ResponseWriter, req *http.Request, routerURL *url.URL) {
	session, ok := t.begin()
	if !ok {
		http.Error(w, "the tap is closed", http.StatusServiceUnavailable)
		return
	}
	defer t.work.Done()
	t.addHeaders(Message{Session: session, ToRouter: true}, req.RequestURI, req.Header)
	router, answer, err := t.dialRouter(req, routerURL)
	if err != nil {
		http.Error(w, "the router refused the connection or can't be reached", refusal(answer))
		return
	}
	defer t.drop(router.NetConn())
	t.hold(router.NetConn())
	t.addHeaders(Message{Session: session}, answer.Status, answer.Header)

	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }} // the router's to judge
	client, err := upgrader.Upgrade(w, req, passedOn(answer.Header, "Sec-Websocket-Protocol"))
	if err != nil {
		return // Upgrade has answered the client
	}
	defer t.drop(client.NetConn())
	t.hold(client.NetConn())
	relay(client.NetConn(), router.NetConn(),
		func() { t.pumpWebSocket(client, router, Message{Session: session, ToRouter: true}) },
		func() { t.pumpWebSocket(router, client, Message{Session: session}) })
}

func (t *Tap) dialRouter(req *http.Request, routerURL *url.URL) (*websocket.Conn, *http.Response, error) {
	target := *routerURL
	target.Path, target.RawPath, target.RawQuery = req.URL.Path, req.URL.RawPath, req.URL.RawQuery
	dialer := websocket.Dialer{Subprotocols: websocket.Subprotocols(req), HandshakeTimeout: 10 * time.Second}
	return dialer.DialContext(t.ctx, target.String(), passedOn(req.Header))
}

// passedOn leaves out the headers that each connection writes for itself,
// except those given.
func passedOn(header http.Header, except ...string) http.Header {
	out := header.Clone()
	for _, name := range []string{
		"Connection", "Upgrade", "Host", "Date",
		"Sec-Websocket-Accept", "Sec-Websocket-Extensions", "Sec-Websocket-Key",
		"Sec-Websocket-Protocol", "Sec-Websocket-Version",
	} {
		out.Del(name)
	}
	for _, name := range except {
		if v := header.Get(name); v != "" {
			out.Set(name, v)
		}
	}
	return out
}

func refusal(answer *http.Response) int {
	if answer == nil || answer.StatusCode < http.StatusBadRequest {
		return http.StatusBadGateway
	}
	return answer.StatusCode
}

func (t *Tap) addHeaders(m Message, line string, header http.Header) {
	var out bytes.Buffer
	fmt.Fprintln(&out, line)
	_ = header.Write(&out) // a Buffer doesn't fail
	m.Data, m.Control = out.Bytes(), true
	t.add(m)
}

// pumpWebSocket passes one direction on, message by message, until the source
// ends or the destination is gone.
func (t *Tap) pumpWebSocket(from, to *websocket.Conn, template Message) {
	from.SetReadLimit(int64(t.limit)) // more couldn't be recorded anyway
	closed := t.relayControl(from, to, template)
	for {
		kind, data, err := readMessage(from)
		if err == nil || len(data) > 0 {
			m := template
			m.Data, m.Control = data, err != nil
			t.add(m)
		}
		if errors.Is(err, websocket.ErrReadLimit) {
			t.lose()
		}
		if err != nil {
			if !*closed { // gone without a word: the other side must notice
				_ = to.NetConn().Close()
			}
			return
		}
		if to.WriteMessage(kind, data) != nil {
			return
		}
	}
}

// readMessage returns a whole message, or what there was of it and the error
// that ended it.
func readMessage(from *websocket.Conn) (kind int, data []byte, err error) {
	kind, reader, err := from.NextReader()
	if err != nil {
		return 0, nil, err
	}
	data, err = io.ReadAll(reader)
	return kind, data, err
}

// relayControl passes pings, pongs and the close frame on, instead of answering
// them. The handlers run inside the reads of one pump, which alone writes to the
// other side; closed is set when a close frame has gone through.
func (t *Tap) relayControl(from, to *websocket.Conn, template Message) (closed *bool) {
	closed = new(bool)
	pass := func(frame int, payload []byte) error {
		m := template
		m.Data, m.Control = payload, true
		t.add(m)
		return to.WriteControl(frame, payload, time.Now().Add(linger))
	}
	from.SetPingHandler(func(text string) error { return pass(websocket.PingMessage, []byte(text)) })
	from.SetPongHandler(func(text string) error { return pass(websocket.PongMessage, []byte(text)) })
	from.SetCloseHandler(func(code int, text string) error {
		*closed = true
		return pass(websocket.CloseMessage, websocket.FormatCloseMessage(code, text))
	})
	return closed
}
