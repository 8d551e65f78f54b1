package evilrouter_test

import (
	"context"
	"io"
	"log"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/evilrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const topic = "com.myapp.encrypted.x"

var serializations = map[string]serialize.Serialization{
	"json": client.JSON, "msgpack": client.MSGPACK, "cbor": client.CBOR,
}

// forEach runs the test with a Session for each framing and serializer.
func forEach(t *testing.T, test func(t *testing.T, r *evilrouter.Router, s *transparency.Session)) {
	honest, err := testrouter.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, honest.Close()) })
	ring := keyring.New()
	require.NoError(t, ring.Set(topic, keyring.Exact, keyring.Both(cryptobox.GenerateKey())))
	for _, framing := range evilrouter.Framings {
		for name, serialization := range serializations {
			t.Run(string(framing)+"/"+name, func(t *testing.T) {
				r, err := evilrouter.Start(honest.RawSocketURL(), framing)
				require.NoError(t, err)
				t.Cleanup(func() { require.NoError(t, r.Close()) })
				f, err := transparency.ParseFraming(string(framing))
				require.NoError(t, err)
				s, err := transparency.ConnectNet(context.Background(), r.URL(), client.Config{
					Realm: "realm1", Serialization: serialization, Logger: log.New(io.Discard, "", 0), ResponseTimeout: 5 * time.Second,
				}, ring, transparency.WithFraming(f))
				require.NoError(t, err)
				t.Cleanup(func() { _ = s.Close() })
				test(t, r, s)
			})
		}
	}
}

func patience(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// TestHonest: without hooks, everything passes, sealed and readable in the record.
func TestHonest(t *testing.T) {
	forEach(t, func(t *testing.T, r *evilrouter.Router, s *transparency.Session) {
		progress := 0
		require.NoError(t, s.Register(topic, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
			if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
				return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
			}
			if wamp.OptionFlag(inv.Details, wamp.OptReceiveProgress) {
				_ = s.SendProgress(ctx, wamp.List{1}, nil)
			}
			if len(inv.Arguments) == 0 {
				return client.InvokeResult{Err: "com.myapp.error", Args: wamp.List{"why"}}
			}
			return client.InvokeResult{Args: inv.Arguments, Kwargs: inv.ArgumentsKw}
		}, nil))
		result, err := s.Call(patience(t), topic, nil, wamp.List{"x"}, wamp.Dict{"k": "v"}, func(*wamp.Result) { progress++ })
		require.NoError(t, err)
		require.Equal(t, wamp.List{"x"}, result.Arguments)
		require.Equal(t, 1, progress)
		_, err = s.Call(patience(t), topic, nil, nil, nil, nil)
		var raised client.RPCError
		require.ErrorAs(t, err, &raised)
		require.Equal(t, wamp.List{"why"}, raised.Err.Arguments)
		chunks := 0
		result, err = s.CallProgressive(patience(t), topic, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			chunks++
			return wamp.Dict{wamp.OptProgress: chunks < 3}, wamp.List{chunks}, nil, nil
		}, nil)
		require.NoError(t, err)
		require.EqualValues(t, 3, result.Arguments[0])
		got := make(chan *wamp.Event, 1)
		require.NoError(t, s.Subscribe(topic, func(ev *wamp.Event) { got <- ev }, nil))
		require.NoError(t, s.Publish(topic, wamp.Dict{"exclude_me": false}, wamp.List{"event"}, nil))
		require.Equal(t, wamp.List{"event"}, (<-got).Arguments)
		for _, kind := range []wamp.MessageType{wamp.CALL, wamp.INVOCATION, wamp.YIELD, wamp.RESULT, wamp.ERROR, wamp.PUBLISH, wamp.EVENT} {
			m, err := r.Await(patience(t), func(m *evilrouter.Message) bool { return m.Is(kind) })
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
	forEach(t, func(t *testing.T, r *evilrouter.Router, s *transparency.Session) {
		conn := r.Conn(s.ID())
		require.NoError(t, s.Register(topic, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
			return client.InvokeResult{Args: inv.Arguments}
		}, nil))
		change := func(d evilrouter.Direction, types wamp.MessageType, change func(*evilrouter.Message)) {
			conn.On(d, func(m *evilrouter.Message, send func(...*evilrouter.Message)) {
				if m.Is(types) {
					change(m)
				}
				send(m)
			})
		}
		for name, c := range map[string]func(*evilrouter.Message){
			"strip": func(m *evilrouter.Message) { m.Strip([]any{1}, map[string]any{"k": 1}) },
			"flip":  func(m *evilrouter.Message) { b := m.Bytes(); b[30] ^= 1; m.SetBytes(b) },
			"field": func(m *evilrouter.Message) { m.Set(evilrouter.KeyID, "other") },
			"unset": func(m *evilrouter.Message) { m.Unset(evilrouter.Serializer) },
		} {
			change(evilrouter.Down, wamp.RESULT, c)
			_, err := s.Call(patience(t), topic, nil, wamp.List{"x"}, nil, nil)
			var refused *transparency.Error
			require.ErrorAs(t, err, &refused, name)
			conn.On(evilrouter.Down, nil)
			change(evilrouter.Up, wamp.CALL, c)
			_, err = s.Call(patience(t), topic, nil, wamp.List{"x"}, nil, nil)
			require.Error(t, err, name)
			conn.On(evilrouter.Up, nil)
		}
		_, err := s.Call(patience(t), topic, nil, wamp.List{"x"}, nil, nil)
		require.NoError(t, err)
	})
}
