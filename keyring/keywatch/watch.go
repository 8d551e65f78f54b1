package keywatch

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Watcher keeps a Ring as a file has it, until its context ends or it is
// closed. The Ring keeps what it had then.
type Watcher struct {
	*settings
	path   string
	ring   *keyring.Ring
	cancel context.CancelFunc
	done   chan struct{}

	// Of the watcher's goroutine only.
	notify  *fsnotify.Watcher // nil while the system gives none
	files   []string          // that a load reads, in order of their paths
	ways    ways              // to them
	print   fingerprint       // of the files that were loaded last
	trouble string            // the last error of watching

	mu    sync.Mutex
	stats Stats
}

// Watch loads a keyring file, gives the Ring its content, and from then on every change
// of it, as [keyring.Ring.Update] does with the file as the source: the Ring may have
// other patterns from elsewhere, which stay.
//
// The error is that of keyfile.Load or of Update, or [ErrOption]; the Ring is then
// unchanged. Where the system can't tell of changes, [OnError] is told, and they are seen
// at the interval of [Poll].
func Watch(ctx context.Context, path string, ring *keyring.Ring, opts ...Option) (*Watcher, error) {
	s, err := newSettings(opts)
	if err != nil {
		return nil, err
	}
	// The program may change its folder later.
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	w := &Watcher{settings: s, path: path, ring: ring, done: make(chan struct{}), files: []string{path}}
	content, err := w.load()
	if err == nil {
		w.troubled(w.follow())
		_, err = w.update(content)
	}
	if err != nil {
		return nil, errors.Join(err, w.unfollow())
	}
	w.loaded(keyring.Changes{}) // the first content is no change
	ctx, w.cancel = context.WithCancel(ctx)
	go w.run(ctx)
	return w, nil
}

// Close ends the watching, and waits until no callback runs any more. It may be
// called again.
func (w *Watcher) Close() {
	w.cancel()
	<-w.done
}

// run waits for changes.
func (w *Watcher) run(ctx context.Context) {
	defer close(w.done)
	defer w.cancel()
	defer func() { _ = w.unfollow() }() // there is nothing left to be done about it
	poll := time.NewTicker(w.poll)
	defer poll.Stop()
	var quiet, latest <-chan time.Time // both nil, or both set
	for {
		events, errs := w.told()
		select {
		case <-ctx.Done():
			return
		case event := <-events:
			if !w.ways.concern(event.Name) {
				continue
			}
			quiet = time.After(w.settle)
			if latest == nil {
				latest = time.After(10 * w.settle)
			}
		case err := <-errs:
			w.troubled(err)
			w.check(false) // events may be lost
		case <-poll.C:
			w.check(true)
		case <-quiet:
			quiet, latest = nil, nil
			w.check(false)
		case <-latest:
			quiet, latest = nil, nil
			w.check(false)
		}
	}
}
