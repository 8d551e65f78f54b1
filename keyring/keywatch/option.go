package keywatch

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// ErrOption means that an option has a value that makes no sense. The text
// says which.
var ErrOption = errors.New("keywatch: unusable option")

// Option changes how [Watch] works.
type Option func(*settings) error

// settings are what options set.
type settings struct {
	load       []keyfile.Option
	allowPlain []keyring.Pattern
	onChange   func(keyring.Changes)
	onError    func(error)
	logger     *slog.Logger
	settle     time.Duration
	poll       time.Duration
	newNotify  func() (*fsnotify.Watcher, error)
}

// What holds without an option.
const (
	DefaultSettle = 100 * time.Millisecond
	DefaultPoll   = 30 * time.Second
)

func newSettings(opts []Option) (*settings, error) {
	s := &settings{
		onChange: func(keyring.Changes) {}, onError: func(error) {}, logger: slog.New(slog.DiscardHandler),
		settle: DefaultSettle, poll: DefaultPoll, newNotify: fsnotify.NewWatcher,
	}
	for _, opt := range opts {
		if opt == nil {
			return nil, fmt.Errorf("%w: an Option that is nil: leave it out", ErrOption)
		}
		if err := opt(s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// LoadWith gives options to keyfile.Load: to decrypt the file, or to allow that
// others read it.
func LoadWith(opts ...keyfile.Option) Option {
	return func(s *settings) error {
		s.load = append(s.load, opts...)
		return nil
	}
}

// AllowPlain lets a change of the file send or take plaintext for URIs of these patterns
// that are sealed, for longer too, or give them a dialect in which plain errors are taken:
// [keyring.Prefix]("") is for all, and for "unkeyed" or a plain default. Otherwise such a
// file is refused as a whole. What isn't sealed needs no consent.
//
// It also lets a change have scrambled URIs below these patterns' prefixes go as they are: by a
// later "allow_clear", which is refused otherwise, or by no more "scramble", without which the
// URIs are closed otherwise. If such a file still has patterns below the prefix, it is refused.
func AllowPlain(patterns ...keyring.Pattern) Option {
	return func(s *settings) error {
		for _, p := range patterns {
			if err := p.Validate(); err != nil {
				return fmt.Errorf("%w: AllowPlain: %w", ErrOption, err)
			}
		}
		s.allowPlain = append(s.allowPlain, patterns...)
		return nil
	}
}

// OnChange is called after a load has changed the Ring, with what it changed; not for the
// first one. It runs in the watcher's goroutine, which waits for it; it must not call
// [Watcher.Close].
func OnChange(f func(keyring.Changes)) Option {
	return func(s *settings) error {
		if f == nil {
			return fmt.Errorf("%w: OnChange(nil): give a function", ErrOption)
		}
		s.onChange = f
		return nil
	}
}

// WithLogger logs what [OnChange] and [OnError] are told, a line each. Nothing is logged
// without it.
func WithLogger(logger *slog.Logger) Option {
	return func(s *settings) error {
		if logger == nil {
			return fmt.Errorf("%w: WithLogger(nil): give a logger, such as slog.Default()", ErrOption)
		}
		s.logger = logger
		return nil
	}
}

// OnError is called when the files don't load any more, or the Ring refuses what they
// say ([keyring.ErrPlain], [keyring.ErrSource]), once for each state that they are in;
// and when the system can't tell of their changes, so that those are seen at the interval
// of [Poll]. The error is a [*keyfile.Error] or the system's, and
// holds no key. It runs as [OnChange] does.
func OnError(f func(error)) Option {
	return func(s *settings) error {
		if f == nil {
			return fmt.Errorf("%w: OnError(nil): give a function", ErrOption)
		}
		s.onError = f
		return nil
	}
}

// Settle is how long the folders have to be quiet before the file is read,
// [DefaultSettle] by default. Where they never are, it is read after ten times
// as long.
func Settle(d time.Duration) Option {
	return func(s *settings) error {
		if d <= 0 || d > time.Minute {
			return fmt.Errorf("%w: Settle(%v): give more than 0, and a minute at most", ErrOption, d)
		}
		s.settle = d
		return nil
	}
}

// Poll is the interval at which the files are looked at even if the system
// tells of no change, [DefaultPoll] by default. That reads all of them. Where the
// system has no more watchers (inotify is used up), all changes are seen so, and
// each time another watcher is asked for.
func Poll(d time.Duration) Option {
	return func(s *settings) error {
		if d < 10*time.Millisecond {
			return fmt.Errorf("%w: Poll(%v): give 10ms at least", ErrOption, d)
		}
		s.poll = d
		return nil
	}
}
