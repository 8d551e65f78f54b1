package transparency_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// tapped returns the link with a tap in its connection.
func (l link) tapped(t *testing.T, r *testrouter.Router) (link, *proxy.Proxy) {
	t.Helper()
	tap := proxy.Start(t, l.url(r))
	l.url = func(*testrouter.Router) string { return tap.URL() }
	return l, tap
}

// exchange sends and receives each kind of message once, each with a marker of
// its own as its payload, under uri and name.
func exchange(t *testing.T, originator, responder transparency.Client, uri string) (markers []string) {
	mark := func(kind string) wamp.List {
		marker := fmt.Sprintf("marker of the %s under %s", kind, uri)
		markers = append(markers, marker)
		return wamp.List{marker, []byte(marker)}
	}
	event, call, result := mark("event"), mark("call"), mark("result")
	progress, raise := mark("progress"), mark("error")
	first, last := mark("first chunk"), mark("last chunk")

	got := events(t, responder, uri+".topic", nil)
	require.NoError(t, originator.Publish(uri+".topic", nil, event, nil))
	require.Equal(t, event[0], harness.Receive(t, got).Arguments[0])

	require.NoError(t, responder.Register(uri+".call", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		require.NoError(t, responder.SendProgress(ctx, progress, nil))
		return client.InvokeResult{Args: result}
	}, nil))
	res, err := originator.Call(harness.Timeout(t), uri+".call", nil, call, nil, func(p *wamp.Result) {
		require.Equal(t, progress[0], p.Arguments[0])
	})
	require.NoError(t, err)
	require.Equal(t, result[0], res.Arguments[0])

	require.NoError(t, responder.Register(uri+".error", answering(client.InvokeResult{Err: wamp.URI(uri + ".raised"), Args: raise}), nil))
	_, err = originator.Call(harness.Timeout(t), uri+".error", nil, nil, nil, nil)
	require.Equal(t, wamp.URI(uri+".raised"), harness.Raised(t, err).Error)
	require.Equal(t, raise[0], harness.Raised(t, err).Arguments[0])

	var chunks []any
	require.NoError(t, responder.Register(uri+".chunks", collecting(&chunks), nil))
	rest := []wamp.List{first, last}
	_, err = originator.CallProgressive(harness.Timeout(t), uri+".chunks", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		args := rest[0]
		rest = rest[1:]
		return wamp.Dict{wamp.OptProgress: len(rest) > 0}, args, nil, nil
	}, nil)
	require.NoError(t, err)
	require.Contains(t, chunks, first[0])
	require.Contains(t, chunks, last[0])

	// nexus drops the registrations of a session some time after its GOODBYE.
	for _, procedure := range []string{".call", ".error", ".chunks"} {
		require.NoError(t, responder.Unregister(uri+procedure))
	}
	return markers
}

// TestTheRouterSeesNoPlaintext looks at what crosses both connections, for each
// kind of message. In our dialect it sees no error URI either.
func TestTheRouterSeesNoPlaintext(t *testing.T) {
	r := startRouter(t)
	forEachScheme(t, func(t *testing.T, k harness.Keys) {
		passthru := strings.Contains(t.Name(), "passthru")
		for _, l := range links[1:] {
			t.Run(l.name, func(t *testing.T) {
				from, fromTap := l.tapped(t, r)
				to, toTap := l.tapped(t, r)
				originator := from.session(t, r, harness.RingOf(t, k.OriginatorKey()))
				responder := to.session(t, r, harness.RingOf(t, k.ResponderKey()))
				sealed := exchange(t, originator, responder, harness.Prefix+"uri")
				plain := exchange(t, originator, responder, "com.plain.uri")
				for _, tap := range []*proxy.Proxy{fromTap, toTap} {
					requireSeen(t, tap, false, sealed...)
					requireSeen(t, tap, true, plain...)
					requireSeen(t, tap, passthru, "ppt_scheme", "ppt_cipher", "ppt_keyid", "ppt_serializer")
					requireSeen(t, tap, passthru, harness.Prefix+"uri.raised")
					requireSeen(t, tap, !passthru, "wampbox.error")
				}
				require.NoError(t, originator.Close())
				require.NoError(t, responder.Close())
			})
		}
	})
}

// requireSeen checks whether texts have crossed the tap.
func requireSeen(t *testing.T, tap *proxy.Proxy, seen bool, texts ...string) {
	t.Helper()
	for _, text := range texts {
		found, err := tap.Contains(text)
		require.NoError(t, err)
		require.Equal(t, seen, found, text)
	}
}
