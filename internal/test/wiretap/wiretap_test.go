package wiretap_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/wiretap"
)

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
	switch w.serializer {
	case client.MSGPACK:
		return (&serialize.MessagePackSerializer{}).Deserialize(data)
	case client.CBOR:
		return (&serialize.CBORSerializer{}).Deserialize(data)
	default:
		return (&serialize.JSONSerializer{}).Deserialize(data)
	}
}

var wires = []wire{
	{"websocket", "json", client.JSON},
	{"websocket", "msgpack", client.MSGPACK},
	{"websocket", "cbor", client.CBOR},
	{"rawsocket", "json", client.JSON},
	{"rawsocket", "msgpack", client.MSGPACK},
	{"rawsocket", "cbor", client.CBOR},
}

func startTap(t *testing.T, transport string, options ...wiretap.Option) *wiretap.Tap {
	t.Helper()
	// Cleanups run last in, first out: leaks are looked for at the end.
	t.Cleanup(func() { goleak.VerifyNone(t) })
	r, err := testrouter.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	var tap *wiretap.Tap
	if transport == "websocket" {
		tap, err = wiretap.WebSocket(r.WebSocketURL(), options...)
	} else {
		tap, err = wiretap.RawSocket(r.RawSocketURL(), options...)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, tap.Close()) })
	return tap
}

func connect(t *testing.T, tap *wiretap.Tap, w wire) *client.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c, err := client.ConnectNet(ctx, tap.URL(), client.Config{
		Realm: "realm1", Serialization: w.serializer, Logger: log.New(io.Discard, "", 0),
	})
	require.NoError(t, err)
	return c
}

func publish(t *testing.T, c *client.Client, args ...any) {
	t.Helper()
	require.NoError(t, c.Publish(topic, wamp.Dict{"acknowledge": true}, args, nil))
}

func requireContains(t *testing.T, want bool, tap *wiretap.Tap, text string) {
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
			tap := startTap(t, w.transport)
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
			require.Equal(t, []bool{true, false}, []bool{found[0].ToRouter, found[1].ToRouter})
			require.Equal(t, []int{2, 1}, []int{found[0].Session, found[1].Session})
			require.WithinDuration(t, time.Now(), found[0].Time, time.Minute)
			require.NoError(t, pub.Close())
			require.NoError(t, sub.Close())
		})
	}
}

// What is recorded are the WAMP messages, whole and in order.
func TestMessagesAreTheSessionsMessages(t *testing.T) {
	for _, w := range wires {
		t.Run(w.String(), func(t *testing.T) {
			tap := startTap(t, w.transport)
			c := connect(t, tap, w)
			publish(t, c, secret)
			require.NoError(t, c.Close())
			require.NoError(t, tap.Close())

			var types []wamp.MessageType
			for _, m := range tap.Messages() {
				msg, err := w.decode(m.Data)
				require.NoError(t, err)
				require.Equal(t, 1, m.Session)
				require.False(t, m.Control)
				types = append(types, msg.MessageType())
				toRouter := map[wamp.MessageType]bool{wamp.HELLO: true, wamp.PUBLISH: true, wamp.GOODBYE: len(types) == 5}
				require.Equal(t, toRouter[msg.MessageType()], m.ToRouter, msg.MessageType())
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
	tap := startTap(t, w.transport)
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
func requireFindsNew(t *testing.T, tap *wiretap.Tap, c *client.Client, needle []byte, arg any) {
	t.Helper()
	before, err := tap.Find(needle)
	require.NoError(t, err)
	publish(t, c, arg)
	after, err := tap.Find(needle)
	require.NoError(t, err)
	require.Equal(t, len(before)+1, len(after), "%v", arg)
}
