package keyfile

import (
	"fmt"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Scramble is what the file says of a prefix whose URIs are scrambled: see
// [keyring.Ring.Scramble].
type Scramble struct {
	Prefix  string
	Comment string
	Secrets []*ScrambleVersion // in any order; none only with AllowClear
	// AllowClear is until when URIs go clear too: see [keyring.Ring.AllowClear].
	AllowClear time.Time

	line int // 0 where it was never read
}

// ScrambleVersion is one secret of a prefix, as the file writes it.
type ScrambleVersion struct {
	Secret  Secret
	Dates   keyring.Dates
	Comment string

	line int // 0 where it was never read
}

// scrambleFields and secretFields are those of the two, in the order in which they are written.
const (
	scrambleFields = "prefix, comment, allow_clear, secrets"
	secretFields   = "active_from, not_after, comment, secret"
)

// Line gives the line that it begins on, 0 if it was never read.
func (s *Scramble) Line() int { return s.line }

// Name says which one is meant, as far as it is known: scramble[2] prefix "com.myapp.". What
// looks like a key in it is left out.
func (s *Scramble) Name(index int) string {
	name := fmt.Sprintf("scramble[%d]", index)
	if s.Prefix != "" {
		name += " " + keyring.Prefix(s.Prefix).String()
	}
	return Conceal(name)
}

// Name says which secret is meant: secrets[1].
func (v *ScrambleVersion) Name(index int) string { return fmt.Sprintf("secrets[%d]", index) }

// Wipe overwrites the secrets.
func (s *Scramble) Wipe() {
	for _, v := range s.Secrets {
		v.Secret.Wipe()
	}
}

// check refuses what says nothing. What the prefix and the secrets are is for the Ring to say.
func (s *Scramble) check() error {
	if len(s.Secrets) == 0 && s.AllowClear.IsZero() {
		return fmt.Errorf(`%w: it has no secrets: give it one, or "allow_clear" until it has one`, ErrFormat)
	}
	return nil
}

// scrambles reads the list of prefixes.
func (p *parser) scrambles(f *File, name string, line int) error {
	err := p.list(name, func() error {
		s := new(Scramble)
		f.Scrambles = append(f.Scrambles, s)
		return p.scramble(s, len(f.Scrambles)-1)
	})
	if err == nil && len(f.Scrambles) == 0 {
		err = p.fail(line, "%q is empty: add a prefix, or leave it out", name)
	}
	return err
}

// scramble reads what the file says of one prefix.
func (p *parser) scramble(s *Scramble, index int) error {
	p.entry, s.line = func() string { return s.Name(index) }, p.here()
	err := p.object("a prefix's entry", func(name string, line int) (err error) {
		switch name {
		case "prefix":
			s.Prefix, err = p.string(name)
		case "comment":
			s.Comment, err = p.string(name)
		case "allow_clear":
			s.AllowClear, err = p.date(name, line)
		case "secrets":
			err = p.list(name, func() error {
				v := new(ScrambleVersion)
				s.Secrets = append(s.Secrets, v)
				return p.scrambleVersion(v, len(s.Secrets)-1)
			})
		default:
			err = p.unknown(line, name, scrambleFields)
		}
		return err
	})
	if err == nil && s.Prefix == "" {
		err = p.fail(s.line, "the prefix is missing: give what the scrambled URIs begin with")
	}
	return err
}

// scrambleVersion reads one secret.
func (p *parser) scrambleVersion(v *ScrambleVersion, index int) error {
	about := p.entry
	p.entry, v.line = func() string { return about() + " " + v.Name(index) }, p.here()
	err := p.object("a secret's entry", func(name string, line int) (err error) {
		switch name {
		case "active_from":
			v.Dates.ActiveFrom, err = p.date(name, line)
		case "not_after":
			v.Dates.NotAfter, err = p.date(name, line)
		case "comment":
			v.Comment, err = p.string(name)
		case "secret":
			v.Secret, err = p.secret(name, line)
		default:
			err = p.unknown(line, name, secretFields)
		}
		return err
	})
	if err == nil && v.Secret.IsZero() {
		err = p.fail(v.line, `"secret" is missing: give it`)
	}
	return err
}

// scramble writes the fields of a prefix.
func (w *writer) scramble(s *Scramble) {
	w.string("prefix", s.Prefix)
	w.string("comment", s.Comment)
	w.date("allow_clear", s.AllowClear)
	if len(s.Secrets) > 0 {
		list(w, "secrets", s.Secrets, func(v *ScrambleVersion) {
			w.date("active_from", v.Dates.ActiveFrom)
			w.date("not_after", v.Dates.NotAfter)
			w.string("comment", v.Comment)
			w.secret("secret", v.Secret)
		})
	}
}

// scramble puts the prefixes on a ring, before patterns, so that of one that can't be below a
// prefix the error tells. It gives the ids of their secrets.
func (m *keyMaker) scramble(f *File, ring *keyring.Ring) (ids [][]string, err error) {
	ids = make([][]string, len(f.Scrambles))
	lines := make(map[string]int, len(f.Scrambles))
	for i, s := range f.Scrambles {
		if line, twice := lines[s.Prefix]; twice {
			return nil, s.at(i, fmt.Errorf("%w: line %d has this prefix too: write one entry, with the secrets of both", ErrFormat, line))
		}
		lines[s.Prefix] = s.line
		if err := s.check(); err != nil {
			return nil, s.at(i, err)
		}
		for j, v := range s.Secrets {
			secret, err := m.scrambleSecret(v)
			if err == nil {
				err = ring.AddScramble(s.Prefix, secret, v.Dates)
			}
			if err != nil {
				return nil, &Error{Line: v.line, Entry: s.Name(i) + " " + v.Name(j), Err: err}
			}
			ids[i] = append(ids[i], secret.ID().String())
		}
		if !s.AllowClear.IsZero() {
			if err := ring.AllowClear(s.Prefix, s.AllowClear); err != nil {
				return nil, s.at(i, err)
			}
		}
	}
	return ids, nil
}

// at says which prefix an error is about.
func (s *Scramble) at(index int, err error) error {
	return &Error{Line: s.line, Entry: s.Name(index), Err: err}
}

// scrambleSecret reads a secret, from wherever it is.
func (m *keyMaker) scrambleSecret(v *ScrambleVersion) (cryptobox.ScrambleSecret, error) {
	return read(m.settings, v.Secret, "secret", `"`+scrambleType+`" and 44 characters of base64`, m.forSecret, parseScramble)
}

const scrambleType = "scramble:"

func parseScramble(text []byte) (cryptobox.ScrambleSecret, error) {
	if b, ok := decodeTyped(text, scrambleType); ok {
		defer clear(b[:])
		return cryptobox.NewScrambleSecret(b[:])
	}
	return cryptobox.ParseScrambleSecret(string(text))
}
