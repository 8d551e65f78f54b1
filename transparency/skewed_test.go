package transparency_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/clock"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// timed is a Session with a clock of its own.
type timed struct {
	*transparency.Session
	clock   harness.Clock
	refused *harness.Rejections
	log     harness.Buffer
}

func newTimed(t *testing.T, r *testrouter.Router, key keyring.Key, ahead time.Duration, opts ...transparency.Option) *timed {
	t.Helper()
	e := &timed{}
	e.clock.Set(ahead)
	var collecting transparency.Option
	e.refused, collecting = harness.Collect()
	opts = append(opts, collecting, transparency.WithClock(e.clock.Now), transparency.WithLogger(slog.New(slog.NewTextHandler(&e.log, nil))))
	e.Session = local.session(t, r, harness.RingOf(t, key), opts...)
	return e
}

// skewedPair is an originator, and a responder that serves and subscribes.
type skewedPair struct {
	t                     *testing.T
	originator, responder *timed
	ran                   atomic.Int64 // calls
	events                <-chan *wamp.Event
}

func newSkewedPair(t *testing.T, k harness.Keys, originator, responder time.Duration, opts ...transparency.Option) *skewedPair {
	t.Helper()
	r := startRouter(t)
	p := &skewedPair{t: t, originator: newTimed(t, r, k.OriginatorKey(), originator), responder: newTimed(t, r, k.ResponderKey(), responder, opts...)}
	p.events = events(t, p.responder, harness.Prefix+"x", nil)
	require.NoError(t, p.responder.Register(harness.Prefix+"x", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		p.ran.Add(1)
		_ = p.responder.SendProgress(ctx, nil, nil)
		return client.InvokeResult{}
	}, nil))
	return p
}

// call returns what came of a call. What was run has to be answered, progress included, and
// what wasn't has not.
func (p *skewedPair) call() error {
	p.t.Helper()
	before, progress := p.ran.Load(), int64(0)
	_, err := p.originator.Call(harness.Timeout(p.t), harness.Prefix+"x", nil, nil, nil, func(*wamp.Result) { progress++ })
	require.Equal(p.t, p.ran.Load()-before, progress)
	require.Equal(p.t, err == nil, progress == 1, "run, and its result refused: %v", err)
	return err
}

// works requires that calls and events come.
func (p *skewedPair) works() {
	p.t.Helper()
	require.NoError(p.t, p.call())
	require.NoError(p.t, p.originator.Publish(harness.Prefix+"x", nil, nil, nil))
	harness.Receive(p.t, p.events)
	require.Zero(p.t, p.originator.refused.Count())
}

// refuses requires that calls and events are refused where the clocks are, and that both
// ends say by how much they differ. No procedure runs.
func (p *skewedPair) refuses(responderAhead time.Duration) {
	p.t.Helper()
	reason, where := transparency.Stale, "ahead of"
	if responderAhead < 0 {
		reason, where = transparency.ClockSkew, "behind"
	}
	by := clock.Text(responderAhead)
	e := harness.RequireRefused(p.t, p.call(), reason)
	require.InDelta(p.t, responderAhead, e.Peer.Skew, float64(time.Second))
	require.Regexp(p.t, `; its clock is (`+by+`|\dm5\ds) `+where+` this one`, e.Error())
	require.NoError(p.t, p.originator.Publish(harness.Prefix+"x", nil, nil, nil))
	for range 2 { // the call and the event
		e := p.responder.refused.Next(p.t)
		harness.RequireReason(p.t, e, reason)
		require.Regexp(p.t, `sent (`+by+`|\dm5\ds) (ahead of|ago|before).* clock`, e.Error())
	}
	require.Empty(p.t, p.events)
	require.Equal(p.t, 1, p.originator.refused.Count())
}

// TestSkewedClocks: of either end, either way, by minutes and years, from the start and while
// the Sessions live. No call is run whose result is refused; both ends' texts say whose
// clocks differ, and by how much; and what works again when the clock is right needs nothing
// else.
func TestSkewedClocks(t *testing.T) {
	const year = 365 * 24 * time.Hour
	memories := map[string]func() []transparency.Option{
		"own memory": func() []transparency.Option { return nil },
		"shared memory": func() []transparency.Option {
			return []transparency.Option{transparency.WithReplayMemory(&told{shared: true})}
		},
	}
	for memory, opts := range memories {
		forEachClocked(t, func(t *testing.T, k harness.Keys) {
			for _, by := range []time.Duration{2 * time.Minute, -2 * time.Minute, 3 * year, -3 * year} {
				for _, of := range []string{"originator", "responder"} {
					t.Run(fmt.Sprintf("%s/%s/%v", memory, of, by), func(t *testing.T) {
						t.Parallel()
						wrong := map[string]time.Duration{of: by}
						p := newSkewedPair(t, k, wrong["originator"], wrong["responder"], opts()...)
						set := func(ahead time.Duration) {
							map[string]*timed{"originator": p.originator, "responder": p.responder}[of].clock.Set(ahead)
						}
						apart := wrong["responder"] - wrong["originator"]
						p.refuses(apart)
						set(0)
						require.NoError(t, p.call(), "wrong from the start, set right")
						set(by)
						_ = p.call()
						set(-by) // the other way
						_ = p.call()
						set(0)
						require.NoError(t, p.call(), "set and set right")
					})
				}
			}
		})
	}
}

