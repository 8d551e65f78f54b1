package validation_test

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/validation"
)

// orders are schemas for what an application sends: structs, bytes, times, numbers.
var orders = folderOf(map[string]string{
	"index.json": `{"version": 1, "patterns": [
		{"prefix": "com.myapp.encrypted.", "event": {"args": "order.json#/$defs/args"}, "call": {"args": "order.json#/$defs/args"}, "result": {"args": "order.json#/$defs/args"},
			"progress": {"args": "order.json#/$defs/args"}},
		{"prefix": "com.plain.", "event": {"args": "order.json#/$defs/args"}, "call": {"args": "order.json#/$defs/args"}, "result": {"args": "order.json#/$defs/args"},
			"progress": {"args": "order.json#/$defs/args"}, "error": {"args": "order.json#/$defs/args"}},
		{"exact": "com.myapp.encrypted.error", "error": {"args": "order.json#/$defs/args"}}]}`,
	"order.json": `{"$defs": {
		"args": {"prefixItems": [{"$ref": "#/$defs/order"}], "minItems": 1, "maxItems": 1},
		"order": {"type": "object", "required": ["item", "count", "label", "at", "weight"], "additionalProperties": false, "properties": {
			"item": {"type": "string", "minLength": 1},
			"count": {"type": "integer", "minimum": 1},
			"label": {"type": "string", "contentEncoding": "base64", "maxLength": 8},
			"at": {"type": "string", "format": "date-time"},
			"weight": {"type": "number"}}}}}`,
})

// order is what an application sends: its label is bytes.
type order struct {
	Item   string    `json:"item"`
	Count  uint8     `json:"count"`
	Label  []byte    `json:"label"`
	At     time.Time `json:"at"`
	Weight float32   `json:"weight"`
}

func newOrder(count uint8) order {
	return order{"tea", count, []byte{0, 1, 255}, time.Date(2026, 11, 27, 6, 0, 0, 0, time.UTC), 0.5}
}

const wrongCount = "args[0].count"

// transports are the ways to reach a router.
var transports = map[string]func(t *testing.T, r *testrouter.Router, ring *keyring.Ring, opts ...transparency.Option) *transparency.Session{
	"local": func(t *testing.T, r *testrouter.Router, ring *keyring.Ring, opts ...transparency.Option) *transparency.Session {
		s, err := transparency.ConnectLocal(r.Router(), harness.Config(0), ring, opts...)
		require.NoError(t, err)
		return s
	},
	"websocket json": over((*testrouter.Router).WebSocketURL, client.JSON), "websocket msgpack": over((*testrouter.Router).WebSocketURL, client.MSGPACK),
	"websocket cbor": over((*testrouter.Router).WebSocketURL, client.CBOR), "rawsocket json": over((*testrouter.Router).RawSocketURL, client.JSON),
	"rawsocket msgpack": over((*testrouter.Router).RawSocketURL, client.MSGPACK), "rawsocket cbor": over((*testrouter.Router).RawSocketURL, client.CBOR),
}

func over(url func(*testrouter.Router) string, serialization serialize.Serialization) func(*testing.T, *testrouter.Router, *keyring.Ring, ...transparency.Option) *transparency.Session {
	return func(t *testing.T, r *testrouter.Router, ring *keyring.Ring, opts ...transparency.Option) *transparency.Session {
		s, err := transparency.ConnectNet(context.Background(), url(r), harness.Config(serialization), ring, opts...)
		require.NoError(t, err)
		return s
	}
}

var keys = map[string]harness.Keys{
	"box": harness.NewKeys(), "xbox": {Originator: cryptobox.GenerateKey(), Responder: cryptobox.GenerateKey(), Suite: cryptobox.SuiteXBox},
	"shared": harness.SharedKeys(keyring.Shared(cryptobox.GenerateSymmetricKey())),
	"signed": harness.SignedKeys(cryptobox.SuiteSigned, false), "signed-pq": harness.SignedKeys(cryptobox.SuiteSignedPQ, true),
}

