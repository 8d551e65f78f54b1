// Package links walks the way that a path leads, through symbolic links.
package links

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// most is how many symbolic links may be on a way.
const most = 40

const separator = string(filepath.Separator)

// Walk tells step of each folder, link and file on the way that an absolute path leads, from
// the root on, and where that is: no path that it gives has a link above its last component.
// It gives where the way ends, as far as it's there. The error is that of a step, or of what
// can't be looked at.
func Walk(path string, step func(at string, info fs.FileInfo) error) (end string, err error) {
	at, rest := root(path)
	for links := 0; ; {
		info, err := os.Lstat(at)
		if err == nil {
			err = step(at, info)
		}
		if err != nil {
			return filepath.Join(at, rest), err
		}
		if info.Mode()&fs.ModeSymlink != 0 && links < most {
			links++
			target, err := os.Readlink(at)
			if err != nil {
				return filepath.Join(at, rest), err
			}
			target = filepath.FromSlash(target)
			rest = target + separator + rest
			if at = filepath.Dir(at); filepath.IsAbs(target) {
				at, rest = root(rest)
				continue
			}
		}
		var name string
		for name == "" && rest != "" {
			name, rest, _ = strings.Cut(rest, separator)
		}
		if name == "" {
			return at, nil
		}
		at = filepath.Join(at, name) // which goes up for two dots, as there is no link
	}
}

// root parts an absolute path behind its root.
func root(path string) (root, rest string) {
	n := len(filepath.VolumeName(path)) + 1
	return path[:n], path[n:]
}
