package keyservice

import (
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Stats tells what a Watcher has, and what it has seen so far.
type Stats struct {
	Authority  cryptobox.VerifyKey // whose grant the Ring has
	Serial     uint64              // of that
	Issued     time.Time
	Expires    time.Time     // nothing is sealed after that
	OpensUntil time.Time     // nothing is opened after that
	Ahead      time.Duration // by which the time that was proved is ahead of the clock

	Fetches   uint64    // that have ended
	Failures  uint64    // of them
	Changes   uint64    // times that a grant changed the Ring, the first one not counted
	LastFresh time.Time // when an answer came last that was fresh
	LastError error     // why the last fetch failed; nil if it didn't
}

// Stats gives a snapshot.
func (w *Watcher) Stats() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stats
}

func (w *Watcher) note(change func(*Stats)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(&w.stats)
}

func (s *Stats) lent(l lent, p proved) {
	g := l.grant
	s.Authority, s.Serial, s.Issued, s.Expires = g.authority, g.grant.Serial, g.grant.Issued, g.grant.Expires
	s.OpensUntil, s.Ahead = l.opensUntil, p.ahead()
}
