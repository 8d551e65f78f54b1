package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Observer fills the histograms of times and sizes, as wampbox.session with a name. It is for
// transparency.WithObserver, and may be given to several Sessions. [Telemetry.Close] doesn't end
// it: it counts for as long as its Sessions do.
func (t *Telemetry) Observer(name string) transparency.Observer {
	o := &observer{histograms: t.histograms, name: ofSession.attribute(name), limit: t.pairs.limit}
	if o.limit > 0 {
		o.others.of = others
	}
	return o
}

type observer struct {
	histograms
	name  attribute.KeyValue
	limit int // of patterns; 0: they aren't told

	patterns growing[keyring.Pattern, *manners]
	others   manners
}

// manners are the ways in which the messages of a pattern are sealed.
type manners struct {
	of     pair
	series growing[manner, []metric.RecordOption]
}

type manner struct {
	dialect cryptobox.Dialect
	suite   cryptobox.Suite
	kind    cryptobox.Kind
}

// Sealed implements [transparency.Observer].
func (o *observer) Sealed(seen transparency.Observation) { o.sealing.record(o.series(seen), seen) }

// Opened implements [transparency.Observer].
func (o *observer) Opened(seen transparency.Observation) { o.opening.record(o.series(seen), seen) }

func (d distribution) record(of []metric.RecordOption, seen transparency.Observation) {
	ctx := context.Background()
	if d.duration.Enabled(ctx) {
		d.duration.Record(ctx, seen.Took.Seconds(), of...)
	}
	if d.size.Enabled(ctx) {
		d.size.Record(ctx, int64(seen.Bytes), of...)
	}
}

// series gives the attributes. It allocates for the first of a kind alone.
func (o *observer) series(seen transparency.Observation) []metric.RecordOption {
	ways := o.manners(seen.Pattern)
	m := manner{seen.Dialect, seen.Suite, seen.Kind}
	options, _ := ways.series.of(m, manyManners, func() []metric.RecordOption {
		by := sealedBy(ways.of, m.dialect, m.suite)
		by.kind = m.kind.String()
		return []metric.RecordOption{metric.WithAttributeSet(by.set(o.name))}
	})
	return options
}

// manyManners are more than there are.
const manyManners = 1000

// manners gives those of a pattern, or of all patterns beyond the limit.
func (o *observer) manners(p keyring.Pattern) *manners {
	ways, found := o.patterns.of(p, o.limit, func() *manners { return &manners{of: pair{pattern: p}} })
	if !found {
		return &o.others
	}
	return ways
}
