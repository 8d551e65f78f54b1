package keyfile

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// lock keeps other processes and goroutines from changing a file until the
// function it gives is called. Readers don't need it.
//
// The lock is on a file beside the target, as the target itself is replaced. Whoever
// has it removes that file, and lets go then.
func lock(path string, wait time.Duration) (unlock func(), err error) {
	name := lockName(path)
	for deadline := time.Now().Add(wait); ; time.Sleep(time.Millisecond) {
		unlock, err := tryLock(name)
		if err == nil {
			return unlock, nil
		}
		if !errors.Is(err, errHeld) {
			return nil, fmt.Errorf("keyfile: locking %s: %w", name, err)
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("keyfile: %s: %w%s", name, ErrLocked, staleHint)
		}
	}
}

// lockName is where a file's lock is.
func lockName(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".lock")
}

// errHeld means that somebody has the lock now.
var errHeld = errors.New("held")
