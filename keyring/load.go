package keyring

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile/document"
)

// Load makes a Ring of a keyring file: a JSON file with an entry for each
// version of each pattern's key. docs/KEYRING-FILE.md describes the format,
// docs/keyring.schema.json is its JSON Schema.
//
// Loading is strict: what the format doesn't have, or is given twice, or
// doesn't go together, is an error, and there is no Ring. So is a file that
// holds a secret key and can be read by others ([ErrPermissions], see
// [AllowReadableByOthers]). Files are read to a bound, and only regular ones.
//
// The error is a [*FileError] that names the entry and the line. What was read
// is overwritten when it has been made into keys, but that is best effort: the
// runtime may have moved or copied it.
//
// For a file that changes while the program runs, see package keywatch.
func Load(path string, opts ...LoadOption) (*Ring, error) {
	l := newLoader(opts)
	l.folder = filepath.Dir(path)
	text, mode, err := l.readFile(path, document.MaxSize)
	if err != nil {
		return nil, &FileError{Path: path, Err: err}
	}
	return l.load(path, text, func(doc *document.Document) error {
		if l.decrypt != nil {
			return nil
		}
		return l.checkMode(mode, doc.HasSecrets())
	})
}

// Read makes a Ring of a keyring file's text, as [Load] does. It reads to the
// end, at most 32 MiB.
func Read(r io.Reader, opts ...LoadOption) (*Ring, error) {
	text, err := document.ReadAll(r, -1, document.MaxSize)
	if err != nil {
		return nil, &FileError{Err: err}
	}
	return newLoader(opts).load("", text, nil)
}

// loader is one Load.
type loader struct {
	folder   string
	readable bool
	decrypt  func(io.Reader) (io.Reader, error)
	onRead   func(path string)
	shared   map[[32]byte]sharedKey
}

func newLoader(opts []LoadOption) *loader {
	l := &loader{shared: map[[32]byte]sharedKey{}}
	for _, opt := range opts {
		opt(l)
	}
	return l
}

// load makes a Ring of the file's bytes, which it wipes. A check may refuse
// what was parsed.
func (l *loader) load(path string, text []byte, check func(*document.Document) error) (*Ring, error) {
	defer clear(text)
	plain, err := l.decrypted(text)
	if err != nil {
		return nil, &FileError{Path: path, Err: err}
	}
	defer clear(plain)
	doc, err := document.Parse(plain)
	if err != nil {
		return nil, fileError(path, err)
	}
	defer doc.Wipe()
	if check != nil {
		if err := check(doc); err != nil {
			return nil, &FileError{Path: path, Err: err}
		}
	}
	ring, err := l.ring(doc)
	if err != nil {
		var at *FileError
		if errors.As(err, &at) {
			at.Path = path
		}
		return nil, err
	}
	return ring, nil
}

// decrypted gives the text of a file that may be encrypted.
func (l *loader) decrypted(text []byte) ([]byte, error) {
	if l.decrypt == nil {
		if isAge(text) {
			return nil, fmt.Errorf("%w: give Load an option of package agefile", ErrEncrypted)
		}
		return text, nil
	}
	r, err := l.decrypt(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return document.ReadAll(r, int64(len(text)), document.MaxSize)
}

// isAge recognizes files that age encrypted, for the sake of the error's text.
func isAge(text []byte) bool {
	return bytes.HasPrefix(text, []byte("age-encryption.org/")) ||
		bytes.HasPrefix(bytes.TrimSpace(text[:min(len(text), 256)]), []byte("-----BEGIN AGE ENCRYPTED FILE-----"))
}
