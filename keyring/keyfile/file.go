package keyfile

import (
	"bytes"
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile/document"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Document is a keyring file.
type Document = document.Document

// Entry is one version of a pattern's key.
type Entry = document.Entry

// Side is what the file holds of one end.
type Side = document.Side

// Secret is the text of a key, or where it is.
type Secret = document.Secret

// File is a Document with what is needed to make a Ring of it.
type File struct {
	*Document
	load []keyring.LoadOption
}

// NewFile gives an empty File whose file:PATH start from a folder.
func NewFile(folder string) *File {
	return &File{Document: document.New(), load: []keyring.LoadOption{keyring.RelativeTo(folder)}}
}

// Ring makes a Ring of the File as it is now, and so checks it. The error is a
// [*keyring.FileError]; its lines are those of the text that would be written.
func (f *File) Ring() (*keyring.Ring, error) { return f.ring(f.Document) }

// ring makes a Ring of a document in the File's place.
func (f *File) ring(doc *Document) (*keyring.Ring, error) {
	text, err := doc.Marshal()
	if err != nil {
		return nil, err
	}
	defer clear(text)
	return keyring.Read(bytes.NewReader(text), f.load...)
}

// ID gives an entry's key id: the given one, or the one that follows from its
// keys.
func (f *File) ID(e *Entry) (string, error) {
	if e.ID != "" {
		return e.ID, nil
	}
	p, err := PatternOf(e)
	if err != nil {
		return "", err
	}
	ring, err := f.ring(&Document{Keys: []*Entry{e}})
	if err != nil {
		return "", err
	}
	return ring.Versions(p.URI, p.Match)[0].ID, nil
}

// PatternOf gives an entry's pattern.
func PatternOf(e *Entry) (keyring.Pattern, error) {
	match, err := keyring.ParseMatch(e.Match)
	return keyring.Pattern{URI: e.Pattern, Match: match}, err
}

// Listed is an entry with what a Ring knows of it.
type Listed struct {
	*Entry
	Index   int // in File.Keys
	Pattern keyring.Pattern
	keyring.VersionInfo
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
		p, err := PatternOf(e)
		if err != nil {
			return nil, err
		}
		id, err := f.ID(e)
		if err != nil {
			return nil, err
		}
		info, found := version(ring, p, id)
		if !found {
			return nil, fmt.Errorf("keyfile: %s isn't on its own ring", document.Name(i, e))
		}
		list = append(list, Listed{Entry: e, Index: i, Pattern: p, VersionInfo: info})
	}
	return list, nil
}

// PatternsOf gives the patterns that have a version with an id, in the file's
// order.
func (f *File) PatternsOf(id string) ([]keyring.Pattern, error) {
	list, err := f.List()
	if err != nil {
		return nil, err
	}
	var patterns []keyring.Pattern
	for _, item := range list {
		if item.VersionInfo.ID == id {
			patterns = append(patterns, item.Pattern)
		}
	}
	return patterns, nil
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
