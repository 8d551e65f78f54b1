package telemetry

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// Watcher shows how a member of a key service gets its keys, as wampbox.member with a name. It
// ends with stop, which doesn't close the Watcher. The error wraps [ErrSource].
func (t *Telemetry) Watcher(name string, w *keyservice.Watcher) (stop func(), err error) {
	return t.show(ofMember, name, member{w}, w != nil)
}

type member struct{ *keyservice.Watcher }

func (m member) observe(c *collector) {
	stats := m.Stats()
	c.add(c.fetches, stats.Fetches)
	c.add(c.fetchFailures, stats.Failures)
	c.add(c.grantChanges, stats.Changes)
	c.flag(c.fetchFailing, stats.LastError != nil)
	c.since(c.fresh, stats.LastFresh)
	c.since(c.grantAge, stats.Issued)
	if !stats.Expires.IsZero() { // of a lease, by the time that was proved
		c.until(c.leaseLeft, stats.Expires.Add(-stats.Ahead), ends("seal"))
		c.until(c.leaseLeft, stats.OpensUntil.Add(-stats.Ahead), ends("open"))
		c.span(c.clockBehind, stats.Ahead)
	}
}

// ends says what a lease ends.
func ends(what string) attribute.KeyValue { return attribute.String("wampbox.lease", what) }
