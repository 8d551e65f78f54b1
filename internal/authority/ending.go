package authority

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// ending is what is being taken away from a member. It is written before the master is changed,
// and removed with what it is about: so it is completed, wherever it is cut off.
type ending struct {
	Member   string          `json:"member"`
	Leaves   bool            `json:"leaves,omitzero"` // the member is revoked, and not only what it held
	Patterns []endingPattern `json:"patterns,omitempty"`
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

// take takes patterns away from a member, all of which it holds, and revokes it if it leaves. What
// it has secrets of is revoked in the master, and has a follower that seals at once; what of that
// has yet to come is discarded. Grants say so from the next Issue on.
func (a *Authority) take(name string, patterns []keyring.Pattern, leaves bool) error {
	master, err := a.master()
	if err != nil {
		return err
	}
	defer master.Wipe()
	e := &ending{Member: name, Leaves: leaves, At: now()}
	for _, p := range patterns {
		one := endingPattern{Match: p.Match.String(), URI: p.URI}
		if entry := (renewal.File{File: master}).Entry(p); entry != nil {
			if one.IDs, err = secretsOf(renewal.File{File: master, Path: masterFile}, p, a.state.holding(p).Holders[name]); err != nil {
				return err
			}
		}
		e.Patterns = append(e.Patterns, one)
	}
	a.state.Ending = e
	if err := a.save(); err != nil {
		return err
	}
	return a.end()
}

// secretsOf gives the ids of the versions that who holds the pattern so has secrets of. Of a signed
// key only the reading key is one.
func secretsOf(f renewal.File, p keyring.Pattern, as As) ([]string, error) {
	versions, err := f.OfPattern(p)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, v := range versions {
		if v.State != keyring.StateRevoked && (!v.Suite.Signed() || as.responds()) {
			ids = append(ids, v.ID)
		}
	}
	return ids, nil
}

// end does what the state says is being ended. What was done already isn't done again.
func (a *Authority) end() error {
	e := a.state.Ending
	if slices.ContainsFunc(e.Patterns, func(p endingPattern) bool { return len(p.IDs) > 0 }) {
		if err := a.changeMaster(func(f renewal.File) error {
			for _, p := range e.Patterns {
				if err := replace(f, p.pattern(), p.IDs, renewal.Moment(now())); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	for _, p := range e.Patterns {
		delete(a.state.holding(p.pattern()).Holders, e.Member)
	}
	if m := a.state.member(e.Member); e.Leaves {
		for _, h := range a.state.Patterns {
			delete(h.Holders, e.Member)
		}
		a.state.Members = slices.DeleteFunc(a.state.Members, func(other *member) bool { return other == m })
		a.state.Former = append(a.state.Former, former{Name: m.Name, Key: m.Key, Revoked: e.At})
	}
	a.state.Ending = nil
	return a.save()
}

// replace revokes versions of a pattern, those that have yet to seal by taking them out, and has a
// new one seal at once. If none of them is left, it changes nothing.
func replace(f renewal.File, p keyring.Pattern, ids []string, now time.Time) error {
	left, err := lives(f, p, ids)
	if err != nil || len(left) == 0 {
		return err
	}
	for i, v := range left {
		if v.State != keyring.StatePending {
			continue
		}
		if len(f.Entry(p).Versions) > 1 {
			err = f.RemoveVersion(p, v.ID)
		} else { // the next one is made like it, and is to follow on it
			err = f.SetDates(p, v.ID, keyring.Dates{ActiveFrom: now.Add(-renewal.Skew - time.Duration(i+1)*time.Second), NotAfter: v.Dates.NotAfter})
		}
		if err != nil {
			return err
		}
	}
	next := renewal.Renewal{Pattern: p, From: now, Until: now, Now: now}
	if _, err := next.AddTo([]renewal.File{f}); err != nil {
		return err
	}
	if left, err = lives(f, p, ids); err != nil {
		return err
	}
	for _, v := range left {
		if err := f.Revoke(p, v.ID); err != nil {
			return err
		}
	}
	return f.EndAllowUnsigned(p)
}

// lives gives the versions with some ids that aren't revoked.
func lives(f renewal.File, p keyring.Pattern, ids []string) ([]keyring.VersionInfo, error) {
	if f.Entry(p) == nil {
		return nil, nil
	}
	all, err := f.OfPattern(p)
	return slices.DeleteFunc(all, func(v keyring.VersionInfo) bool {
		return v.State == keyring.StateRevoked || !slices.Contains(ids, v.ID)
	}), err
}
