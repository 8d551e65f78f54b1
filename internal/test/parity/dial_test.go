package parity_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
)

// listening is how a router is reached beyond the listeners of the shared one.
type listening struct {
	url string
	tls *tls.Config // what a client needs
}

// secured starts a WebSocket server with TLS, whose certificate the others use too.
func secured(w *world) (web *httptest.Server, config *tls.Config) {
	w.Helper()
	web = httptest.NewUnstartedServer(router.NewWebsocketServer(shared.Router()))
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	web.StartTLS()
	w.Cleanup(web.Close)
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	return web, &tls.Config{RootCAs: roots, ServerName: "example.com", MinVersion: tls.VersionTLS12}
}

// address is that of a listener that nexus's servers return.
func address(w *world, closer io.Closer, err error) string {
	w.Helper()
	require.NoError(w, err)
	w.Cleanup(func() { _ = closer.Close() })
	return closer.(net.Listener).Addr().String()
}

// listeners are the forms of a router's URL.
var listeners = map[string]func(w *world) listening{
	"http": func(*world) listening {
		return listening{url: "http" + strings.TrimPrefix(shared.WebSocketURL(), "ws")}
	},
	"https": func(w *world) listening {
		web, config := secured(w)
		return listening{web.URL, config}
	},
	"wss": func(w *world) listening {
		web, config := secured(w)
		return listening{"wss" + strings.TrimPrefix(web.URL, "https"), config}
	},
	"tcp4": func(*world) listening {
		return listening{url: "tcp4" + strings.TrimPrefix(shared.RawSocketURL(), "tcp")}
	},
	"tcps": func(w *world) listening {
		web, config := secured(w)
		closer, err := router.NewRawSocketServer(shared.Router()).ListenAndServeTLS("tcp", "127.0.0.1:0",
			&tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12}, "", "")
		return listening{"tcps://" + address(w, closer, err), config}
	},
	"unix": func(w *world) listening {
		closer, err := router.NewRawSocketServer(shared.Router()).ListenAndServe("unix", filepath.Join(w.TempDir(), "s"))
		return listening{url: "unix://" + address(w, closer, err)}
	},
}

// TestURLs connects in every way that a URL can say, and calls a procedure.
func TestURLs(t *testing.T) {
	for name, listen := range listeners {
		t.Run(name, func(t *testing.T) {
			both(t, []link{webMsgpack}, outcome{"connecting": "no error", "call": "[hello]", "close": "no error"}, func(w *world) {
				l := listen(w)
				cfg := w.config(nil)
				cfg.TlsCfg = l.tls
				c, err := w.maker().net(w.soon(), l.url, cfg)
				w.noteError("connecting", err)
				require.NoError(w, err)
				w.register(c, procedure, echo, nil)
				result, err := c.Call(w.soon(), procedure, nil, wamp.List{"hello"}, nil, nil)
				require.NoError(w, err)
				w.note("call", fmt.Sprint(result.Arguments))
				w.noteError("close", c.Close())
			})
		})
	}
}

// TestCompression: WebSocket messages may be compressed.
func TestCompression(t *testing.T) {
	both(t, networks[:3], outcome{"call": 4000}, func(w *world) {
		c := w.connect(func(cfg *client.Config) { cfg.WsCfg.EnableCompression = true })
		w.register(c, procedure, echo, nil)
		result, err := c.Call(w.soon(), procedure, nil, wamp.List{strings.Repeat("abcd", 1000)}, nil, nil)
		require.NoError(w, err)
		w.note("call", len(text(result.Arguments[0])))
	})
}

// TestConnectWithAnEndedContext: nothing is dialled.
func TestConnectWithAnEndedContext(t *testing.T) {
	for _, url := range []string{"ws://127.0.0.1:9/ws", "wss://127.0.0.1:9/ws", "http://127.0.0.1:9/ws", "https://127.0.0.1:9/ws", "tcp://127.0.0.1:9", "tcps://127.0.0.1:9", "unix:///nowhere/wamp.sock"} {
		scheme, _, _ := strings.Cut(url, ":")
		t.Run(scheme, func(t *testing.T) {
			both(t, []link{webJSON}, outcome{"says canceled": true}, func(w *world) {
				ctx, cancel := context.WithCancel(context.Background())
				cancel()
				m := w.maker()
				c, err := m.net(ctx, url, w.config(nil))
				require.Nil(w, c)
				require.Error(w, err)
				w.note("says canceled", strings.Contains(err.Error(), "canceled"))
				if m.name == ours.name { // nexus's WebSocket client doesn't wrap it
					require.ErrorIs(w, err, context.Canceled)
				}
			})
		})
	}
}

// TestConnectNowhere: URLs that lead nowhere are errors.
func TestConnectNowhere(t *testing.T) {
	for name, c := range map[string]struct {
		url string
		tls *tls.Config
	}{
		"unknown scheme":    {url: "gopher://127.0.0.1:9/"},
		"no scheme":         {url: "127.0.0.1"},
		"no URL":            {url: "://"},
		"nobody listens":    {url: "tcp://127.0.0.1:1"},
		"nobody on the web": {url: "ws://127.0.0.1:1/"},
		"no such socket":    {url: "unix:///nowhere/wamp.sock"},
		"unix with TLS":     {url: "unix:///nowhere/wamp.sock", tls: &tls.Config{MinVersion: tls.VersionTLS12}},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, []link{webJSON}, outcome{"connecting": "error"}, func(w *world) {
				cfg := w.config(nil)
				cfg.TlsCfg = c.tls
				client, err := w.maker().net(w.soon(), c.url, cfg)
				require.Nil(w, client)
				w.noteError("connecting", err)
			})
		})
	}
}

// TestUntrustedCertificate: a certificate that the client doesn't know ends it.
func TestUntrustedCertificate(t *testing.T) {
	for _, name := range []string{"wss", "tcps"} {
		t.Run(name, func(t *testing.T) {
			both(t, []link{webJSON}, outcome{"connecting": `error "certificate"`}, func(w *world) {
				cfg := w.config(nil)
				cfg.TlsCfg = &tls.Config{MinVersion: tls.VersionTLS12}
				c, err := w.maker().net(w.soon(), listeners[name](w).url, cfg)
				require.Nil(w, c)
				w.noteError("connecting", err, "certificate")
			})
		})
	}
}
