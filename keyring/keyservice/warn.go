package keyservice

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// told is what OnError was told, so that it is told once for each state.
type told struct {
	failures                       map[error]bool // why fetches fail, by sentinels
	stale                          bool
	halfway, sealsNot, opensNot    uint64 // serials of which that was said
	cache, recipient, lease, hints bool   // they fail
}

// tell tells an error.
func (m *member) tell(err error) {
	if errors.Is(err, ErrHalfway) {
		m.Logger.Warn("keys from a key service", "error", err)
	} else {
		m.Logger.Error("keys from a key service", "error", err)
	}
	m.OnError(err)
}

// fails tells of something that fails, once until it doesn't.
func (w *Watcher) fails(already *bool, op string, err error) {
	if err != nil && !*already {
		w.tell(wrap(op, err))
	}
	*already = err != nil
}

// warn says what has come with time.
func (w *Watcher) warn() {
	if !w.told.stale && time.Since(w.heard) >= w.Stale {
		w.told.stale = true
		w.tell(&Error{"fetch", w.stale()})
	}
	g := w.lent.grant
	if g == nil {
		return
	}
	now, serial := w.proved.now(), g.grant.Serial
	say := func(already *uint64, since time.Time, format string, args ...any) {
		if *already != serial && now.After(since) {
			*already = serial
			w.tell(&Error{"watch", fmt.Errorf("grant %d: "+format, append([]any{serial}, args...)...)})
		}
	}
	switch expires, until := g.grant.Expires, w.lent.opensUntil; {
	case now.After(until):
		say(&w.told.opensNot, until, "%w: nothing is sealed since %s, and nothing opened since %s", ErrExpired, moment(expires), moment(until))
	case now.After(expires):
		say(&w.told.sealsNot, expires, "%w: nothing is sealed since %s, and nothing is opened from %s on", ErrExpired, moment(expires), moment(until))
	default:
		say(&w.told.halfway, g.halfway(), "%w: that is %s", ErrHalfway, moment(expires))
	}
}

// isFresh notes that one was.
func (w *Watcher) isFresh() {
	w.heard = time.Now()
	w.note(func(s *Stats) { s.LastFresh, s.Ahead = w.heard, w.proved.ahead() })
	if w.told.stale {
		w.Logger.Info("the key service is reached again")
	}
	w.told.stale = false
}

// stale says since when there was no answer, and why.
func (w *Watcher) stale() error {
	text := fmt.Errorf("%w since %s", ErrStale, moment(w.heard))
	if last := unwrapped(w.Stats().LastError); last != nil {
		return fmt.Errorf("%w: %w", text, last)
	}
	return text
}

// pause is how long nothing has to be done.
func (w *Watcher) pause() time.Duration {
	next := time.Hour
	if !w.schedule.asking {
		next = time.Until(w.schedule.due)
	}
	if !w.told.stale {
		next = min(next, time.Until(w.heard.Add(w.Stale)))
	}
	if g := w.lent.grant; g != nil {
		now := w.proved.now()
		for _, date := range []time.Time{g.halfway(), g.grant.Expires, w.lent.opensUntil} {
			if !now.After(date) {
				next = min(next, min(date.Sub(now), time.Hour)+time.Millisecond) // a date may be further than a Duration reaches
			}
		}
	}
	return max(next, 0)
}

// answered notes how a fetch has ended.
func (w *Watcher) answered(err error) {
	w.note(func(s *Stats) {
		s.Fetches++
		s.LastError = err
		if err != nil {
			s.Failures++
		}
	})
	kind := kindOf(err)
	switch {
	case err == nil:
		w.told.failures = nil
	case !w.told.failures[kind]:
		if w.told.failures == nil {
			w.told.failures = map[error]bool{}
		}
		w.told.failures[kind] = true
		w.tell(err)
	}
}

// kinds are what failures are told apart by: their texts have serials and a router's words in them.
var kinds = []error{
	ErrMalformed, ErrForged, ErrNotFresh, ErrRollback, ErrMixed, ErrOther, ErrAhead, ErrExpired, ErrDecrypt, ErrRefused, ErrUnreachable,
	keyring.ErrPlain, keyring.ErrSource, keyring.ErrConflict, keyring.ErrState, keyring.ErrPattern,
}

// errKindless is that of an error of none of them.
var errKindless = errors.New("another")

func kindOf(err error) error {
	if at := slices.IndexFunc(kinds, func(kind error) bool { return errors.Is(err, kind) }); at >= 0 {
		return kinds[at]
	}
	return errKindless
}
