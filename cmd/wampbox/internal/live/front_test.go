package live_test

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
)

// secureFront has TLS in front of a router's RawSocket. It gives its URL, and the file
// with its certificate.
func secureFront(t testing.TB, r *testrouter.Router) (routerURL, ca string) {
	t.Helper()
	web := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(web.Close)
	ca = secret(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})))
	config := &tls.Config{Certificates: web.TLS.Certificates}
	address := transport.Listen(t, func(conn net.Conn) {
		secure := tls.Server(conn, config)
		defer func() { _ = secure.Close() }()
		behind, err := net.Dial("tcp", strings.TrimPrefix(r.RawSocketURL(), "tcp://"))
		if err != nil {
			return
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = io.Copy(behind, secure)
			_ = behind.Close()
		}()
		_, _ = io.Copy(secure, behind)
		_ = secure.Close()
		<-done
	})
	return "tcps://" + strings.TrimPrefix(address, "tcp://"), ca
}

// chatter answers at once, and not as a router does.
func chatter(t testing.TB) string {
	t.Helper()
	address := transport.Listen(t, func(conn net.Conn) {
		_, _ = conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
		_, _ = io.Copy(io.Discard, conn)
	})
	return "tcp://" + strings.TrimPrefix(address, "tcp://")
}

func TestTLS(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	front, ca := secureFront(t, router)
	fine(t, with("pub", append(at(front, files.originator), "-ca", ca), prefix+"x")...)
	_, err := tool(t, with("pub", at(front, files.originator), prefix+"x")...)
	require.ErrorContains(t, err, "no secure connection to "+front)
	require.ErrorContains(t, err, "give the certificate of who vouches for the router with -ca FILE")
	_, err = tool(t, with("pub", append(at(front, files.originator), "-ca", files.originator), prefix+"x")...)
	require.ErrorContains(t, err, "has no certificate in PEM")
	_, err = tool(t, with("pub", at("tcps"+strings.TrimPrefix(router.RawSocketURL(), "tcp"), files.originator), prefix+"x")...)
	require.Error(t, err)

	doctor := fine(t, "doctor", "-router", front, "-realm", realm, "-ca", ca, files.originator)
	require.Contains(t, doctor.err.String(), "no findings")
	doctor, err = tool(t, "doctor", "-router", front, "-realm", realm, files.originator)
	require.Error(t, err)
	require.Contains(t, doctor.out.String(), "[tls]\n   fix: give the certificate")
}

// clockFront is a web server in front of a router, whose clock is ahead.
func clockFront(t testing.TB, r *testrouter.Router, ahead time.Duration) string {
	t.Helper()
	behind, err := url.Parse("http" + strings.TrimPrefix(r.WebSocketURL(), "ws"))
	require.NoError(t, err)
	behind.Path = ""
	proxy := httputil.NewSingleHostReverseProxy(behind)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.Header.Get("Upgrade") != "" {
			proxy.ServeHTTP(w, request)
			return
		}
		w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
	}))
	t.Cleanup(web.Close)
	return "ws" + strings.TrimPrefix(web.URL, "http") + "/ws"
}

func TestClock(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	for ahead, says := range map[time.Duration]string{
		0:              "",
		time.Hour:      "differ by 1h0m0s",
		-2 * time.Hour: "differ by ",
	} {
		doctor := fine(t, "doctor", "-router", clockFront(t, router, ahead), "-realm", realm, files.originator)
		if says == "" {
			require.Empty(t, doctor.out.String())
			continue
		}
		require.Contains(t, doctor.out.String(), "[clock]")
	}
}

// TestWrongPorts: each command says at once which scheme the port of a router has.
func TestWrongPorts(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	front, ca := secureFront(t, router)
	web := strings.TrimSuffix(strings.TrimPrefix(router.WebSocketURL(), "ws://"), "/ws")
	raw, secure := strings.TrimPrefix(router.RawSocketURL(), "tcp://"), strings.TrimPrefix(front, "tcps://")
	for url, use := range map[string]string{
		"tcp://" + web: "use ws://", "ws://" + raw + "/ws": "use tcp://", "ws://" + secure + "/ws": "or tcps://", "tcp://" + secure: "use tcps://",
		"wss://" + web + "/ws": "use ws://", "tcps://" + web: "use ws://", "tcps://" + raw: "use tcp://", "wss://" + raw + "/ws": "use tcp://", "wss://" + secure + "/ws": "use tcps://",
	} {
		flags := at(url, files.originator)
		if strings.HasPrefix(url, "wss") || strings.HasPrefix(url, "tcps") {
			flags = append(flags, "-ca", ca)
		}
		began := time.Now()
		_, err := tool(t, with("pub", flags, prefix+"x")...)
		require.ErrorContains(t, err, use, url)
		require.ErrorContains(t, err, "what answers at "+url+" doesn't speak WAMP as was asked; give another -router URL: the port speaks ")
		require.Less(t, time.Since(began), 10*time.Second, url)
		r, err := tool(t, slices.Concat([]string{"doctor"}, flags[:4], flags[6:], []string{files.originator})...)
		require.Error(t, err)
		require.Contains(t, r.out.String(), "[no-router]\n   fix: give another -router URL: the port speaks ", url)
	}
}
