package keyfile

import (
	"fmt"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Entry is what the file says of one pattern: that its URIs are plain, or the versions
// of its key.
type Entry struct {
	Pattern   keyring.Pattern
	Comment   string
	Plain     bool              // nothing else is given then
	Plaintext keyring.Plaintext // zero but in a transition: see [keyring.Ring.Transition]
	Until     time.Time         // when the transition ends
	// AllowUnsigned is until when versions that aren't signed open beside a signed one: see
	// [keyring.Ring.AllowUnsigned].
	AllowUnsigned time.Time
	Versions      []*Version // in any order

	line int // 0 where it was never read
}

// Line gives the line that the entry begins on, 0 if it was never read.
func (e *Entry) Line() int { return e.line }

// Name says which entry is meant, as far as it is known: patterns[2] prefix
// "com.myapp.". What looks like a key in it is left out.
func (e *Entry) Name(index int) string {
	name := fmt.Sprintf("patterns[%d]", index)
	if e.Pattern.Match != 0 {
		name += " " + e.Pattern.String()
	}
	return Conceal(name)
}

// Wipe overwrites the entry's secrets.
func (e *Entry) Wipe() {
	for _, v := range e.Versions {
		v.Wipe()
	}
}

// entryFields are an entry's, in the order in which they are written.
const entryFields = "exact, prefix, wildcard, comment, plain, plaintext, until, allow_unsigned, versions"
