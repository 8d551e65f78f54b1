package format_test

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Ids that the router gives.
const (
	subscription = 101
	registration = 103
)

// outcome is what became of a message: delivered, or refused.
type outcome struct {
	args, kwargs any
	details      wamp.Dict
	uri          string
	refused      *transparency.Error
}

// talk is a Session that is sent the messages of a vector.
type talk struct {
	t        *testing.T
	v        *vector
	file     *file
	encoding string // of messages
	bubble   *bubble
	random   *dealt
	conn     *handrouter.Conn
	session  *transparency.Session
	outcomes chan outcome
	request  any // id of the call
	sent     int
}

// begin connects a Session and has it ask for what the vector says.
func begin(t *testing.T, f *file, v *vector, encoding string) *talk {
	known := [][]byte{exact(t, f.OwnFrom).([]byte)}
	if v.Exchange.Re != nil {
		known = append(known, exact(t, v.Exchange.Re).([]byte))
	}
	k := &talk{
		t: t, v: v, file: f, encoding: encoding, random: deal(t, known...),
		bubble: stopClock(t, time.UnixMilli(f.Now)), outcomes: make(chan outcome, 16),
	}
	k.connect()
	switch v.Exchange.Verb {
	case "subscribe":
		k.subscribe()
	case "register":
		k.register()
	case "call":
		k.call()
	default:
		t.Fatalf("unknown verb %q", v.Exchange.Verb)
	}
	require.Zero(t, k.random.left(), "nonce of the call or id of the Session not used")
	return k
}

// features are what routers of a framing announce.
var features = map[string][]string{
	"native": {"payload_transparency"},
	"ppt":    {"payload_passthru_mode"},
}

func (k *talk) connect() {
	k.t.Helper()
	framing, err := transparency.ParseFraming(k.v.Framing)
	require.NoError(k.t, err)
	router := handrouter.Start(k.t, handrouter.RawSocket, k.encoding)
	cfg := harness.Config(router.Serialization())
	cfg.Realm = k.file.Realm
	ring, opts := k.ring(), append(k.limits(), transparency.WithFraming(framing),
		transparency.WithOnReject(func(refused *transparency.Error) { k.outcomes <- outcome{refused: refused} }))
	connected := k.bubble.run(func() {
		k.session, err = transparency.ConnectNet(context.Background(), router.URL(), cfg, ring, opts...)
	})
	k.conn = router.Welcome(features[k.v.Framing]...)
	k.wait(connected)
	require.NoError(k.t, err)
	k.t.Cleanup(k.conn.Close)
	k.bubble.end = func() { _ = k.session.Close() } // which may wait for a while
}

// limits are the options that differ from the defaults that docs/FORMAT.md tells.
func (k *talk) limits() (opts []transparency.Option) {
	stated := limits(k.t)
	if k.v.MaxAge != stated["milliseconds of max age, by default"] {
		opts = append(opts, transparency.WithMaxAge(time.Duration(k.v.MaxAge)*time.Millisecond))
	}
	if k.v.Skew != stated["milliseconds of skew, by default"] {
		opts = append(opts, transparency.WithClockSkew(time.Duration(k.v.Skew)*time.Millisecond))
	}
	return opts
}

// ring is what the receiving end holds.
func (k *talk) ring() *keyring.Ring {
	k.t.Helper()
	match, err := keyring.ParseMatch(k.file.Pattern.Match)
	require.NoError(k.t, err)
	key := keyOf(k.t, k.file, k.v.Keys, k.v.Role)
	if k.v.Unbound {
		key = key.AllowUnbound()
	}
	ring := keyring.New()
	require.NoError(k.t, ring.Set(keyring.Pattern{URI: k.file.Pattern.URI, Match: match}, key))
	require.NoError(k.t, ring.SetPlain(keyring.Prefix("")))
	return ring
}

// keyOf makes the key of a role.
func keyOf(t testing.TB, f *file, name, role string) keyring.Key {
	t.Helper()
	for _, set := range f.Keys {
		if set.Name != name {
			continue
		}
		if set.Algorithm != cryptobox.AlgorithmBox {
			shared, err := cryptobox.ParseSymmetricKey(set.Shared)
			require.NoError(t, err)
			if set.Algorithm == cryptobox.AlgorithmAESGCM {
				return keyring.AES256GCM(set.ID, shared)
			}
			return keyring.Symmetric(set.ID, shared)
		}
		private, err := cryptobox.ParsePrivateKey(set.Private[role])
		require.NoError(t, err)
		if set.Public["originator"] == set.Public["responder"] {
			return keyring.Both(private)
		}
		if role == "originator" {
			peer, err := cryptobox.ParsePublicKey(set.Public["responder"])
			require.NoError(t, err)
			return keyring.Originator(private, peer)
		}
		peer, err := cryptobox.ParsePublicKey(set.Public["originator"])
		require.NoError(t, err)
		return keyring.Responder(private, peer)
	}
	t.Fatalf("no keys %q", name)
	return keyring.Key{}
}

func (k *talk) wait(done <-chan struct{}) {
	k.t.Helper()
	harness.Receive(k.t, done)
}

func (k *talk) options() wamp.Dict {
	options := wamp.Dict{}
	if k.v.Exchange.Match != "" {
		options["match"] = k.v.Exchange.Match
	}
	if k.v.Exchange.GetRetained {
		options["get_retained"] = true
	}
	return options
}

func (k *talk) subscribe() {
	k.t.Helper()
	var err error
	done := k.bubble.run(func() {
		err = k.session.Subscribe(k.v.Exchange.URI, func(ev *wamp.Event) {
			k.outcomes <- outcome{args: ev.Arguments, kwargs: ev.ArgumentsKw, details: ev.Details}
		}, k.options())
	})
	k.conn.Send(wamp.SUBSCRIBED, k.conn.Next()[1], subscription)
	k.wait(done)
	require.NoError(k.t, err)
}

func (k *talk) register() {
	k.t.Helper()
	var err error
	done := k.bubble.run(func() {
		err = k.session.Register(k.v.Exchange.URI, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
			k.outcomes <- outcome{args: inv.Arguments, kwargs: inv.ArgumentsKw, details: inv.Details}
			if more, _ := inv.Details["progress"].(bool); more {
				return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
			}
			return client.InvokeResult{}
		}, k.options())
	})
	k.conn.Send(wamp.REGISTERED, k.conn.Next()[1], registration)
	k.wait(done)
	require.NoError(k.t, err)
}

// call has the Session call. What comes of it is an outcome too: its error, where
// that is not reported as a refusal.
func (k *talk) call() {
	k.t.Helper()
	k.bubble.run(func() {
		result, err := k.session.Call(context.Background(), k.v.Exchange.URI, nil, nil, nil, func(half *wamp.Result) {
			k.outcomes <- outcome{args: half.Arguments, kwargs: half.ArgumentsKw, details: half.Details}
		})
		if err == nil {
			k.outcomes <- outcome{args: result.Arguments, kwargs: result.ArgumentsKw, details: result.Details}
			return
		}
		if raised, ok := err.(client.RPCError); ok { //nolint:errorlint // never wrapped
			k.outcomes <- outcome{args: raised.Err.Arguments, kwargs: raised.Err.ArgumentsKw, details: raised.Err.Details, uri: string(raised.Err.Error)}
		}
	})
	k.request = k.conn.Next()[1]
}
