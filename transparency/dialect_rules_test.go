package transparency_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

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

// The rules of what is let in, for each dialect, with a router that lies.

// forEachDialect runs the test for each dialect, each on a connection of its own
// kind, with keys for it.
func forEachDialect(t *testing.T, test func(t *testing.T, d dialect, k harness.Keys, play playing)) {
	t.Helper()
	for _, c := range []struct {
		dialect
		transport handrouter.Transport
		encoding  string
	}{
		{ours, handrouter.RawSocket, "msgpack"},
		{autobahn, handrouter.WebSocket, "json"},
		{autobahn, handrouter.RawSocket, "msgpack"},
		{passthru, handrouter.WebSocket, "cbor"},
		{passthru, handrouter.RawSocket, "json"},
	} {
		t.Run(c.dialect.String()+"/"+c.encoding, func(t *testing.T) {
			t.Parallel()
			test(t, c.dialect, harness.NewKeys().In(c.Dialect), func(own, other keyring.Key, opts ...transparency.Option) *played {
				return play(t, c.dialect, c.transport, c.encoding, own, other, opts...)
			})
		})
	}
}

// forEachForeign is forEachDialect of the dialects that bind nothing.
func forEachForeign(t *testing.T, test func(t *testing.T, d dialect, k harness.Keys, play playing)) {
	t.Helper()
	forEachDialect(t, func(t *testing.T, d dialect, k harness.Keys, play playing) {
		if d.Foreign() {
			test(t, d, k, play)
		}
	})
}

// serving is a Session with a handler for the events and the invocations of a URI.
type serving struct {
	*played
	uri     string
	events  <-chan *wamp.Event
	served  chan *wamp.Invocation
	request int
}

func serve(p *played, uri string) *serving {
	s := &serving{played: p, uri: uri, served: make(chan *wamp.Invocation, 100)}
	s.events = p.subscribed(uri)
	p.registered(uri, keeping(s.served))
	return s
}

// tail is what a router makes of a payload: attributes, and elements in its place.
type tail struct {
	attributes wamp.Dict
	payload    []any
}

// tail returns what carries env in the dialect, where change may change the fields.
func (p *played) tail(d dialect, env *wire.Envelope, change func(fields map[string]any)) tail {
	fields := d.fields(env)
	if change != nil {
		change(fields)
	}
	attributes, payload := d.place(fields, p.binary(env.Payload))
	return tail{attributes, payload}
}

// sealedTail seals a record of the URI, with a binding of the kind.
func (p *played) sealedTail(uri string, kind cryptobox.Kind, change func(fields map[string]any)) tail {
	p.t.Helper()
	env, _ := p.Envelope(secretRecord(uri, p.Bind(kind, nil)))
	return p.tail(p.dialect, env, change)
}

// sendEvent and sendInvocation send what carries the tail.
func (s *serving) sendEvent(tl tail) {
	s.t.Helper()
	s.Send(append([]any{wamp.EVENT, subscription, publication, orEmpty(tl.attributes)}, tl.payload...)...)
}

func (s *serving) sendInvocation(tl tail) {
	s.t.Helper()
	s.request++
	s.Send(append([]any{wamp.INVOCATION, s.request, registration, orEmpty(tl.attributes)}, tl.payload...)...)
}

func orEmpty(dict wamp.Dict) wamp.Dict {
	if dict == nil {
		return wamp.Dict{}
	}
	return dict
}

// opaque is what a refused invocation is answered with: it goes by the looks of its first
// chunk, and says whether the URI is keyed in the foreign dialects alone.
func (s *serving) opaque(first tail, reason transparency.Reason) wamp.URI {
	if len(first.payload) == 2 {
		kwargs, _ := wamp.AsDict(first.payload[1])
		if _, found := kwargs["enc"]; found {
			return harness.OpaqueError
		}
	}
	switch {
	case reason == transparency.Plaintext:
		return harness.OpaquePlain
	case s.uri == plainURI:
		return harness.OpaqueNoCodec
	}
	return harness.OpaqueNoDetail
}

