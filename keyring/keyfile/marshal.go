package keyfile

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Marshal writes the text of the file: entries and versions in their order, fields in
// the format's, one a line. [Parse] reads it back to the same. The caller may wipe the
// text. The error is an [*Error] for text that isn't UTF-8, or dates that RFC 3339
// can't write.
func (f *File) Marshal() ([]byte, error) {
	w := &writer{text: make([]byte, 0, f.size()), begin: "\n", about: func() string { return "" }}
	w.object(func() {
		w.string("$schema", f.Schema)
		w.name("version")
		w.add(fmt.Sprint(Format))
		if f.PlainUnlessKeyed {
			w.string("unkeyed", "plain")
		}
		w.grant(f.Grant)
		if len(f.Scrambles) > 0 {
			list(w, "scramble", f.Scrambles, w.scramble)
		}
		list(w, "patterns", f.Entries, w.entry)
	})
	w.add(w.begin)
	if w.err != nil {
		clear(w.text)
		return nil, w.err
	}
	return w.text, nil
}

// size is more than the text needs, so that it is never moved, and no copies of
// keys are left behind. JSON writes a byte as six at most.
func (f *File) size() int {
	n := 1024 + 6*len(f.Schema)
	for _, s := range f.Scrambles {
		n += 256 + 6*(len(s.Prefix)+len(s.Comment))
		for _, v := range s.Secrets {
			n += 256 + 6*(len(v.Comment)+len(v.Secret.UnsafeText()))
		}
	}
	for _, e := range f.Entries {
		n += 448 + 6*(len(e.Pattern.URI)+len(e.Comment))
		for _, v := range e.Versions {
			n += 1024 + 6*(len(v.ID)+len(v.Comment)+len(v.Algorithm)+len(v.Shared.UnsafeText())+
				len(v.Sign.UnsafeText())+len(v.Seal.UnsafeText())+len(v.Read.UnsafeText()))
			for _, s := range []*Side{v.Originator, v.Responder} {
				if s != nil {
					n += 6 * (len(s.Private.UnsafeText()) + len(s.Public.UnsafeText()))
				}
			}
			for _, list := range [][]Party{v.Senders, v.Answerers} {
				for _, one := range list {
					n += 64 + 6*(len(one.Name)+len(one.Key.UnsafeText()))
				}
			}
		}
	}
	return n
}

// writer keeps the first error.
type writer struct {
	text   []byte
	begin  string        // of a line of the present object
	fields int           // written of it
	about  func() string // what errors call the present entry
	err    error
}

func (w *writer) add(text string) { w.text = append(w.text, text...) }

func (w *writer) fail(format string, args ...any) {
	if w.err == nil {
		w.err = &Error{Entry: strings.TrimSpace(w.about()), Err: fmt.Errorf("%w: "+format, append([]any{ErrFormat}, args...)...)}
	}
}

// object writes an object, a field a line.
func (w *writer) object(fields func()) {
	begin, written := w.begin, w.fields
	w.begin, w.fields = begin+"  ", 0
	w.add("{")
	fields()
	w.begin, w.fields = begin, written
	w.add(begin + "}")
}

// list writes a list of objects, and says which one an error is about.
func list[T interface{ Name(int) string }](w *writer, name string, items []T, fields func(T)) {
	w.name(name)
	w.add("[")
	begin, about := w.begin, w.about
	w.begin += "  "
	for i, item := range items {
		if i > 0 {
			w.add(",")
		}
		w.about = func() string { return about() + " " + item.Name(i) }
		w.add(w.begin)
		w.object(func() { fields(item) })
	}
	w.begin, w.about = begin, about
	w.add(begin + "]")
}

// name begins a field.
func (w *writer) name(name string) {
	if w.fields++; w.fields > 1 {
		w.add(",")
	}
	w.add(w.begin + `"` + name + `": `)
}

func (w *writer) quote(text []byte) {
	var err error
	if w.text, err = jsontext.AppendQuote(w.text, text); err != nil {
		w.fail("a text isn't UTF-8") // the cause would quote it
	}
}

// entry writes an entry's fields.
func (w *writer) entry(e *Entry) {
	w.name(e.Pattern.Match.String())
	w.quote([]byte(e.Pattern.URI))
	w.string("comment", e.Comment)
	w.true("plain", e.Plain)
	if e.Plaintext != 0 {
		w.string("plaintext", e.Plaintext.String())
	}
	w.date("until", e.Until)
	w.date("allow_unsigned", e.AllowUnsigned)
	if len(e.Versions) > 0 {
		list(w, "versions", e.Versions, w.version)
	}
}

// version writes a version's fields.
func (w *writer) version(v *Version) {
	w.string("id", v.ID)
	w.date("active_from", v.Dates.ActiveFrom)
	w.date("not_after", v.Dates.NotAfter)
	w.date("created", v.Created)
	w.true("revoked", v.Revoked)
	w.string("comment", v.Comment)
	w.side("originator", v.Originator)
	w.side("responder", v.Responder)
	w.secret("shared", v.Shared)
	w.secret("sign", v.Sign)
	w.secret("seal", v.Seal)
	w.secret("read", v.Read)
	w.parties("senders", v.Senders)
	w.parties("answerers", v.Answerers)
	w.true("any_answerer", v.AnyAnswerer)
	w.true("signed_once", v.SignedOnce)
	if v.Dialect.Foreign() {
		w.string("dialect", v.Dialect.String())
	}
	if v.Suite != 0 {
		w.string("suite", v.Suite.String())
	}
	w.string("algorithm", v.Algorithm)
}

// string writes a field unless it is empty.
func (w *writer) string(name, text string) {
	if text != "" {
		w.name(name)
		w.quote([]byte(text))
	}
}

func (w *writer) true(name string, set bool) {
	if set {
		w.name(name)
		w.add("true")
	}
}

func (w *writer) secret(name string, s Secret) {
	if !s.IsZero() {
		w.name(name)
		w.quote(s.UnsafeText())
	}
}

// date writes a field unless it is zero.
func (w *writer) date(name string, t time.Time) {
	if t.IsZero() {
		return
	}
	w.name(name)
	text, err := t.MarshalText()
	if err != nil {
		w.fail("%q can't be written: give a year from 0 to 9999", name)
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

// parties writes a list, a party a line.
func (w *writer) parties(name string, list []Party) {
	if len(list) == 0 {
		return
	}
	w.name(name)
	w.add("[")
	for i, one := range list {
		if i > 0 {
			w.add(",")
		}
		w.add(w.begin + `  {"name": `)
		w.quote([]byte(one.Name))
		w.add(`, "key": `)
		w.quote(one.Key.UnsafeText())
		w.add("}")
	}
	w.add(w.begin + "]")
}
