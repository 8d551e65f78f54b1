package keyring

import (
	"fmt"
	"iter"
	"slices"
)

// Changes tells what [Ring.Update] has changed.
type Changes struct {
	Opened  []Pattern // have a key or are plain, and weren't on the ring
	Changed []Pattern // have other versions, dates or plaintext than before
	Closed  []Pattern // were on the ring, and aren't
	// Plain are those of Opened and Changed that send or take plaintext where nothing
	// did before, or until a later date, or whose keys are for another dialect where they
	// weren't: see [Key.ForAutobahn].
	Plain []Pattern
	// Unkeyed tells whether [Ring.PlainUnlessKeyed] holds now and didn't, or the other way
	// round.
	Unkeyed bool
	// Scrambled are the prefixes whose URIs are scrambled otherwise than before, or no more: see
	// [Ring.Scramble].
	Scrambled []string
}

// Empty tells whether nothing has changed.
func (c Changes) Empty() bool {
	return len(c.Opened)+len(c.Changed)+len(c.Closed)+len(c.Scrambled) == 0 && !c.Unkeyed
}

// Update gives the patterns of a source, such as a file, the content of another ring, in
// one step: a concurrent [Ring.Lookup] finds the old content or the new one. A source is
// known by its name, which isn't empty, and changes its own patterns alone.
//
// Patterns that the source had and the other ring lacks are taken off as by [Ring.Remove]:
// one that had a key stays closed. A pattern that the program removed stays closed too, and
// no source can give it. What would send or take plaintext for URIs that are sealed, for
// longer too, needs the program's consent: allowPlain are patterns for which it is given,
// Prefix("") for all, for [Ring.PlainUnlessKeyed] and for a default that is plain. A change
// to [Key.ForAutobahn] or [Key.ForPassthru] needs it too, since plain errors are taken
// then, and so does what has scrambled URIs go clear ([Ring.Scramble]). The first content of a source needs consent only where it speaks of URIs that are
// sealed already.
//
// What was revoked stays revoked. If the program or another source has revoked a version,
// this source may list it as good in vain. If this source has revoked it, the Update is
// refused. Exchanges that use a version which this source has dropped still learn that it
// is revoked later.
//
// Don't use the other ring after that: this one owns it. If both have the same secret under
// the same pattern, the key exchange and the count of an [AES256GCM] key's seals are kept.
// A device is asked anew.
//
// The error is an [*Error] that wraps [ErrSource] for a pattern that isn't the source's,
// [ErrPlain] for a lack of consent, [ErrConflict], or [ErrState] for a version that lives
// again or one too many ([MaxRevoked]). The ring is then unchanged.
func (r *Ring) Update(source string, with *Ring, allowPlain ...Pattern) (Changes, error) {
	if source == "" {
		return Changes{}, &Error{Op: "update", Err: fmt.Errorf("%w: it has no name: give it one", ErrSource)}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	u := &update{ring: r, source: source, before: r.snapshot(), with: with.snapshot(), allow: allowPlain}
	u.revoke()
	if err := u.check(); err != nil {
		return Changes{}, err
	}
	if err := u.build(); err != nil {
		return Changes{}, err
	}
	changed := slices.Clone(u.changes.Closed)
	for e := range u.with.entries() {
		e.follows(u.before.get(e.pattern), r.revocations(e), source)
		changed = append(changed, e.pattern)
	}
	for _, e := range u.left {
		r.leave(e)
	}
	r.ties, r.sources = u.ties, u.sources
	r.swap(u.next, changed...)
	return u.changes, nil
}

// update is one change of all that a source has.
type update struct {
	ring   *Ring
	source string
	before *snapshot
	with   *snapshot
	allow  []Pattern

	changes Changes
	next    *snapshot
	ties    ties
	sources map[Pattern]string
	left    []*Entry
}

// revoke has what was revoked by the word of others stay so, and what is revoked keep the
// date that the ring knows.
func (u *update) revoke() {
	given := u.with
	for e := range given.entries() {
		revoked, before := u.ring.revocations(e), u.before.get(e.pattern)
		versions := slices.Clone(e.versions)
		for i, v := range versions {
			if by, known := revoked.of(v); known && by != u.source && !v.revoked {
				versions[i] = newRevoked(v.key, v.dates)
			}
		}
		versions = revoked.recall(versions, before)
		if !slices.Equal(versions, e.versions) {
			u.with = u.with.with(e.with(versions...))
		}
	}
}

// check refuses what can't be done, and notes what will change.
func (u *update) check() error {
	for e := range u.with.entries() {
		if err := u.checkEntry(e); err != nil {
			return &Error{Op: "update", Pattern: e.pattern, Err: err}
		}
	}
	for e := range u.own() {
		if next := u.with.get(e.pattern); next == nil && e.standing != closed {
			u.changes.Closed = append(u.changes.Closed, e.pattern)
		}
	}
	if u.with.isOpen() && u.opensAll() && !u.allows(Prefix("")) {
		return &Error{Op: "update", Pattern: Prefix(""), Err: ErrPlain}
	}
	return nil
}

// opensAll tells whether to declare plain what no other pattern matches lets more through
// than before. The first content of a source may say so.
func (u *update) opensAll() bool {
	_, known := u.before.open[u.source]
	byDefault := u.before.fallback != nil && u.before.fallback.standing == plain
	return known && !u.before.isOpen() && !byDefault
}

// own walks through the entries that the source has given.
func (u *update) own() iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		for p, source := range u.ring.sources {
			if source == u.source && !yield(u.before.get(p)) {
				return
			}
		}
	}
}

