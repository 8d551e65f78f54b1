package transparency

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// asked is what the application has subscribed to or registered. The router is asked for it under
// each text that it has for routers ([keyring.Forms]), and again when these change.
type asked struct {
	op      string // "subscribe" or "register"
	pattern keyring.Pattern

	mu    sync.Mutex // held while the router is asked
	how   request
	texts []string // under which it is in place
	gone  bool     // it is on no list any more

	missing atomic.Pointer[error] // why it isn't in place under all, nil where it is
}

// request is how the router is asked.
type request struct {
	target target
	begin  func(target) error
	end    func(text string) error
}

// establish has the router asked under all texts, or under none that is new.
func (s *Session) establish(op string, how request) error {
	if how.target.past {
		return how.begin(how.target)
	}
	a := s.asked.enter(op, how.target.pattern)
	defer a.mu.Unlock()
	texts, until, err := s.texts(a.pattern)
	if err != nil {
		err = formError(op, a.pattern.URI, err)
	} else {
		err = s.beginAll(a, how, texts)
	}
	if err != nil {
		if a.how.begin == nil {
			s.asked.forget(a)
		}
		return err
	}
	a.how = how
	s.asked.last(a)
	if s.forms.Any() {
		s.follow()
		if !until.IsZero() || len(a.texts) > len(texts) {
			s.asked.wake()
		}
	}
	return nil
}

// beginAll begins under all texts. If that fails, what was there before is in place again.
func (s *Session) beginAll(a *asked, how request, texts []string) error {
	var begun, fresh []string
	for _, text := range texts {
		err := how.begin(how.target.askedAs(text))
		if err == nil {
			begun = append(begun, text)
			if !slices.Contains(a.texts, text) {
				s.asked.name(text, a.pattern.URI)
				fresh = append(fresh, text)
			}
			continue
		}
		for _, text := range begun {
			if slices.Contains(fresh, text) {
				_ = how.end(text)
				s.asked.unname(text)
			} else if a.how.begin(a.how.target.askedAs(text)) != nil {
				_ = s.endAs(a, text)
				s.asked.wake()
			}
		}
		return a.named(text, err)
	}
	a.texts = append(a.texts, fresh...)
	return nil
}

// named is an error that may name another URI than the application's.
func (a *asked) named(text string, err error) error {
	if text == a.pattern.URI {
		return err
	}
	return fmt.Errorf("transparency: %s %q: %w", a.op, a.pattern.URI, err)
}

// beginAs begins under a further text.
func (s *Session) beginAs(a *asked, text string) error {
	err := a.how.begin(a.how.target.askedAs(text))
	if err == nil {
		s.asked.name(text, a.pattern.URI)
		a.texts = append(a.texts, text)
	}
	return err
}

// endAs ends under a text. The router sends nothing for it any more that would be taken, whatever
// it answers.
func (s *Session) endAs(a *asked, text string) error {
	err := a.how.end(text)
	s.asked.unname(text)
	a.texts = slices.DeleteFunc(a.texts, func(other string) bool { return other == text })
	return err
}

// withdraw has the router asked for the end of what was asked for last under a URI.
func (s *Session) withdraw(op, uri string, end func(text string) error) error {
	a := s.asked.find(op, uri)
	if a == nil {
		return end(uri)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.gone {
		return end(uri)
	}
	s.asked.forget(a)
	var failed error
	for _, text := range slices.Clone(a.texts) {
		if err := s.endAs(a, text); err != nil && failed == nil {
			failed = a.named(text, err)
		}
	}
	return failed
}

// texts gives what routers have for a pattern now: first that under which it is sent. Until is as
// that of [keyring.Forms.Receive].
func (s *Session) texts(p keyring.Pattern) (texts []string, until time.Time, err error) {
	forms, until, err := s.forms.Receive(p)
	for _, f := range forms {
		if text := f.URI(p.URI); !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts, until, err
}

// formError is an error of the keyring's forms.
func formError(op, uri string, err error) error {
	refused := newError(op, uri, err)
	if errors.Is(err, keyring.ErrPattern) {
		refused.Reason = Misuse
	}
	return refused
}

// idOf gives the router's id of what was asked for under a URI: under the text in use now, if it is
// in place there.
func (s *Session) idOf(op, uri string, id func(text string) (wamp.ID, bool)) (wamp.ID, bool) {
	a := s.asked.find(op, uri)
	if a == nil {
		return id(uri)
	}
	texts, _, _ := s.texts(a.pattern)
	for _, text := range append(texts, uri) {
		if found, ok := id(text); ok {
			return found, true
		}
	}
	return 0, false
}

// adapt has the router asked under the texts that a has now, and gives the date from which it has
// others. If it isn't complete, it has to be tried again.
func (s *Session) adapt(a *asked) (until time.Time, complete bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.gone || a.how.begin == nil { // who is about to ask for it looks at the ring by himself
		return until, true
	}
	texts, until, err := s.texts(a.pattern)
	var failed error
	if !errors.Is(err, keyring.ErrPattern) { // else it stays as it is, for what may still come by it
		failed = s.change(a, texts)
	}
	if err = errors.Join(err, failed); s.life.Err() != nil {
		return until, true
	}
	before := a.missing.Load()
	if err == nil {
		a.missing.Store(nil)
	} else if a.missing.Store(&err); before == nil || (*before).Error() != err.Error() {
		s.logger.Warn("not asked for under all secrets of its URI", slog.String("op", a.op),
			slog.String("uri", a.pattern.URI), slog.Any(keyError, err))
	}
	return until, failed == nil
}

// change begins under the texts under which a isn't in place, and then ends under the others.
func (s *Session) change(a *asked, texts []string) error {
	var failed []error
	for _, text := range texts {
		if slices.Contains(a.texts, text) {
			continue
		}
		if s.asked.ended() {
			break
		}
		if err := s.beginAs(a, text); err != nil {
			failed = append(failed, err)
		}
	}
	for _, text := range slices.Clone(a.texts) {
		if !slices.Contains(texts, text) {
			_ = s.endAs(a, text) // nothing is taken under it any more
		}
	}
	return errors.Join(failed...)
}

// incomplete says what isn't in place under all texts, or is nil.
func (s *Session) incomplete() error {
	for _, a := range s.asked.all() {
		if err := a.missing.Load(); err != nil {
			return fmt.Errorf("transparency: %s %q: %w", a.op, a.pattern.URI, *err)
		}
	}
	return nil
}
