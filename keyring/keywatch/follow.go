package keywatch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/fsnotify/fsnotify"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/links"
)

// follow watches the folders in which a change can be of interest, and no
// others. It tries anew to be told by the system, where that couldn't.
func (w *Watcher) follow() error {
	ways := ways{}
	for _, path := range w.files {
		ways.add(filepath.Clean(path))
	}
	w.ways = ways
	if w.notify == nil {
		notify, err := w.newNotify()
		if err != nil {
			return fmt.Errorf("the system gives no more watchers, end some or raise its limit (fs.inotify.max_user_instances): %w", err)
		}
		w.notify = notify
	}
	var failed error
	for folder, holds := range ways {
		// Each time, since it may be another folder of the same name by now.
		err := w.notify.Add(folder)
		// The process needn't be allowed to list the folders above.
		if err != nil && !errors.Is(err, fs.ErrNotExist) && (holds || !errors.Is(err, fs.ErrPermission)) {
			failed = err
		}
	}
	if errors.Is(failed, syscall.ENOSPC) { // which is about no disk
		failed = fmt.Errorf("the system watches no more folders, raise its limit (fs.inotify.max_user_watches): %w", failed)
	}
	for _, folder := range w.notify.WatchList() {
		if _, found := ways[folder]; !found {
			_ = w.notify.Remove(folder) // it may have gone
		}
	}
	return failed
}

// told gives the channels of what the system tells, nil where it tells nothing.
func (w *Watcher) told() (<-chan fsnotify.Event, <-chan error) {
	if w.notify == nil {
		return nil, nil
	}
	return w.notify.Events, w.notify.Errors
}

func (w *Watcher) unfollow() error {
	if w.notify == nil {
		return nil
	}
	return w.notify.Close()
}

// ways are the folders on the way to files. Those that hold a file, or a symbolic link on
// the way to it, are true: whatever changes in them is of interest. In those above only
// the next step is.
type ways map[string]bool

// add adds those to a file. Where a folder doesn't exist, the nearest one above is where it
// would appear.
func (ways ways) add(path string) {
	path, _ = links.Walk(path, func(at string, info fs.FileInfo) error {
		if info.Mode()&fs.ModeSymlink != 0 {
			ways.hold(filepath.Dir(at))
		}
		return nil
	})
	folder := filepath.Dir(path)
	for !isFolder(folder) && folder != filepath.Dir(folder) {
		folder = filepath.Dir(folder)
	}
	ways.hold(folder)
}

// hold adds a folder that holds something, and those above it.
func (ways ways) hold(folder string) {
	ways[folder] = true
	for above := filepath.Dir(folder); above != folder; folder, above = above, filepath.Dir(above) {
		if _, found := ways[above]; !found {
			ways[above] = false
		}
	}
}

// concern tells whether a change of that name is of interest.
func (ways ways) concern(name string) bool {
	_, step := ways[name]
	return step || ways[filepath.Dir(name)]
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
