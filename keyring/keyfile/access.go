package keyfile

import (
	"io/fs"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/files"
)

// checkAccess refuses a file that others can read, if it holds a secret, or
// write to, or replace.
func (s settings) checkAccess(path string, info fs.FileInfo, secret bool) error {
	if !s.writable {
		if err := files.CheckWriters(path, info); err != nil {
			return err
		}
	}
	if secret && !s.readable {
		return files.CheckReaders(path, info)
	}
	return nil
}
