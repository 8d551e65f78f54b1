package keyfile

import (
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Version is the format's version. Fields are added by another version only:
// who reads strictly must not meet what it doesn't know.
const Version = 1

// SchemaURL is where the JSON Schema of this version is published.
const SchemaURL = "https://raw.githubusercontent.com/wamp-cryptobox/wamp-cryptobox-go/main/docs/keyring.schema.json"

// File is the content of a keyring file. It isn't safe for concurrent use.
type File struct {
	Schema string // "$schema", for editors; may be empty
	Keys   []*Entry

	settings settings
}

// New gives an empty File that names its schema.
func New(opts ...Option) *File { return &File{Schema: SchemaURL, settings: newSettings(opts)} }

// Ring makes a Ring of the File as it is now, and so checks it. The error is an
// [*Error]; its lines are those of the text that would be written.
func (f *File) Ring() (*keyring.Ring, error) {
	text, err := f.Marshal()
	if err != nil {
		return nil, err
	}
	defer clear(text)
	written, err := parse(text)
	if err != nil {
		return nil, err
	}
	defer written.Wipe()
	written.settings = f.settings
	return written.ring()
}

// Alone gives a File of one entry, which is read as in this one.
func (f *File) Alone(e *Entry) *File {
	return &File{Schema: f.Schema, Keys: []*Entry{e}, settings: f.settings}
}

// ID gives an entry's key id: the given one, or the one that follows from its
// keys.
func (f *File) ID(e *Entry) (string, error) {
	if e.ID != "" {
		return e.ID, nil
	}
	ring, err := f.Alone(e).Ring()
	if err != nil {
		return "", err
	}
	return ring.Versions(e.Pattern.URI, e.Pattern.Match)[0].ID, nil
}

// Listed is an entry with what a Ring knows of it.
type Listed struct {
	*Entry
	Info keyring.VersionInfo
}

// List gives all entries with their ids and states, in the file's order. The
// error is that of [File.Ring].
func (f *File) List() ([]Listed, error) {
	ring, err := f.Ring()
	if err != nil {
		return nil, err
	}
	list := make([]Listed, 0, len(f.Keys))
	for i, e := range f.Keys {
		id, err := f.ID(e)
		if err != nil {
			return nil, err
		}
		info, found := version(ring, e.Pattern, id)
		if !found {
			return nil, fmt.Errorf("keyfile: %s isn't on its own ring", e.Name(i))
		}
		list = append(list, Listed{Entry: e, Info: info})
	}
	return list, nil
}

// version finds what a ring knows of one version.
func version(ring *keyring.Ring, p keyring.Pattern, id string) (keyring.VersionInfo, bool) {
	for _, info := range ring.Versions(p.URI, p.Match) {
		if info.ID == id {
			return info, true
		}
	}
	return keyring.VersionInfo{}, false
}

// hasSecrets tells whether the text itself holds a private or symmetric key.
// References to the environment and to other files don't count.
func (f *File) hasSecrets() bool {
	for _, e := range f.Keys {
		for _, s := range e.secrets() {
			if where, _ := s.reference(); where == inText && !s.IsZero() {
				return true
			}
		}
	}
	return false
}

// Wipe overwrites the secrets, as far as Go lets a program do so. The File is
// of no use then.
func (f *File) Wipe() {
	if f == nil {
		return
	}
	for _, e := range f.Keys {
		e.Wipe()
	}
}
