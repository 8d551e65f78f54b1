package lint

import (
	"errors"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// File gives the findings of one keyring file, by line, none if all is well.
// The options are those for loading it. The error is for a file that can't be
// read or decrypted.
func File(path string, opts ...keyfile.Option) ([]Finding, error) {
	r := &report{path: path, now: time.Now()}
	f, err := keyfile.ParseFile(path, opts...)
	switch {
	case errors.Is(err, keyfile.ErrFormat):
		r.whole(err)
		return r.findings, nil
	case err != nil:
		return nil, err
	}
	defer f.Wipe()
	r.file = f
	r.entries()
	if _, err := keyfile.Load(path, opts...); err != nil {
		r.whole(err)
	}
	return r.sorted(), nil
}

// whole adds what reading or loading says of the whole file, unless a finding
// has said why.
func (r *report) whole(err error) {
	var at *keyfile.Error
	switch {
	case !errors.As(err, &at):
		r.add(nil, Invalid, "%v", err)
	case errors.Is(err, keyfile.ErrPermissions) && at.Entry == "":
		r.add(nil, Permissions, "%v", at.Cause())
	case !r.refused():
		rule := Invalid
		if errors.Is(err, keyring.ErrConflict) {
			rule = Overlap
		}
		r.findings = append(r.findings, Finding{
			File: r.path, Line: at.Line, Entry: at.Entry, Rule: rule, Message: keyfile.Conceal(at.Cause().Error()),
		})
	}
}

// alone reads one entry by itself, as a ring of its own.
func (r *report) alone(e *keyfile.Entry) (keyring.VersionInfo, error) {
	ring, err := r.file.Alone(e).Ring()
	if err != nil {
		var at *keyfile.Error
		if errors.As(err, &at) { // what it says of the place is said elsewhere
			err = at.Cause()
		}
		return keyring.VersionInfo{}, err
	}
	return ring.Versions(e.Pattern.URI, e.Pattern.Match)[0], nil
}
