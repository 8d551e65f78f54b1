package keyring

import (
	"fmt"
	"time"
)

// Plaintext is what a pattern lets through in plain while a running system is switched
// over to sealed payloads: see [Ring.Transition].
type Plaintext uint8

// What a pattern in transition does.
const (
	// SendPlain sends plain, and takes plain and sealed payloads. It needs no version
	// that seals.
	SendPlain Plaintext = iota + 1
	// AcceptPlain seals, and takes plain and sealed payloads. A plain call is answered
	// in plain, so that until the date a router can make one up and read the result.
	AcceptPlain
)

// ParsePlaintext reads what a keyring file says: "send" or "accept". Anything else is
// [ErrState].
func ParsePlaintext(s string) (Plaintext, error) {
	switch s {
	case "send":
		return SendPlain, nil
	case "accept":
		return AcceptPlain, nil
	}
	return 0, &Error{Op: "parse", Err: fmt.Errorf("%w: plaintext %.32q: use send or accept", ErrState, s)}
}

// String gives what a keyring file says: send or accept.
func (p Plaintext) String() string {
	switch p {
	case SendPlain:
		return "send"
	case AcceptPlain:
		return "accept"
	}
	return fmt.Sprintf("Plaintext(%d)", uint8(p))
}

// transition is a Plaintext until a date. The zero transition is none.
type transition struct {
	plaintext Plaintext
	until     time.Time
}

func (t transition) check() error {
	switch {
	case t.plaintext != SendPlain && t.plaintext != AcceptPlain:
		return refuse("no transition: let it be to send or to accept plaintext")
	case t.until.IsZero():
		return refuse("a transition needs the date that ends it")
	}
	return nil
}

// on tells whether the transition lasts.
func (t transition) on() bool { return t.plaintext != 0 && !time.Now().After(t.until) }

// Transition has a pattern that has a key send plain or take plain for some time, to
// switch a running system over without a message lost. At each process in turn:
//
//  1. SendPlain, with the key in the ring: it can open what comes sealed.
//  2. When all have done that, AcceptPlain: it seals.
//  3. When all have done that, [Ring.EndTransition], or wait for the date.
//
// The date is required, and ends the transition: what began plain before it may finish, and
// nothing plain begins after it. An AcceptPlain has to outlast the SendPlain of every peer,
// by as much as their clocks may differ.
//
// The error is an [*Error] that wraps [ErrNoVersion] for a pattern that has no key, or
// [ErrState].
func (r *Ring) Transition(p Pattern, plaintext Plaintext, until time.Time) error {
	t := transition{plaintext, until.Round(0).UTC()}
	if err := t.check(); err != nil {
		return &Error{Op: "transition", Pattern: p, Err: err}
	}
	return r.setTransition(p, t)
}

// EndTransition ends a pattern's transition at once: its URIs are sealed, and nothing
// plain is taken. It changes nothing for a pattern that is in none. The error is that of
// [Ring.Transition].
func (r *Ring) EndTransition(p Pattern) error { return r.setTransition(p, transition{}) }

func (r *Ring) setTransition(p Pattern, t transition) error {
	return r.alter("transition", p, func(e *Entry) { e.transition = t })
}

// alter changes what holds for a pattern of the program's own that has a key, beside its
// versions.
func (r *Ring) alter(op string, p Pattern, change func(*Entry)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, err := r.ownEntry(op, p)
	if err != nil {
		return err
	}
	return r.changeEntry(op, e, func(e *Entry) (*Entry, error) {
		next := *e
		change(&next)
		return &next, nil
	})
}

// SendsPlain tells whether the URIs are sent plain now: they are declared plain, or in a
// transition with [SendPlain].
func (e *Entry) SendsPlain() bool {
	return e.standing == plain || e.transition.plaintext == SendPlain && e.inTransition()
}

// TakesPlain tells whether plain payloads are taken for the URIs now: they are declared
// plain, or in a transition.
func (e *Entry) TakesPlain() bool { return e.standing == plain || e.inTransition() }

// inTransition tells whether the transition lasts, which no lease lets outlast sealing.
func (e *Entry) inTransition() bool { return e.transition.on() && e.lease.seals(e.now()) }

// Transition gives what the pattern lets through in plain and until when, and whether
// that lasts.
func (e *Entry) Transition() (plaintext Plaintext, until time.Time, lasts bool) {
	return e.transition.plaintext, e.transition.until, e.inTransition()
}
