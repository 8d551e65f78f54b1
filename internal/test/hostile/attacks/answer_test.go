package attacks_test

import (
	"bytes"
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

// TestHostileAnswer: whatever a sealed invocation is refused for, the answer is the same to
// the byte, but for what is as good as random. Some of what is refused takes a holder of
// the key to make; only who holds it finds the reason in the answer.
func TestHostileAnswer(t *testing.T) {
	attack(t, func(t *testing.T, th *theatre) {
		honest := payloadKinds[1].honest(th)
		forge := th.opener()
		sealed := func(uri string, change func(*harness.Bound)) func(*proxy.Message) {
			bound := forge.Bind(cryptobox.KindCall, func(b *harness.Bound) {
				b.Realm = th.realm
				if change != nil {
					change(b)
				}
			})
			return func(m *proxy.Message) { into(forge, m, uri, bound) }
		}
		earlier := func(d time.Duration) func(*harness.Bound) {
			return func(b *harness.Bound) { b.TS -= d.Milliseconds() }
		}
		token := into(forge, honest.Clone(), attackedURI, forge.Bind(cryptobox.KindCall, nil))
		var shape []byte
		reasons := map[transparency.Reason]bool{
			transparency.NoKey: true, transparency.Plaintext: true, transparency.Refused: true, // other tests'
			transparency.ReservedOption: true, transparency.Misuse: true, transparency.Unsealable: true, transparency.NotCarried: true, // of what is sent
			transparency.DeviceDown: true, transparency.WrongSender: !th.signed(),
			transparency.Invalid: true, // answered by an error that says where
		}
		refused := func(a *actor, uri string, reason transparency.Reason, says string, m *proxy.Message) {
			th.doing, reasons[reason] = reason.Error(), true
			enc := m.Bytes()
			if th.signed() && says != "" {
				forge.Follow(enc)
			}
			id := a.injectFor(uri, m)
			a.refuses("invocation", reason)
			answer := th.answersOpaquely(a, id, m)
			payload := answer.Bytes()
			if _, _, err := cryptobox.SuiteAndID(enc); err == nil && (says != "" || reason == transparency.NotOpened) {
				require.Equal(t, enc[:idEnd], payload[:idEnd], "suite and key id are the call's")
			}
			requireSays(t, forge, payload, says)
			data := bytes.Clone(answer.Data)
			require.Less(t, data[3], byte(0x80), "the request id is one byte of MessagePack")
			data[3] = 0
			data = append(data[:len(data)-len(payload)], make([]byte, len(payload))...)
			if shape == nil {
				shape = data
			}
			require.Equal(t, shape, data)
		}
		for _, c := range []struct {
			reason transparency.Reason
			says   string // to who holds the key
			change func(*proxy.Message)
		}{
			{transparency.Replayed, "Replayed", func(*proxy.Message) {}},
			{transparency.Malformed, "", func(m *proxy.Message) { m.Set(proxy.Payload, 5) }},
			{transparency.Malformed, "", func(m *proxy.Message) { m.Details()["enc_x"] = 1 }},
			{transparency.Malformed, "", func(m *proxy.Message) { m.SetBytes(m.Bytes()[:56]) }},
			{transparency.NotOpened, "", func(m *proxy.Message) { m.SetBytes(append(m.Bytes(), 0)) }},
			{transparency.NotOpened, "", func(m *proxy.Message) { m.SetBytes(append([]byte{1}, make([]byte, 100)...)) }},
			{transparency.WrongURI, "WrongURI", sealed(otherURI, nil)},
			{transparency.WrongRealm, "WrongRealm", sealed(attackedURI, func(b *harness.Bound) { b.Realm = "realm9" })},
			{transparency.WrongKind, "WrongKind", sealed(attackedURI, func(b *harness.Bound) { b.Kind = cryptobox.KindCallProgress })},
			{transparency.WrongRequest, "WrongRequest", sealed(attackedURI, func(b *harness.Bound) { b.Re = token })},
			{transparency.Gap, "Gap", sealed(attackedURI, func(b *harness.Bound) { b.Seq = 1 })},
			{transparency.Stale, "Stale", sealed(attackedURI, earlier(time.Hour))},
			{transparency.ClockSkew, "ClockSkew", sealed(attackedURI, earlier(-time.Hour))},
			{transparency.TooLarge, "TooLarge", func(m *proxy.Message) { tooDeep(t, th, m) }},
			{transparency.Malformed, "Malformed", func(m *proxy.Message) { rawInto(t, th, m, newRawRecord(cryptobox.KindCall, th.realm, "")) }},
			{transparency.WrongKind, "WrongKind", func(m *proxy.Message) { rawInto(t, th, m, newRawRecord(cryptobox.KindPublish, th.realm, attackedURI)) }},
			{transparency.WrongSender, "", func(m *proxy.Message) { unlisted(th, m) }},
			{transparency.StoreDown, "StoreDown", sealed(attackedURI, nil)},
		} {
			if c.reason == transparency.WrongSender && !th.signed() {
				continue
			}
			if c.reason == transparency.StoreDown {
				th.rejoin(transparency.WithReplayMemory(harness.BrokenMemory{ReplayMemory: transparency.NewReplayMemory()}))
			}
			m := honest.Clone()
			c.change(m)
			refused(th.callee, attackedURI, c.reason, c.says, m)
		}
		th.rejoin()

		const pattern = "com.myapp." // whose keys show when a call comes
		caller := th.join(th.OriginatorKey(), th.realm)
		require.NoError(t, caller.ring.Remove(keyring.Prefix(""))) // a pattern of plain URIs too is refused
		require.NoError(t, caller.Register(pattern, harness.Echo, wamp.Dict{"match": "prefix"}))
		m := honest.Clone()
		m.Details()["procedure"] = attackedURI
		refused(caller, pattern, transparency.WrongRole, "", m)
		require.NoError(t, caller.Close())
		for reason := transparency.Reason(1); !strings.HasPrefix(reason.Error(), "reason "); reason++ {
			require.True(t, reasons[reason], reason.Error())
		}
	})
}

// requireSays checks what a holder of the key finds in what refuses a call.
func requireSays(t testing.TB, f *harness.Forger, payload []byte, says string) {
	t.Helper()
	var opened cryptobox.Opened
	err := f.OpenAnswer(payload, &opened)
	if says == "" {
		require.ErrorIs(t, err, cryptobox.ErrOpen)
		return
	}
	require.NoError(t, err)
	defer opened.Release()
	require.Equal(t, cryptobox.KindRefusal, opened.Kind)
	require.Empty(t, opened.URI()+opened.Realm())
	args, _, err := opened.Values()
	require.NoError(t, err)
	require.Len(t, args, 2)
	require.Equal(t, says, args[0])
	require.InDelta(t, time.Now().UnixMilli(), args[1], 60_000)
}

// tooDeep replaces the payload of m with a record of lists nested beyond the limit.
func tooDeep(t testing.TB, th *theatre, m *proxy.Message) {
	t.Helper()
	record := newRawRecord(cryptobox.KindCall, th.realm, attackedURI)
	record[argsAt] = append(bytes.Repeat([]byte{0x81}, cryptobox.MaxDepth+2), 0x80) // of one element each
	rawInto(t, th, m, record)
}

// rawInto replaces the payload of m with a record that need not be sound.
func rawInto(_ testing.TB, th *theatre, m *proxy.Message, record rawRecord) {
	m.SetBytes(th.raw().Seal(cryptobox.Message, record.bytes()))
}

// unlisted replaces the payload of m with a call that nobody signed who is listed.
func unlisted(th *theatre, m *proxy.Message) {
	c := harness.RawSender(th.t, th.Parties().Read.Public()).Begin()
	nonce := c.Nonce(cryptobox.Message, nil)
	record := newRawRecord(cryptobox.KindCall, th.realm, attackedURI).bytes()
	m.SetBytes(c.Seal(cryptobox.Message, nonce, c.Signed(cryptobox.GenerateSigningKey(), cryptobox.Message, nonce, record)))
}

// into replaces the payload of m with a record, sealed.
func into(f *harness.Forger, m *proxy.Message, uri string, bound *harness.Bound, args ...any) cryptobox.Token {
	env, token := f.Envelope(&harness.Record{Bound: *bound, URI: uri, Args: args})
	m.SetBytes(env.Payload)
	return token
}

// TestHostileAnswerPlain: a plain call hears the same of what is keyed and of what is
// closed.
func TestHostileAnswerPlain(t *testing.T) {
	const closed = "com.closed.x"
	attackEach(t, func(t *testing.T, th *theatre) {
		th.callee.serve(closed)
		require.NoError(t, th.callee.ring.Remove(keyring.Prefix("")))
		var shape []byte
		for uri, reason := range map[string]transparency.Reason{attackedURI: transparency.Plaintext, closed: transparency.NoKey} {
			m := th.callee.conn.Message(proxy.Down, int(wamp.INVOCATION), 0, 0, map[string]any{}, []any{"forged"})
			id := th.callee.injectFor(uri, m)
			th.callee.refuses("invocation", reason)
			data := bytes.Clone(th.answersOpaquely(th.callee, id, m).Data)
			data[3] = 0
			if shape == nil {
				shape = data
			}
			require.Equal(t, shape, data)
		}
	})
}

// TestHostileAnswerNoKey: what a callee has no key for it answers with nothing more
// either.
func TestHostileAnswerNoKey(t *testing.T) {
	const plain = "com.plain.x"
	attackEach(t, func(t *testing.T, th *theatre) {
		th.callee.serve(plain)
		honest := payloadKinds[1].honest(th)
		id := th.callee.injectFor(plain, honest)
		th.callee.refuses("invocation", transparency.NoKey)
		if !th.foreign() {
			requireSays(t, th.opener(), th.answersOpaquely(th.callee, id, honest).Bytes(), "")
			return
		}
		answer := th.await(th.callee.conn, proxy.Up, func(m *proxy.Message) bool { return m.Answer(id) })
		require.True(t, answer.Is(wamp.ERROR))
		require.Equal(t, string(harness.OpaqueNoCodec), answer.Text(4))
		require.Empty(t, answer.Details())
		require.Empty(t, answer.Payload())
	})
}
