package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// member is what a member's process does.
type member struct {
	session *transparency.Session
	ring    *keyring.Ring
	every   time.Duration

	failed sync.Once // the first order that does is told
	mu     sync.Mutex
	tally  tally
}

// tally is what a member has counted.
type tally struct {
	Called, Answered, Published uint64            // by the shop
	Served                      uint64            // calls, by the desk
	Received, Missed            uint64            // events
	Refused                     uint64            // whatever came
	ByKey                       map[string]uint64 // events received
}

// counts changes the tally.
func (m *member) counts(change func(*tally)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(&m.tally)
}

// begin subscribes and registers, as the member's part is.
func (m *member) begin(name string) error {
	if name == "shop" {
		return nil
	}
	if name == "desk" {
		if err := m.session.Register(procedure, m.place, nil); err != nil {
			return err
		}
	}
	return m.session.Subscribe(topic, m.placed, nil)
}

// obey does what standard input says, until ctx or the input ends.
func (m *member) obey(ctx context.Context, shop bool) error {
	words := make(chan string)
	go func() {
		defer close(words)
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			words <- lines.Text()
		}
	}()
	ticks := time.NewTicker(m.every)
	defer ticks.Stop()
	fmt.Println("ready")
	for n, paused := 1, false; ; {
		select {
		case <-ctx.Done():
			return nil
		case word, more := <-words:
			switch {
			case !more:
				return nil
			case word == "pause":
				paused = true
				fmt.Println("paused")
			case word == "go on":
				paused = false
			case word == "tally":
				m.tell()
			}
		case <-ticks.C:
			if shop && !paused {
				m.order(ctx, n)
				n++
			}
		}
	}
}

// order places an order at the desk, and tells all who listen.
func (m *member) order(ctx context.Context, n int) {
	m.counts(func(t *tally) { t.Called++ })
	result, err := m.session.Call(ctx, procedure, nil, wamp.List{n}, nil, nil)
	switch {
	case err != nil:
		m.failed.Do(func() { fmt.Println("order", n, "wasn't answered:", err) })
	case len(result.Arguments) == 1:
		m.counts(func(t *tally) { t.Answered++ })
	}
	if err := m.session.Publish(topic, nil, wamp.List{n}, nil); err != nil {
		fmt.Println("event", n, "wasn't sent:", err)
		return
	}
	m.counts(func(t *tally) { t.Published++ })
}

func (m *member) place(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
	m.counts(func(t *tally) { t.Served++ })
	return client.InvokeResult{Args: inv.Arguments}
}

func (m *member) placed(ev *wamp.Event) {
	info, _ := transparency.InfoFrom(ev.Details) // what came sealed has one
	m.counts(func(t *tally) {
		t.Received++
		t.Missed += info.Missed
		t.ByKey[info.KeyID]++
	})
}

// refused is told what came and was refused.
func (m *member) refused(*transparency.Error) { m.counts(func(t *tally) { t.Refused++ }) }

func (m *member) tell() {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, err := json.Marshal(m.tally)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("tally %s\n", text)
}

// printKeys prints which versions of the key there are, with their states.
func (m *member) printKeys() {
	for _, v := range m.ring.Versions(keyring.Prefix(prefix)) {
		fmt.Printf("key %s %s\n", v.ID, v.State)
	}
}
