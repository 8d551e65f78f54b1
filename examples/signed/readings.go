package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// underWay is how many readings a subscriber may have before it at a time. A router drops
// events for who can't keep up, and here each is counted.
const underWay = 16

// readings is what a subscriber got of the sensors.
type readings struct {
	slots chan struct{} // one is taken for each that is under way

	mu      sync.Mutex
	got     map[string]int // the number of each sensor's last; those before it came too
	refused int
	wrong   error // the first that must not be
}

func newReadings() *readings {
	return &readings{slots: make(chan struct{}, underWay), got: map[string]int{}}
}

// expect takes a slot for a reading that is to be sent.
func (r *readings) expect(ctx context.Context) error {
	select {
	case r.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// settle waits for all that are under way.
func (r *readings) settle(ctx context.Context) error {
	for range underWay {
		if err := r.expect(ctx); err != nil {
			return fmt.Errorf("a reading was lost: %w", err)
		}
	}
	return nil
}

// came frees the slot of a reading that was delivered or refused.
func (r *readings) came(wrong error) {
	select {
	case <-r.slots:
	default:
		wrong = errors.Join(wrong, fmt.Errorf("%w: more readings than were sent", errWrong))
	}
	if r.wrong == nil {
		r.wrong = wrong
	}
}

// deliver is the handler. A sensor says its name, and counts its readings. What counts is who
// has signed.
func (r *readings) deliver(event *wamp.Event) {
	info, _ := transparency.InfoFrom(event.Details)
	name := info.Sender.Name
	number, _ := wamp.AsInt64(event.Arguments[1])
	r.mu.Lock()
	defer r.mu.Unlock()
	var wrong error
	if name == "" || event.Arguments[0] != name || int(number) != r.got[name]+1 {
		wrong = fmt.Errorf("%w: reading %v, signed by %q, behind number %d", errWrong, event.Arguments, name, r.got[name])
	}
	r.got[name]++
	r.came(wrong)
}

func (r *readings) refuse(err *transparency.Error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var wrong error
	if !errors.Is(err, transparency.WrongSender) {
		wrong = fmt.Errorf("%w: %w", errWrong, err)
	}
	r.refused++
	r.came(wrong)
}

// state tells what came so far.
func (r *readings) state() (got map[string]int, refused int, wrong error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.got), r.refused, r.wrong
}
