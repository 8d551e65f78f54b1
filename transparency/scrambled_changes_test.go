package transparency_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// load is what goes on while secrets change: events, calls, and a call in chunks that begins
// before and ends after.
type load struct {
	t                     *testing.T
	originator, responder *transparency.Session
	taken                 atomic.Int64
	missed                atomic.Uint64
	refused               *harness.Rejections
	chunks                chan bool // whether more are to come
	inChunks              <-chan harness.Outcome
}

const loaded = below + "a.x"

// loads are what is subscribed to, each with a router of its own: that of nexus races with itself when
// several subscriptions match one event.
var loads = []keyring.Pattern{keyring.Exact(loaded), keyring.Prefix(below + "a."), keyring.Wildcard(below + ".x"), keyring.Prefix(below)}

func newLoad(t *testing.T, p keyring.Pattern, originating, responding *keyring.Ring) *load {
	t.Helper()
	r := startRouter(t)
	refused, option := harness.Collect()
	l := &load{
		t: t, refused: refused, chunks: make(chan bool),
		responder: links[1].session(t, r, responding, option), originator: links[1].session(t, r, originating, option),
	}
	require.NoError(t, l.responder.Subscribe(p.URI, func(ev *wamp.Event) {
		info, _ := transparency.InfoFrom(ev.Details)
		l.missed.Add(info.Missed)
		l.taken.Add(1)
	}, matching(p)))
	require.NoError(t, l.responder.Register(loaded, harness.Echo, nil))
	chunked := below + "chunks"
	require.NoError(t, l.responder.Register(chunked, sink, nil))
	l.inChunks = harness.Calling(func(ctx context.Context) (*wamp.Result, error) {
		return l.originator.CallProgressive(ctx, chunked, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			return wamp.Dict{wamp.OptProgress: <-l.chunks}, wamp.List{"chunk"}, nil, nil
		}, nil)
	})
	l.chunks <- true
	return l
}

// runs publishes and calls until a date, and ends the call in chunks. All has to arrive.
func (l *load) runs(until time.Time) {
	t := l.t
	t.Helper()
	sent, half := int64(0), time.Now().Add(time.Until(until)*3/4)
	inChunks := true
	for ; time.Now().Before(until); sent++ {
		require.NoError(t, l.originator.Publish(loaded, wamp.Dict{wamp.OptAcknowledge: true}, wamp.List{sent}, nil))
		result, err := l.originator.Call(harness.Timeout(t), loaded, nil, wamp.List{sent}, nil, nil)
		require.NoError(t, err)
		require.Equal(t, wamp.List{sent}, result.Arguments)
		if inChunks && time.Now().After(half) {
			l.chunks <- true
			l.chunks <- false
			inChunks = false
		}
	}
	require.NoError(t, harness.Receive(t, l.inChunks).Err)
	require.Eventually(t, func() bool { return l.taken.Load() == sent }, harness.Patience, time.Millisecond, "%d of %d", l.taken.Load(), sent)
	require.Zero(t, l.missed.Load())
	require.Zero(t, l.refused.Count())
	require.NoError(t, l.responder.Ready())
	require.Greater(t, sent, int64(10))
}

// TestScrambledRotationUnderLoad: secrets change by their dates, and no message is lost.
func TestScrambledRotationUnderLoad(t *testing.T) {
	for _, p := range loads {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			k, first, second := harness.NewKeys(), cryptobox.GenerateScrambleSecret(), cryptobox.GenerateScrambleSecret()
			responding, originating := scrambledRing(t, k.ResponderKey(), first), scrambledRing(t, k.OriginatorKey(), first)
			l := newLoad(t, p, originating, responding)
			at := time.Now().Add(time.Second)
			for _, ring := range []*keyring.Ring{responding, originating} {
				require.NoError(t, ring.AddScramble(below, second, keyring.Dates{ActiveFrom: at}))
				require.NoError(t, ring.SetScrambleDates(below, first.ID().String(), keyring.Dates{NotAfter: at.Add(time.Second)}))
			}
			l.runs(at.Add(1500 * time.Millisecond))
			uris, err := l.responder.RouterURIs(loaded, nil)
			require.NoError(t, err)
			require.Equal(t, []transparency.RouterURI{transparency.RouterURI(scrambling(t, second, harness.Realm)(loaded))}, uris)
		})
	}
}

