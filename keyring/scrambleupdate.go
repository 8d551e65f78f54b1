package keyring

import (
	"fmt"
	"slices"
)

// scramble gives the scramblings that the ring will have, or says why it can't have them.
func (u *update) scramble() (scramblings, error) {
	next := slices.DeleteFunc(slices.Clone(u.before.scrambled), func(sc *scrambling) bool { return sc.source == u.source })
	for _, sc := range u.with.scrambled {
		own := *sc
		own.source = u.source
		err := u.mayScramble(&own)
		if err == nil {
			if next, err = next.with(&own); err == nil {
				err = u.next.fits(&own)
			}
		}
		if err != nil {
			return nil, &Error{Op: "update", Pattern: Prefix(sc.prefix), Err: err}
		}
	}
	for _, sc := range u.before.scrambled {
		if sc.source != u.source || next.of(sc.prefix) != nil {
			continue
		}
		left, err := u.unscrambled(sc)
		if err == nil && left != nil {
			next, err = next.with(left)
		}
		if err != nil {
			return nil, &Error{Op: "update", Pattern: Prefix(sc.prefix), Err: err}
		}
	}
	for _, sc := range next {
		if err := u.next.fits(sc); err != nil {
			return nil, &Error{Op: "update", Pattern: Prefix(sc.prefix), Err: err}
		}
		if old := u.before.scrambled.get(sc.prefix); old == nil || !old.equal(sc) {
			u.changes.Scrambled = append(u.changes.Scrambled, sc.prefix)
		}
	}
	return next, nil
}

// mayScramble refuses the source's word on a prefix of others, and more in clear than before.
func (u *update) mayScramble(sc *scrambling) error {
	old := u.before.scrambled.get(sc.prefix)
	switch {
	case old == nil:
		return u.before.scrambles(sc.prefix)
	case old.source != u.source && len(old.secrets) > 0:
		source := old.source
		if source == "" {
			source = "the program"
		}
		return fmt.Errorf("%w: %.256q", ErrSource, source)
	case sc.clear.After(old.clear) && !u.allows(Prefix(sc.prefix)):
		return ErrPlain
	}
	return nil
}

// unscrambled gives what stays of a prefix that the source says nothing of any more: its URIs are
// closed, but with the program's consent. Patterns that the source still has there need that.
func (u *update) unscrambled(sc *scrambling) (left *scrambling, err error) {
	if u.allows(Prefix(sc.prefix)) {
		u.changes.Scrambled = append(u.changes.Scrambled, sc.prefix)
		return nil, nil
	}
	for e := range u.with.entries() {
		if sc.covers(e.pattern) {
			return nil, fmt.Errorf("%w (the URIs below the prefix were scrambled)", ErrPlain)
		}
	}
	return &scrambling{prefix: sc.prefix, source: sc.source}, nil
}
