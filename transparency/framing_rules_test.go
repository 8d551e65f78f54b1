package transparency_test

import (
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// The rules of what is let in, for each framing, with a router that lies.

// forEachDialect runs the test for each framing, each on a connection of its own
// kind.
func forEachDialect(t *testing.T, test func(t *testing.T, d dialect, play playing)) {
	t.Helper()
	for _, c := range []struct {
		dialect
		transport handrouter.Transport
		encoding  string
	}{
		{encArgument, handrouter.RawSocket, "msgpack"},
		{native, handrouter.WebSocket, "json"},
		{native, handrouter.RawSocket, "msgpack"},
		{passthru, handrouter.WebSocket, "cbor"},
		{passthru, handrouter.RawSocket, "json"},
	} {
		t.Run(c.dialect.String()+"/"+c.encoding, func(t *testing.T) {
			t.Parallel()
			test(t, c.dialect, func(own, other keyring.Key, opts ...transparency.Option) *played {
				return play(t, c.dialect, c.transport, c.encoding, own, other, opts...)
			})
		})
	}
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
func (p *played) tail(d dialect, env *cryptobox.Envelope, change func(fields map[string]any)) tail {
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
	env, _ := p.envelope(secretRecord(uri, p.Bind(kind, nil)))
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

// refuses expects that neither event nor invocation is served.
func (s *serving) refuses(event, invocation tail, reason transparency.Reason, answer wamp.URI) {
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
	s.plainMessage(wamp.ERROR, wamp.INVOCATION, s.request, map[string]any{}, string(answer))
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
	require.Equal(s.t, s.uri, record.URI())
	require.Equal(s.t, []any{"secret answer"}, record.Args())
	require.NotNil(s.t, record.Bind(), "a Session binds what it seals for whomever")
	return ev, inv
}

const keyedURI, plainURI = harness.Prefix + "x", "com.plain.x"

// eachURI runs the test with a handler on a keyed URI, and on one that isn't, with
// the answer that a refused invocation gets.
func eachURI(t *testing.T, connect func() *played, test func(t *testing.T, s *serving, answer wamp.URI)) {
	t.Helper()
	for uri, answer := range map[string]wamp.URI{keyedURI: harness.OpaqueNoDetail, plainURI: harness.OpaqueNoCodec} {
		s := serve(connect(), uri)
		t.Run(uri, func(t *testing.T) {
			s.t = t
			test(t, s, answer)
		})
	}
}

func TestPlaintextIsNoWayAround(t *testing.T) {
	k := harness.NewKeys()
	forEachDialect(t, func(_ *testing.T, _ dialect, play playing) {
		s := serve(play(k.ResponderKey(), k.OriginatorKey()), keyedURI)
		for _, plain := range []tail{{}, {payload: []any{[]any{"plain"}}}, {payload: []any{[]any{}, wamp.Dict{"k": "plain"}}}, {payload: []any{[]any{s.binary([]byte("plain bytes"))}}}} {
			s.refuses(plain, plain, transparency.Plaintext, harness.OpaqueNoDetail)
		}
	})
}

func TestSealedForAURIWithoutAKey(t *testing.T) {
	k := harness.NewKeys()
	forEachDialect(t, func(_ *testing.T, _ dialect, play playing) {
		s := serve(play(k.ResponderKey(), k.OriginatorKey()), plainURI)
		s.refuses(s.sealedTail(plainURI, cryptobox.KindPublish, nil), s.sealedTail(plainURI, cryptobox.KindCall, nil), transparency.NoKey, harness.OpaqueNoCodec)
	})
}

// TestAnotherFraming: what is sealed rightly, but laid out as another framing does.
func TestAnotherFraming(t *testing.T) {
	k := harness.NewKeys()
	forEachDialect(t, func(t *testing.T, d dialect, play playing) {
		for _, other := range dialects {
			if other.framing == d.framing {
				continue
			}
			t.Run(other.String(), func(t *testing.T) {
				eachURI(t, func() *played { return play(k.ResponderKey(), k.OriginatorKey()) }, func(_ *testing.T, s *serving, answer wamp.URI) {
					event, _ := s.envelope(secretRecord(s.uri, s.Bind(cryptobox.KindPublish, nil)))
					call, _ := s.envelope(secretRecord(s.uri, s.Bind(cryptobox.KindCall, nil)))
					s.refuses(s.tail(other, event, nil), s.tail(other, call, nil), transparency.Malformed, answer)
				})
			})
		}
	})
}

func TestAlgorithmOtherThanTheKeys(t *testing.T) {
	k := harness.NewKeys()
	reasons := map[transparency.Framing]map[string]transparency.Reason{
		transparency.EncArgument: {
			"xsalsa20poly1305": transparency.NotOpened, "aes256gcm": transparency.NotOpened, "rot13": transparency.NotOpened,
		},
		transparency.Native: {
			"mqtt": transparency.NotOpened, "xbr": transparency.NotOpened, "x_custom": transparency.NotOpened,
			"xsalsa20poly1305": transparency.Malformed, "rot13": transparency.Malformed, "": transparency.Malformed,
		},
		transparency.PPT: {
			"aes256gcm": transparency.NotOpened,
			"cryptobox": transparency.Malformed, "rot13": transparency.Malformed, "": transparency.Malformed,
		},
	}
	forEachDialect(t, func(_ *testing.T, d dialect, play playing) {
		s := serve(play(k.ResponderKey(), k.OriginatorKey()), keyedURI)
		for name, reason := range reasons[d.framing] {
			rename := func(fields map[string]any) { fields[d.algorithm] = name }
			s.refuses(s.sealedTail(keyedURI, cryptobox.KindPublish, rename), s.sealedTail(keyedURI, cryptobox.KindCall, rename), reason, harness.OpaqueNoDetail)
		}
	})
}

// TestKeysOfOtherKinds: the same bytes as a key, under another algorithm.
func TestKeysOfOtherKinds(t *testing.T) {
	secret := cryptobox.GenerateSymmetricKey()
	box, gcm := keyring.Symmetric("id", secret), keyring.AES256GCM("id", secret)
	for _, c := range []struct{ own, other keyring.Key }{{box, gcm}, {gcm, box}} {
		s := serve(play(t, passthru, handrouter.WebSocket, "cbor", c.own, c.other), keyedURI)
		s.refuses(s.sealedTail(keyedURI, cryptobox.KindPublish, nil), s.sealedTail(keyedURI, cryptobox.KindCall, nil), transparency.NotOpened, harness.OpaqueNoDetail)
	}
}

// partsOf lists messages that are neither sealed nor plain, in the dialect.
func partsOf(s *serving) map[string]tail {
	d := s.dialect
	env, _ := s.envelope(secretRecord(s.uri, s.Bind(cryptobox.KindPublish, nil)))
	whole := s.tail(d, env, nil)
	bytes := s.binary(env.Payload)
	with := func(name string, value any) tail {
		return s.tail(d, env, func(fields map[string]any) { fields[name] = value })
	}
	without := func(name string) tail {
		return s.tail(d, env, func(fields map[string]any) { delete(fields, name) })
	}
	all := map[string]tail{
		"no algorithm":           without(d.algorithm),
		"algorithm of no text":   with(d.algorithm, 5),
		"algorithm null":         with(d.algorithm, nil),
		"no serializer":          without(d.recordsIn),
		"serializer unknown":     with(d.recordsIn, "xml"),
		"serializer null":        with(d.recordsIn, nil),
		"key id of no text":      with(d.keyID, []any{}),
		"key id empty":           with(d.keyID, ""),
		"an argument beside":     {whole.attributes, append(whole.payload[:len(whole.payload):len(whole.payload)], []any{"x"}, wamp.Dict{"x": 1})},
		"binary data in place":   {nil, []any{bytes}},
		"an attribute alone":     {wamp.Dict{"enc_algo": "cryptobox"}, []any{[]any{"x"}}},
		"another one alone":      {wamp.Dict{"ppt_scheme": "wamp"}, []any{[]any{"x"}}},
		"an attribute of nobody": {wamp.Dict{"enc_x": true}, []any{[]any{"x"}}},
		"another one":            {wamp.Dict{"ppt_x": true}, []any{[]any{"x"}}},
		"an enc argument":        {nil, []any{[]any{}, wamp.Dict{"enc": "x"}}},
	}
	switch d.framing {
	case transparency.Native:
		all["attributes and a list"] = tail{whole.attributes, []any{[]any{bytes}}}
		all["attributes and nothing"] = tail{whole.attributes, nil}
		all["no bytes"] = tail{whole.attributes, []any{s.binary([]byte{})}}
		all["a keyword argument beside"] = tail{whole.attributes, []any{bytes, wamp.Dict{}}}
		all["an attribute unknown"] = with("enc_more", "x")
	case transparency.PPT:
		all["attributes and bytes in place"] = tail{whole.attributes, []any{bytes}}
		all["attributes and nothing"] = tail{whole.attributes, nil}
		all["attributes and an empty list"] = tail{whole.attributes, []any{[]any{}}}
		all["no bytes"] = tail{whole.attributes, []any{[]any{s.binary([]byte{})}}}
		all["text"] = tail{whole.attributes, []any{[]any{"§"}}}
		all["two arguments"] = tail{whole.attributes, []any{[]any{bytes, bytes}}}
		all["a keyword argument beside"] = tail{whole.attributes, []any{[]any{bytes}, wamp.Dict{"x": 1}}}
		all["an attribute unknown"] = with("ppt_more", "x")
		for name, scheme := range map[string]any{"mqtt": "mqtt", "custom": "x_custom", "unknown": "y", "null": nil, "5": 5} {
			all["scheme "+name] = with("ppt_scheme", scheme)
		}
		all["no scheme"] = without("ppt_scheme")
		all["records in JSON"] = with("ppt_serializer", "json")
		all["records as they are"] = with("ppt_serializer", "native")
	}
	return all
}

func TestPartsOfEachFraming(t *testing.T) {
	k := harness.NewKeys()
	forEachDialect(t, func(t *testing.T, _ dialect, play playing) {
		eachURI(t, func() *played {
			p := play(k.ResponderKey(), k.OriginatorKey())
			harness.AcceptPlain(t, p.ring)
			return p
		}, func(t *testing.T, s *serving, answer wamp.URI) {
			for name, part := range partsOf(s) {
				t.Run(name, func(t *testing.T) {
					s.t = t
					s.refuses(part, part, transparency.Malformed, answer)
				})
			}
		})
	})
}

func TestAnswersInEachFraming(t *testing.T) {
	k := harness.NewKeys()
	forEachDialect(t, func(t *testing.T, d dialect, play playing) {
		p := play(k.OriginatorKey(), k.ResponderKey())
		// call has the Session call, and answers with RESULT and with ERROR.
		call := func(name, uri string, answer func(token cryptobox.Token, answerURI string, kind cryptobox.Kind) tail, reason transparency.Reason) {
			for _, errorURI := range []string{"", "com.myapp.error1", "wamp.error.runtime_error"} {
				done := p.calling(uri, nil, nil, nil)
				request, token := any(nil), cryptobox.Token{}
				if uri == keyedURI {
					var got []any
					got, _, token = p.sealedMessage(wamp.CALL, nil, wamp.Dict{}, uri)
					request = got[1]
				} else {
					request = p.plainMessage(wamp.CALL, nil, map[string]any{}, uri)[1]
				}
				kind, answerURI := cryptobox.KindResult, uri
				if errorURI != "" {
					kind, answerURI = cryptobox.KindError, errorURI
				}
				tl := answer(token, answerURI, kind)
				head := []any{wamp.RESULT, request, orEmpty(tl.attributes)}
				if errorURI != "" {
					head = []any{wamp.ERROR, wamp.CALL, request, orEmpty(tl.attributes), errorURI}
				}
				p.Send(append(head, tl.payload...)...)
				got := harness.Receive(t, done)
				require.Nil(t, got.Result, name)
				if reason == transparency.Plaintext && errorURI == "wamp.error.runtime_error" {
					require.Empty(t, harness.Raised(t, got.Err).Arguments, name)
					require.Empty(t, harness.Raised(t, got.Err).ArgumentsKw, name)
					continue
				}
				harness.RequireReason(t, got.Err, reason)
				require.NotErrorAs(t, got.Err, new(client.RPCError), name)
				harness.RequireReason(t, p.refused.Next(t), reason)
			}
		}
		for _, plain := range []tail{{}, {payload: []any{[]any{"lie"}, wamp.Dict{"k": "lie"}}}} {
			call("plain", keyedURI, func(cryptobox.Token, string, cryptobox.Kind) tail { return plain }, transparency.Plaintext)
		}
		sealed := func(in dialect) func(cryptobox.Token, string, cryptobox.Kind) tail {
			return func(token cryptobox.Token, uri string, kind cryptobox.Kind) tail {
				env, _ := p.envelope(secretRecord(uri, p.answer(kind, token, 0)))
				return p.tail(in, env, nil)
			}
		}
		for _, other := range dialects {
			if other.framing != d.framing {
				call("in "+other.String(), keyedURI, sealed(other), transparency.Malformed)
				call("in "+other.String(), plainURI, sealed(other), transparency.Malformed)
			}
		}
		s := &serving{played: p, uri: keyedURI}
		for name, part := range partsOf(s) {
			for _, uri := range []string{keyedURI, plainURI} {
				call(name, uri, func(cryptobox.Token, string, cryptobox.Kind) tail { return part }, transparency.Malformed)
			}
		}
	})
}

func TestLaterChunksInEachFraming(t *testing.T) {
	k := harness.NewKeys()
	forEachDialect(t, func(t *testing.T, d dialect, play playing) {
		s := serve(play(k.ResponderKey(), k.OriginatorKey()), keyedURI)
		harness.AcceptPlain(t, s.ring)
		bare := transparency.Malformed // payload without a word of what it is
		if d.framing == transparency.PPT {
			bare = 0
		}
		for name, c := range map[string]struct {
			later  func(whole tail, env *cryptobox.Envelope) tail
			reason transparency.Reason
		}{
			"right": {func(whole tail, _ *cryptobox.Envelope) tail { return whole }, 0},
			"plain": {func(tail, *cryptobox.Envelope) tail { return tail{nil, []any{[]any{"plain"}}} }, transparency.Plaintext},
			"empty": {func(tail, *cryptobox.Envelope) tail { return tail{} }, transparency.Plaintext},
			"a keyword argument beside": {func(whole tail, _ *cryptobox.Envelope) tail {
				return tail{whole.attributes, append(whole.payload[:len(whole.payload):len(whole.payload)], wamp.Dict{"x": 1}, wamp.Dict{"x": 1})}
			}, transparency.Malformed},
			"another algorithm": {func(_ tail, env *cryptobox.Envelope) tail {
				return s.tail(d, env, func(fields map[string]any) { fields[d.algorithm] = "aes256gcm" })
			}, map[transparency.Framing]transparency.Reason{transparency.Native: transparency.Malformed}[d.framing]},
			"without attributes": {func(whole tail, _ *cryptobox.Envelope) tail { return tail{nil, whole.payload} }, bare},
		} {
			if name == "without attributes" && d.framing == transparency.EncArgument {
				continue // there are none
			}
			if name == "another algorithm" && c.reason == 0 {
				c.reason = transparency.NotOpened
			}
			t.Run(name, func(t *testing.T) {
				s.t, s.played.t = t, t
				env, token := s.envelope(secretRecord(keyedURI, s.Bind(cryptobox.KindCallProgress, nil)))
				s.request++
				chunk := func(tl tail, more bool) {
					details := wamp.Dict{"progress": more}
					for name, value := range tl.attributes {
						details[name] = value
					}
					s.Send(append([]any{wamp.INVOCATION, s.request, registration, details}, tl.payload...)...)
				}
				chunk(s.tail(d, env, nil), true)
				harness.Receive(t, s.served)
				env, _ = s.envelope(secretRecord(keyedURI, s.answer(cryptobox.KindCall, token, 1)))
				chunk(c.later(s.tail(d, env, nil), env), false)
				if c.reason == 0 {
					inv := harness.Receive(t, s.served)
					requireSecret(t, inv.Arguments, inv.ArgumentsKw)
					s.sealedMessage(wamp.YIELD, s.request, wamp.Dict{})
					return
				}
				harness.RequireReason(t, s.refused.Next(t), c.reason)
				s.plainMessage(wamp.ERROR, wamp.INVOCATION, s.request, map[string]any{}, string(harness.OpaqueNoDetail))
				harness.Nothing(t, s.served)
			})
		}
	})
}

// TestAttributesCountForTheirInvocationAlone: bytes in another invocation, or in
// one that began plain, are no chunk of what was sealed before.
func TestAttributesCountForTheirInvocationAlone(t *testing.T) {
	k := harness.NewKeys()
	p := play(t, passthru, handrouter.WebSocket, "cbor", k.ResponderKey(), k.OriginatorKey())
	s := serve(p, keyedURI)
	first := s.deliver(secretRecord(keyedURI, s.Bind(cryptobox.KindCallProgress, nil)), wamp.INVOCATION, 1, registration, wamp.Dict{"progress": true})
	harness.Receive(t, s.served)
	env, _ := s.envelope(secretRecord(keyedURI, s.answer(cryptobox.KindCall, first, 1)))
	s.request = 1
	s.sendInvocation(tail{nil, []any{[]any{env.Payload}}})
	harness.RequireReason(t, s.refused.Next(t), transparency.Plaintext)
	s.plainMessage(wamp.ERROR, wamp.INVOCATION, 2, map[string]any{}, string(harness.OpaqueNoDetail))
	// Neither are they left for a second invocation under the first one's id.
	s.Send(wamp.INVOCATION, 1, registration, wamp.Dict{}, []any{env.Payload})
	requireSecret(t, harness.Receive(t, s.served).Arguments, func() map[string]any { _, kwargs := secretPayload(); return kwargs }())
	s.sealedMessage(wamp.YIELD, 1, wamp.Dict{})
	harness.Nothing(t, s.served)
}

// TestShapesOfBinaryData: routers between sessions with different serializers hand
// binary data on in other shapes.
func TestShapesOfBinaryData(t *testing.T) {
	k := harness.NewKeys()
	for _, d := range dialects {
		for _, encoding := range handrouter.Serializers {
			p := play(t, d, handrouter.WebSocket, encoding, k.ResponderKey(), k.OriginatorKey())
			s := serve(p, keyedURI)
			shapes := map[string]func([]byte) any{
				"NUL and base64": func(b []byte) any { return binaryIn("json", b) },
			}
			if d.framing != transparency.Native { // where it would be text, or a list of arguments
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
						env, _ := p.envelope(secretRecord(keyedURI, p.Bind(kind, nil)))
						attributes, payload := d.place(d.fields(env), shape(env.Payload))
						return tail{attributes, payload}
					}
					s.accepts(shaped(cryptobox.KindPublish), shaped(cryptobox.KindCall))
				})
			}
		}
	}
}
