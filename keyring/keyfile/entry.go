package keyfile

import (
	"fmt"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Entry is one version of a pattern's key, as the file writes it.
type Entry struct {
	Pattern      keyring.Pattern
	ID           string        // empty where it is derived from a pair of keys
	State        keyring.State // zero is not written, and active
	Created      time.Time
	NotAfter     time.Time
	AllowUnbound bool
	Comment      string
	Originator   *Side
	Responder    *Side
	Symmetric    Secret
	Algorithm    string // of Symmetric; empty is xsalsa20poly1305

	line int // 0 where it was never read
}

// Side is what the file holds of one end of an exchange.
type Side struct {
	Private Secret
	Public  Secret
}

// Line gives the line that the entry begins on, 0 if it was never read.
func (e *Entry) Line() int { return e.line }

// Name says which entry is meant, as far as it is known: keys[2] prefix
// "com.myapp." id "2026". What looks like a key in it is left out.
func (e *Entry) Name(index int) string {
	name := fmt.Sprintf("keys[%d]", index)
	if e.Pattern.Match != 0 {
		name += fmt.Sprintf(" %v", e.Pattern.Match)
	}
	if e.Pattern.URI != "" {
		name += fmt.Sprintf(" %.256q", e.Pattern.URI)
	}
	if e.ID != "" {
		name += fmt.Sprintf(" id %.256q", e.ID)
	}
	return Conceal(name)
}

// Wipe overwrites the entry's secrets.
func (e *Entry) Wipe() {
	for _, s := range e.secrets() {
		s.Wipe()
	}
}

// secrets gives what must not be shown of an entry.
func (e *Entry) secrets() []Secret {
	list := []Secret{e.Symmetric}
	for _, side := range []*Side{e.Originator, e.Responder} {
		if side != nil {
			list = append(list, side.Private)
		}
	}
	return list
}

// fields are an entry's, in the order in which they are written.
const fields = "pattern, match, id, state, created, not_after, allow_unbound, comment, " +
	"originator, responder, symmetric, algorithm"
