package authority

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// maxMaster bounds keyring.json, in bytes, as keyfile does.
const maxMaster = 32 << 20

// master reads keyring.json. Without one it gives an empty File. The caller wipes it.
func (a *Authority) master() (*keyfile.File, error) {
	text, err := a.readFile(masterFile, maxMaster)
	if errors.Is(err, fs.ErrNotExist) {
		return keyfile.New(a.options()...), nil
	}
	if err != nil {
		return nil, err
	}
	defer clear(text)
	return keyfile.Parse(text, keyfile.WithoutReferences())
}

// changeMaster has a function change keyring.json, which is there or not, and writes it.
func (a *Authority) changeMaster(change func(renewal.File) error) error {
	path := filepath.Join(a.dir, masterFile)
	err := keyfile.Update(path, func(f *keyfile.File) error {
		if err := change(renewal.File{File: f, Path: masterFile}); err != nil {
			return err
		}
		a.o.at("write " + masterFile)
		return nil
	}, append(a.options(), keyfile.CreateMissing())...)
	a.o.at("wrote " + masterFile)
	return err
}

// newest gives the version of an entry with the latest date of those that aren't revoked, nil for
// none: what the pattern's key is like.
func newest(e *keyfile.Entry) *keyfile.Version {
	var found *keyfile.Version
	for _, v := range e.Versions {
		if !v.Revoked && (found == nil || v.Dates.ActiveFrom.After(found.Dates.ActiveFrom)) {
			found = v
		}
	}
	return found
}

// live gives the versions of an entry that have keys.
func live(e *keyfile.Entry) []*keyfile.Version {
	return slices.DeleteFunc(slices.Clone(e.Versions), func(v *keyfile.Version) bool { return v.Revoked })
}

// entryOf gives what the master says of a pattern's key.
func entryOf(f renewal.File, p keyring.Pattern) (*keyfile.Entry, error) {
	e := f.Entry(p)
	switch {
	case e == nil:
		return nil, fail(ErrMaster, "%v isn't in it", p)
	case e.Plain:
		return nil, fail(ErrMaster, "%v is plain in it", p)
	case newest(e) == nil:
		return nil, fail(ErrMaster, "all versions of %v are revoked in it", p)
	}
	return e, nil
}
