package transport

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// Server listens on free ports of the loopback interface, for any number of transports.
// The zero value listens on none. Its methods may be called by several goroutines.
type Server struct {
	mu        sync.Mutex
	closing   bool
	listeners []io.Closer
	held      map[net.Conn]struct{}
	work      sync.WaitGroup // listeners and connections
}

func listen() (net.Listener, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("transport: listen on the loopback interface: %w", err)
	}
	return listener, nil
}

// RawSocket has serve called with each TCP connection to the URL "tcp://127.0.0.1:port",
// in a goroutine of its own. The connection is closed when that returns. Stop cuts it
// off, unless it has been released.
func (s *Server) RawSocket(serve func(net.Conn)) (url string, err error) {
	listener, err := listen()
	if err != nil {
		return "", err
	}
	s.start(listener, func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.work.Go(func() {
				defer s.Drop(conn)
				if s.Hold(conn) {
					serve(conn)
				}
			})
		}
	})
	return "tcp://" + listener.Addr().String(), nil
}

// WebSocket has serve called with each client that speaks one of the serializers, in a
// goroutine of its own, at the URL "ws://127.0.0.1:port" with that path or any other. The
// connection is closed when that returns. Stop cuts it off, unless it has been released.
func (s *Server) WebSocket(path string, serve func(*websocket.Conn, *Serializer), serializers ...*Serializer) (url string, err error) {
	upgrader := websocket.Upgrader{EnableCompression: true} // if the client asks for it
	for _, serializer := range serializers {
		upgrader.Subprotocols = append(upgrader.Subprotocols, subprotocolPrefix+serializer.Name)
	}
	return s.HTTP(path, func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return // Upgrade has answered the client
		}
		defer s.Drop(conn.NetConn())
		if serializer := Subprotocol(conn.Subprotocol()); serializer != nil && s.Hold(conn.NetConn()) {
			serve(conn, serializer)
		}
	})
}

// HTTP has serve called with each request, as WebSocket has with clients. Stop cuts off
// what serve has upgraded and holds.
func (s *Server) HTTP(path string, serve http.HandlerFunc) (url string, err error) {
	listener, err := listen()
	if err != nil {
		return "", err
	}
	web := &http.Server{
		ErrorLog:          log.New(io.Discard, "", 0),
		ReadHeaderTimeout: 5 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !s.begin() {
				http.Error(w, "closed", http.StatusServiceUnavailable)
				return
			}
			defer s.work.Done()
			serve(w, r)
		}),
	}
	s.start(web, func() { _ = web.Serve(listener) }) // returns when web is closed, and the listener with it
	return "ws://" + listener.Addr().String() + path, nil
}

// Listen has serve called with each TCP connection to the address, as
// [Server.RawSocket] has, until the test's cleanup.
func Listen(t testing.TB, serve func(net.Conn)) (address string) {
	t.Helper()
	var s Server
	url, err := s.RawSocket(serve)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return strings.TrimPrefix(url, "tcp://")
}

func (s *Server) start(listener io.Closer, accept func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listeners = append(s.listeners, listener)
	s.work.Go(accept)
}

// begin counts one more connection, unless the server is closing. Each begin that
// returned true needs an s.work.Done.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.work.Add(1)
	}
	return !s.closing
}

// Hold lets Stop cut the connection off. It closes it, and returns false, if Stop has
// been called.
func (s *Server) Hold(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		_ = conn.Close()
		return false
	}
	if s.held == nil {
		s.held = map[net.Conn]struct{}{}
	}
	s.held[conn] = struct{}{}
	return true
}

// Release has Stop leave the connection alone.
func (s *Server) Release(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.held, conn)
}

// Drop closes the connection.
func (s *Server) Drop(conn net.Conn) {
	_ = conn.Close()
	s.Release(conn)
}

// Stopped reports whether Stop has been called.
func (s *Server) Stopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// Stop ends listening, and cuts off the connections that are held.
func (s *Server) Stop() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = true
	for conn := range s.held {
		_ = conn.Close()
	}
	for _, listener := range s.listeners {
		if e := listener.Close(); e != nil {
			err = e
		}
	}
	s.listeners = nil
	return err
}

// Wait returns when the goroutines of listeners and connections have ended.
func (s *Server) Wait() { s.work.Wait() }

// Close stops, and waits. It may be called again.
func (s *Server) Close() error {
	err := s.Stop()
	s.Wait()
	return err
}
