package transparency

import (
	"log/slog"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/shield"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Observer is told of each message that was sealed or opened, how long that took and how large
// it is: for histograms. [Stats] counts without one, and [WithOnReject] tells of what was refused.
type Observer interface {
	Sealed(o Observation)
	Opened(o Observation)
}

// Observation is one message that was sealed, or that opened and passed every check. It names no
// URI, and nothing in it comes from the wire but the size.
type Observation struct {
	Pattern keyring.Pattern // of the ring
	KeyID   string
	Dialect cryptobox.Dialect
	Suite   cryptobox.Suite // 0 in the foreign dialects
	Kind    cryptobox.Kind
	// Took is the time that sealing took: to write the record, sign it, encrypt it, and put it
	// into its message; what lies between isn't counted. Or that opening took: to decrypt,
	// verify who signed, and scan the record. The checks after that, and a [ReplayMemory] that
	// has to be asked, are not in it.
	Took time.Duration
	// Bytes is the size of the sealed payload.
	Bytes int
}

// WithObserver has o be told of what is sealed and opened. It is called where that is done, by
// several goroutines at a time, and while a message is being written: it must not block, and must
// not use the Session. A panic of it is logged. Without an observer no time is taken.
func WithObserver(o Observer) Option {
	return func(cfg *config) error {
		if o == nil {
			return unusable("WithObserver(nil): give an observer, such as one of module telemetry")
		}
		cfg.observer = o
		return nil
	}
}

// stopwatch is when something began that is observed; zero without an observer.
func (s *Session) stopwatch() time.Time {
	if s.cfg.observer == nil {
		return time.Time{}
	}
	return time.Now()
}

func observationOf(v *keyring.Version) Observation {
	return Observation{Pattern: v.Pattern(), KeyID: v.ID(), Dialect: v.Dialect(), Suite: v.Suite()}
}

// observe notes how long opening took since began.
func (in *opened) observe(began time.Time, env *wire.Envelope) {
	if !began.IsZero() {
		o := observationOf(in.version)
		o.Took, o.Bytes = time.Since(began), len(env.Payload)
		in.observed = &o
	}
}

// observeOpened tells of a message of a kind that was verified.
func (s *Session) observeOpened(in *opened, kind cryptobox.Kind) {
	if o := in.observed; o != nil {
		o.Kind = kind
		s.tell("the Observer", func() { s.cfg.observer.Opened(*o) })
	}
}

// observeSealed tells of a message whose sealing began then. If that is put off until the message
// is written, it is told of there.
func (s *Session) observeSealed(began time.Time, v *keyring.Version, kind cryptobox.Kind, size int, part *wire.Part) {
	if began.IsZero() {
		return
	}
	o := observationOf(v)
	o.Kind, o.Bytes, o.Took = kind, size, time.Since(began)
	if part.Payload != nil {
		part.Payload = &observedPayload{part.Payload, s, o}
		return
	}
	s.tell("the Observer", func() { s.cfg.observer.Sealed(o) })
}

// observedPayload is sealed where it is written, and told of then.
type observedPayload struct {
	message.PayloadWriter
	session *Session
	soFar   Observation
}

// AppendPayload implements [message.PayloadWriter].
func (p *observedPayload) AppendPayload(c *message.Codec, b []byte) []byte {
	began := time.Now()
	b = p.PayloadWriter.AppendPayload(c, b)
	p.soFar.Took += time.Since(began)
	p.session.tell("the Observer", func() { p.session.cfg.observer.Sealed(p.soFar) })
	return b
}

// tell calls what is called for every message, and logs that it panicked at most as often as
// refusals.
func (s *Session) tell(what string, call func()) {
	if err := shield.Run(what, call); err != nil && s.logLimit.Allow() {
		s.logger.Error("a callback failed", slog.Any(keyError, err))
	}
}
