package interop_test

import (
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// system is a Go program and a Python program on either side.
type system struct {
	responding, originating     *keyring.Ring
	pyResponding, pyOriginating []interop.Key
}

// works has all calls and events arrive, Go to Python and back. It returns whether what
// Python and Go sent was sealed.
func (s system) works(l live) (pySealed, goSealed bool) {
	l.Helper()
	callee, caller := l.connectRing(usual, s.responding), l.connectRing(usual, s.originating)
	pyCallee, pyCaller := l.join(interop.JSON, s.pyResponding), l.join(interop.CBOR, s.pyOriginating)
	toGo, toPython, goTopic, pyTopic := keyed("echo"), keyed("echo"), keyed("hello"), keyed("hello")
	invocations, events := l.served(callee, toGo, nil, harness.Echo), l.subscribed(callee, goTopic, nil)
	require.NoError(l, pyCallee.Register(l.ctx, toPython, interop.Echo(), nil))
	require.NoError(l, pyCallee.Subscribe(l.ctx, pyTopic, nil))

	require.Equal(l, []any{"a"}, l.pyCalls(pyCaller, toGo, []any{"a"}, nil).Args)
	require.Equal(l, wamp.List{"b"}, l.calls(caller, toPython, wamp.List{"b"}, nil).Arguments)
	published, err := pyCaller.Publish(l.ctx, goTopic, []any{"c"}, nil, nil)
	require.NoError(l, err)
	require.Equal(l, wamp.List{"c"}, next(l, events).Arguments)
	require.NoError(l, caller.Publish(pyTopic, nil, wamp.List{"d"}, nil))
	event := l.pyEvent(pyCallee)
	require.Equal(l, []any{"d"}, event.Args)
	_, called := next(l, invocations).Details["enc_algo"]
	require.Equal(l, published.Encrypted, called)
	require.Empty(l, callee.Stats().Rejected)
	require.Empty(l, caller.Stats().Rejected)
	return published.Encrypted, event.EncAlgo != ""
}

// TestLiveMovingOver: a plain system with Go and Python in it is switched over in the steps of
// docs/AUTOBAHN.md, and nothing is lost after any of them.
func TestLiveMovingOver(t *testing.T) {
	l := startLive(t)
	pattern, until := keyring.Prefix(prefix), time.Now().Add(time.Hour)
	now := system{responding: harness.PlainRing(t), originating: harness.PlainRing(t)}
	step := func(name string, pySeals, goSeals bool) {
		t.Run(name, func(t *testing.T) {
			py, ours := now.works(l.in(t))
			require.Equal(t, pySeals, py)
			require.Equal(t, goSeals, ours)
		})
	}
	step("plain", false, false)

	now.responding, now.originating = harness.RingOf(t, l.responding()), harness.RingOf(t, l.originating())
	require.NoError(t, now.responding.Transition(pattern, keyring.SendPlain, until))
	require.NoError(t, now.originating.Transition(pattern, keyring.SendPlain, until))
	step("Go has keys and sends plain", false, false)

	now.pyResponding = l.pyResponding()
	step("Python's responders have keys", false, false)

	now.pyOriginating = l.pyOriginating()
	step("Python's originators have keys", true, false)

	require.NoError(t, now.responding.EndTransition(pattern))
	require.NoError(t, now.originating.EndTransition(pattern))
	step("Go seals", true, true)
}
