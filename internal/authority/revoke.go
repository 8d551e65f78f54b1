package authority

import (
	"fmt"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// Revocation tells what was taken away from a member. It can read all the same what was recorded
// before others had the next grants, and what it has stored.
type Revocation struct {
	Member    string
	Key       cryptobox.VerifyKey // it never comes again
	Patterns  []Ended             // what it held, and what has a key of that too
	Scrambled []EndedSecrets      // the prefixes below which it held patterns
	// Serial is that of its last grant, 0 for none, and OpensUntil until when others go on to use
	// the old keys that never fetch a later one.
	Serial     uint64
	OpensUntil time.Time
}

// Ended tells what was taken away of a pattern.
type Ended struct {
	Pattern keyring.Pattern
	As      As       // 0 if it didn't hold the pattern, and knew its key by another
	Old     []string // the ids that are revoked
	New     string   // of the version that seals in their place, "" if none is needed

	isMade bool // New is, and wasn't to come
}

// EndedSecrets tells what became of a scrambled prefix.
type EndedSecrets struct {
	Prefix string
	Old    []string // the ids of the secrets that are gone
	New    string   // of the one that is used in their place, "" if none is needed

	isMade bool // New is
}

// Revoke takes a member out for good. What it had secrets of is revoked, versions to come too, and
// new ones seal at once, so with the secrets of scrambled prefixes; its verify key leaves all lists. Of a signed key of which it was only a
// sender it has no secret: there only the lists change. All that counts at others as soon as they
// have the next grants, so Issue at once: nobody is waited for.
//
// It is done wherever it is cut off, by the next [Open] at the latest. The error is an [*Error]
// that wraps [ErrMember].
func (a *Authority) Revoke(name string) (Revocation, error) {
	r, err := a.revoke(name)
	if err != nil {
		return Revocation{}, &Error{Op: "revoke", Member: name, Err: err}
	}
	return r, nil
}

func (a *Authority) revoke(name string) (Revocation, error) {
	m := a.state.member(name)
	if m == nil {
		for _, f := range a.state.Former {
			if sameName(f.Name, name) {
				return Revocation{}, fail(ErrMember, "it was revoked at %s", renewal.Shown(f.Revoked))
			}
		}
		return Revocation{}, ErrMember
	}
	r := Revocation{Member: name, Key: m.Key, OpensUntil: a.state.OpensUntil}
	if n := len(m.Issued); n > 0 {
		r.Serial = m.Issued[n-1].Serial
	}
	var patterns []keyring.Pattern
	held := map[keyring.Pattern]As{}
	for _, h := range a.state.holdings(name) {
		patterns = append(patterns, h.pattern())
		held[h.pattern()] = h.Holders[name]
	}
	all, err := a.take(name, patterns, true)
	if err != nil {
		return r, err
	}
	ended := all.patterns
	r.Scrambled = all.scrambled
	for _, p := range patterns {
		one := Ended{Pattern: p}
		if i := slices.IndexFunc(ended, func(e Ended) bool { return e.Pattern == p }); i >= 0 {
			one = ended[i]
			ended = slices.Delete(ended, i, i+1)
		}
		one.As = held[p]
		r.Patterns = append(r.Patterns, one)
	}
	r.Patterns = append(r.Patterns, ended...)
	return r, nil
}

// endIn does in the master what is being ended: also where another pattern has the same key, which
// the member knows too then.
func (s *state) endIn(f renewal.File, at time.Time) (all taken, err error) {
	if all.scrambled, err = s.endSecrets(f, at); err != nil {
		return all, err
	}
	var ids []string
	for _, p := range s.Ending.Patterns {
		ids = append(ids, p.IDs...)
	}
	infos, err := list(f.File)
	if err != nil {
		return all, err
	}
	for i, e := range f.Entries {
		if !slices.ContainsFunc(infos[i].Versions, func(v keyfile.VersionInfo) bool { return slices.Contains(ids, v.ID) }) {
			continue
		}
		one, err := s.replace(alone(f, e), ids, at)
		if err != nil {
			return all, fmt.Errorf("%v: %w", e.Pattern, err)
		}
		if len(one.Old) > 0 {
			all.patterns = append(all.patterns, one)
		}
	}
	if m := s.member(s.Ending.Member); s.Ending.Leaves {
		for _, e := range f.Entries {
			unlist(e, m.Key)
		}
	}
	return all, nil
}

// replace ends versions of a file's one pattern. If the one whose turn it is, or one to come, is
// among them, another seals at once: the next that is to come and stays, or a new one. Those that
// were revoked before stay so.
func (s *state) replace(f renewal.File, ids []string, at time.Time) (ended Ended, err error) {
	e := f.Entries[0]
	ended.Pattern = e.Pattern
	h := s.handedOut(e.Pattern)
	if _, _, err := h.tidy(f, s.OpensUntil, at, 0); err != nil {
		return ended, err
	}
	all, turn, err := standings(f, at)
	if err != nil {
		return ended, err
	}
	sealed, stays := false, -1 // the last to come, which comes first
	for i, v := range all {
		switch ends := slices.Contains(ids, v.id()) && !v.Revoked; {
		case ends:
			ended.Old = append(ended.Old, v.id())
			sealed = sealed || turn < 0 || i <= turn
		case i < turn && !v.Revoked:
			stays = i
		}
	}
	if len(ended.Old) == 0 {
		return ended, nil
	}
	end := renewal.Ending{IDs: ended.Old, Unknown: h.unknown, Keep: latest(s.OpensUntil, at)}
	switch {
	case !sealed:
		err = f.End(e.Pattern, end, at)
	case stays >= 0:
		if err = f.End(e.Pattern, end, at); err == nil {
			ended.New = all[stays].id()
			err = bringForward(f, ended.New, at)
		}
	default:
		next := renewal.Renewal{Pattern: e.Pattern, Now: at}
		var made renewal.Made
		made, err = next.Replace(f, end)
		ended.New, ended.isMade = made.ID, true
	}
	if err != nil {
		return ended, err
	}
	_, _, err = h.tidy(f, s.OpensUntil, at, 0)
	return ended, err
}

// bringForward has a version to come seal at once.
func bringForward(f renewal.File, id string, at time.Time) error {
	p := f.Entries[0].Pattern
	versions, err := f.OfPattern(p)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(versions, func(v keyring.VersionInfo) bool { return v.ID == id })
	return f.SetDates(p, id, keyring.Dates{
		ActiveFrom: renewal.Begins(at, at, versions, id), NotAfter: versions[i].Dates.NotAfter,
	})
}

// unlist takes a verify key out of the lists that a pattern's versions have in the master, and tells
// whether it was in one.
func unlist(e *keyfile.Entry, key cryptobox.VerifyKey) (listed bool) {
	is := func(p keyfile.Party) bool {
		other, err := cryptobox.ParseVerifyKey(string(p.Key.UnsafeText()))
		listed = listed || err == nil && other == key
		return err == nil && other == key
	}
	for _, v := range e.Versions {
		v.Senders = slices.DeleteFunc(v.Senders, is)
		v.Answerers = slices.DeleteFunc(v.Answerers, is)
	}
	return listed
}
