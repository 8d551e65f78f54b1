package interop_test

import (
	"fmt"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// The tests in live_format_*_test.go have a Session of this library talk to the
// Python implementation of docs/FORMAT.md. Between them is a connection and nothing
// that knows of payloads: bytes that the Session wrote go to Python as they are,
// and bytes that Python wrote go to the Session.

// formatTalk is what they work with.
type formatTalk struct {
	live
	session *transparency.Session
	refusals
	conn   *handrouter.Conn
	python *interop.Format
	config interop.FormatConfig // of py
	py     *interop.FormatPeer
}

// formatCase says how they talk.
type formatCase struct {
	framing transparency.Framing
	records cryptobox.Serializer
	wire    string // serializer of messages
	keys    string // algorithm
	padded  bool
}

func (c formatCase) String() string {
	return fmt.Sprintf("%s/%s/%s/%s", c.framing, c.records, c.wire, c.keys)
}

var allRecords = []cryptobox.Serializer{cryptobox.CBOR, cryptobox.MessagePack, cryptobox.JSON}

// formatCases are all that the format allows.
func formatCases() (cases []formatCase) {
	for _, framing := range []transparency.Framing{transparency.EncArgument, transparency.Native, transparency.PPT} {
		for _, records := range allRecords {
			for _, keys := range []string{cryptobox.AlgorithmBox, cryptobox.AlgorithmSecretBox, cryptobox.AlgorithmAESGCM} {
				for _, wire := range handrouter.Serializers {
					if framing == transparency.PPT && records != cryptobox.CBOR ||
						framing == transparency.Native && keys != cryptobox.AlgorithmBox {
						continue
					}
					cases = append(cases, formatCase{framing, records, wire, keys, len(cases)%2 == 1})
				}
			}
		}
	}
	return cases
}

// eachFormat runs a test for each of them. The role is the Session's.
func eachFormat(t *testing.T, role string, test func(f formatTalk)) {
	all := startLive(t)
	python := all.suite.Format(t)
	for _, c := range formatCases() {
		t.Run(c.String(), func(t *testing.T) { test(all.in(t).talk(python, c, role)) })
	}
}

// talk connects a Session, and makes the other party in Python.
func (l live) talk(python *interop.Format, c formatCase, role string) formatTalk {
	l.Helper()
	key, other := l.halves(c.keys, role)
	refused, onReject := collect()
	f := formatTalk{live: l, refusals: refused, python: python}
	f.config = interop.FormatConfig{
		Realm: interop.Realm, Framing: c.framing.String(), Serializer: string(c.records), Wire: c.wire,
		Padded: c.padded, Prefix: prefix, Key: other,
	}
	var err error
	f.py, err = python.Join(l.ctx, f.config)
	require.NoError(l, err)
	opts := []transparency.Option{transparency.WithFraming(c.framing), transparency.WithSerializer(c.records), onReject}
	if c.padded {
		opts = append(opts, transparency.WithPadding(cryptobox.Padme))
	}
	router := handrouter.Start(l, handrouter.WebSocket, c.wire)
	cfg := harness.Config(router.Serialization())
	cfg.ResponseTimeout = patience
	ring := harness.RingOf(l, key)
	f.session, f.conn = harness.Welcome(l, router, []string{"payload_transparency", "payload_passthru_mode"}, func() (*transparency.Session, error) {
		return transparency.ConnectNet(l.ctx, router.URL(), cfg, ring, opts...)
	})
	return f
}

// halves are the keys of the Session, which has the role, and of the other party.
func (l live) halves(algorithm, role string) (keyring.Key, interop.FormatKey) {
	l.Helper()
	other := interop.FormatKey{Algorithm: algorithm, ID: "a shared key"}
	if algorithm != cryptobox.AlgorithmBox {
		shared := cryptobox.GenerateSymmetricKey()
		other.Shared = base64Of(shared.UnsafeBytes())
		if algorithm == cryptobox.AlgorithmAESGCM {
			return keyring.AES256GCM(other.ID, shared), other
		}
		return keyring.Symmetric(other.ID, shared), other
	}
	if role == "originator" {
		other.Role, other.Private, other.Public = "responder", base64Of(l.Responder.UnsafeBytes()), l.Originator.Public().String()
		return l.OriginatorKey(), other
	}
	other.Role, other.Private, other.Public = "originator", base64Of(l.Originator.UnsafeBytes()), l.Responder.Public().String()
	return l.ResponderKey(), other
}

// taken has Python open the Session's next message.
func (f formatTalk) taken() interop.Taken {
	f.Helper()
	return f.opens(f.conn.NextBytes(), interop.Delivery{})
}

func (f formatTalk) opens(message []byte, d interop.Delivery) interop.Taken {
	f.Helper()
	taken, err := f.py.Take(f.ctx, message, d)
	require.NoError(f, err)
	return taken
}

// takes expects that Python opens the Session's next message, and what it holds.
func (f formatTalk) takes(kind cryptobox.Kind, uri string, args wamp.List, kwargs wamp.Dict) (request uint64) {
	f.Helper()
	taken := f.taken()
	require.Empty(f, taken.Refused)
	require.True(f, taken.Sealed)
	require.EqualValues(f, kind, taken.Kind)
	require.Equal(f, uri, taken.Opened.URI)
	require.Equal(f, []any(args), taken.Opened.Args)
	require.Equal(f, map[string]any(kwargs), taken.Opened.Kwargs)
	return taken.Request
}

// sent sends what Python sealed.
func (f formatTalk) sent(message []byte, err error) {
	f.Helper()
	require.NoError(f, err)
	f.conn.SendBytes(message)
}

// answers sends an answer that Python sealed.
func (f formatTalk) answers(request uint64, kind cryptobox.Kind, uri string, args wamp.List, kwargs wamp.Dict) {
	f.Helper()
	f.sent(f.py.Answer(f.ctx, interop.FormatMessage{
		Request: request, Kind: string(kind), URI: uri, Payload: interop.Payload{Args: args, Kwargs: kwargs},
	}))
}

// delivered waits for what the Session delivers, and for nothing that it refuses.
func delivered[T any](f formatTalk, c <-chan T) T {
	f.Helper()
	select {
	case v := <-c:
		return v
	case refused := <-f.C:
		require.NoError(f, refused)
	case <-f.ctx.Done():
		require.Fail(f, "nothing came")
	}
	panic("unreachable")
}

// Numbers that the router gives.
const (
	formatSubscription = 101
	formatRegistration = 103
)

// subscribes has the Session subscribe, and gives its events.
func (f formatTalk) subscribes(topic string) <-chan *wamp.Event {
	f.Helper()
	events := make(chan *wamp.Event, 10)
	harness.Confirmed(f, f.conn, func() error { return f.session.Subscribe(topic, func(e *wamp.Event) { events <- e }, nil) }, formatSubscription)
	return events
}

func (f formatTalk) registers(procedure string, handler client.InvocationHandler) {
	f.Helper()
	harness.Confirmed(f, f.conn, func() error { return f.session.Register(procedure, handler, nil) }, formatRegistration)
}

// holds expects what a message that Python sealed holds, and what it says of itself.
func (f formatTalk) holds(kind cryptobox.Kind, details wamp.Dict, args, wantArgs wamp.List, kwargs, wantKwargs wamp.Dict) {
	f.Helper()
	info, ok := transparency.InfoFrom(details)
	require.True(f, ok, "sealed")
	require.True(f, info.Bound)
	require.Equal(f, kind, info.Kind)
	require.Equal(f, wantArgs, args)
	require.Equal(f, wantKwargs, kwargs)
}
