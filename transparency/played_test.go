package transparency_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// played is a Session on a real connection to a router that the test plays, in a
// dialect, with the keys of the other end.
type played struct {
	*transparency.Session
	*handrouter.Conn
	*harness.Forger

	t        testing.TB
	dialect  dialect
	encoding string        // of messages
	ring     *keyring.Ring // the Session's
	refused  *harness.Rejections
}

// marker is in every payload that must not be seen.
const marker = "top secret marker"

// play connects a Session with own, to a router that holds other.
func play(t testing.TB, d dialect, transport handrouter.Transport, encoding string, own, other keyring.Key, opts ...transparency.Option) *played {
	t.Helper()
	refused, collecting := harness.Collect()
	p := playQuietly(t, d, transport, encoding, own, other, append(opts, collecting)...)
	p.refused = refused
	return p
}

// playQuietly is play without a record of what is refused.
func playQuietly(t testing.TB, d dialect, transport handrouter.Transport, encoding string, own, other keyring.Key, opts ...transparency.Option) *played {
	t.Helper()
	return playOn(t, handrouter.Start(t, transport, encoding), d, encoding, own, other, opts...)
}

// playOn is playQuietly on a router.
func playOn(t testing.TB, r *handrouter.Router, d dialect, encoding string, own, other keyring.Key, opts ...transparency.Option) *played {
	t.Helper()
	cfg := harness.Config(r.Serialization())
	ring := harness.RingOf(t, own)
	s, conn := harness.Welcome(t, r, slices.Concat(autobahn.router, passthru.router), func() (*transparency.Session, error) {
		return transparency.ConnectNet(context.Background(), r.URL(), cfg, ring, opts...)
	})
	return &played{
		Session: s, Conn: conn, Forger: harness.Holding(t, harness.RingOf(t, other)),
		t: t, dialect: d, encoding: encoding, ring: ring,
	}
}

// playing connects a Session with own to a router that holds other.
type playing func(own, other keyring.Key, opts ...transparency.Option) *played

// forEachPlayed runs the test for each dialect on each kind of connection, with keys for
// it.
func forEachPlayed(t *testing.T, test func(t *testing.T, k harness.Keys, play playing)) {
	t.Helper()
	for _, d := range dialects {
		for _, transport := range handrouter.Transports {
			for _, encoding := range handrouter.Serializers {
				t.Run(d.String()+"/"+string(transport)+"/"+encoding, func(t *testing.T) {
					t.Parallel()
					test(t, harness.NewKeys().In(d.Dialect), func(own, other keyring.Key, opts ...transparency.Option) *played {
						return play(t, d, transport, encoding, own, other, opts...)
					})
				})
			}
		}
	}
}

// binary is how the connection's serializer has binary data.
func (p *played) binary(b []byte) any { return binaryIn(p.encoding, b) }

func binaryIn(encoding string, b []byte) any {
	if encoding == "json" {
		return "\x00" + base64.StdEncoding.EncodeToString(b)
	}
	return b
}

// bytesIn is the inverse of binary, and takes nothing else.
func (p *played) bytesIn(v any) []byte {
	p.t.Helper()
	if p.encoding != "json" {
		b, ok := v.([]byte)
		require.True(p.t, ok, "%T is no binary data", v)
		return b
	}
	text, ok := v.(string)
	require.True(p.t, ok, "%T is no text", v)
	require.True(p.t, strings.HasPrefix(text, "\x00"), "binary data begins with NUL")
	b, err := base64.StdEncoding.Strict().DecodeString(text[1:])
	require.NoError(p.t, err)
	return b
}

// nextMessage returns the next message of the Session, which holds no plaintext.
func (p *played) nextMessage() []any {
	p.t.Helper()
	data := p.NextBytes()
	require.False(p.t, bytes.Contains(data, []byte(marker)), "plaintext on the wire")
	serializer := map[string]serialize.Serializer{
		"json":    &serialize.JSONSerializer{},
		"msgpack": &serialize.MessagePackSerializer{},
		"cbor":    &serialize.CBORSerializer{},
	}[p.encoding]
	var list []any
	require.NoError(p.t, serializer.DeserializeDataItem(data, &list))
	return list
}

