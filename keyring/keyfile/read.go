package keyfile

import (
	"io/fs"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/files"
)

// maxSize bounds a keyring file, in bytes: some 100,000 keys.
const maxSize = 32 << 20

// readFile reads a regular file to a bound, and tells of it.
func (s settings) readFile(path string, limit int) ([]byte, fs.FileInfo, error) {
	if s.onRead != nil {
		s.onRead(path)
	}
	return files.Read(path, limit)
}
