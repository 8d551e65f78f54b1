package keyring

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Forms gives the forms in which the routers of one realm get URIs: as they are, or below a
// scrambled prefix ([Ring.Scramble]) under its secrets. It belongs to a ring, and shows its
// changes. It is safe for use by several goroutines.
type Forms struct {
	ring  *Ring
	realm string

	forms   atomic.Pointer[map[formKey]*Form] // of secrets on the ring; a map is never changed
	mu      sync.Mutex                        // held by those who change these
	watches []weak.Pointer[Watch]
}

// Any tells whether URIs are scrambled.
func (fs *Forms) Any() bool { return len(fs.ring.snapshot().scrambled) > 0 }

// formKey is one secret of one prefix.
type formKey struct {
	prefix string
	id     cryptobox.KeyID
}

// Forms gives those of a realm.
func (r *Ring) Forms(realm string) *Forms {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.forms.get(r, realm)
}

// note takes note of what a snapshot will have of patterns. The ring's mu is held.
func (fs *Forms) note(next *snapshot, changed []Pattern) {
	for _, f := range *fs.forms.Load() {
		s := f.shadow.Load()
		if s == nil {
			continue
		}
		for _, p := range changed {
			switch e := next.get(p); {
			case e != nil:
				s = f.shadowed(s, e)
			case strings.HasPrefix(p.fixedText(), f.prefix):
				s, _ = s.without(f.pattern(p))
			}
		}
		f.shadow.Store(s)
	}
}

// forget drops the forms under secrets that the present snapshot doesn't have any more. The ring's
// mu is held.
func (fs *Forms) forget(now *snapshot) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	before := *fs.forms.Load()
	if len(before) == 0 {
		return
	}
	left := maps.Clone(before)
	maps.DeleteFunc(left, func(key formKey, _ *Form) bool { return !now.scrambled.has(key.prefix, key.id) })
	if len(left) < len(before) {
		fs.forms.Store(&left)
	}
}

// form gives that of a secret.
func (fs *Forms) form(sc *scrambling, v *scrambleSecret) (*Form, error) {
	key := formKey{sc.prefix, v.id}
	if f := (*fs.forms.Load())[key]; f != nil {
		return f, nil
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f := (*fs.forms.Load())[key]; f != nil {
		return f, nil
	}
	scrambler, err := cryptobox.NewScrambler(v.secret, fs.realm, sc.prefix)
	if err != nil {
		return nil, err
	}
	f := &Form{forms: fs, prefix: sc.prefix, id: v.id, scrambler: scrambler}
	if fs.ring.snapshot().scrambled.has(sc.prefix, v.id) { // else forget has been here
		more := map[formKey]*Form{key: f}
		maps.Copy(more, *fs.forms.Load())
		fs.forms.Store(&more)
	}
	return f, nil
}

// Send gives the form in which a URI is sent now. The error is an [*Error] that wraps
// [ErrNoActive] below a scrambled prefix if no secret is in use now.
func (fs *Forms) Send(uri string) (*Form, error) {
	sc := fs.ring.snapshot().scrambled.of(uri)
	if sc == nil {
		return Clear, nil
	}
	now := time.Now()
	v, asIs := sc.sender(now)
	switch {
	case v != nil:
		return fs.form(sc, v)
	case asIs:
		return Clear, nil
	}
	return nil, &Error{Op: opScramble, URI: uri, Pattern: Prefix(sc.prefix), Err: sc.noSender(now)}
}

// Receive gives the forms in which what matches a pattern is to be asked for now: the one under
// which it is sent is the first. Until when nothing of that changes by the clock, but by a change
// of the ring, is the date; zero for ever. The error is an [*Error] that wraps [ErrPattern] for a
// pattern that matches URIs below a scrambled prefix and others, or that ends inside a
// component, and [ErrNoActive] if no secret opens.
func (fs *Forms) Receive(p Pattern) (forms []*Form, until time.Time, err error) {
	s := fs.ring.snapshot()
	sc := s.scrambled.of(p.fixedText())
	if sc == nil {
		if err := s.scrambled.apart(p); err != nil {
			return nil, until, err
		}
		return []*Form{Clear}, until, nil
	}
	if p.endsWithin() {
		return nil, until, &Error{Op: opScramble, Pattern: p, Err: sc.insideComponent()}
	}
	now := time.Now()
	until = sc.next(now)
	sending, asIs := sc.sender(now)
	for _, v := range sc.secrets {
		if v.dates.expired(now) {
			continue
		}
		f, err := fs.form(sc, v)
		if err != nil {
			return nil, until, &Error{Op: opScramble, Pattern: p, Err: err}
		}
		forms = append(forms, f)
		if v == sending { // to the front
			copy(forms[1:], forms)
			forms[0] = f
		}
	}
	if sc.clears(now) {
		at := len(forms)
		if asIs {
			at = 0
		}
		forms = slices.Insert(forms, at, Clear)
	}
	if len(forms) == 0 {
		return nil, until, &Error{Op: opScramble, Pattern: p, Err: sc.noSender(now)}
	}
	return forms, until, nil
}

// InForce tells whether routers may mean, by named, what was asked for by a pattern under that
// text: by a URI as it is, or scrambled under a secret that the ring has and that hasn't expired.
func (fs *Forms) InForce(p Pattern, text, named string) bool {
	sc := fs.ring.snapshot().scrambled.of(named)
	if sc == nil {
		return text == p.URI
	}
	found := false
	fs.meant(sc, p, text, func(*Form) bool {
		found = true
		return false
	})
	return found
}

// Meant gives the forms in which routers may mean that, where named lies below a scrambled prefix.
func (fs *Forms) Meant(p Pattern, text, named string) (forms []*Form, scrambled bool) {
	sc := fs.ring.snapshot().scrambled.of(named)
	if sc == nil {
		return nil, false
	}
	fs.meant(sc, p, text, func(f *Form) bool {
		forms = append(forms, f)
		return true
	})
	return forms, true
}

// meant walks through the forms in force in which a pattern has that text.
func (fs *Forms) meant(sc *scrambling, p Pattern, text string, yield func(*Form) bool) {
	now := time.Now()
	for _, v := range sc.secrets {
		if v.dates.expired(now) || !sc.covers(p) {
			continue
		}
		if f, err := fs.form(sc, v); err == nil && f.URI(p.URI) == text && !yield(f) {
			return
		}
	}
	if sc.clears(now) && text == p.URI {
		yield(Clear)
	}
}
