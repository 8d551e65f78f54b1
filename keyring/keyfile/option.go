package keyfile

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// ErrOption means that an option has a value that makes no sense. The text says which, and
// what it takes. Every function that is given such an option returns it; for [New] the File's
// own methods and [Create] do.
var ErrOption = errors.New("unusable option")

// Option changes how files are read and written.
type Option func(*settings) error

// settings are what options set.
type settings struct {
	folder       string
	readable     bool
	writable     bool
	decrypt      func(io.Reader) (io.Reader, error)
	encrypt      func(io.Writer) (io.WriteCloser, error)
	onRead       func(path string)
	wait         time.Duration
	missing      bool // may be made
	identity     cryptobox.SigningKey
	noReferences bool
	err          error // of the first option that can't be used
}

// lockWait is how long a change waits for another one to end. They take
// milliseconds.
const lockWait = 10 * time.Second

func newSettings(opts []Option) settings {
	s := settings{wait: lockWait}
	for _, opt := range opts {
		err := unusable("an Option that is nil: leave it out")
		if opt != nil {
			err = opt(&s)
		}
		s.err = cmp.Or(s.err, err)
	}
	return s
}

// unusable is the error of an option: its name, what it was given, and what it takes.
func unusable(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrOption}, args...)...)
}

// set is an option whose value is good, or the error that says why it isn't.
func set(good bool, why error, change func(*settings)) Option {
	return func(s *settings) error {
		if !good {
			return why
		}
		change(s)
		return nil
	}
}

// AllowReadableByOthers accepts files with secret keys that the group or all
// users of the system can read, and [Update] keeps them so. By default they are
// refused. Files that others can write to are refused all the same.
func AllowReadableByOthers() Option {
	return set(true, nil, func(s *settings) { s.readable = true })
}

// AllowWritableByOthers accepts files that another user owns, or that others can write to or
// replace because they can write to a folder that it is in. Whoever can do so decides which
// keys are used. It is for containers in which nobody else is. By default such files are
// refused, encrypted ones too. Root is not another user.
func AllowWritableByOthers() Option {
	return set(true, nil, func(s *settings) { s.writable = true })
}

// WithDecrypter reads the keyring file through a function that decrypts it: package agefile
// has those for age. The function gets the file from its beginning. Its reader is read to the
// end, so it may tell only there that the file was altered. Such a file may be readable by
// others, as its text is no secret. Files that the keyring refers to (file:PATH) are read as
// they are.
func WithDecrypter(decrypt func(io.Reader) (io.Reader, error)) Option {
	return set(decrypt != nil, unusable("WithDecrypter(nil): give a function"), func(s *settings) { s.decrypt = decrypt })
}

// WithEncrypter writes the keyring file through a function that encrypts it.
// [Update] needs it for a file that it reads by [WithDecrypter]: it never writes
// in plain what was encrypted.
func WithEncrypter(encrypt func(io.Writer) (io.WriteCloser, error)) Option {
	return set(encrypt != nil, unusable("WithEncrypter(nil): give a function"), func(s *settings) { s.encrypt = encrypt })
}

// RelativeTo says which folder the paths of file:PATH start from, for a text
// that has no path of its own. Without a folder such references are refused.
func RelativeTo(folder string) Option {
	return set(folder != "", unusable(`RelativeTo(""): give a folder, "." for the working directory`), func(s *settings) { s.folder = folder })
}

// OnRead calls opening with the path of every file before it is opened: the keyring file and
// those that it refers to. A watcher has to watch all of these.
func OnRead(opening func(path string)) Option {
	return set(opening != nil, unusable("OnRead(nil): give a function"), func(s *settings) { s.onRead = opening })
}

// LockWait bounds how long [Update] and [Create] wait for another tool: 10
// seconds by default.
func LockWait(d time.Duration) Option {
	return set(d >= 0, unusable("LockWait(%v): give 0 at least", d), func(s *settings) { s.wait = d })
}

// CreateMissing lets [Update] begin with an empty File if there is none, and write it as
// [Create] does.
func CreateMissing() Option { return set(true, nil, func(s *settings) { s.missing = true }) }
