package lint

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// scramble is a prefix whose URIs are scrambled, with what is known of it.
type scramble struct {
	*keyfile.Scramble
	index int
	keyring.Scrambled
}

func (s *scramble) line() int    { return s.Line() }
func (s *scramble) name() string { return s.Name(s.index) }

// covers tells whether the entry's URIs lie below the prefix.
func (s *scramble) covers(e *entry) bool { return strings.HasPrefix(e.Pattern.URI, s.Scrambled.Prefix) }

// scrambles looks at each prefix whose URIs are scrambled by itself. Those that are good count
// where entries are looked at.
func (r *report) scrambles() {
	for i, s := range r.file.Scrambles {
		at := &scramble{Scramble: s, index: i}
		// What is wider than all prefixes can be beside them.
		probe := r.alone(&keyfile.Entry{Pattern: keyring.Prefix(""), Plain: true})
		probe.Scrambles = append(probe.Scrambles, s)
		ring, err := probe.Ring()
		if err != nil {
			r.refusal(at, nil, err)
			continue
		}
		for told := range ring.Scrambled() {
			if told.Prefix == s.Prefix {
				at.Scrambled = told
			}
		}
		r.hidden = append(r.hidden, at)
		r.allowClear(at)
		r.secrets(at)
		for _, v := range s.Secrets {
			if b := typed(v.Secret); b != nil {
				if madeUp(b) {
					r.add(at, WeakKey, "a secret doesn't look random: make another with wampbox scramble -rotate")
				}
				clear(b)
			}
		}
	}
}

// allowClear looks at until when scrambled URIs go clear too.
func (r *report) allowClear(s *scramble) {
	until, first := s.ClearUntil, s.first()
	switch {
	case until.IsZero():
	case until.Before(r.now):
		r.add(s, AllowClear, `"allow_clear" has passed, %s: take it out`, moment(until))
	case first.After(until):
		r.add(s, AllowClear, `"allow_clear" ends %s, and no secret is in use before %s: nothing is sent meanwhile, so give it a later date`, moment(until), moment(first))
	case until.Sub(later(first, r.now)) > longTransition:
		r.add(s, AllowClear, `its URIs are taken as they are too until %s: that is long; give the day on which all peers scramble (wampbox scramble -allow-clear)`, moment(until))
	default:
		r.addAs(Note, s, AllowClear, fmt.Sprintf("its URIs are taken as they are too until %s", moment(until)))
	}
}

// first gives from when the first secret is sent under, zero for always or none.
func (s *scramble) first() time.Time {
	if len(s.Scrambled.Secrets) == 0 {
		return time.Time{}
	}
	return s.Scrambled.Secrets[len(s.Scrambled.Secrets)-1].Dates.ActiveFrom
}

// secrets looks at the dates of secrets.
func (r *report) secrets(s *scramble) {
	var infos []keyring.VersionInfo
	for _, by := range s.Scrambled.Secrets {
		infos = append(infos, keyring.VersionInfo{ID: by.ID, State: by.State, Dates: by.Dates})
		switch {
		case by.State == keyring.StateExpired:
			r.add(s, Expired, "the secret %s is taken no more since %s: take it out with wampbox scramble -remove -id", by.ID, moment(by.Dates.NotAfter))
		case by.State == keyring.StateRetired && by.Dates.NotAfter.IsZero():
			r.add(s, NoEnd, "another secret is sent under, and %s is taken without end: when all have the other, take it out with wampbox scramble -remove -id", by.ID)
		}
	}
	if len(infos) == 0 {
		return
	}
	from, until, gap := Unsealed(infos, r.now)
	switch {
	case !gap:
	case !from.After(r.now) && until.IsZero():
		r.add(s, NoActive, "no secret is in use, nor will be, so that sending for its URIs fails: wampbox scramble -rotate makes one")
	case !from.After(r.now) && s.first().Equal(until) && !s.ClearUntil.Before(until): // they go clear
	case !from.After(r.now):
		r.add(s, NoActive, "no secret is in use before %s, so that sending for its URIs fails: wampbox scramble -allow-clear has them go as they are until then", moment(until))
	case until.IsZero():
		r.add(s, Gap, "from %s on no secret is in use, and nothing is sent: wampbox scramble -rotate before that", moment(from))
	default:
		r.add(s, Gap, "from %s to %s no secret is in use, and nothing is sent: let the older one end later", moment(from), moment(until))
	}
}

