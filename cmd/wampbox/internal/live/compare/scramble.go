package compare

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// Scramble is a prefix whose URIs are scrambled. Its fields are named as the file names them.
type Scramble struct {
	Prefix     string           `json:"prefix"`
	Comment    string           `json:"comment,omitempty"`
	AllowClear time.Time        `json:"allow_clear,omitzero"`
	Secrets    []ScrambleSecret `json:"secrets,omitempty"` // that with the latest ActiveFrom first
}

// ScrambleSecret tells of a secret: its id, which gives nothing of it away.
type ScrambleSecret struct {
	ID         string    `json:"id"`
	Short      string    `json:"short,omitempty"` // as much of the id as tells it from others
	State      string    `json:"state"`           // when the list was made: pending, active, retired or expired
	ActiveFrom time.Time `json:"active_from,omitzero"`
	NotAfter   time.Time `json:"not_after,omitzero"`
}

// newScrambles tells of those of a file.
func newScrambles(f *keyfile.File) ([]Scramble, error) {
	ring, err := f.Ring()
	if err != nil {
		return nil, err
	}
	var list []Scramble
	for told := range ring.Scrambled() {
		at := slices.IndexFunc(f.Scrambles, func(s *keyfile.Scramble) bool { return s.Prefix == told.Prefix })
		s := Scramble{Prefix: told.Prefix, Comment: keyfile.Conceal(f.Scrambles[at].Comment), AllowClear: told.ClearUntil}
		for _, by := range told.Secrets {
			s.Secrets = append(s.Secrets, ScrambleSecret{ID: by.ID, State: by.State.String(), ActiveFrom: by.Dates.ActiveFrom, NotAfter: by.Dates.NotAfter})
		}
		list = append(list, s)
	}
	return list, nil
}

// parseScrambles checks the prefixes.
func (l List) parseScrambles() error {
	for i, s := range l.Scramble {
		if err := keyring.Prefix(s.Prefix).Validate(); err != nil {
			return fmt.Errorf("scramble[%d]: %w", i, err)
		}
	}
	return nil
}

// around gives what an end says of the prefix below which a pattern lies, nil for nothing.
func (l List) around(p keyring.Pattern) *Scramble {
	for i, s := range l.Scramble {
		if strings.HasPrefix(p.URI, s.Prefix) {
			return &l.Scramble[i]
		}
	}
	return nil
}

// scrambled reports, for each prefix below which both ends have a pattern, what keeps one from
// getting what the other sends.
func (r *report) scrambled(a, b end, now time.Time) {
	said := map[string]bool{}
	for _, p := range a.Patterns {
		if _, both := b.of(p.parsed); !both {
			continue
		}
		ours, theirs := a.around(p.parsed), b.around(p.parsed)
		if ours == nil && theirs == nil {
			continue
		}
		either := ours
		if ours == nil {
			either = theirs
		}
		if prefix := either.Prefix; !said[prefix] {
			said[prefix] = true
			r.unseen(a.name, b.name, prefix, ours, theirs, now)
			r.unseen(b.name, a.name, prefix, theirs, ours, now)
		}
	}
}

// unseen reports what one end sends below a prefix, now or later, and the other doesn't ask for.
func (r *report) unseen(from, to, prefix string, sends, takes *Scramble, now time.Time) {
	const copied = `copy the lines of "scramble" from one file over to the other`
	add := func(at time.Time, message, fix string) {
		level := Error
		if at.After(now) {
			level, message = Warning, fmt.Sprintf("from %s on, ", at.UTC().Format(time.RFC3339))+message
		}
		r.add(level, Scrambling, keyring.Prefix(prefix), "", message, fix)
	}
	if sends.clearUntil(now).After(now) && takes != nil && !takes.AllowClear.After(now) {
		add(now, fmt.Sprintf("%s sends its URIs as they are, and %s takes them scrambled alone", from, to), copied)
	}
	if sends == nil {
		return
	}
	for i, s := range sends.Secrets {
		if !s.NotAfter.IsZero() && s.NotAfter.Before(now) || i > 0 && !sends.Secrets[i-1].ActiveFrom.After(now) {
			continue // it isn't sent under any more
		}
		at := now
		if s.ActiveFrom.After(now) {
			at = s.ActiveFrom
		}
		switch {
		case takes == nil || takes.Prefix != sends.Prefix:
			add(at, fmt.Sprintf("%s sends its URIs scrambled, and %s doesn't take them so", from, to), copied)
		case !takes.has(s.ID, at):
			add(at, fmt.Sprintf("%s sends its URIs scrambled under the secret %s, which %s doesn't take", from, s.ID, to), copied)
		}
	}
}

// clearUntil gives until when an end sends URIs as they are: for ever where it doesn't scramble.
func (s *Scramble) clearUntil(now time.Time) time.Time {
	switch {
	case s == nil:
		return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	case len(s.Secrets) > 0 && !s.Secrets[len(s.Secrets)-1].ActiveFrom.After(now):
		return time.Time{}
	}
	return s.AllowClear
}

// has tells whether a secret is taken at some time.
func (s *Scramble) has(id string, at time.Time) bool {
	return slices.ContainsFunc(s.Secrets, func(other ScrambleSecret) bool {
		return other.ID == id && (other.NotAfter.IsZero() || other.NotAfter.After(at))
	})
}
