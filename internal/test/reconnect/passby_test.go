package reconnect_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/passby"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// The key service's procedure and topic are in place again, and pass the ring by as before.
func TestKeyServicePassesByAgain(t *testing.T) {
	const get, changed = "wampbox.keyring.get", "wampbox.keyring.changed"
	f := newFront(t)
	r := startRouter(t)
	f.router(r.RawSocketURL())
	rules, seen := policy()
	ring := both(t)
	require.NoError(t, ring.Reserve("wampbox."))
	s := connect(t, "tcp://"+f.address, harness.Config(client.CBOR), ring, transparency.WithReconnect(rules))
	got := make(chan *wamp.Event, 10)
	require.NoError(t, s.Subscribe(changed, func(e *wamp.Event) { got <- e }, passby.Options(s, "wampbox.")))
	require.NoError(t, s.Register(get, harness.Echo, passby.Options(s, "wampbox.")))
	other, err := client.ConnectNet(t.Context(), r.RawSocketURL(), harness.Config(client.CBOR))
	require.NoError(t, err)
	t.Cleanup(func() { _ = other.Close() })
	for range 2 {
		require.NoError(t, other.Publish(changed, nil, nil, nil))
		harness.Receive(t, got)
		result, err := other.Call(harness.Timeout(t), get, nil, wamp.List{"a get"}, nil, nil)
		require.NoError(t, err)
		require.Equal(t, wamp.List{"a get"}, result.Arguments)
		f.down()
		harness.Receive(t, seen.lost)
		f.router(r.RawSocketURL())
		harness.Receive(t, seen.again)
		require.Eventually(t, func() bool { return s.Ready() == nil }, harness.Patience, minPause)
	}
}