// TestScrambledBeginsUnderLoad: a running system goes from clear URIs to scrambled ones.
func TestScrambledBeginsUnderLoad(t *testing.T) {
	for _, p := range loads {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			k, secret := harness.NewKeys(), cryptobox.GenerateScrambleSecret()
			responding, originating := harness.ClosedRing(t, k.ResponderKey()), harness.ClosedRing(t, k.OriginatorKey())
			l := newLoad(t, p, originating, responding)
			at := time.Now().Add(time.Second)
			for _, ring := range []*keyring.Ring{responding, originating} { // a peer is switched over before the other
				require.NoError(t, ring.AllowClear(below, at.Add(time.Second)))
				require.NoError(t, ring.AddScramble(below, secret, keyring.Dates{ActiveFrom: at}))
			}
			l.runs(at.Add(1500 * time.Millisecond))
			uris, err := l.responder.RouterURIs(loaded, nil)
			require.NoError(t, err)
			require.Equal(t, []transparency.RouterURI{transparency.RouterURI(scrambling(t, secret, harness.Realm)(loaded))}, uris)
		})
	}
}

// TestScrambleWhatStands: scrambling begins and ends for what was asked for before, and another
// secret takes the place of the one before.
func TestScrambleWhatStands(t *testing.T) {
	k, secret, next := harness.NewKeys(), cryptobox.GenerateScrambleSecret(), cryptobox.GenerateScrambleSecret()
	ring := harness.ClosedRing(t, k.ResponderKey())
	w := plugged(t, ring)
	forge, p := holds(t, k.OriginatorKey()), keyring.Prefix(below+"a.")
	w.asks(p)
	clear := func(uri string) string { return uri }
	taken := func(form func(string) string) {
		t.Helper()
		w.eventually(form(p.URI))
		w.takes(said{form(p.URI), form(below + "a.x")}, below+"a.x", forge)
		require.NoError(t, w.Session.Ready())
	}
	taken(clear)
	for range 3 {
		require.NoError(t, ring.Scramble(below, secret))
		taken(scrambling(t, secret, harness.Realm))
		require.NoError(t, ring.Scramble(below, next))
		taken(scrambling(t, next, harness.Realm))
		require.NoError(t, ring.Unscramble(below))
		taken(clear)
	}
	require.NoError(t, w.Session.Unsubscribe(p.URI))
	require.NoError(t, w.Session.Unregister(p.URI))
	require.NoError(t, ring.Scramble(below, secret))
	time.Sleep(50 * time.Millisecond)
	require.Empty(t, w.inPlace())
}

// TestScrambledBelowWhatStands: a wide subscription goes on for what isn't below the prefix, takes
// nothing from there, and Ready says so.
func TestScrambledBelowWhatStands(t *testing.T) {
	k, secret := harness.NewKeys(), cryptobox.GenerateScrambleSecret()
	ring := keyring.New()
	require.NoError(t, ring.Set(keyring.Prefix("com."), k.ResponderKey()))
	require.NoError(t, ring.Set(keyring.Prefix(below), k.ResponderKey()))
	w := plugged(t, ring)
	forge, text := holds(t, k.OriginatorKey()), scrambling(t, secret, harness.Realm)
	w.asks(keyring.Prefix("com."))
	w.takes(said{"com.", below + "x"}, below+"x", forge)
	require.NoError(t, ring.Scramble(below, secret))
	require.Eventually(t, func() bool { return w.Session.Ready() != nil }, harness.Patience, time.Millisecond)
	require.ErrorIs(t, w.Session.Ready(), keyring.ErrPattern)
	w.eventually("com.")
	w.takes(said{"com.", "com.other"}, "com.other", forge)
	w.refuses(said{"com.", below + "x"}, below+"x", forge, transparency.WrongURI)
	w.refuses(said{"com.", text(below + "x")}, below+"x", forge, transparency.WrongURI)
	require.NoError(t, ring.AllowClear(below, time.Now().Add(time.Hour)))
	w.takes(said{"com.", below + "x"}, below+"x", forge)
	require.NoError(t, ring.Unscramble(below))
	require.Eventually(t, func() bool { return w.Session.Ready() == nil }, harness.Patience, time.Millisecond)
	w.takes(said{"com.", below + "x"}, below+"x", forge)
}

