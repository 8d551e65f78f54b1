package keyfile

import (
	"errors"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// group is what a file says of one pattern.
type group struct {
	pattern  keyring.Pattern
	indexes  []int // of its entries, in the file's order
	versions []keyring.KeyVersion
}

// ring makes a Ring of what was parsed.
func (f *File) ring() (*keyring.Ring, error) {
	groups, err := f.groups()
	if err != nil {
		return nil, err
	}
	ring := keyring.New()
	for _, g := range groups {
		if err := g.set(ring); err != nil {
			return nil, f.blame(g, err)
		}
	}
	return ring, nil
}

// groups gathers the versions of each pattern, in the order in which the
// patterns first come.
func (f *File) groups() ([]*group, error) {
	var list []*group
	known := map[keyring.Pattern]*group{}
	keys := keyMaker{settings: f.settings, shared: map[[keySize]byte]sharedKey{}}
	for i, e := range f.Keys {
		kv, err := keys.version(e)
		if err != nil {
			return nil, f.at(i, err)
		}
		g := known[e.Pattern]
		if g == nil {
			g = &group{pattern: e.Pattern}
			known[e.Pattern] = g
			list = append(list, g)
		}
		g.indexes = append(g.indexes, i)
		g.versions = append(g.versions, kv)
	}
	return list, nil
}

// at says which entry an error is about.
func (f *File) at(index int, err error) error {
	e := f.Keys[index]
	return &Error{Line: e.Line(), Entry: e.Name(index), Err: err}
}

// set puts the pattern on the ring. Of a lone active key no id need be
// computed.
func (g *group) set(ring *keyring.Ring) error {
	if kv := g.versions[0]; len(g.versions) == 1 && kv.State == keyring.StateActive && kv.NotAfter == (time.Time{}) {
		return ring.Set(g.pattern.URI, g.pattern.Match, kv.Key)
	}
	return ring.SetVersions(g.pattern.URI, g.pattern.Match, g.versions...)
}

// blame finds the entry that an error of the ring is about: the one with its
// id, and of two the second.
func (f *File) blame(g *group, err error) error {
	index := g.indexes[0]
	var refused *keyring.Error
	if errors.As(err, &refused) && refused.ID != "" {
		twice := errors.Is(err, keyring.ErrVersionExists)
		for i, kv := range g.versions {
			if kv.Key.ID() != refused.ID {
				continue
			}
			index = g.indexes[i]
			if !twice {
				break
			}
			twice = false
		}
	}
	return f.at(index, err)
}
