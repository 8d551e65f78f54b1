package keyfile

import (
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Add adds an entry, behind those of its pattern. It is pending, whatever its
// State says, as [keyring.Ring.Add] has it: peers need the key before one seals
// with it. The first key of a new system is appended to Keys instead. On an
// error the File is unchanged; it is one of [File.Ring].
func (f *File) Add(e *Entry) error {
	e.State = keyring.StatePending
	at := len(f.Keys)
	for i, other := range f.Keys {
		if other.Pattern == e.Pattern {
			at = i + 1
		}
	}
	keys := f.Keys
	f.Keys = slices.Insert(slices.Clone(keys), at, e)
	if _, err := f.Ring(); err != nil {
		f.Keys = keys
		return err
	}
	return nil
}

// Activate makes a version the active one, as [keyring.Ring.Activate] does, and
// with its refusals. The one that was active is retired without a date.
func (f *File) Activate(p keyring.Pattern, id string) error {
	return f.change(p, func(r *keyring.Ring) error { return r.Activate(p.URI, p.Match, id) })
}

// Retire gives a version the date until which it opens, as
// [keyring.Ring.Retire] does, and with its refusals.
func (f *File) Retire(p keyring.Pattern, id string, notAfter time.Time) error {
	return f.change(p, func(r *keyring.Ring) error { return r.Retire(p.URI, p.Match, id, notAfter) })
}

// Revoke ends a version at once, as [keyring.Ring.Revoke] does. Its keys are
// taken out of the file, and its id stays. Files that it referred to are left
// where they are.
func (f *File) Revoke(p keyring.Pattern, id string) error {
	return f.change(p, func(r *keyring.Ring) error { return r.Revoke(p.URI, p.Match, id) })
}

// Remove takes a version out of the file, as [keyring.Ring.RemoveVersion] does,
// and with its refusals.
func (f *File) Remove(p keyring.Pattern, id string) error {
	return f.change(p, func(r *keyring.Ring) error { return r.RemoveVersion(p.URI, p.Match, id) })
}

// change makes a change on a Ring of the File, and writes down what it made of
// the pattern's versions. On an error the File is unchanged.
func (f *File) change(p keyring.Pattern, order func(*keyring.Ring) error) error {
	ring, err := f.Ring()
	if err != nil {
		return err
	}
	if err := order(ring); err != nil {
		return err
	}
	// All ids first, as finding one may fail.
	ids := make(map[*Entry]string)
	for _, e := range f.Keys {
		if e.Pattern != p {
			continue
		}
		if ids[e], err = f.ID(e); err != nil {
			return err
		}
	}
	f.Keys = slices.DeleteFunc(slices.Clone(f.Keys), func(e *Entry) bool {
		id, mine := ids[e]
		if !mine {
			return false
		}
		info, found := version(ring, p, id)
		if found {
			record(e, info)
		} else {
			e.Wipe()
		}
		return !found
	})
	return nil
}

// record writes a version's state into its entry.
func record(e *Entry, info keyring.VersionInfo) {
	if e.State != 0 || info.State != keyring.StateActive {
		e.State = info.State
	}
	e.NotAfter = info.NotAfter
	if info.State == keyring.StateRevoked {
		e.Wipe()
		e.ID, e.Algorithm = info.ID, ""
		e.Symmetric, e.Originator, e.Responder = Secret{}, nil, nil
	}
}
