package guard_test

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// helloOf connects a client and returns the roles it announced, with their features.
func helloOf(t *testing.T, connect func(url string, cfg client.Config) error) map[string]map[string]any {
	t.Helper()
	r := handrouter.Start(t, handrouter.WebSocket, "json")
	cfg := harness.Config(client.JSON)
	done := harness.Go(func() error { return connect(r.URL(), cfg) })
	conn := r.Welcome(both...)
	require.NoError(t, harness.Receive(t, done))
	t.Cleanup(conn.Close)
	roles := map[string]map[string]any{}
	for role, v := range harness.At(t, conn.Hello, 2, "roles").(map[string]any) {
		roles[role], _ = harness.At(t, v, "features").(map[string]any)
	}
	require.Len(t, roles, 4)
	return roles
}

// sessionHello is that of a Session.
func sessionHello(t *testing.T, details wamp.Dict) map[string]map[string]any {
	t.Helper()
	return helloOf(t, func(url string, cfg client.Config) error {
		cfg.HelloDetails = details
		s, err := transparency.ConnectNet(context.Background(), url, cfg, keyring.New())
		if err == nil {
			t.Cleanup(func() { _ = s.Close() })
		}
		return err
	})
}

func nexusHello(t *testing.T, details wamp.Dict) map[string]map[string]any {
	t.Helper()
	return helloOf(t, func(url string, cfg client.Config) error {
		cfg.HelloDetails = details
		cfg.ResponseTimeout = time.Second // nexus's Close waits for two of them
		c, err := client.ConnectNet(context.Background(), url, cfg)
		if err == nil {
			t.Cleanup(func() { _ = c.Close() })
		}
		return err
	})
}

// TestGuardHello: what a Session announces is its own.
func TestGuardHello(t *testing.T) {
	before := nexusHello(t, nil)
	details := wamp.Dict{"agent": "test"}
	own := sessionHello(t, details)
	require.Equal(t, wamp.Dict{"agent": "test"}, details, "the caller's details")
	require.Equal(t, before, nexusHello(t, nil), "nexus's roles, which its clients share")
	for role, features := range own {
		require.Equal(t, true, features["payload_transparency"], role)
		require.Equal(t, true, features["payload_encryption_cryptobox"], role)
		require.Equal(t, true, features[wamp.FeaturePayloadPassthruMode], role)
		require.Len(t, features, len(before[role])+2, role)
	}
}

// TestGuardHelloRoles: roles that an application announces itself get the features
// too, in a copy.
func TestGuardHelloRoles(t *testing.T) {
	own := func() wamp.Dict {
		return wamp.Dict{"roles": map[string]any{
			"publisher":  wamp.Dict{},
			"subscriber": wamp.Dict{"features": nil},
			"caller":     wamp.Dict{"features": map[string]any{"x": true}},
			"callee":     map[string]any{"features": wamp.Dict{"y": true}},
		}}
	}
	details := own()
	for role, features := range sessionHello(t, details) {
		require.Equal(t, true, features["payload_transparency"], role)
	}
	require.Equal(t, own(), details)
}

// TestGuardHelloDetailsNexus: nexus's client writes into the caller's details.
func TestGuardHelloDetailsNexus(t *testing.T) {
	details := wamp.Dict{"agent": "test"}
	nexusHello(t, details)
	require.Contains(t, details, "roles")
}
