package keyring

import "io"

// LoadOption changes how [Load] and [Read] work.
type LoadOption func(*loader)

// AllowReadableByOthers accepts files with secret keys that the group or all
// users of the system can read. By default they are refused. Files that others
// can write to are refused all the same.
func AllowReadableByOthers() LoadOption {
	return func(l *loader) { l.readable = true }
}

// WithDecrypter reads the keyring file through a function that decrypts it:
// package agefile has those for age. The function gets the file from its
// beginning, and its reader is read to the end, so it may tell at the end that
// the file was altered. The permissions of such a file aren't looked at, as its
// text is no secret. Files that the keyring refers to (file:PATH) are read as
// they are.
func WithDecrypter(decrypt func(io.Reader) (io.Reader, error)) LoadOption {
	return func(l *loader) { l.decrypt = decrypt }
}

// RelativeTo says which folder the paths of file:PATH start from, for [Read].
// [Load] takes the file's own; without a folder such references are refused.
func RelativeTo(folder string) LoadOption {
	return func(l *loader) { l.folder = folder }
}

// OnRead tells the path of every file before it is opened: the keyring file and
// those that it refers to. It is what a watcher has to watch.
func OnRead(opening func(path string)) LoadOption {
	return func(l *loader) { l.onRead = opening }
}
