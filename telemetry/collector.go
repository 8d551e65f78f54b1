package telemetry

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// collector gathers what one source has now. Values with the same attributes become one, since
// an instrument takes only one of them.
type collector struct {
	*Telemetry
	now    time.Time
	name   attribute.KeyValue
	counts map[series[*count]]value[int64]
	spans  map[series[*span]]value[time.Duration]
}

// series is what an instrument has of the same attributes.
type series[I any] struct {
	instrument I
	attributes attribute.Distinct
}

type value[N any] struct {
	of         N
	attributes attribute.Set
}

func (t *Telemetry) collector(s *shown) *collector {
	return &collector{
		Telemetry: t, now: time.Now(), name: s.kind.attribute(s.name),
		counts: map[series[*count]]value[int64]{}, spans: map[series[*span]]value[time.Duration]{},
	}
}

// add counts so many more.
func (c *collector) add(to *count, n uint64, attributes ...attribute.KeyValue) {
	set := c.set(attributes)
	at := series[*count]{to, set.Equivalent()}
	c.counts[at] = value[int64]{c.counts[at].of + int64(n), set}
}

// flag says whether something is so.
func (c *collector) flag(to *count, so bool) {
	if so {
		c.add(to, 1)
	} else {
		c.add(to, 0)
	}
}

// span gives a time. Of several the one counts that the instrument keeps.
func (c *collector) span(to *span, d time.Duration, attributes ...attribute.KeyValue) {
	set := c.set(attributes)
	at := series[*span]{to, set.Equivalent()}
	if before, found := c.spans[at]; found {
		d = to.keep(before.of, d)
	}
	c.spans[at] = value[time.Duration]{d, set}
}

// since gives how long ago something was, and nothing if it never was.
func (c *collector) since(to *span, t time.Time, attributes ...attribute.KeyValue) {
	if !t.IsZero() {
		c.span(to, c.now.Sub(t), attributes...)
	}
}

// until gives in how long something will be, and nothing if it never will.
func (c *collector) until(to *span, t time.Time, attributes ...attribute.KeyValue) {
	if !t.IsZero() {
		c.span(to, t.Sub(c.now), attributes...)
	}
}

// set adds the source's name.
func (c *collector) set(attributes []attribute.KeyValue) attribute.Set {
	return attribute.NewSet(append([]attribute.KeyValue{c.name}, attributes...)...)
}

// tell gives everything to OpenTelemetry.
func (c *collector) tell(o metric.Observer) {
	for at, v := range c.counts {
		o.ObserveInt64(at.instrument.Int64Observable, v.of, metric.WithAttributeSet(v.attributes))
	}
	for at, v := range c.spans {
		o.ObserveFloat64(at.instrument.Float64Observable, v.of.Seconds(), metric.WithAttributeSet(v.attributes))
	}
}
