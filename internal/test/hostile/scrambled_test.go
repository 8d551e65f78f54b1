package hostile

import (
	"slices"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"pgregory.net/rapid"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// keyedPrefixes are those below which all is sealed, and may be scrambled.
func (w *world) keyedPrefixes() []string { return []string{w.uri("a."), w.uri("b.")} }

// scrambles changes the secret, as a system does that runs: all ask for what is scrambled with
// the next one before any sends it, and the old one is gone at last.
func (w *world) scrambles(*rapid.T) {
	w.adversary.rest(false)
	next := cryptobox.GenerateScrambleSecret()
	w.rescramble(func(ring *keyring.Ring, prefix string) error {
		return ring.AddScramble(prefix, next, keyring.Dates{ActiveFrom: time.Now().Add(time.Hour)})
	})
	w.inPlace()
	w.rescramble(func(ring *keyring.Ring, prefix string) error {
		return ring.SetScrambleDates(prefix, next.ID().String(), keyring.Dates{ActiveFrom: time.Now().Add(-time.Millisecond)})
	})
	w.barrier(nil)
	w.rescramble(func(ring *keyring.Ring, prefix string) error {
		return ring.RemoveScramble(prefix, w.secret.ID().String())
	})
	w.secret = next
	w.inPlace()
	figures.attack("change the secret of URIs", w.dialect)
}

func (w *world) rescramble(change func(ring *keyring.Ring, prefix string) error) {
	for _, ring := range w.rings {
		for _, prefix := range w.keyedPrefixes() {
			if err := change(ring, prefix); err != nil {
				w.ledger.violated("secrets: %v", err)
			}
		}
	}
}

// inPlace waits until every actor has asked for what it has under all secrets. Under attacks the
// router may not have it.
func (w *world) inPlace() {
	bound := patience
	if !w.honest {
		bound = 2 * w.responseTimeout()
	}
	for until := time.Now().Add(bound); ; time.Sleep(time.Millisecond) {
		missing := w.missing()
		switch {
		case missing == "":
			return
		case time.Now().After(until):
			if w.honest {
				w.ledger.violated("%s isn't asked for under all secrets", missing)
			}
			return
		}
	}
}

func (w *world) missing() string {
	w.adversary.mu.Lock()
	subscribed, registered := slices.Clone(w.adversary.subscriptions), slices.Clone(w.adversary.registrations)
	w.adversary.mu.Unlock()
	for _, a := range w.actors {
		for list, targets := range map[*[]address]map[string]*target{&subscribed: a.life.subscriptions, &registered: a.life.registrations} {
			for _, t := range targets {
				texts, err := a.life.session.RouterURIs(t.pattern.URI, wamp.Dict{wamp.OptMatch: t.pattern.Match.String()})
				if err != nil {
					return err.Error()
				}
				for _, text := range texts {
					if !slices.ContainsFunc(*list, func(at address) bool { return at.conn == a.life.conn && at.uri == string(text) }) {
						return a.life.name + " " + t.pattern.String()
					}
				}
			}
		}
	}
	return ""
}
