package main

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

func TestMain(m *testing.M) { os.Exit(proc.Main(m).Run()) }

func startRouter(t *testing.T) *testrouter.Router {
	t.Helper()
	return testrouter.Start(t)
}

// startResponder starts the program with the sample keys and returns it when
// it can be called.
func startResponder(t *testing.T, url string) *proc.Process {
	t.Helper()
	p := proc.Start(t, "responder", "-router", url)
	p.AwaitLine("session ready", 1)
	return p
}

// connectPlain connects a client that knows no encryption.
func connectPlain(t *testing.T, router *testrouter.Router) *client.Client {
	t.Helper()
	c, err := client.ConnectNet(context.Background(), router.WebSocketURL(), harness.Config(client.JSON))
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// The keys that the originator's sample has.
const (
	sampleOriginatorPrivate = "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM="
	sampleOriginatorPeer    = "5Q3rK3UhNZzdviBw9MtbNrrPHR9bsFSGMEtr2H3ZaxQ="
)

// connectOriginator connects a session with the originator's sample keys.
func connectOriginator(t *testing.T, router *testrouter.Router, serialization serialize.Serialization) *transparency.Session {
	t.Helper()
	private, err := cryptobox.ParsePrivateKey(sampleOriginatorPrivate)
	require.NoError(t, err)
	peer, err := cryptobox.ParsePublicKey(sampleOriginatorPeer)
	require.NoError(t, err)
	ring := keyring.New()
	require.NoError(t, ring.Set(keyring.Prefix(prefix), keyring.Originator(private, peer)))
	require.NoError(t, ring.SetPlain(keyring.Prefix(plainPrefix)))
	s, err := transparency.ConnectNet(context.Background(), router.WebSocketURL(), harness.Config(serialization), ring)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestSamplesAreThePublishedOnes(t *testing.T) {
	text, err := os.ReadFile("../../vectors/autobahn_cryptobox.json")
	require.NoError(t, err)
	var published struct{ Keys map[string]string }
	require.NoError(t, json.Unmarshal(text, &published))
	require.Equal(t, published.Keys["responder_priv"], samplePrivate)
	require.Equal(t, published.Keys["originator_pub"], samplePeer)
}

func TestInteger(t *testing.T) {
	for _, test := range []struct {
		in   any
		want int64
		ok   bool
	}{
		{int64(math.MinInt64), math.MinInt64, true},
		{uint64(math.MaxInt64), math.MaxInt64, true},
		{uint64(math.MaxInt64) + 1, 0, false},
		{3.0, 0, false},
		{"3", 0, false},
		{true, 0, false},
		{nil, 0, false},
	} {
		got, ok := integer(test.in)
		require.Equal(t, test.ok, ok, "%T %v", test.in, test.in)
		if ok {
			require.Equal(t, test.want, got)
		}
	}
}

// What a router claims proves nothing.
func TestWay(t *testing.T) {
	require.Equal(t, "plain", way(nil))
	require.Equal(t, "plain", way(wamp.Dict{"enc_algo": "cryptobox", "x_cryptobox_info": true}))
}
