package rings

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/measure"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/report"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Tasks of a receiver that knows many senders.
const (
	rememberTask = "remember a message, by known senders"
	memoryTask   = "memory of known senders"
	replayMemory = "replay memory"
)

// crowd is a replay memory and the senders that it knows.
type crowd struct {
	memory  transparency.ReplayMemory
	senders []cryptobox.SenderID
	counter []uint64
	next    int
}

// newCrowd has a memory know so many senders, and returns what it takes, in bytes.
func newCrowd(n int) (*crowd, float64, error) {
	c := &crowd{senders: make([]cryptobox.SenderID, n), counter: make([]uint64, n)}
	for i := range c.senders {
		c.senders[i] = cryptobox.NewSenderID()
	}
	before := heap()
	c.memory = transparency.NewReplayMemory()
	for range n {
		if err := c.remember(); err != nil {
			return nil, 0, err
		}
	}
	size := heap() - before
	shuffle := rand.New(rand.NewPCG(1, 2))
	shuffle.Shuffle(n, func(i, j int) {
		c.senders[i], c.senders[j] = c.senders[j], c.senders[i]
		c.counter[i], c.counter[j] = c.counter[j], c.counter[i]
	})
	return c, size, nil
}

// remember is the next message of the next sender, which has to be new.
func (c *crowd) remember() error {
	i := c.next
	if c.next++; c.next == len(c.senders) {
		c.next = 0
	}
	c.counter[i]++
	now := time.Now()
	return c.memory.Accept(context.Background(), &transparency.ReplayMessage{
		Scope: "call", KeyID: "AAAAAAAAAAAAAAAAAAAAAA", Bound: true, Sender: c.senders[i], Counter: c.counter[i],
		Sent: now, Expires: now.Add(5*time.Minute + 30*time.Second), Skew: 30 * time.Second,
	})
}

// heap is what is in use, in bytes, once nothing is left to collect.
func heap() float64 {
	runtime.GC()
	runtime.GC() // what has a finalizer, or is in a pool, takes two
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc)
}

// receivers files what senders cost.
func (sec *section) receivers(ctx context.Context) error {
	var jobs []measure.Job
	var crowds []*crowd
	for _, n := range sec.Senders {
		sec.Progress(fmt.Sprintf("keyring: a receiver that knows %d senders", n))
		c, size, err := newCrowd(n)
		if err != nil {
			return err
		}
		crowds = append(crowds, c)
		sec.to.Add(key(memoryTask, replayMemory, 0, n, report.Memory), size)
		jobs = append(jobs, measure.Job{Name: fmt.Sprintf("remember among %d senders", n), Run: func(context.Context) error {
			sample, err := measure.Loop(sec.InMemory, batch, c.remember)
			if err == nil {
				sec.to.Add(key(rememberTask, replayMemory, 0, n, report.Time), sample.Each())
			}
			return err
		}})
	}
	err := measure.TakeTurns(ctx, sec.Rounds, jobs)
	runtime.KeepAlive(crowds)
	return err
}
