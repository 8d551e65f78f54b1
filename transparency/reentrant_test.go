package transparency_test

import (
	"context"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// telling does something while it is written.
type telling struct {
	tell func()
	_    int
}

func (v telling) MarshalBinary() ([]byte, error) { v.tell(); return []byte("x"), nil }
func (v *telling) UnmarshalBinary([]byte) error  { return nil }

// TestMarshalersThatSend: what a value sends while it is sealed comes before it, as in plain.
func TestMarshalersThatSend(t *testing.T) {
	ring := keyring.New()
	require.NoError(t, ring.Set(keyring.Exact(keyedURI), harness.NewKeys().PairKey()))
	want := []wamp.List{{int64(1)}, {[]byte("x"), []any{map[string]any{"k": []byte("x")}}}}
	held := func(tell func()) wamp.List {
		return wamp.List{telling{tell: func() {}}, wamp.List{wamp.Dict{"k": telling{tell: tell}}}}
	}
	t.Run("publish", func(t *testing.T) {
		r := startRouter(t)
		s, subscriber := links[5].session(t, r, ring), links[5].session(t, r, ring)
		events := make(chan wamp.List, len(want))
		require.NoError(t, subscriber.Subscribe(keyedURI, func(e *wamp.Event) { events <- e.Arguments }, nil))
		published := make(chan error, 2)
		go func() {
			args := held(func() { published <- s.Publish(keyedURI, nil, wamp.List{1}, nil) })
			published <- s.Publish(keyedURI, nil, args, nil)
		}()
		for _, args := range want {
			require.NoError(t, harness.Receive(t, published))
			require.Equal(t, args, harness.Receive(t, events))
		}
	})
	t.Run("progress", func(t *testing.T) {
		r := startRouter(t)
		s, caller := links[5].session(t, r, ring), links[5].session(t, r, ring)
		require.NoError(t, s.Register(keyedURI, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			args := held(func() { _ = s.SendProgress(ctx, wamp.List{1}, nil) })
			_ = s.SendProgress(ctx, args, nil)
			return client.InvokeResult{}
		}, nil))
		ctx, cancel := context.WithTimeout(context.Background(), harness.Patience)
		defer cancel()
		var got []wamp.List
		_, err := caller.Call(ctx, keyedURI, nil, nil, nil, func(r *wamp.Result) { got = append(got, r.Arguments) })
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}
