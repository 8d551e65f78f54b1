package authority

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// reported is what a member's receipts have told.
type reported struct {
	Held  []held    `json:"held,omitempty"`   // of at most [maxHeld] grants, the newest last
	Asked time.Time `json:"asked,omitzero"`   // when it last asked for its grant
	Next  uint64    `json:"changed,omitzero"` // the serial it held when it changed its recipient last
	Past  []hash    `json:"past,omitempty"`   // the recipients that it had before, at most [maxPast], the newest last
}

// held says that a member has a grant.
type held struct {
	Serial uint64    `json:"serial"`
	First  time.Time `json:"first"` // when it was first seen to have it
	Last   time.Time `json:"last"`  // and last: replicas tell of themselves
}

type hash = statement.Hash

const (
	maxHeld = grants.MaxReceipts
	maxPast = 16
)

// What is wrong with a receipt, for errors.Is.
var (
	// ErrForged: the member hasn't signed it. The server, or who writes to its folder, made it up.
	ErrForged = errors.New("the receipt isn't signed by the member")

	// ErrOther: it is of another member, or for another authority.
	ErrOther = errors.New("the receipt is of another member, or for another authority")

	// ErrNeverIssued: the member holds a grant that this folder knows nothing of. The folder is an
	// old copy, or the authority's key is in other hands.
	ErrNeverIssued = errors.New("the member holds a grant that wasn't issued from this folder")

	// ErrAhead: the server says that it came at a time that hasn't come.
	ErrAhead = errors.New("the receipt is dated ahead")
)

// Collected is what was learned from a server's receipts.
type Collected struct {
	Receipts int                // that were looked at
	News     []News             // grants that members have, and weren't known to
	Changed  []ChangedRecipient // by the next Issue on
	Problems []Problem
}

// News is that a member has a grant. The time is the server's word.
type News struct {
	Member string
	Serial uint64
	At     time.Time
}

// ChangedRecipient is a member that is given its grants for another age identity.
type ChangedRecipient struct{ Member, Recipient string }

// Problem is what is wrong with a receipt, or with a recipient that a member asked for.
type Problem struct {
	Member string
	Serial uint64 // 0 where it isn't known
	Err    error
}

// Collect takes in the receipts that servers have kept in a folder of grants: who has which grant
// since when, and for which age identity a member wants the next ones. Members have signed what
// they say; when it came is the server's word, which can also hold back receipts, but not make
// them up. What is wrong with one is told in Problems, and nothing of it is taken in.
func (a *Authority) Collect(f *grants.Folder) (Collected, error) {
	var c Collected
	at := now()
	for _, m := range a.state.Members {
		receipts, err := f.Receipts(m.Name)
		if err != nil {
			c.problem(m.Name, 0, err)
		}
		for _, r := range receipts {
			c.Receipts++
			a.state.take(&c, m, r, at)
		}
	}
	if len(c.Changed) > 0 {
		a.state.Changed = true
	}
	if err := a.store(); err != nil {
		return Collected{}, &Error{Op: "collect", Err: err}
	}
	return c, nil
}

func (c *Collected) problem(member string, serial uint64, err error) {
	c.Problems = append(c.Problems, Problem{member, serial, err})
}

// take takes one receipt in.
func (s *state) take(c *Collected, m *member, r grants.Receipt, at time.Time) {
	get, err := statement.OpenGet(r.Get, m.Key)
	switch {
	case err != nil && s.byFormer(m.Name, r.Get):
		return // who had the name before it
	case errors.Is(err, statement.ErrForged):
		err = ErrForged
	case err != nil:
	case get.Member != m.Name || !s.isOurs(get.Authority):
		err = ErrOther
	case r.At.After(at.Add(renewal.Skew)):
		err = fail(ErrAhead, "at %s", renewal.Shown(r.At))
	}
	if err != nil {
		c.problem(m.Name, 0, err)
		return
	}
	if r.At.After(m.Asked) {
		m.Asked = r.At
	}
	if get.Serial == 0 {
		return // it has nothing yet
	}
	known, err := s.holds(m, get)
	if err != nil {
		c.problem(m.Name, get.Serial, err)
		return
	}
	if m.note(get.Serial, r.At) {
		c.News = append(c.News, News{m.Name, get.Serial, r.At})
	}
	s.forgetJoined(m.Name, get.Serial)
	if get.NextRecipient == "" || get.NextRecipient == m.Recipient || !known || get.Serial <= m.Next {
		return
	}
	if err := s.change(m, get); err != nil {
		c.problem(m.Name, get.Serial, err)
		return
	}
	c.Changed = append(c.Changed, ChangedRecipient{m.Name, m.Recipient})
}

