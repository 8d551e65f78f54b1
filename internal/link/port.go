package link

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/gammazero/nexus/v3/client"
)

// PortError says that a port speaks something else than was asked of it.
type PortError struct {
	Speaks string // what it speaks, as "TLS"
	Use    string // the scheme that it needs, as "wss"; empty where no router speaks it
	Or     string // another one that it may need, as what is within TLS doesn't show
}

// Error says what to do.
func (e *PortError) Error() string {
	if e.Use == "" {
		return fmt.Sprintf("the port speaks %s, and so no WAMP: is this the router's?", e.Speaks)
	}
	if e.Or != "" {
		return fmt.Sprintf("the port speaks %s: use %s://, or %s:// if that is what it is for", e.Speaks, e.Use, e.Or)
	}
	return fmt.Sprintf("the port speaks %s: use %s://", e.Speaks, e.Use)
}

// ErrEnded is wrapped by errors about a connection that the other side ended in place of the
// first answer.
var ErrEnded = errors.New("the other side ended the connection without a word: is the scheme the one of this port? " +
	"WebSocket has ws, or wss with TLS; RawSocket tcp, or tcps with TLS")

// asked is what a port was asked for.
type asked struct{ web, tls bool }

// scheme is that of a URL.
func (a asked) scheme() string {
	switch {
	case a.web && a.tls:
		return "wss"
	case a.web:
		return "ws"
	case a.tls:
		return "tcps"
	}
	return "tcp"
}

// answered says what a port speaks by what came first from there, nil where that fits. What
// it was asked in TLS, it was asked within, if inner is set.
func (a asked) answered(first []byte, inner bool) error {
	switch {
	case len(first) == 0:
		return nil
	case bytes.HasPrefix(first, []byte("HTTP")):
		secure := bytes.Contains(first, []byte("HTTPS")) // as a server with TLS says to who has none
		switch {
		case secure && !a.tls:
			return &PortError{Speaks: "TLS", Use: asked{a.web, true}.scheme()}
		case a.tls && !inner:
			return &PortError{Speaks: "HTTP, without TLS", Use: "ws"}
		case !a.web:
			return &PortError{Speaks: "HTTP, as routers do for WebSocket", Use: asked{true, a.tls}.scheme()}
		}
		return nil
	case isTLS(first):
		if !a.tls {
			return &PortError{"TLS", asked{a.web, true}.scheme(), asked{!a.web, true}.scheme()}
		}
		return nil
	case first[0] == magic:
		if a.web || a.tls && !inner {
			return &PortError{Speaks: "RawSocket", Use: asked{false, a.tls && inner}.scheme()}
		}
		return nil
	case bytes.HasPrefix(first, []byte("SSH-")):
		return &PortError{Speaks: "SSH"}
	}
	return nil
}

// isTLS tells of an alert and a handshake (RFC 8446, section 5.1).
func isTLS(first []byte) bool {
	const alert, handshake, three = 21, 22, 3
	return len(first) > 1 && (first[0] == alert || first[0] == handshake) && first[1] == three
}

// check refuses what comes first, if no more of it has to be awaited to know that it is
// something else.
func (a asked) check(first []byte) error {
	if len(first) < 4 || bytes.HasPrefix(first, []byte("HTTP")) {
		return nil
	}
	return a.answered(first, false)
}

// explain says of an error what the port speaks, if what came from there tells.
func (a asked) explain(err error, below *outbox) error {
	if below == nil {
		return err
	}
	if _, said := errors.AsType[*PortError](err); said {
		return err
	}
	if port := a.answered(below.first, false); port != nil {
		return fmt.Errorf("%w (%w)", port, remote(err))
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || isReset(err) {
		return fmt.Errorf("%w (%w)", ErrEnded, err)
	}
	return err
}

func isReset(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "read" && strings.Contains(op.Err.Error(), "reset")
}

const (
	// silence is how long a router may take to answer before it is asked, by another
	// connection, whether it speaks something else.
	silence = time.Second
	// probing bounds each such connection.
	probing = 1500 * time.Millisecond
)

// askIfSilent asks a port by another connection whether it speaks something else, where a
// handshake is not answered: a web server, and one with TLS, may wait for more than the four
// bytes of RawSocket. If it does, below is closed. The function that it gives ends that, and returns
// what was found.
func (d *dialing) askIfSilent(ctx context.Context, a asked, network, addr string, below net.Conn) (end func() error) {
	if network == "unix" {
		return func() error { return nil }
	}
	ctx, cancel := context.WithCancel(ctx)
	found := make(chan error, 1)
	go func() {
		timer := time.NewTimer(silence)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			found <- nil
			return
		case <-timer.C:
		}
		other := d.probe(ctx, a, network, addr)
		if other != nil {
			_ = below.Close()
		}
		found <- other
	}()
	return func() error {
		cancel()
		return <-found
	}
}

