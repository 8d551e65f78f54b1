package keyring

import "slices"

// Current gives what the ring has now of a version that was looked up before: the version of
// the same pattern with the same id and secret. Its lists of parties and its dates may be
// others. Where the ring doesn't have it any more it gives v itself, so that exchanges outlive
// a version that was removed; one that was revoked says so ([Version.Revoked]).
func (r *Ring) Current(v *Version) *Version {
	e := r.snapshot().get(v.pattern)
	if e == nil || slices.Contains(e.versions, v) {
		return v
	}
	if now := e.version(v.ID()); now != nil && (now.Secret() == "" || now.Secret() == v.Secret()) {
		return now
	}
	return v
}