// refused takes the answer to a refused invocation.
func (s *serving) refusedWith(answer wamp.URI) {
	s.t.Helper()
	got := s.nextMessage()
	s.requireHead([]any{wamp.ERROR, wamp.INVOCATION, s.request, map[string]any{}, string(answer)}, got)
	var args []any
	var kwargs map[string]any
	if len(got) > 5 {
		args, _ = got[5].([]any)
		kwargs, _ = got[6].(map[string]any)
	}
	harness.RequireOpaque(s.t, answer, answer, args, kwargs)
}

// refuses expects that neither event nor invocation is served.
func (s *serving) refuses(event, invocation tail, reason transparency.Reason) {
	s.t.Helper()
	s.sendEvent(event)
	refusal := s.refused.Next(s.t)
	require.Equal(s.t, "event", refusal.Op)
	harness.RequireReason(s.t, refusal, reason)
	require.NotContains(s.t, refusal.Error(), marker)
	s.sendInvocation(invocation)
	refusal = s.refused.Next(s.t)
	require.Equal(s.t, "invocation", refusal.Op)
	require.Equal(s.t, s.uri, refusal.URI)
	harness.RequireReason(s.t, refusal, reason)
	s.refusedWith(s.opaque(invocation, reason))
	harness.Nothing(s.t, s.events)
	harness.Nothing(s.t, s.served)
}

// accepts expects that both are served, and that the result is sealed.
func (s *serving) accepts(event, invocation tail) (*wamp.Event, *wamp.Invocation) {
	s.t.Helper()
	s.sendEvent(event)
	ev := harness.Receive(s.t, s.events)
	requireSecret(s.t, ev.Arguments, ev.ArgumentsKw)
	s.sendInvocation(invocation)
	inv := harness.Receive(s.t, s.served)
	requireSecret(s.t, inv.Arguments, inv.ArgumentsKw)
	_, record, _ := s.sealedMessage(wamp.YIELD, s.request, wamp.Dict{})
	require.Equal(s.t, s.uri, record.URI)
	require.Equal(s.t, []any{"secret answer"}, record.Args)
	return ev, inv
}

const keyedURI, plainURI = harness.Prefix + "x", "com.plain.x"

// eachURI runs the test with a handler on a keyed URI, and on one that isn't.
func eachURI(t *testing.T, connect func() *played, test func(t *testing.T, s *serving)) {
	t.Helper()
	for _, uri := range []string{keyedURI, plainURI} {
		s := serve(connect(), uri)
		t.Run(uri, func(t *testing.T) {
			s.t = t
			test(t, s)
		})
	}
}

func TestPlaintextIsNoWayAround(t *testing.T) {
	forEachDialect(t, func(_ *testing.T, _ dialect, k harness.Keys, play playing) {
		s := serve(play(k.ResponderKey(), k.OriginatorKey()), keyedURI)
		for _, plain := range []tail{{}, {payload: []any{[]any{"plain"}}}, {payload: []any{[]any{}, wamp.Dict{"k": "plain"}}}, {payload: []any{[]any{s.binary([]byte("plain bytes"))}}}} {
			s.refuses(plain, plain, transparency.Plaintext)
		}
	})
}

func TestSealedForAURIWithoutAKey(t *testing.T) {
	forEachDialect(t, func(_ *testing.T, _ dialect, k harness.Keys, play playing) {
		s := serve(play(k.ResponderKey(), k.OriginatorKey()), plainURI)
		s.refuses(s.sealedTail(plainURI, cryptobox.KindPublish, nil), s.sealedTail(plainURI, cryptobox.KindCall, nil), transparency.NoKey)
	})
}

// TestAnotherDialect: what is sealed rightly by a holder of the key, but in another dialect
// than the key's.
func TestAnotherDialect(t *testing.T) {
	forEachDialect(t, func(t *testing.T, d dialect, k harness.Keys, play playing) {
		for _, other := range dialects {
			if other.Dialect == d.Dialect {
				continue
			}
			t.Run(other.String(), func(t *testing.T) {
				eachURI(t, func() *played { return play(k.ResponderKey(), k.OriginatorKey()) }, func(_ *testing.T, s *serving) {
					reason := transparency.NotOpened
					if s.uri == plainURI {
						reason = transparency.NoKey
					}
					s.Forger = harness.Holding(s.t, harness.RingOf(s.t, k.In(other.Dialect).OriginatorKey()))
					event, _ := s.Envelope(secretRecord(s.uri, s.Bind(cryptobox.KindPublish, nil)))
					call, _ := s.Envelope(secretRecord(s.uri, s.Bind(cryptobox.KindCall, nil)))
					s.refuses(s.tail(other, event, nil), s.tail(other, call, nil), reason)
				})
			})
		}
	})
}

