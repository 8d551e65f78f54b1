package keyring

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Scramble has routers get the URIs below a prefix, which ends with a dot, scrambled: they see
// the prefix, and of each component behind it 16 characters that say nothing to who doesn't hold
// the secret (docs/FORMAT.md, "Scrambled URIs"). Programs go on with the real URIs. All peers of
// these URIs need the secret. It replaces what the prefix had before, as one secret that is
// always active; [Ring.AddScramble] changes a secret that is in use.
//
// What still shows: how many components a URI has, that equal components stand at equal places,
// how often each is used, and with whom. Who holds the secret can try words.
//
// Below the prefix, URIs need a key in our dialect, given to a pattern that lies there too. What
// is wider, such as a default key, doesn't count there, and nothing is plain: see [Ring.Lookup].
//
// The error is an [*Error] that wraps [ErrPattern] for a prefix that isn't one, doesn't end with
// a dot, or is WAMP's own or reserved; [ErrKey] for the zero secret; [ErrSource] for a prefix of
// another source; or [ErrScrambled] if it lies below a scrambled one or one lies below it, or the
// ring has a pattern there that can't be scrambled. The ring is then unchanged.
func (r *Ring) Scramble(prefix string, secret cryptobox.ScrambleSecret) error {
	return r.scramble(prefix, func(sc *scrambling) (*scrambling, error) {
		sc = &scrambling{prefix: sc.prefix}
		return sc.with(newScrambleSecret(secret, Dates{})), usable(secret)
	})
}

// AddScramble gives a prefix a further secret. A Session subscribes and registers under all
// secrets whose NotAfter hasn't passed, and sends under the one with the latest ActiveFrom that
// has come. If that has expired, nothing is sent ([ErrNoActive]), and never under an older one.
// So a secret is changed as a key is: hand the next one out before its ActiveFrom, and give the
// old one a NotAfter behind that ([Ring.SetScrambleDates]). The error is an [*Error] as of
// Scramble, and wraps [ErrVersionExists] or [ErrState] as [Ring.Add] has it.
//
// To begin with it in a system that runs, use [Ring.AllowClear] as well.
func (r *Ring) AddScramble(prefix string, secret cryptobox.ScrambleSecret, dates Dates) error {
	return r.scramble(prefix, func(sc *scrambling) (*scrambling, error) {
		return sc.with(append(slices.Clone(sc.secrets), newScrambleSecret(secret, dates))...), usable(secret)
	})
}

func usable(secret cryptobox.ScrambleSecret) error {
	if secret.IsZero() {
		return fmt.Errorf("%w: the zero secret: generate one, or parse it", ErrKey)
	}
	return nil
}

// SetScrambleDates gives a secret other dates. The error is an [*Error] that wraps
// [ErrNoVersion], [ErrSource] or [ErrState].
func (r *Ring) SetScrambleDates(prefix, id string, dates Dates) error {
	return r.changeSecret(prefix, id, func(v *scrambleSecret) []*scrambleSecret {
		return []*scrambleSecret{{v.secret, v.id, dates.plainClock()}}
	})
}

// RemoveScramble takes a secret off, such as one that somebody has who isn't to have it. The
// error is an [*Error] that wraps [ErrNoVersion], [ErrSource], or [ErrState] for the one in use:
// add another first. To have URIs go clear again is for [Ring.Unscramble].
func (r *Ring) RemoveScramble(prefix, id string) error {
	return r.changeSecret(prefix, id, func(*scrambleSecret) []*scrambleSecret { return nil })
}

// changeSecret puts others in place of a secret.
func (r *Ring) changeSecret(prefix, id string, to func(*scrambleSecret) []*scrambleSecret) error {
	return r.scramble(prefix, func(sc *scrambling) (*scrambling, error) {
		v := sc.secret(id)
		if v == nil {
			return nil, fmt.Errorf("%w: the prefix has no secret %.64q", ErrNoVersion, id)
		}
		others := slices.DeleteFunc(slices.Clone(sc.secrets), func(other *scrambleSecret) bool { return other == v })
		next := to(v)
		if len(next) == 0 && v == sc.current(time.Now()) {
			return nil, refuse("it is the one in use: add another first")
		}
		return sc.with(append(others, next...)...), nil
	})
}

// AllowClear has the URIs of a scrambled prefix be taken clear too until a date, and sent so
// while no secret's ActiveFrom has come. So a system that runs begins with scrambling, without a
// message lost:
//
//  1. AllowClear, and [Ring.AddScramble] with an ActiveFrom to come, at each peer.
//  2. From the ActiveFrom on each sends scrambled URIs, by its own clock.
//
// The date has to be behind that ActiveFrom, by as much as clocks differ and messages are old.
// The zero date ends it at once. The error is an [*Error] that wraps [ErrPattern] or [ErrSource],
// as that of Scramble.
func (r *Ring) AllowClear(prefix string, until time.Time) error {
	return r.scramble(prefix, func(sc *scrambling) (*scrambling, error) {
		next := *sc
		next.clear = until.Round(0).UTC()
		return &next, nil
	})
}

