package keyfile

import (
	"slices"

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
	Scrambles        []*Scramble
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

// checked gives the keys too.
func (f *File) checked() (*keyring.Ring, keys, error) {
	if f.settings.err != nil {
		return nil, keys{}, &Error{Err: f.settings.err}
	}
	text, err := f.Marshal()
	if err != nil {
		return nil, keys{}, err
	}
	defer clear(text)
	written, err := parse(text)
	if err != nil {
		return nil, keys{}, err
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

// hasSecrets tells whether the text itself holds a private or shared key, or a
// scramble secret. References to the environment and to other files don't count.
func (f *File) hasSecrets() bool {
	inside := func(s Secret) bool { return s.where == inText && !s.IsZero() }
	for _, s := range f.Scrambles {
		if slices.ContainsFunc(s.Secrets, func(v *ScrambleVersion) bool { return inside(v.Secret) }) {
			return true
		}
	}
	for _, e := range f.Entries {
		for _, v := range e.Versions {
			if slices.ContainsFunc(v.secrets(), inside) {
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
	for _, s := range f.Scrambles {
		s.Wipe()
	}
	for _, e := range f.Entries {
		e.Wipe()
	}
}
