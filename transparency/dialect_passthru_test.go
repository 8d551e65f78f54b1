package transparency_test

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
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

// reasonFor a payload with these options.
func reasonFor(options wamp.Dict, keyed bool) transparency.Reason {
	cipher := options["ppt_cipher"]
	switch {
	case options["ppt_scheme"] != "wamp" || cipher != "xsalsa20poly1305" && cipher != "aes256gcm":
		return transparency.Malformed
	case keyed:
		return transparency.NotOpened
	}
	return transparency.NoKey
}

// TestNexusClientsInPassthruMode: what nexus's client sends in payload passthru mode
// never reaches a handler, or what nexus does with it.
func TestNexusClientsInPassthruMode(t *testing.T) {
	r := startRouter(t)
	pair := keyring.Pair(cryptobox.GenerateKey(), cryptobox.GenerateKey())
	for name, key := range map[string]keyring.Key{"wampbox": pair, "passthru": pair.ForPassthru("id")} {
		for i, l := range []link{links[0], links[1], links[4], links[5]} {
			t.Run(name+"/"+l.name, func(t *testing.T) {
				refused, option := harness.Collect()
				s := l.session(t, r, harness.RingOf(t, key), option)
				from := &passthruPeer{[]link{links[1], links[0], links[6], links[3]}[i].plain(t, r), s, refused}
				for uri, answer := range map[string]wamp.URI{keyedURI: harness.OpaqueNoDetail, plainURI: harness.OpaqueNoCodec} {
					for name, options := range passthruOptions {
						reason := reasonFor(options, uri == keyedURI)
						from.sends(t, uri, options, reason, answer)
						if name == "wampbox" || uri == plainURI {
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
	refused *harness.Rejections
}

// sends publishes and calls, which the Session has to refuse.
func (p *passthruPeer) sends(t *testing.T, uri string, options wamp.Dict, reason transparency.Reason, answer wamp.URI) {
	t.Helper()
	got := events(t, p.to, uri, nil)
	served := make(chan *wamp.Invocation, 1)
	require.NoError(t, p.to.Register(uri, keeping(served), nil))
	require.NoError(t, p.Publish(uri, maps.Clone(options), wamp.List{[]byte("bytes")}, nil))
	err := p.refused.Next(t)
	require.Equal(t, "event", err.Op)
	harness.RequireReason(t, err, reason)
	_, failed := p.Call(harness.Timeout(t), uri, maps.Clone(options), wamp.List{[]byte("bytes")}, nil, nil)
	require.Equal(t, answer, harness.Raised(t, failed).Error)
	require.Empty(t, harness.Raised(t, failed).Arguments)
	err = p.refused.Next(t)
	require.Equal(t, "invocation", err.Op)
	harness.RequireReason(t, err, reason)
	harness.Nothing(t, got)
	harness.Nothing(t, served)
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
	result, err := p.to.Call(harness.Timeout(t), uri, nil, nil, nil, nil)
	require.Nil(t, result)
	harness.RequireReason(t, err, reason)
	harness.RequireReason(t, p.refused.Next(t), reason)
	require.NoError(t, p.Unregister(uri))
}

// TestErrorsThroughNexus: handlers' errors, whose details nexus's router passes on as they
// are.
func TestErrorsThroughNexus(t *testing.T) {
	forEachScheme(t, func(t *testing.T, k harness.Keys) {
		r := startRouter(t)
		for _, uri := range []string{"com.myapp.error1", harness.Prefix + "error1"} {
			for i := range links {
				t.Run(uri+"/"+links[i].name, func(t *testing.T) {
					callee := links[i].session(t, r, harness.RingOf(t, k.ResponderKey()))
					caller := links[len(links)-1-i].session(t, r, harness.RingOf(t, k.OriginatorKey()))
					args, kwargs := secretPayload()
					require.NoError(t, callee.Register(keyedURI, answering(client.InvokeResult{Err: wamp.URI(uri), Args: args, Kwargs: kwargs}), nil))
					_, err := caller.Call(harness.Timeout(t), keyedURI, nil, nil, nil, nil)
					got := harness.Raised(t, err)
					require.Equal(t, wamp.URI(uri), got.Error)
					if strings.Contains(t.Name(), "/passthru") && uri == "com.myapp.error1" {
						_, proved := transparency.InfoFrom(got.Details)
						require.False(t, proved)
						require.Empty(t, got.Arguments)
						require.Empty(t, got.ArgumentsKw)
					} else {
						requireSecret(t, got.Arguments, got.ArgumentsKw)
						requireProvedAs(t, got.Details, cryptobox.KindError)
					}
					require.NoError(t, callee.Unregister(keyedURI))
					require.NoError(t, caller.Close())
					require.NoError(t, callee.Close())
				})
			}
		}
	})
}

// TestDialectsDontMeet: two Sessions whose keys are for different dialects refuse each
// other's messages, and neither waits for ever.
func TestDialectsDontMeet(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	for _, c := range []struct{ callee, caller cryptobox.Dialect }{
		{cryptobox.Wampbox, cryptobox.Passthru}, {cryptobox.Passthru, cryptobox.Wampbox},
	} {
		for _, l := range []link{links[0], links[1], links[4]} {
			refused, option := harness.Collect()
			callee := l.session(t, r, harness.RingOf(t, k.In(c.callee).ResponderKey()), option)
			caller := l.session(t, r, harness.RingOf(t, k.In(c.caller).OriginatorKey()))
			got := events(t, callee, keyedURI, nil)
			require.NoError(t, callee.Register(keyedURI, func(context.Context, *wamp.Invocation) client.InvokeResult {
				t.Error("served")
				return client.InvokeResult{}
			}, nil))
			require.NoError(t, caller.Publish(keyedURI, nil, wamp.List{"x"}, nil))
			harness.RequireReason(t, refused.Next(t), transparency.NotOpened)
			_, err := caller.Call(harness.Timeout(t), keyedURI, nil, wamp.List{"x"}, nil, nil)
			if c.caller.Foreign() {
				require.Equal(t, harness.OpaqueNoDetail, harness.Raised(t, err).Error)
			} else {
				harness.RequireRefused(t, err, 0)
			}
			harness.RequireReason(t, refused.Next(t), transparency.NotOpened)
			harness.Nothing(t, got)
			require.NoError(t, callee.Unregister(keyedURI))
			require.NoError(t, callee.Close())
			require.NoError(t, caller.Close())
		}
	}
}
