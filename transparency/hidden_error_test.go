package transparency_test

import (
	"context"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// hiddenErrors are what handlers answer with, and what error that is to the caller.
var hiddenErrors = map[string]client.InvokeResult{
	"com.myapp.error1":            {Err: "com.myapp.error1", Args: wamp.List{marker}},
	harness.Prefix + "error1":     {Err: harness.Prefix + "error1", Args: wamp.List{marker}},
	"wamp.error.invalid_argument": {Err: "wamp.error.invalid_argument", Kwargs: wamp.Dict{"k": marker}},
	"wamp.error.canceled":         client.InvocationCanceled,
	// What the library answers with itself.
	"com.myapp.unsealable":                 {Err: "com.myapp.unsealable", Args: wamp.List{marker, make(chan int)}},
	"wamp.error.runtime_error of no UTF-8": {Err: "com.myapp.\xff", Args: wamp.List{marker}},
	"wamp.error.runtime_error":             {Args: wamp.List{marker, make(chan int)}},
	"wamp.error.payload_size_exceeded":     {Args: wamp.List{make([]byte, 1<<12)}},
	"com.myapp.large":                      {Err: "com.myapp.large", Args: wamp.List{make([]byte, 1<<12)}},
}

// TestErrorURIsAreHidden: of an error that answers a sealed call, the wire has wampbox.error
// and an enc, and nothing else.
func TestErrorURIsAreHidden(t *testing.T) {
	k := harness.NewKeys()
	for name, result := range hiddenErrors {
		t.Run(name, func(t *testing.T) {
			r := handrouter.Start(t, handrouter.RawSocket, "cbor")
			r.Limit(2) // 2 KiB
			p := playOn(t, r, ours, "cbor", k.ResponderKey(), k.OriginatorKey())
			p.registered(keyedURI, answering(result))
			token := p.deliver(secretRecord(keyedURI, p.Bind(cryptobox.KindCall, nil)), wamp.INVOCATION, 1, registration, wamp.Dict{})
			_, record, _ := p.sealedMessage(wamp.ERROR, wamp.INVOCATION, 1, wamp.Dict{}, "wampbox.error")
			require.Contains(t, name, record.URI)
			require.Equal(t, cryptobox.KindError, record.Kind)
			require.Equal(t, token, record.Re)
		})
	}
}

// TestErrorURIsAreHiddenFromARouter: what crosses both connections, with a tap in each.
func TestErrorURIsAreHiddenFromARouter(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	from, fromTap := links[1].tapped(t, r)
	to, toTap := links[2].tapped(t, r)
	refused, option := harness.Collect()
	responder := to.session(t, r, harness.RingOf(t, k.ResponderKey()), option)
	caller := from.session(t, r, harness.RingOf(t, k.OriginatorKey()))
	for _, uri := range []string{"com.myapp.error1", harness.Prefix + "error1", "wamp.error.runtime_error", "wamp.error.invalid_argument"} {
		require.NoError(t, responder.Register(keyedURI, answering(hiddenErrors[uri]), nil))
		_, err := caller.Call(harness.Timeout(t), keyedURI, nil, nil, nil, nil)
		require.Equal(t, wamp.URI(uri), harness.Raised(t, err).Error)
		_, proved := transparency.InfoFrom(harness.Raised(t, err).Details)
		require.True(t, proved)
		require.NoError(t, responder.Unregister(keyedURI))
	}
	harness.RequireReason(t, refused.Next(t), transparency.Unsealable)
	for _, tap := range []*proxy.Proxy{fromTap, toTap} {
		requireSeen(t, tap, false, "com.myapp.error1", harness.Prefix+"error1", "wamp.error.runtime_error", "wamp.error.invalid_argument", marker)
		requireSeen(t, tap, true, "wampbox.error", keyedURI)
	}
}

// TestErrorAfterProgress: counts the progress before it, so that none can be cut off.
func TestErrorAfterProgress(t *testing.T) {
	k := harness.NewKeys()
	p := play(t, ours, handrouter.WebSocket, "json", k.ResponderKey(), k.OriginatorKey())
	p.registered(keyedURI, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		for range 3 {
			require.NoError(t, p.SendProgress(ctx, nil, nil))
		}
		return client.InvokeResult{Err: "com.myapp.error1"}
	})
	p.deliver(secretRecord(keyedURI, p.Bind(cryptobox.KindCall, nil)), wamp.INVOCATION, 1, registration, wamp.Dict{"receive_progress": true})
	for range 3 {
		p.sealedMessage(wamp.YIELD, 1, wamp.Dict{"progress": true})
	}
	_, record, _ := p.sealedMessage(wamp.ERROR, wamp.INVOCATION, 1, wamp.Dict{}, "wampbox.error")
	require.EqualValues(t, 3, record.Seq)
}
