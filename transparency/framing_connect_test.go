package transparency_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

func TestFramingNames(t *testing.T) {
	for name, framing := range map[string]transparency.Framing{
		"enc": transparency.EncArgument, "native": transparency.Native, "ppt": transparency.PPT,
	} {
		parsed, err := transparency.ParseFraming(name)
		require.NoError(t, err)
		require.Equal(t, framing, parsed)
		require.Equal(t, name, framing.String())
	}
	for _, name := range []string{"", "ENC", "ppt ", "passthru"} {
		framing, err := transparency.ParseFraming(name)
		require.ErrorIs(t, err, transparency.ErrOption)
		require.ErrorContains(t, err, "enc, native, ppt", "says which there are")
		require.Zero(t, framing)
	}
	for _, framing := range []transparency.Framing{0, 4, 255} {
		require.Regexp(t, `^Framing\(\d+\)$`, framing.String())
	}
}

func TestLocalLinksDontCarryNative(t *testing.T) {
	s, err := transparency.ConnectLocal(startRouter(t).Router(), harness.Config(0), keyring.New(), transparency.WithFraming(transparency.Native))
	require.ErrorIs(t, err, transparency.ErrFraming)
	require.ErrorContains(t, err, "use ConnectNet, or another framing")
	require.Nil(t, s)
}

func TestWrapCarriesTheEncArgumentAlone(t *testing.T) {
	r := startRouter(t)
	for _, framing := range []transparency.Framing{transparency.Native, transparency.PPT} {
		s, err := transparency.Wrap(links[1].plain(t, r), harness.Realm, keyring.New(), transparency.WithFraming(framing))
		require.ErrorIs(t, err, transparency.ErrOption)
		require.ErrorContains(t, err, "use ConnectNet for "+framing.String())
		require.Nil(t, s)
	}
	s, err := transparency.Wrap(links[1].plain(t, r), harness.Realm, keyring.New(), transparency.WithFraming(transparency.EncArgument))
	require.NoError(t, err)
	require.NoError(t, s.Close())
}

func TestSerializersOfFramings(t *testing.T) {
	r := startRouter(t)
	for _, serializer := range []cryptobox.Serializer{cryptobox.JSON, cryptobox.MessagePack} {
		opts := []transparency.Option{transparency.WithSerializer(serializer), transparency.WithFraming(transparency.PPT)}
		for range 2 { // in either order
			slices.Reverse(opts)
			s, err := transparency.ConnectLocal(r.Router(), harness.Config(0), keyring.New(), opts...)
			require.ErrorIs(t, err, transparency.ErrOption)
			require.ErrorContains(t, err, "ppt doesn't carry records in "+string(serializer))
			require.Nil(t, s)
			_, err = transparency.ConnectNet(harness.Timeout(t), r.WebSocketURL(), harness.Config(client.JSON), keyring.New(), opts...)
			require.ErrorIs(t, err, transparency.ErrOption)
		}
	}
	k := harness.NewKeys()
	for _, d := range []dialect{encArgument, native} {
		for _, serializer := range []cryptobox.Serializer{cryptobox.JSON, cryptobox.MessagePack, cryptobox.CBOR} {
			d.serializer = serializer
			p := play(t, d, handrouter.RawSocket, "msgpack", k.OriginatorKey(), k.ResponderKey(), transparency.WithSerializer(serializer))
			require.NoError(t, p.Publish(harness.Prefix+"x", nil, wamp.List{marker}, nil))
			p.sealedMessage(wamp.PUBLISH, nil, wamp.Dict{}, harness.Prefix+"x")
		}
	}
}

// TestRoutersThatDontCarryTheFraming: a router drops what it doesn't know of a
// message, so there is no use in sending any.
func TestRoutersThatDontCarryTheFraming(t *testing.T) {
	role := func(features ...string) wamp.Dict {
		announced := wamp.Dict{}
		for _, feature := range features {
			announced[feature] = true
		}
		return wamp.Dict{"features": announced}
	}
	for _, d := range []dialect{native, passthru} {
		feature := d.router[0]
		for name, c := range map[string]struct {
			roles wamp.Dict
			lacks string
		}{
			"neither":                     {wamp.Dict{"broker": role(), "dealer": role()}, "broker"},
			"the dealer doesn't":          {wamp.Dict{"broker": role(feature), "dealer": role()}, "dealer"},
			"the broker doesn't":          {wamp.Dict{"broker": role(), "dealer": role(feature)}, "broker"},
			"another feature":             {wamp.Dict{"broker": role("payload_encryption_cryptobox"), "dealer": role(feature)}, "broker"},
			"announced as false":          {wamp.Dict{"broker": wamp.Dict{"features": wamp.Dict{feature: false}}, "dealer": role(feature)}, "broker"},
			"both":                        {wamp.Dict{"broker": role(feature), "dealer": role(feature)}, ""},
			"a broker that has no dealer": {wamp.Dict{"broker": role(feature)}, ""},
		} {
			t.Run(d.String()+"/"+name, func(t *testing.T) {
				r := handrouter.Start(t, handrouter.WebSocket, "json")
				connected := make(chan answeredConnect, 1)
				go func() {
					s, err := transparency.ConnectNet(context.Background(), r.URL(), harness.Config(client.JSON), keyring.New(), transparency.WithFraming(d.framing))
					connected <- answeredConnect{s, err}
				}()
				conn := r.Accept()
				conn.Next() // HELLO
				conn.Send(wamp.WELCOME, 1, wamp.Dict{"roles": c.roles})
				if c.lacks == "" {
					got := harness.Receive(t, connected)
					require.NoError(t, got.err)
					conn.Close()
					_ = got.s.Close()
					return
				}
				// It leaves as it should, and nothing stays open.
				require.EqualValues(t, wamp.GOODBYE, conn.Next()[0])
				conn.Send(wamp.GOODBYE, wamp.Dict{}, "wamp.close.goodbye_and_out")
				require.Nil(t, conn.Next())
				got := harness.Receive(t, connected)
				require.ErrorIs(t, got.err, transparency.ErrFraming)
				require.ErrorContains(t, got.err, "doesn't announce "+feature+" for its role "+c.lacks)
				require.ErrorContains(t, got.err, "use another framing")
				require.Nil(t, got.s)
			})
		}
	}
}

type answeredConnect struct {
	s   *transparency.Session
	err error
}

// TestNexusDoesntCarryNative, as it turns payloads into lists of integers.
func TestNexusDoesntCarryNative(t *testing.T) {
	r := startRouter(t)
	for _, l := range links[1:] {
		s, err := transparency.ConnectNet(harness.Timeout(t), l.url(r), l.config(), keyring.New(), transparency.WithFraming(transparency.Native))
		require.ErrorIs(t, err, transparency.ErrFraming, l.name)
		require.Nil(t, s)
	}
	router := local.plain(t, r)
	require.Eventually(t, func() bool { // nexus counts a session for a while after its GOODBYE
		count, err := router.Call(harness.Timeout(t), string(wamp.MetaProcSessionCount), nil, nil, nil, nil)
		require.NoError(t, err)
		n, _ := wamp.AsInt64(count.Arguments[0])
		return n == 1
	}, harness.Patience, 5*time.Millisecond, "sessions are left open")
}
