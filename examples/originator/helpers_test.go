package main

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

func requireNoKey(t *testing.T, out string, key cryptobox.PrivateKey) {
	t.Helper()
	require.NotContains(t, out, base64.StdEncoding.EncodeToString(key.UnsafeBytes()))
	require.NotContains(t, out, hex.EncodeToString(key.UnsafeBytes()))
}

// connectPlain connects a client that knows no encryption.
func connectPlain(t *testing.T, router *testrouter.Router) *client.Client {
	t.Helper()
	c, err := client.ConnectNet(context.Background(), router.WebSocketURL(), harness.Config(client.JSON))
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// connectKeyed connects a session with the responder's sample keys.
func connectKeyed(t *testing.T, router *testrouter.Router) *transparency.Session {
	t.Helper()
	private, err := cryptobox.ParsePrivateKey("ss1v3Nbg65NGGzz8fno17hUCS669pIvPKd3T40oWkEE=")
	require.NoError(t, err)
	peer, err := cryptobox.ParsePublicKey("GTtQ37XGJO2O4R8Dvx4AUo8pe61D9evIWpKGQAPdOh0=")
	require.NoError(t, err)
	ring := keyring.New()
	require.NoError(t, ring.Set(keyring.Prefix(prefix), keyring.Responder(private, peer)))
	require.NoError(t, ring.SetPlain(keyring.Prefix(plainPrefix)))
	s, err := transparency.ConnectNet(context.Background(), router.WebSocketURL(), harness.Config(client.JSON), ring)
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
