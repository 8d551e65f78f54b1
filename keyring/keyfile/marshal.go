package keyfile

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Marshal writes the text of the file: entries in their order, fields in the format's,
// one a line. [Parse] reads it back to the same. The caller may wipe the text.
// The error is an [*Error] for text that isn't UTF-8, or dates that RFC 3339
// can't write.
func (f *File) Marshal() ([]byte, error) {
	w := &writer{text: make([]byte, 0, f.size())}
	w.add("{\n")
	if f.Schema != "" {
		w.add(`  "$schema": `)
		w.quote([]byte(f.Schema))
		w.add(",\n")
	}
	w.add(fmt.Sprintf("  \"version\": %d,\n  \"keys\": [", Version))
	for i, e := range f.Keys {
		if i > 0 {
			w.add(",")
		}
		w.add("\n    {")
		w.fields = 0
		w.entry(e)
		w.add("\n    }")
		if w.err != nil {
			clear(w.text)
			return nil, &Error{Entry: e.Name(i), Err: fmt.Errorf("%w: %w", ErrFormat, w.err)}
		}
	}
	w.add("\n  ]\n}\n")
	return w.text, nil
}

// size is more than the text needs, so that it is never moved, and no copies of
// keys are left behinf. JSON writes a byte as six at most.
func (f *File) size() int {
	n := 256 + 6*len(f.Schema)
	for _, e := range f.Keys {
		n += 640 + 6*(len(e.Pattern.URI)+len(e.ID)+len(e.Comment)+len(e.Algorithm))
		n += 6 * len(e.Symmetric.UnsafeText())
		for _, s := range []*Side{e.Originator, e.Responder} {
			if s != nil {
				n += 6 * (len(s.Private.UnsafeText()) + len(s.Public.UnsafeText()))
			}
		}
	}
	return n
}

// writer keeps the first error.
type writer struct {
	text   []byte
	fields int // written of the present entry
	err    error
}

func (w *writer) add(text string) { w.text = append(w.text, text...) }

// name begins a fielf.
func (w *writer) name(name string) {
	if w.fields++; w.fields > 1 {
		w.add(",")
	}
	w.add("\n      \"" + name + `": `)
}

func (w *writer) quote(text []byte) {
	var err error
	if w.text, err = jsontext.AppendQuote(w.text, text); err != nil && w.err == nil {
		w.err = fmt.Errorf("a text isn't UTF-8") // the cause would quote it
	}
}

// entry writes an entry's fields.
func (w *writer) entry(e *Entry) {
	w.name("pattern")
	w.quote([]byte(e.Pattern.URI))
	w.name("match")
	w.quote([]byte(e.Pattern.Match.String()))
	w.string("id", e.ID)
	if e.State != 0 {
		w.string("state", e.State.String())
	}
	w.date("created", e.Created)
	w.date("not_after", e.NotAfter)
	if e.AllowUnbound {
		w.name("allow_unbound")
		w.add("true")
	}
	w.string("comment", e.Comment)
	w.side("originator", e.Originator)
	w.side("responder", e.Responder)
	if !e.Symmetric.IsZero() {
		w.name("symmetric")
		w.quote(e.Symmetric.UnsafeText())
	}
	w.string("algorithm", e.Algorithm)
}

// string writes a field unless it is empty.
func (w *writer) string(name, text string) {
	if text != "" {
		w.name(name)
		w.quote([]byte(text))
	}
}

// date writes a field unless it is zero.
func (w *writer) date(name string, t time.Time) {
	if t.IsZero() {
		return
	}
	w.name(name)
	text, err := t.MarshalText()
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("%q can't be written: give a year from 0 to 9999", name)
	}
	w.quote(text)
}

// side writes one end on one line.
func (w *writer) side(name string, s *Side) {
	if s == nil {
		return
	}
	w.name(name)
	w.add("{")
	if !s.Private.IsZero() {
		w.add(`"private": `)
		w.quote(s.Private.UnsafeText())
	}
	if !s.Public.IsZero() {
		if !s.Private.IsZero() {
			w.add(", ")
		}
		w.add(`"public": `)
		w.quote(s.Public.UnsafeText())
	}
	w.add("}")
}
