//go:build !unix

package keyservice_test

import "os"

// pipe makes one at a path, or where there are none, what else nobody can read.
func pipe(path string) error { return os.Mkdir(path, 0o700) }
