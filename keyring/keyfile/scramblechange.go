package keyfile

import (
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// AddScramble gives a prefix a further secret, or begins with a prefix that is new to the File,
// as [keyring.Ring.AddScramble] does. On an error, which is one of [File.Ring], the File is
// unchanged.
func (f *File) AddScramble(prefix string, v *ScrambleVersion) error {
	before := f.Scrambles
	s, _ := f.scramble(prefix)
	if s == nil {
		s = &Scramble{Prefix: prefix}
		f.Scrambles = append(slices.Clone(before), s)
	}
	secrets := s.Secrets
	s.Secrets = append(slices.Clone(secrets), v)
	if _, err := f.Ring(); err != nil {
		f.Scrambles, s.Secrets = before, secrets
		return err
	}
	return nil
}

// SetScrambleDates gives a secret other dates, as [keyring.Ring.SetScrambleDates] does, and
// refuses what that refuses.
func (f *File) SetScrambleDates(prefix, id string, dates keyring.Dates) error {
	return f.orderScramble(prefix, func(r *keyring.Ring) error { return r.SetScrambleDates(prefix, id, dates) })
}

// RemoveScramble takes a secret out of the File, as [keyring.Ring.RemoveScramble] does, and
// refuses what that refuses. A file that it referred to is left where it is.
func (f *File) RemoveScramble(prefix, id string) error {
	return f.orderScramble(prefix, func(r *keyring.Ring) error { return r.RemoveScramble(prefix, id) })
}

// AllowClear has the URIs of a prefix go clear too until a date, as [keyring.Ring.AllowClear]
// does, and refuses what that refuses. The zero date ends it.
func (f *File) AllowClear(prefix string, until time.Time) error {
	return f.orderScramble(prefix, func(r *keyring.Ring) error { return r.AllowClear(prefix, until) })
}

// Unscramble takes a prefix out of the File, with its secrets, as [keyring.Ring.Unscramble] does.
func (f *File) Unscramble(prefix string) error {
	return f.orderScramble(prefix, func(r *keyring.Ring) error { return r.Unscramble(prefix) })
}

// scramble finds what the File says of a prefix, nil if nothing, and its place.
func (f *File) scramble(prefix string) (*Scramble, int) {
	for i, s := range f.Scrambles {
		if s.Prefix == prefix {
			return s, i
		}
	}
	return nil, len(f.Scrambles)
}

// orderScramble makes a change on a Ring of the File, and writes down what it made of the
// prefix. On an error the File is unchanged.
func (f *File) orderScramble(prefix string, change func(*keyring.Ring) error) error {
	ring, ids, err := f.checked()
	if err != nil {
		return err
	}
	if err := change(ring); err != nil {
		return err
	}
	s, at := f.scramble(prefix)
	told, scrambled := scrambledOf(ring, prefix)
	switch {
	case !scrambled:
		s.Wipe()
		f.Scrambles = slices.Delete(slices.Clone(f.Scrambles), at, at+1)
		return nil
	case s == nil: // it begins with AllowClear
		s = &Scramble{Prefix: prefix, AllowClear: told.ClearUntil}
		if err := s.check(); err != nil {
			return s.at(at, err)
		}
		f.Scrambles = append(slices.Clone(f.Scrambles), s)
		return nil
	}
	return s.record(at, told, ids.secrets[at])
}

// record writes down what became of a prefix, whose secrets had these ids. Dates that are the
// same stay as they were written.
func (s *Scramble) record(at int, told keyring.Scrambled, ids []string) error {
	next := *s
	next.AllowClear = sameDate(s.AllowClear, told.ClearUntil)
	next.Secrets = nil
	var gone []*ScrambleVersion
	for i, v := range s.Secrets {
		by := slices.IndexFunc(told.Secrets, func(by keyring.ScrambledBy) bool { return by.ID == ids[i] })
		if by < 0 {
			gone = append(gone, v)
			continue
		}
		left := *v
		left.Dates.ActiveFrom = sameDate(v.Dates.ActiveFrom, told.Secrets[by].Dates.ActiveFrom)
		left.Dates.NotAfter = sameDate(v.Dates.NotAfter, told.Secrets[by].Dates.NotAfter)
		next.Secrets = append(next.Secrets, &left)
	}
	if err := next.check(); err != nil {
		return s.at(at, err)
	}
	for _, v := range gone {
		v.Secret.Wipe()
	}
	*s = next
	return nil
}

// scrambledOf finds what a ring tells of a prefix.
func scrambledOf(ring *keyring.Ring, prefix string) (keyring.Scrambled, bool) {
	for told := range ring.Scrambled() {
		if told.Prefix == prefix {
			return told, true
		}
	}
	return keyring.Scrambled{}, false
}

// sameDate gives a date as it was written, if it is still the same.
func sameDate(written, now time.Time) time.Time {
	if written.Equal(now) {
		return written
	}
	return now
}
