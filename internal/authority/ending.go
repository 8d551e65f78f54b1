package authority

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// ending is what is being taken away from a member. It is written before the master is changed,
// and removed with what it is about: so it is completed, wherever it is cut off.
type ending struct {
	Member   string          `json:"member"`
	Leaves   bool            `json:"leaves,omitzero"` // the member is revoked, and not only what it held
	Patterns []endingPattern `json:"patterns,omitempty"`
	Secrets  []string        `json:"secrets,omitempty"` // the ids of those of scrambled prefixes that the member is to know no more
	At       time.Time       `json:"at"`
}

// endingPattern is a pattern that is taken away, and the ids of what the member has secrets of.
type endingPattern struct {
	Match string   `json:"match"`
	URI   string   `json:"uri"`
	IDs   []string `json:"ids,omitempty"`
}

func (p *endingPattern) pattern() keyring.Pattern {
	match, _ := keyring.ParseMatch(p.Match)
	return keyring.Pattern{URI: p.URI, Match: match}
}

// check refuses what nobody began.
func (e *ending) check(s *state) error {
	if e == nil {
		return nil
	}
	if s.member(e.Member) == nil {
		return errors.New("what is being ended is of no member")
	}
	if len(e.Secrets) > 0 && len(e.Patterns) == 0 || slices.Contains(e.Secrets, "") {
		return errors.New("secrets are being ended of no pattern, or one that has no id")
	}
	for _, p := range e.Patterns {
		if _, err := keyring.ParseMatch(p.Match); err != nil {
			return errors.New("what is being ended has no match")
		}
		h := s.holding(p.pattern())
		if h == nil {
			return fmt.Errorf("what is being ended of %v isn't held", p.pattern())
		}
		if _, holds := h.Holders[e.Member]; !holds {
			return fmt.Errorf("what is being ended of %v isn't held by %q", p.pattern(), e.Member)
		}
	}
	return nil
}

// taken is what ended.
type taken struct {
	patterns  []Ended
	scrambled []EndedSecrets
}

// take takes patterns away from a member, all of which it holds, and revokes it if it leaves. What
// it has secrets of is revoked in the master, and has a follower that seals at once; what of that
// has yet to come is discarded. Grants say so from the next Issue on.
func (a *Authority) take(name string, patterns []keyring.Pattern, leaves bool) (taken, error) {
	master, err := a.master()
	if err != nil {
		return taken{}, err
	}
	defer master.Wipe()
	infos, err := list(master)
	if err != nil {
		return taken{}, err
	}
	e := &ending{Member: name, Leaves: leaves, At: now()}
	known := map[statement.Hash]bool{}
	for _, p := range patterns {
		one := endingPattern{Match: p.Match.String(), URI: p.URI}
		if i := slices.IndexFunc(infos, func(info keyfile.Info) bool { return info.Pattern == p }); i >= 0 {
			as := a.state.holding(p).Holders[name]
			one.IDs = secretsOf(infos[i], as)
			for _, v := range live(master.Entries[i]) {
				for _, secret := range secretsIn(v, as) {
					known[secret] = true
				}
			}
		}
		e.Patterns = append(e.Patterns, one)
	}
	e.alsoEnd(master, infos, known)
	if e.Secrets, err = a.state.secretsLost(master, name, patterns); err != nil {
		return taken{}, err
	}
	a.state.Ending = e
	if err := a.save(); err != nil {
		return taken{}, err
	}
	return a.end()
}

// secretsOf gives the ids of the versions that who holds the pattern so has secrets of. Of a signed
// key only the reading key is one.
func secretsOf(info keyfile.Info, as As) (ids []string) {
	for _, v := range info.Versions {
		if v.State != keyring.StateRevoked && (!v.Suite.Signed() || as.responds()) {
			ids = append(ids, v.ID)
		}
	}
	return ids
}

// secretsIn gives the hashes of the secrets of a version that who holds it so has.
func secretsIn(v *keyfile.Version, as As) (list []statement.Hash) {
	var secrets []keyfile.Secret
	if as.originates() && renewal.HasPrivate(v.Originator) {
		secrets = append(secrets, v.Originator.Private)
	}
	if as.responds() && renewal.HasPrivate(v.Responder) {
		secrets = append(secrets, v.Responder.Private)
	}
	if as.responds() {
		secrets = append(secrets, v.Shared, v.Read)
	}
	for _, s := range secrets {
		if !s.IsZero() {
			list = append(list, statement.HashOf(s.UnsafeText()))
		}
	}
	return list
}

// alsoEnd adds versions of other patterns that have a secret which the member knows, be it under
// other ids: one half of a pair is enough to read it.
func (e *ending) alsoEnd(master *keyfile.File, infos []keyfile.Info, known map[statement.Hash]bool) {
	ends := map[string]bool{}
	for _, p := range e.Patterns {
		for _, id := range p.IDs {
			ends[id] = true
		}
	}
	for i, entry := range master.Entries {
		for j, v := range entry.Versions {
			id := infos[i].Versions[j].ID
			if !ends[id] && slices.ContainsFunc(secretsIn(v, Both), func(s statement.Hash) bool { return known[s] }) {
				ends[id] = true
				e.Patterns[0].IDs = append(e.Patterns[0].IDs, id)
			}
		}
	}
}

// concerns tells whether the master has something of what is being ended.
func (a *Authority) concerns(e *ending) (bool, error) {
	if len(e.Secrets) > 0 || slices.ContainsFunc(e.Patterns, func(p endingPattern) bool { return len(p.IDs) > 0 }) {
		return true, nil
	}
	master, err := a.master()
	if err != nil || !e.Leaves {
		return false, err
	}
	defer master.Wipe()
	key := a.state.member(e.Member).Key
	return slices.ContainsFunc(master.Entries, func(e *keyfile.Entry) bool { return unlist(e, key) }), nil
}

// end does what the state says is being ended. What was done already isn't done again.
func (a *Authority) end() (all taken, err error) {
	s, e := a.state, a.state.Ending
	concerned, err := a.concerns(e)
	if err != nil {
		return all, err
	}
	if concerned {
		if err := a.changeMaster(func(f renewal.File) (err error) {
			all, err = s.endIn(f, now())
			return err
		}); err != nil {
			return all, err
		}
	}
	for _, one := range all.scrambled {
		if one.isMade {
			s.secretMade(one.Prefix, one.New)
		}
	}
	for _, one := range all.patterns {
		if one.isMade {
			s.entered(one.Pattern, one.New)
		}
	}
	for _, h := range s.Patterns {
		if e.Leaves || slices.ContainsFunc(e.Patterns, func(p endingPattern) bool { return p.pattern() == h.pattern() }) {
			delete(h.Holders, e.Member)
			h.leaves(e.Member)
		}
	}
	if m := s.member(e.Member); e.Leaves {
		s.Members = slices.DeleteFunc(s.Members, func(other *member) bool { return other == m })
		s.Former = append(s.Former, former{Name: m.Name, Key: m.Key, Revoked: e.At})
	}
	s.Ending = nil
	return all, a.save()
}
