package keyfile

import (
	"fmt"
	"io/fs"
	"runtime"
)

// checkMode refuses a file that others can read, if it holds a secret, or
// write to. Windows has other permissions, which aren't looked at.
func (s settings) checkMode(path string, mode fs.FileMode, secret bool) error {
	perm := mode.Perm()
	switch {
	case runtime.GOOS == "windows":
	case perm&0o022 != 0:
		return fmt.Errorf("%w: %#o lets others write to it: chmod go-w %s", ErrPermissions, perm, path)
	case secret && perm&0o077 != 0 && !s.readable:
		return fmt.Errorf("%w: %#o lets others read a secret key: chmod 600 %s", ErrPermissions, perm, path)
	}
	return nil
}
