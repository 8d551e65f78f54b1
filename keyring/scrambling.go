package keyring

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// scrambling says how routers get the URIs below a prefix. It is never changed once it is on a
// ring.
type scrambling struct {
	prefix  string
	secrets []*scrambleSecret // that with the latest ActiveFrom first; none: the URIs are closed
	clear   time.Time         // until when URIs go clear too, zero: never
	source  string            // that gave it, "" for the program
}

// scrambleSecret is one version of what scrambles.
type scrambleSecret struct {
	secret cryptobox.ScrambleSecret
	id     cryptobox.KeyID
	dates  Dates
}

func newScrambleSecret(secret cryptobox.ScrambleSecret, dates Dates) *scrambleSecret {
	return &scrambleSecret{secret, secret.ID(), dates.plainClock()}
}

// current gives the secret with the latest ActiveFrom that has come, or nil.
func (sc *scrambling) current(now time.Time) *scrambleSecret {
	for _, v := range sc.secrets {
		if v.dates.begun(now) {
			return v
		}
	}
	return nil
}

// sender gives the secret under which URIs are sent now. Without one they are sent clear, or
// not at all.
func (sc *scrambling) sender(now time.Time) (v *scrambleSecret, asIs bool) {
	v = sc.current(now)
	if v != nil && !v.dates.expired(now) {
		return v, false
	}
	return nil, v == nil && sc.clears(now)
}

// clears tells whether URIs are also taken as they are.
func (sc *scrambling) clears(now time.Time) bool { return !sc.clear.IsZero() && !now.After(sc.clear) }

// stateOf gives what the dates make of one of the secrets.
func (sc *scrambling) stateOf(v *scrambleSecret, now time.Time) State {
	switch {
	case v.dates.expired(now):
		return StateExpired
	case v == sc.current(now):
		return StateActive
	case !v.dates.begun(now):
		return StatePending
	}
	return StateRetired
}

// covers tells whether every URI that matches the pattern is below the prefix.
func (sc *scrambling) covers(p Pattern) bool { return strings.HasPrefix(p.fixedText(), sc.prefix) }

// takes says why an entry below the prefix can't be, or is nil: only what is sealed in our
// dialect can be told to be about the URI that a scrambled one stands for.
func (sc *scrambling) takes(e *Entry) error {
	why := ""
	switch {
	case e.standing == closed || !sc.covers(e.pattern):
		return nil
	case e.standing == plain:
		why = "plain"
	case e.foreign:
		why = "sealed in another dialect than ours"
	case e.transition.plaintext != 0:
		why = "in a transition"
	case e.pattern.endsWithin():
		return sc.insideComponent()
	case sc.length(e.pattern.URI) > MaxPatternLength:
		return fmt.Errorf("%w: the URIs below %q are scrambled, and it would have more than %d bytes then", ErrPattern, sc.prefix, MaxPatternLength)
	default:
		return nil
	}
	return fmt.Errorf("%w: the URIs below %q are scrambled, and %v would be %s", ErrScrambled, sc.prefix, e.pattern, why)
}

// insideComponent refuses a prefix that ends inside a component.
func (sc *scrambling) insideComponent() error {
	return fmt.Errorf("%w: the URIs below %q are scrambled, component by component: let the prefix end with a dot", ErrPattern, sc.prefix)
}

// length gives that of the scrambled form of a text below the prefix.
func (sc *scrambling) length(text string) int {
	n, more := len(sc.prefix), true
	for rest := text[n:]; more; {
		var component string
		if component, rest, more = strings.Cut(rest, "."); component != "" {
			n += cryptobox.ScrambledLength
		}
		if more {
			n++
		}
	}
	return n
}

// endsWithin tells whether the pattern is a prefix that ends inside a component.
func (p Pattern) endsWithin() bool {
	return p.Match == MatchPrefix && p.URI != "" && !strings.HasSuffix(p.URI, ".")
}

