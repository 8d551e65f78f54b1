package link_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
)

// certificate returns a server's TLS settings and the client's that trust it,
// for the addresses and names of the certificate.
func certificate(t *testing.T, ips []net.IP, names ...string) (server, trusting *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: ips, DNSNames: names,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	server = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	return server, &tls.Config{RootCAs: roots}
}

// secureServer is a RawSocket server over TLS that greets.
func secureServer(t *testing.T, addr string, config *tls.Config) string {
	t.Helper()
	return listen(t, "tcp", addr, func(conn net.Conn) {
		secure := tls.Server(conn, config)
		if _, err := io.ReadFull(secure, make([]byte, 4)); err != nil {
			return
		}
		_, _ = io.WriteString(secure, jsonReply+frame(0, `[17,1,2]`))
		linger(secure)
	}).Addr().String()
}

func secureWebServer(t *testing.T, addr string, config *tls.Config) string {
	t.Helper()
	server := httptest.NewUnstartedServer(webHandler(func(conn *websocket.Conn) {
		_ = conn.WriteMessage(websocket.TextMessage, []byte(`[17,1,2]`))
		drain(conn)
	}, "wamp.2.json"))
	require.NoError(t, server.Listener.Close())
	l, err := net.Listen("tcp", addr)
	require.NoError(t, err)
	server.Listener, server.TLS = l, config
	server.Config.ErrorLog = silent
	server.StartTLS()
	t.Cleanup(server.Close)
	return l.Addr().String()
}

func TestTLS(t *testing.T) {
	loopbacks := []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	for scheme, serve := range map[string]func(*testing.T, string, *tls.Config) string{
		"tcps": secureServer, "tcp4s": secureServer, "tcp6s": secureServer, "tcp": secureServer,
		"wss": secureWebServer, "https": secureWebServer,
	} {
		for _, host := range []string{"127.0.0.1:0", "[::1]:0"} {
			if strings.HasPrefix(scheme, "tcp4") && host[0] == '[' || strings.HasPrefix(scheme, "tcp6") && host[0] != '[' {
				continue // can't be reached
			}
			t.Run(scheme+" "+host, func(t *testing.T) {
				server, trusting := certificate(t, loopbacks)
				l := dial(t, scheme+"://"+serve(t, host, server), client.Config{TlsCfg: trusting})
				require.Equal(t, wamp.ID(2), read[*wamp.Published](t, l).Publication)
				require.NoError(t, l.Close())
				require.Empty(t, trusting.ServerName, "the caller's settings are left alone")

				// A name given is the one to check.
				server, trusting = certificate(t, nil, "router.example")
				trusting.ServerName = "router.example"
				require.NoError(t, dial(t, scheme+"://"+serve(t, host, server), client.Config{TlsCfg: trusting}).Close())

				trusting.ServerName = ""
				_, err := link.Dial(t.Context(), scheme+"://"+serve(t, host, server), client.Config{TlsCfg: trusting})
				require.ErrorContains(t, err, "certificate")
			})
		}
	}
}

// TestTLSByDefault: a scheme with TLS and no settings trusts what the system does.
func TestTLSByDefault(t *testing.T) {
	server, _ := certificate(t, []net.IP{net.IPv4(127, 0, 0, 1)})
	for _, url := range []string{
		"tcps://" + secureServer(t, "127.0.0.1:0", server),
		"wss://" + secureWebServer(t, "127.0.0.1:0", server),
	} {
		_, err := link.Dial(t.Context(), url, client.Config{})
		require.ErrorContains(t, err, "certificate")
	}
}

func TestUnixSocket(t *testing.T) {
	t.Chdir(t.TempDir())
	absolute, err := filepath.Abs("absolute.sock")
	require.NoError(t, err)
	for _, path := range []string{"relative.sock", "./dotted.sock", absolute} {
		listen(t, "unix", path, func(conn net.Conn) {
			_, _ = io.ReadFull(conn, make([]byte, 4))
			_, _ = io.WriteString(conn, jsonReply+frame(0, `[17,1,2]`))
			linger(conn)
		})
		l := dial(t, "unix://"+path, client.Config{})
		require.Equal(t, wamp.ID(2), read[*wamp.Published](t, l).Publication)
		require.False(t, l.IsLocal())
		require.NoError(t, l.Close())
		_, err := link.Dial(t.Context(), "unix://"+path, client.Config{TlsCfg: &tls.Config{}})
		require.ErrorContains(t, err, "no TLS over a unix socket")
	}
}

