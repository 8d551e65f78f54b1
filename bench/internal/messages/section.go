package messages

import (
	"context"
	"errors"
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/measure"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/report"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/settings"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

var serializers = []cryptobox.Serializer{cryptobox.CBOR, cryptobox.MessagePack, cryptobox.JSON}

// section is what is measured and where it is filed.
type section struct {
	settings.Settings
	to         *report.Report
	contenders []contender
	counted    []counting // without a time of their own
	missing    map[string]string
	processes  []*other
}

// Measure files the times and allocations of sealing and opening.
func Measure(ctx context.Context, s settings.Settings, to *report.Report) (err error) {
	sec := &section{Settings: s, to: to, missing: map[string]string{}}
	defer func() {
		for _, o := range sec.processes {
			err = errors.Join(err, o.process.Stop())
		}
	}()
	if err := sec.own(); err != nil {
		return err
	}
	sec.others(ctx)
	for _, task := range []string{Seal, Open} {
		for _, size := range s.Sizes {
			s.Progress(fmt.Sprintf("%s a message of %d bytes", task, size))
			if err := sec.measure(ctx, task, size); err != nil {
				return err
			}
		}
	}
	return nil
}

// own makes the contenders that are Go.
func (sec *section) own() error {
	var sizes *whole
	for _, s := range serializers {
		w, err := newWhole(s)
		if err != nil {
			return err
		}
		if s == cryptobox.CBOR {
			sizes = w
		}
		sec.contenders = append(sec.contenders, w)
	}
	payloads, err := newBare(bareName, payloadSize)
	if err != nil {
		return err
	}
	records, err := newBare(recordName, sizes.recordSize)
	if err != nil {
		return err
	}
	sec.contenders = append(sec.contenders, payloads, records)
	sec.counted = []counting{&values{}}
	return nil
}

// others starts the contenders that are not, or notes why they are missing.
func (sec *section) others(ctx context.Context) {
	if sec.NoSodium != "" {
		sec.missing[sodiumName] = sec.NoSodium
	} else if o, v, err := startSodium(ctx, sec.Scratch); err != nil {
		sec.missing[sodiumName] = err.Error()
	} else {
		sec.to.Facts = append(sec.to.Facts, [2]string{"libsodium", v})
		sec.processes = append(sec.processes, o)
	}
	if sec.Python == "" {
		sec.missing[autobahnName] = sec.NoPython
	} else if o, err := startAutobahn(ctx, sec.Python, sec.Scratch); err != nil {
		sec.missing[autobahnName] = err.Error()
	} else {
		sec.processes = append(sec.processes, o)
	}
	for _, o := range sec.processes {
		sec.contenders = append(sec.contenders, o)
	}
}

func (sec *section) measure(ctx context.Context, task string, size int) error {
	jobs := make([]measure.Job, len(sec.contenders))
	for i, c := range sec.contenders {
		if _, err := c.run(ctx, task, size, sec.InMemory/10); err != nil { // to warm up
			return fmt.Errorf("messages: %s: %w", c.name(), err)
		}
		jobs[i] = measure.Job{Name: c.name(), Run: func(ctx context.Context) error {
			sample, err := c.run(ctx, task, size, sec.InMemory)
			if err != nil {
				return err
			}
			sec.to.Add(key(task, c.name(), size, report.Time), sample.Each())
			return nil
		}}
	}
	if err := measure.TakeTurns(ctx, sec.Rounds, jobs); err != nil {
		return err
	}
	for _, name := range []string{sodiumName, autobahnName} {
		if why, ok := sec.missing[name]; ok {
			sec.to.Miss(key(task, name, size, report.Time), why)
		}
	}
	return sec.count(task, size)
}

// count files the allocations.
func (sec *section) count(task string, size int) error {
	all := sec.counted
	if task != Open {
		all = nil
	}
	for _, c := range sec.contenders {
		if c, ok := c.(counting); ok {
			all = append(all, c)
		}
	}
	for _, c := range all {
		work, err := c.work(task, size)
		if err != nil {
			return err
		}
		allocs, bytes, err := measure.Allocations(times(size), work)
		if err != nil {
			return fmt.Errorf("messages: %s: %w", c.name(), err)
		}
		sec.to.Add(key(task, c.name(), size, report.Allocs), allocs)
		sec.to.Add(key(task, c.name(), size, report.AllocBytes), bytes)
	}
	return nil
}

// times is how often allocations are counted: what they leave isn't collected
// meanwhile, and has to fit.
func times(size int) int { return min(max(32<<20/max(size, 1), 8), 200) }