// requireHead compares the first elements of a message. nil stands for any id.
func (p *played) requireHead(want, got []any) {
	p.t.Helper()
	require.GreaterOrEqual(p.t, len(got), len(want))
	for i := range want {
		switch want := want[i].(type) {
		case nil:
			id, ok := wamp.AsID(got[i])
			require.True(p.t, ok && id != 0, "element %d is no id", i)
		case map[string]any:
			require.Equal(p.t, want, got[i], "element %d", i)
		case string:
			require.Equal(p.t, want, got[i], "element %d", i)
		default:
			require.EqualValues(p.t, want, got[i], "element %d", i)
		}
	}
}

// sealedMessage takes the next message of the Session, which has to begin with
// head and to carry, beyond that, an envelope in the dialect and nothing else. It
// opens that with the key of the other end.
func (p *played) sealedMessage(head ...any) (got []any, record *harness.Record, token cryptobox.Token) {
	p.t.Helper()
	got = p.nextMessage()
	require.GreaterOrEqual(p.t, len(got), len(head))
	payload := p.bytesIn(harness.At(p.t, got[len(head):], p.dialect.where...))
	dialect := p.Version.Dialect()
	env := &wire.Envelope{Payload: payload}
	if dialect.Foreign() {
		env.Algorithm, env.KeyID = p.Version.Cipher().Algorithm(dialect), p.Version.ID()
	}
	want := p.dialect.message(head, p.dialect.fields(env), harness.At(p.t, got[len(head):], p.dialect.where...))
	require.Len(p.t, got, len(want), "the message has to end with its payload")
	p.requireHead(want[:len(head)], got)
	require.Equal(p.t, want[len(head):], got[len(head):])
	record, token = p.OpenPayload(payload)
	return got, record, token
}

// plainMessage takes the next message of the Session, which has to be head and no
// more.
func (p *played) plainMessage(head ...any) []any {
	p.t.Helper()
	got := p.nextMessage()
	require.Len(p.t, got, len(head))
	p.requireHead(head, got)
	return got
}

// deliver sends a message that begins with head and carries record.
func (p *played) deliver(record *harness.Record, head ...any) cryptobox.Token {
	p.t.Helper()
	env, token := p.Envelope(record)
	p.Send(p.dialect.message(head, p.dialect.fields(env), p.binary(env.Payload))...)
	return token
}

// Ids that the router gives.
const (
	subscription = 101
	publication  = 102
	registration = 103
)

// subscribed has the Session subscribe.
func (p *played) subscribed(topic string) <-chan *wamp.Event {
	p.t.Helper()
	got := make(chan *wamp.Event, 100)
	done := harness.Go(func() error { return p.Subscribe(topic, func(ev *wamp.Event) { got <- ev }, nil) })
	request := p.plainMessage(wamp.SUBSCRIBE, nil, map[string]any{}, topic)[1]
	p.Send(wamp.SUBSCRIBED, request, subscription)
	require.NoError(p.t, harness.Receive(p.t, done))
	return got
}

// registered has the Session register.
func (p *played) registered(procedure string, fn client.InvocationHandler) {
	p.t.Helper()
	done := harness.Go(func() error { return p.Register(procedure, fn, nil) })
	request := p.plainMessage(wamp.REGISTER, nil, map[string]any{}, procedure)[1]
	p.Send(wamp.REGISTERED, request, registration)
	require.NoError(p.t, harness.Receive(p.t, done))
}

// calling has the Session call, in a goroutine of its own.
func (p *played) calling(procedure string, args wamp.List, kwargs wamp.Dict, progress client.ProgressHandler) <-chan harness.Outcome {
	return harness.Calling(func(ctx context.Context) (*wamp.Result, error) {
		return p.Call(ctx, procedure, nil, args, kwargs, progress)
	})
}
