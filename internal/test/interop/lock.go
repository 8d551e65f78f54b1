package interop

import (
	"context"
	"fmt"
	"os"
	"time"
)

// lock waits for the file's lock and returns what gives it back. The system
// takes it from a process that ends, so no lock is ever left behind.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("interop: open the lock: %w", err)
	}
	for {
		locked, err := tryLock(file)
		if err == nil && locked {
			return func() { _ = file.Close() }, nil // closing unlocks
		}
		if err == nil {
			err = wait(ctx, 50*time.Millisecond)
		}
		if err != nil {
			_ = file.Close()
			return nil, fmt.Errorf("interop: wait for another process that makes the environment: %w", err)
		}
	}
}

// wait sleeps for d, or until ctx is done, which is its error.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
