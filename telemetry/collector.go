package telemetry

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// collector gathers what one source has now. Values with the same labels become one, since an
// instrument takes only one of them.
type collector struct {
	*Telemetry
	now    time.Time
	name   attribute.KeyValue
	counts map[series[*count]]int64
	spans  map[series[*span]]time.Duration
}

// series is what an instrument has under the same labels.
type series[I any] struct {
	instrument I
	labels     labels
}

func (t *Telemetry) collector(s *shown) *collector {
	return &collector{
		Telemetry: t, now: time.Now(), name: s.kind.attribute(s.name),
		counts: map[series[*count]]int64{}, spans: map[series[*span]]time.Duration{},
	}
}

// add counts so many more.
func (c *collector) add(to *count, n uint64, l labels) { c.counts[series[*count]{to, l}] += int64(n) }

// flag says whether something is so.
func (c *collector) flag(to *count, so bool) {
	n := uint64(0)
	if so {
		n = 1
	}
	c.add(to, n, labels{})
}

// span gives a time. Of several the one counts that the instrument keeps.
func (c *collector) span(to *span, d time.Duration, l labels) {
	at := series[*span]{to, l}
	if before, found := c.spans[at]; found {
		d = to.keep(before, d)
	}
	c.spans[at] = d
}

// since gives how long ago something was, and nothing if it never was.
func (c *collector) since(to *span, t time.Time, l labels) {
	if !t.IsZero() {
		c.span(to, c.now.Sub(t), l)
	}
}

// until gives in how long something will be, and nothing if it never will.
func (c *collector) until(to *span, t time.Time, l labels) {
	if !t.IsZero() {
		c.span(to, t.Sub(c.now), l)
	}
}

// tell gives everything to OpenTelemetry.
func (c *collector) tell(o metric.Observer) {
	for at, n := range c.counts {
		o.ObserveInt64(at.instrument.Int64Observable, n, metric.WithAttributeSet(at.labels.set(c.name)))
	}
	for at, d := range c.spans {
		o.ObserveFloat64(at.instrument.Float64Observable, d.Seconds(), metric.WithAttributeSet(at.labels.set(c.name)))
	}
}
