package rings

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/measure"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/report"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// batch is how many lookups there are between two looks at the clock.
const batch = 128

// matches are the kinds of patterns.
var matches = []keyring.Match{keyring.Exact, keyring.Prefix, keyring.Wildcard}

// How lookups are done, by name.
const (
	allURIs   = "all URIs in random order"
	fewURIs   = "ten URIs again and again"
	slowly    = "all URIs, 1,000 changes a second meanwhile"
	ceaseless = "all URIs, changes without a pause meanwhile"
)

// manner is how lookups are done.
type manner struct {
	name  string
	few   bool
	pause time.Duration // between two changes
	alone bool          // nothing changes
}

var manners = []manner{
	{name: allURIs, alone: true},
	{name: fewURIs, alone: true, few: true},
	{name: slowly, pause: time.Millisecond},
	{name: ceaseless},
}

func lookupTask(match keyring.Match) string { return "lookup " + match.String() }

// lookups files the time of lookups on keyrings of all sizes, that take turns.
func (sec *section) lookups(ctx context.Context, match keyring.Match) error {
	var jobs []measure.Job
	for _, n := range sec.Patterns {
		sec.Progress(fmt.Sprintf("keyring: %s among %d patterns", lookupTask(match), n))
		f, err := fill(match, n)
		if err != nil {
			return err
		}
		for _, m := range manners {
			if err := f.run(sec, m, sec.InMemory/10, false); err != nil { // to warm up
				return err
			}
			jobs = append(jobs, measure.Job{Name: fmt.Sprintf("%s among %d, %s", lookupTask(match), n, m.name), Run: func(context.Context) error {
				return f.run(sec, m, sec.InMemory, true)
			}})
		}
		allocs, _, err := measure.Allocations(1000, f.lookup(f.uris))
		if err != nil {
			return err
		}
		sec.to.Add(key(lookupTask(match), allURIs, 0, n, report.Allocs), allocs)
	}
	return measure.TakeTurns(ctx, sec.Rounds, jobs)
}

// lookup returns work that looks the next of the URIs up.
func (f *filled) lookup(uris []string) func() error {
	next := f.next % len(uris) // runs go on where the one before has ended
	return func() error {
		entry, found := f.ring.Lookup(uris[next])
		if !found || entry == nil {
			return fmt.Errorf("rings: %q isn't found", uris[next])
		}
		if next++; next == len(uris) {
			next = 0
		}
		f.next = next
		return nil
	}
}

// run is one run of lookups, with what goes on meanwhile.
func (f *filled) run(sec *section, m manner, atLeast time.Duration, file bool) error {
	uris := f.uris
	if m.few {
		uris = uris[:min(10, len(uris))]
	}
	stop := func() (int64, error) { return 0, nil }
	if !m.alone {
		stop = f.change(m.pause)
	}
	sample, err := measure.Loop(atLeast, batch, f.lookup(uris))
	changes, changeErr := stop()
	if err != nil {
		return err
	}
	if changeErr != nil {
		return changeErr
	}
	if !file {
		return nil
	}
	task := lookupTask(f.match)
	sec.to.Add(key(task, m.name, 0, len(f.patterns), report.Time), sample.Each())
	if !m.alone {
		sec.to.Add(key(task, m.name, 0, len(f.patterns), report.Changes), float64(changes)/sample.Elapsed.Seconds())
	}
	return nil
}

// change sets one pattern's key after the other anew, with a pause between two, until
// stop is called, which tells how many times.
func (f *filled) change(pause time.Duration) (stop func() (int64, error)) {
	var changes atomic.Int64
	var err error
	var work sync.WaitGroup
	done := make(chan struct{})
	work.Go(func() {
		for i := 0; ; i = (i + 1) % len(f.patterns) {
			select {
			case <-done:
				return
			default:
			}
			if err = f.ring.Set(f.patterns[i], f.match, f.key); err != nil {
				return
			}
			changes.Add(1)
			if pause > 0 {
				time.Sleep(pause)
			}
		}
	})
	return func() (int64, error) {
		close(done)
		work.Wait()
		return changes.Load(), err
	}
}
