package keywatch

import "github.com/fsnotify/fsnotify"

// NotifyBy has watchers made by make.
func NotifyBy(make func() (*fsnotify.Watcher, error)) Option {
	return func(s *settings) error {
		s.newNotify = make
		return nil
	}
}
