package main

import (
	"context"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// onlyPlain is all that may be printed before the first encrypted call fails.
const onlyPlain = "call com.myapp.add2(23, 1): 24 (plain)\n"

func TestKeysThatDontMatch(t *testing.T) {
	us, them, other := cryptobox.GenerateKey(), cryptobox.GenerateKey(), cryptobox.GenerateKey()
	for _, test := range []struct {
		name               string
		theirPeer, ourPeer cryptobox.PublicKey
	}{
		{"the originator has another peer", us.Public(), other.Public()},
		{"the responder has another peer", other.Public(), them.Public()},
		{"each has its own public key", them.Public(), us.Public()},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			router := startRouter(t)
			responder := startResponder(t, "-router", router.WebSocketURL(), "-keyring", keyringFile(t, prefix, test.theirPeer, them))
			p, status := proc.Run(t, "originator", "-router", router.WebSocketURL(), "-keyring", keyringFile(t, prefix, us, test.ourPeer))
			require.Equal(t, 1, status)
			require.Equal(t, onlyPlain, p.Stdout())
			require.Contains(t, p.Stderr(), "originator: call com.myapp.encrypted.add2: ")
			require.Contains(t, p.Stderr(), "refused by the other end")
			require.Contains(t, p.Stderr(), keysDiffer)
			responder.Signal(syscall.SIGTERM)
			require.Zero(t, responder.Wait())
			require.Equal(t, "session ready\ncall com.myapp.add2 (plain)\n", responder.Stdout())
			require.Contains(t, responder.Stderr(), `invocation "com.myapp.encrypted.add2": can't be opened`)
			for _, key := range []cryptobox.PrivateKey{us, them} {
				requireNoKey(t, p.Stdout()+p.Stderr()+responder.Stdout()+responder.Stderr(), key)
			}
		})
	}
}

// TestWhatToCheck: of a clock that is off, and of a key that is stale at either end, it says
// that, and nothing else.
func TestWhatToCheck(t *testing.T) {
	us, them := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	pair := func(dates keyring.Dates) *keyring.Ring {
		ring := keyring.New()
		require.NoError(t, ring.Add(keyring.Prefix(prefix), keyring.Responder(them, us.Public()), dates))
		require.NoError(t, ring.SetPlain(keyring.Prefix(plainPrefix)))
		return ring
	}
	ended := keyring.Dates{NotAfter: time.Now().Add(-time.Hour)}
	const clocks, keys = "set the clocks of both ends right", "keyring files that were made together"
	for name, test := range map[string]struct {
		ring      *keyring.Ring
		opts      []transparency.Option
		file      string
		says, not string
	}{
		"a clock that is ahead there": {pair(keyring.Dates{}), []transparency.Option{transparency.WithMaxAge(time.Nanosecond), transparency.WithClockSkew(time.Nanosecond)}, keyringFile(t, prefix, us, them.Public()), clocks, keys},
		"a key that is stale there":   {pair(ended), nil, keyringFile(t, prefix, us, them.Public()), keys, clocks},
		"a key that is stale here":    {pair(keyring.Dates{}), nil, endedFile(t, us, them.Public()), "this end has no key that is in use", keys},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			router := startRouter(t)
			responder, err := transparency.ConnectNet(t.Context(), router.WebSocketURL(), harness.Config(client.CBOR), test.ring, test.opts...)
			require.NoError(t, err)
			t.Cleanup(func() { _ = responder.Close() })
			for uri, handler := range honest {
				if err := responder.Register(uri, handler, nil); name != "a key that is stale there" {
					require.NoError(t, err)
				} else if err != nil { // nothing opens: another one serves it
					require.NoError(t, connectKeyed(t, router).Register(uri, handler, nil))
				}
			}
			p, status := proc.Run(t, "originator", "-router", router.WebSocketURL(), "-keyring", test.file)
			require.Equal(t, 1, status)
			require.Contains(t, p.Stderr(), test.says)
			require.NotContains(t, p.Stderr(), test.not)
		})
	}
}

// endedFile is a keyring file whose key has ended.
func endedFile(t *testing.T, private cryptobox.PrivateKey, peer cryptobox.PublicKey) string {
	t.Helper()
	path := keyringFile(t, prefix, private, peer)
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error {
		for _, entry := range f.Entries {
			for _, v := range entry.Versions {
				v.Dates.NotAfter = time.Now().Add(-time.Hour).Truncate(time.Second)
			}
		}
		return nil
	}))
	return path
}

func TestNoResponder(t *testing.T) {
	router := startRouter(t)
	p, status := proc.Run(t, "originator", "-router", router.RawSocketURL())
	require.Equal(t, 1, status)
	require.Empty(t, p.Stdout())
	require.Contains(t, p.Stderr(), `call com.myapp.add2: error "wamp.error.no_such_procedure": start the responder first`)
}

func TestUnusableTimeout(t *testing.T) {
	for _, timeout := range []string{"0s", "-1s", "10", "soon"} {
		p, status := proc.Run(t, "originator", "-timeout", timeout)
		require.Equal(t, 2, status, timeout)
		require.Contains(t, p.Stderr(), "-timeout")
		require.Empty(t, p.Stdout())
	}
}

// registerHanging registers a procedure that never answers. The channel is
// closed when it is called.
func registerHanging(t *testing.T, router *testrouter.Router, procedure string) <-chan struct{} {
	t.Helper()
	called, over := make(chan struct{}), make(chan struct{})
	var once sync.Once
	handler := func(context.Context, *wamp.Invocation) client.InvokeResult {
		once.Do(func() { close(called) })
		<-over
		return client.InvocationCanceled
	}
	require.NoError(t, connectPlain(t, router).Register(procedure, handler, nil))
	t.Cleanup(func() { close(over) })
	return called
}

func TestTimeout(t *testing.T) {
	router := startRouter(t)
	registerHanging(t, router, "com.myapp.add2")
	for name, url := range map[string]string{
		"no answer to a call":            router.WebSocketURL(),
		"no welcome over WebSocket":      "ws://" + proc.StartSilent(t).Address,
		"no handshake over RawSocket":    "tcp://" + proc.StartSilent(t).Address,
		"no answer to a call, RawSocket": router.RawSocketURL(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, status := proc.Run(t, "originator", "-router", url, "-timeout", "700ms")
			require.Equal(t, 1, status)
			require.Contains(t, p.Stderr(), "not done within 700ms; -timeout allows more")
			require.Empty(t, p.Stdout())
		})
	}
}

func TestSignalsEndACall(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			router := startRouter(t)
			called := registerHanging(t, router, "com.myapp.add2")
			p := proc.Start(t, "originator", "-router", router.WebSocketURL(), "-timeout", "1h")
			harness.Receive(t, called)
			p.Signal(signal)
			require.Equal(t, 1, p.Wait())
			require.Contains(t, p.Stderr(), "originator: "+signal.String()+" signal received")
		})
	}
}

func TestTheRouterGoesAwayDuringACall(t *testing.T) {
	for name, url := range map[string]func(*testrouter.Router) string{
		"websocket": (*testrouter.Router).WebSocketURL,
		"rawsocket": (*testrouter.Router).RawSocketURL,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			router := startRouter(t)
			called := registerHanging(t, router, "com.myapp.add2")
			tap := proxy.Start(t, url(router))
			p := proc.Start(t, "originator", "-router", tap.URL(), "-timeout", "1h")
			harness.Receive(t, called)
			require.NoError(t, tap.Close())
			require.Equal(t, 1, p.Wait())
			require.Regexp(t, `originator: call com\.myapp\.add2: .*not connected`, p.Stderr())
		})
	}
}
