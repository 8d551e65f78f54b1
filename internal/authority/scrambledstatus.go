package authority

import (
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// ScrambledStatus tells of a scrambled prefix's secrets.
type ScrambledStatus struct {
	Prefix     string
	ClearUntil time.Time
	Secrets    []SecretStatus // the one with the latest date first
}

// SecretStatus tells of a secret who has it, of those who hold patterns below the prefix.
type SecretStatus struct {
	keyring.ScrambledBy
	Issued uint64 // the serial of the first grants with it; 0 before that, or if it isn't known
	Has    map[string]Having
}

// Names gives those who have it so, in order.
func (v SecretStatus) Names(having Having) []string { return names(v.Has, having) }

// scrambledOf tells of the prefixes of the master.
func scrambledOf(master *keyfile.File) ([]keyring.Scrambled, error) {
	if len(master.Scrambles) == 0 {
		return nil, nil
	}
	ring, err := master.Ring()
	if err != nil {
		return nil, err
	}
	return slices.Collect(ring.Scrambled()), nil
}

// statusOfScrambled tells of a prefix.
func (s *state) statusOfScrambled(of keyring.Scrambled) ScrambledStatus {
	status := ScrambledStatus{Prefix: of.Prefix, ClearUntil: of.ClearUntil}
	since := s.scrambled(of.Prefix).Since
	for _, v := range of.Secrets {
		one := SecretStatus{ScrambledBy: v, Issued: since[v.ID], Has: map[string]Having{}}
		for name := range s.below(of.Prefix) {
			one.Has[name] = s.havingSecret(of.Prefix, name, since[v.ID])
		}
		status.Secrets = append(status.Secrets, one)
	}
	return status
}

// havingSecret tells whether a member has a secret that is in grants since a serial. It has none
// before the first grant in which it holds a pattern there.
func (s *state) havingSecret(prefix, name string, since uint64) Having {
	joined, holds := uint64(0), false
	for _, h := range s.holdings(name) {
		if !lies(h.pattern(), prefix) {
			continue
		}
		at, handed := h.since(name)
		if handed && (!holds || at < joined) {
			joined, holds = at, true
		}
	}
	if since == 0 || !holds {
		return HasNot
	}
	return s.member(name).has(max(since, joined))
}

// since gives the serial of the first grants in which a holder has the pattern, as far as that is
// known: false before them.
func (h *holding) since(name string) (serial uint64, handed bool) {
	joined, joins := h.Joined[name]
	if joins && joined == 0 {
		return 0, false
	}
	first := uint64(0)
	for _, at := range h.Since {
		if at > 0 && (first == 0 || at < first) {
			first = at
		}
	}
	return max(first, joined), first > 0
}

// scrambledDiffers tells whether the master has other secrets than the last grants, of prefixes below
// which members hold patterns.
func (s *state) scrambledDiffers(all []ScrambledStatus) bool {
	for _, one := range all {
		since := s.scrambled(one.Prefix).Since
		if len(s.below(one.Prefix)) > 0 && (len(since) != len(one.Secrets) ||
			slices.ContainsFunc(one.Secrets, func(v SecretStatus) bool { return v.Issued == 0 })) {
			return true
		}
	}
	return slices.ContainsFunc(s.Scrambled, func(known *scrambled) bool { // one is gone
		return len(known.Since) > 0 && !slices.ContainsFunc(all, func(one ScrambledStatus) bool { return one.Prefix == known.Prefix })
	})
}
