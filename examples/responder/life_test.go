package main

import (
	"context"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

var urls = map[string]func(*testrouter.Router) string{
	"websocket": (*testrouter.Router).WebSocketURL,
	"rawsocket": (*testrouter.Router).RawSocketURL,
}

func TestSignalsEndItCleanly(t *testing.T) {
	for name, url := range urls {
		for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
			t.Run(name+"/"+signal.String(), func(t *testing.T) {
				t.Parallel()
				router := startRouter(t)
				responder := startResponder(t, url(router))
				left := make(chan *wamp.Event, 1)
				plain := connectPlain(t, router)
				require.NoError(t, plain.SubscribeChan("wamp.session.on_leave", left, nil))
				responder.Signal(signal)
				require.Zero(t, responder.Wait())
				require.Equal(t, "session ready\n", responder.Stdout())
				require.Equal(t, 1, strings.Count(responder.Stderr(), "\n"), "more than the warning: %s", responder.Stderr())
				harness.Receive(t, left)
				_, err := plain.Call(context.Background(), "com.myapp.add2", nil, wamp.List{1, 2}, nil, nil)
				requireRaised(t, err, wamp.ErrNoSuchProcedure, false)
			})
		}
	}
}

func TestTheRouterSaysGoodbye(t *testing.T) {
	for name, url := range urls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			router := startRouter(t)
			responder := startResponder(t, url(router))
			require.NoError(t, router.Close())
			require.Equal(t, 1, responder.Wait())
			require.Contains(t, responder.Stderr(), `responder: the router ended the session: "wamp.close.system_shutdown"`)
		})
	}
}

func TestTheConnectionIsCut(t *testing.T) {
	for name, url := range urls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tap := proxy.Start(t, url(startRouter(t)))
			responder := startResponder(t, tap.URL())
			require.NoError(t, tap.Close())
			require.Equal(t, 1, responder.Wait())
			require.Contains(t, responder.Stderr(), "responder: the connection to the router is lost")
		})
	}
}

// The program leaves the realm, instead of just being gone.
func TestASignalMakesItSayGoodbye(t *testing.T) {
	tap := proxy.Start(t, startRouter(t).WebSocketURL())
	responder := startResponder(t, tap.URL())
	said, err := tap.Contains(string(wamp.CloseRealm))
	require.NoError(t, err)
	require.False(t, said)
	responder.Signal(syscall.SIGTERM)
	require.Zero(t, responder.Wait())
	said, err = tap.Contains(string(wamp.CloseRealm))
	require.NoError(t, err)
	require.True(t, said)
}

// A router that hangs doesn't keep the program from ending. Close alone waits for it
// longer.
func TestASignalWhileTheRouterHangs(t *testing.T) {
	for name, url := range urls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hung := make(chan struct{})
			tap := proxy.Start(t, url(startRouter(t)), proxy.Hostile(proxy.Wampbox))
			t.Cleanup(func() { close(hung) })
			responder := startResponder(t, tap.URL())
			for _, d := range []proxy.Direction{proxy.Up, proxy.Down} {
				tap.On(d, func(*proxy.Message, func(...*proxy.Message)) { <-hung })
			}
			begin := time.Now()
			responder.Signal(syscall.SIGTERM)
			require.Zero(t, responder.Wait())
			require.Less(t, time.Since(begin), 4*time.Second)
		})
	}
}

func TestOneResponderInARealm(t *testing.T) {
	router := startRouter(t)
	first := startResponder(t, router.WebSocketURL())
	second, status := proc.Run(t, "responder", "-router", router.WebSocketURL())
	require.Equal(t, 1, status)
	require.Empty(t, second.Stdout())
	require.Contains(t, second.Stderr(), "procedure_already_exists")

	other := proc.Start(t, "responder", "-router", router.WebSocketURL(), "-realm", "realm2")
	other.AwaitLine("session ready", 1)
	first.Signal(os.Interrupt)
	require.Zero(t, first.Wait())
}
