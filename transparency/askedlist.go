package transparency

import (
	"slices"
	"sync"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// askedList holds what was asked for, in the order in which that was.
type askedList struct {
	mu        sync.Mutex
	list      []*asked
	names     map[string]*named // by text
	following bool
	woken     chan struct{} // has room for one
	stop      chan struct{} // closed when nothing is to be asked for by itself any more
}

// named is the URI that a text for routers stands for, and of how many it is the text.
type named struct {
	uri string
	of  int
}

func newAskedList() askedList {
	return askedList{names: map[string]*named{}, woken: make(chan struct{}, 1), stop: make(chan struct{})}
}

// enter gives what is or will be asked for by a pattern, with its lock held. It is on the list
// before the ring is looked at, so that no change of the ring passes it by.
func (l *askedList) enter(op string, p keyring.Pattern) *asked {
	for {
		a := l.get(op, p)
		a.mu.Lock()
		if !a.gone {
			return a
		}
		a.mu.Unlock()
	}
}

func (l *askedList) get(op string, p keyring.Pattern) *asked {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.list {
		if a.op == op && a.pattern == p {
			return a
		}
	}
	a := &asked{op: op, pattern: p}
	l.list = append(l.list, a)
	return a
}

// find gives the last one under a URI of the application's, or nil.
func (l *askedList) find(op, uri string) *asked {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range slices.Backward(l.list) {
		if a.op == op && a.pattern.URI == uri {
			return a
		}
	}
	return nil
}

// last makes a the last one.
func (l *askedList) last(a *asked) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.without(a), a)
}

// forget takes a off the list. Its lock is held.
func (l *askedList) forget(a *asked) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a.gone = true
	l.list = l.without(a)
}

func (l *askedList) without(a *asked) []*asked {
	return slices.DeleteFunc(l.list, func(other *asked) bool { return a == other })
}

func (l *askedList) all() []*asked {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.list)
}

// name notes what the application calls what the router knows by a text.
func (l *askedList) name(text, uri string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.names[text] == nil {
		l.names[text] = &named{uri: uri}
	}
	l.names[text].of++
}

func (l *askedList) unname(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := l.names[text]; n != nil {
		if n.of--; n.of == 0 {
			delete(l.names, text)
		}
	}
}

// nameOf gives what the application calls it, if that is known.
func (l *askedList) nameOf(text string) (uri string, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := l.names[text]; n != nil {
		return n.uri, true
	}
	return "", false
}

// begins tells whether somebody has to begin to follow the ring: who is told that does.
func (l *askedList) begins() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	begin := !l.following && len(l.list) > 0
	l.following = l.following || begin
	return begin
}

// wake has who follows the ring look at it again.
func (l *askedList) wake() {
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

// end has nothing be asked for by itself any more.
func (l *askedList) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended() {
		close(l.stop)
	}
}

func (l *askedList) ended() bool {
	select {
	case <-l.stop:
		return true
	default:
		return false
	}
}

// Pauses between attempts to ask for what isn't in place, and the longest until the ring is looked at.
const (
	askAgainMin = time.Second
	askAgainMax = time.Minute
)

// follow begins to have the router asked for what the ring says, whenever that changes, unless
// somebody does or nothing was asked for.
func (s *Session) follow() {
	if s.asked.begins() {
		go s.following()
	}
}

func (s *Session) following() {
	pause := askAgainMin
	for {
		changed := s.ring.Changed()
		next, complete := s.adaptAll()
		wait := askAgainMax // a timer doesn't know that a clock was set
		if !next.IsZero() {
			wait = min(wait, max(time.Until(next), 0))
		}
		if !complete {
			wait = min(wait, pause)
		}
		if pause = min(2*pause, askAgainMax); complete {
			pause = askAgainMin
		}
		select {
		case <-changed:
		case <-time.After(wait):
		case <-s.asked.woken:
		case <-s.asked.stop:
			return
		case <-s.transport.Done():
			return
		}
	}
}

// adaptAll is adapt of all that was asked for.
func (s *Session) adaptAll() (next time.Time, complete bool) {
	complete = true
	for _, a := range s.asked.all() {
		if s.asked.ended() {
			break
		}
		until, done := s.adapt(a)
		complete = complete && done
		if !until.IsZero() && (next.IsZero() || until.Before(next)) {
			next = until
		}
	}
	return next, complete
}
