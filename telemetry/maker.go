package telemetry

import (
	"errors"
	"time"

	"go.opentelemetry.io/otel/metric"
)

// maker makes instruments, and keeps what went wrong.
type maker struct {
	meter    metric.Meter
	observed []metric.Observable
	err      error
}

// count is an instrument of numbers.
type count struct{ metric.Int64Observable }

// span is an instrument of times.
type span struct {
	metric.Float64Observable
	keep func(a, b time.Duration) time.Duration
}

func shortest(a, b time.Duration) time.Duration { return min(a, b) }
func longest(a, b time.Duration) time.Duration  { return max(a, b) }

// counter makes one that only grows.
func (m *maker) counter(name, unit, description string) *count {
	c, err := m.meter.Int64ObservableCounter(name, metric.WithUnit(unit), metric.WithDescription(description))
	m.made(c, err)
	return &count{c}
}

// amount makes one whose values add up.
func (m *maker) amount(name, unit, description string) *count {
	c, err := m.meter.Int64ObservableUpDownCounter(name, metric.WithUnit(unit), metric.WithDescription(description))
	m.made(c, err)
	return &count{c}
}

// flag makes one that is 0 or 1.
func (m *maker) flag(name, description string) *count {
	c, err := m.meter.Int64ObservableGauge(name, metric.WithDescription(description))
	m.made(c, err)
	return &count{c}
}

// seconds makes one of times.
func (m *maker) seconds(name string, keep func(a, b time.Duration) time.Duration, description string) *span {
	c, err := m.meter.Float64ObservableGauge(name, metric.WithUnit("s"), metric.WithDescription(description))
	m.made(c, err)
	return &span{c, keep}
}

func (m *maker) made(o metric.Observable, err error) {
	m.observed, m.err = append(m.observed, o), errors.Join(m.err, err)
}
