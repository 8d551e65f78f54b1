//go:build unix

package keyservice_test

import "syscall"

// pipe makes one at a path.
func pipe(path string) error { return syscall.Mkfifo(path, 0o600) }
