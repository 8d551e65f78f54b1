package lint

import (
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// alone gives a file of one entry without the lease that the grant gives: what a version's own
// dates make of it is looked at. The grant is looked at by itself, and so are the prefixes whose
// URIs are scrambled: those that are good are in it.
func (r *report) alone(e *keyfile.Entry) *keyfile.File {
	f := r.file.Alone(e)
	f.Grant, f.Scrambles = nil, nil
	for _, s := range r.hidden {
		f.Scrambles = append(f.Scrambles, s.Scramble)
	}
	return f
}

// grant looks at how long the file's keys are lent.
func (r *report) grant() {
	const again = ": see why the key service wasn't reached, or fetch the file again with wampbox fetch"
	g := r.file.Grant
	if g == nil {
		return
	}
	half := g.Expires.Add(-g.Expires.Sub(issued(g)) / 2)
	switch {
	case r.now.After(g.OpensUntil):
		r.add(nil, Granted, "the grant has ended: its keys seal nothing since %s, and open nothing since %s"+again, moment(g.Expires), moment(g.OpensUntil))
	case r.now.After(g.Expires):
		r.add(nil, Granted, "the grant has ended: its keys seal nothing since %s, and open until %s"+again, moment(g.Expires), moment(g.OpensUntil))
	case r.now.After(half):
		r.add(nil, Granted, "half of the grant's time is over: its keys seal until %s"+again, moment(g.Expires))
	}
}

// issued gives when a grant was made, which its serial says: the authority counts on from that
// time, in milliseconds. Where it can't be, it is when the grant expires.
func issued(g *keyfile.Grant) time.Time {
	if at := time.UnixMilli(int64(g.Serial)); at.Before(g.Expires) {
		return at
	}
	return g.Expires
}
