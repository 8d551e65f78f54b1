package authority

import (
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// secretsLost gives the ids of the secrets that a member may have and has no use of when it holds
// some patterns no more: those of the prefixes below which it holds no others.
func (s *state) secretsLost(master *keyfile.File, name string, patterns []keyring.Pattern) (ids []string, err error) {
	all, err := s.prefixes(master)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		keeps := slices.ContainsFunc(s.holdings(name), func(h *holding) bool {
			return lies(h.pattern(), p.Prefix) && !slices.Contains(patterns, h.pattern())
		})
		if p.members[name] && !keeps {
			ids = append(ids, p.ids()...)
		}
	}
	return ids, nil
}

// endSecrets takes secrets out of the master that are being ended, of whatever prefix. If the one whose
// turn it is, or one to come, is among a prefix's, a new one is used at once.
func (s *state) endSecrets(f renewal.File, at time.Time) (ended []EndedSecrets, err error) {
	for _, sc := range f.Scrambles {
		all, err := scrambleSecrets(sc)
		if err != nil {
			return nil, err
		}
		one := EndedSecrets{Prefix: sc.Prefix}
		turn, used := turnOfSecrets(all, at), false
		var left []secret
		for i, v := range all {
			if !slices.Contains(s.Ending.Secrets, v.id) {
				left = append(left, v)
				continue
			}
			one.Old = append(one.Old, v.id)
			used = used || turn < 0 || i <= turn
		}
		if len(one.Old) == 0 {
			continue
		}
		keepSecrets(sc, left)
		if used {
			next := newSecret(begins(at, at, left))
			sc.Secrets = append(sc.Secrets, next.ScrambleVersion)
			one.New, one.isMade = next.id, true
		}
		ended = append(ended, one)
	}
	return ended, nil
}
