package main

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

// programs are both, for what holds of both.
var programs = []string{"originator", "responder"}

func TestNoRouter(t *testing.T) {
	for _, program := range programs {
		for _, router := range []string{"ws://" + proc.Nowhere(t) + "/ws", "tcp://" + proc.Nowhere(t), "unix:///nowhere/socket"} {
			t.Run(program+" "+router[:4], func(t *testing.T) {
				t.Parallel()
				p, status := proc.Run(t, program, "-router", router)
				require.Equal(t, 1, status)
				require.Empty(t, p.Stdout())
				require.Contains(t, p.Stderr(), program+`: can't join "realm1": `)
			})
		}
	}
}

func TestThePasswordOfARouterIsNotPrinted(t *testing.T) {
	p, status := proc.Run(t, "responder", "-router", "ws://user:hidden@"+proc.Nowhere(t)+"/")
	require.Equal(t, 1, status)
	require.Contains(t, p.Stderr(), "can't join")
	require.NotContains(t, p.Stderr(), "hidden")
}

func TestUnknownRealm(t *testing.T) {
	router := startRouter(t)
	for _, program := range programs {
		p, status := proc.Run(t, program, "-router", router.WebSocketURL(), "-realm", "realm9")
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
				silent := proc.StartSilent(t)
				p := proc.Start(t, test.program, "-router", scheme+silent.Address)
				harness.Receive(t, silent.Reached)
				p.Signal(test.signal)
				require.Equal(t, test.status, p.Wait())
				require.NotContains(t, p.Stderr(), "no answer")
			})
		}
	}
}

func TestConnectIsBoundedByItsContext(t *testing.T) {
	for _, scheme := range []string{"ws", "tcp"} {
		silent := proc.StartSilent(t)
		o := options{
			router: scheme + "://" + silent.Address, realm: "realm1",
			serialization: client.JSON,
		}
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		_, _, err := connect(ctx, o)
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded)
	}
}
