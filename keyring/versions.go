package keyring

import "fmt"

// KeyVersion is a version as a program keeps it, for [Ring.SetVersions].
type KeyVersion struct {
	Key     Key
	Dates   Dates
	Revoked bool
}

// SetVersions gives a pattern all versions of its key in one step, in place of
// what it had: what a file or a service says of the pattern. At least one is needed. Of a
// revoked version only the id is kept, which is all that [Revoked] gives.
//
// The error is an [*Error] that wraps what [Ring.Add] wraps of each version, or [ErrState] if
// there are none, or more than [MaxVersions], or if the ring knows one as revoked that
// isn't marked so. The ring is then unchanged.
func (r *Ring) SetVersions(p Pattern, versions ...KeyVersion) error {
	const op = "set"
	if n := len(versions); n == 0 || n > MaxVersions {
		return &Error{Op: op, Pattern: p, Err: refuse(fmt.Sprintf("%d versions: give 1 to %d", n, MaxVersions))}
	}
	e := &Entry{}
	for _, kv := range versions {
		v, err := kv.version()
		if err == nil {
			err = e.admits(v)
		}
		if err != nil {
			return &Error{Op: op, Pattern: p, ID: kv.Key.ID(), Err: err}
		}
		e.versions = append(e.versions, v)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.enter(op, newEntry(p, e.versions...))
}

// version makes the version.
func (kv KeyVersion) version() (*Version, error) {
	if err := kv.Dates.check(); err != nil {
		return nil, err
	}
	if kv.Revoked {
		if err := kv.Key.check(); err != nil {
			return nil, err
		}
		return newRevoked(kv.Key, kv.Dates), nil
	}
	if err := kv.Key.checkUsable(); err != nil {
		return nil, err
	}
	return newVersion(kv.Key, kv.Dates), nil
}
