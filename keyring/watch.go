package keyring

import (
	"slices"
	"weak"
)

// Watch is somebody who is told of changes, for as long as he holds on to it.
type Watch struct {
	forms   *Forms // which are told as long
	changed func()
}

// Watch has a function be called when the ring begins to scramble other URIs, or under other
// secrets, until nobody holds the Watch any more. It is called while the ring is locked: it has
// to return at once, and not to use the ring.
func (fs *Forms) Watch(changed func()) *Watch {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	w := &Watch{fs, changed}
	if len(fs.watches) == cap(fs.watches) {
		fs.watches = slices.DeleteFunc(fs.watches, func(at weak.Pointer[Watch]) bool { return at.Value() == nil })
		fs.watches = slices.Grow(fs.watches, len(fs.watches)+1) // room for as many, so that it seldom looks for them
	}
	fs.watches = append(fs.watches, weak.Make(w))
	return w
}

// tell tells all who watch.
func (fs *Forms) tell() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.watches = slices.DeleteFunc(fs.watches, func(at weak.Pointer[Watch]) bool {
		w := at.Value()
		if w != nil {
			w.changed()
		}
		return w == nil
	})
}