// below looks at which patterns count below scrambled prefixes.
func (r *report) below() {
	for _, s := range r.hidden {
		if !slices.ContainsFunc(r.file.Entries, func(e *keyfile.Entry) bool { return strings.HasPrefix(e.Pattern.URI, s.Scrambled.Prefix) }) {
			r.add(s, Scrambled, "no pattern lies below it, so that its URIs are closed: wampbox add gives it one, and wampbox scramble -remove takes the prefix out")
		}
		for _, e := range r.entries {
			if !s.covers(e) && around(e.Pattern, s.Scrambled.Prefix) {
				r.addAs(Note, e, Scrambled, fmt.Sprintf("it doesn't count below %q, where URIs are scrambled: only patterns that lie there do", s.Scrambled.Prefix))
			}
		}
	}
}

// around tells whether a pattern that doesn't lie below a prefix matches URIs there.
func around(p keyring.Pattern, prefix string) bool {
	switch p.Match {
	case keyring.MatchPrefix:
		return strings.HasPrefix(prefix, p.URI)
	case keyring.MatchWildcard:
		return meet(p, keyring.Prefix(prefix))
	}
	return false
}

// scrambledBetween looks at what two files scramble.
func scrambledBetween(a, b *report) {
	for _, s := range a.hidden {
		i := slices.IndexFunc(b.hidden, func(other *scramble) bool { return other.Scrambled.Prefix == s.Scrambled.Prefix })
		if i < 0 {
			if a.shares(b, s.Scrambled.Prefix) {
				a.add(s, Differs, `%s doesn't scramble its URIs, so that neither gets what the other sends: copy the lines of "scramble" over`, b.path)
			}
			continue
		}
		other := b.hidden[i]
		s.compare(a, b, other)
		if sent := s.clearUntil(a.now); !sent.IsZero() && other.ClearUntil.Before(sent) {
			b.add(other, AllowClear, "%s sends its URIs as they are until %s, which is refused here: have this one take them until then, and %v longer (wampbox scramble -allow-clear)",
				a.path, moment(sent), skew)
		}
	}
}

// shares tells whether two files have a pattern below a prefix in common.
func (r *report) shares(other *report, prefix string) bool {
	return slices.ContainsFunc(r.entries, func(e *entry) bool {
		return strings.HasPrefix(e.Pattern.URI, prefix) && slices.ContainsFunc(other.entries, func(o *entry) bool { return o.Pattern == e.Pattern })
	})
}

// clearUntil gives until when URIs are sent as they are, zero for not at all.
func (s *scramble) clearUntil(now time.Time) time.Time {
	if first := s.first(); len(s.Scrambled.Secrets) > 0 {
		if !first.After(now) || s.ClearUntil.Before(now) {
			return time.Time{}
		}
		return first
	}
	return s.ClearUntil
}

// compare tells which secrets another file lacks, and of which it has other dates.
func (s *scramble) compare(r, theirs *report, other *scramble) {
	for _, by := range s.Scrambled.Secrets {
		i := slices.IndexFunc(other.Scrambled.Secrets, func(o keyring.ScrambledBy) bool { return o.ID == by.ID })
		if i < 0 {
			if by.State != keyring.StateExpired {
				r.add(s, Differs, `%s lacks the secret %s: copy its lines over`, theirs.path, by.ID)
			}
			continue
		}
		o := other.Scrambled.Secrets[i]
		if r.path > theirs.path { // said of the other one
			continue
		}
		if !o.Dates.ActiveFrom.Equal(by.Dates.ActiveFrom) {
			r.add(s, Differs, "the secret %s is sent under from %s on here, and from %s on in %s: give it one date", by.ID, always(by.Dates.ActiveFrom), always(o.Dates.ActiveFrom), theirs.path)
		}
		if !o.Dates.NotAfter.Equal(by.Dates.NotAfter) {
			r.add(s, Differs, "the secret %s is taken until %s here, and until %s in %s: give it one date", by.ID, ever(by.Dates.NotAfter), ever(o.Dates.NotAfter), theirs.path)
		}
	}
}

func always(t time.Time) string {
	if t.IsZero() {
		return "the beginning"
	}
	return moment(t)
}

func ever(t time.Time) string {
	if t.IsZero() {
		return "ever"
	}
	return moment(t)
}
