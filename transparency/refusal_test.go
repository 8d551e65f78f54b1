package transparency_test

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// refusalSize is that of every refusal of a sealed call, in bytes.
const refusalSize = 256

// call sends an invocation, and returns the enc of the ERROR that refuses it.
func (s *serving) call(tl tail) []byte {
	s.t.Helper()
	s.sendInvocation(tl)
	got := s.nextMessage()
	s.requireHead([]any{wamp.ERROR, wamp.INVOCATION, s.request, map[string]any{}, "wampbox.error"}, got)
	require.Len(s.t, got, 7)
	require.Equal(s.t, []any{}, got[5])
	kwargs, ok := got[6].(map[string]any)
	require.True(s.t, ok)
	require.Len(s.t, kwargs, 1)
	enc := s.bytesIn(kwargs["enc"])
	require.Len(s.t, enc, refusalSize)
	harness.Nothing(s.t, s.served)
	return enc
}

// readable opens a refusal, if it can be opened.
func (s *serving) readable(enc []byte) (*harness.Record, bool) {
	s.t.Helper()
	var opened cryptobox.Opened
	if err := s.Version.Key().Open(enc, cryptobox.Answer, &opened); err != nil {
		require.ErrorIs(s.t, err, cryptobox.ErrOpen)
		return nil, false
	}
	opened.Release()
	record, _ := s.OpenPayload(enc)
	return record, true
}

// TestRefusalsOnTheWire: one that says why and one that doesn't have the same shape, size,
// suite and key id, so that a router can't tell them apart.
func TestRefusalsOnTheWire(t *testing.T) {
	shared := harness.SharedKeys(keyring.Shared(cryptobox.GenerateSymmetricKey()))
	xbox := harness.NewKeys()
	xbox.Suite = cryptobox.SuiteXBox
	for name, k := range map[string]harness.Keys{"box": harness.NewKeys(), "xbox": xbox, "shared": shared} {
		t.Run(name, func(t *testing.T) {
			s := serve(play(t, ours, handrouter.RawSocket, "msgpack", k.ResponderKey(), k.OriginatorKey()), keyedURI)
			old, token := s.Envelope(secretRecord(keyedURI, s.Bind(cryptobox.KindCall, sentAgo(time.Hour))))
			enc := s.call(s.tail(ours, old, nil))
			require.Equal(t, old.Payload[:nonceAt], enc[:nonceAt])
			record, ok := s.readable(enc)
			require.True(t, ok)
			require.Equal(t, cryptobox.KindRefusal, record.Kind)
			require.Empty(t, record.Realm)
			require.Empty(t, record.URI)
			require.Equal(t, token, record.Re)
			require.Zero(t, record.Seq)
			require.Nil(t, record.Kwargs)
			require.Len(t, record.Args, 2)
			require.Equal(t, "Stale", record.Args[0])
			clock, _ := record.Args[1].(int64)
			require.WithinDuration(t, time.Now(), time.UnixMilli(clock), harness.Patience)

			// Another key under this one's id, and what is altered.
			forged := *old
			forged.Payload = slices.Clone(old.Payload)
			forged.Payload[len(forged.Payload)-1] ^= 1
			var before []byte
			for range 2 {
				enc := s.call(s.tail(ours, &forged, nil))
				require.Equal(t, old.Payload[:nonceAt], enc[:nonceAt])
				_, ok := s.readable(enc)
				require.False(t, ok)
				if before != nil {
					require.NotEqual(t, before[nonceAt:nonceAt+16], enc[nonceAt:nonceAt+16])
				}
				require.False(t, bytes.Contains(enc, make([]byte, 16)), "not random")
				before = enc
			}
			// A key that isn't known here, of a suite that isn't.
			forged.Payload[0], forged.Payload[1] = 5, forged.Payload[1]^1
			require.Equal(t, forged.Payload[:nonceAt], s.call(s.tail(ours, &forged, nil))[:nonceAt])
			// No key at all.
			ids := map[string]bool{}
			for range 2 {
				enc := s.call(tail{nil, []any{[]any{}, wamp.Dict{"enc": "x"}}})
				require.EqualValues(t, cryptobox.SuiteBox, enc[0])
				ids[string(enc[1:nonceAt])] = true
			}
			require.Len(t, ids, 2)
		})
	}
}

