package testrouter

import (
	"net/http"

	"github.com/gammazero/nexus/v3/transport"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/gorilla/websocket"
)

// upgrader takes WAMP's subprotocols, and compression if the client asks for it.
var upgrader = websocket.Upgrader{
	Subprotocols:      []string{"wamp.2.json", "wamp.2.msgpack", "wamp.2.cbor"},
	EnableCompression: true,
}

// serveWebSocket runs one WebSocket client, whatever the path.
func (r *Router) serveWebSocket(w http.ResponseWriter, req *http.Request) {
	if !r.begin() {
		http.Error(w, ErrClosed.Error(), http.StatusServiceUnavailable)
		return
	}
	defer r.work.Done()
	conn, err := upgrader.Upgrade(w, req, nil)
	if err != nil {
		return // Upgrade has answered the client
	}
	defer func() { _ = conn.Close() }()
	if !r.hold(conn.NetConn()) {
		return
	}
	defer r.release(conn.NetConn())
	if peer := r.webSocketPeer(conn); peer != nil {
		r.serve(conn.NetConn(), peer)
	}
}

// webSocketPeer is nil where the client offered no subprotocol that we know.
func (r *Router) webSocketPeer(conn *websocket.Conn) wamp.Peer {
	switch conn.Subprotocol() {
	case "wamp.2.json":
		return transport.NewWebsocketPeer(conn, &serialize.JSONSerializer{}, websocket.TextMessage, r.log, 0, queueSize)
	case "wamp.2.msgpack":
		return transport.NewWebsocketPeer(conn, &serialize.MessagePackSerializer{}, websocket.BinaryMessage, r.log, 0, queueSize)
	case "wamp.2.cbor":
		return transport.NewWebsocketPeer(conn, &serialize.CBORSerializer{}, websocket.BinaryMessage, r.log, 0, queueSize)
	default:
		return nil
	}
}
