package keywatch

import (
	"errors"
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// check loads the files if they changed. When they didn't load, for reasons
// that may have gone without a change of them, another attempt may be asked for.
func (w *Watcher) check(again bool) {
	defer func() { w.troubled(w.follow()) }() // a link may lead elsewhere now
	before, last := w.print, w.Stats().LastError
	if before == fingerprintOf(w.files) && (last == nil || !again) {
		return
	}
	content, err := w.load()
	var changes keyring.Changes
	if err == nil {
		changes, err = w.update(content)
	}
	switch {
	case err == nil:
		w.loaded(changes)
	case last == nil || before != w.print || err.Error() != last.Error():
		w.failed(err)
	}
}

// update gives the Ring what was loaded.
func (w *Watcher) update(content *keyring.Ring) (keyring.Changes, error) {
	changes, err := w.ring.Update(w.path, content, w.allowPlain...)
	var refused *keyring.Error
	if errors.As(err, &refused) {
		err = &keyfile.Error{Path: w.path, Entry: refused.Pattern.String(), Err: err}
	}
	return changes, err
}

// load makes a Ring of the files, and notes which those are and how they are.
// It begins anew when it meets files that weren't known: only what was looked
// at before it was read is known not to have changed since.
func (w *Watcher) load() (content *keyring.Ring, err error) {
	for range 4 {
		known := w.files
		w.troubled(w.follow())
		w.print = fingerprintOf(known)
		var read []string
		opts := append(slices.Clone(w.settings.load), keyfile.OnRead(func(path string) { read = append(read, path) }))
		content, err = keyfile.Load(w.path, opts...)
		if err != nil {
			// It may have ended before it came to files that matter.
			read = append(read, known...)
		}
		slices.Sort(read)
		w.files = slices.Compact(read)
		if slices.Equal(known, w.files) {
			break
		}
	}
	return content, err
}
