package main

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"io"
	"log"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/examples/internal/party"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/examples/internal/proctest"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// ownKey is a key pair of a user's own.
type ownKey struct{ base64, hex, file, public string }

func newOwnKey(t *testing.T) ownKey {
	t.Helper()
	private := cryptobox.GenerateKey()
	k := ownKey{
		base64: base64.StdEncoding.EncodeToString(private.UnsafeBytes()),
		hex:    hex.EncodeToString(private.UnsafeBytes()),
		file:   filepath.Join(t.TempDir(), "private.key"),
		public: private.Public().String(),
	}
	require.NoError(t, os.WriteFile(k.file, []byte(k.hex+"\n"), 0o600))
	return k
}

func requireNoKey(t *testing.T, out string, keys ...ownKey) {
	t.Helper()
	for _, k := range keys {
		require.NotContains(t, out, k.base64)
		require.NotContains(t, out, k.hex)
	}
}

func quiet() client.Config {
	return client.Config{Realm: "realm1", Logger: log.New(io.Discard, "", 0), ResponseTimeout: proctest.Patience}
}

// connectPlain connects a client that knows no encryption.
func connectPlain(t *testing.T, router *testrouter.Router) *client.Client {
	t.Helper()
	c, err := client.ConnectNet(context.Background(), router.WebSocketURL(), quiet())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// connectKeyed connects a session with the responder's sample keys.
func connectKeyed(t *testing.T, router *testrouter.Router) *transparency.Session {
	t.Helper()
	private, err := cryptobox.ParsePrivateKey(party.SampleResponder.Private)
	require.NoError(t, err)
	peer, err := cryptobox.ParsePublicKey(party.SampleResponder.Peer)
	require.NoError(t, err)
	ring := keyring.New()
	require.NoError(t, ring.Set(party.EncryptedPrefix, keyring.Prefix, keyring.Responder(private, peer)))
	s, err := transparency.ConnectNet(context.Background(), router.WebSocketURL(), quiet(), ring)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// observe subscribes without a key.
func observe(t *testing.T, router *testrouter.Router, topic string) <-chan *wamp.Event {
	t.Helper()
	events := make(chan *wamp.Event, 16)
	require.NoError(t, connectPlain(t, router).SubscribeChan(topic, events, nil))
	return events
}

func receive(t *testing.T, events <-chan *wamp.Event) *wamp.Event {
	t.Helper()
	select {
	case event := <-events:
		return event
	case <-time.After(proctest.Patience):
		require.FailNow(t, "no event")
		return nil
	}
}
