package grants

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
)

// State tells states of the grants and of the fresh key apart, by names, sizes, permissions and
// times.
type State [sha256.Size]byte

// Look gives whom there are grants for, and the state of these and of the fresh key. It opens none.
func (f *Folder) Look() (names []string, state State, err error) {
	if names, err = f.Members(); err != nil {
		return nil, state, err
	}
	all := sha256.New()
	note := func(path string) {
		if info, err := os.Stat(path); err == nil {
			fmt.Fprintf(all, "%q %d %v %d\n", path, info.Size(), info.Mode(), info.ModTime().UnixNano())
		}
	}
	note(filepath.Join(f.path, freshFile))
	for _, name := range names {
		note(filepath.Join(f.path, MembersFolder, name+grantEnd))
	}
	return names, State(all.Sum(nil)), nil
}
