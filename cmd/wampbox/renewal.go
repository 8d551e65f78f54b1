package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// renewal makes the next version of a key from the newest one.
type renewal struct {
	manner
	pattern     keyring.Pattern
	from, until time.Time // when it seals, and the old one's end
	exact       bool      // from is a date as it was given
	comment     string
	peer        cryptobox.PublicKey        // what the other party has renewed; zero for none
	reading     cryptobox.ReadingPublicKey // the same of a signed key
	alone       bool                       // one file: what the other party has stays
	settle      func(*manner) error        // changes the old version's by what the command line says

	changed  bool                  // the manner is another one than the old version's
	versions []keyring.VersionInfo // of a file, when it has the next one

	shared     *keyfile.Version // the next one, of a secret of all parties; else nil
	signed     *signedRenewal   // of the next one, if it is a signed key; else nil
	originator cryptobox.PrivateKey
	responder  cryptobox.PrivateKey
}

// newest gives the version of the pattern with the latest date, of those that aren't
// revoked.
func (r *renewal) newest(f opened) (base, error) {
	none := func(format string, args ...any) (base, error) {
		return base{}, fmt.Errorf("%s: %s", f.path, fmt.Sprintf(format, args...))
	}
	list, err := f.List()
	if err != nil {
		return base{}, fmt.Errorf("%s: %w", f.path, err)
	}
	at := slices.IndexFunc(list, func(info keyfile.Info) bool { return info.Pattern == r.pattern })
	var found base
	for i, v := range list[at].Versions {
		if v.State != keyring.StateRevoked && (found.Version == nil || v.Dates.ActiveFrom.After(found.info.Dates.ActiveFrom)) {
			found = base{f.Entries[at].Versions[i], f, v.ID, v.VersionInfo}
		}
	}
	switch {
	case list[at].Plain:
		return none("%v is plain, and has no key", r.pattern)
	case found.Version == nil:
		return none("all versions of %v are revoked, so it isn't known what the next one should be like: %s", r.pattern, addsAnew(r.pattern))
	}
	return found, nil
}

// date settles from when the next version seals: later than all others.
func (r *renewal) date(bases []base) error {
	var all []keyring.VersionInfo
	for _, b := range bases {
		infos, err := b.file.ofPattern(r.pattern)
		if err != nil {
			return err
		}
		all = append(all, infos...)
	}
	if !r.exact {
		r.from = begins(r.from, all, "")
	}
	for _, v := range all {
		if v.Dates.ActiveFrom.After(r.from) {
			return fmt.Errorf("%s seals from %s on, which is later than the new version would: give a later -activate, activate that one sooner, or cancel its rotation by wampbox revoke %s",
				v.ID, shown(v.Dates.ActiveFrom, ""), v.ID)
		}
	}
	if r.until.Before(r.from) {
		r.until = r.from
	}
	return nil
}

// prepare settles how the next version seals, and draws the keys that are new.
func (r *renewal) prepare(bases []base) error {
	path, old := bases[0].file.path, bases[0].Version
	r.manner = manner{dialect: old.Dialect, suite: old.Suite}
	if err := r.settle(&r.manner); err != nil {
		return err
	}
	r.changed = !r.same(bases[0].info)
	if r.suite.Signed() || old.Suite.Signed() {
		return r.prepareSigned(bases)
	}
	if !r.reading.IsZero() {
		return fmt.Errorf("%s: -peer is a reading key, and this is no signed key: -suite signed makes the next version one", path)
	}
	if isShared(old) {
		return r.prepareShared(path, old)
	}
	var originator, responder bool
	for _, b := range bases {
		originator = originator || hasPrivate(b.Originator)
		responder = responder || hasPrivate(b.Responder)
	}
	if !r.alone && !(originator && responder) {
		return fmt.Errorf("%s and the others hold the private key of one party only: "+
			"leave the other party's to that, and rotate one file", path)
	}
	if !r.peer.IsZero() {
		if originator && responder {
			return fmt.Errorf("%s holds the private keys of both parties: rotate it without -peer", path)
		}
		return bases[0].checkPeer(r.peer)
	}
	if originator {
		r.originator = cryptobox.GenerateKey()
	}
	if responder {
		r.responder = cryptobox.GenerateKey()
	}
	return nil
}

