package keyfile

import (
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Add adds a version to a pattern's key, or a pattern that is new to the File. On an
// error, which is one of [File.Ring], the File is unchanged.
func (f *File) Add(p keyring.Pattern, v *Version) error {
	before := f.Entries
	e, _ := f.entry(p)
	if e == nil {
		e = &Entry{Pattern: p}
		f.Entries = append(slices.Clone(before), e)
	}
	versions := e.Versions
	e.Versions = append(slices.Clone(versions), v)
	if _, err := f.Ring(); err != nil {
		f.Entries, e.Versions = before, versions
		return err
	}
	return nil
}

// SetPlain declares that a pattern's URIs are plain, as [keyring.Ring.SetPlain] does, and
// refuses what that refuses. A key that it had is taken out of the File.
func (f *File) SetPlain(p keyring.Pattern) error {
	e, err := f.order(p, func(r *keyring.Ring) error { return r.SetPlain(p) })
	if err != nil {
		return err
	}
	if e == nil {
		e = &Entry{Pattern: p}
		f.Entries = append(f.Entries, e)
	}
	e.Plain, e.Plaintext, e.Until, e.AllowUnsigned = true, 0, time.Time{}, time.Time{}
	return nil
}

// SetDates gives a version other dates, as [keyring.Ring.SetDates] does, and refuses what
// that refuses.
func (f *File) SetDates(p keyring.Pattern, id string, dates keyring.Dates) error {
	_, err := f.order(p, func(r *keyring.Ring) error { return r.SetDates(p, id, dates) })
	return err
}

// Revoke ends a version at once, as [keyring.Ring.Revoke] does. Its keys are taken out of
// the File; its id and dates stay. Files that it referred to are left where they are.
func (f *File) Revoke(p keyring.Pattern, id string) error {
	_, err := f.order(p, func(r *keyring.Ring) error { return r.Revoke(p, id) })
	return err
}

// RemoveVersion takes a version out of the File, as [keyring.Ring.RemoveVersion] does, and
// refuses what that refuses.
func (f *File) RemoveVersion(p keyring.Pattern, id string) error {
	_, err := f.order(p, func(r *keyring.Ring) error { return r.RemoveVersion(p, id) })
	return err
}

// Remove takes a pattern out of the File, with all its versions.
func (f *File) Remove(p keyring.Pattern) error {
	e, err := f.order(p, func(r *keyring.Ring) error { return r.Remove(p) })
	if err != nil {
		return err
	}
	f.Entries = slices.DeleteFunc(slices.Clone(f.Entries), func(other *Entry) bool { return other == e })
	return nil
}

// Transition lets a pattern with a key send plain or take plain until a date, as
// [keyring.Ring.Transition] does, and refuses what that refuses.
func (f *File) Transition(p keyring.Pattern, plaintext keyring.Plaintext, until time.Time) error {
	e, err := f.order(p, func(r *keyring.Ring) error { return r.Transition(p, plaintext, until) })
	if err == nil {
		e.Plaintext, e.Until = plaintext, until
	}
	return err
}

// EndTransition ends a pattern's transition, as [keyring.Ring.EndTransition] does.
func (f *File) EndTransition(p keyring.Pattern) error {
	e, err := f.order(p, func(r *keyring.Ring) error { return r.EndTransition(p) })
	if err == nil {
		e.Plaintext, e.Until = 0, time.Time{}
	}
	return err
}

// order makes a change on a Ring of the File, writes down what it made of the pattern's
// versions, and gives the pattern's entry, nil if there is none. On an error the File is
// unchanged.
func (f *File) order(p keyring.Pattern, change func(*keyring.Ring) error) (*Entry, error) {
	ring, all := keyring.New(), keys{}
	if len(f.Entries) > 0 { // what is empty can be changed, and not written
		var err error
		if ring, all, err = f.checked(); err != nil {
			return nil, err
		}
	}
	if err := change(ring); err != nil {
		return nil, err
	}
	e, at := f.entry(p)
	if e == nil {
		return nil, nil
	}
	var left []*Version
	for i, v := range e.Versions {
		id := all.versions[at][i].Key.ID()
		if info, found := version(ring, p, id); found {
			if err := v.record(id, info, f.settings); err != nil {
				return nil, &Error{Err: err}
			}
			left = append(left, v)
		} else {
			v.Wipe()
		}
	}
	e.Versions = left
	return e, nil
}

// version finds what a ring knows of one version.
func version(ring *keyring.Ring, p keyring.Pattern, id string) (keyring.VersionInfo, bool) {
	for _, info := range ring.Versions(p) {
		if info.ID == id {
			return info, true
		}
	}
	return keyring.VersionInfo{}, false
}

// record writes down what became of a version. Dates that are the same stay as they were
// written.
func (v *Version) record(id string, info keyring.VersionInfo, s settings) (err error) {
	v.Dates.ActiveFrom = sameDate(v.Dates.ActiveFrom, info.Dates.ActiveFrom)
	v.Dates.NotAfter = sameDate(v.Dates.NotAfter, info.Dates.NotAfter)
	if info.State == keyring.StateRevoked {
		v.Wipe()
		left := Version{
			ID: id, Dates: v.Dates, Created: v.Created, Revoked: true, Comment: v.Comment,
			Dialect: v.Dialect, line: v.line,
		}
		if v.Suite.Signed() {
			left.Suite = v.Suite // which keeps others shut
		}
		*v = left
		return nil
	}
	if v.Senders, err = s.relist("senders", v.Senders, info.Signed.Senders); err != nil {
		return err
	}
	v.Answerers, err = s.relist("answerers", v.Answerers, info.Signed.Answerers)
	return err
}
