package renewal

import (
	"fmt"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// Ending says which versions of a pattern end at once.
type Ending struct {
	IDs []string
	// Unknown are those of them that nobody else has: they leave no trace.
	Unknown func(id string) bool
	// Keep is until when the ids of the others stay, as revoked ones: it is their NotAfter.
	Keep time.Time
}

// End revokes versions of a pattern at once: of those that others know the id stays. A version to
// come stays as one whose turn was until now, so that it keeps no other from its date: if one is
// among them, another has to seal from now on. At least one version has to be left.
func (f File) End(p keyring.Pattern, end Ending, now time.Time) error {
	if err := f.revoke(p, end, now); err != nil {
		return err
	}
	f.drop(p, end)
	return f.EndAllowUnsigned(p)
}

// revoke revokes those that others know.
func (f File) revoke(p keyring.Pattern, end Ending, now time.Time) error {
	for _, id := range end.IDs {
		if end.Unknown(id) {
			continue
		}
		if err := f.Revoke(p, id); err != nil {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
	}
	past := Moment(now).Add(-Skew - time.Second) // before what seals from now on
	for _, v := range f.Entry(p).Versions {
		if !v.Revoked || !slices.Contains(end.IDs, v.ID) {
			continue
		}
		if v.Dates.ActiveFrom.After(past) {
			v.Dates.ActiveFrom = past
		}
		if v.Dates.NotAfter = Moment(end.Keep); v.Dates.NotAfter.Before(past) {
			v.Dates.NotAfter = past
		}
	}
	return nil
}

// drop takes those out that nobody knows.
func (f File) drop(p keyring.Pattern, end Ending) {
	e, file := f.Entry(p), f.Alone(f.Entry(p))
	list, err := file.List()
	if err != nil {
		return // which the next step finds too
	}
	var left []*keyfile.Version
	for i, v := range e.Versions {
		if id := list[0].Versions[i].ID; !v.Revoked && slices.Contains(end.IDs, id) && end.Unknown(id) {
			v.Wipe()
			continue
		}
		left = append(left, v)
	}
	e.Versions = left
}

// Replace ends versions of a pattern in a file at once, and has a new one seal in their place. All
// that would seal later have to be among those that end.
func (r *Renewal) Replace(f File, end Ending) (made Made, err error) {
	r.Alone = true
	old, err := r.newest(f)
	if err != nil {
		return made, err
	}
	if err := r.prepare([]base{old}); err != nil {
		return made, err
	}
	next := r.version(old, 0) // before what it is like is wiped
	if err := f.revoke(r.Pattern, end, r.Now); err != nil {
		return made, err
	}
	infos, err := f.OfPattern(r.Pattern)
	if err != nil {
		return made, err
	}
	infos = slices.DeleteFunc(infos, func(v keyring.VersionInfo) bool { return slices.Contains(end.IDs, v.ID) })
	if r.From, err = r.begin(Moment(r.Now), infos); err != nil {
		return made, err
	}
	next.Dates.ActiveFrom = r.From
	e := f.Entry(r.Pattern)
	f.drop(r.Pattern, end)
	e.Versions = append(e.Versions, next)
	if err := f.EndAllowUnsigned(r.Pattern); err != nil {
		return made, err
	}
	if r.Versions, err = f.OfPattern(r.Pattern); err != nil {
		return made, err
	}
	made.Old = old.id
	made.VersionInfo = r.Versions[0]
	return made, nil
}
