package keyfile

import (
	"io"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Option changes how [Update] and [Create] work.
type Option func(*settings)

// settings are what options set.
type settings struct {
	load     []keyring.LoadOption
	readable bool
	decrypt  func(io.Reader) (io.Reader, error)
	encrypt  func(io.Writer) (io.WriteCloser, error)
	wait     time.Duration
}

// lockWait is how long a change waits for another one to end. They take
// milliseconds.
const lockWait = 10 * time.Second

func newSettings(opts []Option) *settings {
	s := &settings{wait: lockWait}
	for _, opt := range opts {
		opt(s)
	}
	return s
}

// AllowReadableByOthers accepts a file that others can read, as
// [keyring.AllowReadableByOthers] does, and keeps it so.
func AllowReadableByOthers() Option {
	return func(s *settings) {
		s.readable = true
		s.load = append(s.load, keyring.AllowReadableByOthers())
	}
}

// Encrypted changes a file that is encrypted: it is read through the one
// function, and written through the other. Without this option such a file is
// refused.
func Encrypted(decrypt func(io.Reader) (io.Reader, error), encrypt func(io.Writer) (io.WriteCloser, error)) Option {
	return func(s *settings) { s.decrypt, s.encrypt = decrypt, encrypt }
}

// LockWait bounds how long to wait for another tool: 10 seconds by default.
func LockWait(d time.Duration) Option { return func(s *settings) { s.wait = d } }
