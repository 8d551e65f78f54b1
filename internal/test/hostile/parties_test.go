package hostile

import (
	"time"

	"pgregory.net/rapid"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// signedKeys are the reading keys of a suite: that of the responders, and that of all.
type signedKeys struct{ pair, both cryptobox.ReadingKey }

func newSignedKeys() map[cryptobox.Suite]signedKeys {
	all := map[cryptobox.Suite]signedKeys{}
	for _, suite := range []cryptobox.Suite{cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ} {
		all[suite] = signedKeys{mustRead(suite), mustRead(suite)}
	}
	return all
}

func mustRead(suite cryptobox.Suite) cryptobox.ReadingKey {
	key, err := cryptobox.GenerateReadingKey(suite)
	if err != nil {
		panic(err)
	}
	return key
}

// newSigningKeys gives each actor one, and the adversary, who isn't listed, "".
func newSigningKeys() map[string]cryptobox.SigningKey {
	all := map[string]cryptobox.SigningKey{"": cryptobox.GenerateSigningKey()}
	for _, a := range cast {
		all[a.name] = cryptobox.GenerateSigningKey()
	}
	return all
}

// parties are the actors of a role, or all for none, as others list them.
func parties(roles ...role) (list []keyring.Party) {
	for _, a := range cast {
		if len(roles) == 0 || a.role == roles[0] {
			list = append(list, keyring.Party{Name: a.name, Key: allKeys.sign[a.name].Public()})
		}
	}
	return list
}

// signedPair has originators send and responders read and answer.
func (w *world) signedPair(a *actor) keyring.Key {
	s := keyring.Signing{Suite: w.sealing.suite, SignedOnce: w.sealing.once, Sign: allKeys.sign[a.name]}
	if read := allKeys.signed[w.sealing.suite].pair; a.role == originator {
		s.Seal, s.Answerers = read.Public(), parties(responder)
	} else {
		s.Read, s.Senders = read, parties(originator)
	}
	return keyring.Signed(s)
}

// signedBoth has all do all.
func (w *world) signedBoth(a *actor) keyring.Key {
	read := allKeys.signed[w.sealing.suite].both
	return keyring.Signed(keyring.Signing{
		Suite: w.sealing.suite, SignedOnce: w.sealing.once, Sign: allKeys.sign[a.name],
		Seal: read.Public(), Read: read, Senders: parties(), Answerers: parties(),
	})
}

// removes takes an actor off all lists, or lists it again.
func (w *world) removes(t *rapid.T) {
	a := rapid.SampledFrom(w.actors).Draw(t, "actor")
	w.barrier(nil) // what was sent before has come
	if w.ledger.since(a).IsZero() {
		w.remove(a)
	} else {
		w.restore(a)
	}
}

func (w *world) remove(a *actor) {
	w.relist(a, (*keyring.Ring).RemoveParty)
	w.ledger.remove(a)
}

func (w *world) restore(a *actor) {
	w.ledger.restored(a)
	w.relist(a, (*keyring.Ring).AddParty)
}

// removeNow takes an actor off all lists for the rest of the step, while something goes on.
func removeNow(a *adversary, o *order, m *message) []*message {
	one := a.w.actors[o.n%len(a.w.actors)]
	if !a.w.foreign() && a.w.sealing.signed() && a.w.ledger.since(one).IsZero() {
		a.w.remove(one)
		a.removed = append(a.removed, one)
	}
	return []*message{m}
}

func (w *world) relist(a *actor, change func(*keyring.Ring, keyring.Pattern, keyring.Role, keyring.Party) error) {
	if w.foreign() || !w.sealing.signed() {
		return
	}
	party := keyring.Party{Name: a.name, Key: allKeys.sign[a.name].Public()}
	list := func(of *actor, pattern string, role keyring.Role) {
		if err := change(w.rings[of.name], keyring.Prefix(w.base+pattern), role, party); err != nil {
			w.ledger.violated("the list of %s for %s: %v", of.name, pattern, err)
		}
	}
	for _, of := range w.actors {
		list(of, "b.", keyring.RoleOriginator)
		list(of, "b.", keyring.RoleResponder)
		switch {
		case of.role == responder && a.role == originator:
			list(of, "a.", keyring.RoleOriginator)
		case of.role == originator && a.role == responder:
			list(of, "a.", keyring.RoleResponder)
		}
	}
}

// remove, restored and since note which actors are off the lists, and from when on.
func (l *ledger) remove(a *actor) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.removed[a] = time.Now()
}

func (l *ledger) restored(a *actor) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.removed, a)
}

func (l *ledger) since(a *actor) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.removed[a]
}

// party checks that what was signed is proved as from who sent it, and that this is somebody
// who is listed. A handler may begin a while after its message was checked.
func (l *ledger) party(what string, at *life, s *sent, info *transparency.Info) {
	var want transparency.Sender
	if l.w.sealing.signed() {
		want = transparency.Sender{Name: s.from.actor.name, Key: allKeys.sign[s.from.actor.name].Public()}
	}
	if info.Sender != want {
		l.fail("%s %d at %v is by %s, proved as by %q", what, s.id, at, s.from.actor.name, info.Sender.Name)
	}
	if !l.w.sealing.signed() {
		return
	}
	since := l.removed[s.from.actor]
	if !since.IsZero() && (s.begun.After(since) || time.Since(since) > ageSlack) {
		l.fail("%s %d at %v is by %s, who was removed %v ago", what, s.id, at, s.from.actor.name, time.Since(since))
	}
	if since := l.removed[at.actor]; s.answer != nil && !since.IsZero() && s.begun.After(since) {
		l.fail("%s %d came to %v, who was removed %v before it was sent", what, s.id, at, s.begun.Sub(since))
	}
}