// TestRefusalsOfWhatOpened: say why, whatever was wrong.
func TestRefusalsOfWhatOpened(t *testing.T) {
	k := harness.NewKeys()
	s := serve(play(t, ours, handrouter.RawSocket, "cbor", k.ResponderKey(), k.OriginatorKey()), keyedURI)
	box, err := cryptobox.NewBox(k.Originator, k.Responder.Public())
	require.NoError(t, err)
	id := s.Version.Key().ID()
	bare := func(plaintext string) *wire.Envelope {
		sealed, err := box.Seal([]byte(plaintext))
		require.NoError(t, err)
		return &wire.Envelope{Payload: slices.Concat([]byte{byte(cryptobox.SuiteBox)}, id[:], sealed)}
	}
	bound := func(uri string, kind cryptobox.Kind, change func(*harness.Bound)) *wire.Envelope {
		env, _ := s.Envelope(secretRecord(uri, s.Bind(kind, change)))
		return env
	}
	replayed, first := s.Envelope(secretRecord(keyedURI, s.Bind(cryptobox.KindCall, nil)))
	s.sendInvocation(s.tail(ours, replayed, nil))
	harness.Receive(t, s.served)
	s.nextMessage()
	for reason, env := range map[string]*wire.Envelope{
		"Malformed":    bare("no record"),
		"TooLarge":     bare(deep()),
		"WrongURI":     bound(harness.Prefix+"y", cryptobox.KindCall, nil),
		"WrongRealm":   bound(keyedURI, cryptobox.KindCall, func(b *harness.Bound) { b.Realm = "realm2" }),
		"WrongKind":    bound(keyedURI, cryptobox.KindResult, nil),
		"WrongRequest": bound(keyedURI, cryptobox.KindCall, func(b *harness.Bound) { b.Re = first }),
		"Gap":          bound(keyedURI, cryptobox.KindCall, func(b *harness.Bound) { b.Seq = 1 }),
		"Replayed":     replayed,
		"Stale":        bound(keyedURI, cryptobox.KindCall, sentAgo(time.Hour)),
		"ClockSkew":    bound(keyedURI, cryptobox.KindCall, sentAgo(-time.Hour)),
	} {
		record, ok := s.readable(s.call(s.tail(ours, env, nil)))
		require.True(t, ok, reason)
		require.Equal(t, reason, record.Args[0])
		require.Equal(t, cryptobox.RefOf(env.Payload).String(), record.Re.Short(), reason)
		require.Equal(t, cryptobox.RefOf(env.Payload).String(), s.refused.Next(t).Ref, reason)
	}
	// Of a direction and of a URI that are both wrong, the URI is looked at first.
	record, ok := s.readable(s.call(s.tail(ours, bound(harness.Prefix+"y", cryptobox.KindResult, nil), nil)))
	require.True(t, ok)
	require.Equal(t, "WrongURI", record.Args[0])
}

// TestRefusalOfALaterChunk: refers to the first one.
func TestRefusalOfALaterChunk(t *testing.T) {
	k := harness.NewKeys()
	s := serve(play(t, ours, handrouter.RawSocket, "cbor", k.ResponderKey(), k.OriginatorKey()), keyedURI)
	first := s.deliver(secretRecord(keyedURI, s.Bind(cryptobox.KindCallProgress, nil)), wamp.INVOCATION, 1, registration, wamp.Dict{"progress": true})
	harness.Receive(t, s.served)
	env, _ := s.Envelope(secretRecord(keyedURI, s.answer(cryptobox.KindCall, first, 2)))
	record, ok := s.readable(s.call(s.tail(ours, env, nil)))
	require.True(t, ok)
	require.Equal(t, "Gap", record.Args[0])
	require.Equal(t, first, record.Re)
	require.Equal(t, first.Short(), s.refused.Next(t).Ref)
}

