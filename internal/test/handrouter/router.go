package handrouter

import (
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/gorilla/websocket"
)

// patience bounds every wait.
const patience = 10 * time.Second

// Transport is how clients connect.
type Transport string

// The transports.
const (
	WebSocket Transport = "websocket"
	RawSocket Transport = "rawsocket"
)

// Transports lists them.
var Transports = []Transport{WebSocket, RawSocket}

// serializers by their WAMP names, with the number that RawSocket has for each.
var serializers = map[string]struct {
	serialize.Serializer
	id     serialize.Serialization
	code   byte
	binary bool
}{
	"json":    {&serialize.JSONSerializer{}, serialize.JSON, 1, false},
	"msgpack": {&serialize.MessagePackSerializer{}, serialize.MSGPACK, 2, true},
	"cbor":    {&serialize.CBORSerializer{}, serialize.CBOR, 3, true},
}

// Serializers lists the names of the serializers.
var Serializers = []string{"json", "msgpack", "cbor"}

// Encode returns a message as it is on the wire.
func Encode(serializer string, elements []any) ([]byte, error) {
	return serializers[serializer].SerializeDataItem(elements)
}

// Router waits for clients. It is closed when the test ends, with its connections.
type Router struct {
	t          testing.TB
	transport  Transport
	serializer string
	listener   net.Listener
	conns      chan *Conn
	limit      atomic.Uint32 // code of what it takes over RawSocket
}

// Start listens on the loopback interface.
func Start(t testing.TB, transport Transport, serializer string) *Router {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &Router{t: t, transport: transport, serializer: serializer, listener: listener, conns: make(chan *Conn, 16)}
	r.limit.Store(15)
	done := make(chan struct{})
	if transport == WebSocket {
		server := &http.Server{Handler: http.HandlerFunc(r.upgrade), ReadHeaderTimeout: patience}
		go func() {
			_ = server.Serve(listener)
			close(done)
		}()
	} else {
		go func() {
			r.acceptRawSockets()
			close(done)
		}()
	}
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return r
}

// Serialization is what a client has to be configured with.
func (r *Router) Serialization() serialize.Serialization { return serializers[r.serializer].id }

// URL is where a client connects to.
func (r *Router) URL() string {
	if r.transport == WebSocket {
		return "ws://" + r.listener.Addr().String() + "/ws"
	}
	return "tcp://" + r.listener.Addr().String()
}

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

func (r *Router) add(conn frames) {
	c := &Conn{
		t:          r.t,
		frames:     conn,
		serializer: serializers[r.serializer].Serializer,
		in:         make(chan []byte, 1024),
		over:       make(chan struct{}),
	}
	done := make(chan struct{})
	go func() {
		c.read()
		close(done)
	}()
	r.t.Cleanup(func() {
		close(c.over)
		_ = conn.close()
		<-done
	})
	r.conns <- c
}

func (r *Router) upgrade(w http.ResponseWriter, request *http.Request) {
	upgrader := websocket.Upgrader{Subprotocols: []string{"wamp.2." + r.serializer}}
	conn, err := upgrader.Upgrade(w, request, nil)
	if err != nil {
		return
	}
	kind := websocket.TextMessage
	if serializers[r.serializer].binary {
		kind = websocket.BinaryMessage
	}
	r.add(&webSocket{conn, kind})
}

func (r *Router) acceptRawSockets() {
	for {
		conn, err := r.listener.Accept()
		if err != nil {
			return
		}
		if s, err := acceptRawSocket(conn, serializers[r.serializer].code, byte(r.limit.Load())); err == nil {
			r.add(s)
		} else {
			_ = conn.Close()
		}
	}
}
