package transparency_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// observer keeps what it is told.
type observer struct {
	mu             sync.Mutex
	sealed, opened []transparency.Observation
}

func (o *observer) Sealed(of transparency.Observation) { o.keep(&o.sealed, of) }
func (o *observer) Opened(of transparency.Observation) { o.keep(&o.opened, of) }

func (o *observer) keep(in *[]transparency.Observation, of transparency.Observation) {
	o.mu.Lock()
	defer o.mu.Unlock()
	*in = append(*in, of)
}

// messages are what was told, without times.
func (o *observer) messages(t testing.TB, of *[]transparency.Observation) []transparency.Observation {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	timeless := slices.Clone(*of)
	for i, one := range timeless {
		require.Positive(t, one.Took)
		require.Less(t, one.Took, harness.Patience)
		require.Greater(t, one.Bytes, 20)
		timeless[i].Took = 0
	}
	return timeless
}

// TestObserver is told of each message once, at both ends the same, over links that seal at once
// and links that put it off.
func TestObserver(t *testing.T) {
	for _, l := range links {
		t.Run(l.name, func(t *testing.T) {
			forEachScheme(t, func(t *testing.T, k harness.Keys) {
				r := startRouter(t)
				var at, to observer
				originator := l.session(t, r, harness.ClosedRing(t, k.OriginatorKey()), transparency.WithObserver(&at))
				responder := l.session(t, r, harness.ClosedRing(t, k.ResponderKey()), transparency.WithObserver(&to))
				got := events(t, responder, harness.Prefix+"x", nil)
				require.NoError(t, responder.Register(harness.Prefix+"sum", summing(func() *transparency.Session { return responder }), nil))
				require.NoError(t, originator.Publish(harness.Prefix+"x", nil, wamp.List{strings.Repeat("x", 1000)}, nil))
				harness.Receive(t, got)
				i := 0
				_, err := originator.CallProgressive(harness.Timeout(t), harness.Prefix+"sum", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
					i++
					return chunk(i, 2)
				}, func(*wamp.Result) {})
				require.NoError(t, err)

				sent := at.messages(t, &at.sealed)
				require.Equal(t, sent, to.messages(t, &to.opened))
				require.Equal(t, []cryptobox.Kind{cryptobox.KindPublish, cryptobox.KindCallProgress, cryptobox.KindCall}, kinds(sent))
				require.Greater(t, sent[0].Bytes, 1000)
				answered := to.messages(t, &to.sealed)
				require.Equal(t, answered, at.messages(t, &at.opened))
				require.Equal(t, []cryptobox.Kind{cryptobox.KindProgress, cryptobox.KindProgress, cryptobox.KindResult}, kinds(answered))
				row := one(t, originator)
				for _, o := range slices.Concat(sent, answered) {
					require.Equal(t, transparency.Observation{Pattern: encrypted, KeyID: row.KeyID, Dialect: row.Dialect, Suite: row.Suite, Kind: o.Kind, Bytes: o.Bytes}, o)
				}
			})
		})
	}
}

func kinds(of []transparency.Observation) (kinds []cryptobox.Kind) {
	for _, o := range of {
		kinds = append(kinds, o.Kind)
	}
	return kinds
}

// TestObserverHearsOfNothingRefused: not even of what opened.
func TestObserverHearsOfNothingRefused(t *testing.T) {
	o := &observer{}
	p := post(t, harness.NewKeys(), transparency.WithObserver(o))
	sub := p.subscribe(harness.Prefix+"x", nil)
	sealed := p.Seal(harness.Prefix+"x", p.Bind(cryptobox.KindPublish, nil))
	p.takes(sub, sealed)
	p.refuses(sub, sealed, transparency.Replayed)
	p.refuses(sub, p.Seal(harness.Prefix+"y", p.Bind(cryptobox.KindPublish, nil)), transparency.WrongURI)
	p.refuses(sub, harness.NewForger(t, harness.RingOf(t, harness.NewKeys().OriginatorKey()), keyring.RoleOriginator).Seal(harness.Prefix+"x", p.Bind(cryptobox.KindPublish, nil)), transparency.NotOpened)
	require.Len(t, o.opened, 1)
	require.Empty(t, o.sealed)
}

// brokenObserver is an Observer.
type brokenObserver struct{}

func (brokenObserver) Sealed(transparency.Observation) { panic(secretText) }
func (brokenObserver) Opened(transparency.Observation) { panic(secretText) }

// TestPanicOfAnObserver keeps no message from its way, and doesn't fill a log.
func TestPanicOfAnObserver(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	for _, l := range []link{local, links[1]} {
		t.Run(l.name, func(t *testing.T) {
			log := &harness.Buffer{}
			option := transparency.WithLogger(slog.New(slog.NewTextHandler(log, nil)))
			caller := l.session(t, r, harness.RingOf(t, k.OriginatorKey()), transparency.WithObserver(brokenObserver{}), option)
			callee := l.session(t, r, harness.RingOf(t, k.ResponderKey()), transparency.WithObserver(brokenObserver{}))
			require.NoError(t, callee.Register(harness.Prefix+"x", harness.Echo, nil))
			for range 100 {
				res, err := caller.Call(harness.Timeout(t), harness.Prefix+"x", nil, wamp.List{"hi"}, nil, nil)
				require.NoError(t, err)
				require.Equal(t, wamp.List{"hi"}, res.Arguments)
			}
			require.NoError(t, callee.Unregister(harness.Prefix+"x"))
			require.Contains(t, log.String(), "the Observer, in ")
			require.NotContains(t, log.String(), secretText)
			require.Less(t, strings.Count(log.String(), "a callback failed"), 50)
		})
	}
}

func TestObserverHasToBeThere(t *testing.T) {
	_, err := transparency.Wrap(&scripted{}, harness.Realm, keyring.New(), transparency.WithObserver(nil))
	require.ErrorIs(t, err, transparency.ErrOption)
}

// BenchmarkObserver is [BenchmarkSessionCall] of one caller over a WebSocket and inside the
// process, with an observer and without.
func BenchmarkObserver(b *testing.B) {
	k := harness.NewKeys()
	for _, l := range []link{local, links[5]} {
		for name, opts := range map[string][]transparency.Option{"without": nil, "with": {transparency.WithObserver(counting{})}} {
			b.Run(l.name+"/"+name, func(b *testing.B) {
				r := startRouter(b)
				callee := l.session(b, r, harness.RingOf(b, k.ResponderKey()), opts...)
				require.NoError(b, callee.Register(harness.Prefix+"echo", func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
					return client.InvokeResult{Args: inv.Arguments}
				}, nil))
				b.ReportAllocs()
				callAtOnce(b, l.session(b, r, harness.RingOf(b, k.OriginatorKey()), opts...), harness.Prefix+"echo", wamp.List{strings.Repeat("x", 256)}, 1)
			})
		}
	}
}

// counting is an Observer that does nothing.
type counting struct{}

func (counting) Sealed(transparency.Observation) {}
func (counting) Opened(transparency.Observation) {}
