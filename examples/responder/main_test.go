package main

import (
	"context"
	"io"
	"log"
	"os"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/examples/internal/party"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/examples/internal/proctest"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

func TestMain(m *testing.M) { os.Exit(proctest.Main(m, "responder")) }

func startRouter(t *testing.T) *testrouter.Router {
	t.Helper()
	router, err := testrouter.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, router.Close()) })
	return router
}

// startResponder starts the program with the sample keys and returns it when
// it can be called.
func startResponder(t *testing.T, url string) *proctest.Process {
	t.Helper()
	p := proctest.Start(t, "responder", "-router", url)
	p.AwaitLine("session ready", 1)
	return p
}

func config(serialization serialize.Serialization) client.Config {
	return client.Config{
		Realm:           "realm1",
		Serialization:   serialization,
		Logger:          log.New(io.Discard, "", 0),
		ResponseTimeout: proctest.Patience,
	}
}

// connectPlain connects a client that knows no encryption.
func connectPlain(t *testing.T, router *testrouter.Router) *client.Client {
	t.Helper()
	c, err := client.ConnectNet(context.Background(), router.WebSocketURL(), config(client.JSON))
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// connectOriginator connects a session with the originator's sample keys.
func connectOriginator(t *testing.T, router *testrouter.Router, serialization serialize.Serialization) *transparency.Session {
	t.Helper()
	private, err := cryptobox.ParsePrivateKey(party.SampleOriginator.Private)
	require.NoError(t, err)
	peer, err := cryptobox.ParsePublicKey(party.SampleOriginator.Peer)
	require.NoError(t, err)
	ring := keyring.New()
	require.NoError(t, ring.Set(party.EncryptedPrefix, keyring.Prefix, keyring.Originator(private, peer)))
	s, err := transparency.ConnectNet(context.Background(), router.WebSocketURL(), config(serialization), ring)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}
