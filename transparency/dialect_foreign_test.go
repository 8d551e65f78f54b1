package transparency_test

import (
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

// Peers of other makes bind nothing, and in payload passthru mode name no URI, and not
// always a key.

// foreignTail seals a record for a URI, "" for none, as another make does.
func (p *played) foreignTail(uri string) tail {
	p.t.Helper()
	env, _ := p.Envelope(secretRecord(uri, &harness.Bound{}))
	env.KeyID = "" // nor do they have ids of ours
	return p.tail(p.dialect, env, nil)
}

// requireForeign checks what is proved of a payload in a foreign dialect: its key.
func requireForeign(t testing.TB, p *played, details wamp.Dict) {
	t.Helper()
	info, ok := transparency.InfoFrom(details)
	require.True(t, ok)
	require.Equal(t, transparency.Info{Pattern: p.Version.Pattern(), KeyID: p.Version.ID(), Dialect: p.dialect.Dialect}, info)
	require.Equal(t, "cryptobox", details["enc_algo"])
}

func TestForeignEventsAndInvocations(t *testing.T) {
	aes := harness.SharedKeys(keyring.AES256GCM("id", cryptobox.GenerateSymmetricKey()))
	forEachForeign(t, func(t *testing.T, d dialect, k harness.Keys, play playing) {
		kinds := []harness.Keys{k}
		if d.Dialect == cryptobox.Passthru {
			kinds = append(kinds, aes)
		}
		for _, k := range kinds {
			s := serve(play(k.ResponderKey(), k.OriginatorKey()), keyedURI)
			accepts := func(tl tail) {
				ev, inv := s.accepts(tl, tl)
				requireForeign(t, s.played, ev.Details)
				requireForeign(t, s.played, inv.Details)
			}
			accepts(s.foreignTail(keyedURI))
			if anonymous := s.foreignTail(""); d.Dialect == cryptobox.Passthru {
				accepts(anonymous)
			} else {
				s.refuses(anonymous, anonymous, transparency.WrongURI)
			}
			elsewhere := s.foreignTail(harness.Prefix + "y")
			s.refuses(elsewhere, elsewhere, transparency.WrongURI)
		}
	})
}

func TestForeignAnswers(t *testing.T) {
	forEachForeign(t, func(t *testing.T, d dialect, k harness.Keys, play playing) {
		anonymous := transparency.WrongURI
		if d.Dialect == cryptobox.Passthru {
			anonymous = 0
		}
		for uri, reason := range map[string]transparency.Reason{
			keyedURI: 0, harness.Prefix + "y": transparency.WrongURI, "": anonymous,
		} {
			t.Run(uri, func(t *testing.T) {
				p := play(k.OriginatorKey(), k.ResponderKey())
				answer := p.answered(keyedURI, "", always(p.foreignTail(uri)))
				if reason != 0 {
					require.Nil(t, answer.Result)
					harness.RequireReason(t, answer.Err, reason)
					return
				}
				require.NoError(t, answer.Err)
				requireSecret(t, answer.Result.Arguments, answer.Result.ArgumentsKw)
				requireForeign(t, p, answer.Result.Details)
			})
		}
	})
}

// TestPassthruAnswersUnderAnotherID: as that of a version that may have another key.
func TestPassthruAnswersUnderAnotherID(t *testing.T) {
	k := harness.NewKeys().In(cryptobox.Passthru)
	p := play(t, passthru, handrouter.WebSocket, "cbor", k.OriginatorKey(), k.ResponderKey())
	got := p.answered(keyedURI, "", func(cryptobox.Token, string, cryptobox.Kind) tail {
		env, _ := p.Envelope(secretRecord(keyedURI, &harness.Bound{}))
		env.KeyID = "another"
		return p.tail(passthru, env, nil)
	})
	harness.RequireReason(t, got.Err, transparency.NotOpened)
}

// errorPrefix is that of error URIs with a key of their own.
const errorPrefix = "com.myapp.errors."

// errorKeys are those of error URIs in each dialect.
func errorKeys(d cryptobox.Dialect) harness.Keys { return harness.NewKeys().In(d) }

// raising has a Session with the responder's half of k, and that of forErrors for
// errorPrefix, answer an invocation of procedure with an error, and returns the far end.
func raising(t *testing.T, play playing, k, forErrors harness.Keys, procedure, errorURI string) (p *played) {
	t.Helper()
	p = play(k.ResponderKey(), k.OriginatorKey())
	require.NoError(t, p.ring.Set(keyring.Prefix(errorPrefix), forErrors.ResponderKey()))
	args, kwargs := secretPayload()
	p.registered(procedure, answering(client.InvokeResult{Err: wamp.URI(errorURI), Args: args, Kwargs: kwargs}))
	return p
}

// TestErrorsOfHandlersInEachDialect: in ours, an error is sealed under the call's key, its
// URI inside. In a foreign dialect it is sealed as Autobahn does it, under the key of its
// own URI.
func TestErrorsOfHandlersInEachDialect(t *testing.T) {
	forEachDialect(t, func(t *testing.T, d dialect, k harness.Keys, play playing) {
		own := errorKeys(d.Dialect)
		for _, forErrors := range []harness.Keys{own, errorKeys(cryptobox.Wampbox), errorKeys(cryptobox.Autobahn), errorKeys(cryptobox.Passthru)} {
			for _, uri := range []string{"com.myapp.error1", harness.Prefix + "error1", errorPrefix + "1"} {
				under := (*harness.Keys)(nil) // the URI alone
				switch {
				case !d.Foreign() || uri == harness.Prefix+"error1":
					under = &k
				case uri == errorPrefix+"1" && forErrors.Dialect == d.Dialect:
					under = &forErrors
				}
				t.Run(uri+" keyed in "+forErrors.Dialect.String(), func(t *testing.T) {
					p := raising(t, play, k, forErrors, keyedURI, uri)
					token := p.deliver(secretRecord(keyedURI, p.Bind(cryptobox.KindCall, nil)), wamp.INVOCATION, 1, registration, wamp.Dict{})
					if under == nil {
						p.plainMessage(wamp.ERROR, wamp.INVOCATION, 1, map[string]any{}, uri)
						return
					}
					p.Forger = harness.Holding(t, harness.RingOf(t, under.OriginatorKey()))
					_, record, _ := p.sealedMessage(wamp.ERROR, wamp.INVOCATION, 1, wamp.Dict{}, d.errorURI(uri))
					requireRecord(t, p, record, uri, cryptobox.KindError, token, 0)
				})
			}
		}
	})
}

// TestErrorsOfHandlersOfPlainCalls: sealed under the key of the error URI as Autobahn does
// it, where that is one for its dialect.
func TestErrorsOfHandlersOfPlainCalls(t *testing.T) {
	k := harness.NewKeys()
	for _, d := range dialects {
		forErrors := errorKeys(d.Dialect)
		playAutobahn := func(own, other keyring.Key, opts ...transparency.Option) *played {
			return play(t, autobahn, handrouter.WebSocket, "json", own, other, opts...)
		}
		plainly := func(p *played, uri string, arguments bool) {
			p.Send(wamp.INVOCATION, 1, registration, wamp.Dict{})
			want := []any{wamp.ERROR, wamp.INVOCATION, 1, map[string]any{}, uri}
			if !arguments {
				p.plainMessage(want...)
				return
			}
			got := p.NextBytes() // has the marker
			require.Contains(t, string(got), uri)
			require.Contains(t, string(got), marker)
		}
		t.Run("keyed in "+d.String(), func(t *testing.T) {
			p := raising(t, playAutobahn, k, forErrors, plainURI, errorPrefix+"1")
			if d.Dialect != cryptobox.Autobahn {
				plainly(p, errorPrefix+"1", false)
				return
			}
			p.Send(wamp.INVOCATION, 1, registration, wamp.Dict{})
			p.Forger = harness.Holding(t, harness.RingOf(t, forErrors.OriginatorKey()))
			_, record, _ := p.sealedMessage(wamp.ERROR, wamp.INVOCATION, 1, wamp.Dict{}, errorPrefix+"1")
			requireRecord(t, p, record, errorPrefix+"1", cryptobox.KindError, cryptobox.Token{}, 0)
		})
		t.Run("in transition, keyed in "+d.String(), func(t *testing.T) {
			p := raising(t, playAutobahn, k, forErrors, plainURI, errorPrefix+"1")
			require.NoError(t, p.ring.Transition(keyring.Prefix(errorPrefix), keyring.AcceptPlain, time.Now().Add(time.Hour)))
			plainly(p, errorPrefix+"1", true)
		})
		t.Run("not keyed", func(t *testing.T) {
			plainly(raising(t, playAutobahn, k, forErrors, plainURI, "com.myapp.error1"), "com.myapp.error1", true)
		})
	}
}

// TestErrorsToForeignCallers is the other end of it, to sealed calls and to plain ones.
func TestErrorsToForeignCallers(t *testing.T) {
	forEachForeign(t, func(t *testing.T, d dialect, k harness.Keys, play playing) {
		forErrors, other := errorKeys(d.Dialect), errorKeys(cryptobox.Wampbox)
		for _, c := range []struct {
			name, uri   string
			under, keys harness.Keys        // that it is sealed under, and that the ring has for errorPrefix
			reason      transparency.Reason // none where it is handed on
		}{
			{"under the error URI's key", errorPrefix + "1", forErrors, forErrors, 0},
			{"under the procedure's key, which is the error URI's", harness.Prefix + "error1", k, forErrors, 0},
			{"under the procedure's key", errorPrefix + "1", k, forErrors, transparency.NotOpened},
			{"keyed in another dialect", errorPrefix + "1", forErrors, other, transparency.NotOpened},
			{"not keyed", "com.myapp.error1", k, forErrors, transparency.NoKey},
		} {
			for _, procedure := range []string{keyedURI, plainURI} {
				t.Run(c.name+"/"+procedure, func(t *testing.T) {
					p := play(k.OriginatorKey(), k.ResponderKey())
					require.NoError(t, p.ring.Set(keyring.Prefix(errorPrefix), c.keys.OriginatorKey()))
					far := harness.Holding(t, harness.RingOf(t, c.under.ResponderKey()))
					got := p.answered(procedure, c.uri, func(_ cryptobox.Token, uri string, _ cryptobox.Kind) tail {
						env, _ := far.Envelope(secretRecord(uri, &harness.Bound{}))
						return p.tail(d, env, nil)
					})
					if c.reason != 0 {
						harness.RequireReason(t, got.Err, c.reason)
						require.NotErrorAs(t, got.Err, new(client.RPCError))
						return
					}
					raised := harness.Raised(t, got.Err)
					require.Equal(t, wamp.URI(c.uri), raised.Error)
					requireSecret(t, raised.Arguments, raised.ArgumentsKw)
					_, proved := transparency.InfoFrom(raised.Details)
					require.True(t, proved)
				})
			}
		}
	})
}

// TestSharedKeysOnTheWire: what payload passthru mode calls them, and what handlers
// are told.
func TestSharedKeysOnTheWire(t *testing.T) {
	secret := cryptobox.GenerateSymmetricKey()
	for cipher, key := range map[string]keyring.Key{
		"xsalsa20poly1305": keyring.Shared(secret).ForPassthru("2026-11"),
		"aes256gcm":        keyring.AES256GCM("2026-12", secret),
	} {
		for _, encoding := range handrouter.Serializers {
			t.Run(cipher+"/"+encoding, func(t *testing.T) {
				p := play(t, passthru, handrouter.WebSocket, encoding, key, key)
				args, kwargs := secretPayload()
				require.NoError(t, p.Publish(keyedURI, nil, args, kwargs))
				msg, record, _ := p.sealedMessage(wamp.PUBLISH, nil, wamp.Dict{}, keyedURI)
				requireRecord(t, p, record, keyedURI, cryptobox.KindPublish, cryptobox.Token{}, 0)
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
