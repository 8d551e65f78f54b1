package proxy_test

import (
	"context"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const sealedURI = "com.myapp.encrypted.x"

// keyFor is a key for both ends in the dialect.
func keyFor(t *testing.T, d proxy.Dialect) keyring.Key {
	t.Helper()
	switch d {
	case proxy.Autobahn:
		return keyring.Both(cryptobox.GenerateKey())
	case proxy.Passthru:
		return keyring.Shared(cryptobox.GenerateSymmetricKey()).ForPassthru("key-1")
	}
	return keyring.Shared(cryptobox.GenerateSymmetricKey())
}

// forEach runs the test with a Session for each dialect and way to connect.
func forEach(t *testing.T, test func(t *testing.T, r *proxy.Proxy, s *transparency.Session)) {
	honest := testrouter.Start(t)
	for _, dialect := range proxy.Dialects {
		ring := keyring.New()
		require.NoError(t, ring.Set(keyring.Exact(sealedURI), keyFor(t, dialect)))
		for _, w := range wires {
			t.Run(string(dialect)+"/"+w.String(), func(t *testing.T) {
				r := proxy.Start(t, w.url(honest), proxy.Hostile(dialect))
				s, err := transparency.ConnectNet(context.Background(), r.URL(), harness.Config(w.serializer), ring)
				require.NoError(t, err)
				t.Cleanup(func() { _ = s.Close() })
				test(t, r, s)
			})
		}
	}
}

// TestHonest: without hooks, everything passes, sealed and readable in the record.
func TestHonest(t *testing.T) {
	forEach(t, func(t *testing.T, r *proxy.Proxy, s *transparency.Session) {
		progress := 0
		require.NoError(t, s.Register(sealedURI, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
			if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
				return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
			}
			if wamp.OptionFlag(inv.Details, wamp.OptReceiveProgress) {
				_ = s.SendProgress(ctx, wamp.List{1}, nil)
			}
			if len(inv.Arguments) == 0 {
				return client.InvokeResult{Err: sealedURI, Args: wamp.List{"why"}}
			}
			return client.InvokeResult{Args: inv.Arguments, Kwargs: inv.ArgumentsKw}
		}, nil))
		result, err := s.Call(harness.Timeout(t), sealedURI, nil, wamp.List{"x"}, wamp.Dict{"k": "v"}, func(*wamp.Result) { progress++ })
		require.NoError(t, err)
		require.Equal(t, wamp.List{"x"}, result.Arguments)
		require.Equal(t, 1, progress)
		_, err = s.Call(harness.Timeout(t), sealedURI, nil, nil, nil, nil)
		var raised client.RPCError
		require.ErrorAs(t, err, &raised)
		require.Equal(t, wamp.List{"why"}, raised.Err.Arguments)
		chunks := 0
		result, err = s.CallProgressive(harness.Timeout(t), sealedURI, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			chunks++
			return wamp.Dict{wamp.OptProgress: chunks < 3}, wamp.List{chunks}, nil, nil
		}, nil)
		require.NoError(t, err)
		require.EqualValues(t, 3, result.Arguments[0])
		got := make(chan *wamp.Event, 1)
		require.NoError(t, s.Subscribe(sealedURI, func(ev *wamp.Event) { got <- ev }, nil))
		require.NoError(t, s.Publish(sealedURI, wamp.Dict{"exclude_me": false}, wamp.List{"event"}, nil))
		require.Equal(t, wamp.List{"event"}, (<-got).Arguments)
		for _, kind := range []wamp.MessageType{wamp.CALL, wamp.INVOCATION, wamp.YIELD, wamp.RESULT, wamp.ERROR, wamp.PUBLISH, wamp.EVENT} {
			m, err := r.Await(harness.Timeout(t), func(m *proxy.Message) bool { return m.Is(kind) })
			require.NoError(t, err)
			require.True(t, m.Sealed(), kind)
			require.Greater(t, len(m.Bytes()), 40)
			require.Equal(t, r.Conn(s.ID()), m.Conn)
			require.NotEmpty(t, m.Data)
		}
	})
}

// TestHooks: what a hook sends is what arrives.
func TestHooks(t *testing.T) {
	forEach(t, func(t *testing.T, r *proxy.Proxy, s *transparency.Session) {
		conn := r.Conn(s.ID())
		require.NoError(t, s.Register(sealedURI, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
			return client.InvokeResult{Args: inv.Arguments}
		}, nil))
		change := func(d proxy.Direction, types wamp.MessageType, change func(*proxy.Message)) {
			conn.On(d, func(m *proxy.Message, send func(...*proxy.Message)) {
				if m.Is(types) {
					change(m)
				}
				send(m)
			})
		}
		for name, c := range map[string]func(*proxy.Message){
			"strip": func(m *proxy.Message) { m.Strip([]any{1}, map[string]any{"k": 1}) },
			"flip":  func(m *proxy.Message) { b := m.Bytes(); b[30] ^= 1; m.SetBytes(b) },
			"field": func(m *proxy.Message) { m.Set(proxy.Payload, 5) },
			"unset": func(m *proxy.Message) { m.Unset(proxy.Payload) },
		} {
			change(proxy.Down, wamp.RESULT, c)
			_, err := s.Call(harness.Timeout(t), sealedURI, nil, wamp.List{"x"}, nil, nil)
			var refused *transparency.Error
			require.ErrorAs(t, err, &refused, name)
			conn.On(proxy.Down, nil)
			change(proxy.Up, wamp.CALL, c)
			_, err = s.Call(harness.Timeout(t), sealedURI, nil, wamp.List{"x"}, nil, nil)
			require.Error(t, err, name)
			conn.On(proxy.Up, nil)
		}
		_, err := s.Call(harness.Timeout(t), sealedURI, nil, wamp.List{"x"}, nil, nil)
		require.NoError(t, err)
	})
}
