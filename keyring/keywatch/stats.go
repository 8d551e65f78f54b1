package keywatch

import (
	"errors"
	"fmt"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Stats tells what a Watcher has seen so far.
type Stats struct {
	Changes   uint64    // times that the Ring got new content, the first one not counted
	Failures  uint64    // states of the files that didn't load, and errors of watching
	LastLoad  time.Time // when the Ring's present content was read
	LastError error     // why the files as they are now don't load; nil if they do
}

// Stats gives a snapshot of the counts.
func (w *Watcher) Stats() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stats
}

// loaded notes that the Ring has the files' content.
func (w *Watcher) loaded(changed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.LastLoad, w.stats.LastError = time.Now(), nil
	if changed {
		w.stats.Changes++
	}
}

// failed notes why the files don't load.
func (w *Watcher) failed(err error) {
	w.mu.Lock()
	w.stats.Failures++
	w.stats.LastError = err
	w.mu.Unlock()
	w.onError(err)
}

// troubled notes an error of watching, once for as long as it is the same. It
// says nothing about the files: those are looked at from time to time anyway.
func (w *Watcher) troubled(err error) {
	if err == nil || errors.Is(err, fsnotify.ErrEventOverflow) { // there, one looks at once
		w.trouble = ""
		return
	}
	if err.Error() == w.trouble {
		return
	}
	w.trouble = err.Error()
	w.mu.Lock()
	w.stats.Failures++
	w.mu.Unlock()
	w.onError(fmt.Errorf("keywatch: changes may be seen late, at the interval of Poll: %w", err))
}
