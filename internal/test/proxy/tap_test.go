package proxy_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	secret = "attack at dawn, <bring> \"flags\" & Fähnchen"
	absent = "retreat at dusk"
	topic  = "com.example.orders"
)

// wire is one way for a client to reach the router through a tap.
type wire struct {
	transport  string
	name       string
	serializer serialize.Serialization
}

func (w wire) String() string { return w.transport + " " + w.name }

func (w wire) decode(data []byte) (wamp.Message, error) {
	return transport.Named(w.name).Deserialize(data)
}

func (w wire) url(r *testrouter.Router) string {
	if w.transport == "websocket" {
		return r.WebSocketURL()
	}
	return r.RawSocketURL()
}

var wires = []wire{
	{"websocket", "json", client.JSON},
	{"websocket", "msgpack", client.MSGPACK},
	{"websocket", "cbor", client.CBOR},
	{"rawsocket", "json", client.JSON},
	{"rawsocket", "msgpack", client.MSGPACK},
	{"rawsocket", "cbor", client.CBOR},
}

func startTap(t *testing.T, w wire, options ...proxy.Option) *proxy.Proxy {
	t.Helper()
	r := testrouter.Start(t)
	tap := proxy.Start(t, w.url(r), options...)
	return tap
}

func connect(t *testing.T, tap *proxy.Proxy, w wire) *client.Client {
	t.Helper()
	c, err := client.ConnectNet(harness.Timeout(t), tap.URL(), harness.Config(w.serializer))
	require.NoError(t, err)
	return c
}

func publish(t *testing.T, c *client.Client, args ...any) {
	t.Helper()
	require.NoError(t, c.Publish(topic, wamp.Dict{"acknowledge": true}, args, nil))
}

func requireContains(t *testing.T, want bool, tap *proxy.Proxy, text string) {
	t.Helper()
	found, err := tap.Contains(text)
	require.NoError(t, err)
	require.Equal(t, want, found, "%q", text)
}

// A plain payload is found, both ways, on every transport and serializer: so
// the tap can fail whoever seals nothing.
func TestPlainPayloadIsFound(t *testing.T) {
	for _, w := range wires {
		t.Run(w.String(), func(t *testing.T) {
			tap := startTap(t, w)
			sub, pub := connect(t, tap, w), connect(t, tap, w)
			got := make(chan string, 1)
			require.NoError(t, sub.Subscribe(topic, func(ev *wamp.Event) {
				text, _ := wamp.AsString(ev.Arguments[0])
				got <- text
			}, nil))
			requireContains(t, false, tap, secret)
			publish(t, pub, secret)
			require.Equal(t, secret, <-got)

			requireContains(t, true, tap, secret)
			requireContains(t, false, tap, absent)
			found, err := tap.Find([]byte(secret))
			require.NoError(t, err)
			require.Len(t, found, 2)
			require.Equal(t, []proxy.Direction{proxy.Up, proxy.Down}, []proxy.Direction{found[0].Direction, found[1].Direction})
			require.Same(t, tap.Conns()[1], found[0].Conn)
			require.Same(t, tap.Conns()[0], found[1].Conn)
			require.NoError(t, pub.Close())
			require.NoError(t, sub.Close())
		})
	}
}

// What is recorded are the WAMP messages, whole and in order.
func TestMessagesAreTheSessionsMessages(t *testing.T) {
	for _, w := range wires {
		t.Run(w.String(), func(t *testing.T) {
			tap := startTap(t, w)
			c := connect(t, tap, w)
			publish(t, c, secret)
			require.NoError(t, c.Close())
			require.NoError(t, tap.Close())

			var types []wamp.MessageType
			for _, m := range tap.Messages(nil) {
				msg, err := w.decode(m.Data)
				require.NoError(t, err)
				require.Same(t, tap.Conns()[0], m.Conn)
				require.False(t, m.Control)
				types = append(types, msg.MessageType())
				toRouter := map[wamp.MessageType]bool{wamp.HELLO: true, wamp.PUBLISH: true, wamp.GOODBYE: len(types) == 5}
				require.Equal(t, toRouter[msg.MessageType()], m.Direction == proxy.Up, msg.MessageType())
			}
			require.Equal(t, []wamp.MessageType{
				wamp.HELLO, wamp.WELCOME, wamp.PUBLISH, wamp.PUBLISHED, wamp.GOODBYE, wamp.GOODBYE,
			}, types)
		})
	}
}

// Bytes that were encoded on the way are found as the bytes that they stand for.
func TestEncodedPayloadIsFound(t *testing.T) {
	raw := []byte("\x00\x17\x18\x7f\x80\xff attack at dawn?>~ \xfb\xff")
	for _, w := range wires {
		t.Run(w.String(), func(t *testing.T) { findsEncoded(t, w, raw) })
	}
}

func findsEncoded(t *testing.T, w wire, raw []byte) {
	tap := startTap(t, w)
	c := connect(t, tap, w)
	for pad := range 3 {
		for _, encode := range []func([]byte) string{
			base64.StdEncoding.EncodeToString, base64.URLEncoding.EncodeToString,
			base64.RawStdEncoding.EncodeToString, base64.RawURLEncoding.EncodeToString, hex.EncodeToString,
			func(b []byte) string { return fmt.Sprintf("%X", b) },
		} {
			for _, tail := range []string{"", "z", "zz"} {
				requireFindsNew(t, tap, c, raw, encode(fmt.Append(nil, "abc"[:pad], string(raw), tail)))
			}
		}
	}
	signed, unsigned := make([]any, len(raw)), make([]any, len(raw))
	for i, b := range raw {
		signed[i], unsigned[i] = int(b), uint(b)
	}
	requireFindsNew(t, tap, c, raw, signed)
	requireFindsNew(t, tap, c, raw, unsigned)
	requireFindsNew(t, tap, c, raw, raw)
	requireFindsNew(t, tap, c, raw, serialize.BinaryData(raw))
	require.NoError(t, c.Close())
}

// requireFindsNew publishes an argument and requires that exactly one more
// message holds the needle.
func requireFindsNew(t *testing.T, tap *proxy.Proxy, c *client.Client, needle []byte, arg any) {
	t.Helper()
	before, err := tap.Find(needle)
	require.NoError(t, err)
	publish(t, c, arg)
	after, err := tap.Find(needle)
	require.NoError(t, err)
	require.Equal(t, len(before)+1, len(after), "%v", arg)
}
