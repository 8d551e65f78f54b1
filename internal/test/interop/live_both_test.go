package interop_test

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// A Session speaks all dialects at once. Who is at the other end is a property of the key.

// ours is below what the tests have keys for Autobahn for, and the more specific pattern.
const ours = prefix + "go."

// ringOfBoth has a key for Autobahn below prefix, and one of our dialect below ours.
func ringOfBoth(t testing.TB, autobahn, wampbox keyring.Key) *keyring.Ring {
	t.Helper()
	ring := harness.RingOf(t, autobahn)
	require.NoError(t, ring.Set(keyring.Prefix(ours), wampbox))
	return ring
}

// TestLiveOneSession: one Session calls, serves, publishes and subscribes with a Go peer
// and with an Autobahn, through one router, over each transport and serializer.
func TestLiveOneSession(t *testing.T) {
	all := startLive(t)
	for i, e := range ends {
		t.Run(e.name, func(t *testing.T) {
			l := all.in(t)
			pair := harness.NewKeys() // of the Go peers
			both := l.connectRing(e, ringOfBoth(t, l.In(cryptobox.Autobahn).PairKey(), pair.PairKey()))
			other := l.connect(ends[(i+1)%len(ends)], pair.PairKey())
			caller, callee := l.join(interop.Serializers()[i%3], l.pyOriginating()), l.join(interop.Serializers()[(i+1)%3], l.pyResponding())
			l.callsBoth(both, other, callee)
			l.servesBoth(both, other, caller)
			l.eventsOfBoth(both, other, caller, callee)
			require.Empty(t, both.Stats().Rejected)
			require.Empty(t, other.Stats().Rejected)
		})
	}
}

// fromGo expects details of a message of our dialect.
func fromGo(t testing.TB, details wamp.Dict, kind cryptobox.Kind) {
	t.Helper()
	goPair{dialect: cryptobox.Wampbox}.came(t, details, kind)
}

// callsBoth calls a Go peer and an Autobahn, which raise errors, too.
func (l live) callsBoth(s, other *transparency.Session, callee *interop.Peer) {
	l.Helper()
	toGo, toPython, failing, pyFailing := keyed("go.echo"), keyed("echo"), keyed("go.failme"), keyed("failme")
	l.served(other, toGo, nil, harness.Echo)
	l.served(other, failing, nil, answering(client.InvokeResult{Err: plainURI, Args: wamp.List{23}}))
	require.NoError(l, callee.Register(l.ctx, toPython, interop.Echo(), nil))
	require.NoError(l, callee.Register(l.ctx, pyFailing, interop.Raise(errorURI, interop.Payload{Args: []any{23}}), nil))
	for range 2 { // in turn
		fromGo(l, l.calls(s, toGo, wamp.List{1}, nil).Details, cryptobox.KindResult)
		fromAutobahn(l, l.calls(s, toPython, wamp.List{1}, nil).Details)
		_, err := s.Call(l.ctx, failing, nil, nil, nil, nil)
		require.EqualValues(l, plainURI, harness.Raised(l, err).Error)
		fromGo(l, harness.Raised(l, err).Details, cryptobox.KindError)
		_, err = s.Call(l.ctx, pyFailing, nil, nil, nil, nil)
		require.EqualValues(l, errorURI, harness.Raised(l, err).Error)
		fromAutobahn(l, harness.Raised(l, err).Details)
	}
}

// servesBoth has a Go peer and an Autobahn call the Session, with progress.
func (l live) servesBoth(s, other *transparency.Session, caller *interop.Peer) {
	l.Helper()
	handler := func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		if err := s.SendProgress(ctx, wamp.List{"part"}, nil); err != nil {
			return client.InvokeResult{Err: wamp.ErrInvalidArgument}
		}
		return client.InvokeResult{Args: inv.Arguments}
	}
	toGo, toPython := keyed("go.serve"), keyed("serve")
	invocations := l.served(s, toGo, nil, handler)
	pyInvocations := l.served(s, toPython, nil, handler)
	chunks, result, err := progress(l, other, toGo)
	require.NoError(l, err)
	require.Len(l, chunks, 1)
	fromGo(l, chunks[0].Details, cryptobox.KindProgress)
	fromGo(l, result.Details, cryptobox.KindResult)
	fromGo(l, next(l, invocations).Details, cryptobox.KindCall)
	var got gather[interop.Received]
	answer, err := caller.Call(l.ctx, toPython, []any{1}, nil, got.add)
	require.NoError(l, err)
	require.Equal(l, []any{int64(1)}, answer.Args)
	require.Len(l, got.all(), 1)
	fromSession(l, answer)
	fromAutobahn(l, next(l, pyInvocations).Details)
}

// eventsOfBoth has the Session publish to both, and hear both.
func (l live) eventsOfBoth(s, other *transparency.Session, publisher, subscriber *interop.Peer) {
	l.Helper()
	goTopic, pyTopic := keyed("go.hello"), keyed("hello")
	events, pyEvents, otherEvents := l.subscribed(s, goTopic, nil), l.subscribed(s, pyTopic, nil), l.subscribed(other, goTopic, nil)
	require.NoError(l, subscriber.Subscribe(l.ctx, pyTopic, nil))
	for _, topic := range []string{goTopic, pyTopic} {
		require.NoError(l, s.Publish(topic, nil, wamp.List{"both"}, nil))
	}
	fromGo(l, next(l, otherEvents).Details, cryptobox.KindPublish)
	fromSession(l, l.pyEvent(subscriber))
	require.NoError(l, other.Publish(goTopic, nil, wamp.List{"go"}, nil))
	fromGo(l, next(l, events).Details, cryptobox.KindPublish)
	_, err := publisher.Publish(l.ctx, pyTopic, []any{"python"}, nil, nil)
	require.NoError(l, err)
	fromAutobahn(l, next(l, pyEvents).Details)
}

// TestLiveVersions: the versions of one pattern may differ in dialect. What goes out is in
// that of the one that seals; what comes in is taken in each.
func TestLiveVersions(t *testing.T) {
	l := startLive(t)
	newer := harness.NewKeys()
	ring := harness.RingOf(t, l.responding())
	require.NoError(t, ring.Add(keyring.Prefix(prefix), newer.ResponderKey(), keyring.Dates{ActiveFrom: time.Now().Add(-time.Hour)}))
	s, procedure, topic := l.connectRing(usual, ring), keyed("echo"), keyed("hello")
	invocations, events := l.served(s, procedure, nil, harness.Echo), l.subscribed(s, topic, nil)
	py, other := l.join(interop.JSON, l.pyOriginating()), l.connect(usual, newer.OriginatorKey())

	fromSession(t, l.pyCalls(py, procedure, []any{1}, nil))
	fromAutobahn(t, next(l, invocations).Details)
	fromGo(t, l.calls(other, procedure, wamp.List{1}, nil).Details, cryptobox.KindResult)
	fromGo(t, next(l, invocations).Details, cryptobox.KindCall)
	_, err := py.Publish(l.ctx, topic, []any{1}, nil, nil)
	require.NoError(t, err)
	fromAutobahn(t, next(l, events).Details)
	require.NoError(t, other.Publish(topic, nil, nil, nil))
	fromGo(t, next(l, events).Details, cryptobox.KindPublish)
	require.Empty(t, s.Stats().Rejected)
}
