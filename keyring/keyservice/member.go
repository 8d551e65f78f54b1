package keyservice

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// member is what asks for keys, with all that it knows. One goroutine at a time uses it.
type member struct {
	Config
	session transparency.Client

	held        *granted // the newest that was verified; nil for none
	stored      *granted // what the cache has
	delegations map[cryptobox.VerifyKey]uint64
	proved      proved
}

func newMember(session transparency.Client, cfg Config) (*member, error) {
	if session == nil {
		return nil, fmt.Errorf("%w: no session: connect first", ErrConfig)
	}
	cfg, err := cfg.settled()
	if err != nil {
		return nil, err
	}
	return &member{Config: cfg, session: session, delegations: map[cryptobox.VerifyKey]uint64{}}, nil
}

// proved is the newest time that a server has proved, and when that was here.
type proved struct{ time, at time.Time }

// now is the greater of the clock and what was proved, with what has elapsed since then: a clock
// that was set back makes no grant last longer.
func (p proved) now() time.Time { return later(time.Now(), p.time.Add(time.Since(p.at))) }

// ahead is by how much that is ahead of the clock.
func (p proved) ahead() time.Duration { return max(0, time.Until(p.now())) }

// expectation is what an answer has to fit now.
func (m *member) expectation(nonce *[32]byte) *expectation {
	return &expectation{
		authorities: m.Authorities, member: m.Identity.Name(), key: m.Identity.SigningKey().Public(), recipients: m.Identity.recipients(),
		nonce: nonce, held: m.held, delegations: m.delegations, now: m.proved.now(),
	}
}

// verify checks an answer, and learns what it proves but for the grant.
func (m *member) verify(wire []byte, nonce *[32]byte) (*granted, error) {
	g, err := m.expectation(nonce).verify(wire)
	if err != nil {
		return nil, err
	}
	m.delegations[g.authority] = g.delegation.Serial
	if g.fresh.Time.After(m.proved.now()) {
		m.proved = proved{g.fresh.Time, time.Now()}
	}
	return g, nil
}

// query is what is asked now.
func (m *member) query() (*query, error) {
	q := &query{Config: m.Config, session: m.session, serial: m.held.serial(), ciphertext: m.held.hash(), authorities: slices.Clone(m.Authorities)}
	if m.held == nil {
		return q, nil
	}
	// The one that has granted last is asked first: the others refuse, most often.
	slices.SortStableFunc(q.authorities, func(a, b cryptobox.VerifyKey) int {
		switch m.held.authority {
		case a:
			return -1
		case b:
			return 1
		}
		return 0
	})
	var err error
	if m.ChangeRecipient {
		q.next, err = m.Identity.next()
	}
	return q, unwrapped(err)
}

// keep stores what is held, and erases the age identity that it isn't encrypted to any more.
func (m *member) keep() error {
	if err := m.store(); err != nil {
		return fmt.Errorf("%w isn't written: %w", ErrCache, err)
	}
	if !m.ChangeRecipient || m.held == nil {
		return nil
	}
	return unwrapped(m.Identity.settle(m.held.recipient))
}

// wrap makes an [*Error] of an error that isn't one.
func wrap(op string, err error) error {
	if _, known := errors.AsType[*Error](err); known || err == nil {
		return err
	}
	return &Error{op, err}
}