// TestRefusalsAreReadableAtABoundedRate: 16 at once and 16 a second, the rest is random.
func TestRefusalsAreReadableAtABoundedRate(t *testing.T) {
	const burst = 16
	k := harness.NewKeys()
	s := serve(play(t, ours, handrouter.RawSocket, "msgpack", k.ResponderKey(), k.OriginatorKey()), keyedURI)
	refused := func(calls int) (readable int) {
		for range calls {
			if _, ok := s.readable(s.call(s.sealedTail(harness.Prefix+"y", cryptobox.KindCall, nil))); ok {
				readable++
			}
		}
		return readable
	}
	began := time.Now()
	got := refused(10 * burst)
	require.GreaterOrEqual(t, got, burst)
	require.LessOrEqual(t, got, burst+1+int(burst*time.Since(began).Seconds()))
	require.Less(t, got, 10*burst)
	time.Sleep(time.Second)
	require.GreaterOrEqual(t, refused(burst), burst/2)
}

// TestRefusalsAtBothEnds: a caller learns why, by how much the clocks differ, and the
// reference under which the callee has it, which it has even where nothing opened.
func TestRefusalsAtBothEnds(t *testing.T) {
	k := harness.NewKeys()
	for name, c := range map[string]struct {
		responder keyring.Key
		opts      []transparency.Option
		reason    transparency.Reason // that the callee has
		peer      transparency.Reason // that it tells
	}{
		"an old call": {k.ResponderKey(), []transparency.Option{transparency.WithMaxAge(1), transparency.WithClockSkew(0)}, transparency.Stale, transparency.Stale},
		"another key": {harness.NewKeys().ResponderKey(), nil, transparency.NotOpened, 0},
		"memory down": {k.ResponderKey(), []transparency.Option{transparency.WithReplayMemory(harness.BrokenMemory{ReplayMemory: transparency.NewReplayMemory()})}, transparency.StoreDown, transparency.StoreDown},
	} {
		t.Run(name, func(t *testing.T) {
			for _, l := range links[:2] {
				r := startRouter(t)
				refused, option := harness.Collect()
				var lines [2]*harness.Buffer
				logging := func(i int) transparency.Option {
					lines[i] = &harness.Buffer{}
					return transparency.WithLogger(slog.New(slog.NewTextHandler(lines[i], nil)))
				}
				callee := l.session(t, r, harness.RingOf(t, c.responder), append(c.opts, option, logging(0))...)
				require.NoError(t, callee.Register(keyedURI, answering(client.InvokeResult{}), nil))
				caller := l.session(t, r, harness.RingOf(t, k.OriginatorKey()), logging(1))
				_, err := caller.Call(harness.Timeout(t), keyedURI, nil, wamp.List{marker}, nil, nil)
				e := harness.RequireRefused(t, err, c.peer)
				require.NotErrorAs(t, err, new(client.RPCError))
				require.ErrorContains(t, err, "outcome unknown")
				require.Equal(t, k.OriginatorKey().ID(), e.From.KeyID)
				theirs := refused.Next(t)
				harness.RequireReason(t, theirs, c.reason)
				require.Equal(t, theirs.Ref, e.Ref)
				require.Len(t, e.Ref, 16)
				for _, log := range lines {
					require.Contains(t, log.String(), "error.ref="+e.Ref)
					require.NotContains(t, log.String(), marker)
				}
				if c.peer != 0 {
					require.Less(t, e.Peer.Skew.Abs(), harness.Patience)
					require.ErrorContains(t, err, "it says "+c.peer.Error())
				}
			}
		})
	}
}

