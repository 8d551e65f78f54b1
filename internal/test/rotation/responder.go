package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"sync"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// seen are the events of each originator that a responder got: the numbers come in
// order, and each once.
type seen struct {
	mu    sync.Mutex
	count map[string]int64
}

// serve subscribes and registers.
func (w *worker) serve() error {
	s := &seen{count: map[string]int64{}}
	err := w.session.Subscribe(prefix+"tick", func(ev *wamp.Event) {
		w.note(ev.Details)
		if err := s.next(ev.Arguments); err != nil {
			log.Fatal(err)
		}
	}, nil)
	if err != nil {
		return err
	}
	err = w.session.Register(prefix+"seen."+w.name, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		w.note(inv.Details)
		return client.InvokeResult{Args: wamp.List{s.by(inv.Arguments)}}
	}, nil)
	if err != nil {
		return err
	}
	err = w.session.Register(prefix+"double."+w.name, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		w.note(inv.Details)
		n, _ := wamp.AsInt64(inv.Arguments[0])
		return client.InvokeResult{Args: wamp.List{2 * n}}
	}, nil)
	if err != nil {
		return err
	}
	return nil
}

// respond serves until ctx ends.
func (w *worker) respond(ctx context.Context) error {
	if err := w.serve(); err != nil {
		return err
	}
	w.say("ready")
	select {
	case <-ctx.Done():
		return nil
	case <-w.session.Done():
		return errors.New("the router is gone")
	}
}

// exchange has both roles: it serves, and when all do, it publishes and calls until
// sending ends. Then it serves the others' last ones, until SIGINT.
func (w *worker) exchange(sending context.Context) error {
	over, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := w.serve(); err != nil {
		return err
	}
	w.say("serving")
	for _, peer := range w.others {
		for {
			if _, err := w.ask(prefix+"seen."+peer, w.name); err == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	if err := w.originate(sending); err != nil {
		return err
	}
	w.say("done")
	<-over.Done()
	return nil
}

// note counts a message for the key that it came under.
func (w *worker) note(details wamp.Dict) {
	info, ok := transparency.InfoFrom(details)
	if !w.both && (!ok || info.Dialect.Foreign()) {
		log.Fatal("a message came that proves nothing")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !ok {
		w.plain++
		return
	}
	w.byKey[info.KeyID]++
}

// next takes an event of originator and number.
func (s *seen) next(args wamp.List) error {
	if len(args) != 2 {
		return fmt.Errorf("an event with %d arguments", len(args))
	}
	name, _ := wamp.AsString(args[0])
	n, _ := wamp.AsInt64(args[1])
	s.mu.Lock()
	defer s.mu.Unlock()
	if n != s.count[name]+1 {
		return fmt.Errorf("event %d of originator %s came after event %d", n, name, s.count[name])
	}
	s.count[name] = n
	return nil
}

// by gives how many events of an originator there were.
func (s *seen) by(args wamp.List) int64 {
	if len(args) == 0 {
		return 0
	}
	name, _ := wamp.AsString(args[0])
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count[name]
}
