package link_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	testtransport "github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
)

// serving gives the address of a server of any number of connections.
func serving(t *testing.T, serve func(net.Conn)) (addr string) {
	t.Helper()
	return strings.TrimPrefix(testtransport.Listen(t, serve), "tcp://")
}

// tlsFront has TLS in front of a port.
func tlsFront(t *testing.T, config *tls.Config, behind string) string {
	t.Helper()
	return serving(t, func(conn net.Conn) {
		defer func() { _ = conn.Close() }()
		secure := tls.Server(conn, config)
		if secure.Handshake() != nil {
			return
		}
		inner, err := net.Dial("tcp", behind)
		if err != nil {
			return
		}
		go func() {
			_, _ = io.Copy(inner, secure)
			_ = inner.Close()
		}()
		_, _ = io.Copy(secure, inner)
		_ = secure.Close()
	})
}

// ports are those of a router, by the scheme that each has.
func ports(t *testing.T) (addrs map[string]string, trusting *tls.Config) {
	r := startRouter(t)
	server, trusting := certificate(t, []net.IP{net.IPv4(127, 0, 0, 1)})
	web := strings.TrimSuffix(strings.TrimPrefix(r.WebSocketURL(), "ws://"), "/ws")
	raw := strings.TrimPrefix(r.RawSocketURL(), "tcp://")
	return map[string]string{"ws": web, "tcp": raw, "wss": tlsFront(t, server, web), "tcps": tlsFront(t, server, raw)}, trusting
}

// soon is what "at once" is, with the second that a slow router may take.
const soon = 8 * time.Second

// TestWrongPorts: a scheme that isn't the port's is said at once, and asking finds out the
// right one.
func TestWrongPorts(t *testing.T) {
	addrs, trusting := ports(t)
	for asked := range addrs {
		for served, addr := range addrs {
			t.Run(asked+" to "+served, func(t *testing.T) {
				t.Parallel()
				url := asked + "://" + addr
				if strings.HasPrefix(asked, "ws") {
					url += "/ws"
				}
				var cfg client.Config
				if strings.HasSuffix(asked, "s") && asked != "ws" {
					cfg.TlsCfg = trusting
				}
				ctx, cancel := context.WithTimeout(t.Context(), patient)
				defer cancel()
				began := time.Now()
				l, err := link.Dial(ctx, url, cfg)
				if asked == served {
					require.NoError(t, err)
					require.NoError(t, l.Close())
					require.NoError(t, link.Probe(ctx, url, cfg))
					return
				}
				require.Nil(t, l)
				require.Less(t, time.Since(began), soon)
				if handshake, ok := errors.AsType[*transport.WebsocketError](err); ok {
					err = handshake.Err
				}
				var port *link.PortError
				if errors.As(err, &port) {
					require.Contains(t, []string{port.Use, port.Or}, served, "%v", err)
				} else {
					require.ErrorIs(t, err, link.ErrEnded)
				}
				if strings.HasPrefix(asked, "tcp") && !strings.HasPrefix(served, "tcp") {
					require.NotNil(t, port, "silence is asked about: %v", err)
				}
				require.ErrorAs(t, link.Probe(ctx, url, cfg), &port, "%v", err)
				require.Contains(t, []string{port.Use, port.Or}, served)
			})
		}
	}
}

// TestOtherPorts: what isn't a router's, or says what it wants itself.
func TestOtherPorts(t *testing.T) {
	answering := func(text string, after int) string {
		return serving(t, func(conn net.Conn) {
			if _, err := io.ReadFull(conn, make([]byte, after)); err == nil {
				_, _ = io.WriteString(conn, text)
				linger(conn)
			}
		})
	}
	https := "HTTP/1.1 400 Bad Request\r\nContent-Length: 53\r\n\r\nThe plain HTTP request was sent to HTTPS port; use it"
	for name, test := range map[string]struct{ url, says string }{
		"SSH":                    {"tcp://" + answering("SSH-2.0-OpenSSH_9\r\n", 0), "the port speaks SSH, and so no WAMP"},
		"nginx with TLS":         {"ws://" + answering(https, 4) + "/ws", "the port speaks TLS: use wss://"},
		"an alert":               {"ws://" + answering("\x15\x03\x01\x00\x02\x02\x46", 4) + "/ws", "the port speaks TLS: use wss://"},
		"an alert to RawSocket":  {"tcp://" + answering("\x15\x03\x01\x00\x02\x02\x46", 4), "the port speaks TLS: use tcps://"},
		"a web page":             {"tcp://" + answering("HTTP/1.1 400 Bad Request\r\n\r\n", 4), "use ws://"},
		"RawSocket to WebSocket": {"ws://" + answering("\x7f\x10\x00\x00", 4) + "/ws", "use tcp://"},
	} {
		_, err := link.Dial(t.Context(), test.url, client.Config{ResponseTimeout: patient})
		require.ErrorContains(t, err, test.says, name)
	}
}

// TestSilentPort: one with TLS that waits for more is asked about.
func TestSilentPort(t *testing.T) {
	server, _ := certificate(t, []net.IP{net.IPv4(127, 0, 0, 1)})
	addr := serving(t, func(conn net.Conn) {
		_ = tls.Server(conn, server).Handshake()
		linger(conn)
	})
	for url, use := range map[string]string{"ws://" + addr + "/ws": "use wss://", "tcp://" + addr: "use tcps://"} {
		began := time.Now()
		_, err := link.Dial(t.Context(), url, client.Config{ResponseTimeout: patient})
		require.ErrorContains(t, err, use)
		require.Less(t, time.Since(began), soon)
	}
}

// TestSlowHandshake: a router that takes its time is waited for, and asked nothing that it
// takes amiss.
func TestSlowHandshake(t *testing.T) {
	addr := serving(t, func(conn net.Conn) {
		hello := make([]byte, 4)
		if _, err := io.ReadFull(conn, hello); err != nil || hello[0] != 0x7f {
			return
		}
		time.Sleep(2500 * time.Millisecond)
		_, _ = io.WriteString(conn, jsonReply+frame(0, `[17,1,2]`))
		linger(conn)
	})
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	l, err := link.Dial(ctx, "tcp://"+addr, client.Config{})
	require.NoError(t, err)
	require.NoError(t, l.Close())
}
