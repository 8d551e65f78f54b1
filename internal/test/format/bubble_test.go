package format_test

import (
	"crypto/rand"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// bubble is where the clock stands.
type bubble struct {
	work chan func()
	end  func() // called in the bubble when the test has ended; the clock moves again
}

// stopClock returns a bubble in which it is that time until the test ends.
func stopClock(t *testing.T, at time.Time) *bubble {
	b := &bubble{work: make(chan func())}
	over := make(chan struct{})
	ready := make(chan struct{})
	go func() {
		defer close(over)
		synctest.Test(t, func(*testing.T) {
			time.Sleep(time.Until(at))
			close(ready)
			var running sync.WaitGroup
			for f := range b.work { // of outside, so that the clock doesn't move
				running.Go(f)
			}
			if b.end != nil {
				b.end()
			}
			running.Wait() // canceled calls wait for the router, until they have waited enough
		})
	}()
	<-ready
	t.Cleanup(func() {
		close(b.work)
		<-over
	})
	return b
}

// run has f run in the bubble, and returns at once.
func (b *bubble) run(f func()) (done <-chan struct{}) {
	over := make(chan struct{})
	b.work <- func() {
		defer close(over)
		f()
	}
	return over
}

// dealt is randomness of which some is known: what is asked for in these many bytes is
// given once.
type dealt struct {
	system io.Reader
	mu     sync.Mutex
	known  map[int][]byte
}

func (d *dealt) Read(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if b, ok := d.known[len(p)]; ok {
		delete(d.known, len(p))
		return copy(p, b), nil
	}
	return d.system.Read(p)
}

// deal makes bytes known until the test ends.
func deal(t *testing.T, known ...[]byte) *dealt {
	d := &dealt{system: rand.Reader, known: map[int][]byte{}}
	for _, b := range known {
		d.known[len(b)] = b
	}
	rand.Reader = d
	t.Cleanup(func() { rand.Reader = d.system })
	return d
}

// left tells how many of the known ones nobody has asked for.
func (d *dealt) left() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.known)
}
