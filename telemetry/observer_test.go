package telemetry_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/telemetry"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// observations are one of each manner in which a message can be sealed, for a pattern.
func observations(p keyring.Pattern) (all []transparency.Observation) {
	for kind := cryptobox.KindPublish; kind <= cryptobox.KindRefusal; kind++ {
		for _, d := range []cryptobox.Dialect{cryptobox.Wampbox, cryptobox.Autobahn, cryptobox.Passthru} {
			suites := []cryptobox.Suite{0}
			if !d.Foreign() {
				suites = []cryptobox.Suite{cryptobox.SuiteBox, cryptobox.SuiteXBox, cryptobox.SuiteShared, cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ}
			}
			for _, suite := range suites {
				all = append(all, transparency.Observation{Pattern: p, KeyID: "id", Dialect: d, Suite: suite, Kind: kind, Took: 3 * time.Microsecond, Bytes: 300})
			}
		}
	}
	return all
}

// TestObserver tells every dialect, suite and kind apart, and no key id ever.
func TestObserver(t *testing.T) {
	s := newScope(t)
	o := s.Observer("shop")
	for _, seen := range observations(keyring.Prefix("com.a.")) {
		o.Sealed(seen)
		o.Opened(seen)
	}
	got := s.collect(t)
	for _, name := range []string{"seal.duration", "seal.size", "open.duration", "open.size"} {
		require.Len(t, got.of(name), 7*7, name)
		require.Equal(t, 7*7.0, got.of(name).sum(), name)
	}
	require.NotContains(t, s.attributes(t), "key.id")
	require.NotContains(t, s.attributes(t), "pattern")
	require.Equal(t, []string{"none", "box", "shared", "signed", "signed-pq", "xbox"}, append([]string{"none"}, without(s.attributes(t)["suite"], "none")...))
}

func without(all []string, one string) (rest []string) {
	for _, each := range all {
		if each != one {
			rest = append(rest, each)
		}
	}
	return rest
}

// TestObserverAllocates nothing of its own once it knows a manner, for patterns beyond the limit
// too.
func TestObserverAllocates(t *testing.T) {
	for name, opts := range map[string][]telemetry.Option{"without patterns": nil, "with patterns": {telemetry.WithPatterns(2)}} {
		t.Run(name, func(t *testing.T) {
			shown, err := telemetry.New(noop.NewMeterProvider(), opts...)
			require.NoError(t, err)
			o := shown.Observer("shop")
			var all []transparency.Observation
			for i := range 5 {
				all = append(all, observations(keyring.Exact(fmt.Sprintf("com.p%d", i)))...)
			}
			require.Zero(t, testing.AllocsPerRun(100, func() {
				for _, seen := range all {
					o.Sealed(seen)
					o.Opened(seen)
				}
			}))
		})
	}
}

// BenchmarkObserver is what one message costs, with the SDK.
func BenchmarkObserver(b *testing.B) {
	for name, opts := range map[string][]telemetry.Option{"without patterns": nil, "with patterns": {telemetry.WithPatterns(100)}} {
		b.Run(name, func(b *testing.B) {
			o := newScope(b, opts...).Observer("shop")
			seen := observations(keyring.Prefix("com.a."))[0]
			b.ReportAllocs()
			for b.Loop() {
				o.Sealed(seen)
			}
		})
	}
}