// Unscramble has routers get the URIs below a prefix as they are, from now on. The error is an
// [*Error] that wraps [ErrNoVersion] or [ErrSource].
func (r *Ring) Unscramble(prefix string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.snapshot().scrambled
	sc, err := all.get(prefix), error(nil)
	switch {
	case sc == nil:
		err = fmt.Errorf("%w: the prefix isn't scrambled", ErrNoVersion)
	case sc.source != "" && !sc.closed():
		err = fmt.Errorf("%w: %.256q: change it there", ErrSource, sc.source)
	}
	if err != nil {
		return &Error{Op: opScramble, Pattern: Prefix(prefix), Err: err}
	}
	r.swapScrambled(all.without(prefix))
	return nil
}

const opScramble = "scramble"

// scramble changes what the program says of a prefix.
func (r *Ring) scramble(prefix string, change func(*scrambling) (*scrambling, error)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	next, err := r.scrambledBy(prefix, change)
	if err != nil {
		return &Error{Op: opScramble, Pattern: Prefix(prefix), Err: err}
	}
	r.swapScrambled(next)
	return nil
}

// scrambledBy gives what the ring is to have. mu is held.
func (r *Ring) scrambledBy(prefix string, change func(*scrambling) (*scrambling, error)) (scramblings, error) {
	s := r.snapshot()
	if err := s.scrambles(prefix); err != nil {
		return nil, err
	}
	sc := s.scrambled.get(prefix)
	switch {
	case sc == nil || sc.source != "" && sc.closed():
		sc = &scrambling{prefix: prefix}
	case sc.source != "":
		return nil, fmt.Errorf("%w: %.256q: change it there", ErrSource, sc.source)
	}
	next, err := change(sc)
	if err == nil {
		err = next.check()
	}
	if err == nil {
		err = s.fits(next)
	}
	if err != nil {
		return nil, err
	}
	return s.scrambled.with(next)
}

// scrambles refuses a prefix below which nothing can be scrambled.
func (s *snapshot) scrambles(prefix string) error {
	p := Prefix(prefix)
	switch err := p.check(); {
	case err != nil:
		return err
	case !strings.HasSuffix(prefix, "."), p.own():
		return fmt.Errorf(`%w: give one that ends with a dot, and doesn't begin with "wamp."`, ErrPattern)
	case strings.HasPrefix(reservedErrors, prefix):
		return fmt.Errorf("%w: below it are wampbox's own error URIs", ErrPattern)
	}
	for _, reserved := range s.reserved {
		if strings.HasPrefix(prefix, reserved.prefix) || strings.HasPrefix(reserved.prefix, prefix) {
			return fmt.Errorf("%w: %q is a key service's", ErrPattern, reserved.prefix)
		}
	}
	return nil
}

// fits refuses a scrambling if an entry that there is can't be below its prefix.
func (s *snapshot) fits(sc *scrambling) error {
	for e := range s.entries() {
		if err := sc.takes(e); err != nil {
			return err
		}
	}
	return nil
}

// swapScrambled puts other scramblings on the ring. mu is held.
func (r *Ring) swapScrambled(all scramblings) {
	next := *r.snapshot()
	next.scrambled = all
	r.swap(&next)
}

// Hides tells whether a URI lies below a prefix whose URIs are scrambled, and below which.
func (r *Ring) Hides(uri string) (prefix string, hidden bool) {
	sc := r.snapshot().scrambled.of(uri)
	if sc == nil || uri == sc.prefix {
		return "", false
	}
	return sc.prefix, true
}

// Scrambled tells how routers get the URIs below a prefix: nothing of a secret itself.
type Scrambled struct {
	Prefix     string
	Source     string    // "" for the program
	ClearUntil time.Time // see [Ring.AllowClear]; zero for never
	// Secrets are in the order of their ActiveFrom, the latest first. There are none where a
	// source has taken them away: the URIs are closed.
	Secrets []ScrambledBy
}

// ScrambledBy tells of one secret.
type ScrambledBy struct {
	ID    string
	State State // now
	Dates Dates
}

// Scrambled walks through the prefixes whose URIs are scrambled, in the order of their texts.
func (r *Ring) Scrambled() iter.Seq[Scrambled] {
	return func(yield func(Scrambled) bool) {
		now := time.Now()
		for _, sc := range r.snapshot().scrambled {
			told := Scrambled{Prefix: sc.prefix, Source: sc.source, ClearUntil: sc.clear}
			for _, v := range sc.secrets {
				told.Secrets = append(told.Secrets, ScrambledBy{v.id.String(), sc.stateOf(v, now), v.dates})
			}
			if !yield(told) {
				return
			}
		}
	}
}
