package testrouter

import (
	"net"
	"net/http"

	nexus "github.com/gammazero/nexus/v3/transport"
	"github.com/gorilla/websocket"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
)

// upgrader takes WAMP's subprotocols, and compression if the client asks for it.
var upgrader = websocket.Upgrader{Subprotocols: transport.Subprotocols(), EnableCompression: true}

// serveWebSocket runs one WebSocket client, whatever the path.
func (r *Router) serveWebSocket(w http.ResponseWriter, req *http.Request) {
	conn, err := upgrader.Upgrade(w, req, nil)
	if err != nil {
		return // Upgrade has answered the client
	}
	defer r.server.Drop(conn.NetConn())
	serializer := transport.Subprotocol(conn.Subprotocol()) // nil where the client offered none that we know
	if serializer == nil || !r.server.Hold(conn.NetConn()) {
		return
	}
	kind := websocket.TextMessage
	if serializer.Binary {
		kind = websocket.BinaryMessage
	}
	r.serve(conn.NetConn(), nexus.NewWebsocketPeer(conn, serializer, kind, r.log, 0, queueSize))
}

// serveRawSocket runs one RawSocket client.
func (r *Router) serveRawSocket(conn net.Conn) {
	// nexus waits for the handshake without a time limit; Close cuts it off.
	if peer, err := nexus.AcceptRawSocket(conn, r.log, 0, queueSize); err == nil {
		r.serve(conn, peer)
	}
}
