package attacks_test

import (
	"fmt"
	"slices"
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

// body is what a payload has in every dialect of the same pair: nonce, and what a box is
// made of.
func body(d proxy.Dialect, payload []byte) []byte {
	if d == proxy.Wampbox {
		return payload[idEnd:]
	}
	return payload
}

// dressed is a payload's body in another dialect, as far as a router can make it.
func (th *theatre) dressed(d proxy.Dialect, body []byte) ([]byte, map[proxy.Field]any) {
	switch d {
	case proxy.Autobahn:
		return body, map[proxy.Field]any{proxy.Algorithm: "cryptobox", proxy.Serializer: "json"}
	case proxy.Passthru:
		return body, map[proxy.Field]any{
			proxy.Algorithm: "xsalsa20poly1305", proxy.Serializer: "cbor", proxy.Scheme: "wamp", proxy.KeyID: harness.PassthruID,
		}
	}
	id := cryptobox.PairID(cryptobox.SuiteBox, th.Originator.Public(), th.Responder.Public())
	return slices.Concat([]byte{byte(cryptobox.SuiteBox)}, id[:], body), nil
}

// moves moves a payload of the kind to another dialect, where it has to be refused.
func (th *theatre) moves(k payloadKind, to proxy.Dialect, reason transparency.Reason) {
	th.t.Helper()
	th.doing = fmt.Sprintf("%v to %s", k, to)
	k.refuses(th, reason, func(m *proxy.Message) {
		payload, attributes := th.dressed(to, body(th.dialect, m.Bytes()))
		m.Lay(to, payload, attributes)
	})
}

// TestHostileMoveDialects: a message that is moved to another dialect isn't opened there,
// though the other version would have the same secret.
func TestHostileMoveDialects(t *testing.T) {
	attackEach(t, func(_ *testing.T, th *theatre) {
		for _, to := range proxy.Dialects {
			if to == th.dialect {
				continue
			}
			for _, k := range payloadKinds {
				if th.foreign() && k.op == "error" && to == proxy.Wampbox {
					continue // named by its own URI, which no error of ours is
				}
				th.moves(k, to, transparency.NotOpened)
			}
		}
	})
}

// elsewhere has both ends hold a key for the other URI alone, and returns what is published
// and called there by the caller, to be changed.
func (th *theatre) elsewhere(keys harness.Keys) {
	th.t.Helper()
	require.NoError(th.t, th.caller.ring.Set(keyring.Exact(otherURI), keys.OriginatorKey()))
	require.NoError(th.t, th.callee.ring.Set(keyring.Exact(otherURI), keys.ResponderKey()))
}

// TestHostileSharedSecret: where a pair is used in more dialects, boxes do open in each.
// What is in them is a record of one dialect alone.
func TestHostileSharedSecret(t *testing.T) {
	attackPairs(t, func(t *testing.T, th *theatre) {
		for _, d := range []cryptobox.Dialect{cryptobox.Wampbox, cryptobox.Autobahn, cryptobox.Passthru} {
			to := proxy.Dialect(d.String())
			if to == th.dialect {
				continue
			}
			dates := keyring.Dates{ActiveFrom: time.Now().Add(time.Hour)}
			err := th.callee.ring.Add(keyring.Prefix(harness.Prefix), th.In(d).ResponderKey(), dates)
			require.ErrorIs(t, err, keyring.ErrKey, "one secret in two versions")
			th.elsewhere(th.In(d))
			for _, k := range payloadKinds[:3] {
				th.doing = fmt.Sprintf("%v to %s", k, to)
				m := k.honest(th)
				payload, attributes := th.dressed(to, body(th.dialect, m.Bytes()))
				m.Lay(to, payload, attributes)
				th.refusesInjected(th.callee, otherURI, m, transparency.Malformed)
			}
		}
	})
}

// TestHostileSuites: a suite is what the version says, also where the same pair is used in
// another.
func TestHostileSuites(t *testing.T) {
	other := map[cryptobox.Suite]cryptobox.Suite{cryptobox.SuiteBox: cryptobox.SuiteXBox, cryptobox.SuiteXBox: cryptobox.SuiteBox}
	attackBox(t, func(_ *testing.T, th *theatre) {
		for suite, as := range other {
			keys := harness.NewKeys()
			keys.Suite = suite
			th.withKeys(keys)
			presented := func(m *proxy.Message) {
				id := cryptobox.PairID(as, th.Originator.Public(), th.Responder.Public())
				m.SetBytes(slices.Concat([]byte{byte(as)}, id[:], m.Bytes()[idEnd:]))
			}
			named := func(m *proxy.Message) { m.SetBytes(append([]byte{byte(as)}, m.Bytes()[1:]...)) }
			for _, k := range payloadKinds {
				th.doing = fmt.Sprintf("%v of %v as %v", k, suite, as)
				k.refuses(th, transparency.NotOpened, presented)
				k.refuses(th, transparency.NotOpened, named)
			}
			keys.Suite = as
			th.elsewhere(keys)
			for _, k := range payloadKinds[:3] {
				m := k.honest(th)
				presented(m)
				th.refusesInjected(th.callee, otherURI, m, transparency.NotOpened)
			}
		}
	})
}

// TestHostileOtherPattern: who holds the key of another pattern speaks for no URI of this
// one, by whatever id.
func TestHostileOtherPattern(t *testing.T) {
	const elsewhere = "com.myapp.elsewhere."
	attack(t, func(t *testing.T, th *theatre) {
		other := th.scheme.keys()
		for _, a := range th.actors {
			require.NoError(t, a.ring.Set(keyring.Prefix(elsewhere), other.PairKey()))
		}
		forge := harness.Holding(t, harness.RingOf(t, other.OriginatorKey()))
		for _, k := range []payloadKind{payloadKinds[0], payloadKinds[1]} {
			kind := map[wamp.MessageType]cryptobox.Kind{wamp.EVENT: cryptobox.KindPublish, wamp.INVOCATION: cryptobox.KindCall}[k.message]
			bound := func() *harness.Bound {
				return forge.Bind(kind, func(b *harness.Bound) { b.Realm = th.realm })
			}
			for _, id := range [][]byte{nil, k.honest(th).Bytes()[:idEnd]} {
				k.refuses(th, transparency.NotOpened, func(m *proxy.Message) {
					into(forge, m, attackedURI, bound(), "x")
					if id != nil {
						m.SetBytes(slices.Concat(id, m.Bytes()[idEnd:]))
					}
				})
			}
		}
		for _, k := range payloadKinds[3:5] {
			k.refuses(th, transparency.NotOpened, func(m *proxy.Message) {
				if th.signed() {
					raw := &rawSigned{RawSigned: harness.RawReader(t, other.Parties().Read), parties: other.Parties(), last: func() []byte { return nil }}
					m.SetBytes(raw.Seal(cryptobox.Answer, th.answering(th.raw(), cryptobox.KindResult, attackedURI).bytes()))
					return
				}
				into(forge, m, attackedURI, forge.Bind(cryptobox.KindResult, func(b *harness.Bound) {
					b.Realm, b.Re = th.realm, tokenOf(th.opener(), th.await(th.caller.conn, proxy.Up, typed(wamp.CALL)))
				}), "x")
			})
		}
	})
}
