package keyfile

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/files"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// parse is [Parse] of a text that isn't encrypted.
func parse(text []byte) (*File, error) {
	p, err := newParser(text)
	if err != nil {
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
	entry func() string // what errors call the present entry: it takes long to conceal keys in that

	offset int // up to here lines are counted
	line   int
}

// newParser refuses what can't be a keyring file.
func newParser(text []byte) (*parser, error) {
	if len(text) > maxSize {
		return nil, &Error{Err: files.TooLarge(maxSize)}
	}
	// A bytes.Buffer is read in place, without a copy of the keys.
	p := &parser{text: text, line: 1, dec: jsontext.NewDecoder(bytes.NewBuffer(text)), entry: func() string { return "" }}
	return p, p.encoding()
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
	version, patterns := false, false
	err := p.object("the file", func(name string, line int) (err error) {
		switch name {
		case "$schema":
			f.Schema, err = p.string(name)
		case "version":
			version = true
			err = p.version()
		case "unkeyed":
			f.PlainUnlessKeyed = true
			_, err = word(p, name, line, []string{"plain"})
		case "grant":
			f.Grant, err = p.grant(line)
		case "scramble":
			err = p.scrambles(f, name, line)
		case "patterns":
			patterns = true
			err = p.list(name, func() error {
				e := new(Entry)
				f.Entries = append(f.Entries, e)
				return p.readEntry(e, len(f.Entries)-1)
			})
		case "keys":
			err = &Error{Line: line, Err: ErrVersion1}
		default:
			err = p.unknown(line, name, "$schema, version, unkeyed, grant, scramble and patterns")
		}
		return err
	})
	switch {
	case err != nil:
		return f, err
	case !version:
		return f, p.fail(0, `"version" is missing: write "version": %d`, Format)
	case !patterns:
		return f, p.fail(0, `"patterns" is missing: write a list with an object for each pattern`)
	case len(f.Entries) == 0 && f.Grant == nil:
		return f, p.fail(0, `"patterns" is empty: add one`)
	}
	return f, p.end()
}

// version reads the format's version.
func (p *parser) version() error {
	line := p.here()
	value, err := p.value('0', `"version"`, "a number")
	switch {
	case err != nil:
		return err
	case string(value) == "1":
		return &Error{Line: line, Err: ErrVersion1}
	case string(value) != fmt.Sprint(Format):
		return p.fail(line, `this program reads files of "version" %d: write that, or take a newer program`, Format)
	}
	return nil
}

// end makes sure that nothing follows.
func (p *parser) end() error {
	if _, err := p.dec.ReadToken(); err != io.EOF {
		return p.fail(p.here(), "something follows the file's object: remove it")
	}
	return nil
}

// list reads a list, an item at a time. While one is read, errors are about it.
func (p *parser) list(name string, item func() error) error {
	if err := p.open('[', `"`+name+`"`, "a list"); err != nil {
		return err
	}
	about := p.entry
	for p.dec.PeekKind() != ']' {
		if err := item(); err != nil {
			return err
		}
		p.entry = about
	}
	_, err := p.dec.ReadToken()
	return p.syntax(err)
}

// readEntry reads what the file says of one pattern.
func (p *parser) readEntry(e *Entry, index int) error {
	p.entry, e.line = func() string { return e.Name(index) }, p.here()
	if err := p.object("a pattern's entry", func(name string, line int) error {
		if match, err := keyring.ParseMatch(name); err == nil && name != "" {
			return p.pattern(e, match, line)
		}
		return p.entryField(e, name, line)
	}); err != nil {
		return err
	}
	if e.Pattern.Match == 0 {
		return p.fail(e.line, "the pattern is missing: give exact, prefix or wildcard")
	}
	return nil
}

// pattern reads the pattern that the field's name says how to match.
func (p *parser) pattern(e *Entry, match keyring.Match, line int) error {
	if e.Pattern.Match != 0 {
		return p.fail(line, "it has two patterns: give one of exact, prefix, wildcard")
	}
	text, err := p.string(match.String())
	if err == nil {
		e.Pattern = keyring.Pattern{URI: text, Match: match}
	}
	return err
}

// entryField reads the value of one of an entry's other fields.
func (p *parser) entryField(e *Entry, name string, line int) (err error) {
	switch name {
	case "comment":
		e.Comment, err = p.string(name)
	case "plain":
		e.Plain, err = p.bool(name)
	case "plaintext":
		e.Plaintext, err = word(p, name, line, plaintexts)
	case "until":
		e.Until, err = p.date(name, line)
	case "allow_unsigned":
		e.AllowUnsigned, err = p.date(name, line)
	case "versions":
		err = p.list(name, func() error {
			v := new(Version)
			e.Versions = append(e.Versions, v)
			return p.readVersion(v, len(e.Versions)-1)
		})
	default:
		err = p.unknown(line, name, entryFields)
	}
	return err
}

// readVersion reads one version.
func (p *parser) readVersion(v *Version, index int) error {
	entry := p.entry
	p.entry, v.line = func() string { return entry() + " " + v.Name(index) }, p.here()
	return p.object("a version", func(name string, line int) error { return p.versionField(v, name, line) })
}

// versionField reads the value of one of a version's fields.
func (p *parser) versionField(v *Version, name string, line int) (err error) {
	switch name {
	case "id":
		v.ID, err = p.nonEmpty(name, line)
	case "active_from":
		v.Dates.ActiveFrom, err = p.date(name, line)
	case "not_after":
		v.Dates.NotAfter, err = p.date(name, line)
	case "created":
		v.Created, err = p.date(name, line)
	case "revoked":
		v.Revoked, err = p.bool(name)
	case "comment":
		v.Comment, err = p.string(name)
	case "originator":
		v.Originator, err = p.side(name)
	case "responder":
		v.Responder, err = p.side(name)
	case "shared":
		v.Shared, err = p.secret(name, line)
	case "dialect":
		v.Dialect, err = word(p, name, line, dialects)
	case "suite":
		v.Suite, err = word(p, name, line, suites)
	case "algorithm":
		v.Algorithm, err = word(p, name, line, algorithms)
	default:
		err = p.signedField(v, name, line)
	}
	return err
}

// signedField reads the value of a field that signed keys have.
func (p *parser) signedField(v *Version, name string, line int) (err error) {
	switch name {
	case "sign":
		v.Sign, err = p.secret(name, line)
	case "seal":
		v.Seal, err = p.secret(name, line)
	case "read":
		v.Read, err = p.secret(name, line)
	case "senders":
		v.Senders, err = p.parties(name, line)
	case "answerers":
		v.Answerers, err = p.parties(name, line)
	case "any_answerer":
		v.AnyAnswerer, err = p.bool(name)
	case "signed_once":
		v.SignedOnce, err = p.bool(name)
	default:
		err = p.unknown(line, name, versionFields)
	}
	return err
}

// parties reads a list of at least one party.
func (p *parser) parties(name string, line int) (list []Party, err error) {
	about := p.entry
	err = p.list(name, func() error {
		at := p.here()
		index := len(list)
		p.entry = func() string { return fmt.Sprintf("%s %s[%d]", about(), name, index) }
		list = append(list, Party{})
		return p.party(&list[len(list)-1], at)
	})
	if err == nil && len(list) == 0 {
		err = p.fail(line, "%q is empty: add a party, or leave it out", name)
	}
	return list, err
}

// party reads one of a list.
func (p *parser) party(one *Party, line int) error {
	err := p.object("a party", func(name string, line int) (err error) {
		switch name {
		case "name":
			one.Name, err = p.nonEmpty(name, line)
		case "key":
			one.Key, err = p.secret(name, line)
		default:
			err = p.unknown(line, name, "name and key")
		}
		return err
	})
	if err == nil && (one.Name == "" || one.Key.IsZero()) {
		err = p.fail(line, "a party has a name and a key: give both")
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