// TestPayloadOfAnotherDialect: what is sealed rightly, but laid out as another dialect has
// it, whose key is there too.
func TestPayloadOfAnotherDialect(t *testing.T) {
	forEachDialect(t, func(t *testing.T, d dialect, k harness.Keys, play playing) {
		for _, other := range dialects {
			if other.Dialect == d.Dialect {
				continue
			}
			t.Run(other.String(), func(t *testing.T) {
				p := play(k.ResponderKey(), k.OriginatorKey())
				require.NoError(t, p.ring.Set(encrypted, k.In(other.Dialect).ResponderKey()))
				s := serve(p, keyedURI)
				payload := func(kind cryptobox.Kind) tail {
					env, _ := s.Envelope(secretRecord(s.uri, s.Bind(kind, nil))) // of d
					bytes := env.Payload
					switch {
					case !other.Foreign(): // 17 bytes more, which only select
						id := p.version(other).Key().ID()
						bytes = slices.Concat([]byte{byte(cryptobox.SuiteBox)}, id[:], bytes)
					case !d.Foreign():
						bytes = bytes[nonceAt:]
					}
					env.Algorithm, env.KeyID = "cryptobox", ""
					if other.Dialect == cryptobox.Passthru {
						env.Algorithm, env.KeyID = "xsalsa20poly1305", harness.PassthruID
					}
					env.Payload = bytes
					return s.tail(other, env, nil)
				}
				// The box opens: it is the same function, under the same secret.
				s.refuses(payload(cryptobox.KindPublish), payload(cryptobox.KindCall), transparency.Malformed)
			})
		}
	})
}

// version is the one that the Session opens with.
func (p *played) version(d dialect) *keyring.Version {
	p.t.Helper()
	entry, err := p.ring.Lookup(keyedURI)
	require.NoError(p.t, err)
	version, err := entry.Sealer(keyring.RoleResponder)
	require.NoError(p.t, err)
	require.Equal(p.t, d.Dialect, version.Dialect())
	return version
}

func TestAlgorithmOtherThanTheKeys(t *testing.T) {
	reasons := map[cryptobox.Dialect]map[string]transparency.Reason{
		cryptobox.Autobahn: {
			"mqtt": transparency.NotOpened, "xbr": transparency.NotOpened, "x_custom": transparency.NotOpened,
			"xsalsa20poly1305": transparency.Malformed, "rot13": transparency.Malformed, "": transparency.Malformed,
		},
		cryptobox.Passthru: {
			"aes256gcm": transparency.NotOpened,
			"cryptobox": transparency.Malformed, "rot13": transparency.Malformed, "": transparency.Malformed,
		},
	}
	forEachForeign(t, func(_ *testing.T, d dialect, k harness.Keys, play playing) {
		s := serve(play(k.ResponderKey(), k.OriginatorKey()), keyedURI)
		for name, reason := range reasons[d.Dialect] {
			rename := func(fields map[string]any) { fields[d.algorithm] = name }
			s.refuses(s.sealedTail(keyedURI, cryptobox.KindPublish, rename), s.sealedTail(keyedURI, cryptobox.KindCall, rename), reason)
		}
	})
}

// TestKeysOfOtherKinds: the same bytes as a key, under another algorithm.
func TestKeysOfOtherKinds(t *testing.T) {
	secret := cryptobox.GenerateSymmetricKey()
	box, gcm := keyring.Shared(secret).ForPassthru("id"), keyring.AES256GCM("id", secret)
	for _, c := range []struct{ own, other keyring.Key }{{box, gcm}, {gcm, box}} {
		s := serve(play(t, passthru, handrouter.WebSocket, "cbor", c.own, c.other), keyedURI)
		s.refuses(s.sealedTail(keyedURI, cryptobox.KindPublish, nil), s.sealedTail(keyedURI, cryptobox.KindCall, nil), transparency.NotOpened)
	}
}

