package link

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/gammazero/nexus/v3/client"
)

// Dial connects to the router at routerURL, with the schemes and settings of
// nexus's client.ConnectNet: ws, wss, http, https for WebSocket; tcp, tcp4,
// tcp6, unix for RawSocket, and tcps, tcp4s, tcp6s for RawSocket over TLS. A
// TlsCfg turns the tcp schemes into TLS too. The router may send messages of up
// to cfg.RecvLimit bytes, rounded up to a power of two; by default 16 MiB over
// RawSocket and 64 MiB over WebSocket. Nothing in cfg is changed.
//
// When ctx ends before all handshakes are done, the error wraps the cause of that. Without a
// deadline of ctx they may take cfg.ResponseTimeout, if that is set. After that ctx has
// no effect. A WebSocket that can't be opened is a
// [*transport.WebsocketError], as from nexus.
//
// [*transport.WebsocketError]: https://pkg.go.dev/github.com/gammazero/nexus/v3/transport#WebsocketError
func Dial(ctx context.Context, routerURL string, cfg client.Config) (Link, error) {
	return (&dialing{cfg: cfg, patience: defaultPatience}).dial(ctx, routerURL)
}

// dialing is one call of Dial.
type dialing struct {
	cfg      client.Config
	patience time.Duration
}

func (d *dialing) dial(ctx context.Context, routerURL string) (Link, error) {
	if _, bounded := ctx.Deadline(); !bounded && d.cfg.ResponseTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d.cfg.ResponseTimeout)
		defer cancel()
	}
	// Without the deadline itself: connections would be given it, and could fail
	// with an error of their own before ctx has ended.
	canceling, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, cancel)
	link, err := d.connect(canceling, routerURL)
	if stop() {
		return link, err
	}
	if err == nil {
		_ = link.Close()
	}
	return nil, fmt.Errorf("connecting to the router: %w", context.Cause(ctx))
}

func (d *dialing) connect(ctx context.Context, routerURL string) (Link, error) {
	u, err := url.Parse(routerURL)
	if err != nil {
		if parse, ok := errors.AsType[*url.Error](err); ok {
			err = parse.Err // the rest is the URL, which may hold a password
		}
		return nil, fmt.Errorf("the router's URL: %w", err)
	}
	switch u.Scheme {
	case "ws", "wss":
		return d.webSocket(ctx, u)
	case "http", "https":
		u.Scheme = strings.Replace(u.Scheme, "http", "ws", 1)
		return d.webSocket(ctx, u)
	case "tcp", "tcp4", "tcp6":
		return d.rawSocket(ctx, u.Scheme, u.Host, d.cfg.TlsCfg)
	case "tcps", "tcp4s", "tcp6s":
		config := d.cfg.TlsCfg
		if config == nil {
			config = &tls.Config{}
		}
		return d.rawSocket(ctx, strings.TrimSuffix(u.Scheme, "s"), u.Host, config)
	case "unix":
		if d.cfg.TlsCfg != nil {
			return nil, errors.New("there is no TLS over a unix socket: leave Config.TlsCfg nil")
		}
		// The first part of a relative path is parsed as a host.
		return d.rawSocket(ctx, u.Scheme, path.Clean(u.Host+u.Path), nil)
	}
	return nil, fmt.Errorf("the router's URL has the unknown scheme %q: use ws, wss, tcp, tcps or unix", u.Scheme)
}

func (d *dialing) rawSocket(ctx context.Context, network, addr string, config *tls.Config) (Link, error) {
	code, codec, err := rawSocketCode(d.cfg.Serialization)
	if err != nil {
		return nil, err
	}
	below, err := d.open(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = below.Close() })
	a := asked{tls: config != nil}
	below.check = a.check
	silent := d.askIfSilent(ctx, a, network, addr, below)
	conn := net.Conn(below)
	if config != nil {
		secure := tls.Client(below, withServerName(config, addr))
		conn, err = secure, secure.HandshakeContext(ctx)
	}
	recvCode, sendLimit := frameCode(d.cfg.RecvLimit), 0
	if err == nil {
		sendLimit, err = shakeHands(conn, code, recvCode)
	}
	other := silent()
	if !stop() {
		err = ctx.Err()
	}
	switch {
	case other != nil:
		err = other
	case err != nil:
		err = a.explain(remote(err), below) // TLS repeats the names of a certificate
	}
	if err != nil {
		_ = below.Close()
		return nil, err
	}
	return newRawSocket(conn, below, codec, sendLimit, frameLimit(recvCode)), nil
}

func (d *dialing) open(ctx context.Context, network, addr string) (*outbox, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return d.guarded(conn), nil
}

// guarded is conn as a link needs it.
func (d *dialing) guarded(conn net.Conn) *outbox {
	return &outbox{handshakeConn: &handshakeConn{Conn: conn, left: maxHandshake}, patience: d.patience}
}

// withServerName has the certificate checked against the host of addr, unless
// the config says against what.
func withServerName(config *tls.Config, addr string) *tls.Config {
	if config.ServerName != "" {
		return config
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return config // dialling would have failed
	}
	config = config.Clone()
	config.ServerName, _, _ = strings.Cut(host, "%") // the zone is this machine's
	return config
}
