package redismemory

import (
	"fmt"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// An Option changes how a Memory works. Options that can't be used make [New]
// return an error that wraps [transparency.ErrOption].
type Option func(*Memory) error

// Defaults of [WithPrefix] and [WithUnboundFor].
const (
	defaultPrefix     = "wampbox:replay"
	defaultUnboundFor = time.Hour
)

// WithPrefix begins the names of all Redis keys with "{prefix}:". The braces
// keep them on one node of a cluster. Memories with the same prefix in the same
// Redis are one memory. The default is "wampbox:replay". It must not be empty or
// hold braces.
func WithPrefix(prefix string) Option {
	return func(m *Memory) error {
		if prefix == "" || strings.ContainsAny(prefix, "{}") {
			return fmt.Errorf("%w: WithPrefix(%.100q): give a text without braces, and not the empty one", transparency.ErrOption, prefix)
		}
		m.prefix = "{" + prefix + "}:"
		return nil
	}
}

// WithUnboundFor sets how long messages without a binding are remembered. Peers of Autobahn's
// kind send these. They don't say when they were sent, so that a router can replay one that
// has been forgotten: longer is safer, and takes more room. The default is one hour. It is at
// least one second.
func WithUnboundFor(d time.Duration) Option {
	return func(m *Memory) error {
		if d < time.Second {
			return fmt.Errorf("%w: WithUnboundFor(%v): give 1s at least", transparency.ErrOption, d)
		}
		m.unboundFor = d
		return nil
	}
}