// TestScrambledAllOrNothing: what can't be asked for under one secret isn't left under another.
func TestScrambledAllOrNothing(t *testing.T) {
	k, first, second := harness.NewKeys(), cryptobox.GenerateScrambleSecret(), cryptobox.GenerateScrambleSecret()
	ring := scrambledRing(t, k.ResponderKey(), first)
	require.NoError(t, ring.AddScramble(below, second, keyring.Dates{ActiveFrom: time.Now().Add(time.Hour)}))
	uri := below + "a.x"
	texts := []string{scrambling(t, first, harness.Realm)(uri), scrambling(t, second, harness.Realm)(uri)}
	refusal := errors.New("the router refuses it")
	w := plugged(t, ring)
	for _, text := range texts {
		w.fails = map[string]error{text: refusal, "call " + text: refusal}
		for _, ask := range askingFor(w.Session, keyring.Exact(uri)) {
			err := ask()
			require.ErrorIs(t, err, refusal)
			require.ErrorContains(t, err, uri)
		}
		require.Empty(t, w.inPlace())
		require.ErrorIs(t, w.Session.Unsubscribe(uri), client.ErrNotSubscribed)
		_, known := w.Session.RealURI(transparency.RouterURI(texts[0]), nil)
		require.False(t, known)
	}
	require.NoError(t, w.Session.Ready())

	// Once it is there, what replaces it can fail, and it stays.
	w.fails = nil
	w.asks(keyring.Exact(uri))
	w.eventually(texts...)
	forge := holds(t, k.OriginatorKey())
	for _, text := range texts {
		w.fails = map[string]error{text: refusal, "call " + text: refusal}
		for _, ask := range askingFor(w.Session, keyring.Exact(uri)) {
			require.ErrorIs(t, ask(), refusal)
		}
		w.fails = nil
		w.eventually(texts...)
		for _, text := range texts {
			before := len(w.got)
			w.event(said{text, ""}, w.sealed(uri, forge, cryptobox.KindPublish))
			w.invocation(said{text, ""}, w.sealed(uri, forge, cryptobox.KindCall))
			require.Len(t, w.got, before+1, "the handler that is there")
			require.Len(t, w.served, before+1)
		}
	}
}

// TestScrambledTwice: a second subscription takes the place of the first under all texts, and one
// of another kind stands beside it.
func TestScrambledTwice(t *testing.T) {
	k, secret := harness.NewKeys(), cryptobox.GenerateScrambleSecret()
	r := startRouter(t)
	s := links[1].session(t, r, scrambledRing(t, k.ResponderKey(), secret))
	o := links[1].session(t, r, scrambledRing(t, k.OriginatorKey(), secret))
	uri := below + "a"
	first, second := events(t, s, uri, nil), events(t, s, uri, nil)
	require.NoError(t, s.Register(uri, harness.Echo, nil))
	id, known := s.SubscriptionID(uri)
	require.True(t, known)
	require.NotZero(t, id)
	_, known = s.RegistrationID(uri)
	require.True(t, known)
	_, known = s.SubscriptionID(below + "b")
	require.False(t, known)
	require.NoError(t, o.Publish(uri, nil, wamp.List{"x"}, nil))
	harness.Receive(t, second)
	harness.Nothing(t, first)
	require.NoError(t, s.Unsubscribe(uri))
	require.ErrorIs(t, s.Unsubscribe(uri), client.ErrNotSubscribed)
	_, known = s.SubscriptionID(uri)
	require.False(t, known)
	real, known := s.RealURI(transparency.RouterURI(scrambling(t, secret, harness.Realm)(uri)), nil)
	require.True(t, known, "it is registered still")
	require.Equal(t, uri, real)
	require.NoError(t, s.Unregister(uri))
	require.ErrorIs(t, s.Unregister(uri), client.ErrNotRegistered)
	_, known = s.RealURI(transparency.RouterURI(scrambling(t, secret, harness.Realm)(uri)), nil)
	require.False(t, known)
}

// TestScrambledReady: what the router refuses under a further secret is said, tried again, and
// named as the application names it.
func TestScrambledReady(t *testing.T) {
	k, first, second := harness.NewKeys(), cryptobox.GenerateScrambleSecret(), cryptobox.GenerateScrambleSecret()
	ring, log := scrambledRing(t, k.ResponderKey(), first), &harness.Buffer{}
	w := plugged(t, ring, transparency.WithLogger(slog.New(slog.NewTextHandler(log, nil))))
	uri, text := below+"a.x", scrambling(t, second, harness.Realm)(below+"a.x")
	w.asks(keyring.Exact(uri))
	refuses := func(err error) {
		w.switchboard.mu.Lock()
		defer w.switchboard.mu.Unlock()
		w.fails = map[string]error{text: err}
	}
	refuses(errors.New("the router refuses it"))
	require.NoError(t, ring.AddScramble(below, second, keyring.Dates{ActiveFrom: time.Now().Add(time.Hour)}))
	require.Eventually(t, func() bool { return w.Session.Ready() != nil }, harness.Patience, time.Millisecond)
	require.ErrorContains(t, w.Session.Ready(), uri)
	require.Eventually(t, func() bool { return strings.Contains(log.String(), uri) }, harness.Patience, time.Millisecond)
	refuses(nil)
	require.Eventually(t, func() bool { return w.Session.Ready() == nil }, harness.Patience, time.Millisecond)
	w.eventually(scrambling(t, first, harness.Realm)(uri), text)
}

