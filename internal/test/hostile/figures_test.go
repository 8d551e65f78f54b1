package hostile

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// figures are counted over all conversations of a test.
var figures counts

type counts struct {
	runs, steps atomic.Int64

	mu             sync.Mutex
	attacks        map[string]int
	refusals       map[string]uint64
	opened, sealed uint64
	largest        uint64
}

func (c *counts) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.runs.Store(0)
	c.steps.Store(0)
	c.attacks, c.refusals = map[string]int{}, map[string]uint64{}
	c.opened, c.sealed, c.largest = 0, 0, 0
}

func (c *counts) attack(name string, dialect proxy.Dialect) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.attacks[fmt.Sprintf("%s/%s", name, dialect)]++
}

func (c *counts) heap(bytes uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.largest = max(c.largest, bytes)
}

// count adds what a Session has done.
func (l *ledger) count(stats transparency.Stats) {
	figures.mu.Lock()
	defer figures.mu.Unlock()
	figures.opened += stats.Opened
	figures.sealed += stats.Sealed
	for reason, n := range stats.Rejected {
		figures.refusals[reason.Error()] += n
	}
}

// rejected checks what a Session reports of what it refuses.
func (l *ledger) rejected(err *transparency.Error) {
	if err == nil || err.Op == "" || err.Reason == 0 {
		l.violated("a refusal without a reason: %v", err)
	}
}

func (c *counts) report(t *testing.T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t.Logf("%d conversations, %d steps, %d payloads sealed, %d opened, at most %d bytes in use",
		c.runs.Load(), c.steps.Load(), c.sealed, c.opened, c.largest)
	for _, reason := range slices.Sorted(maps.Keys(c.refusals)) {
		t.Logf("refused, %s: %d", reason, c.refusals[reason])
	}
	for _, name := range slices.Sorted(maps.Keys(c.attacks)) {
		t.Logf("attack %s: %d", name, c.attacks[name])
	}
}
