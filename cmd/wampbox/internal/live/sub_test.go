package live_test

import (
	"context"
	"encoding/json"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

func TestSubEndsCleanly(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	t.Run("with its context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		sub := new(run).start(ctx, with("sub", at(router.WebSocketURL(), files.responder), prefix+"x")...)
		sub.says(t, "subscribed to")
		cancel()
		require.NoError(t, sub.wait(t))
		require.Contains(t, sub.err.String(), "\nprinted 0 events\n")
	})
	t.Run("before the number of events", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		sub := new(run).start(ctx, with("sub", at(router.WebSocketURL(), files.responder), "-n", "3", prefix+"x")...)
		sub.says(t, "subscribed to")
		fine(t, with("pub", at(router.WebSocketURL(), files.originator), prefix+"x")...)
		require.Eventually(t, func() bool { return len(sub.lines(t)) == 1 }, patience, 5*time.Millisecond)
		cancel()
		require.ErrorContains(t, sub.wait(t), "interrupted after 1 of 3 events")
		require.Contains(t, sub.err.String(), "\nprinted 1 event\n")
	})
	t.Run("after a number of events", func(t *testing.T) {
		sub := new(run).start(t.Context(), with("sub", at(router.WebSocketURL(), files.responder), "-n", "3", prefix+"x")...)
		sub.says(t, "subscribed to")
		publisher := join(t, router.WebSocketURL(), files.originator)
		for i := range 5 {
			require.NoError(t, publisher.Publish(prefix+"x", nil, wamp.List{i}, nil))
		}
		require.NoError(t, sub.wait(t))
		lines := sub.lines(t)
		require.Len(t, lines, 3)
		for i, line := range lines {
			require.Equal(t, []any{json.Number(fmt.Sprint(i))}, line["args"])
		}
	})
}

// TestSubMatches topics as their text says, or as -match does.
func TestSubMatches(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	for _, test := range []struct{ topic, match, says string }{
		{prefix + "x", "", "exact"},
		{prefix, "", "prefix"},
		{"com.myapp.sealed..x", "", "wildcard"},
		{prefix + "x", "prefix", "prefix"},
	} {
		flags := at(router.WebSocketURL(), files.responder)
		if test.match != "" {
			flags = append(flags, "-match", test.match)
		}
		ctx, cancel := context.WithCancel(t.Context())
		sub := new(run).start(ctx, with("sub", flags, test.topic)...)
		sub.says(t, fmt.Sprintf("subscribed to %s %q", test.says, test.topic))
		cancel()
		require.NoError(t, sub.wait(t))
	}
}

// TestSubRefuses what another key has sealed, with the reason and what to look at.
func TestSubRefuses(t *testing.T) {
	router := testrouter.Start(t)
	files, others := newEnds(t), newEnds(t)
	sub := new(run).start(t.Context(), with("sub", at(router.WebSocketURL(), files.responder), "-n", "1", prefix+"x")...)
	sub.says(t, "subscribed to")
	stranger := join(t, router.WebSocketURL(), others.originator)
	require.NoError(t, stranger.Publish(prefix+"x", wamp.Dict{"disclose_me": true}, wamp.List{"attack at dawn"}, nil))
	sub.says(t, "can't be opened")
	sub.says(t, fmt.Sprintf("key id %q, subscription ", sealing(t, others.originator)))
	sub.says(t, fmt.Sprintf("by the router's word from session %d", stranger.ID()))
	plain, err := client.ConnectNet(t.Context(), router.WebSocketURL(), client.Config{Realm: realm})
	require.NoError(t, err)
	require.NoError(t, plain.Publish(prefix+"x", nil, wamp.List{"attack at noon"}, nil))
	sub.says(t, "not sealed")
	require.NoError(t, plain.Close())
	fine(t, with("pub", at(router.WebSocketURL(), files.originator), prefix+"x", `1`)...)
	require.NoError(t, sub.wait(t))

	require.Len(t, sub.lines(t), 1)
	require.Contains(t, sub.err.String(), `event "com.myapp.sealed.x"`)
	require.Contains(t, sub.err.String(), "check that both ends hold the halves of the same key pairs")
	require.Contains(t, sub.err.String(), "\nprinted 1 event; refused: 1 payload is not sealed, 1 can't be opened\n")
	require.NotContains(t, sub.err.String(), "attack")
}

// TestPublisher is shown where it is disclosed, as what the router says.
func TestPublisher(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	sub := new(run).start(t.Context(), with("sub", at(router.WebSocketURL(), files.responder), "-n", "1", prefix+"x")...)
	sub.says(t, "subscribed to")
	publisher := join(t, router.WebSocketURL(), files.originator)
	require.NoError(t, publisher.Publish(prefix+"x", wamp.Dict{"disclose_me": true}, wamp.List{"\u009b2J\x1b[2J"}, nil))
	require.NoError(t, sub.wait(t))
	says := sub.lines(t)[0]["router_says"].(map[string]any)
	require.Equal(t, json.Number(fmt.Sprint(publisher.ID())), says["publisher"])
	require.Contains(t, sub.out.String(), `"args":["\u009b2J\u001b[2J"]`, "no terminal takes this for a command")
}