// refusal seals what a callee says that refuses a call.
func (p *played) refusal(token cryptobox.Token, change func(*harness.Record), args ...any) tail {
	p.t.Helper()
	bind := p.answer(cryptobox.KindRefusal, token, 0)
	bind.Realm = ""
	record := &harness.Record{Bound: *bind, Args: args}
	if change != nil {
		change(record)
	}
	env, _ := p.Envelope(record)
	return p.tail(p.dialect, env, nil)
}

func TestReadingRefusals(t *testing.T) {
	now := func() int64 { return time.Now().UnixMilli() }
	k := harness.NewKeys()
	connect := func(t *testing.T) *played {
		return play(t, ours, handrouter.WebSocket, "cbor", k.OriginatorKey(), k.ResponderKey())
	}
	t.Run("every reason", func(t *testing.T) {
		p := connect(t)
		for reason := transparency.Plaintext; reason <= transparency.TooLarge; reason++ {
			name := reasonNames[reason-1]
			for _, skew := range []time.Duration{0, 400 * time.Second, -400 * time.Second} {
				got := p.answered(keyedURI, "wampbox.error", func(token cryptobox.Token, _ string, _ cryptobox.Kind) tail {
					return p.refusal(token, nil, name, time.Now().Add(skew).UnixMilli())
				})
				e := harness.RequireRefused(t, got.Err, reason)
				require.InDelta(t, skew.Seconds(), e.Peer.Skew.Seconds(), harness.Patience.Seconds())
			}
		}
	})
	for name, c := range map[string]struct {
		errorURI string
		answer   func(p *played, token cryptobox.Token) tail
		reason   transparency.Reason
	}{
		"of another call": {"wampbox.error", func(p *played, _ cryptobox.Token) tail {
			_, other := p.Envelope(&harness.Record{Bound: *p.Bind(cryptobox.KindCall, nil), URI: keyedURI})
			return p.refusal(other, nil, "Stale", now())
		}, transparency.WrongRequest},
		"of no call": {"wampbox.error", func(p *played, _ cryptobox.Token) tail {
			return p.refusal(cryptobox.Token{}, nil, "Stale", now())
		}, transparency.WrongRequest},
		"without a time": {"wampbox.error", func(p *played, token cryptobox.Token) tail { return p.refusal(token, nil, "Stale") }, transparency.Malformed},
		"with more":      {"wampbox.error", func(p *played, token cryptobox.Token) tail { return p.refusal(token, nil, "Stale", now(), 1) }, transparency.Malformed},
		"without args":   {"wampbox.error", func(p *played, token cryptobox.Token) tail { return p.refusal(token, nil) }, transparency.Malformed},
		"no text":        {"wampbox.error", func(p *played, token cryptobox.Token) tail { return p.refusal(token, nil, 5, now()) }, transparency.Malformed},
		"before 1970":    {"wampbox.error", func(p *played, token cryptobox.Token) tail { return p.refusal(token, nil, "Stale", -1) }, transparency.Malformed},
		"no whole time":  {"wampbox.error", func(p *played, token cryptobox.Token) tail { return p.refusal(token, nil, "Stale", 1.5) }, transparency.Malformed},
		"with kwargs": {"wampbox.error", func(p *played, token cryptobox.Token) tail {
			return p.refusal(token, func(r *harness.Record) { r.Kwargs = map[string]any{} }, "Stale", now())
		}, transparency.Malformed},
		"as result":       {"", func(p *played, token cryptobox.Token) tail { return p.refusal(token, nil, "Stale", now()) }, transparency.WrongURI},
		"its URI outside": {"com.myapp.error1", func(p *played, token cryptobox.Token) tail { return p.refusal(token, nil, "Stale", now()) }, transparency.WrongURI},
		"random, longer":  {"wampbox.error", func(p *played, _ cryptobox.Token) tail { return p.random(refusalSize+1, nil) }, transparency.NotOpened},
		"random, shorter": {"wampbox.error", func(p *played, _ cryptobox.Token) tail { return p.random(refusalSize-1, nil) }, transparency.NotOpened},
		"random, under another id": {"wampbox.error", func(p *played, _ cryptobox.Token) tail {
			return p.random(refusalSize, func(b []byte) { b[1] ^= 1 })
		}, transparency.NotOpened},
		"random, of another suite": {"wampbox.error", func(p *played, _ cryptobox.Token) tail {
			return p.random(refusalSize, func(b []byte) { b[0] = byte(cryptobox.SuiteXBox) })
		}, transparency.NotOpened},
		"random as result": {"", func(p *played, _ cryptobox.Token) tail { return p.random(refusalSize, nil) }, transparency.NotOpened},
	} {
		t.Run(name, func(t *testing.T) {
			p := connect(t)
			got := p.answered(keyedURI, c.errorURI, func(token cryptobox.Token, _ string, _ cryptobox.Kind) tail { return c.answer(p, token) })
			harness.RequireReason(t, got.Err, c.reason)
			require.NotErrorIs(t, got.Err, transparency.Refused)
		})
	}
	t.Run("made up", func(t *testing.T) { // by a router, or random
		p := connect(t)
		got := p.answered(keyedURI, "wampbox.error", func(cryptobox.Token, string, cryptobox.Kind) tail { return p.random(refusalSize, nil) })
		harness.RequireRefused(t, got.Err, 0)
		require.ErrorContains(t, got.Err, "it doesn't say why, or a router made it up")
	})
	t.Run("a reason that isn't known", func(t *testing.T) {
		p := connect(t)
		for _, name := range []string{"", "Tired", strings.Repeat("x", 1000), "Refused2",
			"Refused", "Unsealable", "Misuse", "NotCarried", "ReservedOption"} { // which no peer has to tell
			got := p.answered(keyedURI, "wampbox.error", func(token cryptobox.Token, _ string, _ cryptobox.Kind) tail {
				return p.refusal(token, nil, name, now())
			})
			harness.RequireReason(t, got.Err, transparency.Refused)
			e := asTransparency(t, got.Err)
			require.NotNil(t, e.Peer)
			require.Zero(t, e.Peer.Reason)
			require.ErrorContains(t, got.Err, "a reason that isn't known here")
			require.NotContains(t, got.Err.Error(), "Tired")
		}
	})
	t.Run("a clock far away", func(t *testing.T) {
		p := connect(t)
		for _, clock := range []any{0, int64(math.MaxInt64)} {
			got := p.answered(keyedURI, "wampbox.error", func(token cryptobox.Token, _ string, _ cryptobox.Kind) tail {
				return p.refusal(token, nil, "ClockSkew", clock)
			})
			e := harness.RequireRefused(t, got.Err, transparency.ClockSkew)
			require.Equal(t, clock != 0, e.Peer.Skew > 0)
		}
	})
}

// random is random bytes as the payload of an answer, under the call's suite and key id but
// for what change does.
func (p *played) random(size int, change func([]byte)) tail {
	p.t.Helper()
	b := make([]byte, size)
	_, _ = rand.Read(b)
	id := p.Version.Key().ID()
	b[0] = byte(p.Version.Suite())
	copy(b[1:], id[:])
	if change != nil {
		change(b)
	}
	return p.tail(ours, &wire.Envelope{Payload: b}, nil)
}

// reasonNames are the names that peers tell one another, from docs/FORMAT.md.
var reasonNames = []string{
	"Plaintext", "NoKey", "WrongRole", "Malformed", "NotOpened", "WrongURI", "WrongKind", "WrongRealm",
	"WrongRequest", "Gap", "Replayed", "Stale", "ClockSkew", "StoreDown", "TooLarge",
}
