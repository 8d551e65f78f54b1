package transparency

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// asked is what the application has subscribed to or registered. The router is asked for it in
// each form in which URIs come ([keyring.Forms]), and again when these change.
type asked struct {
	op     string // "subscribe" or "register"
	target target
	begin  func(target) error
	end    func(uri string) error

	mu    sync.Mutex // held while the router is asked
	in    []*keyring.Form
	ended bool
	err   error // why it isn't in place in all forms
}

func (a *asked) uri(f *keyring.Form) string { return f.URI(a.target.pattern.URI) }

// formList holds what was asked for.
type formList struct {
	mu        sync.Mutex
	all       []*asked
	real      map[string]string // of what is scrambled for the router
	following bool
}

// last returns the last one under a URI of the application's.
func (l *formList) last(op, uri string) *asked {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range slices.Backward(l.all) {
		if a.op == op && a.target.pattern.URI == uri {
			return a
		}
	}
	return nil
}

// keep notes a in place of what it replaces, which may be nothing.
func (l *formList) keep(a *asked) (replaced *asked) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, other := range l.all {
		if a.op == other.op && a.target.pattern == other.target.pattern {
			l.all, replaced = slices.Delete(l.all, i, i+1), other
			break
		}
	}
	l.all = append(l.all, a)
	return replaced
}

// follows tells whether somebody has to begin to follow the ring.
func (l *formList) follows() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	begin := !l.following && len(l.all) > 0
	l.following = l.following || begin
	return begin
}

func (l *formList) forget(a *asked) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = slices.DeleteFunc(l.all, func(other *asked) bool { return a == other })
}

func (l *formList) snapshot() []*asked {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.all)
}

// name notes what the application calls what the router calls otherwise.
func (l *formList) name(scrambled, uri string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.real == nil {
		l.real = map[string]string{}
	}
	l.real[scrambled] = uri
}

func (l *formList) unname(scrambled string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.real, scrambled)
}

// nameOf gives what the application calls a URI.
func (l *formList) nameOf(scrambled string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if uri, known := l.real[scrambled]; known {
		return uri
	}
	return scrambled
}

