package main

import (
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live/compare"
)

// scrambleSays gives what is to be said beside a secret.
func scrambleSays(s compare.Scramble) string {
	says := s.Comment
	if s.AllowClear.After(time.Now()) {
		if says != "" {
			says = "; " + says
		}
		says = "takes URIs as they are too until " + shown(s.AllowClear, "") + says
	}
	return says
}

// ids gives those of all versions and secrets.
func (f listedFile) ids() (ids []string) {
	for _, p := range f.Patterns {
		for _, v := range p.Versions {
			ids = append(ids, v.ID)
		}
	}
	for _, s := range f.Scramble {
		for _, by := range s.Secrets {
			ids = append(ids, by.ID)
		}
	}
	return ids
}

// setShort sets how ids are shown.
func (f listedFile) setShort(short map[string]string) {
	for _, p := range f.Patterns {
		for i := range p.Versions {
			p.Versions[i].Short = short[p.Versions[i].ID]
		}
	}
	for _, s := range f.Scramble {
		for i := range s.Secrets {
			s.Secrets[i].Short = short[s.Secrets[i].ID]
		}
	}
}
