package keywatch

import "github.com/fsnotify/fsnotify"

// NotifyBy has watchers made by another function than fsnotify's.
func NotifyBy(newWatcher func() (*fsnotify.Watcher, error)) Option {
	return func(s *settings) error {
		s.newNotify = newWatcher
		return nil
	}
}