// Probe finds out what the port of a router speaks, if it isn't what the URL says, by up to three
// connections. It returns a [*PortError], or nil where that doesn't show.
func Probe(ctx context.Context, routerURL string, cfg client.Config) error {
	u, err := url.Parse(routerURL)
	if err != nil || u.Host == "" {
		return nil
	}
	a := asked{web: strings.HasPrefix(u.Scheme, "ws") || strings.HasPrefix(u.Scheme, "http"), tls: cfg.TlsCfg != nil && strings.HasPrefix(u.Scheme, "tcp")}
	a.tls = a.tls || u.Scheme != "ws" && strings.HasSuffix(u.Scheme, "s")
	if a.web {
		u.Scheme = a.scheme()
	}
	return (&dialing{cfg: cfg, patience: defaultPatience}).probe(ctx, a, "tcp", hostPort(u))
}

// probe asks a port in other ways.
func (d *dialing) probe(ctx context.Context, a asked, network, addr string) error {
	first := d.hear(ctx, network, addr, d.sayTLS(addr))
	port := a.answered(first, false)
	if port != nil || a.tls && isTLS(first) {
		return cmp.Or(port, d.probeWithin(ctx, a, network, addr))
	}
	for _, say := range []func(context.Context, net.Conn) error{sayHTTP, sayRawSocket} {
		if port = a.answered(d.hear(ctx, network, addr, say), false); port != nil {
			break
		}
	}
	return port
}

// probeWithin asks behind TLS.
func (d *dialing) probeWithin(ctx context.Context, a asked, network, addr string) (port error) {
	for _, say := range []func(context.Context, net.Conn) error{sayHTTP, sayRawSocket} {
		d.hear(ctx, network, addr, func(ctx context.Context, conn net.Conn) error {
			secure := tls.Client(conn, withServerName(d.tlsConfig(), addr))
			err := secure.HandshakeContext(ctx)
			if err == nil {
				inner := &handshakeConn{Conn: secure, left: maxFirst}
				err = say(ctx, inner)
				port = a.answered(inner.first, true)
			}
			return err
		})
		if port != nil {
			break
		}
	}
	return port
}

func (d *dialing) tlsConfig() *tls.Config {
	if d.cfg.TlsCfg != nil {
		return d.cfg.TlsCfg
	}
	return &tls.Config{MinVersion: tls.VersionTLS12}
}

// hear gives what comes first from a port that something is said to.
func (d *dialing) hear(ctx context.Context, network, addr string, say func(context.Context, net.Conn) error) []byte {
	ctx, cancel := context.WithTimeout(ctx, probing)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	heard := &handshakeConn{Conn: conn, left: maxHandshake}
	_ = say(ctx, heard) // what was heard counts
	return heard.first
}

// sayTLS begins a TLS handshake. Whom the certificate is for doesn't matter: nothing is sent.
func (d *dialing) sayTLS(addr string) func(context.Context, net.Conn) error {
	return func(ctx context.Context, conn net.Conn) error {
		return tls.Client(conn, withServerName(d.tlsConfig(), addr)).HandshakeContext(ctx)
	}
}

func sayHTTP(_ context.Context, conn net.Conn) error {
	return ask(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
}

func sayRawSocket(_ context.Context, conn net.Conn) error { return ask(conn, "\x7f\xf3\x00\x00") }

func ask(conn net.Conn, what string) error {
	if _, err := io.WriteString(conn, what); err != nil {
		return err
	}
	_, err := io.ReadAtLeast(conn, make([]byte, maxFirst), 4)
	return err
}