func TestBadURLs(t *testing.T) {
	for url, want := range map[string]string{
		"":                               "unknown scheme",
		"localhost:8080":                 "unknown scheme",
		"ftp://user:secret@host/":        `unknown scheme "ftp"`,
		"udp://host:1":                   "unknown scheme",
		"ws://user:secret@host:port/":    "port",
		"ws://user:secret@host/%zz":      "escape",
		"ws://user:secret@127.0.0.1:1/x": "malformed",
		"tcp://127.0.0.1":                "missing port",
		"tcps://127.0.0.1":               "missing port",
	} {
		l, err := link.Dial(t.Context(), url, client.Config{})
		require.ErrorContains(t, err, want, url)
		require.NotContains(t, err.Error(), "secret")
		require.Nil(t, l)
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close())
	for _, scheme := range []string{"tcp://", "tcps://", "ws://", "wss://"} {
		_, err := link.Dial(t.Context(), scheme+addr, client.Config{})
		require.ErrorContains(t, err, "refused")
	}
}

// TestContextEndsDialing at each stage, with a server that is silent there.
func TestContextEndsDialing(t *testing.T) {
	server, trusting := certificate(t, []net.IP{net.IPv4(127, 0, 0, 1)})
	silentServer := func(t *testing.T) string { return listen(t, "tcp", "127.0.0.1:0", linger).Addr().String() }
	shaken := func(t *testing.T) string { // TLS, then silence
		return listen(t, "tcp", "127.0.0.1:0", func(conn net.Conn) { linger(tls.Server(conn, server)) }).Addr().String()
	}
	for name, tt := range map[string]struct {
		scheme string
		serve  func(*testing.T) string
		tls    *tls.Config
		dial   transport.DialFunc
		proxy  bool
	}{
		"RawSocket handshake":          {scheme: "tcp://", serve: silentServer},
		"TLS handshake":                {scheme: "tcps://", serve: silentServer},
		"RawSocket handshake over TLS": {scheme: "tcps://", serve: shaken, tls: trusting},
		"WebSocket handshake":          {scheme: "ws://", serve: silentServer},
		"TLS handshake of WebSocket":   {scheme: "wss://", serve: silentServer},
		"WebSocket handshake over TLS": {scheme: "wss://", serve: shaken, tls: trusting},
		"own Dial, then silence":       {scheme: "ws://", serve: silentServer, dial: net.Dial},
		"proxy":                        {scheme: "ws://", serve: silentServer, proxy: true},
	} {
		for kind, end := range map[string]func(context.Context) (context.Context, context.CancelFunc){
			"deadline": func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 50*time.Millisecond)
			},
			"cancel": func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				timer := time.AfterFunc(50*time.Millisecond, cancel)
				return ctx, func() { timer.Stop(); cancel() }
			},
			"before": func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				cancel()
				return ctx, cancel
			},
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				cfg := client.Config{TlsCfg: tt.tls, WsCfg: transport.WebsocketConfig{Dial: tt.dial}}
				url := tt.scheme + tt.serve(t)
				if tt.proxy {
					cfg.WsCfg.ProxyURL = strings.Replace(url, "ws", "http", 1)
					url = "ws://elsewhere.example/"
				}
				ctx, cancel := end(t.Context())
				defer cancel()
				began := time.Now()
				l, err := link.Dial(ctx, url, cfg)
				require.ErrorIs(t, err, ctx.Err())
				require.Nil(t, l)
				require.Less(t, time.Since(began), patient/2)
			})
		}
	}
}

// TestContextEndsWithDialing: later it has no effect.
func TestContextEndsWithDialing(t *testing.T) {
	r := startRouter(t)
	for _, url := range []string{r.WebSocketURL(), r.RawSocketURL()} {
		ctx, cancel := context.WithTimeout(t.Context(), patient)
		dialed, err := link.Dial(ctx, url, client.Config{})
		l := messages{dialed}
		require.NoError(t, err)
		cancel()
		time.Sleep(10 * time.Millisecond)
		join(t, l)
		require.Equal(t, wamp.List{"text"}, exchange(t, l, "text"))
		require.NoError(t, l.Close())
	}
}

func TestDialLeavesTheConfigAlone(t *testing.T) {
	r := startRouter(t)
	cfg := client.Config{TlsCfg: &tls.Config{}, HelloDetails: wamp.Dict{}}
	require.NoError(t, dial(t, "http"+strings.TrimPrefix(r.WebSocketURL(), "ws"), cfg).Close())
	require.Equal(t, client.Config{TlsCfg: &tls.Config{}, HelloDetails: wamp.Dict{}}, cfg)
}
