package transparency_test

import (
	"context"
	"maps"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// passthruOptions are those with which nexus's own client sends payloads that it
// doesn't encrypt, whatever they say.
var passthruOptions = map[string]wamp.Dict{
	"wamp":             {"ppt_scheme": "wamp", "ppt_serializer": "cbor"},
	"wamp, a cipher":   {"ppt_scheme": "wamp", "ppt_serializer": "cbor", "ppt_cipher": "xsalsa20poly1305", "ppt_keyid": "x"},
	"wamp, another":    {"ppt_scheme": "wamp", "ppt_serializer": "cbor", "ppt_cipher": "aes256gcm"},
	"wamp, an unknown": {"ppt_scheme": "wamp", "ppt_serializer": "cbor", "ppt_cipher": "rot13"},
	"mqtt":             {"ppt_scheme": "mqtt", "ppt_serializer": "native"},
	"mqtt, packed":     {"ppt_scheme": "mqtt", "ppt_serializer": "json"},
	"custom":           {"ppt_scheme": "x_custom", "ppt_serializer": "msgpack", "ppt_cipher": "rot13", "ppt_keyid": "id"},
	"custom alone":     {"ppt_scheme": "x_custom"},
}

// reasonFor a payload with these options, of a Session with a framing.
func reasonFor(options wamp.Dict, framing transparency.Framing, keyed bool) transparency.Reason {
	cipher := options["ppt_cipher"]
	whole := options["ppt_scheme"] == "wamp" && (cipher == "xsalsa20poly1305" || cipher == "aes256gcm")
	switch {
	case framing != transparency.PPT || !whole:
		return transparency.Malformed
	case keyed:
		return transparency.NotOpened
	}
	return transparency.NoKey
}

// TestNexusClientsInPassthruMode: what nexus's client sends in payload passthru mode
// never reaches a handler, or what nexus does with it.
func TestNexusClientsInPassthruMode(t *testing.T) {
	k := newKeys()
	r := startRouter(t)
	for _, framing := range []transparency.Framing{transparency.EncArgument, transparency.PPT} {
		for i, l := range []link{links[0], links[1], links[4], links[5]} {
			t.Run(framing.String()+"/"+l.name, func(t *testing.T) {
				l.framing = framing
				refused, option := collect()
				s := l.session(t, r, ringOf(t, keyring.Both(k.originator)), option)
				from := &passthruPeer{[]link{links[1], links[0], links[6], links[3]}[i].plain(t, r), s, refused}
				for uri, answer := range map[string]wamp.URI{keyedURI: opaqueNoDetail, plainURI: opaqueNoCodec} {
					for name, options := range passthruOptions {
						reason := reasonFor(options, framing, uri == keyedURI)
						from.sends(t, uri, options, reason, answer)
						if framing != transparency.PPT || uri == plainURI {
							from.answers(t, uri, options, reason)
						} // else nexus's client, called so, would take the payload apart, and might panic
						require.True(t, s.Connected(), name)
					}
				}
				require.NoError(t, s.Close())
				require.NoError(t, from.Close())
			})
		}
	}
}

// passthruPeer is a client of nexus's that uses payload passthru mode with a Session.
type passthruPeer struct {
	*client.Client
	to      *transparency.Session
	refused *rejections
}

// sends publishes and calls, which the Session has to refuse.
func (p *passthruPeer) sends(t *testing.T, uri string, options wamp.Dict, reason transparency.Reason, answer wamp.URI) {
	t.Helper()
	got := events(t, p.to, uri, nil)
	served := make(chan *wamp.Invocation, 1)
	require.NoError(t, p.to.Register(uri, keeping(served), nil))
	require.NoError(t, p.Publish(uri, maps.Clone(options), wamp.List{[]byte("bytes")}, nil))
	err := p.refused.next(t)
	require.Equal(t, "event", err.Op)
	requireReason(t, err, reason)
	_, failed := p.Call(timeout(t), uri, maps.Clone(options), wamp.List{[]byte("bytes")}, nil, nil)
	require.Equal(t, answer, raised(t, failed).Error)
	require.Empty(t, raised(t, failed).Arguments)
	err = p.refused.next(t)
	require.Equal(t, "invocation", err.Op)
	requireReason(t, err, reason)
	nothing(t, got)
	nothing(t, served)
	require.NoError(t, p.to.Unsubscribe(uri))
	require.NoError(t, p.to.Unregister(uri))
}

// answers has the Session call it, and refuse its result.
func (p *passthruPeer) answers(t *testing.T, uri string, options wamp.Dict, reason transparency.Reason) {
	t.Helper()
	if reason == transparency.NoKey { // a whole envelope, but the call is plain
		reason = transparency.WrongRequest
	}
	answer := client.InvokeResult{Args: wamp.List{[]byte("bytes")}, Options: maps.Clone(options)}
	require.NoError(t, p.Register(uri, answering(answer), nil))
	result, err := p.to.Call(timeout(t), uri, nil, nil, nil, nil)
	require.Nil(t, result)
	requireReason(t, err, reason)
	requireReason(t, p.refused.next(t), reason)
	require.NoError(t, p.Unregister(uri))
}

// TestPassthruErrorsThroughNexus: handlers' errors, whose details nexus's router
// passes on as they are.
func TestPassthruErrorsThroughNexus(t *testing.T) {
	forEachScheme(t, func(t *testing.T, k keys, links []link) {
		r := startRouter(t)
		for _, c := range []struct {
			name, uri string
			change    func(keyring.Key) keyring.Key
			sealed    bool
		}{
			{"bound", "com.myapp.error1", func(key keyring.Key) keyring.Key { return key }, true},
			{"unbound, error URI keyed", prefix + "error1", keyring.Key.AllowUnbound, true},
			{"unbound, error URI not keyed", "com.myapp.error1", keyring.Key.AllowUnbound, false},
		} {
			for i := range links {
				t.Run(c.name+"/"+links[i].name, func(t *testing.T) {
					callee := links[i].session(t, r, ringOf(t, c.change(k.responderKey())))
					caller := links[len(links)-1-i].session(t, r, ringOf(t, c.change(k.originatorKey())))
					args, kwargs := secretPayload()
					require.NoError(t, callee.Register(keyedURI, answering(client.InvokeResult{Err: wamp.URI(c.uri), Args: args, Kwargs: kwargs}), nil))
					_, err := caller.Call(timeout(t), keyedURI, nil, nil, nil, nil)
					got := raised(t, err)
					require.Equal(t, wamp.URI(c.uri), got.Error)
					info, proved := transparency.InfoFrom(got.Details)
					require.Equal(t, c.sealed, proved)
					if c.sealed {
						requireSecret(t, got.Arguments, got.ArgumentsKw)
						require.Equal(t, cryptobox.KindError, info.Kind)
					} else {
						require.Empty(t, got.Arguments)
						require.Empty(t, got.ArgumentsKw)
					}
					require.NoError(t, callee.Unregister(keyedURI))
					require.NoError(t, caller.Close())
					require.NoError(t, callee.Close())
				})
			}
		}
	})
}

// TestFramingsDontMeet: two Sessions with different framings refuse each other's
// messages, both ways, and neither waits for ever.
func TestFramingsDontMeet(t *testing.T) {
	k := newKeys()
	r := startRouter(t)
	for _, c := range []struct{ callee, caller transparency.Framing }{
		{transparency.EncArgument, transparency.PPT}, {transparency.PPT, transparency.EncArgument},
	} {
		for _, l := range []link{links[0], links[1], links[4]} {
			from, to := l, l
			from.framing, to.framing = c.caller, c.callee
			refused, option := collect()
			callee := to.session(t, r, ringOf(t, k.responderKey()), option)
			caller := from.session(t, r, ringOf(t, k.originatorKey()))
			got := events(t, callee, keyedURI, nil)
			require.NoError(t, callee.Register(keyedURI, func(context.Context, *wamp.Invocation) client.InvokeResult {
				t.Error("served")
				return client.InvokeResult{}
			}, nil))
			require.NoError(t, caller.Publish(keyedURI, nil, wamp.List{"x"}, nil))
			requireReason(t, refused.next(t), transparency.Malformed)
			_, err := caller.Call(timeout(t), keyedURI, nil, wamp.List{"x"}, nil, nil)
			require.Equal(t, opaqueNoDetail, raised(t, err).Error)
			requireReason(t, refused.next(t), transparency.Malformed)
			nothing(t, got)
			require.NoError(t, callee.Unregister(keyedURI))
			require.NoError(t, callee.Close())
			require.NoError(t, caller.Close())
		}
	}
}
