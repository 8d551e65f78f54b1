package keyfile

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/files"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Load makes a Ring of a keyring file: a JSON file with an entry for each pattern.
//
// Loading is strict: what the format doesn't have, or is given twice, or doesn't go together,
// is an error, and there is no Ring. So is a file that holds a secret key and can be read by
// others ([ErrPermissions], see [AllowReadableByOthers]), or that others can write to or
// replace ([ErrWritable], see [AllowWritableByOthers]). Only regular files are read, and up
// to a bound.
//
// The error is an [*Error] that names the entry and the line. What was read is
// overwritten when it has been made into keys, but that is best effort: the
// runtime may have moved or copied it.
func Load(path string, opts ...Option) (*keyring.Ring, error) {
	f, ring, err := open(path, path, newSettings(opts), parse)
	f.Wipe()
	return ring, err
}

// Read makes a Ring of a keyring file's text, as [Load] does. It reads to the
// end, at most 32 MiB.
func Read(r io.Reader, opts ...Option) (*keyring.Ring, error) {
	text, err := files.ReadAll(r, -1, maxSize)
	if err != nil {
		return nil, &Error{Err: err}
	}
	defer clear(text)
	f, err := Parse(text, opts...)
	if err != nil {
		return nil, err
	}
	defer f.Wipe()
	ring, _, err := f.ring()
	return ring, err
}

// Parse reads a keyring file's text strictly: one JSON object, with the
// format's fields and no others, each once and of its type. What the fields
// mean together is for [File.Ring] to check. The error is an [*Error]. The text
// is not kept; the caller may wipe it.
func Parse(text []byte, opts ...Option) (*File, error) {
	return newSettings(opts).parse(text, parse)
}

// ParseFile is [Parse] for the file at a path, whoever can read or write it:
// it is for looking at files that [Load] may refuse.
func ParseFile(path string, opts ...Option) (*File, error) {
	f, _, err := newSettings(opts).parseFile(path, path, parse)
	return f, err
}

// format reads the text of a file that isn't encrypted.
type format func(text []byte) (*File, error)

// open reads and checks a file as Load does. target is the file, path how it was given,
// which may be by links. The File is nil with an error.
func open(path, target string, s settings, as format) (*File, *keyring.Ring, error) {
	f, info, err := s.parseFile(path, target, as)
	if err != nil {
		return nil, nil, err
	}
	err = s.checkAccess(path, info, s.decrypt == nil && f.hasSecrets())
	var ring *keyring.Ring
	if err == nil {
		ring, _, err = f.ring()
	}
	if err != nil {
		f.Wipe()
		return nil, nil, withPath(path, err)
	}
	return f, ring, nil
}

// parseFile tells of the file too. The folder of file:PATH is that of path.
func (s settings) parseFile(path, target string, as format) (*File, fs.FileInfo, error) {
	s.folder = filepath.Dir(path)
	if s.err != nil {
		return nil, nil, &Error{Path: path, Err: s.err}
	}
	text, info, err := s.readFile(target, maxSize)
	if err != nil {
		return nil, nil, &Error{Path: path, Err: err}
	}
	defer clear(text)
	f, err := s.parse(text, as)
	if err != nil {
		return nil, nil, withPath(path, err)
	}
	return f, info, nil
}

// parse decrypts a text where it has to, and parses it.
func (s settings) parse(text []byte, as format) (*File, error) {
	if s.err != nil {
		return nil, &Error{Err: s.err}
	}
	plain, err := s.decrypted(text)
	if err != nil {
		return nil, &Error{Err: err}
	}
	defer func() {
		if s.decrypt != nil {
			clear(plain)
		}
	}()
	f, err := as(plain)
	if err != nil {
		return nil, err
	}
	f.settings = s
	return f, nil
}

// decrypted gives the text of a file that may be encrypted.
func (s settings) decrypted(text []byte) ([]byte, error) {
	if s.decrypt == nil {
		if isAge(text) {
			return nil, fmt.Errorf("%w: say how it is decrypted", ErrEncrypted)
		}
		return text, nil
	}
	r, err := s.decrypt(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return files.ReadAll(r, int64(len(text)), maxSize)
}

// isAge recognizes files that age encrypted, for the sake of the error's text.
func isAge(text []byte) bool {
	return bytes.HasPrefix(text, []byte("age-encryption.org/")) ||
		bytes.HasPrefix(bytes.TrimSpace(text[:min(len(text), 256)]), []byte("-----BEGIN AGE ENCRYPTED FILE-----"))
}
