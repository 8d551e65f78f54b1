package peer_test

import (
	"context"
	"io"
	"log"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/peer"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

// patient is how long a test waits for what must happen.
const patient = 10 * time.Second

var silent = log.New(io.Discard, "", 0)

func startRouter(t *testing.T) *testrouter.Router {
	t.Helper()
	r, err := testrouter.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

func dial(t *testing.T, url string, cfg client.Config) peer.Link {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	link, err := peer.Dial(ctx, url, cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = link.Close() })
	return link
}

func read[M wamp.Message](t *testing.T, link peer.Link) M {
	t.Helper()
	msg, err := link.Read()
	require.NoError(t, err)
	m, ok := msg.(M)
	require.True(t, ok, "%T", msg)
	return m
}

// join opens a session.
func join(t *testing.T, link peer.Link) {
	t.Helper()
	roles := wamp.Dict{"publisher": wamp.Dict{}, "subscriber": wamp.Dict{}}
	require.NoError(t, link.Write(&wamp.Hello{Realm: "realm1", Details: wamp.Dict{"roles": roles}}))
	require.NotZero(t, read[*wamp.Welcome](t, link).ID)
}

// exchange has an open session hear itself.
func exchange(t *testing.T, link peer.Link, args ...any) wamp.List {
	t.Helper()
	require.NoError(t, link.Write(&wamp.Subscribe{Request: 1, Options: wamp.Dict{}, Topic: "com.example.topic"}))
	id := read[*wamp.Subscribed](t, link).Subscription
	require.NoError(t, link.Write(&wamp.Publish{Request: 2, Options: wamp.Dict{"exclude_me": false}, Topic: "com.example.topic", Arguments: args}))
	event := read[*wamp.Event](t, link)
	require.Equal(t, id, event.Subscription)
	return event.Arguments
}

// requireEnd reads until the link ends, which must be soon.
func requireEnd(t *testing.T, link peer.Link) error {
	t.Helper()
	ended := make(chan error, 1)
	go func() {
		for {
			if _, err := link.Read(); err != nil {
				ended <- err
				return
			}
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-time.After(patient):
		_ = link.Close()
		require.FailNow(t, "the link didn't end")
		return nil
	}
}

func TestSessionOverEveryTransport(t *testing.T) {
	r := startRouter(t)
	big := strings.Repeat("payload ", 1<<17)
	open := map[string]func(t *testing.T, cfg client.Config) peer.Link{
		"websocket": func(t *testing.T, cfg client.Config) peer.Link { return dial(t, r.WebSocketURL(), cfg) },
		"http": func(t *testing.T, cfg client.Config) peer.Link {
			return dial(t, "http"+strings.TrimPrefix(r.WebSocketURL(), "ws"), cfg)
		},
		"compressed": func(t *testing.T, cfg client.Config) peer.Link {
			cfg.WsCfg.EnableCompression = true
			return dial(t, r.WebSocketURL(), cfg)
		},
		"rawsocket": func(t *testing.T, cfg client.Config) peer.Link { return dial(t, r.RawSocketURL(), cfg) },
		"tcp4": func(t *testing.T, cfg client.Config) peer.Link {
			return dial(t, "tcp4"+strings.TrimPrefix(r.RawSocketURL(), "tcp"), cfg)
		},
		"local": func(_ *testing.T, cfg client.Config) peer.Link { return peer.Local(r.Router(), cfg) },
	}
	for transport, open := range open {
		for serializer, serialization := range serializations {
			t.Run(transport+" "+serializer, func(t *testing.T) {
				link := open(t, client.Config{Serialization: serialization, Logger: silent})
				require.Equal(t, transport == "local", link.IsLocal())
				join(t, link)
				require.Equal(t, wamp.List{"text", true, big}, exchange(t, link, "text", true, big))
				require.NoError(t, link.Write(&wamp.Goodbye{Details: wamp.Dict{}, Reason: wamp.CloseRealm}))
				require.Equal(t, wamp.ErrGoodbyeAndOut, read[*wamp.Goodbye](t, link).Reason)
				require.NoError(t, link.Close())
				require.NoError(t, link.Close(), "twice")
				_, err := link.Read()
				require.Error(t, err)
				err = link.Write(&wamp.Subscribe{Request: 1, Options: wamp.Dict{}, Topic: "a.b"})
				require.Error(t, err)
				require.NotErrorIs(t, err, peer.ErrUnsendable, "the link has ended")
			})
		}
	}
}

// TestUnsendableEndsNothing: a message that can't be sent is its sender's alone.
func TestUnsendableEndsNothing(t *testing.T) {
	r := startRouter(t)
	for _, url := range []string{r.WebSocketURL(), r.RawSocketURL()} {
		link := dial(t, url, client.Config{})
		join(t, link)
		require.ErrorIs(t, link.Write(&wamp.Publish{Request: 1, Arguments: wamp.List{1i}}), peer.ErrUnsendable)
		require.Equal(t, wamp.List{"text"}, exchange(t, link, "text"))
	}
}

// TestCloseFreesReader: a link that is closed by another goroutine.
func TestCloseFreesReader(t *testing.T) {
	r := startRouter(t)
	for name, link := range map[string]peer.Link{
		"websocket": dial(t, r.WebSocketURL(), client.Config{}),
		"rawsocket": dial(t, r.RawSocketURL(), client.Config{}),
		"local":     peer.Local(r.Router(), client.Config{Logger: silent}),
	} {
		t.Run(name, func(t *testing.T) {
			join(t, link)
			ended := make(chan error)
			go func() {
				_, err := link.Read()
				ended <- err
			}()
			time.Sleep(10 * time.Millisecond)
			require.NoError(t, link.Close())
			select {
			case err := <-ended:
				require.Error(t, err)
			case <-time.After(patient):
				require.FailNow(t, "Read goes on")
			}
		})
	}
}
