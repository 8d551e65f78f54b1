package telemetry

import (
	"errors"

	"go.opentelemetry.io/otel/metric"
)

// histograms are filled by observers.
type histograms struct{ sealing, opening distribution }

// distribution is that of messages that were sealed, or of those that were opened.
type distribution struct {
	duration metric.Float64Histogram
	size     metric.Int64Histogram
}

var (
	// durations are upper bounds in seconds. A box of 256 bytes takes 2 µs, a signature 100, a
	// megabyte some milliseconds.
	durations = []float64{
		1e-6, 2e-6, 5e-6, 10e-6, 20e-6, 50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 50e-3, 250e-3,
	}
	// sizes are upper bounds in bytes.
	sizes = []float64{64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20}
)

func (m *maker) histograms() histograms {
	return histograms{
		sealing: m.distribution("wampbox.seal", "Time that it took to seal a message.", "Size of a payload that was sealed."),
		opening: m.distribution("wampbox.open", "Time that it took to open a message.", "Size of a sealed payload that was opened."),
	}
}

func (m *maker) distribution(of, duration, size string) (d distribution) {
	var wrong [2]error
	d.duration, wrong[0] = m.meter.Float64Histogram(of+".duration", metric.WithUnit("s"),
		metric.WithDescription(duration), metric.WithExplicitBucketBoundaries(durations...))
	d.size, wrong[1] = m.meter.Int64Histogram(of+".size", metric.WithUnit("By"),
		metric.WithDescription(size), metric.WithExplicitBucketBoundaries(sizes...))
	m.err = errors.Join(m.err, wrong[0], wrong[1])
	return d
}