// prepareShared is prepare for a secret that all parties share.
func (r *renewal) prepareShared(path string, old *keyfile.Version) error {
	if !r.peer.IsZero() {
		return fmt.Errorf("%s: -peer is for pairs of keys, and this one is a secret that all parties share", path)
	}
	if r.suite != 0 {
		return fmt.Errorf("%s: -suite is for pairs of keys, and this one is a secret that all parties share, which has one suite", path)
	}
	r.shared = r.manner.version()
	r.name(r.share(r.shared), r.shared)
	if r.dialect == cryptobox.Passthru {
		r.shared.Algorithm = old.Algorithm
	}
	return nil
}

// checkPeer refuses a public key that can't be the other party's new one: one that belongs to
// a private key of the file, and the one that the version has already.
func (b base) checkPeer(peer cryptobox.PublicKey) error {
	for _, e := range b.file.Entries {
		for _, v := range e.Versions {
			for _, side := range []*keyfile.Side{v.Originator, v.Responder} {
				if hasPrivate(side) && b.file.publicOf(side) == peer {
					return fmt.Errorf("%s: -peer is this file's own public key, of %v: give the one that the other party's rotate has printed", b.file.path, e.Pattern)
				}
			}
		}
	}
	for _, side := range []*keyfile.Side{b.Originator, b.Responder} {
		if !hasPrivate(side) && b.file.publicOf(side) == peer {
			return fmt.Errorf("%s: -peer is the public key that it has for the other party already: give the new one", b.file.path)
		}
	}
	return nil
}

// publicOf gives the public key of a side, zero where that can't be read: what uses it says
// why.
func (f opened) publicOf(side *keyfile.Side) cryptobox.PublicKey {
	if side == nil {
		return cryptobox.PublicKey{}
	}
	if !hasPrivate(side) {
		text, _ := f.UnsafeKey(side.Public)
		public, _ := cryptobox.NewPublicKey(text)
		return public
	}
	text, _ := f.UnsafeKey(side.Private)
	defer clear(text)
	private, _ := cryptobox.NewPrivateKey(text)
	return private.Public()
}

// version gives the next version of one, with new keys where they are new, and of the same
// shape.
func (r *renewal) version(b base, i int) *keyfile.Version {
	next := r.manner.version()
	if r.signed != nil {
		next = r.signedVersion(b, i)
	} else if r.shared != nil {
		next.ID, next.Algorithm = r.shared.ID, r.shared.Algorithm
		copySecret(next, r.shared)
	} else {
		next.Originator = r.side(b.Originator, r.originator)
		next.Responder = r.side(b.Responder, r.responder)
		r.name(r.pairID(b.file.publicOf(next.Originator), b.file.publicOf(next.Responder)), next)
	}
	next.Dates.ActiveFrom, next.Comment = r.from, r.comment
	return next
}

// side gives one side of the next version.
func (r *renewal) side(old *keyfile.Side, renewed cryptobox.PrivateKey) *keyfile.Side {
	switch {
	case hasPrivate(old) && !renewed.IsZero():
		return privateSide(renewed)
	case !renewed.IsZero():
		return publicSide(renewed.Public())
	case !hasPrivate(old) && !r.peer.IsZero():
		return publicSide(r.peer)
	}
	return &keyfile.Side{Private: copied(old.Private), Public: copied(old.Public)}
}

// copySecret gives a version the secret that all parties share, as another one has it.
func copySecret(to, from *keyfile.Version) {
	to.Shared = copied(from.Shared)
	if from.Originator != nil {
		private := from.Originator.Private
		to.Originator, to.Responder = &keyfile.Side{Private: copied(private)}, &keyfile.Side{Private: copied(private)}
	}
}

// copied gives a Secret that is wiped by itself.
func copied(s keyfile.Secret) keyfile.Secret { return keyfile.Text(string(s.UnsafeText())) }

// isShared tells whether a version holds a secret of all parties: a shared key, or one
// private key for both sides.
func isShared(v *keyfile.Version) bool {
	return !v.Shared.IsZero() ||
		hasPrivate(v.Originator) && hasPrivate(v.Responder) && v.Originator.Private.Equal(v.Responder.Private)
}

func hasPrivate(side *keyfile.Side) bool { return side != nil && !side.Private.IsZero() }

// public gives the public keys of those that are new. A secret that parties
// share has none that anybody needs.
func (r *renewal) public() map[string]string {
	if r.signed != nil {
		return r.signed.public()
	}
	public := map[string]string{}
	for side, key := range map[string]cryptobox.PrivateKey{"originator": r.originator, "responder": r.responder} {
		if !key.IsZero() {
			public[side] = key.Public().String()
		}
	}
	return public
}
