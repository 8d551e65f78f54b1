package interop_test

import (
	"fmt"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// audience subscribes to one topic in every way: an Autobahn and a Session, exactly
// and by a prefix.
type audience struct {
	topic  string
	python map[string]*interop.Peer
	golang map[string]<-chan *wamp.Event
}

var matches = []string{"exact", "prefix"}

func (l live) audience(serializer interop.Serializer, e end) audience {
	l.Helper()
	group := keyed("group") + "."
	a := audience{topic: group + "hello", python: map[string]*interop.Peer{}, golang: map[string]<-chan *wamp.Event{}}
	for match, topic := range map[string]string{"exact": a.topic, "prefix": group} {
		options := map[string]any{"match": match}
		a.python[match] = l.join(serializer, l.pyResponding())
		require.NoError(l, a.python[match].Subscribe(l.ctx, topic, options))
		a.golang[match] = l.subscribed(l.connect(e, l.responding()), topic, options)
	}
	return a
}

// TestLiveEvents publishes from either side to subscribers on both, in every
// combination of serializers.
func TestLiveEvents(t *testing.T) {
	all := startLive(t)
	for i, e := range ends {
		serializer := interop.Serializers()[i%3]
		t.Run(fmt.Sprintf("%s and %s", e.name, serializer), func(t *testing.T) {
			l := all.in(t)
			a := l.audience(serializer, e)
			for _, other := range interop.Serializers() {
				l.publishFromPython(a, l.join(other, l.pyOriginating()))
			}
			for _, other := range ends {
				l.publishFromGo(a, l.connect(other, l.originating()))
			}
		})
	}
}

func (l live) publishFromPython(a audience, publisher *interop.Peer) {
	l.Helper()
	for n := range 3 {
		publication, err := publisher.Publish(l.ctx, a.topic, []any{"Hällo", n}, map[string]any{"a": nil}, nil)
		require.NoError(l, err)
		require.True(l, publication.Encrypted)
	}
	for _, match := range matches {
		for n := range 3 {
			event := next(l, a.golang[match])
			l.requireEvent(a, event, match, n)
			fromAutobahn(l, event.Details)
			got := l.pyEvent(a.python[match])
			l.requirePyEvent(a, got, n)
			encrypted(l.T, got)
		}
	}
}

func (l live) publishFromGo(a audience, publisher *transparency.Session) {
	l.Helper()
	for n := range 3 { // acknowledged, or not
		options := wamp.Dict{"acknowledge": n == 1}
		require.NoError(l, publisher.Publish(a.topic, options, wamp.List{"Hällo", n}, wamp.Dict{"a": nil}))
	}
	require.Equal(l, uint64(3), publisher.Stats().Sealed)
	for _, match := range matches {
		for n := range 3 {
			event := next(l, a.golang[match])
			l.requireEvent(a, event, match, n)
			fromAutobahn(l, event.Details)
			got := l.pyEvent(a.python[match])
			l.requirePyEvent(a, got, n)
			fromSession(l, got)
		}
	}
}

func (l live) requireEvent(a audience, event *wamp.Event, match string, n int) {
	l.Helper()
	require.Equal(l, wamp.List{"Hällo", int64(n)}, event.Arguments)
	require.Equal(l, wamp.Dict{"a": nil}, event.ArgumentsKw)
	if match == "prefix" {
		topic, _ := wamp.AsURI(event.Details["topic"])
		require.EqualValues(l, a.topic, topic)
	}
}

func (l live) requirePyEvent(a audience, got interop.Received, n int) {
	l.Helper()
	require.Equal(l, a.topic, got.URI)
	require.Equal(l, []any{"Hällo", int64(n)}, got.Args)
	require.Equal(l, map[string]any{"a": nil}, got.Kwargs)
}

// TestLiveRetainedEvents: Crossbar.io keeps a sealed event as it came, for those who
// subscribe later.
func TestLiveRetainedEvents(t *testing.T) {
	all := startLive(t)
	for i, e := range ends {
		t.Run(e.name, func(t *testing.T) {
			l := all.in(t)
			fromPython, fromGo := keyed("state"), keyed("state")
			serializer := interop.Serializers()[i%3]
			_, err := l.join(serializer, l.pyOriginating()).Publish(l.ctx, fromPython, []any{"kept"}, nil, map[string]any{"retain": true})
			require.NoError(t, err)
			publisher := l.connect(e, l.originating())
			require.NoError(t, publisher.Publish(fromGo, wamp.Dict{"acknowledge": true, "retain": true}, wamp.List{"kept"}, nil))

			options := map[string]any{"get_retained": true}
			pySubscriber, subscriber := l.join(serializer, l.pyResponding()), l.connect(e, l.responding())
			for _, topic := range []string{fromPython, fromGo} {
				event := next(l, l.subscribed(subscriber, topic, options))
				require.Equal(t, wamp.List{"kept"}, event.Arguments)
				require.Equal(t, true, event.Details["retained"])
				_, ok := transparency.InfoFrom(event.Details)
				require.True(t, ok)
				require.NoError(t, pySubscriber.Subscribe(l.ctx, topic, options))
				got := l.pyEvent(pySubscriber)
				require.True(t, got.Retained)
				require.Equal(t, []any{"kept"}, got.Args)
				require.Equal(t, cryptobox.AlgorithmBox, got.EncAlgo)
			}
		})
	}
}

// TestLiveOwnEvents: who asks for its own events gets them, in one key's both roles.
func TestLiveOwnEvents(t *testing.T) {
	l := startLive(t)
	topic := keyed("hello")
	s := l.connect(usual, keyring.Both(l.Originator))
	events := l.subscribed(s, topic, nil)
	require.NoError(t, s.Publish(topic, wamp.Dict{"acknowledge": true}, wamp.List{"not to me"}, nil))
	require.NoError(t, s.Publish(topic, wamp.Dict{"exclude_me": false}, wamp.List{"to me"}, nil))
	require.Equal(t, wamp.List{"to me"}, next(l, events).Arguments)
	require.Empty(t, events)
	require.Empty(t, s.Stats().Rejected)
}
