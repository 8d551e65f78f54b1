package party_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/examples/internal/party"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/examples/internal/proctest"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

func TestNoRouter(t *testing.T) {
	for _, program := range programs {
		for _, router := range []string{"ws://" + proctest.Nowhere(t) + "/ws", "tcp://" + proctest.Nowhere(t), "unix:///nowhere/socket"} {
			t.Run(program+" "+router[:4], func(t *testing.T) {
				t.Parallel()
				p, status := proctest.Run(t, program, "-router", router)
				require.Equal(t, 1, status)
				require.Empty(t, p.Stdout())
				require.Contains(t, p.Stderr(), program+`: can't join "realm1" at `+router)
			})
		}
	}
}

func TestThePasswordOfARouterIsNotPrinted(t *testing.T) {
	p, status := proctest.Run(t, "responder", "-router", "ws://user:hidden@"+proctest.Nowhere(t)+"/")
	require.Equal(t, 1, status)
	require.Contains(t, p.Stderr(), "can't join")
	require.NotContains(t, p.Stderr(), "hidden")
}

func TestUnknownRealm(t *testing.T) {
	router, err := testrouter.Start("realm1")
	require.NoError(t, err)
	defer func() { require.NoError(t, router.Close()) }()
	for _, program := range programs {
		p, status := proctest.Run(t, program, "-router", router.WebSocketURL(), "-realm", "realm9")
		require.Equal(t, 1, status)
		require.Contains(t, p.Stderr(), `can't join "realm9"`)
		require.Contains(t, p.Stderr(), "no_such_realm")
	}
}

// A program that waits for a silent router still obeys.
func TestSilentRouter(t *testing.T) {
	for _, scheme := range []string{"ws://", "tcp://"} {
		for _, test := range []struct {
			program string
			signal  os.Signal
			status  int
		}{
			{"responder", os.Interrupt, 0},
			{"originator", os.Interrupt, 1},
		} {
			t.Run(test.program+" "+scheme, func(t *testing.T) {
				t.Parallel()
				silent := proctest.StartSilent(t)
				p := proctest.Start(t, test.program, "-router", scheme+silent.Address)
				proctest.Await(t, silent.Reached, "the program connects")
				p.Signal(test.signal)
				require.Equal(t, test.status, p.Wait())
				require.NotContains(t, p.Stderr(), "no answer")
			})
		}
	}
}

func TestConnectIsBoundedByItsContext(t *testing.T) {
	for _, scheme := range []string{"ws", "tcp"} {
		silent := proctest.StartSilent(t)
		settings := &party.Settings{
			Program:       "test",
			Router:        &url.URL{Scheme: scheme, Host: silent.Address},
			Realm:         "realm1",
			Serialization: client.JSON,
			Framing:       transparency.EncArgument,
		}
		tooLong := errors.New("too long")
		ctx, cancel := context.WithTimeoutCause(context.Background(), 50*time.Millisecond, tooLong)
		_, err := settings.Connect(ctx, func(cryptobox.PrivateKey, cryptobox.PublicKey) keyring.Key {
			return keyring.Both(cryptobox.GenerateKey())
		})
		cancel()
		require.ErrorIs(t, err, tooLong)
	}
}

func TestWithin(t *testing.T) {
	failed, over := errors.New("failed"), errors.New("over")
	require.NoError(t, party.Within(context.Background(), func() error { return nil }))
	require.ErrorIs(t, party.Within(context.Background(), func() error { return failed }), failed)

	ctx, cancel := context.WithCancelCause(context.Background())
	release := make(chan struct{})
	defer close(release)
	require.ErrorIs(t, party.Within(ctx, func() error {
		cancel(over)
		<-release
		return nil
	}), over)
	require.ErrorIs(t, party.Within(ctx, ctx.Err), over)
}
