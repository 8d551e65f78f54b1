package main

import (
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// listedScramble is a prefix whose URIs are scrambled, as list prints it as JSON.
type listedScramble struct {
	Prefix     string         `json:"prefix"`
	Comment    string         `json:"comment,omitempty"`
	AllowClear *time.Time     `json:"allow_clear,omitempty"`
	Secrets    []listedSecret `json:"secrets,omitempty"`
}

// listedSecret is one of its secrets: nothing of the secret itself.
type listedSecret struct {
	ID         string     `json:"id"`
	Short      string     `json:"short"`
	State      string     `json:"state"`
	ActiveFrom *time.Time `json:"active_from,omitempty"`
	NotAfter   *time.Time `json:"not_after,omitempty"`
}

// newListedScrambles tells of those of a file.
func newListedScrambles(f *keyfile.File) ([]listedScramble, error) {
	ring, err := f.Ring()
	if err != nil {
		return nil, err
	}
	var list []listedScramble
	for told := range ring.Scrambled() {
		at := slices.IndexFunc(f.Scrambles, func(s *keyfile.Scramble) bool { return s.Prefix == told.Prefix })
		s := listedScramble{Prefix: told.Prefix, Comment: keyfile.Conceal(f.Scrambles[at].Comment), AllowClear: dated(told.ClearUntil)}
		for _, by := range told.Secrets {
			s.Secrets = append(s.Secrets, listedSecret{
				ID: by.ID, State: by.State.String(), ActiveFrom: dated(by.Dates.ActiveFrom), NotAfter: dated(by.Dates.NotAfter),
			})
		}
		list = append(list, s)
	}
	return list, nil
}

// says gives what is to be said beside a secret.
func (s listedScramble) says() string {
	says := s.Comment
	if s.AllowClear != nil && s.AllowClear.After(time.Now()) {
		if says != "" {
			says = "; " + says
		}
		says = "takes URIs as they are too until " + when(s.AllowClear, "") + says
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