// forEachClocked runs the test with each of the kinds of keys that differ in what they do with
// clocks.
func forEachClocked(t *testing.T, test func(t *testing.T, k harness.Keys)) {
	t.Helper()
	for _, s := range schemes {
		switch s.name {
		case "wampbox", "wampbox-signed", "wampbox-signed-once":
			t.Run(s.name, func(t *testing.T) { test(t, s.Keys) })
		}
	}
}

// TestASlowCaller: a callee that has been there for longer can't tell a call of it from one
// that was held back, and runs it. The caller takes the result, which is tied to its call,
// and says once that a clock is wrong.
func TestASlowCaller(t *testing.T) {
	for name, behind := range map[string]time.Duration{"from the start": 2 * time.Minute, "later": 0} {
		t.Run(name, func(t *testing.T) {
			p := newSkewedPair(t, harness.NewKeys(), -behind, 0, transparency.WithClockSkew(3*time.Minute)) // as if it had been there as long
			p.originator.clock.Set(-2 * time.Minute)
			for range 3 {
				p.works()
			}
			require.Equal(t, 1, strings.Count(p.originator.log.String(), "this clock and that of a callee are further apart than the skew"))
			require.Contains(t, p.originator.log.String(), `callee_clock="2m0s ahead of this one" skew=30s`)
			require.Empty(t, p.responder.log.String())
		})
	}
}

// TestClocksInStepAreNotLogged: not even where a call is under way for longer than the skew,
// or its answer.
func TestClocksInStepAreNotLogged(t *testing.T) {
	k, r := harness.NewKeys(), startRouter(t)
	forge := harness.NewForger(t, harness.RingOf(t, k.ResponderKey()), keyring.RoleResponder)
	caller := newTimed(t, r, k.OriginatorKey(), 0, transparency.WithClockSkew(10*time.Millisecond))
	router := local.plain(t, r)
	require.NoError(t, router.Register(harness.Prefix+"x", func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		_, token := forge.Open(inv.Arguments, inv.ArgumentsKw)
		time.Sleep(20 * time.Millisecond)
		answer := forge.Seal(harness.Prefix+"x", forge.Bind(cryptobox.KindResult, func(b *harness.Bound) { b.Re = token }))
		time.Sleep(20 * time.Millisecond)
		return client.InvokeResult{Kwargs: answer}
	}, nil))
	_, err := caller.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, nil)
	require.NoError(t, err)
	require.Empty(t, caller.log.String())
}

// TestTheClockIsSetDuringACall: of either end, after the call was taken. Its result is
// there, and no clock tells that it is for another call.
func TestTheClockIsSetDuringACall(t *testing.T) {
	forEachClocked(t, func(t *testing.T, k harness.Keys) {
		for _, by := range []time.Duration{time.Hour, -time.Hour, 30_000 * time.Hour, -30_000 * time.Hour} {
			for _, of := range []string{"caller", "callee"} {
				t.Run(fmt.Sprint(of, " ", by), func(t *testing.T) {
					p := newSkewedPair(t, k, 0, 0)
					require.NoError(t, p.responder.Register(harness.Prefix+"y", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
						map[string]*timed{"caller": p.originator, "callee": p.responder}[of].clock.Set(by)
						_ = p.responder.SendProgress(ctx, nil, nil)
						return client.InvokeResult{Err: "com.myapp.error"}
					}, nil))
					progress := 0
					_, err := p.originator.Call(harness.Timeout(t), harness.Prefix+"y", nil, nil, nil, func(*wamp.Result) { progress++ })
					require.EqualValues(t, "com.myapp.error", harness.Raised(t, err).Error)
					require.Equal(t, 1, progress)
					require.Contains(t, p.originator.log.String(), "this clock and that of a callee are further apart")
				})
			}
		}
	})
}
