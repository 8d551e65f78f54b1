package telemetry

import "github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"

// Session shows what a Session counts, as wampbox.session with a name. It ends with stop, which
// doesn't close the Session: call it for one that has ended, before another one takes the name.
// The error wraps [ErrSource].
func (t *Telemetry) Session(name string, s *transparency.Session) (stop func(), err error) {
	return t.show(ofSession, name, &sessionSource{Session: s, unplaced: map[transparency.Reason]uint64{}}, s != nil)
}

type sessionSource struct {
	*transparency.Session
	unplaced map[transparency.Reason]uint64 // refusals in no row of Keys, as they were told last
}

func (s *sessionSource) observe(c *collector) {
	stats := s.Stats()
	c.flag(c.ready, s.Ready() == nil)
	c.add(c.missed, stats.Missed, labels{})
	c.add(c.senders, uint64(stats.Replay.Senders), labels{})
	c.add(c.remembered, uint64(stats.Replay.Messages), labels{})
	c.add(c.memory, uint64(stats.Replay.Bytes), labels{})
	if c.pairs.limit == 0 {
		c.add(c.plain, stats.Plain, labels{})
	}
	for _, row := range stats.Keys {
		c.row(row)
	}
	for r, n := range stats.Rejected {
		if c.pairs.limit > 0 {
			n = s.rest(r, n, stats.Keys)
		}
		c.add(c.refused, n, labels{reason: r.Error()})
	}
}

// row tells of one version, or of what belongs to its pattern alone.
func (c *collector) row(k transparency.KeyStats) {
	of := c.pairs.of(pair{k.Pattern, k.KeyID})
	if k.Sealed > 0 || k.Opened > 0 {
		by := sealedBy(of, k.Dialect, k.Suite)
		c.add(c.sealed, k.Sealed, by)
		c.add(c.opened, k.Opened, by)
	}
	if c.pairs.limit == 0 { // the Session's own sums are exact
		return
	}
	c.since(c.openedAgo, k.LastOpened, labels{pair: of})
	if k.Plain > 0 {
		c.add(c.plain, k.Plain, labels{pair: of})
	}
	for r, n := range k.Rejected {
		c.add(c.refused, n, labels{pair: of, reason: r.Error()})
	}
}

// rest gives how many refusals belong to no pattern. A Session counts them in two steps, so a
// snapshot may be off by those that are counted just then; what is told never falls.
func (s *sessionSource) rest(r transparency.Reason, n uint64, rows []transparency.KeyStats) uint64 {
	placed := uint64(0)
	for _, row := range rows {
		placed += row.Rejected[r]
	}
	if n > placed {
		s.unplaced[r] = max(s.unplaced[r], n-placed)
	}
	return s.unplaced[r]
}
