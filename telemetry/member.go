package telemetry

import "github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"

// Watcher shows how a member of a key service gets its keys, as wampbox.member with a name. It
// ends with stop, which doesn't close the Watcher. The error wraps [ErrSource].
func (t *Telemetry) Watcher(name string, w *keyservice.Watcher) (stop func(), err error) {
	return t.show(ofMember, name, memberSource{w}, w != nil)
}

type memberSource struct{ *keyservice.Watcher }

func (m memberSource) observe(c *collector) {
	stats := m.Stats()
	c.add(c.fetches, stats.Fetches, labels{})
	c.add(c.fetchFailures, stats.Failures, labels{})
	c.add(c.grantChanges, stats.Changes, labels{})
	c.flag(c.fetchFailing, stats.LastError != nil)
	c.since(c.fresh, stats.LastFresh, labels{})
	c.since(c.grantAge, stats.Issued, labels{})
	if !stats.Expires.IsZero() { // of a lease, by the time that was proved
		c.until(c.leaseLeft, stats.Expires.Add(-stats.Ahead), labels{lease: "seal"})
		c.until(c.leaseLeft, stats.OpensUntil.Add(-stats.Ahead), labels{lease: "open"})
		c.span(c.clockBehind, stats.Ahead, labels{})
	}
}
