package lint

import (
	"bytes"
	"errors"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// entry is an entry of the file with what is known of it.
type entry struct {
	*keyfile.Entry
	index int
	info  keyring.VersionInfo
}

// entries looks at all entries, first each by itself.
func (r *report) entries() {
	var good []*entry
	for i, e := range r.file.Keys {
		at := &entry{Entry: e, index: i}
		if r.single(at) {
			good = append(good, at)
		}
		r.sides(at)
		r.weak(at)
	}
	r.versions(good)
	r.ids(good)
	r.overlaps(good)
}

// single looks at an entry by itself, and tells whether it is one.
func (r *report) single(e *entry) bool {
	var err error
	e.info, err = r.alone(e.Entry)
	switch {
	case err == nil:
		r.state(e)
		return true
	case onlyPublic(e.Entry):
		r.add(e, NoRole, "both sides have only public keys, so nobody can seal or open with it: give the private key of one side")
	case errors.Is(err, cryptobox.ErrWeakKey):
		r.add(e, WeakKey, "%v", err)
	case errors.Is(err, keyfile.ErrPermissions):
		r.add(e, Permissions, "%v", err)
	default:
		r.add(e, Invalid, "%v", err)
	}
	return false
}

func onlyPublic(e *keyfile.Entry) bool {
	public := func(s *keyfile.Side) bool { return s != nil && s.Private.IsZero() && !s.Public.IsZero() }
	return e.Symmetric.IsZero() && public(e.Originator) && public(e.Responder)
}

func (r *report) state(e *entry) {
	if e.info.State == keyring.StateRetired {
		switch until := e.info.NotAfter; {
		case until.IsZero():
			r.add(e, NoEnd, "it is retired and opens without end: give it a date with retire")
		case until.Before(r.now):
			r.add(e, Expired, "it opens nothing since %s: take its keys out with revoke", until.UTC().Format(time.RFC3339))
		}
	}
}

// sides looks for private keys that one party alone should have. One private
// key for both sides is a secret of all parties, and stays.
func (r *report) sides(e *entry) {
	if e.Originator == nil || e.Responder == nil {
		return
	}
	originator, responder := r.key(e.Originator.Private), r.key(e.Responder.Private)
	if len(originator) > 0 && len(responder) > 0 && !bytes.Equal(originator, responder) {
		r.add(e, BothPrivate, "the private keys of both sides are here, and whoever reads the file can play both parties: "+
			"leave each party its own, and put the public key in place of the other")
	}
}

// versions looks at the versions of each pattern together.
func (r *report) versions(entries []*entry) {
	active, first := map[keyring.Pattern]*entry{}, map[keyring.Pattern]*entry{}
	var order []keyring.Pattern
	for _, e := range entries {
		if first[e.Pattern] == nil {
			first[e.Pattern] = e
			order = append(order, e.Pattern)
		}
		if e.info.State != keyring.StateActive {
			continue
		}
		if other := active[e.Pattern]; other != nil {
			r.add(e, TwoActive, "keys[%d] is active too, and only one version can be: make one of the two retired or pending", other.index)
		}
		active[e.Pattern] = e
	}
	for _, p := range order {
		if active[p] == nil {
			r.add(first[p], NoActive, "no version of the pattern is active, so nothing is sealed, and sending for its URIs fails: activate one")
		}
	}
}
