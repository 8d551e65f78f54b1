package keyring

import "slices"

// Current gives what the ring has now of a version that was looked up before: the version of
// the same pattern with the same id and secret. Its lists of parties and its dates may be
// others. Where the ring doesn't have it any more it gives what the ring had last, so that
// exchanges outlive a version that was removed, and parties stay off its lists; one that was
// revoked says so ([Version.Revoked]).
func (r *Ring) Current(v *Version) *Version {
	if e := r.snapshot().get(v.pattern); e != nil {
		if slices.Contains(e.versions, v) {
			return v
		}
		if now := e.version(v.ID()); now != nil && (now.Secret() == "" || now.Secret() == v.Secret()) {
			return now
		}
	}
	if last := v.last.Load(); v.Signed() && last != nil {
		return last
	}
	return v
}

// noted has the versions of an entry, which may be nil, be what the ring had last of them.
func (e *Entry) noted() {
	if e == nil {
		return
	}
	for _, v := range e.versions {
		v.last.Store(v)
	}
}
