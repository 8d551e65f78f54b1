package files

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// Lock keeps other processes and goroutines from changing a file until the
// function it gives is called. Readers don't need it.
//
// The lock is on a file beside the target, as the target itself is replaced. Whoever
// has it removes that file, and lets go then.
func Lock(path string, wait time.Duration) (unlock func(), err error) {
	return LockName(lockName(path), wait)
}

// LockName is [Lock] with the path of the lock's own file.
func LockName(name string, wait time.Duration) (unlock func(), err error) {
	for deadline := time.Now().Add(wait); ; time.Sleep(time.Millisecond) {
		unlock, err := tryLock(name)
		if err == nil {
			return unlock, nil
		}
		if !errors.Is(err, errHeld) {
			return nil, fmt.Errorf("locking %s: %w", name, err)
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%s: %w%s", name, ErrLocked, staleHint)
		}
	}
}

// lockName is where a file's lock is.
func lockName(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".lock")
}

// errHeld means that somebody has the lock now.
var errHeld = errors.New("held")
