package handrouter

import (
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/gorilla/websocket"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
)

// patience bounds every wait.
const patience = 30 * time.Second

var errClosed = errors.New("handrouter: closed")

// Transport is how clients connect.
type Transport string

// The transports.
const (
	WebSocket Transport = "websocket"
	RawSocket Transport = "rawsocket"
)

// Transports lists them.
var Transports = []Transport{WebSocket, RawSocket}

// Serializers lists the names of the serializers.
var Serializers = []string{"json", "msgpack", "cbor"}

// Encode returns a message as it is on the wire.
func Encode(serializer string, elements []any) ([]byte, error) {
	return transport.Named(serializer).SerializeDataItem(elements)
}

// Router waits for clients. It is closed when the test ends, with its connections.
type Router struct {
	t          testing.TB
	serializer *transport.Serializer
	server     transport.Server
	url        string
	conns      chan *Conn
	over       chan struct{} // closed when the test has ended
	limit      atomic.Uint32 // code of what it takes over RawSocket
}

// Start listens on the loopback interface.
func Start(t testing.TB, kind Transport, serializer string) *Router {
	t.Helper()
	r := &Router{t: t, serializer: transport.Named(serializer), conns: make(chan *Conn, 16), over: make(chan struct{})}
	r.Limit(15)
	var err error
	if kind == WebSocket {
		r.url, err = r.server.WebSocket("/ws", func(conn *websocket.Conn, _ *transport.Serializer) {
			r.serve(transport.WebSocket{Conn: conn})
		}, r.serializer)
	} else {
		r.url, err = r.server.RawSocket(r.acceptRawSocket)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		close(r.over)
		_ = r.server.Close()
	})
	return r
}

// Limit has the router announce over RawSocket that it takes messages of up to
// 2^(9+code) bytes, for connections from now on.
func (r *Router) Limit(code byte) { r.limit.Store(uint32(code)) }

// Serialization is what a client has to be configured with.
func (r *Router) Serialization() serialize.Serialization { return r.serializer.ID }

// URL is where a client connects to.
func (r *Router) URL() string { return r.url }

// Accept returns the next client's connection. It has said nothing yet.
func (r *Router) Accept() *Conn {
	r.t.Helper()
	select {
	case c := <-r.conns:
		return c
	case <-time.After(patience):
		r.t.Fatal("no client connected")
		return nil
	}
}

// Welcome accepts the next client, takes its HELLO, and welcomes it as a broker
// and dealer with these features.
func (r *Router) Welcome(features ...string) *Conn {
	r.t.Helper()
	c := r.Accept()
	c.Hello = c.Next()
	announced := wamp.Dict{wamp.FeatureProgCallInvocations: true}
	for _, feature := range features {
		announced[feature] = true
	}
	role := wamp.Dict{"features": announced}
	c.Send(wamp.WELCOME, 1, wamp.Dict{"roles": wamp.Dict{wamp.RoleBroker: role, wamp.RoleDealer: role}})
	return c
}

// serve hands a connection to the test, and reads what comes until it ends.
func (r *Router) serve(conn transport.Conn) {
	c := &Conn{t: r.t, conn: conn, serializer: r.serializer, in: make(chan []byte, 1024), over: r.over}
	select {
	case r.conns <- c:
		c.read()
	case <-r.over:
	}
}

func (r *Router) acceptRawSocket(conn net.Conn) {
	raw := transport.RawSocket{Conn: conn}
	if raw.Accept(r.serializer, byte(r.limit.Load())) == nil {
		r.serve(raw)
	}
}
