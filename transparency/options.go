package transparency

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// An Option changes how a Session works. Options that can't be used make [Wrap],
// [ConnectNet] and [ConnectLocal] return an error that wraps [ErrOption].
type Option func(*config) error

type config struct {
	onReject  func(*Error)
	memory    ReplayMemory  // nil for one of the Session's own
	pad       func(int) int // nil for none
	maxAge    time.Duration
	clockSkew time.Duration
	clock     func() time.Time
	logger    *slog.Logger     // nil for the client's
	reconnect *ReconnectPolicy // nil for none
	codec     *message.Codec   // nil for what the connection has
	validator Validator        // nil for none
	observer  Observer         // nil for none
}

func newConfig(opts []Option) (config, error) {
	cfg := config{maxAge: defaultMaxAge, clockSkew: defaultClockSkew, clock: time.Now}
	for _, opt := range opts {
		if opt == nil {
			return config{}, fmt.Errorf("%w: an Option that is nil: leave it out", ErrOption)
		}
		if err := opt(&cfg); err != nil {
			return config{}, err
		}
	}
	return cfg, nil
}

// unusable is the error of an option: its name, what it was given, and what it takes.
func unusable(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrOption}, args...)...)
}

// WithOnReject has fn called for each message that was refused, with the reason,
// and for each answer of a handler that couldn't be sealed. Errors that Publish,
// Subscribe and Register return are not among them.
// It runs in the goroutine that refuses, several at a time. It must not block, and must
// not call the Session. By default refusals are counted and logged only.
func WithOnReject(fn func(*Error)) Option {
	return func(cfg *config) error {
		if fn == nil {
			return unusable("WithOnReject(nil): give a function")
		}
		cfg.onReject = fn
		return nil
	}
}

// WithReplayMemory has the Session remember in memory what it accepted. A memory of
// [NewReplayMemory] that is given to one Session after the other outlives a reconnect. A
// shared one, such as that of package redismemory, is for the callees of a registration. By
// default each Session has one of its own, which ends with it.
func WithReplayMemory(memory ReplayMemory) Option {
	return func(cfg *config) error {
		if memory == nil {
			return unusable("WithReplayMemory(nil): give a memory; NewReplayMemory makes one")
		}
		cfg.memory = memory
		return nil
	}
}

// WithPadding hides the exact size of payloads. What remains visible is the padded size,
// which size returns. It is given the least size in bytes that the record can have with
// padding, and returns that or more. [cryptobox.Padme] costs at most 12 %; a constant for all
// small payloads hides more. Peers need nothing for it. In the foreign dialects nothing is
// padded. By default there is no padding. A Session calls size while it numbers a message: size
// must not send anything with that Session.
func WithPadding(size func(int) int) Option {
	return func(cfg *config) error {
		if size == nil {
			return unusable("WithPadding(nil): give a function, such as cryptobox.Padme")
		}
		cfg.pad = size
		return nil
	}
}

// Defaults of [WithMaxAge] and [WithClockSkew].
const (
	defaultMaxAge    = 5 * time.Minute
	defaultClockSkew = 30 * time.Second
)

// WithMaxAge refuses messages that were sent longer ago, by the clocks of sender and
// receiver: a router can delay a message that long and no longer. The default is 5 minutes.
// Retained events may be older where the subscription asked for them. An answer can't be
// older than its call, whatever clocks say, so it is refused only if both are older than
// this.
func WithMaxAge(age time.Duration) Option {
	return func(cfg *config) error {
		if age <= 0 {
			return unusable("WithMaxAge(%v): give more than 0", age)
		}
		cfg.maxAge = age
		return nil
	}
}

// WithClockSkew allows the clocks of sender and receiver to differ by skew. The default is 30
// seconds. What was sent that long before a Session began can be replayed to it: rather keep
// clocks in step than make this large.
func WithClockSkew(skew time.Duration) Option {
	return func(cfg *config) error {
		if skew < 0 {
			return unusable("WithClockSkew(%v): give 0 at least", skew)
		}
		cfg.clockSkew = skew
		return nil
	}
}
