package keywatch

import (
	"errors"
	"fmt"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/internal/changelog"
)

// Stats tells what a Watcher has seen so far.
type Stats struct {
	Changes   uint64    // times that a load changed the Ring, the first one not counted
	Failures  uint64    // states of the files that didn't load, and errors of watching
	LastLoad  time.Time // when what the Ring has was read last
	LastError error     // why the files as they are now don't load; nil if they do
}

// Stats gives a snapshot of the counts.
func (w *Watcher) Stats() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stats
}

// loaded notes that the Ring has the files' content, and tells what that has changed.
func (w *Watcher) loaded(changes keyring.Changes) {
	w.mu.Lock()
	w.stats.LastLoad, w.stats.LastError = time.Now(), nil
	if !changes.Empty() {
		w.stats.Changes++
	}
	w.mu.Unlock()
	if !changes.Empty() {
		w.logger.Info("keyring file loaded again", append([]any{"path", w.path}, changelog.Attrs(changes)...)...)
		w.onChange(changes)
	}
}

// failed notes why the files don't load.
func (w *Watcher) failed(err error) {
	w.mu.Lock()
	w.stats.Failures++
	w.stats.LastError = err
	w.mu.Unlock()
	w.tell(err)
}

// tell tells an error.
func (w *Watcher) tell(err error) {
	w.logger.Error("watching a keyring file", "error", err)
	w.onError(err)
}

// troubled notes an error of watching, once for as long as it is the same. It
// says nothing about the files: those are looked at from time to time anyway.
func (w *Watcher) troubled(err error) {
	if err == nil || errors.Is(err, fsnotify.ErrEventOverflow) { // there, one looks at once
		if w.trouble != "" {
			w.logger.Info("the system tells of a keyring file's changes again", "path", w.path)
		}
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
	w.tell(fmt.Errorf("keywatch: changes may be seen late, every %v as Poll says: %w", w.poll, err))
}