// check refuses secrets and dates that don't go together.
func (sc *scrambling) check() error {
	for i, v := range sc.secrets {
		if err := v.dates.check(); err != nil {
			return err
		}
		for _, other := range sc.secrets[:i] {
			switch {
			case v.id == other.id:
				return &worded{ErrVersionExists, "the prefix has this secret already: give each once"}
			case v.dates.ActiveFrom.Equal(other.dates.ActiveFrom):
				return refuse(fmt.Sprintf("the secret %v is active from the same moment: give another date", other.id))
			}
		}
	}
	if len(sc.secrets) > MaxVersions {
		return refuse(fmt.Sprintf("a prefix has at most %d secrets: remove some that expired", MaxVersions))
	}
	return nil
}

// with gives the scrambling with other secrets.
func (sc *scrambling) with(secrets ...*scrambleSecret) *scrambling {
	slices.SortStableFunc(secrets, func(a, b *scrambleSecret) int { return b.dates.ActiveFrom.Compare(a.dates.ActiveFrom) })
	next := *sc
	next.secrets = secrets
	return &next
}

// secret finds one by its id.
func (sc *scrambling) secret(id string) *scrambleSecret {
	for _, v := range sc.secrets {
		if v.id.String() == id {
			return v
		}
	}
	return nil
}

// closed tells whether the URIs go in no form, scrambled or clear: a change took away what there was.
func (sc *scrambling) closed() bool { return len(sc.secrets) == 0 && sc.clear.IsZero() }

// sentClear gives until when URIs are sent clear, but for the moment itself: until a secret is
// in use, and no longer than they may.
func (sc *scrambling) sentClear() time.Time {
	if n := len(sc.secrets); n > 0 && sc.secrets[n-1].dates.ActiveFrom.Before(sc.clear) {
		return sc.secrets[n-1].dates.ActiveFrom
	}
	return sc.clear
}

// clearer tells whether URIs go clear that don't by the word of another scrambling, or for longer.
func (sc *scrambling) clearer(other *scrambling) bool {
	now := time.Now()
	later := func(date, than time.Time) bool { return date.After(than) && !date.Before(now) }
	return later(sc.clear, other.clear) || later(sc.sentClear(), other.sentClear())
}

// equal tells whether both say the same.
func (sc *scrambling) equal(other *scrambling) bool {
	return sc.prefix == other.prefix && sc.clear.Equal(other.clear) && slices.EqualFunc(sc.secrets, other.secrets,
		func(a, b *scrambleSecret) bool { return a.id == b.id && a.dates == b.dates })
}

// noPattern is ErrClosed of a URI below the prefix.
func (sc *scrambling) noPattern() error {
	return &worded{ErrClosed, fmt.Sprintf("no pattern below %q matches, and where URIs are scrambled no other counts: give it a key", sc.prefix)}
}

// noSender says why no secret is in use.
func (sc *scrambling) noSender(now time.Time) error {
	why := "a change took them away"
	switch v := sc.current(now); {
	case v != nil:
		why = fmt.Sprintf("%v was until %s, %s ago by this clock", v.id, moment(v.dates.NotAfter), distance(v.dates.NotAfter, now))
	case len(sc.secrets) > 0:
		next := sc.secrets[len(sc.secrets)-1]
		why = fmt.Sprintf("%v will be from %s, in %s by this clock", next.id, moment(next.dates.ActiveFrom), distance(next.dates.ActiveFrom, now))
	}
	return &worded{ErrNoActive, fmt.Sprintf("no secret scrambles the URIs below %q now: %s", sc.prefix, why)}
}

// next gives when the dates change something, zero for never.
func (sc *scrambling) next(now time.Time) (next time.Time) {
	sooner := func(date time.Time) {
		if date.After(now) && (next.IsZero() || date.Before(next)) {
			next = date
		}
	}
	for _, v := range sc.secrets {
		sooner(v.dates.ActiveFrom)
		if !v.dates.NotAfter.IsZero() {
			sooner(v.dates.NotAfter.Add(1))
		}
	}
	if !sc.clear.IsZero() {
		sooner(sc.clear.Add(1))
	}
	return next
}
