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
	request  any   // id of the call
	asked    error // why the Session doesn't ask for what the vector says
	sent     int
}

// begin connects a Session and has it ask for what the vector says.
func begin(t *testing.T, f *file, v *vector, encoding string) *talk {
	known := [][]byte{exact(t, f.OwnFrom).([]byte)}
	if v.Exchange.Re != nil && v.Dialect == "wampbox" { // others refer to nothing
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

// features are what routers announce that carry a dialect.
var features = map[string][]string{
	"autobahn": {"payload_transparency"},
	"passthru": {"payload_passthru_mode"},
}

func (k *talk) connect() {
	k.t.Helper()
	transport := handrouter.RawSocket
	if k.v.has("$fill") {
		transport = handrouter.WebSocket // takes more than 16 MiB
	}
	router := handrouter.Start(k.t, transport, k.encoding)
	cfg := harness.Config(router.Serialization())
	cfg.Realm = k.file.Realm
	ring, opts := k.ring(), append(k.limits(),
		transparency.WithOnReject(func(refused *transparency.Error) { k.outcomes <- outcome{refused: refused} }))
	var err error
	connected := k.bubble.run(func() {
		k.session, err = transparency.ConnectNet(context.Background(), router.URL(), cfg, ring, opts...)
	})
	k.conn = router.Welcome(features[k.v.Dialect]...)
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
	pattern, ring := keyring.Pattern{URI: k.file.Pattern.URI, Match: match}, keyring.New()
	versions := []keyring.KeyVersion{{Key: keyOf(k.t, k.file, k.v.Keys, k.v.Role)}}
	for i, name := range k.v.Beside {
		from := keyring.Dates{ActiveFrom: time.UnixMilli(int64(i) + 1)}
		versions = append(versions, keyring.KeyVersion{Key: keyOf(k.t, k.file, name, k.v.Role), Dates: from})
	}
	require.NoError(k.t, ring.SetVersions(pattern, versions...))
	if k.v.AllowUnsigned != 0 {
		require.NoError(k.t, ring.AllowUnsigned(pattern, time.UnixMilli(k.v.AllowUnsigned)))
	}
	return ring
}

// setOf finds a set of keys.
func setOf(t testing.TB, f *file, name string) *set {
	t.Helper()
	for i := range f.Keys {
		if f.Keys[i].Name == name {
			return &f.Keys[i]
		}
	}
	t.Fatalf("no keys %q", name)
	return nil
}

// keyOf makes the key of a role.
func keyOf(t testing.TB, f *file, name, role string) keyring.Key {
	t.Helper()
	keys := setOf(t, f, name)
	key := keyring.Key{}
	switch {
	case keys.Reading.Public != "":
		return keyring.Signed(signingOf(t, keys, role))
	case keys.Private == nil:
		secret, err := cryptobox.ParseSymmetricKey(keys.Secret)
		require.NoError(t, err)
		if keys.Cipher == cryptobox.AlgorithmAESGCM {
			return keyring.AES256GCM(keys.ID, secret)
		}
		key = keyring.Shared(secret)
	case keys.Public["originator"] == keys.Public["responder"]:
		return keyring.Both(privateOf(t, keys, role))
	case role == "originator":
		key = keyring.Originator(privateOf(t, keys, role), publicOf(t, keys, "responder"))
	default:
		key = keyring.Responder(privateOf(t, keys, role), publicOf(t, keys, "originator"))
	}
	switch keys.Dialect {
	case "autobahn":
		return key.ForAutobahn()
	case "passthru":
		return key.ForPassthru(keys.ID)
	}
	if keys.Suite == cryptobox.SuiteXBox {
		return key.WithSuite(cryptobox.SuiteXBox)
	}
	return key
}

func privateOf(t testing.TB, keys *set, role string) cryptobox.PrivateKey {
	t.Helper()
	key, err := cryptobox.ParsePrivateKey(keys.Private[role])
	require.NoError(t, err)
	return key
}

func publicOf(t testing.TB, keys *set, role string) cryptobox.PublicKey {
	t.Helper()
	key, err := cryptobox.ParsePublicKey(keys.Public[role])
	require.NoError(t, err)
	return key
}

// suiteKey makes what seals and opens in our dialect.
func suiteKey(t testing.TB, f *file, name string) *cryptobox.SuiteKey {
	t.Helper()
	keys := setOf(t, f, name)
	if keys.Suite == cryptobox.SuiteShared {
		secret, err := cryptobox.ParseSymmetricKey(keys.Secret)
		require.NoError(t, err)
		key, err := cryptobox.NewSharedKey(secret)
		require.NoError(t, err)
		return key
	}
	box, err := cryptobox.NewBox(privateOf(t, keys, "originator"), publicOf(t, keys, "responder"))
	require.NoError(t, err)
	key, err := cryptobox.NewPairKey(keys.Suite, box, publicOf(t, keys, "originator"), publicOf(t, keys, "responder"))
	require.NoError(t, err)
	return key
}

func (k *talk) wait(done <-chan struct{}) {
	k.t.Helper()
	harness.Receive(k.t, done)
}

// refusedAtOnce tells whether the Session refused to ask for what it could only refuse: a
// closed URI, or one whose key can't open what comes. A vector that has something come all
// the same expects the same reason, unless it is of no shape in the first place.
func (k *talk) refusedAtOnce() bool {
	k.t.Helper()
	if k.asked == nil {
		return false
	}
	require.Len(k.t, k.v.Messages, 1)
	if reason := k.v.Messages[0].Expect.Reason; reason != "Malformed" {
		require.Equal(k.t, reason, nameOf(k.asked))
	}
	return true
}

// answer has the router confirm what the Session asks for, unless it doesn't ask.
func (k *talk) answer(done <-chan struct{}, kind wamp.MessageType, id int) {
	k.t.Helper()
	if entry, err := k.ring().Lookup(k.v.Exchange.URI); k.v.Exchange.Match != "" || err == nil && serves(entry) {
		k.conn.Send(kind, k.conn.Next()[1], id)
		k.wait(done)
		require.NoError(k.t, k.asked)
		return
	}
	k.wait(done)
	require.Error(k.t, k.asked)
}

// serves tells whether what comes for a URI may be taken.
func serves(entry *keyring.Entry) bool {
	_, err := entry.Dialects(keyring.RoleResponder)
	return entry.Plain() || err == nil
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
	done := k.bubble.run(func() {
		k.asked = k.session.Subscribe(k.v.Exchange.URI, func(ev *wamp.Event) {
			k.outcomes <- outcome{args: ev.Arguments, kwargs: ev.ArgumentsKw, details: ev.Details}
		}, k.options())
	})
	k.answer(done, wamp.SUBSCRIBED, subscription)
}

func (k *talk) register() {
	k.t.Helper()
	done := k.bubble.run(func() {
		k.asked = k.session.Register(k.v.Exchange.URI, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
			k.outcomes <- outcome{args: inv.Arguments, kwargs: inv.ArgumentsKw, details: inv.Details}
			if more, _ := inv.Details["progress"].(bool); more {
				return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
			}
			return client.InvokeResult{}
		}, k.options())
	})
	k.answer(done, wamp.REGISTERED, registration)
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