// TestSubConnectsAgain after its connection was lost.
func TestSubConnectsAgain(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	tap := proxy.Start(t, router.WebSocketURL())
	sub := new(run).start(t.Context(), with("sub", at(tap.URL(), files.responder), "-n", "1", prefix+"x")...)
	sub.says(t, "subscribed to")
	tap.Conns()[0].Close()
	sub.says(t, "connection to the router ended")
	sub.says(t, "connected again")
	fine(t, with("pub", at(router.WebSocketURL(), files.originator), prefix+"x")...)
	require.NoError(t, sub.wait(t))
}

// TestPassthru patterns travel as the specification has it, without a flag.
func TestPassthru(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t, func(originator, responder *keyfile.File) {
		for _, f := range []*keyfile.File{originator, responder} {
			entry := &keyfile.Entry{Pattern: keyring.Prefix("com.myapp.others.")}
			entry.Versions = []*keyfile.Version{{ID: "one", Dialect: cryptobox.Passthru, Shared: keyfile.SymmetricKey(shared)}}
			f.Entries = append(f.Entries, entry)
		}
	})
	tap := proxy.Start(t, router.WebSocketURL(), proxy.Hostile(proxy.Passthru))
	for _, topic := range []string{"com.myapp.others.x", "com.myapp.others."} {
		sub := new(run).start(t.Context(), with("sub", at(router.WebSocketURL(), files.responder), "-n", "1", topic)...)
		sub.says(t, "subscribed to")
		fine(t, with("pub", at(tap.URL(), files.originator), "com.myapp.others.x", `"attack at dawn"`)...)
		require.NoError(t, sub.wait(t))
		require.Equal(t, []any{"attack at dawn"}, sub.lines(t)[0]["args"])
	}
	published := tap.Messages(func(m *proxy.Message) bool { return m.Is(wamp.PUBLISH) })
	require.Len(t, published, 2)
	require.True(t, published[0].Sealed())
	scheme, _ := published[0].Get(proxy.Scheme)
	require.Equal(t, "wamp", scheme)

	// One sub takes in both dialects.
	sub := new(run).start(t.Context(), with("sub", at(router.WebSocketURL(), files.responder), "-n", "2", "com.myapp.")...)
	sub.says(t, "subscribed to")
	fine(t, with("pub", at(router.WebSocketURL(), files.originator), "com.myapp.others.x", `1`)...)
	fine(t, with("pub", at(router.WebSocketURL(), files.originator), prefix+"x", `2`)...)
	require.NoError(t, sub.wait(t))
	for i, want := range []map[string]any{{"dialect": "passthru", "key": "one"}, {"dialect": "wampbox", "suite": "box", "role": "originator"}} {
		proved := sub.lines(t)[i]["proved"].(map[string]any)
		for name, value := range want {
			require.Equal(t, value, proved[name])
		}
		require.Equal(t, i == 1, proved["session"] != nil)
	}
}

// TestAutobahn patterns need a router that carries them.
func TestAutobahn(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t, inDialect(cryptobox.Autobahn, 0))
	for _, args := range [][]string{
		with("pub", at(router.WebSocketURL(), files.originator), prefix+"x"), with("call", at(router.WebSocketURL(), files.originator), prefix+"x"),
		with("sub", at(router.WebSocketURL(), files.responder), prefix+"x"),
	} {
		_, err := tool(t, args...)
		require.ErrorIs(t, err, transparency.NotCarried)
		require.ErrorContains(t, err, "payload_transparency")
	}
}

// TestFullPipe ends what prints.
func TestFullPipe(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	sub := &run{stdout: fullPipe{}}
	sub.start(t.Context(), with("sub", at(router.WebSocketURL(), files.responder), prefix)...)
	sub.says(t, "subscribed to")
	fine(t, with("pub", at(router.WebSocketURL(), files.originator), prefix+"x")...)
	require.ErrorContains(t, sub.wait(t), "write to standard output")
	callee := join(t, router.RawSocketURL(), files.responder)
	require.NoError(t, callee.Register(prefix+"count", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		_ = callee.SendProgress(ctx, wamp.List{1}, nil)
		<-ctx.Done()
		return client.InvocationCanceled
	}, nil))
	call := &run{stdout: fullPipe{}}
	call.start(t.Context(), with("call", at(router.WebSocketURL(), files.originator), "-progress", prefix+"count")...)
	require.ErrorContains(t, call.wait(t), "write to standard output")
	require.NoError(t, callee.Close())
}

// fullPipe takes nothing.
type fullPipe struct{}

func (fullPipe) Write([]byte) (int, error) { return 0, syscall.EPIPE }
