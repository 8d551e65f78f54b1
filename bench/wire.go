package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

// countedConn adds what is written to a total.
type countedConn struct {
	net.Conn
	total *atomic.Int64
}

// Write implements [io.Writer].
func (c countedConn) Write(b []byte) (int, error) {
	c.total.Add(int64(len(b))) // before an answer can come
	return c.Conn.Write(b)
}

// published is how many bytes a PUBLISH has. All URIs are equally long, so that only the
// sealing counts.
func published(ctx context.Context, url string, k kind, s serializer, size int) (int64, error) {
	var total atomic.Int64
	dial := func(network, addr string) (net.Conn, error) {
		conn, err := net.Dial(network, addr)
		return countedConn{conn, &total}, err
	}
	originator, _ := k.keys()
	c, err := join(ctx, url, k, s, originator, dial)
	if err != nil {
		return 0, err
	}
	before := total.Load()
	err = c.Publish(k.uri(), wamp.Dict{wamp.OptAcknowledge: true}, wamp.List{payload(0, size)}, nil)
	n := total.Load() - before
	return n, errors.Join(err, c.Close())
}

// wire is the section of that name.
func (b *benchmark) wire(ctx context.Context) (err error) {
	r, err := testrouter.New(realm)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	t := b.table("Bytes that sealing adds", "To a PUBLISH with text of so many bytes as its only argument, WebSocket's frame included, and of 25 characters as its topic.",
		column{head: "16 B"}, column{head: "256 B"}, column{head: "1 KiB"})
	for _, s := range serializers {
		for _, k := range []kind{sealedBox, sealedXBox, sealedPassthru, sealedSigned, sealedPQ} {
			row := []string{s.name + ": " + k.name}
			for _, size := range []int{16, 256, 1 << 10} {
				plain, err := published(ctx, r.WebSocketURL(), plainNexus, s, size)
				if err != nil {
					return err
				}
				sealed, err := published(ctx, r.WebSocketURL(), k, s, size)
				if err != nil {
					return err
				}
				row = append(row, fmt.Sprint(sealed-plain))
			}
			t.rows = append(t.rows, row)
		}
	}
	return nil
}
