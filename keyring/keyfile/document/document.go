package document

import "time"

// Version is the format's version. Fields are added by another version only:
// who reads strictly must not meet what it doesn't know.
const Version = 1

// SchemaURL is where the JSON Schema of this version is published.
const SchemaURL = "https://raw.githubusercontent.com/wamp-cryptobox/wamp-cryptobox-go/main/docs/keyring.schema.json"

// Document is a keyring file.
type Document struct {
	Schema string // "$schema", for editors; may be empty
	Keys   []*Entry
}

// New gives an empty Document that names its schema.
func New() *Document { return &Document{Schema: SchemaURL} }

// Entry is one version of a pattern's key, as the file writes it.
type Entry struct {
	Pattern      string
	Match        string // "exact", "prefix" or "wildcard"
	ID           string // empty where it is derived from a pair of keys
	State        string // "pending", "active", "retired" or "revoked"; empty is active
	Created      time.Time
	NotAfter     time.Time
	AllowUnbound bool
	Comment      string
	Originator   *Side
	Responder    *Side
	Symmetric    Secret
	Algorithm    string // of Symmetric; empty is xsalsa20poly1305

	lines [fieldCount]int32
	line  int32
}

// Side is what the file holds of one end of an exchange.
type Side struct {
	Private Secret
	Public  Secret

	privateLine, publicLine int32
}

// Line gives the line that the entry begins on, 0 if it was never read.
func (e *Entry) Line() int { return int(e.line) }

// LineOf gives the line of one of the entry's fields, such as "pattern" or
// "originator.private", or else of the entry.
func (e *Entry) LineOf(field string) int {
	line := int32(0)
	switch field {
	case "originator.private", "originator.public":
		line = e.Originator.lineOf(field[len("originator."):])
	case "responder.private", "responder.public":
		line = e.Responder.lineOf(field[len("responder."):])
	default:
		if i := fieldIndex(field); i >= 0 {
			line = e.lines[i]
		}
	}
	if line == 0 {
		line = e.line
	}
	return int(line)
}

func (s *Side) lineOf(field string) int32 {
	switch {
	case s == nil:
		return 0
	case field == "private":
		return s.privateLine
	}
	return s.publicLine
}

// HasSecrets tells whether the text itself holds a private or symmetric key.
// References to the environment and to other files don't count.
func (d *Document) HasSecrets() bool {
	for _, e := range d.Keys {
		for _, s := range e.secrets() {
			if kind, _ := s.Reference(); kind == Literal && !s.IsZero() {
				return true
			}
		}
	}
	return false
}

// Wipe overwrites the secrets, as far as Go lets a program do so. The Document
// is of no use then.
func (d *Document) Wipe() {
	if d == nil {
		return
	}
	for _, e := range d.Keys {
		e.Wipe()
	}
}

// Wipe overwrites the entry's secrets.
func (e *Entry) Wipe() {
	for _, s := range e.secrets() {
		s.Wipe()
	}
}

// secrets gives what must not be shown of an entry.
func (e *Entry) secrets() []Secret {
	list := []Secret{e.Symmetric}
	for _, side := range []*Side{e.Originator, e.Responder} {
		if side != nil {
			list = append(list, side.Private)
		}
	}
	return list
}