// TestScrambledDates: dates of what is asked for later are followed too, also while something else
// can't be asked for.
func TestScrambledDates(t *testing.T) {
	k, first, second := harness.NewKeys(), cryptobox.GenerateScrambleSecret(), cryptobox.GenerateScrambleSecret()
	ring := keyring.New()
	for _, prefix := range []string{below, "com.other."} {
		require.NoError(t, ring.Set(keyring.Prefix(prefix), k.ResponderKey()))
		require.NoError(t, ring.Scramble(prefix, first))
	}
	w := plugged(t, ring)
	ignoring := func(*wamp.Event) {}
	require.NoError(t, w.Session.Subscribe("com.other.x", ignoring, nil)) // it is followed, without a date
	time.Sleep(10 * time.Millisecond)
	require.NoError(t, ring.AddScramble(below, second, keyring.Dates{ActiveFrom: time.Now().Add(-time.Second)}))
	require.NoError(t, ring.SetScrambleDates(below, first.ID().String(), keyring.Dates{NotAfter: time.Now().Add(300 * time.Millisecond)}))
	time.Sleep(10 * time.Millisecond)
	require.NoError(t, w.Session.Subscribe(below+"x", ignoring, nil))
	require.Len(t, w.inPlace(), 3)
	require.Eventually(t, func() bool { return len(w.inPlace()) == 2 }, harness.Patience, time.Millisecond)
	require.Contains(t, w.inPlace(), scrambling(t, second, harness.Realm)(below+"x"))
}

// TestScrambledCallInChunks: one that is begun under a secret that was removed isn't sent.
func TestScrambledCallInChunks(t *testing.T) {
	k := harness.NewKeys()
	for name, change := range map[string]func(*keyring.Ring) error{
		"scrambled":         func(ring *keyring.Ring) error { return ring.Scramble(below, cryptobox.GenerateScrambleSecret()) },
		"scrambled further": func(ring *keyring.Ring) error { return ring.Scramble(below, cryptobox.GenerateScrambleSecret()) },
		"not scrambled":     func(ring *keyring.Ring) error { return ring.Unscramble(below) },
	} {
		t.Run(name, func(t *testing.T) {
			ring := harness.ClosedRing(t, k.OriginatorKey())
			if name != "scrambled" {
				require.NoError(t, ring.Scramble(below, cryptobox.GenerateScrambleSecret()))
			}
			w := plugged(t, ring)
			_, err := w.Session.CallProgressive(t.Context(), below+"x", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
				return nil, wamp.List{"x"}, nil, change(ring)
			}, nil)
			harness.RequireReason(t, err, transparency.NoKey)
		})
	}
}

// TestScrambledUntilTheEnd: secrets change while a Session is closed or shut down, which leaves
// nothing behind.
func TestScrambledUntilTheEnd(t *testing.T) {
	for name, end := range map[string]func(*transparency.Session) error{
		"close":    (*transparency.Session).Close,
		"shutdown": func(s *transparency.Session) error { return s.Shutdown(harness.Timeout(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			k, r := harness.NewKeys(), startRouter(t)
			for _, opts := range [][]transparency.Option{nil, {transparency.WithReconnect(transparency.ReconnectPolicy{})}} {
				ring := scrambledRing(t, k.ResponderKey(), cryptobox.GenerateScrambleSecret())
				s := links[1].session(t, r, ring, opts...)
				for _, uri := range []string{"a", "b", "c"} {
					require.NoError(t, s.Subscribe(below+uri, func(*wamp.Event) {}, nil))
					require.NoError(t, s.Register(below+uri, harness.Echo, nil))
				}
				over, changed := make(chan struct{}), make(chan struct{})
				go func() {
					defer close(changed)
					for {
						select {
						case <-over:
							return
						default:
							_ = ring.Scramble(below, cryptobox.GenerateScrambleSecret())
						}
					}
				}()
				time.Sleep(20 * time.Millisecond)
				require.NoError(t, end(s))
				harness.Receive(t, s.Done())
				time.Sleep(20 * time.Millisecond)
				close(over)
				harness.Receive(t, changed)
				require.Error(t, s.Subscribe(below+"d", func(*wamp.Event) {}, nil))
			}
		})
	}
}