// TestSessions: what is valid arrives, and what isn't is refused at either end, sealed in every
// suite and plain, over every transport.
func TestSessions(t *testing.T) {
	r := testrouter.Start(t)
	for suite, k := range keys {
		for name, connect := range transports {
			t.Run(suite+"/"+name, func(t *testing.T) {
				v, err := validation.LoadFS(orders)
				require.NoError(t, err)
				refused, collecting := harness.Collect()
				careful := connect(t, r, harness.RingOf(t, k.ResponderKey()), transparency.WithValidator(v), collecting)
				careless := connect(t, r, harness.RingOf(t, k.OriginatorKey()))
				strict := connect(t, r, harness.RingOf(t, k.OriginatorKey()), transparency.WithValidator(v))
				for _, prefix := range []string{harness.Prefix, "com.plain."} {
					requireValidated(t, prefix, careful, careless, strict, refused)
				}
				for _, s := range []*transparency.Session{careful, careless, strict} {
					require.NoError(t, s.Close())
				}
			})
		}
	}
}

func requireValidated(t *testing.T, prefix string, careful, careless, strict *transparency.Session, refused *harness.Rejections) {
	t.Helper()
	invalid := func(err error, op string) {
		t.Helper()
		harness.RequireReason(t, err, transparency.Invalid)
		require.Contains(t, err.Error(), op+" ")
		require.Contains(t, err.Error(), ": invalid: "+wrongCount+": minimum")
		require.NotContains(t, err.Error(), "tea")
	}
	got := make(chan *wamp.Event, 1)
	require.NoError(t, careful.Subscribe(prefix+"o", func(ev *wamp.Event) { got <- ev }, nil))
	require.NoError(t, careful.Register(prefix+"o", harness.Echo, nil))
	require.NoError(t, careless.Publish(prefix+"o", nil, wamp.List{newOrder(0)}, nil))
	invalid(refused.Next(t), "event")
	invalid(strict.Publish(prefix+"o", nil, wamp.List{newOrder(0)}, nil), "publish")
	for _, s := range []*transparency.Session{careless, strict} {
		require.NoError(t, s.Publish(prefix+"o", nil, wamp.List{newOrder(1)}, nil))
		require.Len(t, harness.Receive(t, got).Arguments, 1)
		_, err := s.Call(harness.Timeout(t), prefix+"o", nil, wamp.List{newOrder(1)}, nil, nil)
		require.NoError(t, err)
	}
	_, err := careless.Call(harness.Timeout(t), prefix+"o", nil, wamp.List{newOrder(0)}, nil, nil)
	raised := harness.Raised(t, err)
	require.Equal(t, wamp.ErrInvalidArgument, raised.Error)
	require.Equal(t, wamp.Dict{"path": wrongCount, "why": "minimum"}, raised.ArgumentsKw)
	_, sealed := transparency.InfoFrom(raised.Details)
	require.Equal(t, prefix == harness.Prefix, sealed)
	invalid(refused.Next(t), "invocation")
	_, err = strict.Call(harness.Timeout(t), prefix+"o", nil, wamp.List{newOrder(0)}, nil, nil)
	invalid(err, "call")
	require.NoError(t, careful.Unregister(prefix+"o"))
	require.NoError(t, careful.Unsubscribe(prefix+"o"))
	requireAnswersValidated(t, prefix+"o", careful, careless, refused, invalid)
}

// requireAnswersValidated: careful sends no invalid progress and no invalid result.
func requireAnswersValidated(t *testing.T, procedure string, careful, careless *transparency.Session, refused *harness.Rejections, invalid func(error, string)) {
	t.Helper()
	progressed := make(chan error, 1)
	require.NoError(t, careful.Register(procedure, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		progressed <- careful.SendProgress(ctx, wamp.List{newOrder(0)}, nil)
		return client.InvokeResult{Args: wamp.List{newOrder(0)}}
	}, nil))
	_, err := careless.Call(harness.Timeout(t), procedure, nil, wamp.List{newOrder(1)}, nil, func(*wamp.Result) {})
	require.EqualValues(t, "wamp.error.runtime_error", harness.Raised(t, err).Error)
	invalid(harness.Receive(t, progressed), "yield")
	invalid(refused.Next(t), "yield")
	require.NoError(t, careful.Unregister(procedure))
}