// establish has the router asked in all forms.
func (s *Session) establish(a *asked) error {
	if a.target.past {
		return a.begin(a.target.askedAs(keyring.Clear))
	}
	forms, _, err := s.forms.Receive(a.target.pattern)
	if err != nil {
		return formError(a.op, a.target.pattern.URI, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, f := range forms {
		if err := s.beginIn(a, f); err != nil {
			for _, begun := range slices.Clone(a.in) {
				s.endIn(a, begun)
			}
			return err
		}
	}
	replaced := s.asked.keep(a)
	if s.forms.Any() {
		s.followLater()
	}
	if replaced != nil && replaced != a {
		s.endReplaced(replaced, a.in)
	}
	return nil
}

// endReplaced ends what was replaced in all forms but those in which something else stands in its
// place now.
func (s *Session) endReplaced(a *asked, but []*keyring.Form) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	for _, f := range slices.Clone(a.in) {
		if !slices.Contains(but, f) {
			_ = s.endIn(a, f) // nobody asks for it any more
		}
	}
}

// formError is an error of the keyring's forms.
func formError(op, uri string, err error) error {
	refused := newError(op, uri, err)
	if errors.Is(err, keyring.ErrPattern) {
		refused.Reason = Misuse
	}
	return refused
}

func (s *Session) beginIn(a *asked, f *keyring.Form) error {
	if !f.IsClear() {
		s.asked.name(a.uri(f), a.target.pattern.URI)
	}
	if err := a.begin(a.target.askedAs(f)); err != nil {
		s.asked.unname(a.uri(f))
		if !f.IsClear() { // err names what the router was asked for
			err = fmt.Errorf("%s %q: %w", a.op, a.target.pattern.URI, err)
		}
		return err
	}
	a.in = append(a.in, f)
	return nil
}

func (s *Session) endIn(a *asked, f *keyring.Form) error {
	if err := a.end(a.uri(f)); err != nil {
		return err
	}
	s.asked.unname(a.uri(f))
	a.in = slices.DeleteFunc(a.in, func(other *keyring.Form) bool { return f == other })
	return nil
}

// withdraw has the router asked for the end of what was asked for last under a URI.
func (s *Session) withdraw(op, uri string, end func(uri string) error) error {
	a := s.asked.last(op, uri)
	if a == nil {
		return end(uri)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	var failed error
	for _, f := range slices.Clone(a.in) {
		if err := s.endIn(a, f); err != nil && failed == nil {
			failed = err
		}
	}
	if failed == nil {
		s.asked.forget(a)
	}
	return failed
}

// idOf gives the router's id of what was asked for under a URI: of the form in which it is sent.
func (s *Session) idOf(op, uri string, id func(uri string) (wamp.ID, bool)) (wamp.ID, bool) {
	if form, err := s.forms.Send(uri); err == nil {
		if found, ok := id(form.URI(uri)); ok {
			return found, true
		}
	}
	if a := s.asked.last(op, uri); a != nil {
		forms, _, _ := s.forms.Receive(a.target.pattern)
		for _, f := range forms {
			if found, ok := id(a.uri(f)); ok {
				return found, true
			}
		}
	}
	return 0, false
}

// Pauses between attempts to ask for what isn't in place.
const (
	askAgainMin = time.Second
	askAgainMax = time.Minute
)

// followLater begins to follow the ring, unless somebody does or nothing was asked for.
func (s *Session) followLater() {
	if s.asked.follows() {
		go s.follow()
	}
}

// follow has the router asked for other forms when the ring has others, until the Session ends.
func (s *Session) follow() {
	pause := askAgainMin
	for {
		changed := s.ring.Changed()
		next, complete := s.adapt()
		var timer <-chan time.Time
		if !next.IsZero() {
			timer = time.After(max(time.Until(next), 0))
		}
		if complete {
			pause = askAgainMin
		} else {
			timer = time.After(pause)
			pause = min(2*pause, askAgainMax)
		}
		select {
		case <-changed:
		case <-timer:
		case <-s.life.Done():
			return
		case <-s.transport.Done():
			return
		}
	}
}

// adapt has the router asked for what the ring says now, and gives the date from which it says
// something else.
func (s *Session) adapt() (next time.Time, complete bool) {
	complete = true
	for _, a := range s.asked.snapshot() {
		until, err := s.adaptOne(a)
		if err != nil && s.life.Err() == nil {
			complete = false
		}
		if !until.IsZero() && (next.IsZero() || until.Before(next)) {
			next = until
		}
	}
	return next, complete
}

func (s *Session) adaptOne(a *asked) (until time.Time, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended {
		return until, nil
	}
	forms, until, err := s.forms.Receive(a.target.pattern)
	if err == nil {
		err = s.changeForms(a, forms)
	} else if !errors.Is(err, keyring.ErrPattern) {
		err = errors.Join(err, s.changeForms(a, nil))
	}
	if err != nil && (a.err == nil || a.err.Error() != err.Error()) && s.life.Err() == nil {
		s.logger.Warn("not asked for under all secrets of its URI", slog.String("op", a.op),
			slog.String("uri", a.target.pattern.URI), slog.Any(keyError, err))
	}
	a.err = err
	return until, err
}

// changeForms begins in the forms in which a isn't in place, and ends in the others.
func (s *Session) changeForms(a *asked, forms []*keyring.Form) error {
	var failed []error
	end := func(f *keyring.Form) {
		if err := s.endIn(a, f); err != nil {
			failed = append(failed, err)
		}
	}
	gone := slices.DeleteFunc(slices.Clone(a.in), func(f *keyring.Form) bool { return slices.Contains(forms, f) })
	for _, f := range gone {
		if slices.ContainsFunc(forms, func(next *keyring.Form) bool { return a.uri(next) == a.uri(f) }) {
			end(f) // it has come back, as another one
		}
	}
	for _, f := range forms {
		if slices.Contains(a.in, f) {
			continue
		}
		if err := s.beginIn(a, f); err != nil {
			failed = append(failed, err)
		}
	}
	for _, f := range gone {
		if slices.Contains(a.in, f) {
			end(f)
		}
	}
	return errors.Join(failed...)
}

// incomplete says what isn't in place in all forms, or is nil.
func (s *Session) incomplete() error {
	for _, a := range s.asked.snapshot() {
		a.mu.Lock()
		err := a.err
		a.mu.Unlock()
		if err != nil {
			return fmt.Errorf("transparency: %s %q: %w", a.op, a.target.pattern.URI, err)
		}
	}
	return nil
}
