package telemetry

import "github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch"

// File shows the reloads of a keyring file, as wampbox.file with a name. It ends with stop, which
// doesn't close the Watcher. The error wraps [ErrSource].
func (t *Telemetry) File(name string, w *keywatch.Watcher) (stop func(), err error) {
	return t.show(ofFile, name, fileSource{w}, w != nil)
}

type fileSource struct{ *keywatch.Watcher }

func (f fileSource) observe(c *collector) {
	stats := f.Stats()
	c.add(c.fileChanges, stats.Changes, labels{})
	c.add(c.fileFailures, stats.Failures, labels{})
	c.flag(c.fileFailing, stats.LastError != nil)
	c.since(c.fileLoaded, stats.LastLoad, labels{})
}
