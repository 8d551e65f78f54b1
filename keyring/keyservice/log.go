package keyservice

import (
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/internal/changelog"
)

// changed tells of a new grant, and what it has changed.
func (w *Watcher) changed(c keyring.Changes, isFirst bool) {
	g := w.lent.grant.grant
	w.Logger.Info("keys from a key service", append([]any{"member", g.Member, "serial", g.Serial, "expires", moment(g.Expires)}, changelog.Attrs(c)...)...)
	if isFirst || c.Empty() {
		return
	}
	w.note(func(s *Stats) { s.Changes++ })
	w.OnChange(c)
}