// TestEncKeyIsIgnored, as Autobahn's peers may write whatever they like there.
func TestEncKeyIsIgnored(t *testing.T) {
	k := harness.NewKeys().In(cryptobox.Autobahn)
	s := serve(play(t, autobahn, handrouter.WebSocket, "json", k.ResponderKey(), k.OriginatorKey()), keyedURI)
	named := func(fields map[string]any) { fields["enc_key"] = "another" }
	s.accepts(s.sealedTail(keyedURI, cryptobox.KindPublish, named), s.sealedTail(keyedURI, cryptobox.KindCall, named))
}

// partsOf lists messages that are neither sealed nor plain, in the dialect.
func partsOf(s *serving) map[string]tail {
	d := s.dialect
	env, _ := s.Envelope(secretRecord(s.uri, s.Bind(cryptobox.KindPublish, nil)))
	whole := s.tail(d, env, nil)
	bytes := s.binary(env.Payload)
	with := func(name string, value any) tail {
		return s.tail(d, env, func(fields map[string]any) { fields[name] = value })
	}
	without := func(name string) tail {
		return s.tail(d, env, func(fields map[string]any) { delete(fields, name) })
	}
	all := map[string]tail{
		"something behind":       {whole.attributes, append(whole.payload[:len(whole.payload):len(whole.payload)], []any{"x"}, wamp.Dict{"x": 1})},
		"binary data in place":   {nil, []any{bytes}},
		"an attribute alone":     {wamp.Dict{"enc_algo": "cryptobox"}, []any{[]any{"x"}}},
		"another one alone":      {wamp.Dict{"ppt_scheme": "wamp"}, []any{[]any{"x"}}},
		"an attribute of nobody": {wamp.Dict{"enc_x": true}, []any{[]any{"x"}}},
		"another one of nobody":  {wamp.Dict{"ppt_x": true}, []any{[]any{"x"}}},
		"an enc argument":        {nil, []any{[]any{}, wamp.Dict{"enc": "x"}}},
		"an argument beside enc": {nil, []any{[]any{"x"}, wamp.Dict{"enc": bytes}}},
		"another one":            {nil, []any{[]any{}, wamp.Dict{"enc": bytes, "x": 1}}},
		"no bytes in enc":        {nil, []any{[]any{}, wamp.Dict{"enc": s.binary([]byte{})}}},
		"no list":                {nil, []any{5}},
		"no map":                 {nil, []any{[]any{}, 5}},
	}
	// What belongs to two dialects.
	for _, name := range []string{"enc_algo", "enc_key", "ppt_scheme", "ppt_keyid"} {
		if d.prefix() == "" || !strings.HasPrefix(name, d.prefix()) {
			all["with "+name] = tail{withAttribute(whole.attributes, name), whole.payload}
		}
	}
	if d.Foreign() {
		maps.Copy(all, map[string]tail{
			"no algorithm":         without(d.algorithm),
			"algorithm of no text": with(d.algorithm, 5),
			"algorithm null":       with(d.algorithm, nil),
			"no serializer":        without(d.recordsIn),
			"serializer unknown":   with(d.recordsIn, "xml"),
			"serializer another":   with(d.recordsIn, "msgpack"),
			"serializer null":      with(d.recordsIn, nil),
			"an attribute unknown": with(d.prefix()+"more", "x"),
		})
	}
	switch d.Dialect {
	case cryptobox.Autobahn:
		maps.Copy(all, map[string]tail{
			"attributes and a list":     {whole.attributes, []any{[]any{bytes}}},
			"attributes and nothing":    {whole.attributes, nil},
			"no bytes":                  {whole.attributes, []any{s.binary([]byte{})}},
			"a keyword argument beside": {whole.attributes, []any{bytes, wamp.Dict{}}},
			"records in CBOR":           with("enc_serializer", "cbor"),
		})
	case cryptobox.Passthru:
		maps.Copy(all, map[string]tail{
			"attributes and bytes in place": {whole.attributes, []any{bytes}},
			"attributes and nothing":        {whole.attributes, nil},
			"attributes and an empty list":  {whole.attributes, []any{[]any{}}},
			"no bytes":                      {whole.attributes, []any{[]any{s.binary([]byte{})}}},
			"text":                          {whole.attributes, []any{[]any{"§"}}},
			"two arguments":                 {whole.attributes, []any{[]any{bytes, bytes}}},
			"a keyword argument beside":     {whole.attributes, []any{[]any{bytes}, wamp.Dict{"x": 1}}},
			"no scheme":                     without("ppt_scheme"),
			"records in JSON":               with("ppt_serializer", "json"),
			"records as they are":           with("ppt_serializer", "native"),
			"key id of no text":             with("ppt_keyid", []any{}),
			"key id empty":                  with("ppt_keyid", ""),
		})
		for name, scheme := range map[string]any{"mqtt": "mqtt", "custom": "x_custom", "unknown": "y", "null": nil, "5": 5} {
			all["scheme "+name] = with("ppt_scheme", scheme)
		}
	}
	return all
}

