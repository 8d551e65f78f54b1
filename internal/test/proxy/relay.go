package proxy

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
)

// linger is how long one direction of a connection may go on when the other
// has ended.
const linger = time.Second

// serveRawSocket passes the handshake on as it is. A router that can't be reached has
// the client cut off.
func (p *Proxy) serveRawSocket(client net.Conn) {
	var dialer net.Dialer
	router, err := dialer.DialContext(p.ctx, "tcp", p.router.Host)
	if err != nil {
		return
	}
	defer p.server.Drop(router)
	if p.server.Hold(router) {
		p.newConn().relay(transport.RawSocket{Conn: router, Relay: true}, transport.RawSocket{Conn: client, Relay: true})
	}
}

// serveWebSocket asks of the router what the client asks for: path, query, headers and
// subprotocols; what the router picks and sets is handed back, and a refusal with its
// HTTP status. Extensions are left out. A router that can't be reached makes 502.
func (p *Proxy) serveWebSocket(w http.ResponseWriter, req *http.Request) {
	c := p.newConn()
	c.noteHeaders(Up, req.RequestURI, req.Header)
	router, answer, err := p.dialWebSocket(req)
	if err != nil {
		status := http.StatusBadGateway
		if answer != nil && answer.StatusCode >= http.StatusBadRequest {
			status = answer.StatusCode
		}
		http.Error(w, "the router refused the connection or can't be reached", status)
		return
	}
	defer p.server.Drop(router.NetConn())
	c.noteHeaders(Down, answer.Status, answer.Header)
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }} // the router's to judge
	header := passedOn(answer.Header)
	if chosen := router.Subprotocol(); chosen != "" {
		header.Set("Sec-Websocket-Protocol", chosen)
	}
	client, err := upgrader.Upgrade(w, req, header)
	if err != nil {
		return // Upgrade has answered the client
	}
	defer p.server.Drop(client.NetConn())
	if !p.server.Hold(router.NetConn()) || !p.server.Hold(client.NetConn()) {
		return
	}
	for _, conn := range []*websocket.Conn{router, client} {
		conn.SetReadLimit(int64(p.limit)) // more couldn't be recorded anyway
	}
	c.serializer.Store(transport.Subprotocol(router.Subprotocol()))
	c.relay(transport.WebSocket{Conn: router, Relay: true}, transport.WebSocket{Conn: client, Relay: true})
}

func (p *Proxy) dialWebSocket(req *http.Request) (*websocket.Conn, *http.Response, error) {
	target := *p.router
	target.Path, target.RawPath, target.RawQuery = req.URL.Path, req.URL.RawPath, req.URL.RawQuery
	dialer := websocket.Dialer{Subprotocols: websocket.Subprotocols(req), HandshakeTimeout: 10 * time.Second}
	return dialer.DialContext(p.ctx, target.String(), passedOn(req.Header))
}

// passedOn leaves out the headers that each connection writes for itself.
func passedOn(header http.Header) http.Header {
	out := header.Clone()
	for _, name := range []string{
		"Connection", "Upgrade", "Host", "Date",
		"Sec-Websocket-Accept", "Sec-Websocket-Extensions", "Sec-Websocket-Key",
		"Sec-Websocket-Protocol", "Sec-Websocket-Version",
	} {
		out.Del(name)
	}
	return out
}

func (c *Conn) noteHeaders(d Direction, line string, header http.Header) {
	var out bytes.Buffer
	fmt.Fprintln(&out, line)
	_ = header.Write(&out) // a Buffer doesn't fail
	c.proxy.note(&Message{Conn: c, Direction: d, Data: out.Bytes(), Control: true})
}

// relay runs both directions until both have ended. When one has, the other may linger
// to deliver what is under way.
func (c *Conn) relay(router, client transport.Conn) {
	c.sides[Up].Conn, c.sides[Down].Conn = router, client
	c.proxy.add(c)
	ended := make(chan struct{}, 2)
	for _, d := range []Direction{Up, Down} {
		go func() {
			c.pump(d)
			ended <- struct{}{}
		}()
	}
	<-ended
	cut := time.AfterFunc(linger, c.Close)
	defer cut.Stop()
	<-ended
}
