package lint

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile/document"
)

// published are the public keys of private keys that everybody knows: those of
// Crossbar.io's cryptobox example.
var published = []string{
	"GTtQ37XGJO2O4R8Dvx4AUo8pe61D9evIWpKGQAPdOh0=",
	"5Q3rK3UhNZzdviBw9MtbNrrPHR9bsFSGMEtr2H3ZaxQ=",
	"aAVTGg/Er91r5NYRkgy9QMyibWxphwzOAkL9wzUmQwA=",
}

// weak looks for keys that aren't secret. Loading has refused those that are no
// keys at all.
func (r *report) weak(e *entry, folder string) {
	secrets := map[string]document.Secret{"symmetric": e.Symmetric}
	if e.Originator != nil {
		secrets["originator.private"] = e.Originator.Private
	}
	if e.Responder != nil {
		secrets["responder.private"] = e.Responder.Private
	}
	for _, field := range []string{"originator.private", "responder.private", "symmetric"} {
		key, err := cryptobox.ParsePrivateKey(string(resolve(secrets[field], folder)))
		if err != nil {
			continue
		}
		b := key.UnsafeBytes()
		switch {
		case slices.Contains(published, key.Public().String()):
			r.add(e, WeakKey, "%s: this key is published, in the example of Crossbar.io: make another with keygen", field)
		case madeUp(b):
			r.add(e, WeakKey, "%s: the key doesn't look random: make another with keygen", field)
		}
		clear(b)
	}
}

// maxKeyFile bounds a file with one key.
const maxKeyFile = 4096

// resolve gives the text of a key, nil where it can't be had: loading says why.
func resolve(s document.Secret, folder string) []byte {
	switch where, name := s.Reference(); where {
	case document.Environment:
		return []byte(os.Getenv(name))
	case document.File:
		if !filepath.IsAbs(name) {
			name = filepath.Join(folder, name)
		}
		return fromFile(name)
	}
	return s.UnsafeText()
}

// fromFile gives the line of a file that is no comment.
func fromFile(path string) []byte {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxKeyFile))
	if err != nil {
		return nil
	}
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return line
		}
	}
	return nil
}

// madeUp tells bytes that no generator of random ones gives: few values, equal
// steps, or all of them printable text. By chance that happens to less than one
// key in 2^40.
func madeUp(b []byte) bool {
	values := map[byte]bool{}
	steps := map[byte]bool{}
	text := true
	for i, c := range b {
		values[c] = true
		if i > 0 {
			steps[c-b[i-1]] = true
		}
		text = text && c >= ' ' && c <= '~'
	}
	return len(values) <= fewValues || len(steps) <= fewSteps || text
}

// Of 32 random bytes, 30 differ on average, and as many steps between them.
const (
	fewValues = 12
	fewSteps  = 12
)
