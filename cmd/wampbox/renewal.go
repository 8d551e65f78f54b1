package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// renewal makes the next version of a key from the newest one.
type renewal struct {
	id, comment string
	peer        cryptobox.PublicKey // what the other party has renewed; zero for none
	alone       bool                // one file: what the other party has stays

	shared     bool // a secret of all parties
	originator cryptobox.PrivateKey
	responder  cryptobox.PrivateKey
	symmetric  cryptobox.SymmetricKey
}

// newest gives the version of a pattern that the next one is made from.
func newest(f opened, p keyring.Pattern) (keyfile.Listed, error) {
	list, err := f.List()
	if err != nil {
		return keyfile.Listed{}, err
	}
	rank := map[keyring.State]int{keyring.StatePending: 3, keyring.StateActive: 2, keyring.StateRetired: 1}
	var found keyfile.Listed
	for _, item := range list {
		state := item.Info.State
		if item.Pattern == p && rank[state] > 0 && rank[state] >= rank[found.Info.State] {
			found = item
		}
	}
	if found.Entry == nil {
		return found, fmt.Errorf("%s: all versions of %v are revoked, so it isn't known what the next one should be like: "+
			"make new files with init", f.path, p)
	}
	return found, nil
}

// prepare draws the keys that are new.
func (r *renewal) prepare(open []opened, bases []keyfile.Listed) error {
	r.shared = isShared(bases[0].Entry)
	if r.shared && !r.peer.IsZero() {
		return fmt.Errorf("%s: -peer is for pairs of keys, and this one is a secret that all parties share", open[0].path)
	}
	if !bases[0].Symmetric.IsZero() {
		r.symmetric = cryptobox.GenerateSymmetricKey()
		if r.id == "" {
			r.id = randomID()
		}
		return nil
	}
	var originator, responder bool
	for _, base := range bases {
		originator = originator || hasPrivate(base.Originator)
		responder = responder || hasPrivate(base.Responder)
	}
	if !r.alone && !(originator && responder) {
		return fmt.Errorf("%s and the others hold the private key of one party only: "+
			"leave the other party's to that, and rotate one file", open[0].path)
	}
	if !r.peer.IsZero() {
		if originator && responder {
			return fmt.Errorf("%s holds the private keys of both parties: rotate it without -peer", open[0].path)
		}
		return nil
	}
	if originator {
		r.originator = cryptobox.GenerateKey()
	}
	if responder {
		r.responder = cryptobox.GenerateKey()
	}
	if r.shared {
		r.responder = r.originator
	}
	return nil
}

// randomID is as long as one that follows from keys.
func randomID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // doesn't fail
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// entry gives the next version of an entry, with new keys where they are new,
// and of the same shape.
func (r *renewal) entry(base *keyfile.Entry) *keyfile.Entry {
	next := &keyfile.Entry{
		Pattern: base.Pattern, ID: r.id, Created: now(),
		AllowUnbound: base.AllowUnbound, Comment: r.comment,
	}
	if !r.symmetric.IsZero() {
		next.Symmetric, next.Algorithm = keyfile.SymmetricKey(r.symmetric), base.Algorithm
		return next
	}
	next.Originator = r.side(base.Originator, r.originator)
	next.Responder = r.side(base.Responder, r.responder)
	return next
}

// side gives one side of the next version.
func (r *renewal) side(base *keyfile.Side, renewed cryptobox.PrivateKey) *keyfile.Side {
	switch {
	case hasPrivate(base) && !renewed.IsZero():
		return privateSide(renewed)
	case !renewed.IsZero():
		return publicSide(renewed.Public())
	case !hasPrivate(base) && !r.peer.IsZero():
		return publicSide(r.peer)
	}
	return &keyfile.Side{Private: copied(base.Private), Public: copied(base.Public)}
}

// copied gives a Secret that is wiped by itself.
func copied(s keyfile.Secret) keyfile.Secret { return keyfile.Text(string(s.UnsafeText())) }

// isShared tells whether an entry holds a secret of all parties: a symmetric
// key, or one private key for both sides.
func isShared(e *keyfile.Entry) bool {
	return !e.Symmetric.IsZero() ||
		hasPrivate(e.Originator) && hasPrivate(e.Responder) && e.Originator.Private.Equal(e.Responder.Private)
}

func hasPrivate(side *keyfile.Side) bool { return side != nil && !side.Private.IsZero() }

// public gives the public keys of those that are new. A secret that parties
// share has none that anybody needs.
func (r *renewal) public() map[string]string {
	public := map[string]string{}
	if r.shared {
		return public
	}
	for side, key := range map[string]cryptobox.PrivateKey{"originator": r.originator, "responder": r.responder} {
		if !key.IsZero() {
			public[side] = key.Public().String()
		}
	}
	return public
}
