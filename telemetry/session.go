package telemetry

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Session shows what a Session counts, as wampbox.session with a name. It ends with stop, which
// doesn't close the Session: call it for one that has ended, before another one takes the name.
// The error wraps [ErrSource].
func (t *Telemetry) Session(name string, s *transparency.Session) (stop func(), err error) {
	return t.show(ofSession, name, &session{Session: s, unplaced: map[transparency.Reason]uint64{}}, s != nil)
}

type session struct {
	*transparency.Session
	unplaced map[transparency.Reason]uint64 // refusals in no row of Keys, as they were told last
}

func (s *session) observe(c *collector) {
	stats := s.Stats()
	c.flag(c.ready, s.Ready() == nil)
	c.add(c.missed, stats.Missed)
	c.add(c.senders, uint64(stats.Replay.Senders))
	c.add(c.remembered, uint64(stats.Replay.Messages))
	c.add(c.memory, uint64(stats.Replay.Bytes))
	if c.pairs.limit == 0 {
		c.add(c.plain, stats.Plain)
	}
	for _, row := range stats.Keys {
		c.row(row)
	}
	for r, n := range stats.Rejected {
		if c.pairs.limit > 0 {
			n = s.rest(r, n, stats.Keys)
		}
		c.add(c.refused, n, reason(r))
	}
}

// row tells of one version, or of what belongs to its pattern alone.
func (c *collector) row(k transparency.KeyStats) {
	of := c.pairs.attributes(pair{k.Pattern, k.KeyID})
	if k.Sealed > 0 || k.Opened > 0 {
		as := append(of[:len(of):len(of)], dialect(k.Dialect), suite(k.Suite))
		c.add(c.sealed, k.Sealed, as...)
		c.add(c.opened, k.Opened, as...)
	}
	if c.pairs.limit == 0 { // the Session's own sums are exact
		return
	}
	c.since(c.openedAgo, k.LastOpened, of...)
	if k.Plain > 0 {
		c.add(c.plain, k.Plain, of...)
	}
	for r, n := range k.Rejected {
		c.add(c.refused, n, append(of[:len(of):len(of)], reason(r))...)
	}
}

// rest gives how many refusals belong to no pattern. A Session counts them in two steps, so a
// snapshot may be off by those that are counted just then; what is told never falls.
func (s *session) rest(r transparency.Reason, n uint64, rows []transparency.KeyStats) uint64 {
	placed := uint64(0)
	for _, row := range rows {
		placed += row.Rejected[r]
	}
	if n > placed {
		s.unplaced[r] = max(s.unplaced[r], n-placed)
	}
	return s.unplaced[r]
}

func reason(r transparency.Reason) attribute.KeyValue {
	return attribute.String("wampbox.reason", r.Error())
}

func dialect(d cryptobox.Dialect) attribute.KeyValue {
	return attribute.String("wampbox.dialect", d.String())
}

// suite is "none" in the foreign dialects.
func suite(s cryptobox.Suite) attribute.KeyValue {
	if s == 0 {
		return attribute.String("wampbox.suite", "none")
	}
	return attribute.String("wampbox.suite", s.String())
}
