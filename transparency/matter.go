package transparency

import (
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// matter is what an event or invocation is about, as far as the router's word for it and the ring
// tell.
type matter struct {
	uri    string // as the router names it, or the exact one that was asked for
	entry  *keyring.Entry
	facts  facts
	closed error // why the URI is closed

	// Where scrambled is true, the URI is known only once the message is opened, and has no entry
	// before. It is named in one of these forms.
	scrambled bool
	forms     []*keyring.Form
}

var (
	errNotInForce = because(WrongURI, "the router names it otherwise than its URIs are scrambled now: clear, or under a secret that expired or was removed")
	errOtherURI   = because(WrongURI, "the router gives another URI than its sender has scrambled")
)

// askAbout is ask for what a target got under a URI. What the ring says of the URI, and
// whether it makes the target mixed, are of one state of the ring. While that changes all
// the time, nothing plain is taken for a pattern.
func (s *Session) askAbout(t target, uri string) matter {
	m := matter{uri: uri}
	if t.pattern.Match != keyring.MatchExact && !t.past {
		if m.forms, m.scrambled = s.forms.Meant(t.pattern, t.routed.URI, uri); m.scrambled {
			if m.facts.keyed = len(m.forms) > 0; !m.facts.keyed {
				m.closed = errNotInForce
			}
			return m
		}
	}
	if !t.past && !s.forms.InForce(t.pattern, t.routed.URI, uri) {
		m.closed = errNotInForce
		return m
	}
	steady := s.steadily(func() {
		m.entry, m.facts, m.closed = s.ask(uri, t.past)
		m.facts.mixed = s.mixed(t)
	})
	m.facts.mixed = m.facts.mixed || !steady && t.overlap != nil
	return m
}

// openAbout opens the envelope in r, the first of an exchange, and returns the URI that it is
// about. What is scrambled is opened by the entries that have to do with what the router says: one
// for each form in which it may be named, and most often one for all. As openFirst does, it
// returns what was opened with the error where who sealed it holds the key.
func (s *Session) openAbout(t *target, m *matter, r *client.Received) (*opened, string, error) {
	if !m.scrambled {
		in, err := s.openFirst(m.entry, keyring.RoleResponder, r)
		return in, m.uri, err
	}
	defer r.Release()
	var found *opened
	var failed error
	var tried []*keyring.Entry
	for _, f := range m.forms {
		entry, err := s.lookUp(f, m.uri)
		if err == nil && slices.Contains(tried, entry) {
			continue
		}
		var in *opened
		if err == nil {
			tried = append(tried, entry)
			in, err = s.openBy(entry, keyring.RoleResponder, &r.Envelope)
		}
		if err == nil {
			var uri string
			if uri, err = s.reveal(t, m, in); err == nil {
				return in, uri, nil
			}
			in.record.Release()
		}
		if in != nil {
			found = in
		}
		if failed == nil || telling(err) > telling(failed) {
			failed = err
		}
	}
	return found, m.uri, failed
}

// lookUp gives the entry of a URI in a form.
func (s *Session) lookUp(f *keyring.Form, uri string) (*keyring.Entry, error) {
	if f.IsClear() {
		return s.ring.Lookup(uri)
	}
	return f.Lookup(uri)
}

// telling orders what the entries say of a message: most of it isn't for them.
func telling(err error) int {
	switch newError("", "", err).Reason {
	case NoKey, NotOpened:
		return 0
	case WrongURI:
		return 1
	}
	return 2
}

// reveal returns the URI that an opened message is about. It is one that the router can have
// named so, that matches what was asked for, and whose entry is the one that opened the message.
func (s *Session) reveal(t *target, m *matter, in *opened) (string, error) {
	if in.foreign != nil {
		return "", NotOpened
	}
	uri := in.record.URI()
	if !t.pattern.Matches(uri) || !slices.ContainsFunc(m.forms, func(f *keyring.Form) bool { return f.Shows(m.uri, uri) }) {
		return "", errOtherURI
	}
	entry, err := s.ring.Lookup(uri)
	if err != nil || entry.Pattern() != in.version.Pattern() {
		return "", because(WrongURI, "sealed with a key of %v", in.version.Pattern())
	}
	return uri, nil
}
