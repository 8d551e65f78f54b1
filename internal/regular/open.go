// Package regular opens regular files, and nothing else.
package regular

import (
	"errors"
	"io/fs"
	"os"
)

// ErrNotRegular is for folders, devices and pipes.
var ErrNotRegular = errors.New("not a regular file: give the path of a file")

// Open opens a file for reading, and tells of it. It first opens without waiting and
// then looks at what it has: between a look at the path and the opening somebody could
// put a pipe there, which one waits for until it is written to.
func Open(path string) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|withoutWaiting, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "read", Path: path, Err: ErrNotRegular}
	}
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	return f, info, nil
}
