package telemetry_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/telemetry"
)

// listing notes each instrument that is made, by name, as kind and unit.
type listing struct {
	noop.MeterProvider
	meter listingMeter
}

type listingMeter struct {
	noop.Meter
	made map[string]string
}

func (l listing) Meter(string, ...metric.MeterOption) metric.Meter { return l.meter }

func (l listingMeter) Int64Histogram(name string, opts ...metric.Int64HistogramOption) (metric.Int64Histogram, error) {
	l.made[name] = "histogram " + metric.NewInt64HistogramConfig(opts...).Unit()
	return noop.Int64Histogram{}, nil
}

func (l listingMeter) Float64Histogram(name string, opts ...metric.Float64HistogramOption) (metric.Float64Histogram, error) {
	l.made[name] = "histogram " + metric.NewFloat64HistogramConfig(opts...).Unit()
	return noop.Float64Histogram{}, nil
}

func (l listingMeter) Int64ObservableCounter(name string, opts ...metric.Int64ObservableCounterOption) (metric.Int64ObservableCounter, error) {
	l.made[name] = "counter " + metric.NewInt64ObservableCounterConfig(opts...).Unit()
	return noop.Int64ObservableCounter{}, nil
}

func (l listingMeter) Int64ObservableUpDownCounter(name string, opts ...metric.Int64ObservableUpDownCounterOption) (metric.Int64ObservableUpDownCounter, error) {
	l.made[name] = "sum " + metric.NewInt64ObservableUpDownCounterConfig(opts...).Unit()
	return noop.Int64ObservableUpDownCounter{}, nil
}

func (l listingMeter) Int64ObservableGauge(name string, opts ...metric.Int64ObservableGaugeOption) (metric.Int64ObservableGauge, error) {
	l.made[name] = "gauge " + metric.NewInt64ObservableGaugeConfig(opts...).Unit()
	return noop.Int64ObservableGauge{}, nil
}

func (l listingMeter) Float64ObservableGauge(name string, opts ...metric.Float64ObservableGaugeOption) (metric.Float64ObservableGauge, error) {
	l.made[name] = "gauge " + metric.NewFloat64ObservableGaugeConfig(opts...).Unit()
	return noop.Float64ObservableGauge{}, nil
}

// TestDocumented: the document's table has each metric with its kind and unit, and no other.
func TestDocumented(t *testing.T) {
	l := listing{meter: listingMeter{made: map[string]string{}}}
	_, err := telemetry.New(l)
	require.NoError(t, err)
	text, err := os.ReadFile("../docs/TELEMETRY.md")
	require.NoError(t, err)
	documented := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(wampbox\\.[a-z.]+)` \\| ([a-z]+) \\|([^|]*)\\|").FindAllStringSubmatch(string(text), -1) {
		documented[row[1]] = row[2] + " " + strings.Trim(row[3], "` ")
	}
	require.Equal(t, l.meter.made, documented)
}

// TestAttributesDocumented: those of the metrics that a Session and a ring have are the ones of
// the table: before the semicolon without patterns, and all of them with patterns.
func TestAttributesDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/TELEMETRY.md")
	require.NoError(t, err)
	rows := regexp.MustCompile("(?m)^\\| `wampbox\\.([a-z.]+)` \\| [a-z]+ \\|[^|]*\\| ([^|]*) \\|").FindAllStringSubmatch(string(text), -1)
	require.NotEmpty(t, rows)
	for name, opts := range map[string][]telemetry.Option{"without patterns": nil, "with patterns": {telemetry.WithPatterns(10)}} {
		t.Run(name, func(t *testing.T) {
			s := newScope(t, opts...)
			newStory(t, s).play()
			shows(t)(s.Ring("shop", ringWithKey(t)))
			got := s.until(t, func(got series) bool {
				return got.of("messages.plain").sum() == 2 && got.of("messages.refused").sum() == 3
			})
			seen := 0
			for _, row := range rows {
				always, patterns, _ := strings.Cut(row[2], ";")
				want := strings.FieldsFunc(always, func(r rune) bool { return r == ' ' || r == ',' })
				if opts != nil {
					want = append(want, strings.FieldsFunc(patterns, func(r rune) bool { return r == ' ' || r == ',' })...)
				}
				for key := range got.of(row[1] + "{") {
					seen++
					for _, found := range regexp.MustCompile(`([a-z.]+)="`).FindAllStringSubmatch(key, -1) {
						if found[1] != "match" { // goes with pattern
							require.Contains(t, want, found[1], key)
						}
					}
				}
			}
			require.Greater(t, seen, 20)
		})
	}
}
