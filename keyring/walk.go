package keyring

import (
	"iter"
	"time"
)

// Walk walks through the versions of all patterns with a key that the ring held when the walk
// began, those of one pattern one after the other, the one with the latest ActiveFrom first. The
// order of patterns is unspecified. State is that at a moment, of a
// ring that doesn't change until then: a time to come shows what a rotation will do.
//
// It is for those who watch a ring. The walk takes no lock, and copies nothing that grows with
// the ring. So Signed is zero: a pattern's lists of parties are given by [Ring.Versions].
func (r *Ring) Walk(at time.Time) iter.Seq2[Pattern, VersionInfo] {
	return func(yield func(Pattern, VersionInfo) bool) {
		for e := range r.snapshot().entries() {
			for _, v := range e.versions { // none but for a key
				if !yield(e.pattern, e.info(v, at)) {
					return
				}
			}
		}
	}
}
