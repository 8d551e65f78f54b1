package testrouter

import (
	"net"

	nexus "github.com/gammazero/nexus/v3/transport"
	"github.com/gorilla/websocket"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
)

// serveWebSocket runs one WebSocket client, whatever the path.
func (r *Router) serveWebSocket(conn *websocket.Conn, serializer *transport.Serializer) {
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
