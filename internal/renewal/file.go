package renewal

import (
	"fmt"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// File is a keyring file that is being changed.
type File struct {
	*keyfile.File
	Path string // for errors
}

// Entry gives what a file says of a pattern, nil for nothing.
func (f File) Entry(p keyring.Pattern) *keyfile.Entry {
	for _, e := range f.Entries {
		if e.Pattern == p {
			return e
		}
	}
	return nil
}

// OfPattern gives all versions of a pattern in a file, the one with the latest date first.
func (f File) OfPattern(p keyring.Pattern) ([]keyring.VersionInfo, error) {
	ring, err := f.Ring()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Path, err)
	}
	return ring.Versions(p), nil
}

// PublicOf gives the public key of a side, zero where that can't be read: what uses it says
// why.
func (f File) PublicOf(side *keyfile.Side) cryptobox.PublicKey {
	if side == nil {
		return cryptobox.PublicKey{}
	}
	if !HasPrivate(side) {
		text, _ := f.UnsafeKey(side.Public)
		public, _ := cryptobox.NewPublicKey(text)
		return public
	}
	text, _ := f.UnsafeKey(side.Private)
	defer clear(text)
	private, _ := cryptobox.NewPrivateKey(text)
	return private.Public()
}

// DropUnused takes versions of a pattern out of a file that were revoked before they sealed:
// they would seal nothing from their date on, in the place of a version that is new. It gives
// their ids.
func (f File) DropUnused(p keyring.Pattern, now time.Time) (ids []string) {
	e := f.Entry(p)
	e.Versions = slices.DeleteFunc(e.Versions, func(v *keyfile.Version) bool {
		unused := v.Revoked && v.Dates.ActiveFrom.After(now)
		if unused {
			ids = append(ids, v.ID)
		}
		return unused
	})
	return ids
}

// EndAllowUnsigned takes the date out of a file until which what isn't signed opens, where it
// says nothing any more: no version is signed, as after the rotation to one that was cancelled,
// or all that live are, as after one that is over.
func (f File) EndAllowUnsigned(p keyring.Pattern) error {
	e := f.Entry(p)
	signed := slices.ContainsFunc(e.Versions, func(v *keyfile.Version) bool { return v.Suite.Signed() })
	unsigned := slices.ContainsFunc(e.Versions, func(v *keyfile.Version) bool { return !v.Suite.Signed() && !v.Revoked })
	if e.AllowUnsigned.IsZero() || signed && unsigned {
		return nil
	}
	if err := f.AllowUnsigned(p, time.Time{}); err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	return nil
}
