package live_test

import (
	"context"
	"io"
	"log"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// TestScrambled: sub, pub, call and doctor take real URIs, and the router gets others.
func TestScrambled(t *testing.T) {
	router := testrouter.Start(t)
	secret := cryptobox.GenerateScrambleSecret()
	files := newEnds(t, func(o, r *keyFile) {
		for _, f := range []*keyFile{o, r} {
			require.NoError(t, f.AddScramble(prefix, &keyfile.ScrambleVersion{Secret: keyfile.ScrambleSecret(secret)}))
		}
	})
	seen := make(chan string, 1)
	observer, err := client.ConnectNet(t.Context(), router.WebSocketURL(), client.Config{Realm: realm, Logger: log.New(io.Discard, "", 0)})
	require.NoError(t, err)
	require.NoError(t, observer.Subscribe(prefix, func(e *wamp.Event) {
		topic, _ := wamp.AsString(e.Details["topic"])
		seen <- topic
	}, wamp.Dict{wamp.OptMatch: wamp.MatchPrefix}))
	fine(t, with("pub", at(router.WebSocketURL(), files.originator), prefix+"orders", `"noon"`)...)
	ring, err := keyfile.Load(files.originator)
	require.NoError(t, err)
	form, err := ring.Forms(realm).Send(prefix + "orders")
	require.NoError(t, err)
	select {
	case topic := <-seen:
		require.Equal(t, form.URI(prefix+"orders"), topic)
	case <-time.After(patience):
		t.Fatal("the router has told nobody of an event")
	}
	require.NoError(t, observer.Close()) // nexus writes to what one gets while it is sent to another

	sub := new(run).start(t.Context(), with("sub", at(router.WebSocketURL(), files.responder), "-n", "1", prefix)...)
	sub.says(t, "subscribed to")
	fine(t, with("pub", at(router.WebSocketURL(), files.originator), prefix+"orders", `"noon"`)...)
	require.NoError(t, sub.wait(t))
	line := sub.lines(t)[0]
	require.Equal(t, []any{prefix + "orders", []any{"noon"}}, []any{line["topic"], line["args"]})

	callee := join(t, router.WebSocketURL(), files.responder)
	require.NoError(t, callee.Register(prefix+"echo", func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{Args: inv.Arguments}
	}, nil))
	r := fine(t, with("call", at(router.WebSocketURL(), files.originator), prefix+"echo", `7`)...)
	require.Equal(t, "7\n", r.out.String())
	fine(t, append(with("doctor", at(router.WebSocketURL(), files.originator)[:4], files.originator), "-call", prefix+"echo")...)
	require.NoError(t, callee.Close())
}
