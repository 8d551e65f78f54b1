package authority

import (
	"cmp"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// How many versions of a pattern the master keeps: what a ring has room for is more
// ([keyring.MaxVersions]).
const (
	maxLive    = 48 // with keys
	maxRevoked = 8  // ids of revoked ones
)

// alone gives the master with one pattern alone, and no scrambled prefixes: what is done with it costs
// less.
func alone(f renewal.File, e *keyfile.Entry) renewal.File {
	one := renewal.File{File: f.Alone(e), Path: f.Path}
	one.Scrambles = nil
	return one
}

// standing is a version as it stands in an entry.
type standing struct {
	*keyfile.Version
	keyring.VersionInfo
}

// standings gives the versions of a file's one pattern, the one with the latest date first, and
// the place of the one whose turn it is, be it revoked or expired: -1 if none has begun.
func standings(f renewal.File, now time.Time) (all []standing, turn int, err error) {
	list, err := f.List()
	if err != nil {
		return nil, -1, err
	}
	for i, info := range list[0].Versions {
		all = append(all, standing{f.Entries[0].Versions[i], info.VersionInfo})
	}
	slices.SortStableFunc(all, func(a, b standing) int { return b.active().Compare(a.active()) })
	return all, slices.IndexFunc(all, func(v standing) bool { return !v.active().After(now) }), nil
}

func (v standing) active() time.Time { return v.VersionInfo.Dates.ActiveFrom }
func (v standing) id() string        { return v.VersionInfo.ID }

// tidy takes out of a pattern what is of no use any more, but never the version whose turn it is:
//
//   - versions whose end has passed;
//   - ids of revoked versions when all grants have ended that had them alive, which is their
//     NotAfter: by then no member opens anything with them. A member that was away learns until
//     then that they are revoked, and later that they are gone, which it refuses alike; so it is
//     with the oldest ones if there are more than maxRevoked, which is why they can go;
//   - versions that nobody but the authority ever had, and in whose place others seal.
//
// Then it makes room for as many more as is said: of too many the oldest that are open end, whose
// ids it gives. The error wraps [ErrRoom] if that isn't enough.
func (h *handedOut) tidy(f renewal.File, keep, now time.Time, room int) (ended []string, changed bool, err error) {
	all, turn, err := standings(f, now)
	if err != nil {
		return nil, false, err
	}
	revoked, live, out, changed := h.sorted(all, turn, keep, now)
	for _, v := range revoked[min(len(revoked), maxRevoked):] {
		out[v.Version] = v.Version != turnOf(all, turn)
	}
	for _, v := range live[min(len(live), maxLive-room):] {
		if v.Version != turnOf(all, turn) && !v.active().After(now) {
			out[v.Version] = true
			ended = append(ended, v.id())
		}
	}
	if room > 0 && len(live)-len(ended) > maxLive-room {
		return nil, false, ErrRoom
	}
	e, before := f.Entries[0], len(all)
	e.Versions = slices.DeleteFunc(e.Versions, func(v *keyfile.Version) bool {
		if out[v] {
			v.Wipe()
		}
		return out[v]
	})
	return ended, changed || len(e.Versions) < before, f.EndAllowUnsigned(e.Pattern)
}

// sorted parts the versions into revoked ones, those that open or will, and those that can go, the
// oldest last. It dates what was revoked by other hands.
func (h *handedOut) sorted(all []standing, turn int, keep, now time.Time) (revoked, live []standing, out map[*keyfile.Version]bool, dated bool) {
	out = map[*keyfile.Version]bool{}
	for i, v := range all {
		switch end := v.VersionInfo.Dates.NotAfter; {
		case v.Revoked && end.IsZero(): // by other hands
			v.Version.Dates.NotAfter = renewal.Moment(latest(keep, now, v.active()))
			dated = true
			revoked = append(revoked, v)
		case turn < 0 || i <= turn: // to come, or its turn
			if !v.Revoked {
				live = append(live, v)
			}
		case !end.IsZero() && now.After(end), h.unknown(v.id()):
			out[v.Version] = true
		case v.Revoked:
			revoked = append(revoked, v)
		default:
			live = append(live, v)
		}
	}
	slices.SortStableFunc(revoked, func(a, b standing) int {
		return cmp.Compare(b.Version.Dates.NotAfter.Unix(), a.Version.Dates.NotAfter.Unix())
	})
	return revoked, live, out, dated
}

// turnOf gives the version at a place, nil for none.
func turnOf(all []standing, turn int) *keyfile.Version {
	if turn < 0 {
		return nil
	}
	return all[turn].Version
}

// latest gives the last of some times.
func latest(times ...time.Time) time.Time {
	return slices.MaxFunc(times, time.Time.Compare)
}
