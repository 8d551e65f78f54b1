package interop_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
)

// TestNexus calls a plain Autobahn procedure, and takes a plain event of
// Autobahn's, with nexus's own client: what works before anything of ours does.
func TestNexus(t *testing.T) {
	suite := interop.Start(t)
	urls := map[string]string{"websocket": suite.Node.WebSocketURL(), "rawsocket": suite.Node.RawSocketURL()}
	serializers := map[string]serialize.Serialization{
		"json": serialize.JSON, "msgpack": serialize.MSGPACK, "cbor": serialize.CBOR,
	}
	for transport, url := range urls {
		for name, serializer := range serializers {
			t.Run(transport+" "+name, func(t *testing.T) {
				ctx := within(t)
				py := suite.Join(t, interop.Config{})
				require.NoError(t, py.Register(ctx, "com.myapp.add2", interop.Add2(), nil))
				c, err := client.ConnectNet(ctx, url, client.Config{Realm: interop.Realm, Serialization: serializer})
				require.NoError(t, err)
				defer func() { require.NoError(t, c.Close()) }()

				result, err := c.Call(ctx, "com.myapp.add2", nil, wamp.List{23, 1}, nil, nil)
				require.NoError(t, err)
				sum, ok := wamp.AsInt64(result.Arguments[0])
				require.True(t, ok)
				require.Equal(t, int64(24), sum)

				events := make(chan *wamp.Event, 1)
				require.NoError(t, c.SubscribeChan("com.myapp.hello", events, nil))
				publication, err := py.Publish(ctx, "com.myapp.hello", []any{"Hello"}, nil, nil)
				require.NoError(t, err)
				require.False(t, publication.Encrypted)
				select {
				case event := <-events:
					require.Equal(t, wamp.List{"Hello"}, event.Arguments)
				case <-ctx.Done():
					t.Fatal("no event came")
				}
			})
		}
	}
}
