package keyring

import (
	"fmt"
	"hash/maphash"
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

// realms has a ring's Forms by their realm, for as long as somebody holds on to them.
type realms struct {
	forms map[string]weak.Pointer[Forms]
	many  int // of these it looks for what nobody holds on to any more
}

// get gives the Forms of a realm, which may be new.
func (rs *realms) get(r *Ring, realm string) *Forms {
	if fs := rs.forms[realm].Value(); fs != nil {
		return fs
	}
	if len(rs.forms) >= rs.many {
		maps.DeleteFunc(rs.forms, func(_ string, at weak.Pointer[Forms]) bool { return at.Value() == nil })
		rs.many = 2*len(rs.forms) + 8
	}
	if rs.forms == nil {
		rs.forms = map[string]weak.Pointer[Forms]{}
	}
	fs := &Forms{ring: r, realm: realm}
	fs.forms.Store(new(map[formKey]*Form))
	rs.forms[realm] = weak.Make(fs)
	return fs
}

// each walks through those that somebody holds on to.
func (rs *realms) each(yield func(*Forms) bool) {
	for _, at := range rs.forms {
		if fs := at.Value(); fs != nil && !yield(fs) {
			return
		}
	}
}

// Watch is somebody who is told of changes, for as long as he holds on to it.
type Watch struct {
	forms   *Forms // which are told as long
	changed func()
}

// Watch has a function be called when the ring begins to scramble other URIs, or under other
// secrets, until nobody holds the Watch any more. It is called while the ring is locked: it has
// to return at once, and not to use the ring.
func (fs *Forms) Watch(changed func()) *Watch {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	w := &Watch{fs, changed}
	if len(fs.watches) == cap(fs.watches) {
		fs.watches = slices.DeleteFunc(fs.watches, func(at weak.Pointer[Watch]) bool { return at.Value() == nil })
		fs.watches = slices.Grow(fs.watches, len(fs.watches)+1) // room for as many, so that it seldom looks for them
	}
	fs.watches = append(fs.watches, weak.Make(w))
	return w
}

// tell tells all who watch.
func (fs *Forms) tell() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.watches = slices.DeleteFunc(fs.watches, func(at weak.Pointer[Watch]) bool {
		w := at.Value()
		if w != nil {
			w.changed()
		}
		return w == nil
	})
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

// Clear is the form of URIs that aren't scrambled: as they are.
var Clear = new(Form)

// Form is one form in which routers get URIs: [Clear], or scrambled under one secret.
type Form struct {
	forms     *Forms // nil of Clear
	prefix    string
	id        cryptobox.KeyID
	scrambler *cryptobox.Scrambler // nil of Clear
	known     [formPages]atomic.Pointer[knownURI]
	// shadow has the entries below the prefix under their scrambled patterns, once it was asked.
	shadow atomic.Pointer[snapshot]
}

// formPages bounds the URIs of which the scrambled form is kept, if that has no more than maxAsked
// bytes.
const formPages = 1024

type knownURI struct{ uri, scrambled string }

// IsClear tells whether URIs are as they are.
func (f *Form) IsClear() bool { return f.scrambler == nil }

// ID names the secret, "" of Clear.
func (f *Form) ID() string {
	if f.IsClear() {
		return ""
	}
	return f.id.String()
}

// URI gives the form of a URI, or of the text of a pattern.
func (f *Form) URI(uri string) string {
	if f.IsClear() {
		return uri
	}
	if len(uri) > maxAsked {
		return f.scrambler.Scramble(uri)
	}
	at := &f.known[maphash.String(seed, uri)%formPages]
	if k := at.Load(); k != nil && k.uri == uri {
		return k.scrambled
	}
	scrambled := f.scrambler.Scramble(uri)
	if len(scrambled) <= maxAsked {
		at.Store(&knownURI{strings.Clone(uri), scrambled})
	}
	return scrambled
}

// Shows tells whether a router that names the one has been given the other. A sender may have put
// a URI of any length into a message: one of other size costs nothing here.
func (f *Form) Shows(routed, uri string) bool {
	return strings.Count(routed, ".") == strings.Count(uri, ".") && f.URI(uri) == routed
}

// Pattern gives the form of a pattern.
func (f *Form) Pattern(p Pattern) Pattern { return Pattern{f.URI(p.URI), p.Match} }

// Lookup gives the entry of the URI that a scrambled one stands for, as far as that shows: its
// most specific pattern is known by the scrambled components that it fixes. Who opened a message
// by the entry has to ask [Ring.Lookup] for the URI that the message names, and to compare the
// patterns. The error is an [*Error] that wraps [ErrClosed]; it is that of [Clear] too, which belongs
// to no ring. The Form of a secret that the ring doesn't have any more knows the ring as it was.
func (f *Form) Lookup(scrambled string) (*Entry, error) {
	if f.IsClear() {
		return nil, &Error{Op: "look up", URI: scrambled, Err: errNoneScrambled}
	}
	s := f.shadow.Load()
	if s == nil {
		s = f.beginShadow()
	}
	if e := s.lookup(scrambled); e != nil && e.real.standing == keyed {
		return e.real, nil
	}
	return nil, &Error{Op: "look up", URI: scrambled, Err: errNoneScrambled}
}

var errNoneScrambled = &worded{ErrClosed, "no pattern of the keyring matches what the scrambled URI may stand for"}

// Real gives the URI or pattern of an entry that has a scrambled form, if there is one.
func (f *Form) Real(scrambled Pattern) (Pattern, bool) {
	if f.IsClear() {
		return scrambled, true
	}
	s := f.shadow.Load()
	if s == nil {
		s = f.beginShadow()
	}
	if e := s.get(scrambled); e != nil {
		return e.real.pattern, true
	}
	return Pattern{}, false
}

// beginShadow makes the shadow of the present snapshot, which swap goes on with.
func (f *Form) beginShadow() *snapshot {
	ring := f.forms.ring
	ring.mu.Lock()
	defer ring.mu.Unlock()
	s := f.shadow.Load()
	if s != nil {
		return s
	}
	s = new(snapshot)
	for e := range ring.snapshot().entries() {
		s = f.shadowed(s, e)
	}
	f.shadow.Store(s)
	return s
}

// shadowed gives a shadow with an entry, if it is below the prefix.
func (f *Form) shadowed(s *snapshot, e *Entry) *snapshot {
	if !strings.HasPrefix(e.pattern.fixedText(), f.prefix) {
		return s
	}
	copied := *e
	copied.pattern, copied.real = f.pattern(e.pattern), e
	return s.with(&copied)
}

// pattern is Pattern for what is seldom asked for, and isn't to take the place of what is known.
func (f *Form) pattern(p Pattern) Pattern { return Pattern{f.scrambler.Scramble(p.URI), p.Match} }

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
	left := maps.Clone(*fs.forms.Load())
	maps.DeleteFunc(left, func(key formKey, _ *Form) bool { return !now.scrambled.has(key.prefix, key.id) })
	if len(left) < len(*fs.forms.Load()) {
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
	v, clear := sc.sender(now)
	switch {
	case v != nil:
		return fs.form(sc, v)
	case clear:
		return Clear, nil
	}
	return nil, &Error{Op: opScramble, URI: uri, Pattern: Prefix(sc.prefix), Err: sc.noSender(now)}
}

// noSender says why no secret is in use.
func (sc *scrambling) noSender(now time.Time) error {
	why := "a change took them away"
	switch v := sc.current(now); {
	case v != nil:
		why = fmt.Sprintf("%v was until %s, %s ago by this clock", v.id, moment(v.dates.NotAfter), distance(v.dates.NotAfter, now))
	case len(sc.secrets) > 0:
		next := sc.secrets[len(sc.secrets)-1]
		why = fmt.Sprintf("%v will be from %s, in %s by this clock", next.id, moment(next.dates.ActiveFrom), distance(next.dates.ActiveFrom, now))
	}
	return &worded{ErrNoActive, fmt.Sprintf("no secret scrambles the URIs below %q now: %s", sc.prefix, why)}
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
		return nil, until, &Error{Op: opScramble, Pattern: p, Err: fmt.Errorf(
			"%w: the URIs below %q are scrambled, component by component: let the prefix end with a dot", ErrPattern, sc.prefix)}
	}
	now := time.Now()
	until = sc.next(now)
	sending, clear := sc.sender(now)
	for _, v := range sc.secrets {
		if v.expired(now) {
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
		if clear {
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
		if v.expired(now) || !sc.covers(p) {
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

// next gives when the dates change something, zero for never.
func (sc *scrambling) next(now time.Time) (next time.Time) {
	sooner := func(date time.Time) {
		if date.After(now) && (next.IsZero() || date.Before(next)) {
			next = date
		}
	}
	for _, v := range sc.secrets {
		sooner(v.dates.ActiveFrom)
		if !v.dates.NotAfter.IsZero() {
			sooner(v.dates.NotAfter.Add(1))
		}
	}
	if !sc.clear.IsZero() {
		sooner(sc.clear.Add(1))
	}
	return next
}

// apart refuses a pattern that matches URIs below a prefix and doesn't lie there.
func (all scramblings) apart(p Pattern) error {
	for _, sc := range all {
		if _, ok := p.meet(Prefix(sc.prefix)); ok {
			return &Error{Op: opScramble, Pattern: p, Err: fmt.Errorf(
				"%w: it matches URIs below %q, which are scrambled, and others: ask for each by itself", ErrPattern, sc.prefix)}
		}
	}
	return nil
}
