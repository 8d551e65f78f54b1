package transparency

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// An Option changes how a Session works. Options that can't be used make [Wrap],
// [ConnectNet] and [ConnectLocal] return an error that wraps [ErrOption].
type Option func(*config) error

type config struct {
	framing      wire.Framing
	traits       wire.Traits // the framing's
	serializer   cryptobox.Serializer
	required     bool
	plainAllowed []keyring.Pattern
	onReject     func(*Error)
	memory       ReplayMemory  // nil for one of the Session's own
	pad          func(int) int // nil for none
	maxAge       time.Duration
	clockSkew    time.Duration
	logger       *slog.Logger     // nil for the client's
	reconnect    *ReconnectPolicy // nil for none
}

func newConfig(opts []Option) (config, error) {
	cfg := config{framing: wire.EncArgument{}, maxAge: defaultMaxAge, clockSkew: defaultClockSkew}
	for _, opt := range opts {
		if opt == nil {
			return config{}, fmt.Errorf("%w: nil", ErrOption)
		}
		if err := opt(&cfg); err != nil {
			return config{}, err
		}
	}
	if cfg.required && len(cfg.plainAllowed) > 0 {
		return config{}, fmt.Errorf("%w: WithEncryptionRequired and WithPlaintextAllowed exclude each other", ErrOption)
	}
	cfg.traits = cfg.framing.Traits()
	cfg.serializer = cmp.Or(cfg.serializer, cfg.traits.Serializers[0])
	if !slices.Contains(cfg.traits.Serializers, cfg.serializer) {
		return config{}, fmt.Errorf("%w: the framing %s doesn't carry records in %s, only in %v",
			ErrOption, cfg.traits.Name, cfg.serializer, cfg.traits.Serializers)
	}
	return cfg, nil
}

// WithFraming chooses how envelopes travel. The default is [EncArgument], and the
// only one for [Wrap].
func WithFraming(framing Framing) Option {
	return func(cfg *config) error {
		f, ok := framing.wire()
		if !ok {
			return fmt.Errorf("%w: unknown framing %d", ErrOption, uint8(framing))
		}
		cfg.framing = f
		return nil
	}
}

// WithSerializer chooses what the sealed record is written in. Any Session
// reads all that its framing carries, whatever it writes. The default is that of
// the framing: [cryptobox.CBOR], for [Native] [cryptobox.JSON]. [PPT] carries
// CBOR alone.
func WithSerializer(serializer cryptobox.Serializer) Option {
	return func(cfg *config) error {
		s, err := cryptobox.ParseSerializer(string(serializer))
		if err != nil {
			return fmt.Errorf("%w: %w", ErrOption, err)
		}
		cfg.serializer = s
		return nil
	}
}

// WithEncryptionRequired refuses everything that is not sealed: Publish and
// Call on a URI without a key are errors and nothing is sent, and plain events
// and invocations are rejected. That holds for the meta procedures and events
// of the router (wamp.*) too: use another session for those. An error that
// answers a sealed call has to be sealed even where the key allows unbound
// peers. By default, URIs without a key are plain. It excludes
// [WithPlaintextAllowed].
func WithEncryptionRequired() Option {
	return func(cfg *config) error {
		cfg.required = true
		return nil
	}
}

// WithPlaintextAllowed delivers plain events and invocations whose URI matches
// one of the patterns although the ring has a key for it: for the time in which
// a system is moved over to sealed payloads. Anyone who can publish or call
// there, and the router, can then feed the handler; [InfoFrom] tells what came
// sealed. A plain invocation is answered in plain. What this session publishes
// and calls is sealed all the same. By default nothing is allowed. It excludes
// [WithEncryptionRequired].
func WithPlaintextAllowed(patterns ...keyring.Pattern) Option {
	return func(cfg *config) error {
		for _, p := range patterns {
			if err := p.Validate(); err != nil {
				return fmt.Errorf("%w: %w", ErrOption, err)
			}
		}
		cfg.plainAllowed = append(cfg.plainAllowed, patterns...)
		return nil
	}
}

// WithOnReject has fn called for each message that was refused, with the reason,
// and for each answer of a handler that couldn't be sealed. Errors that Publish,
// Subscribe and Register return are not among them.
// It runs in the goroutine that refuses, several at a time. It must not block, and must
// not call the Session. By default refusals are counted and logged only.
func WithOnReject(fn func(*Error)) Option {
	return func(cfg *config) error {
		cfg.onReject = fn
		return nil
	}
}

// WithReplayMemory has the Session remember what it accepted in memory: one of
// [NewReplayMemory], given to each Session after the other, outlives a reconnect; a
// shared one, such as that of package redismemory, is for the callees of a
// registration. By default each Session has one of its own, which ends with it.
func WithReplayMemory(memory ReplayMemory) Option {
	return func(cfg *config) error {
		if memory == nil {
			return fmt.Errorf("%w: WithReplayMemory needs a memory; NewReplayMemory makes one", ErrOption)
		}
		cfg.memory = memory
		return nil
	}
}

// WithPadding hides how large payloads are, but for what size tells: it is given the
// least size in bytes that a record can have with padding, and returns the one to
// have, at least as much. [cryptobox.Padme] costs at most 12 %; a constant for all
// small payloads hides more. Peers need nothing for it, Autobahn included. By
// default there is no padding.
func WithPadding(size func(int) int) Option {
	return func(cfg *config) error {
		if size == nil {
			return fmt.Errorf("%w: WithPadding needs a function, such as cryptobox.Padme", ErrOption)
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

// WithMaxAge refuses messages that were sent longer ago, by the clocks of sender
// and receiver: a router can delay a message that long and no longer. The default
// is 5 minutes. Retained events may be older where the subscription asked for them.
func WithMaxAge(age time.Duration) Option {
	return func(cfg *config) error {
		if age <= 0 {
			return fmt.Errorf("%w: WithMaxAge needs a duration above 0", ErrOption)
		}
		cfg.maxAge = age
		return nil
	}
}

// WithClockSkew allows the clocks of sender and receiver to differ by so much. The
// default is 30 seconds. What was sent that long before a Session began can be
// replayed to it: keep clocks in step rather than this large.
func WithClockSkew(skew time.Duration) Option {
	return func(cfg *config) error {
		if skew < 0 {
			return fmt.Errorf("%w: WithClockSkew needs a duration of 0 or more", ErrOption)
		}
		cfg.clockSkew = skew
		return nil
	}
}

func (cfg *config) allowsPlain(uri string) bool {
	return slices.ContainsFunc(cfg.plainAllowed, func(p keyring.Pattern) bool { return p.Matches(uri) })
}
