package telemetry_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/goleak"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scope shows sources to the SDK's reader in memory.
type scope struct {
	*telemetry.Telemetry
	reader *sdk.ManualReader
}

func newScope(t testing.TB, opts ...telemetry.Option) *scope {
	t.Helper()
	reader := sdk.NewManualReader()
	shown, err := telemetry.New(sdk.NewMeterProvider(sdk.WithReader(reader)), opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, shown.Close()) })
	return &scope{shown, reader}
}

// shows requires that a source is shown until the test ends.
func shows(t testing.TB) func(stop func(), err error) {
	return func(stop func(), err error) {
		t.Helper()
		require.NoError(t, err)
		t.Cleanup(stop)
	}
}

// series is what was collected: values by metric and attributes, as in
//
//	messages.refused{reason="Stale",session="shop"}
//
// without "wampbox." in front of names. Of a histogram it is the count.
type series map[string]float64

func (s *scope) metrics(t testing.TB) []metricdata.Metrics {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, s.reader.Collect(t.Context(), &all))
	if len(all.ScopeMetrics) == 0 {
		return nil
	}
	require.Len(t, all.ScopeMetrics, 1)
	require.Equal(t, telemetry.Scope, all.ScopeMetrics[0].Scope.Name)
	return all.ScopeMetrics[0].Metrics
}

func (s *scope) collect(t testing.TB) series {
	t.Helper()
	got := series{}
	for _, m := range s.metrics(t) {
		switch data := m.Data.(type) {
		case metricdata.Sum[int64]:
			addAll(got, m.Name, data.DataPoints)
		case metricdata.Gauge[int64]:
			addAll(got, m.Name, data.DataPoints)
		case metricdata.Gauge[float64]:
			addAll(got, m.Name, data.DataPoints)
		case metricdata.Histogram[float64]:
			countAll(got, m.Name, data.DataPoints)
		case metricdata.Histogram[int64]:
			countAll(got, m.Name, data.DataPoints)
		default:
			require.Failf(t, "another kind of data", "%T", data)
		}
	}
	return got
}

// until collects until that is so.
func (s *scope) until(t testing.TB, so func(series) bool) series {
	t.Helper()
	for deadline := time.Now().Add(harness.Patience); ; time.Sleep(5 * time.Millisecond) {
		got := s.collect(t)
		if so(got) {
			return got
		}
		require.True(t, time.Now().Before(deadline), "%v", got)
	}
}

// untilIs collects until a series has a value.
func (s *scope) untilIs(t testing.TB, key string, want float64) series {
	t.Helper()
	return s.until(t, func(got series) bool { v, found := got[key]; return found && v == want })
}

func addAll[N int64 | float64](to series, name string, points []metricdata.DataPoint[N]) {
	for _, p := range points {
		to[key(name, p.Attributes)] = float64(p.Value)
	}
}

func countAll[N int64 | float64](to series, name string, points []metricdata.HistogramDataPoint[N]) {
	for _, p := range points {
		to[key(name, p.Attributes)] = float64(p.Count)
	}
}

func key(name string, set attribute.Set) string {
	var text strings.Builder
	for _, kv := range set.ToSlice() {
		if text.Len() > 0 {
			text.WriteByte(',')
		}
		text.WriteString(bare(string(kv.Key)) + `="` + kv.Value.AsString() + `"`)
	}
	return bare(name) + "{" + text.String() + "}"
}

func bare(name string) string { return strings.TrimPrefix(name, "wampbox.") }

// of gives those of metrics that begin so.
func (s series) of(prefix string) series {
	found := series{}
	for key, v := range s {
		if strings.HasPrefix(key, prefix) {
			found[key] = v
		}
	}
	return found
}

func keysOf(s series) []string { return slices.Sorted(maps.Keys(s)) }

// about requires a time in seconds, give or take some.
func (s series) about(t testing.TB, key string, want float64) {
	t.Helper()
	require.Contains(t, keysOf(s), key)
	require.InDelta(t, want, s[key], 30)
}
