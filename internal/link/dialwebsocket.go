package link

import (
	"context"
	"crypto/fips140"
	"errors"
	"fmt"
	"math/bits"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"github.com/gammazero/nexus/v3/transport"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gorilla/websocket"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// subprotocol precedes the names of WAMP's serializers in WebSocket.
const subprotocol = "wamp.2."

const (
	// writeBuffer is the size of the frames that messages are sent in.
	writeBuffer = 32 << 10
	// readBuffer is how much is read at one time.
	readBuffer = 8 << 10
)

// errSHA1 stands in for a panic: the answer to a WebSocket's handshake is checked by SHA-1
// (RFC 6455, section 4.1).
var errSHA1 = errors.New("WebSocket needs SHA-1, which GODEBUG=fips140=only forbids: use RawSocket (tcp, tcps), or fips140=on")

// writeBuffers are for all links: one that is idle needs none.
var writeBuffers sync.Pool

func (d *dialing) webSocket(ctx context.Context, u *url.URL) (Link, error) {
	if fips140.Enforced() {
		return nil, errSHA1
	}
	codecs, err := d.offered()
	if err != nil {
		return nil, err
	}
	dialer, err := d.dialer()
	if err != nil {
		return nil, err
	}
	for _, codec := range codecs {
		dialer.Subprotocols = append(dialer.Subprotocols, subprotocol+codec.Name())
	}
	var below, direct *outbox // the latter nil behind a proxy, whose answers are its own
	a := asked{web: true, tls: u.Scheme == "wss"}
	stop := func() bool { return true }
	silent := func() error { return nil }
	dialer.NetDialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := d.openWebSocket(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		below = conn
		if addr == hostPort(u) && d.cfg.WsCfg.Dial == nil {
			direct, conn.check = conn, a.check
			silent = d.askIfSilent(ctx, a, network, addr, conn)
		}
		// A response that is awaited has no other end.
		stop = context.AfterFunc(ctx, func() { _ = conn.Close() })
		return conn, nil
	}
	conn, response, err := dialer.DialContext(ctx, u.String(), nil)
	if other := silent(); other != nil && err != nil {
		err = other
	}
	if err != nil {
		if response != nil {
			response.Status = Quote(response.Status) // the error prints it
		}
		err = a.explain(remote(err), direct)
		err = &transport.WebsocketError{Err: err, Response: response}
	}
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		if conn != nil {
			_ = conn.Close()
		}
		return nil, err
	}
	return d.overWebSocket(conn, below, codecs)
}

// hostPort is where a URL leads without a proxy.
func hostPort(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	return net.JoinHostPort(u.Hostname(), map[string]string{"ws": "80", "wss": "443"}[u.Scheme])
}

func (d *dialing) overWebSocket(conn *websocket.Conn, below *outbox, codecs []*message.Codec) (Link, error) {
	i := slices.IndexFunc(codecs, func(c *message.Codec) bool { return subprotocol+c.Name() == conn.Subprotocol() })
	if i < 0 {
		_ = conn.Close()
		return nil, fmt.Errorf("the router chose the WebSocket subprotocol %s, which wasn't offered: is it a WAMP router with this serialization?", Quote(conn.Subprotocol()))
	}
	limit := int64(defaultMessageLimit)
	if n := d.cfg.RecvLimit; n > 0 {
		limit = roundUp(n)
	}
	s := newWebSocket(conn, below, codecs[i], limit, d.patience)
	s.start(d.cfg.WsCfg.KeepAlive)
	return s, nil
}

// roundUp returns the next power of two, at least 512 as over RawSocket.
func roundUp(n int) int64 {
	return max(int64(frameLimit(0)), 1<<min(bits.Len(uint(n-1)), 62))
}

// offered are the codecs in the order of preference; nexus's where it is AUTO.
func (d *dialing) offered() ([]*message.Codec, error) {
	wanted := []serialize.Serialization{d.cfg.Serialization}
	if d.cfg.Serialization == serialize.AUTO {
		wanted = []serialize.Serialization{serialize.JSON, serialize.CBOR, serialize.MSGPACK}
	}
	var codecs []*message.Codec
	for _, s := range wanted {
		codec, err := message.New(s)
		if err != nil {
			return nil, err
		}
		codecs = append(codecs, codec)
	}
	return codecs, nil
}

func (d *dialing) dialer() (*websocket.Dialer, error) {
	dialer := &websocket.Dialer{
		TLSClientConfig:   d.cfg.TlsCfg, // cloned by the Dialer
		Proxy:             http.ProxyFromEnvironment,
		Jar:               d.cfg.WsCfg.Jar,
		EnableCompression: d.cfg.WsCfg.EnableCompression,
		ReadBufferSize:    readBuffer,
		WriteBufferSize:   writeBuffer,
		WriteBufferPool:   &writeBuffers,
	}
	if proxy := d.cfg.WsCfg.ProxyURL; proxy != "" {
		u, err := url.Parse(proxy)
		if err != nil {
			return nil, errors.New("Config.WsCfg.ProxyURL is no URL") // it may hold a password
		}
		dialer.Proxy = http.ProxyURL(u)
	}
	return dialer, nil
}

// openWebSocket dials by the application's function, where there is one. That
// knows no context: when ctx ends, what it still opens is closed.
func (d *dialing) openWebSocket(ctx context.Context, network, addr string) (*outbox, error) {
	if d.cfg.WsCfg.Dial == nil {
		return d.open(ctx, network, addr)
	}
	type result struct {
		conn net.Conn
		err  error
	}
	dialed := make(chan result)
	go func() {
		conn, err := d.cfg.WsCfg.Dial(network, addr)
		select {
		case dialed <- result{conn, err}:
		case <-ctx.Done():
			if err == nil {
				_ = conn.Close()
			}
		}
	}()
	select {
	case r := <-dialed:
		if r.err != nil {
			return nil, r.err
		}
		return d.guarded(r.conn), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
