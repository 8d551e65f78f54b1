package keyfile

import (
	"errors"
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// keys are what a File has, in its order.
type keys struct {
	versions [][]keyring.KeyVersion // of each entry
	secrets  [][]string             // of each scrambled prefix, their ids
}

// ring makes a Ring of what was parsed, and gives the keys.
func (f *File) ring() (*keyring.Ring, keys, error) {
	ring := keyring.New()
	if f.PlainUnlessKeyed {
		ring.PlainUnlessKeyed()
	}
	maker := keyMaker{settings: f.settings, shared: map[[keySize]byte]sharedKey{}}
	secrets, err := maker.scramble(f, ring)
	if err != nil {
		return nil, keys{}, err
	}
	versions := make([][]keyring.KeyVersion, len(f.Entries))
	lines := make(map[keyring.Pattern]int, len(f.Entries))
	for i, e := range f.Entries {
		if line, twice := lines[e.Pattern]; twice {
			return nil, keys{}, f.at(i, fmt.Errorf("%w: line %d has this pattern too: write one entry, with the versions of both", ErrFormat, line))
		}
		lines[e.Pattern] = e.line
		if err := e.check(); err != nil {
			return nil, keys{}, f.at(i, err)
		}
		for j, v := range e.Versions {
			kv, err := maker.version(v)
			if err != nil {
				return nil, keys{}, f.atVersion(i, j, err)
			}
			versions[i] = append(versions[i], kv)
		}
		if err := e.set(ring, versions[i]); err != nil {
			return nil, keys{}, f.blame(i, versions[i], err)
		}
	}
	f.Grant.lend(ring)
	return ring, keys{versions, secrets}, nil
}

// check refuses what doesn't go together. What the versions are is for the Ring to say.
func (e *Entry) check() error {
	switch {
	case e.Plain && (len(e.Versions) > 0 || e.Plaintext != 0 || !e.Until.IsZero() || !e.AllowUnsigned.IsZero()):
		return fmt.Errorf(`%w: it is plain, and has what a key has: remove "plain", or all but the pattern and it`, ErrFormat)
	case !e.Plain && len(e.Versions) == 0:
		return fmt.Errorf(`%w: it has no versions: give it one, or write "plain": true`, ErrFormat)
	case (e.Plaintext == 0) != e.Until.IsZero():
		return fmt.Errorf(`%w: "plaintext" and "until" go together: give both, or none`, ErrFormat)
	}
	return nil
}

// set puts the entry on the ring.
func (e *Entry) set(ring *keyring.Ring, keys []keyring.KeyVersion) error {
	if e.Plain {
		return ring.SetPlain(e.Pattern)
	}
	err := ring.SetVersions(e.Pattern, keys...)
	if err == nil && e.Plaintext != 0 {
		err = ring.Transition(e.Pattern, e.Plaintext, e.Until)
	}
	if err == nil && !e.AllowUnsigned.IsZero() {
		err = ring.AllowUnsigned(e.Pattern, e.AllowUnsigned)
	}
	return err
}

// at says which entry an error is about.
func (f *File) at(index int, err error) error {
	e := f.Entries[index]
	return &Error{Line: e.line, Entry: e.Name(index), Err: err}
}

// atVersion says which version an error is about.
func (f *File) atVersion(index, version int, err error) error {
	e := f.Entries[index]
	v := e.Versions[version]
	return &Error{Line: v.line, Entry: e.Name(index) + " " + v.Name(version), Err: err}
}

// blame finds the version that an error of the ring is about: the one with its id, and
// of several the last.
func (f *File) blame(index int, keys []keyring.KeyVersion, err error) error {
	var refused *keyring.Error
	if errors.As(err, &refused) && refused.ID != "" {
		for i := len(keys) - 1; i >= 0; i-- {
			if keys[i].Key.ID() == refused.ID {
				return f.atVersion(index, i, err)
			}
		}
	}
	return f.at(index, err)
}
