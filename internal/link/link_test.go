package link_test

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

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

// patient is how long a test waits for what must happen.
const patient = 10 * time.Second

var silent = log.New(io.Discard, "", 0)

func startRouter(t *testing.T) *testrouter.Router {
	t.Helper()
	return testrouter.Start(t)
}

func dial(t *testing.T, url string, cfg client.Config) messages {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	l, err := link.Dial(ctx, url, cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return messages{l}
}

func read[M wamp.Message](t *testing.T, l messages) M {
	t.Helper()
	msg, err := l.Read()
	require.NoError(t, err)
	m, ok := msg.(M)
	require.True(t, ok, "%T", msg)
	return m
}

// join opens a session.
func join(t *testing.T, l messages) {
	t.Helper()
	roles := wamp.Dict{"publisher": wamp.Dict{}, "subscriber": wamp.Dict{}}
	require.NoError(t, l.Write(&wamp.Hello{Realm: "realm1", Details: wamp.Dict{"roles": roles}}))
	require.NotZero(t, read[*wamp.Welcome](t, l).ID)
}

// exchange has an open session hear itself.
func exchange(t *testing.T, l messages, args ...any) wamp.List {
	t.Helper()
	require.NoError(t, l.Write(&wamp.Subscribe{Request: 1, Options: wamp.Dict{}, Topic: "com.example.topic"}))
	id := read[*wamp.Subscribed](t, l).Subscription
	require.NoError(t, l.Write(&wamp.Publish{Request: 2, Options: wamp.Dict{"exclude_me": false}, Topic: "com.example.topic", Arguments: args}))
	event := read[*wamp.Event](t, l)
	require.Equal(t, id, event.Subscription)
	return event.Arguments
}

// requireEnd reads until the link ends, which must be soon.
func requireEnd(t *testing.T, l messages) error {
	t.Helper()
	ended := make(chan error, 1)
	go func() {
		for {
			if _, err := l.Read(); err != nil {
				ended <- err
				return
			}
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-time.After(patient):
		_ = l.Close()
		require.FailNow(t, "the link didn't end")
		return nil
	}
}

func TestSessionOverEveryTransport(t *testing.T) {
	r := startRouter(t)
	big := strings.Repeat("payload ", 1<<17)
	open := map[string]func(t *testing.T, cfg client.Config) messages{
		"websocket": func(t *testing.T, cfg client.Config) messages { return dial(t, r.WebSocketURL(), cfg) },
		"http": func(t *testing.T, cfg client.Config) messages {
			return dial(t, "http"+strings.TrimPrefix(r.WebSocketURL(), "ws"), cfg)
		},
		"compressed": func(t *testing.T, cfg client.Config) messages {
			cfg.WsCfg.EnableCompression = true
			return dial(t, r.WebSocketURL(), cfg)
		},
		"rawsocket": func(t *testing.T, cfg client.Config) messages { return dial(t, r.RawSocketURL(), cfg) },
		"tcp4": func(t *testing.T, cfg client.Config) messages {
			return dial(t, "tcp4"+strings.TrimPrefix(r.RawSocketURL(), "tcp"), cfg)
		},
		"local": func(_ *testing.T, cfg client.Config) messages { return messages{link.Local(r.Router(), cfg)} },
	}
	for transport, open := range open {
		for serializer, serialization := range serializations {
			t.Run(transport+" "+serializer, func(t *testing.T) {
				l := open(t, client.Config{Serialization: serialization, Logger: silent})
				require.Equal(t, transport == "local", l.IsLocal())
				join(t, l)
				require.Equal(t, wamp.List{"text", true, big}, exchange(t, l, "text", true, big))
				require.NoError(t, l.Write(&wamp.Goodbye{Details: wamp.Dict{}, Reason: wamp.CloseRealm}))
				require.Equal(t, wamp.ErrGoodbyeAndOut, read[*wamp.Goodbye](t, l).Reason)
				require.NoError(t, l.Close())
				require.NoError(t, l.Close(), "twice")
				_, err := l.Read()
				require.Error(t, err)
				err = l.Write(&wamp.Subscribe{Request: 1, Options: wamp.Dict{}, Topic: "a.b"})
				require.Error(t, err)
				require.NotErrorIs(t, err, link.ErrUnsendable, "the link has ended")
			})
		}
	}
}

// TestUnsendableEndsNothing: a message that can't be sent is its sender's alone.
func TestUnsendableEndsNothing(t *testing.T) {
	r := startRouter(t)
	for _, url := range []string{r.WebSocketURL(), r.RawSocketURL()} {
		l := dial(t, url, client.Config{})
		join(t, l)
		require.ErrorIs(t, l.Write(&wamp.Publish{Request: 1, Arguments: wamp.List{1i}}), link.ErrUnsendable)
		require.Equal(t, wamp.List{"text"}, exchange(t, l, "text"))
	}
}

// TestCloseFreesReader: a link that is closed by another goroutine.
func TestCloseFreesReader(t *testing.T) {
	r := startRouter(t)
	for name, l := range map[string]messages{
		"websocket": dial(t, r.WebSocketURL(), client.Config{}),
		"rawsocket": dial(t, r.RawSocketURL(), client.Config{}),
		"local":     {link.Local(r.Router(), client.Config{Logger: silent})},
	} {
		t.Run(name, func(t *testing.T) {
			join(t, l)
			ended := make(chan error)
			go func() {
				_, err := l.Read()
				ended <- err
			}()
			time.Sleep(10 * time.Millisecond)
			require.NoError(t, l.Close())
			select {
			case err := <-ended:
				require.Error(t, err)
			case <-time.After(patient):
				require.FailNow(t, "Read goes on")
			}
		})
	}
}
