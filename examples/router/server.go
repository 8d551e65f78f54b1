package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"
)

// patience is how long stop waits for clients that don't read their GOODBYE.
const patience = 3 * time.Second

// server is a router with its listeners.
type server struct {
	router  router.Router
	realms  []string
	closers []io.Closer
	urls    []string
}

// start listens on all that the options name, or on nothing.
func start(o options, stdout, logTo io.Writer) (*server, error) {
	if !o.verbose {
		logTo = io.Discard
	}
	config := &router.Config{}
	for _, realm := range o.realms {
		c := &router.RealmConfig{URI: wamp.URI(realm), AnonymousAuth: true, AllowDisclose: true}
		if o.show {
			c.PublishFilterFactory = showing(stdout)
		}
		config.RealmConfigs = append(config.RealmConfigs, c)
	}
	r, err := router.NewRouter(config, log.New(logTo, "", log.LstdFlags))
	if err != nil {
		return nil, err
	}
	s := &server{router: r, realms: o.realms}
	if err := errors.Join(s.serveWebSocket(o.listen), s.serveRawSocket(o.rawSocket)); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func (s *server) serveWebSocket(address string) error {
	if address == "" {
		return nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("can't listen for WebSocket: %w; choose another address with -listen", err)
	}
	handler := router.NewWebsocketServer(s.router)
	mux := http.NewServeMux()
	mux.Handle("/ws", handler)
	mux.Handle("/{$}", handler)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }() // returns when stop closes it
	s.closers = append(s.closers, server)
	s.urls = append(s.urls, "ws://"+listener.Addr().String()+"/ws")
	return nil
}

func (s *server) serveRawSocket(address string) error {
	if address == "" {
		return nil
	}
	closer, err := router.NewRawSocketServer(s.router).ListenAndServe("tcp", address)
	if err != nil {
		return fmt.Errorf("can't listen for RawSocket: %w; choose another address with -rawsocket", err)
	}
	s.closers = append(s.closers, closer)
	if listener, ok := closer.(net.Listener); ok {
		address = listener.Addr().String() // with the port that ":0" became
	}
	s.urls = append(s.urls, "tcp://"+address)
	return nil
}

// stop ends the listeners and then all sessions. It removes the realms instead
// of closing the router: a nexus router that is closed panics when one more
// client says HELLO, one without realms turns that client away.
func (s *server) stop() {
	for _, closer := range s.closers {
		_ = closer.Close() // the process ends anyway
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, realm := range s.realms {
			s.router.RemoveRealm(wamp.URI(realm))
		}
	}()
	select {
	case <-done:
	case <-time.After(patience):
	}
}
