package live

import (
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// proved is what opening a message proved about it. In a dialect of others, that is the
// key, the URI, and nothing else.
type proved struct {
	Key     string    `json:"key"`
	Dialect string    `json:"dialect"`
	Suite   string    `json:"suite,omitempty"`
	Role    string    `json:"role,omitempty"`
	Sender  *sender   `json:"sender,omitempty"`  // who has signed it, of a signed key
	Session string    `json:"session,omitempty"` // that has sent it, another one for each
	Counter uint64    `json:"counter,omitempty"`
	Sent    time.Time `json:"sent,omitzero"` // by the sender's clock
	Missed  uint64    `json:"missed,omitempty"`
}

// sender is a party that the keyring lists.
type sender struct {
	Name string `json:"name"`
	Key  string `json:"key"`
}

// provedOf gives what details prove, nil for a message that came in plain.
func provedOf(details wamp.Dict) *proved {
	info, sealed := transparency.InfoFrom(details)
	if !sealed {
		return nil
	}
	p := &proved{Key: info.KeyID, Dialect: info.Dialect.String()}
	if !info.Dialect.Foreign() {
		p.Suite, p.Role, p.Session, p.Counter = info.Suite.String(), info.Role.String(), info.Session.String(), info.Counter
		p.Sent, p.Missed = info.Sent.UTC(), info.Missed
		if !info.Sender.Key.IsZero() {
			p.Sender = &sender{info.Sender.Name, info.Sender.Key.String()}
		}
	}
	return p
}

// howSent says of a message to a URI what becomes of it.
func (k *keys) howSent(uri string) string {
	entry, err := k.ring.Lookup(uri)
	switch {
	case err != nil:
		return "refused" // the session says why
	case entry.Plain():
		return "in plain, as the keyring declares"
	case entry.SendsPlain():
		return "in plain, as its pattern is in transition"
	}
	if id := k.sealsWith(uri); id != "" {
		return "sealed with id " + id
	}
	return "refused"
}

// sealsWith gives the id of the version that a message to a URI is sealed with, nothing
// where it isn't sealed.
func (k *keys) sealsWith(uri string) string {
	entry, err := k.ring.Lookup(uri)
	if err != nil || entry.SendsPlain() {
		return ""
	}
	version, err := entry.Sealer(keyring.RoleOriginator)
	if err != nil {
		return ""
	}
	return version.ID()
}

// sendsPlain tells whether a message to a URI goes out in plain.
func (k *keys) sendsPlain(uri string) bool {
	entry, err := k.ring.Lookup(uri)
	return err == nil && entry.SendsPlain()
}
