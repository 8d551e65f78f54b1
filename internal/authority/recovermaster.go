package authority

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// merge makes the master, and who holds what. What versions a pattern has, the newest grants with
// it say; their parts may come from older ones, as an Issue may have been cut off.
func (r *recovering) merge() error {
	newest, found := map[keyring.Pattern]uint64{}, map[keyring.Pattern]*mergedPattern{}
	var order []*mergedPattern
	r.master.PlainUnlessKeyed = r.grants[0].file.PlainUnlessKeyed
	for _, g := range r.grants { // the newest first
		for i, e := range g.file.Entries {
			m := found[e.Pattern]
			if m == nil {
				m = newMerged(e)
				found[e.Pattern], newest[e.Pattern], order = m, g.grant.Serial, append(order, m)
			}
			m.add(g.grant.Member, e, g.infos[i], g.grant.Serial == newest[e.Pattern])
		}
	}
	r.mergeScrambles()
	for _, m := range order {
		replaced, err := m.whole()
		if err != nil {
			return fmt.Errorf("%v: %w", m.entry.Pattern, err)
		}
		r.found.Replaced = append(r.found.Replaced, replaced...)
		r.found.Patterns = append(r.found.Patterns, m.entry.Pattern)
		r.master.Entries = append(r.master.Entries, m.entry)
		if len(m.held.Holders) > 0 {
			r.state.Patterns = append(r.state.Patterns, m.held)
		}
	}
	return nil
}

// mergeScrambles takes in how URIs are scrambled. Of each prefix the newest grants with it say it. Who
// can put old grants back can't have the secrets back that have ended since, nor a prefix beside a
// newer one that doesn't bear it.
func (r *recovering) mergeScrambles() {
	for _, g := range r.grants { // the newest first
		for _, sc := range g.file.Scrambles {
			if slices.ContainsFunc(r.master.Scrambles, func(newer *keyfile.Scramble) bool {
				return strings.HasPrefix(newer.Prefix, sc.Prefix) || strings.HasPrefix(sc.Prefix, newer.Prefix)
			}) {
				continue
			}
			into := &keyfile.Scramble{Prefix: sc.Prefix, AllowClear: sc.AllowClear}
			for _, v := range sc.Secrets {
				into.Secrets = append(into.Secrets, &keyfile.ScrambleVersion{Secret: renewal.Copied(v.Secret), Dates: v.Dates})
			}
			r.master.Scrambles = append(r.master.Scrambles, into)
			r.found.Scrambled = append(r.found.Scrambled, sc.Prefix)
		}
	}
	slices.Sort(r.found.Scrambled)
}

// mergedPattern is a pattern of the master that is being put together.
type mergedPattern struct {
	entry    *keyfile.Entry
	held     *holding
	versions map[string]*keyfile.Version // by id
	ids      []string                    // in the order of the entry's
}

func newMerged(e *keyfile.Entry) *mergedPattern {
	return &mergedPattern{
		entry: &keyfile.Entry{Pattern: e.Pattern, Plain: e.Plain, Plaintext: e.Plaintext, Until: e.Until, AllowUnsigned: e.AllowUnsigned},
		held:  &holding{Match: e.Pattern.Match.String(), URI: e.Pattern.URI, Holders: holders{}},

		versions: map[string]*keyfile.Version{},
	}
}

// add takes in what a member has of the pattern. Only the newest grants bring versions.
func (m *mergedPattern) add(name string, e *keyfile.Entry, info keyfile.Info, brings bool) {
	for i, v := range e.Versions {
		id := info.Versions[i].ID
		into := m.versions[id]
		if into == nil {
			if !brings {
				continue
			}
			into = &keyfile.Version{ID: v.ID, Dates: v.Dates, Revoked: v.Revoked, Dialect: v.Dialect, Suite: v.Suite, Algorithm: v.Algorithm}
			m.versions[id], m.ids = into, append(m.ids, id)
			m.entry.Versions = append(m.entry.Versions, into)
		}
		if !into.Revoked && !v.Revoked {
			fill(into, v)
			m.held.SignedOnce = m.held.SignedOnce || v.SignedOnce
			m.held.AnyAnswerer = m.held.AnyAnswerer || v.AnyAnswerer
		}
	}
	if v := newest(e); v != nil {
		m.held.Holders[name] = heldAs(v)
	}
}

