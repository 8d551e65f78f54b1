package interop_test

import (
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Rotation with Autobahn, which knows one key for a URI, as docs/AUTOBAHN.md tells it.

// TestLiveRotateResponder: the Go end is called, and gets the new version first. Python
// changes at any time afterwards, before the new version's date or behind it.
func TestLiveRotateResponder(t *testing.T) {
	l := startLive(t)
	newer, pattern := newSecrets(), keyring.Prefix(prefix)
	ring := harness.RingOf(t, l.responding())
	s, procedure, topic := l.connectRing(usual, ring), keyed("echo"), keyed("hello")
	l.served(s, procedure, nil, harness.Echo)
	events := l.subscribed(s, topic, nil)
	before, after := l.join(interop.JSON, l.pyOriginating()), l.join(interop.JSON, newer.pyOriginating())
	works := func(py *interop.Peer) {
		t.Helper()
		answer := l.pyCalls(py, procedure, []any{1}, nil)
		fromSession(t, answer)
		require.Equal(t, []any{int64(1)}, answer.Args)
		_, err := py.Publish(l.ctx, topic, []any{1}, nil, nil)
		require.NoError(t, err)
		fromAutobahn(t, next(l, events).Details)
	}
	works(before)
	require.NoError(t, ring.Add(pattern, newer.responding(), keyring.Dates{ActiveFrom: time.Now().Add(time.Hour)}))
	works(before)
	works(after)
	require.NoError(t, ring.SetDates(pattern, newer.responding().ID(), keyring.Dates{ActiveFrom: time.Now().Add(-time.Minute)}))
	works(before)
	works(after)
	require.NoError(t, ring.SetDates(pattern, l.responding().ID(), keyring.Dates{NotAfter: time.Now().Add(-time.Minute)}))
	works(after)
	_, err := before.Call(l.ctx, procedure, []any{1}, nil, nil)
	require.Equal(t, decryptError, pyRaised(t, err).URI)
}

// TestLiveRotateErrors: an error goes by the key of its own URI, so it is sealed under the
// version that seals at the moment, whatever version the call had.
func TestLiveRotateErrors(t *testing.T) {
	l := startLive(t)
	newer := newSecrets()
	ring := harness.RingOf(t, l.responding())
	s, procedure := l.connectRing(usual, ring), keyed("failme")
	l.served(s, procedure, nil, answering(client.InvokeResult{Err: errorURI, Args: wamp.List{23}}))
	before, after := l.join(interop.JSON, l.pyOriginating()), l.join(interop.JSON, newer.pyOriginating())
	call := func(py *interop.Peer) interop.Received {
		t.Helper()
		_, err := py.Call(l.ctx, procedure, nil, nil, nil)
		return pyRaised(t, err)
	}
	require.NoError(t, ring.Add(keyring.Prefix(prefix), newer.responding(), keyring.Dates{ActiveFrom: time.Now().Add(-time.Minute)}))
	require.Equal(t, []any{int64(23)}, call(after).Args)
	require.Equal(t, decryptError, call(before).URI)
}

// TestLiveRotateOriginator: the Go end calls. What it seals under a version that Python hasn't
// got yet, or has no more, is refused.
func TestLiveRotateOriginator(t *testing.T) {
	l := startLive(t)
	newer, pattern := newSecrets(), keyring.Prefix(prefix)
	ring := harness.RingOf(t, l.originating())
	s := l.connectRing(usual, ring)
	before, after := l.join(interop.JSON, l.pyResponding()), l.join(interop.JSON, newer.pyResponding())
	old, renewed := keyed("echo"), keyed("echo")
	require.NoError(t, before.Register(l.ctx, old, interop.Echo(), nil))
	require.NoError(t, after.Register(l.ctx, renewed, interop.Echo(), nil))
	refused := func(procedure string) {
		t.Helper()
		_, err := s.Call(l.ctx, procedure, nil, wamp.List{1}, nil, nil)
		require.EqualValues(t, decryptError, harness.Raised(t, err).Error)
	}
	require.NoError(t, ring.Add(pattern, newer.originating(), keyring.Dates{ActiveFrom: time.Now().Add(time.Hour)}))
	l.calls(s, old, wamp.List{1}, nil)
	refused(renewed)
	require.NoError(t, ring.SetDates(pattern, newer.originating().ID(), keyring.Dates{ActiveFrom: time.Now().Add(-time.Minute)}))
	l.calls(s, renewed, wamp.List{1}, nil)
	refused(old)
}