// prefix is what the dialect's attributes begin with.
func (d dialect) prefix() string {
	before, _, found := strings.Cut(d.algorithm, "_")
	if !found {
		return ""
	}
	return before + "_"
}

func withAttribute(attributes wamp.Dict, name string) wamp.Dict {
	all := wamp.Dict{name: "x"}
	maps.Copy(all, attributes)
	return all
}

func TestPartsOfEachDialect(t *testing.T) {
	forEachDialect(t, func(t *testing.T, _ dialect, k harness.Keys, play playing) {
		eachURI(t, func() *played {
			p := play(k.ResponderKey(), k.OriginatorKey())
			harness.AcceptPlain(t, p.ring)
			return p
		}, func(t *testing.T, s *serving) {
			for name, part := range partsOf(s) {
				t.Run(name, func(t *testing.T) {
					s.t, s.played.t = t, t
					s.refuses(part, part, transparency.Malformed)
				})
			}
		})
	})
}

// TestAnswersInEachDialect: as RESULT and as ERROR, to a call that is sealed and to a
// plain one.
func TestAnswersInEachDialect(t *testing.T) {
	forEachDialect(t, func(t *testing.T, d dialect, k harness.Keys, play playing) {
		p := play(k.OriginatorKey(), k.ResponderKey())
		// call has the Session call, and answers with RESULT and with ERROR. Reason 0 has an
		// error come back, with what was given or without arguments.
		call := func(name, uri string, answer answerFor, want func(errorURI string) (transparency.Reason, wamp.List)) {
			for _, errorURI := range []string{"", "com.myapp.error1", "wamp.error.runtime_error", "wampbox.error"} {
				got := p.answered(uri, errorURI, answer)
				require.Nil(t, got.Result, name)
				reason, args := want(errorURI)
				if reason == 0 {
					require.Equal(t, wamp.URI(errorURI), harness.Raised(t, got.Err).Error, name)
					require.Equal(t, args, harness.Raised(t, got.Err).Arguments, name)
					continue
				}
				harness.RequireReason(t, got.Err, reason)
				require.NotErrorAs(t, got.Err, new(client.RPCError), name)
				harness.RequireReason(t, p.refused.Next(t), reason)
			}
		}
		given := wamp.List{"lie"}
		call("plain", keyedURI, always(tail{payload: []any{[]any(given)}}), func(errorURI string) (transparency.Reason, wamp.List) {
			switch {
			case errorURI != "" && d.Foreign():
				return 0, given
			case strings.HasPrefix(errorURI, "wamp."):
				return 0, nil
			}
			return transparency.Plaintext, nil
		})
		for _, other := range dialects {
			forger := harness.Holding(t, harness.RingOf(t, k.In(other.Dialect).ResponderKey()))
			sealed := func(token cryptobox.Token, uri string, kind cryptobox.Kind) tail {
				bind := forger.Bind(kind, func(b *harness.Bound) { b.Re = token })
				env, _ := forger.Envelope(secretRecord(uri, bind))
				return p.tail(other, env, nil)
			}
			call("in "+other.String(), plainURI, sealed, func(errorURI string) (transparency.Reason, wamp.List) {
				if errorURI != "" && other.Foreign() {
					return transparency.NoKey, nil
				}
				return transparency.WrongRequest, nil
			})
			if other.Dialect == d.Dialect {
				continue
			}
			call("in "+other.String(), keyedURI, sealed, func(errorURI string) (transparency.Reason, wamp.List) {
				if !d.Foreign() && errorURI != "" && errorURI != "wampbox.error" {
					return transparency.WrongURI, nil
				}
				return transparency.NotOpened, nil
			})
		}
		for name, part := range partsOf(&serving{played: p, uri: keyedURI}) {
			for _, uri := range []string{keyedURI, plainURI} {
				call(name, uri, always(part),
					func(string) (transparency.Reason, wamp.List) { return transparency.Malformed, nil })
			}
		}
	})
}