// fill gives a version of the master the secrets that a member has of it.
func fill(into, v *keyfile.Version) {
	for _, side := range []struct{ into, from **keyfile.Side }{{&into.Originator, &v.Originator}, {&into.Responder, &v.Responder}} {
		if renewal.HasPrivate(*side.from) && !renewal.HasPrivate(*side.into) {
			*side.into = &keyfile.Side{Private: renewal.Copied((*side.from).Private)}
		}
	}
	if into.Shared.IsZero() {
		into.Shared = renewal.Copied(v.Shared)
	}
	if into.Read.IsZero() {
		into.Read = renewal.Copied(v.Read)
	}
}

// heldAs tells as what a member holds a version, by the parts that it has.
func heldAs(v *keyfile.Version) As {
	originates, responds := renewal.HasPrivate(v.Originator), renewal.HasPrivate(v.Responder)
	hears := len(v.Answerers) > 0 || v.AnyAnswerer
	switch signs := !v.Sign.IsZero(); {
	case v.Suite.Signed() && !v.Read.IsZero() && signs && !v.Seal.IsZero():
		return Both
	case v.Suite.Signed() && !v.Read.IsZero() && signs:
		return Responder
	case v.Suite.Signed() && !v.Read.IsZero():
		return Reader
	case v.Suite.Signed() && hears:
		return Originator
	case v.Suite.Signed():
		return Sender
	case originates && !responds:
		return Originator
	case responds && !originates:
		return Responder
	}
	return Both
}

// whole takes versions out of which a part is missing, and has a new one seal if one of them did.
func (m *mergedPattern) whole() (replaced []Replaced, err error) {
	if m.entry.Plain {
		return nil, nil
	}
	at := now()
	var like *keyfile.Version // the last of those that is gone
	var left []*keyfile.Version
	var infos []keyring.VersionInfo
	for i, v := range m.entry.Versions {
		if lacks(v) {
			replaced = append(replaced, Replaced{Pattern: m.entry.Pattern, Old: m.ids[i]})
			if like == nil || v.Dates.ActiveFrom.After(like.Dates.ActiveFrom) {
				like = v
			}
			continue
		}
		left = append(left, v)
		infos = append(infos, keyring.VersionInfo{ID: m.ids[i], Dates: v.Dates})
	}
	m.entry.Versions = left
	later := func(v *keyfile.Version) bool {
		return v.Dates.ActiveFrom.After(like.Dates.ActiveFrom) && !v.Dates.ActiveFrom.After(at)
	}
	if like == nil || slices.ContainsFunc(left, later) {
		return replaced, nil
	}
	// What it lacks tells that it is a pair, or a signed key.
	next, err := newVersion(GrantOptions{Suite: like.Suite, Dialect: like.Dialect})
	if err != nil {
		return nil, err
	}
	next.Dates.ActiveFrom = renewal.Begins(renewal.Moment(at), at, infos, "")
	m.entry.Versions = append(m.entry.Versions, next)
	file := keyfile.New()
	file.Entries = []*keyfile.Entry{m.entry}
	made, err := list(file)
	if err != nil {
		return nil, err
	}
	replaced[slices.IndexFunc(replaced, func(r Replaced) bool { return m.versions[r.Old] == like })].New = made[0].Versions[len(left)].ID
	return replaced, nil
}

// lacks tells whether a version of the master has only a part of its key.
func lacks(v *keyfile.Version) bool {
	switch {
	case v.Revoked || renewal.IsShared(v):
		return false
	case v.Suite.Signed():
		return v.Read.IsZero()
	}
	return !renewal.HasPrivate(v.Originator) || !renewal.HasPrivate(v.Responder)
}
