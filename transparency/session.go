package transparency

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/gammazero/nexus/v3/stdlog"
	"github.com/gammazero/nexus/v3/wamp"
	"golang.org/x/time/rate"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Session is a WAMP session whose payloads are sealed where its keyring has a
// key. It has the methods of nexus's client.Client, with the same signatures
// and the same behaviour; what differs is said on each. It is safe for use by
// several goroutines. (Over a client given to [Wrap], nexus panics when a message is
// sent while the session is being closed: end what sends first.)
//
// Errors are those of nexus's client. Errors that a Session adds are of type [*Error].
type Session struct {
	//lint:ignore U1000 it is used by having its method
	marked

	// It is a field, not embedded: a method that it gets later must not slip past the
	// sealing.
	transport transport
	ring      *keyring.Ring
	realm     string
	cfg       config
	log       stdlog.StdLog // the client's
	logger    *slog.Logger

	memory     ReplayMemory // of events and answers
	callMemory ReplayMemory

	from       cryptobox.SenderID
	sent       atomic.Uint64 // messages sealed, the n of their bindings
	counters   counters
	tallies    *tallies // the same by version
	logLimit   *rate.Limiter
	refusals   *rate.Limiter // that say why
	clockLimit *rate.Limiter // of what is logged about clocks
	counts     counts        // of publications
	gaps       gaps          // between events
	forms      *keyring.Forms
	asked      askedList
	watch      *keyring.Watch // of the forms
	unlogged   atomic.Int64   // refusals since the last one that was logged
	// inTransition are the patterns of which a plain message was logged.
	inTransition sync.Map

	life context.Context // ends with Close, or after Shutdown
	end  context.CancelFunc
}

// newSession is a Session that has no transport as yet.
func newSession(realm string, ring *keyring.Ring, log stdlog.StdLog, opts []Option) (*Session, error) {
	if ring == nil {
		return nil, fmt.Errorf("%w: a keyring is needed; keyring.New() makes an empty one", ErrOption)
	}
	if realm == "" {
		return nil, fmt.Errorf("%w: the realm is needed, because messages are bound to it", ErrOption)
	}
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	s := &Session{
		ring:       ring,
		forms:      ring.Forms(realm),
		asked:      newAskedList(),
		realm:      realm,
		cfg:        cfg,
		log:        log,
		logger:     newLogger(cfg, log),
		memory:     cfg.memory,
		callMemory: cfg.memory,
		from:       cryptobox.NewSenderID(),
		tallies:    newTallies(ring),
		logLimit:   rate.NewLimiter(rate.Every(logEvery), logBurst),
		refusals:   rate.NewLimiter(refusalsPerSecond, refusalBurst),
		clockLimit: rate.NewLimiter(rate.Every(clocksEvery), 1),
	}
	s.watch = s.forms.Watch(s.follow)
	s.life, s.end = context.WithCancel(context.Background())
	if cfg.memory == nil || cfg.memory.Shared() {
		s.memory = newInProcess(cfg.clock)
	}
	if cfg.memory == nil {
		s.callMemory = s.memory
	}
	return s, nil
}

// ID returns the WAMP session id that the router assigned, another one on each
// connection.
func (s *Session) ID() wamp.ID { return s.transport.now().ID() }

// Connected reports whether the session receives from the router at present.
func (s *Session) Connected() bool { return s.transport.now().Connected() }

// Ready is for health checks. It returns nil if the Session is connected, and everything that
// was subscribed and registered is in place. Otherwise the error says what is missing, and
// why; without a connection it wraps [ErrNotConnected].
func (s *Session) Ready() error {
	if !s.Connected() {
		return fmt.Errorf("%w: %w", ErrNotConnected, s.Err())
	}
	if r, ok := s.transport.(*reconnecting); ok {
		if err := r.incomplete(); err != nil {
			return err
		}
	}
	return s.incomplete()
}

// Err returns why the Session has no connection, and nil while it has one: [ErrClosed] after
// Close and Shutdown, else why the connection was lost, and with [WithReconnect] also why the
// last attempt to make another one failed. With [ErrGaveUp] there will be no more. Calls that
// ended because of it wrap the reason too.
func (s *Session) Err() error { return s.transport.Err() }

// Done returns a channel that is closed when the session is no longer connected
// and has shut down: with [WithReconnect], when it was closed or has given up.
func (s *Session) Done() <-chan struct{} { return s.transport.Done() }

// RouterGoodbye returns the router's GOODBYE, if there was one, once Done is
// closed: that of the last connection.
func (s *Session) RouterGoodbye() *wamp.Goodbye { return s.transport.now().RouterGoodbye() }

// RealmDetails returns the details of the router's WELCOME. They are the
// router's word.
func (s *Session) RealmDetails() wamp.Dict { return s.transport.now().RealmDetails() }

// HasFeature reports whether the router announced the feature for the role.
func (s *Session) HasFeature(role, feature string) bool {
	return s.transport.now().HasFeature(role, feature)
}

// Logger returns the logger of the client.
func (s *Session) Logger() stdlog.StdLog { return s.log }

// SetCallCancelMode sets how calls are cancelled: "kill", "killnowait" or
// "skip". See client.Client.SetCallCancelMode.
func (s *Session) SetCallCancelMode(cancelMode string) error {
	return s.transport.SetCallCancelMode(cancelMode)
}
