package traffic

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/measure"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/report"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/settings"
)

// Tasks.
const (
	Calls  = "calls"
	Events = "events"
)

// pair is two parties that call or publish through a router: Go clients, or Python
// ones.
type pair interface {
	name() string
	run(ctx context.Context, task string, size, atOnce int, atLeast time.Duration) (*outcome, error)
	close() error
}

// goPair is a link and what its far end does.
type goPair struct {
	*link
	arrivals <-chan arrival // nil where nothing is published
}

func (p *goPair) run(ctx context.Context, task string, size, atOnce int, atLeast time.Duration) (*outcome, error) {
	switch task {
	case Calls:
		return p.calls(ctx, size, atOnce, atLeast)
	case Events:
		return p.events(ctx, p.arrivals, size, atOnce, atLeast)
	}
	return nil, fmt.Errorf("traffic: there is no task %q", task)
}

// newGoPair connects a pair for the tasks.
func newGoPair(ctx context.Context, k kind, s wireSerializer, url string, tasks []string) (*goPair, error) {
	l, err := open(ctx, k, s, url, url)
	if err != nil {
		return nil, fmt.Errorf("traffic: %s: %w", contenderName(k.name, s.name), err)
	}
	p := &goPair{link: l}
	if slices.Contains(tasks, Calls) {
		err = l.serve()
	}
	if err == nil && slices.Contains(tasks, Events) {
		p.arrivals, err = l.subscribe()
	}
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	return p, nil
}

// section is what is measured through one router, and where it is filed.
type section struct {
	settings.Settings
	to        *report.Report
	name      string
	pairs     []pair
	routerCPU func(ctx context.Context) (time.Duration, error) // nil where it can't be asked
}

func (sec *section) close() error {
	var errs []error
	for _, p := range sec.pairs {
		errs = append(errs, p.close())
	}
	return errors.Join(errs...)
}

func (sec *section) key(task, contender string, size, atOnce int, m report.Metric) report.Key {
	return report.Key{Section: sec.name, Task: task, Contender: contender, Size: size, Load: atOnce, Metric: m}
}

// measure files the figures of all pairs, that take turns.
func (sec *section) measure(ctx context.Context, task string, size, atOnce int) error {
	sec.Progress(fmt.Sprintf("%s: %s of %d bytes, %d at a time", sec.name, task, size, atOnce))
	jobs := make([]measure.Job, len(sec.pairs))
	for i, p := range sec.pairs {
		if _, err := p.run(ctx, task, size, atOnce, sec.Traffic/10); err != nil { // to warm up
			return fmt.Errorf("bench: %s: %w", p.name(), err)
		}
		jobs[i] = measure.Job{Name: p.name(), Run: func(ctx context.Context) error {
			return sec.once(ctx, p, task, size, atOnce)
		}}
	}
	return measure.TakeTurns(ctx, sec.Rounds, jobs)
}

// once is one run of a pair.
func (sec *section) once(ctx context.Context, p pair, task string, size, atOnce int) error {
	before, err := sec.used(ctx)
	if err != nil {
		return err
	}
	out, err := p.run(ctx, task, size, atOnce, sec.Traffic)
	if err != nil {
		return err
	}
	after, err := sec.used(ctx)
	if err != nil {
		return err
	}
	add := func(m report.Metric, v float64) { sec.to.Add(sec.key(task, p.name(), size, atOnce, m), v) }
	add(report.Rate, out.rate())
	add(report.P50, out.percentile(50))
	add(report.P99, out.percentile(99))
	add(report.ClientCPU, out.each(out.clientCPU))
	if sec.routerCPU != nil {
		add(report.RouterCPU, out.each(after-before))
	}
	return nil
}

func (sec *section) used(ctx context.Context) (time.Duration, error) {
	if sec.routerCPU == nil {
		return 0, nil
	}
	return sec.routerCPU(ctx)
}

// weigh files the bytes on the wire, counted apart from what is timed.
func (sec *section) weigh(ctx context.Context, task string, k kind, s wireSerializer, url string, size int) error {
	count := callBytes
	if task == Events {
		count = eventBytes
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	each, err := count(ctx, k, s, url, size)
	if err != nil {
		return fmt.Errorf("bench: %s: count bytes: %w", contenderName(k.name, s.name), err)
	}
	for _, atOnce := range sec.AtOnce {
		sec.to.Add(sec.key(task, contenderName(k.name, s.name), size, atOnce, report.WireBytes), each)
	}
	return nil
}
