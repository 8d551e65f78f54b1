package keyring

import (
	"hash/maphash"
	"strings"
	"sync/atomic"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

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