// byFormer tells whether a receipt is of a member that was revoked, and whose name was given anew.
func (s *state) byFormer(name string, get []byte) bool {
	return slices.ContainsFunc(s.Former, func(f former) bool {
		_, err := statement.OpenGet(get, f.Key)
		return sameName(f.Name, name) && err == nil
	})
}

// isOurs tells whether a get is for this authority, by its present key or an earlier one.
func (s *state) isOurs(of statement.Hash) bool {
	return of == statement.HashOfKey(s.Key.key.Public()) ||
		slices.ContainsFunc(s.Previous, func(k cryptobox.VerifyKey) bool { return of == statement.HashOfKey(k) })
}

// holds tells whether what a member says that it holds is known to have been issued, and refuses
// what wasn't. Of grants that were issued long ago that isn't known: it is believed to be behind.
func (s *state) holds(m *member, get statement.Get) (known bool, err error) {
	i, found := slices.BinarySearchFunc(m.Issued, get.Serial, func(one issued, serial uint64) int { return cmp.Compare(one.Serial, serial) })
	switch {
	case found && m.Issued[i].Ciphertext == get.Ciphertext:
		return true, nil
	case !found && i == 0 && len(m.Issued) == maxIssued:
		return false, nil
	case found:
		return false, fail(ErrNeverIssued, "one with the same serial was")
	}
	return false, ErrNeverIssued
}

// note keeps when the member was seen to have a grant, and tells whether that is new.
func (m *member) note(serial uint64, at time.Time) bool {
	i, found := slices.BinarySearchFunc(m.Held, serial, func(h held, serial uint64) int { return cmp.Compare(h.Serial, serial) })
	if found {
		h := &m.Held[i]
		h.First, h.Last = earlier(h.First, at), latest(h.Last, at)
		return false
	}
	m.Held = slices.Insert(m.Held, i, held{serial, at, at})
	m.Held = m.Held[max(0, len(m.Held)-maxHeld):]
	return true
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// forgetJoined forgets what a member holds since lately, when it has a grant with that.
func (s *state) forgetJoined(name string, serial uint64) {
	for _, h := range s.Patterns {
		if joined := h.Joined[name]; joined > 0 && serial >= joined {
			delete(h.Joined, name)
		}
	}
}

// change gives a member another recipient. Only who holds a later grant than at the last change
// can have it changed again, so that no get that was recorded brings an earlier one back. That
// alone bounds what has to be remembered.
func (s *state) change(m *member, get statement.Get) error {
	next := get.NextRecipient
	if _, err := keyservice.ParseRecipient(next); err != nil {
		return err
	}
	switch {
	case s.knows(next):
		return fail(ErrRecipient, "it asks for one that a member has, or had")
	case hybrid(m.Recipient) && !hybrid(next):
		return fail(ErrRecipient, "it asks for one that doesn't withstand quantum computers, and has one that does")
	}
	if _, err := s.recipients(next); err != nil {
		return err
	}
	m.Past = append(m.Past, statement.HashOf(m.Recipient))
	if n := len(m.Past) - maxPast; n > 0 {
		gone := m.Past[:n]
		s.Recipients = slices.DeleteFunc(s.Recipients, func(h hash) bool { return slices.Contains(gone, h) })
		m.Past = slices.Clone(m.Past[n:])
	}
	m.Recipient, m.Next = next, get.Serial
	s.Recipients = append(s.Recipients, statement.HashOf(next))
	return nil
}

// check refuses what no receipts have told.
func (r *reported) check(s *state) error {
	last := uint64(0)
	for _, h := range r.Held {
		if h.Serial <= last || h.Serial > s.Serial || h.Last.Before(h.First) {
			return fmt.Errorf("what it holds isn't in order")
		}
		last = h.Serial
	}
	if len(r.Held) > maxHeld || len(r.Past) > maxPast || r.Next > s.Serial {
		return fmt.Errorf("what it holds can't be")
	}
	return nil
}
