package keyfile

import (
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Info tells what a File says of a pattern: nothing of the keys themselves.
type Info struct {
	Pattern   keyring.Pattern
	Comment   string
	Plain     bool
	Plaintext keyring.Plaintext
	Until     time.Time
	// AllowUnsigned is until when versions that aren't signed open beside a signed one.
	AllowUnsigned time.Time
	Versions      []VersionInfo // in the order of the entry's
}

// VersionInfo tells what a File says of a version.
type VersionInfo struct {
	keyring.VersionInfo // with the state that it has now
	Created             time.Time
	Comment             string
}

// List tells of all patterns, in the order of Entries. The error is that of [File.Ring].
func (f *File) List() ([]Info, error) {
	ring, all, err := f.checked()
	if err != nil {
		return nil, err
	}
	list := make([]Info, len(f.Entries))
	for i, e := range f.Entries {
		list[i] = Info{
			Pattern: e.Pattern, Comment: e.Comment, Plain: e.Plain,
			Plaintext: e.Plaintext, Until: e.Until, AllowUnsigned: e.AllowUnsigned,
		}
		for j, v := range e.Versions {
			info, _ := version(ring, e.Pattern, all.versions[i][j].Key.ID())
			list[i].Versions = append(list[i].Versions, VersionInfo{info, v.Created, v.Comment})
		}
	}
	return list, nil
}

// Alone gives a File of one entry, which is read as in this one: to find what is wrong
// with each.
func (f *File) Alone(e *Entry) *File {
	return &File{Schema: f.Schema, Grant: f.Grant, Scrambles: f.Scrambles, Entries: []*Entry{e}, settings: f.settings}
}
