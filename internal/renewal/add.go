package renewal

import (
	"errors"
	"fmt"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Made is what [Renewal.AddTo] has made.
type Made struct {
	keyring.VersionInfo // of the next version
	Old                 string
	OldUntil            time.Time // its new end; zero where its own stays
	// AllowUnsigned is until when what isn't signed opens beside the first signed version.
	AllowUnsigned time.Time
}

// AddTo adds the next version to all files, which have the pattern, and gives the one before
// it its end. Where the files hold what doesn't belong together, or no next version can be
// made of it, the error says so, and the files aren't to be written.
func (r *Renewal) AddTo(files []File) (made Made, err error) {
	r.Alone = len(files) == 1
	for _, f := range files {
		for _, id := range f.DropUnused(r.Pattern, r.Now) {
			r.Dropped = append(r.Dropped, Dropped{f.Path, id})
		}
	}
	bases := make([]base, len(files))
	for i, f := range files {
		if bases[i], err = r.newest(f); err != nil {
			return made, err
		}
		if first := bases[0]; bases[i].id != first.id {
			return made, fmt.Errorf("the newest versions of %s and %s differ, so they don't belong together: "+
				"rotate each by itself, or bring them to the same version first", files[0].Path, f.Path)
		}
	}
	if err := r.prepare(bases); err != nil {
		return made, err
	}
	if err := r.date(bases); err != nil {
		return made, err
	}
	for i, b := range bases {
		next, err := r.add(b, i)
		if err != nil {
			return made, err
		}
		if made.ID != "" && made.ID != next.ID {
			return made, errors.New("the files would hold different versions: they don't belong together")
		}
		made.VersionInfo, made.Old = next, b.id
		if until, ok := r.end(b.info); ok {
			made.OldUntil = until
			if err := b.file.SetDates(r.Pattern, b.id, keyring.Dates{ActiveFrom: b.info.Dates.ActiveFrom, NotAfter: until}); err != nil {
				return made, fmt.Errorf("%s: %w", b.file.Path, err)
			}
		}
		if made.AllowUnsigned, err = r.allowUnsigned(b.file); err != nil {
			return made, err
		}
	}
	r.Versions, err = files[0].OfPattern(r.Pattern)
	return made, err
}

// add adds the next version to a file, and tells of it.
func (r *Renewal) add(b base, i int) (next keyring.VersionInfo, err error) {
	if err := b.file.Add(r.Pattern, r.version(b, i)); err != nil {
		return next, fmt.Errorf("%s: %w", b.file.Path, err)
	}
	all, err := b.file.OfPattern(r.Pattern)
	if err == nil {
		next = all[0] // it has the latest date
	}
	return next, err
}

// end gives the date until which the version before the next one opens, and false where
// its own stays: it is revoked, has expired, or ends in between.
func (r *Renewal) end(old keyring.VersionInfo) (time.Time, bool) {
	until := old.Dates.NotAfter
	if !Lives(old, r.Now) || !until.IsZero() && until.Before(r.Until) && !until.Before(r.From) {
		return time.Time{}, false
	}
	return r.Until, true
}
