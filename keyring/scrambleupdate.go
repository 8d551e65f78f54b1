package keyring

import (
	"fmt"
	"slices"
	"strings"
)

// scramble gives the scramblings that the ring will have, or says why it can't have them.
func (u *update) scramble() (scramblings, error) {
	var err error
	next := slices.DeleteFunc(slices.Clone(u.before.scrambled), func(sc *scrambling) bool { return sc.source == u.source })
	for _, sc := range u.with.scrambled {
		if next, err = u.scrambled(next, sc); err != nil {
			return nil, &Error{Op: "update", Pattern: Prefix(sc.prefix), Err: err}
		}
	}
	for _, sc := range u.before.scrambled {
		if sc.source != u.source || next.of(sc.prefix) != nil {
			continue
		}
		if next, err = u.unscrambled(next, sc); err != nil {
			return nil, &Error{Op: "update", Pattern: Prefix(sc.prefix), Err: err}
		}
	}
	for e := range u.next.entries() {
		if err := next.takes(e); err != nil {
			return nil, &Error{Op: "update", Pattern: e.pattern, Err: err}
		}
	}
	u.noteScrambled(next)
	return next, nil
}

// scrambled adds what the source says of a prefix.
func (u *update) scrambled(next scramblings, sc *scrambling) (scramblings, error) {
	own, old := *sc, u.before.scrambled.get(sc.prefix)
	own.source = u.source
	if err := u.mayScramble(&own, old); err != nil {
		return nil, err
	}
	if old != nil && old.source == u.source && old.equal(&own) {
		return next.with(old) // who watches isn't told
	}
	return next.with(&own)
}

// mayScramble refuses the source's word on a prefix of others, and more in clear than before.
func (u *update) mayScramble(sc, old *scrambling) error {
	switch {
	case old == nil:
		if err := u.before.scrambles(sc.prefix); err != nil {
			return err
		}
	case old.source == "":
		return fmt.Errorf("%w: the program", ErrSource)
	case old.source != u.source && !old.closed():
		return fmt.Errorf("%w: %.256q", ErrSource, old.source)
	}
	for _, other := range u.before.scrambled {
		if strings.HasPrefix(other.prefix, sc.prefix) && sc.clearer(other) && !u.allows(Prefix(other.prefix)) {
			return ErrPlain
		}
	}
	return nil
}

// unscrambled leaves the URIs of a prefix closed of which the source says nothing any more, but
// with the program's consent. Patterns that the source still has there need that, and so does
// what it scrambles only in part.
func (u *update) unscrambled(next scramblings, sc *scrambling) (scramblings, error) {
	if u.allows(Prefix(sc.prefix)) {
		return next, nil
	}
	still := slices.ContainsFunc(next, func(other *scrambling) bool { return strings.HasPrefix(other.prefix, sc.prefix) })
	for e := range u.with.entries() {
		still = still || sc.covers(e.pattern)
	}
	switch {
	case still:
		return nil, fmt.Errorf("%w (the URIs below the prefix were scrambled)", ErrPlain)
	case sc.closed():
		return next.with(sc)
	}
	return next.with(&scrambling{prefix: sc.prefix, source: sc.source})
}

// noteScrambled tells of the prefixes that change.
func (u *update) noteScrambled(next scramblings) {
	for _, sc := range next {
		if old := u.before.scrambled.get(sc.prefix); old == nil || !old.equal(sc) {
			u.changes.Scrambled = append(u.changes.Scrambled, sc.prefix)
		}
	}
	for _, sc := range u.before.scrambled {
		if next.get(sc.prefix) == nil {
			u.changes.Scrambled = append(u.changes.Scrambled, sc.prefix)
		}
	}
}