func (u *update) checkEntry(e *Entry) error {
	if err := u.before.takes(e.pattern); err != nil {
		return err
	}
	old := u.before.get(e.pattern)
	source, given := u.ring.sources[e.pattern]
	switch {
	case old == nil || source == u.source:
	case old.standing != closed:
		return fmt.Errorf("%w: %.256q", ErrSource, u.nameOf(e.pattern))
	case !given:
		return fmt.Errorf("%w: the program, which removed it: leave it out here, or Set it there", ErrSource)
	}
	if err := u.ring.revocations(e).refuses(e.versions...); err != nil {
		return err
	}
	lets := u.letsMore(e, old)
	if lets && !u.allows(e.pattern) {
		return ErrPlain
	}
	switch {
	case e.standing == closed:
		if old != nil && old.standing != closed {
			u.changes.Closed = append(u.changes.Closed, e.pattern)
		}
	case old == nil || old.standing == closed:
		u.changes.Opened = append(u.changes.Opened, e.pattern)
		lets = lets || e.plainness() > 0
	case !e.equal(old):
		u.changes.Changed = append(u.changes.Changed, e.pattern)
	}
	if lets {
		u.changes.Plain = append(u.changes.Plain, e.pattern)
	}
	return nil
}

// nameOf tells whose a pattern is.
func (u *update) nameOf(p Pattern) string {
	if name, found := u.ring.sources[p]; found {
		return name
	}
	return "the program"
}

// letsMore tells whether plaintext is sent or taken for URIs that are sealed.
func (u *update) letsMore(e, old *Entry) bool {
	switch {
	case e.standing == closed, e.plainness() == 0 && !e.foreign:
		return false
	case old != nil:
		return e.letsMoreThan(old)
	case e.pattern == Prefix("") && e.plainness() > 0 && u.opensAll():
		return true
	case e.pattern.Match == MatchExact:
		wider := u.before.lookup(e.pattern.URI)
		return wider != nil && e.letsMoreThan(wider)
	}
	for other := range u.before.below(e.pattern) {
		if !e.letsMoreThan(other) {
			continue
		}
		if uri, ok := e.pattern.meet(other.pattern); ok && u.before.lookup(uri) == other {
			return true
		}
	}
	return false
}

// letsMoreThan tells whether the entry lets plaintext through where another one doesn't,
// now or when that one's transition is over.
func (e *Entry) letsMoreThan(other *Entry) bool {
	switch {
	case other.standing == plain:
		return false
	case e.plainness() > other.plainness(), e.foreign && !other.foreign:
		return true
	}
	return e.transition.on() && e.transition.until.After(other.transition.until)
}

// plainness orders entries by the plaintext that they let through.
func (e *Entry) plainness() int {
	switch {
	case e.standing == plain:
		return 3
	case e.transition.on() && e.transition.plaintext == SendPlain:
		return 2
	case e.transition.on():
		return 1
	}
	return 0
}

func (u *update) allows(p Pattern) bool {
	return slices.ContainsFunc(u.allow, func(allowed Pattern) bool { return allowed == Prefix("") || allowed.covers(p) })
}

// equal tells whether two entries of a pattern say the same.
func (e *Entry) equal(other *Entry) bool {
	return e.standing == other.standing && e.transition == other.transition && e.unsigned == other.unsigned &&
		slices.EqualFunc(e.versions, other.versions, func(a, b *Version) bool {
			return a.dates == b.dates && a.Revoked() == b.Revoked() && a.key.follows(b.key) &&
				a.key.kind == b.key.kind
		})
}

// build makes what the ring will hold. What is the source's comes as one snapshot; what
// isn't, and what it leaves closed, is added to that.
func (u *update) build() error {
	next := *u.with
	next.open = u.before.open // what it says itself, it says under the source's name
	next.reserved, next.scrambled = u.before.reserved, nil
	u.next, u.ties, u.sources = &next, ties{}, map[Pattern]string{}
	for e := range u.with.entries() {
		u.sources[e.pattern] = u.source
	}
	for e := range u.before.entries() {
		if u.with.get(e.pattern) != nil {
			continue
		}
		source, given := u.ring.sources[e.pattern]
		if given && source == u.source {
			if e.standing == plain {
				u.left = append(u.left, e)
				continue // what else matches counts
			}
			e = e.closing()
		}
		if given {
			u.sources[e.pattern] = source
		}
		u.next = u.next.with(e)
	}
	u.next = u.next.unlessKeyed(u.source, u.with.isOpen())
	u.changes.Unkeyed = u.next.isOpen() != u.before.isOpen()
	for e := range u.next.entries() {
		if e.pattern.Match != MatchWildcard || e.standing == closed {
			continue
		}
		if other, found := u.ties.find(e.pattern.URI); found {
			return &Error{Op: "update", Pattern: e.pattern, Err: conflict(other)}
		}
		u.ties.add(e.pattern.URI)
	}
	scrambled, err := u.scramble()
	u.next.scrambled = scrambled
	return err
}
