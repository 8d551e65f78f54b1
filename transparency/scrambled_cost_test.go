//go:build !race

package transparency_test

import (
	"context"
	"slices"
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

// looped is a Client that delivers to its own handlers at once.
type looped struct {
	*scripted
	details map[string]wamp.Dict // of what is sent there
	exact   bool                 // as a router, it names none then
	handler client.EventHandler
	serve   client.InvocationHandler
}

func (l *looped) Subscribe(_ string, fn client.EventHandler, _ wamp.Dict) error {
	l.handler = fn
	return nil
}

func (l *looped) Register(_ string, fn client.InvocationHandler, _ wamp.Dict) error {
	l.serve = fn
	return nil
}

func (l *looped) Unregister(string) error { return nil }

func (*looped) Done() <-chan struct{} { return nil }

func (l *looped) named(text string) wamp.Dict {
	if l.details[text] == nil && !l.exact {
		l.details[text] = wamp.Dict{"topic": text, "procedure": text}
	}
	return l.details[text]
}

func (l *looped) Publish(topic string, _ wamp.Dict, args wamp.List, kwargs wamp.Dict) error {
	l.handler(&wamp.Event{Details: l.named(topic), Arguments: args, ArgumentsKw: kwargs})
	return nil
}

func (l *looped) Call(ctx context.Context, procedure string, _ wamp.Dict, args wamp.List, kwargs wamp.Dict, _ client.ProgressHandler) (*wamp.Result, error) {
	res := l.serve(ctx, &wamp.Invocation{Details: l.named(procedure), Arguments: args, ArgumentsKw: kwargs})
	return &wamp.Result{Arguments: res.Args, ArgumentsKw: res.Kwargs}, nil
}

// costs gives what a Session does with one event, and with one call: all of both ends, without a
// router.
func costs(t testing.TB, p keyring.Pattern, secrets ...cryptobox.ScrambleSecret) (event, call func()) {
	t.Helper()
	ring := harness.ClosedRing(t, keyring.Shared(cryptobox.GenerateSymmetricKey()))
	for i, secret := range secrets {
		require.NoError(t, ring.AddScramble(below, secret, keyring.Dates{ActiveFrom: time.Now().Add(time.Duration(i-10) * time.Hour)}))
	}
	s, err := transparency.Wrap(&looped{scripted: &scripted{}, exact: p.Match == keyring.MatchExact, details: map[string]wamp.Dict{}}, harness.Realm, ring)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	came := 0
	require.NoError(t, s.Subscribe(p.URI, func(*wamp.Event) { came++ }, matching(p)))
	require.NoError(t, s.Register(p.URI, harness.Echo, matching(p)))
	args, options := wamp.List{"x"}, wamp.Dict{"exclude_me": false}
	event = func() {
		if came = 0; s.Publish(loaded, options, args, nil) != nil || came != 1 {
			t.Fatal("the event is lost")
		}
	}
	call = func() {
		if _, err := s.Call(context.Background(), loaded, nil, args, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	return event, call
}

var costly = []keyring.Pattern{keyring.Exact(loaded), keyring.Prefix(below + "a."), keyring.Prefix(below)}

// TestScrambledAllocations: a URI that was used before is scrambled without any; what comes by a
// pattern takes a list of the forms that it may have, and the URI that it names.
func TestScrambledAllocations(t *testing.T) {
	for i, p := range costly {
		event, call := costs(t, p)
		scrambledEvent, scrambledCall := costs(t, p, cryptobox.GenerateScrambleSecret())
		more := 0.0
		if i > 0 {
			more = 3
		}
		for _, c := range []struct{ clear, scrambled func() }{{event, scrambledEvent}, {call, scrambledCall}} {
			before, scrambled := testing.AllocsPerRun(2000, c.clear), testing.AllocsPerRun(2000, c.scrambled)
			t.Logf("%v: %v, scrambled %v", p, before, scrambled)
			require.LessOrEqual(t, scrambled, before+more, p)
		}
	}
}

// BenchmarkScrambled measures in turns what scrambling adds to an event and to a call, at both ends
// together, for a URI that was used before: medians of many rounds.
func BenchmarkScrambled(b *testing.B) {
	for _, p := range costly {
		b.Run(p.String(), func(b *testing.B) {
			event, call := costs(b, p)
			scrambledEvent, scrambledCall := costs(b, p, cryptobox.GenerateScrambleSecret())
			var took [4][]float64
			const times = 200
			for b.Loop() {
				for i, do := range []func(){event, scrambledEvent, call, scrambledCall} {
					began := time.Now()
					for range times {
						do()
					}
					took[i] = append(took[i], float64(time.Since(began).Nanoseconds())/times)
				}
			}
			var medians [4]float64
			for i := range took {
				slices.Sort(took[i])
				medians[i] = took[i][len(took[i])/2]
			}
			b.ReportMetric(medians[0], "event-ns")
			b.ReportMetric(medians[1]-medians[0], "event-more-ns")
			b.ReportMetric(medians[2], "call-ns")
			b.ReportMetric(medians[3]-medians[2], "call-more-ns")
		})
	}
}
