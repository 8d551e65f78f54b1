package keyfile

import (
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Format is the format's version. A new field needs a new version: a strict reader must not
// meet what it doesn't know.
const Format = 2

// SchemaURL is where the JSON Schema of this version is published.
const SchemaURL = "https://raw.githubusercontent.com/wamp-cryptobox/wamp-cryptobox-go/main/docs/keyring.schema.json"

// File is the content of a keyring file. It isn't safe for concurrent use.
type File struct {
	Schema           string // "$schema", for editors; may be empty
	PlainUnlessKeyed bool   // see [keyring.Ring.PlainUnlessKeyed]
	Grant            *Grant // nil for a file of nobody else
	Entries          []*Entry

	settings settings
}

// New gives an empty File that names its schema.
func New(opts ...Option) *File { return &File{Schema: SchemaURL, settings: newSettings(opts)} }

// Ring makes a Ring of the File as it is now, and so checks it. The error is an
// [*Error]; its lines are those of the text that would be written.
func (f *File) Ring() (*keyring.Ring, error) {
	ring, _, err := f.checked()
	return ring, err
}

// checked gives the keys of the entries too, in their order.
func (f *File) checked() (*keyring.Ring, [][]keyring.KeyVersion, error) {
	if f.settings.err != nil {
		return nil, nil, &Error{Err: f.settings.err}
	}
	text, err := f.Marshal()
	if err != nil {
		return nil, nil, err
	}
	defer clear(text)
	written, err := parse(text)
	if err != nil {
		return nil, nil, err
	}
	defer written.Wipe()
	written.settings = f.settings
	return written.ring()
}

// entry finds a pattern's entry, nil if there is none, and its place.
func (f *File) entry(p keyring.Pattern) (*Entry, int) {
	for i, e := range f.Entries {
		if e.Pattern == p {
			return e, i
		}
	}
	return nil, len(f.Entries)
}

// hasSecrets tells whether the text itself holds a private or shared key.
// References to the environment and to other files don't count.
func (f *File) hasSecrets() bool {
	for _, e := range f.Entries {
		for _, v := range e.Versions {
			for _, s := range v.secrets() {
				if where, _ := s.reference(); where == inText && !s.IsZero() {
					return true
				}
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
	for _, e := range f.Entries {
		e.Wipe()
	}
}
