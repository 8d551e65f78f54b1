package keyfile

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// fail makes an error about the present entry. What it says is never taken
// from a field's value.
func (p *parser) fail(line int, format string, args ...any) error {
	return &Error{Line: line, Entry: p.entry(), Err: fmt.Errorf("%w: "+format, append([]any{ErrFormat}, args...)...)}
}

// syntax turns the decoder's errors into ours: its texts quote what it read.
func (p *parser) syntax(err error) error {
	if err == nil {
		return nil
	}
	line := p.here()
	var at *jsontext.SyntacticError
	if errors.As(err, &at) {
		line = p.lineAt(int(at.ByteOffset))
	}
	if errors.Is(err, jsontext.ErrDuplicateName) {
		name := at.JSONPointer.LastToken()
		if !plainName.MatchString(name) {
			return p.fail(line, "a field is given twice: remove one")
		}
		return p.fail(line, "%q is given twice: remove one", name)
	}
	return p.fail(line, "it isn't JSON: look for a missing comma, quote or bracket here or just before")
}

// here gives the line of the next token.
func (p *parser) here() int {
	at := int(p.dec.InputOffset())
	for at < len(p.text) && strings.IndexByte(" \t\r\n,:", p.text[at]) >= 0 {
		at++
	}
	return p.lineAt(at)
}

// lineAt gives the line of an offset. Lines are counted once, as the parser
// goes on.
func (p *parser) lineAt(offset int) int {
	offset = min(offset, len(p.text))
	if offset < p.offset {
		return 1 + bytes.Count(p.text[:offset], []byte("\n"))
	}
	p.line += bytes.Count(p.text[p.offset:offset], []byte("\n"))
	p.offset = offset
	return p.line
}

// open reads the bracket that a list or an object begins with.
func (p *parser) open(kind jsontext.Kind, what, want string) error {
	line := p.here()
	switch got := p.dec.PeekKind(); got {
	case kind:
		_, err := p.dec.ReadToken()
		return p.syntax(err)
	case jsontext.KindInvalid:
		_, err := p.dec.ReadToken()
		return p.syntax(err)
	}
	return p.fail(line, "%s has to be %s", what, want)
}

// object reads an object, a field at a time.
func (p *parser) object(what string, field func(name string, line int) error) error {
	if err := p.open('{', what, "an object"); err != nil {
		return err
	}
	for p.dec.PeekKind() != '}' {
		line := p.here()
		name, err := p.dec.ReadToken()
		if err != nil {
			return p.syntax(err)
		}
		if err := field(name.String(), line); err != nil {
			return err
		}
	}
	_, err := p.dec.ReadToken()
	return p.syntax(err)
}

// plainName is a name that may be shown: no key looks like it.
var plainName = regexp.MustCompile(`^[A-Za-z_$][A-Za-z_$-]{0,23}$`)

// unknown refuses a field that the format doesn't have.
func (p *parser) unknown(line int, name, known string) error {
	if !plainName.MatchString(name) {
		return p.fail(line, "an unknown field: the fields here are %s", known)
	}
	return p.fail(line, "unknown field %q: the fields here are %s", name, known)
}

// value reads a value of a kind that isn't a list or an object.
func (p *parser) value(kind jsontext.Kind, what, want string) (jsontext.Value, error) {
	line := p.here()
	if got := p.dec.PeekKind(); got != kind && got != jsontext.KindInvalid {
		return nil, p.fail(line, "%s has to be %s", what, want)
	}
	v, err := p.dec.ReadValue()
	return v, p.syntax(err)
}

// raw reads a string into bytes of its own.
func (p *parser) raw(name string) ([]byte, error) {
	v, err := p.value('"', `"`+name+`"`, "a text in quotes")
	if err != nil {
		return nil, err
	}
	text, err := jsontext.AppendUnquote(make([]byte, 0, len(v)), v)
	return text, p.syntax(err)
}

func (p *parser) string(name string) (string, error) {
	text, err := p.raw(name)
	return string(text), err
}

// nonEmpty reads a text that says something where it is given.
func (p *parser) nonEmpty(name string, line int) (string, error) {
	text, err := p.string(name)
	if err == nil && text == "" {
		err = p.fail(line, "%q is empty: give it a text, or leave it out", name)
	}
	return text, err
}

// Words of the format.
var (
	dialects   = []cryptobox.Dialect{cryptobox.Autobahn, cryptobox.Passthru}
	suites     = []cryptobox.Suite{cryptobox.SuiteBox, cryptobox.SuiteXBox, cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ}
	plaintexts = []keyring.Plaintext{keyring.SendPlain, keyring.AcceptPlain}
	algorithms = []string{cryptobox.AlgorithmSecretBox, cryptobox.AlgorithmAESGCM}
)

// word reads the name of one of a few things.
func word[T any](p *parser, name string, line int, things []T) (T, error) {
	var none T
	text, err := p.string(name)
	if err != nil {
		return none, err
	}
	words := make([]string, len(things))
	for i, thing := range things {
		if words[i] = fmt.Sprint(thing); words[i] == text {
			return thing, nil
		}
	}
	return none, p.fail(line, "%q is none of %s", name, strings.Join(words, ", "))
}

// secret reads a key, or where it is.
func (p *parser) secret(name string, line int) (Secret, error) {
	text, err := p.raw(name)
	if err == nil && len(text) == 0 {
		err = p.fail(line, "%q is empty: write a key, env:NAME or file:PATH, or leave it out", name)
	}
	return newSecret(text), err
}

// date reads a moment (RFC 3339).
func (p *parser) date(name string, line int) (time.Time, error) {
	text, err := p.raw(name)
	if err != nil {
		return time.Time{}, err
	}
	var t time.Time
	if t.UnmarshalText(text) != nil || t.IsZero() {
		return time.Time{}, p.fail(line, "%q is no date: write it as 2026-12-31T23:59:59Z (RFC 3339)", name)
	}
	return t, nil
}

func (p *parser) bool(name string) (bool, error) {
	line := p.here()
	switch p.dec.PeekKind() {
	case 't', 'f':
		v, err := p.dec.ReadToken()
		if err != nil {
			return false, p.syntax(err)
		}
		return v.Bool(), nil
	case jsontext.KindInvalid:
		_, err := p.dec.ReadToken()
		return false, p.syntax(err)
	}
	return false, p.fail(line, "%q has to be true or false", name)
}
