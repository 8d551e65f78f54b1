package authority

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// scrambled is what is known of a scrambled prefix beside its secrets, which are in the master: since
// which grants members have each.
type scrambled struct {
	Prefix string `json:"prefix"`
	handedOut
}

// scrambled gives what is known of a prefix, which is to be kept by [state.secretMade] alone.
func (s *state) scrambled(prefix string) *scrambled {
	for _, one := range s.Scrambled {
		if one.Prefix == prefix {
			return one
		}
	}
	return &scrambled{Prefix: prefix}
}

// secretMade notes a secret that nobody has yet.
func (s *state) secretMade(prefix, id string) {
	one := s.scrambled(prefix)
	if !slices.Contains(s.Scrambled, one) {
		s.Scrambled = append(s.Scrambled, one)
	}
	one.made(id)
}

// lies tells whether all that matches a pattern is below a prefix. A wildcard's open components have
// no text, so it is fixed for as long as a prefix's text goes on.
func lies(p keyring.Pattern, prefix string) bool { return strings.HasPrefix(p.URI, prefix) }

// below gives who holds patterns below a prefix.
func (s *state) below(prefix string) map[string]bool {
	names := map[string]bool{}
	for _, h := range s.Patterns {
		if !lies(h.pattern(), prefix) {
			continue
		}
		for name := range h.Holders {
			names[name] = true
		}
	}
	return names
}

// handOutSecrets notes that grants with a serial have all the secrets that the master has.
func (s *state) handOutSecrets(all []*hiddenPrefix, serial uint64) {
	var next []*scrambled
	for _, p := range all {
		one := s.scrambled(p.Prefix)
		one.handOut(p.ids(), serial, len(p.members) > 0)
		next = append(next, one)
	}
	s.Scrambled = next
}

// checkScrambled refuses what no prefixes are, and serials that there were none of.
func (s *state) checkScrambled() error {
	known := map[string]bool{}
	for i, one := range s.Scrambled {
		if one == nil {
			return fmt.Errorf("the scrambled prefix %d is missing", i)
		}
		p := keyring.Prefix(one.Prefix)
		if err := p.Validate(); err != nil {
			return err
		}
		if !strings.HasSuffix(one.Prefix, ".") || known[one.Prefix] {
			return fmt.Errorf("the scrambled prefix %v is there twice, or doesn't end with a dot", p)
		}
		known[one.Prefix] = true
		if !one.checkHandedOut(s, nil) {
			return fmt.Errorf("what was issued of the scrambled prefix %v can't have been", p)
		}
	}
	return nil
}

// tidySecrets takes secrets out of a prefix that are of no use any more, but never the one whose turn
// it is: those whose end has passed, and those that nobody but the authority ever had, and in whose
// place others are used. Then it makes room for as many more as is said: of too many the oldest end,
// whose ids it gives. The error wraps [ErrRoom] if that isn't enough.
func (one *scrambled) tidySecrets(sc *keyfile.Scramble, now time.Time, room int) (ended []string, changed bool, err error) {
	all, err := scrambleSecrets(sc)
	if err != nil {
		return nil, false, err
	}
	turn := turnOfSecrets(all, now)
	var left []secret
	for i, v := range all {
		end := v.Dates.NotAfter
		if turn >= 0 && i > turn && (!end.IsZero() && now.After(end) || one.unknown(v.id)) {
			continue
		}
		left = append(left, v)
	}
	for room > 0 && len(left) > maxLive-room {
		last := left[len(left)-1]
		if turn < 0 || last.id == all[turn].id {
			return nil, false, ErrRoom
		}
		ended, left = append(ended, last.id), left[:len(left)-1]
	}
	if len(left) == len(all) {
		return nil, false, nil
	}
	keepSecrets(sc, left)
	return ended, true, nil
}

// keepSecrets wipes a prefix's other secrets.
func keepSecrets(sc *keyfile.Scramble, left []secret) {
	sc.Secrets = slices.DeleteFunc(sc.Secrets, func(v *keyfile.ScrambleVersion) bool {
		gone := !slices.ContainsFunc(left, func(kept secret) bool { return kept.ScrambleVersion == v })
		if gone {
			v.Secret.Wipe()
		}
		return gone
	})
}

// tidyAllSecrets does that with all prefixes.
func (s *state) tidyAllSecrets(f renewal.File, now time.Time) (changed bool, err error) {
	for _, sc := range f.Scrambles {
		_, tidied, err := s.scrambled(sc.Prefix).tidySecrets(sc, now, 0)
		if err != nil {
			return false, err
		}
		changed = changed || tidied
	}
	return changed, nil
}
