package telemetry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"go.opentelemetry.io/otel/metric"
)

// Scope is the name of the meter that makes all metrics.
const Scope = "github.com/wamp-cryptobox/wamp-cryptobox-go/telemetry"

// ErrSource means that something can't be shown: it is nil, or its name is taken by another one of
// its kind, or the [Telemetry] is closed. The text says which.
var ErrSource = errors.New("telemetry: unusable source")

// Telemetry shows Sessions, rings, files and key services as metrics. Its methods may be called
// from several goroutines.
type Telemetry struct {
	instruments
	registration metric.Registration

	mu      sync.Mutex
	closed  bool
	sources []*shown
	pairs   places // of Sessions: patterns and keys
	alone   places // of rings: patterns
}

// source is what metrics are read from, when somebody collects them. Telemetry.mu is held.
type source interface{ observe(*collector) }

// shown is a source under the name that the program gave it.
type shown struct {
	kind kind
	name string
	source
}

// New makes the metrics, by a meter of the provider. They have no values before something is
// shown: see the methods.
//
// The error wraps [ErrOption], or is the provider's.
func New(provider metric.MeterProvider, opts ...Option) (*Telemetry, error) {
	if provider == nil {
		return nil, fmt.Errorf("%w: no MeterProvider", ErrOption)
	}
	t := &Telemetry{}
	for _, opt := range opts {
		if opt == nil {
			return nil, fmt.Errorf("%w: an Option that is nil", ErrOption)
		}
		if err := opt(t); err != nil {
			return nil, err
		}
	}
	m := &maker{meter: provider.Meter(Scope)}
	t.instruments = m.instruments()
	if m.err != nil {
		return nil, fmt.Errorf("telemetry: %w", m.err)
	}
	var err error
	if t.registration, err = m.meter.RegisterCallback(t.collect, m.observed...); err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	return t, nil
}

// Close shows nothing any more: no source is read, and none is kept.
func (t *Telemetry) Close() error {
	t.mu.Lock()
	t.closed, t.sources = true, nil
	t.mu.Unlock()
	return t.registration.Unregister()
}

// show adds a source, and gives what takes it away again.
func (t *Telemetry) show(k kind, name string, from source, given bool) (stop func(), err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case !given:
		return nil, fmt.Errorf("%w: the %s %.64q is nil", ErrSource, k, name)
	case t.closed:
		return nil, fmt.Errorf("%w: the Telemetry is closed", ErrSource)
	case slices.ContainsFunc(t.sources, func(other *shown) bool { return other.kind == k && other.name == name }):
		return nil, fmt.Errorf("%w: another %s is shown as %.64q", ErrSource, k, name)
	}
	s := &shown{k, name, from}
	t.sources = append(t.sources, s)
	return func() { t.hide(s) }, nil
}

func (t *Telemetry) hide(s *shown) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sources = slices.DeleteFunc(t.sources, func(other *shown) bool { return other == s })
}

// collect reads all sources. It runs whenever a reader collects.
func (t *Telemetry) collect(_ context.Context, o metric.Observer) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pairs.begin()
	t.alone.begin()
	for _, s := range t.sources {
		c := t.collector(s)
		s.observe(c)
		c.tell(o)
	}
	t.pairs.end()
	t.alone.end()
	return nil
}
