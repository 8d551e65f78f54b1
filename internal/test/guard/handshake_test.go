package guard_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// certified is a server's settings, with a certificate for these names.
func certified(t *testing.T, names ...string) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: names, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// player is what a test plays behind a port: the beginning of a handshake.
type player func(conn net.Conn)

// says writes what it is given once, when the client has written.
func says(text string) player {
	return func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = conn.Write([]byte(text))
	}
}

// forever says text, and more of it without end: at once, or a piece each pause.
func forever(begin, more string, pause time.Duration) player {
	return func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 4096))
		_, err := conn.Write([]byte(begin))
		for err == nil {
			time.Sleep(pause)
			_, err = conn.Write([]byte(more))
		}
	}
}

// secretly plays behind TLS.
func secretly(server *tls.Config, play player) player {
	return func(conn net.Conn) { play(tls.Server(conn, server)) }
}

// upgrades is a WebSocket that is open, with something of the message behind it.
func upgrades(behind string) player {
	return func(conn net.Conn) {
		if request, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			upgrade(conn, request, request.Header.Get("Sec-WebSocket-Protocol"), behind)
		}
	}
}

// chooses is a WebSocket for that subprotocol.
func chooses(subprotocol string) player {
	return func(conn net.Conn) {
		if request, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			upgrade(conn, request, subprotocol, "")
		}
	}
}

func upgrade(conn net.Conn, request *http.Request, subprotocol, behind string) {
	_, _ = conn.Write([]byte(switching + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: " +
		subprotocol + "\r\nSec-WebSocket-Accept: " + accepted(request) + "\r\n\r\n" + behind))
}

