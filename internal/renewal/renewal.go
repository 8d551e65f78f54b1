package renewal

import (
	"fmt"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// Renewal makes the next version of a key from the newest one.
type Renewal struct {
	Pattern     keyring.Pattern
	From, Until time.Time // when it seals, and the old one's end; settled by [Renewal.AddTo]
	Exact       bool      // From is a date as it was given
	Now         time.Time
	Comment     string
	Peer        cryptobox.PublicKey        // what the other party has renewed; zero for none
	Reading     cryptobox.ReadingPublicKey // the same of a signed key
	Settle      func(*Manner) error        // changes the old version's by what is wanted; nil: it stays

	// What AddTo settles.
	Manner   Manner
	Changed  bool                  // the manner is another one than the old version's
	Alone    bool                  // one file: what the other party has stays
	Shared   bool                  // it is a secret of all parties
	Signed   *SignedKeys           // nil if it isn't a signed key
	Follows  bool                  // a signed key on a signed one: signing keys and lists stay
	Versions []keyring.VersionInfo // of the first file, when it has the next one
	Dropped  []Dropped             // what was revoked before it sealed, and is taken out

	shared     *keyfile.Version // the next one, of a secret of all parties; else nil
	originator cryptobox.PrivateKey
	responder  cryptobox.PrivateKey
}

// Dropped is a version that was taken out of a file.
type Dropped struct{ Path, ID string }

// RevokedError means that a pattern has no version that the next one could be like.
type RevokedError struct{ Pattern keyring.Pattern }

// Error names the pattern.
func (e *RevokedError) Error() string {
	return fmt.Sprintf("all versions of %v are revoked, so it isn't known what the next one should be like", e.Pattern)
}

// LaterError means that a version seals from a later date on than the next one would.
type LaterError struct {
	ID   string
	From time.Time
}

// Error names it.
func (e *LaterError) Error() string {
	return fmt.Sprintf("%s seals from %s on, which is later than the new version would", e.ID, Shown(e.From))
}

// base is the version that the next one is made from.
type base struct {
	*keyfile.Version
	file File
	id   string
	info keyring.VersionInfo
}

// newest gives the version of the pattern with the latest date, of those that aren't
// revoked.
func (r *Renewal) newest(f File) (base, error) {
	list, err := f.List()
	if err != nil {
		return base{}, fmt.Errorf("%s: %w", f.Path, err)
	}
	at := slices.IndexFunc(list, func(info keyfile.Info) bool { return info.Pattern == r.Pattern })
	var found base
	for i, v := range list[at].Versions {
		if v.State != keyring.StateRevoked && (found.Version == nil || v.Dates.ActiveFrom.After(found.info.Dates.ActiveFrom)) {
			found = base{f.Entries[at].Versions[i], f, v.ID, v.VersionInfo}
		}
	}
	switch {
	case list[at].Plain:
		return base{}, fmt.Errorf("%s: %v is plain, and has no key", f.Path, r.Pattern)
	case found.Version == nil:
		return base{}, fmt.Errorf("%s: %w", f.Path, &RevokedError{r.Pattern})
	}
	return found, nil
}

// date settles from when the next version seals: later than all others.
func (r *Renewal) date(bases []base) error {
	var all []keyring.VersionInfo
	for _, b := range bases {
		infos, err := b.file.OfPattern(r.Pattern)
		if err != nil {
			return err
		}
		all = append(all, infos...)
	}
	from := r.From
	var err error
	if r.Exact {
		err = later(from, all)
	} else {
		from, err = r.begin(from, all)
	}
	if err != nil {
		return err
	}
	if r.From = from; r.Until.Before(from) {
		r.Until = from
	}
	return nil
}

// begin gives the date from which the next version seals beside others.
func (r *Renewal) begin(at time.Time, others []keyring.VersionInfo) (time.Time, error) {
	at = Begins(at, r.Now, others, "")
	return at, later(at, others)
}

// later finds a version that would seal in the next one's place.
func later(at time.Time, others []keyring.VersionInfo) error {
	for _, v := range others {
		if v.Dates.ActiveFrom.After(at) {
			return &LaterError{v.ID, v.Dates.ActiveFrom}
		}
	}
	return nil
}

// prepare settles how the next version seals, and draws the keys that are new.
func (r *Renewal) prepare(bases []base) error {
	path, old := bases[0].file.Path, bases[0].Version
	r.Manner = Manner{Dialect: old.Dialect, Suite: old.Suite}
	if r.Settle != nil {
		if err := r.Settle(&r.Manner); err != nil {
			return err
		}
	}
	r.Changed = !r.Manner.Same(bases[0].info)
	if r.Manner.Suite.Signed() || old.Suite.Signed() {
		return r.prepareSigned(bases)
	}
	if !r.Reading.IsZero() {
		return fmt.Errorf("%s: -peer is a reading key, and this is no signed key: -suite signed makes the next version one", path)
	}
	if IsShared(old) {
		return r.prepareShared(path, old)
	}
	var originator, responder bool
	for _, b := range bases {
		originator = originator || HasPrivate(b.Originator)
		responder = responder || HasPrivate(b.Responder)
	}
	if !r.Alone && !(originator && responder) {
		return fmt.Errorf("%s and the others hold the private key of one party only: "+
			"leave the other party's to that, and rotate one file", path)
	}
	if !r.Peer.IsZero() {
		if originator && responder {
			return fmt.Errorf("%s holds the private keys of both parties: rotate it without -peer", path)
		}
		return bases[0].checkPeer(r.Peer)
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
func (r *Renewal) prepareShared(path string, old *keyfile.Version) error {
	if !r.Peer.IsZero() {
		return fmt.Errorf("%s: -peer is for pairs of keys, and this one is a secret that all parties share", path)
	}
	if r.Manner.Suite != 0 {
		return fmt.Errorf("%s: -suite is for pairs of keys, and this one is a secret that all parties share, which has one suite", path)
	}
	r.Shared, r.shared = true, r.Manner.Version(r.Now)
	r.Manner.Name(r.Manner.Share(r.shared), r.shared)
	if r.Manner.Dialect == cryptobox.Passthru {
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
				if HasPrivate(side) && b.file.PublicOf(side) == peer {
					return fmt.Errorf("%s: -peer is this file's own public key, of %v: give the one that the other party's rotate has printed", b.file.Path, e.Pattern)
				}
			}
		}
	}
	for _, side := range []*keyfile.Side{b.Originator, b.Responder} {
		if !HasPrivate(side) && b.file.PublicOf(side) == peer {
			return fmt.Errorf("%s: -peer is the public key that it has for the other party already: give the new one", b.file.Path)
		}
	}
	return nil
}

// version gives the next version of one, with new keys where they are new, and of the same
// shape.
func (r *Renewal) version(b base, i int) *keyfile.Version {
	next := r.Manner.Version(r.Now)
	switch {
	case r.Signed != nil:
		r.signed(next, b, i)
	case r.shared != nil:
		next.ID, next.Algorithm = r.shared.ID, r.shared.Algorithm
		CopySecret(next, r.shared)
	default:
		next.Originator = r.side(b.Originator, r.originator)
		next.Responder = r.side(b.Responder, r.responder)
		r.Manner.Name(r.Manner.PairID(b.file.PublicOf(next.Originator), b.file.PublicOf(next.Responder)), next)
	}
	next.Dates.ActiveFrom, next.Comment = r.From, r.Comment
	return next
}

// side gives one side of the next version.
func (r *Renewal) side(old *keyfile.Side, renewed cryptobox.PrivateKey) *keyfile.Side {
	switch {
	case HasPrivate(old) && !renewed.IsZero():
		return PrivateSide(renewed)
	case !renewed.IsZero():
		return PublicSide(renewed.Public())
	case !HasPrivate(old) && !r.Peer.IsZero():
		return PublicSide(r.Peer)
	}
	return &keyfile.Side{Private: Copied(old.Private), Public: Copied(old.Public)}
}

// Public gives the public keys of those that are new: by side, of signed keys "reading" and
// by party. A secret that parties share has none that anybody needs.
func (r *Renewal) Public() map[string]string {
	public := map[string]string{}
	if s := r.Signed; s != nil {
		if !s.Reading.Private.IsZero() {
			public["reading"] = s.Reading.Public.String()
		}
		for i, sign := range s.Signs {
			public[s.Parties[i].Name] = sign.Public().String()
		}
	}
	for side, key := range map[string]cryptobox.PrivateKey{"originator": r.originator, "responder": r.responder} {
		if !key.IsZero() {
			public[side] = key.Public().String()
		}
	}
	return public
}
