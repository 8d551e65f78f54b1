package keyring

import (
	"errors"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile/document"
)

// fileGroup is what a file says of one pattern.
type fileGroup struct {
	pattern  Pattern
	indexes  []int // of its entries, in the file's order
	versions []KeyVersion
}

// ring makes a Ring of a document.
func (l *loader) ring(doc *document.Document) (*Ring, error) {
	groups, err := l.groups(doc)
	if err != nil {
		return nil, err
	}
	ring := New()
	for _, g := range groups {
		if err := g.set(ring); err != nil {
			return nil, g.blame(doc, err)
		}
	}
	return ring, nil
}

// groups gathers the versions of each pattern, in the order in which the
// patterns first come.
func (l *loader) groups(doc *document.Document) ([]*fileGroup, error) {
	var list []*fileGroup
	known := map[Pattern]*fileGroup{}
	for i, e := range doc.Keys {
		p, kv, err := l.version(e)
		if err != nil {
			return nil, &FileError{Line: e.Line(), Entry: document.Name(i, e), Err: err}
		}
		g := known[p]
		if g == nil {
			g = &fileGroup{pattern: p}
			known[p] = g
			list = append(list, g)
		}
		g.indexes = append(g.indexes, i)
		g.versions = append(g.versions, kv)
	}
	return list, nil
}

// version reads one entry.
func (l *loader) version(e *document.Entry) (Pattern, KeyVersion, error) {
	match, err := ParseMatch(e.Match)
	if err != nil {
		return Pattern{}, KeyVersion{}, err
	}
	p := Pattern{URI: e.Pattern, Match: match}
	if err := p.check(); err != nil {
		return p, KeyVersion{}, err
	}
	state := StateActive
	if e.State != "" {
		if state, err = ParseState(e.State); err != nil {
			return p, KeyVersion{}, err
		}
	}
	key, err := l.key(e, state)
	if err != nil {
		return p, KeyVersion{}, err
	}
	return p, KeyVersion{Key: key, State: state, NotAfter: e.NotAfter}, nil
}

// set puts the pattern on the ring. Of a lone active key no id need be
// computed.
func (g *fileGroup) set(ring *Ring) error {
	if kv := g.versions[0]; len(g.versions) == 1 && kv.State == StateActive && kv.NotAfter == (time.Time{}) {
		return ring.Set(g.pattern.URI, g.pattern.Match, kv.Key)
	}
	return ring.SetVersions(g.pattern.URI, g.pattern.Match, g.versions...)
}

// blame finds the entry that an error of the ring is about: the one with its
// id, and of two the second.
func (g *fileGroup) blame(doc *document.Document, err error) error {
	index := g.indexes[0]
	var refused *Error
	if errors.As(err, &refused) && refused.ID != "" {
		twice := errors.Is(err, ErrVersionExists)
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
	e := doc.Keys[index]
	return &FileError{Line: e.Line(), Entry: document.Name(index, e), Err: err}
}