// accepted answers the key of a request (RFC 6455, 4.2.2).
func accepted(request *http.Request) string {
	sum := sha1.Sum([]byte(request.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// shakes is a RawSocket handshake, with something of the message behind it.
func shakes(behind string) player {
	return func(conn net.Conn) {
		var hello [4]byte
		_, _ = conn.Read(hello[:])
		_, _ = conn.Write(append([]byte{0x7f, 0xf0 | hello[1]&0xf, 0, 0}, behind...))
	}
}

// handshake is a way to connect, and what the router does on it.
type handshake struct {
	scheme string
	play   player
	proxy  bool // what plays is the proxy
	strict bool // the client trusts no certificate
}

func (s handshake) connect(ctx context.Context, t *testing.T, encoding string) error {
	t.Helper()
	addr := mute(t, s.play)
	cfg := harness.Config(transport.Named(encoding).ID)
	cfg.ResponseTimeout = reply
	if s.proxy {
		cfg.WsCfg.ProxyURL = "http://" + addr
		addr = "router.invalid:80"
	}
	if strings.HasSuffix(s.scheme, "s") && s.scheme != "ws" {
		cfg.TlsCfg = &tls.Config{InsecureSkipVerify: !s.strict, ServerName: "router.example"}
	}
	session, err := transparency.ConnectNet(ctx, s.scheme+"://"+addr+"/", cfg, harness.RingOf(t, harness.NewKeys().OriginatorKey()))
	if err == nil {
		_ = session.Close()
	}
	return err
}

const (
	switching = "HTTP/1.1 101 Switching Protocols\r\n"
	drop      = 20 * time.Millisecond
)

// unfinished are routers that stop, or never get to an end, at each stage.
func unfinished(t *testing.T) map[string]handshake {
	server := certified(t, "router")
	silent := func(net.Conn) {}
	return map[string]handshake{
		"accepts, no more":             {scheme: "ws", play: silent},
		"accepts the proxy's":          {scheme: "ws", play: silent, proxy: true},
		"half a reply to CONNECT":      {scheme: "ws", play: says("HTTP/1.1 200 O"), proxy: true},
		"half a reply":                 {scheme: "ws", play: says(switching + "Upgrade: web")},
		"a header in drops":            {scheme: "ws", play: forever(switching+"X: ", "x", drop)},
		"no WELCOME":                   {scheme: "ws", play: upgrades("")},
		"half a WELCOME":               {scheme: "ws", play: upgrades("\x81\x7e\x01\x00[2,")},
		"no TLS":                       {scheme: "wss", play: silent},
		"half of TLS":                  {scheme: "wss", play: says("\x16\x03\x03\x00\x7a\x02")},
		"TLS, no reply":                {scheme: "wss", play: secretly(server, says(""))},
		"RawSocket, accepts, no more":  {scheme: "tcp", play: silent},
		"RawSocket, half a handshake":  {scheme: "tcp", play: says("\x7f\xf1")},
		"RawSocket, no WELCOME":        {scheme: "tcp", play: shakes("")},
		"RawSocket, half a WELCOME":    {scheme: "tcp", play: shakes("\x00\x00\x10\x00[2,")},
		"RawSocket, a frame in drops":  {scheme: "tcp", play: func(conn net.Conn) { shakes("\x00\x00\x10\x00")(conn); forever("", "[", drop)(conn) }},
		"RawSocket, pings":             {scheme: "tcp", play: func(conn net.Conn) { shakes("")(conn); forever("", "\x01\x00\x00\x01x", drop)(conn) }},
		"RawSocket, no TLS":            {scheme: "tcps", play: silent},
		"RawSocket, half of TLS":       {scheme: "tcps", play: says("\x16\x03\x03\x00\x7a\x02")},
		"RawSocket, TLS, no handshake": {scheme: "tcps", play: secretly(server, says(""))},
	}
}

// TestHandshakeUnfinished: connecting ends with the response timeout where its context
// has no end.
func TestHandshakeUnfinished(t *testing.T) {
	i := 0
	for name, s := range unfinished(t) {
		encoding := handrouter.Serializers[i%3]
		i++
		t.Run(name+"/"+encoding, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			err := s.connect(context.Background(), t, encoding)
			require.Error(t, err)
			require.Less(t, time.Since(begun), 2*reply+loaded, "the handshake has one timeout, WELCOME another")
		})
	}
}

// TestHandshakeWithoutEnd: a handshake that goes on and on takes little memory, and no
// longer than it may.
func TestHandshakeWithoutEnd(t *testing.T) {
	const most = 16 << 20
	line := "X: " + strings.Repeat("x", 1000) + "\r\n"
	record := "\x16\x03\x03\x40\x00" + strings.Repeat("\x0b", 1<<14)
	attacks := map[string]handshake{
		"lines of headers":        {scheme: "ws", play: forever(switching, strings.Repeat(line, 64), 0)},
		"one header":              {scheme: "ws", play: forever(switching+"X: ", strings.Repeat("x", 64<<10), 0)},
		"status":                  {scheme: "ws", play: forever("HTTP/1.1 ", strings.Repeat("1", 64<<10), 0)},
		"headers of a proxy":      {scheme: "ws", play: forever("HTTP/1.1 200 OK\r\n", strings.Repeat(line, 64), 0), proxy: true},
		"one header of a proxy":   {scheme: "ws", play: forever("HTTP/1.1 200 OK\r\nX: ", strings.Repeat("x", 64<<10), 0), proxy: true},
		"body of a refusal":       {scheme: "ws", play: forever("HTTP/1.1 403 No\r\n\r\n", strings.Repeat("x", 64<<10), 0)},
		"no TLS":                  {scheme: "wss", play: forever("", strings.Repeat("x", 64<<10), 0)},
		"TLS":                     {scheme: "wss", play: forever("", record, 0)},
		"TLS for RawSocket":       {scheme: "tcps", play: forever("", record, 0)},
		"no TLS for RawSocket":    {scheme: "tcps", play: forever("", strings.Repeat("x", 64<<10), 0)},
		"no handshake, RawSocket": {scheme: "tcp", play: forever("", strings.Repeat("x", 64<<10), 0)},
		"one frame of RawSocket":  {scheme: "tcp", play: forever("", "\x7f\xf1\x00\x00", 0)},
	}
	out, code := harness.InVictim(t, func(t *testing.T) {
		for name, s := range attacks {
			begun := time.Now()
			grown(t, name, most, func() { require.Error(t, s.connect(context.Background(), t, "json"), name) })
			require.Less(t, time.Since(begun), 2*reply+loaded, name)
		}
	})
	t.Log(out)
	require.Zero(t, code)
}

// TestHandshakeThatComputes: what a CHALLENGE has an AuthFunc compute holds nobody up
// whose context has ended.
func TestHandshakeThatComputes(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		computing, release, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
		st.change = func(cfg *client.Config) {
			cfg.AuthHandlers = map[string]client.AuthFunc{"wampcra": func(*wamp.Challenge) (string, wamp.Dict) {
				defer close(done)
				close(computing)
				<-release
				return "", nil
			}}
		}
		r, cfg := st.start(t)
		ctx, cancel := context.WithCancel(harness.Timeout(t))
		connected := harness.Go(func() error {
			_, err := transparency.ConnectNet(ctx, r.URL(), cfg, harness.RingOf(t, harness.NewKeys().In(d).OriginatorKey()))
			return err
		})
		conn := r.Accept()
		conn.Next()
		conn.Send(wamp.CHALLENGE, "wampcra", wamp.Dict{"challenge": "{}", "salt": "salt", "iterations": 10_000_000, "keylen": 32})
		harness.Receive(t, computing)
		cancel()
		begun := time.Now()
		require.ErrorIs(t, harness.Receive(t, connected), context.Canceled)
		require.Less(t, time.Since(begun), loaded)
		require.Nil(t, conn.Next(), "nothing is answered")
		close(release)
		harness.Receive(t, done)
	})
}
