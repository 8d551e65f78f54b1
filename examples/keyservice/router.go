package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/gammazero/nexus/v3/router"
)

// serveRouter is a router of nexus, until ctx ends.
func serveRouter(ctx context.Context) error {
	config := &router.Config{RealmConfigs: []*router.RealmConfig{{URI: realm, AnonymousAuth: true}}}
	r, err := router.NewRouter(config, log.New(io.Discard, "", 0))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: router.NewWebsocketServer(r), ReadHeaderTimeout: 5 * time.Second}
	fmt.Printf("a router at ws://%s/ws\n", listener.Addr())
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.Serve(listener); ctx.Err() == nil {
		return err
	}
	return nil
}
