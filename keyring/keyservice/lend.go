package keyservice

import (
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// lent is what the Ring has.
type lent struct {
	grant      *granted // nil for nothing
	opensUntil time.Time
	ahead      time.Duration // by which its lease ends sooner by the clock
}

// step is how far the clock may move until the lease is written anew.
const step = time.Minute

// lend puts a grant's keys on the Ring. Its dates are by the time that was proved, and the Ring's
// are by the clock, which may be behind that.
func (w *Watcher) lend(g *granted) (keyring.Changes, error) {
	file, err := g.open(w.Identity)
	if err != nil {
		return keyring.Changes{}, err
	}
	defer file.Wipe()
	content, err := file.Ring()
	if err != nil {
		return keyring.Changes{}, malformed(err)
	}
	ahead := w.proved.ahead()
	content.Lease(g.grant.Expires.Add(-ahead), file.Grant.OpensUntil.Add(-ahead))
	changes, err := w.ring.Update(w.source(), content, w.AllowPlain...)
	if err != nil {
		return changes, err
	}
	w.held, w.lent = g, lent{g, file.Grant.OpensUntil, ahead}
	w.note(func(s *Stats) { s.lent(w.lent, w.proved) })
	select {
	case <-w.first:
	default:
		close(w.first)
	}
	return changes, nil
}

// relend moves the lease's dates where the clock was set, or a server has proved another time.
func (w *Watcher) relend() {
	if w.lent.grant == nil || (w.proved.ahead()-w.lent.ahead).Abs() < step {
		return
	}
	_, err := w.lend(w.lent.grant)
	w.fails(&w.told.lease, "lend", err)
}
