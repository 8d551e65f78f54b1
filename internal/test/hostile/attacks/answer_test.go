package attacks_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestHostileAnswer: whatever an invocation is refused for, the answer is the same, to
// the byte. Some of what is refused takes a holder of the key to make.
func TestHostileAnswer(t *testing.T) {
	attack(t, func(t *testing.T, th *theatre) {
		honest := payloadKinds[1].honest(th)
		forge := harness.Holding(t, harness.RingOf(t, th.OriginatorKey()))
		sealed := func(uri string, change func(*cryptobox.Bind)) func(*proxy.Message) {
			bind := forge.Bind(cryptobox.KindCall, func(b *cryptobox.Bind) {
				b.Realm = th.realm
				if change != nil {
					change(b)
				}
			})
			return func(m *proxy.Message) { into(t, forge, m, cryptobox.NewRecord(uri, nil, nil, bind)) }
		}
		earlier := func(d time.Duration) func(*cryptobox.Bind) {
			return func(b *cryptobox.Bind) { b.TS -= d.Milliseconds() }
		}
		token := into(t, forge, honest.Clone(), cryptobox.NewRecord(attackedURI, nil, nil, forge.Bind(cryptobox.KindCall, nil)))
		var shape []byte
		reasons := map[transparency.Reason]bool{transparency.NoKey: true, transparency.ReservedOption: true, transparency.Misuse: true} // another test's, and of what is sent
		refused := func(a *actor, uri string, reason transparency.Reason, m *proxy.Message) {
			th.doing, reasons[reason] = reason.Error(), true
			id := a.injectFor(uri, m)
			a.refuses("invocation", reason)
			data := bytes.Clone(th.answersOpaquely(a, id).Data)
			require.Less(t, data[3], byte(0x80), "the request id is one byte of MessagePack")
			data[3] = 0
			if shape == nil {
				shape = data
			}
			require.Equal(t, shape, data)
		}
		for _, c := range []struct {
			reason transparency.Reason
			change func(*proxy.Message)
		}{
			{transparency.Replayed, func(*proxy.Message) {}},
			{transparency.Plaintext, func(m *proxy.Message) { m.Strip([]any{"x"}, nil) }},
			{transparency.Malformed, func(m *proxy.Message) { m.Set(proxy.Serializer, 5) }},
			{transparency.Malformed, func(m *proxy.Message) { m.Details()["enc_x"] = 1 }},
			{transparency.NotOpened, func(m *proxy.Message) { m.Set(proxy.KeyID, "another") }},
			{transparency.NotOpened, func(m *proxy.Message) { m.SetBytes(make([]byte, 100)) }},
			{transparency.TooLarge, func(m *proxy.Message) { tooDeep(t, forge, m) }},
			{transparency.WrongURI, sealed(otherURI, nil)},
			{transparency.WrongRealm, sealed(attackedURI, func(b *cryptobox.Bind) { b.Realm = "realm9" })},
			{transparency.WrongKind, sealed(attackedURI, func(b *cryptobox.Bind) { b.Kind = cryptobox.KindCallProgress })},
			{transparency.WrongKind, sealed(attackedURI, func(b *cryptobox.Bind) { b.Kind = cryptobox.KindPublish })},
			{transparency.WrongRequest, sealed(attackedURI, func(b *cryptobox.Bind) { b.Re = token })},
			{transparency.Gap, sealed(attackedURI, func(b *cryptobox.Bind) { b.Seq = 1 })},
			{transparency.Stale, sealed(attackedURI, earlier(time.Hour))},
			{transparency.ClockSkew, sealed(attackedURI, earlier(-time.Hour))},
			{transparency.Unbound, func(m *proxy.Message) { into(t, forge, m, cryptobox.NewRecord(attackedURI, nil, nil, nil)) }},
			{transparency.StoreDown, sealed(attackedURI, nil)},
		} {
			if c.reason == transparency.StoreDown {
				th.rejoin(transparency.WithReplayMemory(harness.BrokenMemory{ReplayMemory: transparency.NewReplayMemory()}))
			}
			m := honest.Clone()
			c.change(m)
			refused(th.callee, attackedURI, c.reason, m)
		}
		th.rejoin()

		const pattern = "com.myapp." // whose keys show when a call comes
		caller := th.join(th.OriginatorKey(), th.realm)
		require.NoError(t, caller.ring.Remove(keyring.Prefix(""))) // a pattern of plain URIs too is refused
		require.NoError(t, caller.Register(pattern, harness.Echo, wamp.Dict{"match": "prefix"}))
		m := honest.Clone()
		m.Details()["procedure"] = attackedURI
		refused(caller, pattern, transparency.WrongRole, m)
		require.NoError(t, caller.Close())
		for reason := transparency.Reason(1); !strings.HasPrefix(reason.Error(), "reason "); reason++ {
			require.True(t, reasons[reason], reason.Error())
		}
	})
}

// tooDeep replaces the payload of m with a record of lists nested beyond the limit.
func tooDeep(t testing.TB, f *harness.Forger, m *proxy.Message) {
	t.Helper()
	sealer, ok := f.Version.Cipher().(interface{ Seal([]byte) ([]byte, error) })
	require.True(t, ok)
	lists := bytes.Repeat([]byte{0x81}, cryptobox.MaxDepth+1) // of one element each, in CBOR
	payload, err := sealer.Seal(slices.Concat([]byte("\xa1\x64args\x81"), lists, []byte{0x80}))
	require.NoError(t, err)
	m.SetBytes(payload)
	m.Set(proxy.Serializer, string(cryptobox.CBOR))
}

// into replaces the payload of m with the record, sealed.
func into(t testing.TB, f *harness.Forger, m *proxy.Message, record *cryptobox.Record) cryptobox.Token {
	t.Helper()
	env, token, err := cryptobox.Seal(f.Version.Cipher(), cryptobox.CBOR, f.Version.ID(), record)
	require.NoError(t, err)
	_, named := m.Get(proxy.Serializer) // a later chunk in PPT isn't
	m.SetBytes(env.Payload)
	if named {
		m.Set(proxy.Serializer, string(cryptobox.CBOR))
	}
	return token
}

// TestHostileAnswerNoKey: what a callee has no key for it answers with nothing more
// either.
func TestHostileAnswerNoKey(t *testing.T) {
	const plain = "com.plain.x"
	attack(t, func(t *testing.T, th *theatre) {
		th.callee.serve(plain)
		honest := payloadKinds[1].honest(th)
		id := th.callee.injectFor(plain, honest)
		th.callee.refuses("invocation", transparency.NoKey)
		answer := th.await(th.callee.conn, proxy.Up, func(m *proxy.Message) bool { return m.Answer(id) })
		require.True(t, answer.Is(wamp.ERROR))
		require.Equal(t, string(harness.OpaqueNoCodec), answer.Text(4))
		require.Empty(t, answer.Details())
		require.Empty(t, answer.Payload())
	})
}
