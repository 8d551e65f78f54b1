package telemetry_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/telemetry"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// attributes gives all values that there are of each attribute.
func (s *scope) attributes(t testing.TB) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	note := func(set attribute.Set) {
		for _, kv := range set.ToSlice() {
			if name := bare(string(kv.Key)); !slices.Contains(found[name], kv.Value.AsString()) {
				found[name] = append(found[name], kv.Value.AsString())
			}
		}
	}
	for _, m := range s.metrics(t) {
		switch data := m.Data.(type) {
		case metricdata.Sum[int64]:
			each(data.DataPoints, func(p metricdata.DataPoint[int64]) { note(p.Attributes) })
		case metricdata.Gauge[int64]:
			each(data.DataPoints, func(p metricdata.DataPoint[int64]) { note(p.Attributes) })
		case metricdata.Gauge[float64]:
			each(data.DataPoints, func(p metricdata.DataPoint[float64]) { note(p.Attributes) })
		case metricdata.Histogram[int64]:
			each(data.DataPoints, func(p metricdata.HistogramDataPoint[int64]) { note(p.Attributes) })
		case metricdata.Histogram[float64]:
			each(data.DataPoints, func(p metricdata.HistogramDataPoint[float64]) { note(p.Attributes) })
		default:
			require.Failf(t, "another kind of data", "%T", data)
		}
	}
	for _, values := range found {
		slices.Sort(values)
	}
	return found
}

func each[P any](points []P, do func(P)) {
	for _, p := range points {
		do(p)
	}
}

// TestFlood: 10,000 URIs that somebody makes up add no series, with patterns or without. No part of
// a URI or of a payload is in any attribute, but for the patterns that were asked for.
func TestFlood(t *testing.T) {
	for name, opts := range map[string][]telemetry.Option{"without patterns": nil, "with patterns": {telemetry.WithPatterns(10)}} {
		t.Run(name, func(t *testing.T) {
			s := newScope(t, opts...)
			st := newStory(t, s)
			st.play()
			refused := func(got series) (n float64) {
				for key, v := range got.of("messages.refused") {
					if strings.Contains(key, isPlain) {
						n += v
					}
				}
				return n
			}
			before := s.until(t, func(got series) bool { return refused(got) == 1 && got.of("messages.plain").sum() == 2 })
			const flood = 10_000
			require.NoError(t, st.shop.Subscribe(harness.Prefix, func(*wamp.Event) {}, wamp.Dict{wamp.OptMatch: wamp.MatchPrefix}))
			for i := range flood {
				require.NoError(t, st.stranger.Publish(fmt.Sprintf("%smadeup%d.part%d", harness.Prefix, i, i), nil, wamp.List{"made up"}, nil))
			}
			// A router that is overrun drops some: the shop has to be through when the last one came.
			after := s.until(t, func(got series) bool {
				if refused(got) > flood/10 {
					return true
				}
				require.NoError(t, st.stranger.Publish(harness.Prefix+"madeup.again", nil, wamp.List{"made up"}, nil))
				return false
			})
			require.Equal(t, keysOf(before), keysOf(after))
			for name, values := range s.attributes(t) {
				for _, value := range values {
					for _, part := range []string{"madeup", "part", "ordered", "secret", "forged", "answer"} {
						require.NotContains(t, value, part, name)
					}
					if opts == nil {
						require.NotContains(t, value, "com", name)
						require.NotContains(t, value, "myapp", name)
					}
				}
			}
			if opts != nil {
				require.Equal(t, []string{harness.Prefix, moving}, s.attributes(t)["pattern"])
			}
		})
	}
}

// TestManyPatterns: of 5,000 patterns as many have series of their own as the option says, and no
// count is lost or falls.
func TestManyPatterns(t *testing.T) {
	const patterns, limit = 5000, 100
	r, key := testrouter.Start(t), keyring.Shared(cryptobox.GenerateSymmetricKey())
	ring := keyring.New()
	for i := range patterns {
		require.NoError(t, ring.Set(keyring.Exact(fmt.Sprintf("com.myapp.p%d", i)), key))
	}
	scopes := map[int]*scope{0: newScope(t), limit: newScope(t, telemetry.WithPatterns(limit))}
	for limit, s := range scopes {
		session, err := transparency.ConnectLocal(r.Router(), harness.Config(client.CBOR), ring, transparency.WithObserver(s.Observer("shop")))
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, session.Close()) })
		shows(t)(s.Session("shop", session))
		shows(t)(s.Ring("shop", ring))
		var before series
		for round := 1.0; round <= 2; round++ {
			for i := range patterns {
				require.NoError(t, session.Publish(fmt.Sprintf("com.myapp.p%d", i), nil, nil, nil))
			}
			got := s.until(t, func(got series) bool { return got.of("seal.size").sum() == patterns*round })
			require.Equal(t, patterns*round, got.of("messages.sealed").sum())
			require.Equal(t, float64(patterns), got.of("ring.patterns").sum())
			for _, metric := range []string{"messages.sealed", "messages.opened", "seal.duration", "seal.size"} {
				require.Len(t, got.of(metric+"{"), max(1, limit+min(limit, 1)), metric)
			}
			for key, n := range before.of("messages.") {
				require.GreaterOrEqual(t, got[key], n, key)
			}
			before = got
		}
	}
}

func (s series) sum() (sum float64) {
	for _, n := range s {
		sum += n
	}
	return sum
}
