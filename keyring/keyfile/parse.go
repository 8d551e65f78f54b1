package keyfile

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// parse is [Parse] of a text that isn't encrypted.
func parse(text []byte) (*File, error) {
	if len(text) > maxSize {
		return nil, &Error{Err: tooLarge(maxSize)}
	}
	// A bytes.Buffer is read in place, without a copy of the keys.
	p := &parser{text: text, line: 1, dec: jsontext.NewDecoder(bytes.NewBuffer(text))}
	if err := p.encoding(); err != nil {
		return nil, err
	}
	f, err := p.file()
	if err != nil {
		f.Wipe()
		return nil, err
	}
	return f, nil
}

// parser knows where it is in the text.
type parser struct {
	text  []byte
	dec   *jsontext.Decoder
	entry string // what errors call the present entry

	offset int // up to here lines are counted
	line   int
}

// encoding refuses what isn't text, to say so more clearly than the decoder.
func (p *parser) encoding() error {
	switch {
	case len(bytes.TrimSpace(p.text)) == 0:
		return p.fail(0, "it is empty: see docs/KEYRING-FILE.md for what is in one")
	case bytes.HasPrefix(p.text, []byte("\xef\xbb\xbf")):
		return p.fail(1, "it begins with a byte order mark: save it as UTF-8 without one")
	}
	if utf8.Valid(p.text) {
		return nil
	}
	at := 0
	for {
		r, size := utf8.DecodeRune(p.text[at:])
		if r == utf8.RuneError && size <= 1 {
			return p.fail(p.lineAt(at), "it isn't UTF-8: save it as that")
		}
		at += size
	}
}

// file reads the whole text. The File is given with an error too, for its
// secrets to be wiped.
func (p *parser) file() (*File, error) {
	f := new(File)
	version, keys := false, false
	err := p.object("the file", func(name string, line int) (err error) {
		switch name {
		case "$schema":
			f.Schema, err = p.string(name)
		case "version":
			version = true
			err = p.version()
		case "keys":
			keys = true
			err = p.keys(f)
		default:
			err = p.unknown(line, name, "$schema, version and keys")
		}
		return err
	})
	switch {
	case err != nil:
		return f, err
	case !version:
		return f, p.fail(0, `"version" is missing: write "version": %d`, Version)
	case !keys:
		return f, p.fail(0, `"keys" is missing: write a list with an object for each key`)
	case len(f.Keys) == 0:
		return f, p.fail(0, `"keys" is empty, so everything would be sent in plain: add a key`)
	}
	if _, err := p.dec.ReadToken(); err != io.EOF {
		return f, p.fail(p.here(), "something follows the file's object: remove it")
	}
	return f, nil
}

// version reads the format's version.
func (p *parser) version() error {
	line := p.here()
	value, err := p.value('0', `"version"`, "a number")
	if err == nil && string(value) != fmt.Sprint(Version) {
		err = p.fail(line, `this program reads files of "version" %d: write that, or take a newer program`, Version)
	}
	return err
}

// keys reads the list of entries.
func (p *parser) keys(f *File) error {
	if err := p.open('[', `"keys"`, "a list"); err != nil {
		return err
	}
	for p.dec.PeekKind() != ']' {
		p.entry = fmt.Sprintf("keys[%d]", len(f.Keys))
		e := new(Entry)
		f.Keys = append(f.Keys, e)
		if err := p.readEntry(e); err != nil {
			return err
		}
		p.entry = ""
	}
	_, err := p.dec.ReadToken()
	return p.syntax(err)
}

// readEntry reads one entry.
func (p *parser) readEntry(e *Entry) error {
	index := p.entry
	e.line = p.here()
	given := map[string]bool{}
	if err := p.object("the entry", func(name string, line int) error {
		if err := p.field(e, name, line); err != nil {
			return err
		}
		given[name] = true
		if name == "pattern" || name == "match" || name == "id" {
			p.entry = index + strings.TrimPrefix(e.Name(0), "keys[0]")
		}
		return nil
	}); err != nil {
		return err
	}
	for _, name := range []string{"pattern", "match"} {
		if !given[name] {
			return p.fail(e.line, "%q is missing: every key needs a pattern and how it matches", name)
		}
	}
	return nil
}

// field reads the value of one of an entry's fields.
func (p *parser) field(e *Entry, name string, line int) (err error) {
	switch name {
	case "pattern":
		e.Pattern.URI, err = p.string(name)
	case "match":
		e.Pattern.Match, err = word(p, name, line, matches)
	case "id":
		e.ID, err = p.nonEmpty(name, line)
	case "state":
		e.State, err = word(p, name, line, states)
	case "created":
		e.Created, err = p.date(name, line)
	case "not_after":
		e.NotAfter, err = p.date(name, line)
	case "allow_unbound":
		e.AllowUnbound, err = p.bool(name)
	case "comment":
		e.Comment, err = p.string(name)
	case "originator":
		e.Originator, err = p.side(name)
	case "responder":
		e.Responder, err = p.side(name)
	case "symmetric":
		e.Symmetric, err = p.secret(name, line)
	case "algorithm":
		e.Algorithm, err = word(p, name, line, algorithms)
	default:
		err = p.unknown(line, name, fields)
	}
	return err
}

// side reads what the file holds of one end.
func (p *parser) side(of string) (*Side, error) {
	s := new(Side)
	return s, p.object(`"`+of+`"`, func(name string, line int) (err error) {
		switch name {
		case "private":
			s.Private, err = p.secret(of+"."+name, line)
		case "public":
			s.Public, err = p.secret(of+"."+name, line)
		default:
			err = p.unknown(line, name, "private and public")
		}
		return err
	})
}
