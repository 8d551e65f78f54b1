package transparency_test

import (
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

// Peers of other makes bind nothing, and in payload passthru mode name no URI.

// unboundTail seals a record without a binding.
func (p *played) unboundTail(uri string) tail {
	p.t.Helper()
	env, _ := p.envelope(secretRecord(uri, nil))
	env.KeyID = "" // nor do they have ids of ours
	return p.tail(p.dialect, env, nil)
}

func TestUnboundEventsAndInvocations(t *testing.T) {
	k := harness.NewKeys()
	shared := harness.SharedKeys(keyring.AES256GCM("id", cryptobox.GenerateSymmetricKey()))
	forEachDialect(t, func(t *testing.T, d dialect, play playing) {
		kinds := []harness.Keys{k}
		if d.framing == transparency.PPT {
			kinds = append(kinds, shared)
		}
		for _, k := range kinds {
			bound := serve(play(k.ResponderKey(), k.OriginatorKey()), keyedURI)
			unbound := serve(play(k.ResponderKey().AllowUnbound(), k.OriginatorKey()), keyedURI)

			named := bound.unboundTail(keyedURI)
			bound.refuses(named, named, transparency.Unbound, harness.OpaqueNoDetail)
			requireUnbound(t, unbound, named)

			anonymous := bound.unboundTail("")
			bound.refuses(anonymous, anonymous, transparency.WrongURI, harness.OpaqueNoDetail)
			if d.framing == transparency.PPT {
				requireUnbound(t, unbound, anonymous)
			} else {
				unbound.refuses(anonymous, anonymous, transparency.WrongURI, harness.OpaqueNoDetail)
			}

			elsewhere := bound.unboundTail(harness.Prefix + "y")
			bound.refuses(elsewhere, elsewhere, transparency.WrongURI, harness.OpaqueNoDetail)
			unbound.refuses(elsewhere, elsewhere, transparency.WrongURI, harness.OpaqueNoDetail)

			// Who binds has to name the URI, too.
			unbound.refuses(unbound.sealedTail("", cryptobox.KindPublish, nil), unbound.sealedTail("", cryptobox.KindCall, nil), transparency.WrongURI, harness.OpaqueNoDetail)
		}
	})
}

// requireUnbound expects what is sealed without a binding to be served, and said so.
func requireUnbound(t testing.TB, s *serving, tl tail) {
	t.Helper()
	ev, inv := s.accepts(tl, tl)
	want := transparency.Info{KeyID: s.Version.ID(), Algorithm: s.Version.Cipher().Algorithm()}
	for _, details := range []wamp.Dict{ev.Details, inv.Details} {
		info, ok := transparency.InfoFrom(details)
		require.True(t, ok)
		require.Equal(t, want, info)
		require.Equal(t, want.Algorithm, details["enc_algo"])
	}
}

func TestUnboundAnswers(t *testing.T) {
	k := harness.NewKeys()
	forEachDialect(t, func(t *testing.T, d dialect, play playing) {
		for _, c := range []struct {
			name   string
			allow  bool
			uri    string
			reason transparency.Reason
		}{
			{"not allowed", false, keyedURI, transparency.Unbound},
			{"not allowed, no URI", false, "", transparency.WrongURI},
			{"allowed", true, keyedURI, 0},
			{"allowed, another URI", true, harness.Prefix + "y", transparency.WrongURI},
			{"allowed, no URI", true, "", map[transparency.Framing]transparency.Reason{
				transparency.EncArgument: transparency.WrongURI, transparency.Native: transparency.WrongURI,
			}[d.framing]},
		} {
			t.Run(c.name, func(t *testing.T) {
				key := k.OriginatorKey()
				if c.allow {
					key = key.AllowUnbound()
				}
				p := play(key, k.ResponderKey())
				done := p.calling(keyedURI, nil, nil, nil)
				got, _, _ := p.sealedMessage(wamp.CALL, nil, wamp.Dict{}, keyedURI)
				tl := p.unboundTail(c.uri)
				p.Send(append([]any{wamp.RESULT, got[1], orEmpty(tl.attributes)}, tl.payload...)...)
				answer := harness.Receive(t, done)
				if c.reason != 0 {
					require.Nil(t, answer.Result)
					harness.RequireReason(t, answer.Err, c.reason)
					return
				}
				require.NoError(t, answer.Err)
				requireSecret(t, answer.Result.Arguments, answer.Result.ArgumentsKw)
				info, ok := transparency.InfoFrom(answer.Result.Details)
				require.True(t, ok)
				require.False(t, info.Bound)
			})
		}
	})
}

// errorPrefix is that of error URIs with a key of their own.
const errorPrefix = "com.myapp.errors."

// TestErrorsOfHandlersInEachFraming: to peers that may be Autobahn, an error is
// sealed as Autobahn does it, under the key of its own URI.
func TestErrorsOfHandlersInEachFraming(t *testing.T) {
	k, forErrors := harness.NewKeys(), harness.NewKeys()
	forEachDialect(t, func(t *testing.T, _ dialect, play playing) {
		for _, c := range []struct {
			name  string
			allow bool
			uri   string
			under *harness.Keys // nil for the URI alone
		}{
			{"bound", false, "com.myapp.error1", &k},
			{"bound, error URI keyed", false, errorPrefix + "1", &k},
			{"unbound, error URI keyed", true, errorPrefix + "1", &forErrors},
			{"unbound, error URI not keyed", true, "com.myapp.error1", nil},
		} {
			t.Run(c.name, func(t *testing.T) {
				key := k.ResponderKey()
				if c.allow {
					key = key.AllowUnbound()
				}
				p := play(key, k.OriginatorKey())
				require.NoError(t, p.ring.Set(keyring.Prefix(errorPrefix), forErrors.ResponderKey()))
				args, kwargs := secretPayload()
				p.registered(keyedURI, answering(client.InvokeResult{Err: wamp.URI(c.uri), Args: args, Kwargs: kwargs}))
				token := p.deliver(secretRecord(keyedURI, p.Bind(cryptobox.KindCall, nil)), wamp.INVOCATION, 1, registration, wamp.Dict{})
				if c.under == nil {
					p.plainMessage(wamp.ERROR, wamp.INVOCATION, 1, map[string]any{}, c.uri)
					return
				}
				p.Forger = harness.Holding(t, harness.RingOf(t, c.under.OriginatorKey()))
				_, record, _ := p.sealedMessage(wamp.ERROR, wamp.INVOCATION, 1, wamp.Dict{}, c.uri)
				requireRecord(t, record, c.uri, cryptobox.KindError, token, 0)
			})
		}
	})
}

// TestErrorsToCallersInEachFraming is the other end of it.
func TestErrorsToCallersInEachFraming(t *testing.T) {
	k, forErrors := harness.NewKeys(), harness.NewKeys()
	plain := func(*played, cryptobox.Token, string) tail { return tail{payload: []any{[]any{"as given"}}} }
	bound := func(p *played, token cryptobox.Token, uri string) tail {
		env, _ := p.envelope(secretRecord(uri, p.answer(cryptobox.KindError, token, 0)))
		return p.tail(p.dialect, env, nil)
	}
	unbound := func(p *played, _ cryptobox.Token, uri string) tail { return p.unboundTail(uri) }
	forEachDialect(t, func(t *testing.T, _ dialect, play playing) {
		for _, c := range []struct {
			name   string
			allow  bool
			uri    string
			under  harness.Keys
			answer func(p *played, token cryptobox.Token, uri string) tail
			plain  bool
			reason transparency.Reason // none where it is handed on
		}{
			{"bound", false, "com.myapp.error1", k, bound, false, 0},
			{"bound, under the error URI's key", false, errorPrefix + "1", forErrors, bound, false, transparency.NotOpened},
			{"bound, plain", false, errorPrefix + "1", k, plain, true, transparency.Plaintext},
			{"bound, without a binding", false, errorPrefix + "1", k, unbound, false, transparency.Unbound},
			{"unbound, under the error URI's key", true, errorPrefix + "1", forErrors, unbound, false, transparency.Unbound},
			{"unbound, under the error URI's key, which allows it", true, harness.Prefix + "error1", k, unbound, false, 0},
			{"unbound, under the procedure's key", true, errorPrefix + "1", k, unbound, false, transparency.NotOpened},
			{"unbound, not keyed", true, "com.myapp.error1", k, unbound, false, transparency.NoKey},
			{"unbound, plain", true, "com.myapp.error1", k, plain, true, 0},
		} {
			t.Run(c.name, func(t *testing.T) {
				key := k.OriginatorKey()
				if c.allow {
					key = key.AllowUnbound()
				}
				p := play(key, k.ResponderKey())
				require.NoError(t, p.ring.Set(keyring.Prefix(errorPrefix), forErrors.OriginatorKey()))
				done := p.calling(keyedURI, nil, nil, nil)
				call, _, token := p.sealedMessage(wamp.CALL, nil, wamp.Dict{}, keyedURI)
				p.Forger = harness.Holding(t, harness.RingOf(t, c.under.ResponderKey()))
				tl := c.answer(p, token, c.uri)
				p.Send(append([]any{wamp.ERROR, wamp.CALL, call[1], orEmpty(tl.attributes), c.uri}, tl.payload...)...)
				err := harness.Receive(t, done).Err
				if c.reason != 0 {
					harness.RequireReason(t, err, c.reason)
					require.NotErrorAs(t, err, new(client.RPCError))
					return
				}
				got := harness.Raised(t, err)
				require.Equal(t, wamp.URI(c.uri), got.Error)
				_, proved := transparency.InfoFrom(got.Details)
				require.Equal(t, !c.plain, proved)
				if c.plain {
					require.Equal(t, wamp.List{"as given"}, got.Arguments)
					return
				}
				requireSecret(t, got.Arguments, got.ArgumentsKw)
			})
		}
	})
}

// TestKeysThatNativeDoesntCarry: routers close the connection over their algorithms,
// so nothing is sent.
func TestKeysThatNativeDoesntCarry(t *testing.T) {
	secret := cryptobox.GenerateSymmetricKey()
	for name, key := range map[string]keyring.Key{"xsalsa20poly1305": keyring.Symmetric("id", secret), "aes256gcm": keyring.AES256GCM("id", secret)} {
		t.Run(name, func(t *testing.T) {
			p := play(t, native, handrouter.WebSocket, "json", key, key)
			requireAdvice := func(err error) {
				t.Helper()
				harness.RequireReason(t, err, transparency.Malformed)
				require.ErrorContains(t, err, name)
				require.ErrorContains(t, err, "use a key of roles")
				require.ErrorContains(t, err, "or another framing")
				require.NotContains(t, err.Error(), marker)
			}
			args, kwargs := secretPayload()
			requireAdvice(p.Publish(keyedURI, nil, args, kwargs))
			requireAdvice(p.Publish(keyedURI, wamp.Dict{"acknowledge": true}, args, kwargs))
			requireAdvice(harness.Receive(t, p.calling(keyedURI, args, kwargs, nil)).Err)

			// What can't be opened here can be raised: an error URI with such a key.
			p.registered(plainURI, answering(client.InvokeResult{Err: harness.Prefix + "error1", Args: args, Kwargs: kwargs}))
			p.Send(wamp.INVOCATION, 1, registration, wamp.Dict{})
			p.plainMessage(wamp.ERROR, wamp.INVOCATION, 1, map[string]any{}, harness.Prefix+"error1")
			requireAdvice(p.refused.Next(t))
		})
	}
}

// TestSharedKeysOnTheWire: what payload passthru mode calls them, and what handlers
// are told.
func TestSharedKeysOnTheWire(t *testing.T) {
	secret := cryptobox.GenerateSymmetricKey()
	for cipher, key := range map[string]keyring.Key{
		"xsalsa20poly1305": keyring.Symmetric("2026-11", secret),
		"aes256gcm":        keyring.AES256GCM("2026-12", secret),
	} {
		for _, encoding := range handrouter.Serializers {
			t.Run(cipher+"/"+encoding, func(t *testing.T) {
				p := play(t, passthru, handrouter.WebSocket, encoding, key, key)
				args, kwargs := secretPayload()
				require.NoError(t, p.Publish(keyedURI, nil, args, kwargs))
				msg, record, _ := p.sealedMessage(wamp.PUBLISH, nil, wamp.Dict{}, keyedURI)
				requireRecord(t, record, keyedURI, cryptobox.KindPublish, cryptobox.Token{}, 0)
				require.Equal(t, map[string]any{
					"ppt_scheme": "wamp", "ppt_serializer": "cbor", "ppt_cipher": cipher, "ppt_keyid": key.ID(),
				}, msg[2])
				s := serve(p, keyedURI)
				ev, inv := s.accepts(s.sealedTail(keyedURI, cryptobox.KindPublish, nil), s.sealedTail(keyedURI, cryptobox.KindCall, nil))
				requireProved(t, p, ev.Details, cryptobox.KindPublish, nil)
				requireProved(t, p, inv.Details, cryptobox.KindCall, nil)
			})
		}
	}
}