// answerFor makes an answer to a sealed call, for a URI and of a kind.
type answerFor func(token cryptobox.Token, uri string, kind cryptobox.Kind) tail

func always(tl tail) answerFor {
	return func(cryptobox.Token, string, cryptobox.Kind) tail { return tl }
}

// answered has the Session call, and gives what an answer comes to: a RESULT, or an ERROR
// of that URI.
func (p *played) answered(uri, errorURI string, answer answerFor) harness.Outcome {
	p.t.Helper()
	done := p.calling(uri, nil, nil, nil)
	request, token := any(nil), cryptobox.Token{}
	if uri == keyedURI {
		var got []any
		got, _, token = p.sealedMessage(wamp.CALL, nil, wamp.Dict{}, uri)
		request = got[1]
	} else {
		request = p.plainMessage(wamp.CALL, nil, map[string]any{}, uri)[1]
	}
	kind, sealedFor := cryptobox.KindResult, uri
	if errorURI != "" {
		kind, sealedFor = cryptobox.KindError, errorURI
	}
	tl := answer(token, sealedFor, kind)
	head := []any{wamp.RESULT, request, orEmpty(tl.attributes)}
	if errorURI != "" {
		head = []any{wamp.ERROR, wamp.CALL, request, orEmpty(tl.attributes), errorURI}
	}
	p.Send(append(head, tl.payload...)...)
	return harness.Receive(p.t, done)
}

func TestLaterChunksInEachDialect(t *testing.T) {
	forEachDialect(t, func(t *testing.T, d dialect, k harness.Keys, play playing) {
		s := serve(play(k.ResponderKey(), k.OriginatorKey()), keyedURI)
		harness.AcceptPlain(t, s.ring)
		type later struct {
			tail   func(whole tail, env *wire.Envelope) tail
			reason transparency.Reason
		}
		cases := map[string]later{
			"right": {func(whole tail, _ *wire.Envelope) tail { return whole }, 0},
			"plain": {func(tail, *wire.Envelope) tail { return tail{nil, []any{[]any{"plain"}}} }, transparency.Plaintext},
			"empty": {func(tail, *wire.Envelope) tail { return tail{} }, transparency.Plaintext},
			"a keyword argument beside": {func(whole tail, _ *wire.Envelope) tail {
				return tail{whole.attributes, append(whole.payload[:len(whole.payload):len(whole.payload)], wamp.Dict{"x": 1}, wamp.Dict{"x": 1})}
			}, transparency.Malformed},
		}
		if d.Foreign() {
			algorithm, bare := transparency.Malformed, transparency.Malformed // payload without a word of what it is
			if d.Dialect == cryptobox.Passthru {
				algorithm, bare = transparency.NotOpened, 0
			}
			cases["another algorithm"] = later{func(_ tail, env *wire.Envelope) tail {
				return s.tail(d, env, func(fields map[string]any) { fields[d.algorithm] = "aes256gcm" })
			}, algorithm}
			cases["without attributes"] = later{func(whole tail, _ *wire.Envelope) tail { return tail{nil, whole.payload} }, bare}
		}
		for _, other := range dialects {
			if other.Dialect != d.Dialect {
				forger := harness.Holding(t, harness.RingOf(t, k.In(other.Dialect).OriginatorKey()))
				cases["in "+other.String()] = later{func(tail, *wire.Envelope) tail {
					env, _ := forger.Envelope(secretRecord(keyedURI, s.Bind(cryptobox.KindCall, nil)))
					return s.tail(other, env, nil)
				}, transparency.NotOpened}
			}
		}
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				s.t, s.played.t = t, t
				env, token := s.Envelope(secretRecord(keyedURI, s.Bind(cryptobox.KindCallProgress, nil)))
				first := s.tail(d, env, nil)
				s.request++
				chunk := func(tl tail, more bool) {
					details := wamp.Dict{"progress": more}
					for name, value := range tl.attributes {
						details[name] = value
					}
					s.Send(append([]any{wamp.INVOCATION, s.request, registration, details}, tl.payload...)...)
				}
				chunk(first, true)
				harness.Receive(t, s.served)
				env, _ = s.Envelope(secretRecord(keyedURI, s.answer(cryptobox.KindCall, token, 1)))
				chunk(c.tail(s.tail(d, env, nil), env), false)
				if c.reason == 0 {
					inv := harness.Receive(t, s.served)
					requireSecret(t, inv.Arguments, inv.ArgumentsKw)
					s.sealedMessage(wamp.YIELD, s.request, wamp.Dict{})
					return
				}
				harness.RequireReason(t, s.refused.Next(t), c.reason)
				s.refusedWith(s.opaque(first, 0))
				harness.Nothing(t, s.served)
			})
		}
	})
}

