package authority

import (
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// hiddenPrefix is one of the master's whose URIs are scrambled.
type hiddenPrefix struct {
	*keyfile.Scramble
	secrets []secret        // that with the latest date first
	members map[string]bool // who holds patterns there, and nobody else is given the secrets
	file    *keyfile.Scramble
}

// prefixes gives those of the master.
func (s *state) prefixes(master *keyfile.File) (all []*hiddenPrefix, err error) {
	for _, sc := range master.Scrambles {
		one := &hiddenPrefix{Scramble: sc, members: s.below(sc.Prefix)}
		if one.secrets, err = scrambleSecrets(sc); err != nil {
			return nil, err
		}
		one.file = &keyfile.Scramble{Prefix: sc.Prefix, AllowClear: sc.AllowClear} // comments stay in the master
		for _, v := range one.secrets {
			one.file.Secrets = append(one.file.Secrets, &keyfile.ScrambleVersion{Secret: v.Secret, Dates: v.Dates})
		}
		all = append(all, one)
	}
	return all, nil
}

// ids gives those of all secrets.
func (p *hiddenPrefix) ids() (list []string) {
	for _, v := range p.secrets {
		list = append(list, v.id)
	}
	return list
}
