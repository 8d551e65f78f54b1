package lint

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// Source is a keyring file, with the options for loading it.
type Source struct {
	Path    string
	Options []keyfile.Option
}

// Files gives the findings of keyring files, each by itself and between them, by file and
// line: none if all is well. The error is for a file that can't be read or decrypted.
func Files(sources ...Source) ([]Finding, error) {
	now := time.Now()
	reports := make([]*report, len(sources))
	for i, source := range sources {
		r := &report{path: source.Path, now: now}
		reports[i] = r
		if err := r.read(source.Options); err != nil {
			return nil, err
		}
		defer r.file.Wipe()
	}
	between(reports)
	all := []Finding{}
	for _, r := range reports {
		all = append(all, r.sorted()...)
	}
	return all, nil
}

// read looks at one file by itself.
func (r *report) read(opts []keyfile.Option) error {
	f, err := keyfile.ParseFile(r.path, opts...)
	switch {
	case errors.Is(err, keyfile.ErrFormat), errors.Is(err, keyfile.ErrVersion1):
		r.whole(err)
		return nil
	case err != nil:
		return err
	}
	r.file, r.master = f, isMaster(r.path)
	r.look()
	if _, err := keyfile.Load(r.path, opts...); err != nil {
		r.whole(err)
	}
	return nil
}

// isMaster tells whether a file is the master keyring of an authority.
func isMaster(path string) bool {
	if filepath.Base(path) != "keyring.json" {
		return false
	}
	_, err := os.Lstat(filepath.Join(filepath.Dir(path), "authority.json"))
	return err == nil
}

// whole adds what reading or loading says of the whole file, unless a finding
// has said why.
func (r *report) whole(err error) {
	var at *keyfile.Error
	switch {
	case !errors.As(err, &at):
		r.addAs(Error, nil, Invalid, words.Of(err))
	case errors.Is(err, keyfile.ErrPermissions) && at.Entry == "":
		r.addAs(Error, nil, Permissions, words.Of(at.Cause()))
	case !r.refused():
		rule, says := Invalid, words.Of(at.Cause())
		if errors.Is(err, keyring.ErrConflict) {
			rule = Overlap
			says += words.ByHand
		}
		r.findings = append(r.findings, Finding{
			File: r.path, Line: at.Line, Entry: at.Entry, Level: Error, Rule: rule, Message: says,
		})
	}
}