// TestAttributesCountForTheirInvocationAlone: bytes in another invocation, or in
// one that began plain, are no chunk of what was sealed before.
func TestAttributesCountForTheirInvocationAlone(t *testing.T) {
	k := harness.NewKeys().In(cryptobox.Passthru)
	p := play(t, passthru, handrouter.WebSocket, "cbor", k.ResponderKey(), k.OriginatorKey())
	s := serve(p, keyedURI)
	first := s.deliver(secretRecord(keyedURI, s.Bind(cryptobox.KindCallProgress, nil)), wamp.INVOCATION, 1, registration, wamp.Dict{"progress": true})
	harness.Receive(t, s.served)
	env, _ := s.Envelope(secretRecord(keyedURI, s.answer(cryptobox.KindCall, first, 1)))
	s.request = 1
	s.sendInvocation(tail{nil, []any{[]any{env.Payload}}})
	harness.RequireReason(t, s.refused.Next(t), transparency.Plaintext)
	s.refusedWith(harness.OpaquePlain)
	// Neither are they left for a second invocation under the first one's id.
	s.Send(wamp.INVOCATION, 1, registration, wamp.Dict{}, []any{env.Payload})
	requireSecret(t, harness.Receive(t, s.served).Arguments, func() map[string]any { _, kwargs := secretPayload(); return kwargs }())
	s.sealedMessage(wamp.YIELD, 1, wamp.Dict{})
	harness.Nothing(t, s.served)
}

// TestShapesOfBinaryData: routers between sessions with different serializers hand
// binary data on in other shapes.
func TestShapesOfBinaryData(t *testing.T) {
	for _, d := range dialects {
		k := harness.NewKeys().In(d.Dialect)
		for _, encoding := range handrouter.Serializers {
			p := play(t, d, handrouter.WebSocket, encoding, k.ResponderKey(), k.OriginatorKey())
			s := serve(p, keyedURI)
			shapes := map[string]func([]byte) any{
				"NUL and base64": func(b []byte) any { return binaryIn("json", b) },
			}
			if d.Dialect != cryptobox.Autobahn { // where it would be text, or a list of arguments
				shapes["base64"] = func(b []byte) any { return base64.StdEncoding.EncodeToString(b) }
				shapes["integers"] = func(b []byte) any {
					list := make([]any, len(b))
					for i := range b {
						list[i] = int(b[i])
					}
					return list
				}
			}
			for name, shape := range shapes {
				t.Run(fmt.Sprint(d, "/", encoding, "/", name), func(t *testing.T) {
					s.t, p.t = t, t
					shaped := func(kind cryptobox.Kind) tail {
						env, _ := p.Envelope(secretRecord(keyedURI, p.Bind(kind, nil)))
						attributes, payload := d.place(d.fields(env), shape(env.Payload))
						return tail{attributes, payload}
					}
					s.accepts(shaped(cryptobox.KindPublish), shaped(cryptobox.KindCall))
				})
			}
		}
	}
}
