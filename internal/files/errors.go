package files

import (
	"errors"
	"fmt"
)

// What is wrong with a file, for errors.Is.
var (
	// ErrTooLarge: it is larger than what is read.
	ErrTooLarge = errors.New("the file is too large")

	// ErrPermissions: others can read a file that holds a secret, or write to it, or replace it.
	ErrPermissions = errors.New("the file's permissions are too wide")

	// ErrWritable is wrapped, with ErrPermissions, where others can write to the file or
	// replace it.
	ErrWritable = fmt.Errorf("%w", ErrPermissions)

	// ErrLocked: another process has the lock, and for longer than one waits.
	ErrLocked = errors.New("another process is changing it: wait for it, or end it")
)
