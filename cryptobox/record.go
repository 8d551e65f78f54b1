package cryptobox

import (
	"crypto/rand"
	"encoding/hex"
)

// SenderID is 16 random bytes that tell one sender's run from all others.
type SenderID [16]byte

// NewSenderID draws an id from crypto/rand, which does not fail.
func NewSenderID() SenderID {
	var id SenderID
	_, _ = rand.Read(id[:])
	return id
}

// String is the id in hex. It is no secret.
func (id SenderID) String() string { return hex.EncodeToString(id[:]) }

// Head ties a record to its place in a conversation, with its realm and URI. This package
// carries it; what the fields have to equal is decided by the layer that knows sessions.
type Head struct {
	Kind Kind
	From SenderID // never all zero
	N    uint64   // counter of the sender, from 1
	TS   int64    // milliseconds since 1970 UTC, never negative
	Re   Token    // what is answered; the zero Token is null
	Seq  uint64   // number of the chunk, or of the publish, from 0
	// Unnumbered: seq is null, which it may be on a publish only.
	Unnumbered bool
	Self       bool // the sender wants its own event; on a publish only
	Keep       bool // the event is to be retained; on a publish only
}

// The bits of the flags on the wire.
const (
	flagSelf = 1 << iota
	flagKeep
	allFlags = flagSelf | flagKeep
)

func (h *Head) flags() (flags uint64) {
	if h.Self {
		flags |= flagSelf
	}
	if h.Keep {
		flags |= flagKeep
	}
	return flags
}

// Record is what gets sealed: a WAMP payload and what ties it to its place. It is made by
// [NewRecord].
//
// It prints as its type's name with every verb, and refuses to be marshalled. In an
// unexported field of another struct too it shows no plaintext: its Head at most.
type Record struct {
	redacted[Record]
	Head
	content func() content // nil is an empty one

	// Form, if not nil, is asked for each value that isn't of the kinds that this package
	// seals (see "Values"), and for each [time.Time]: for something of these kinds, which is
	// sealed in its place. Its errors are those of sealing.
	Form func(v any) (any, error)

	// Exchange, if not zero, is that which the record goes on with: as a later chunk of a call,
	// or an answer to it. Suites 4 and 5 need it for these.
	Exchange Exchange

	// Pad, if not nil, has bytes added that every reader ignores: it is given the least size
	// in bytes that the record can have with padding, and returns that or more. Beyond 16 MiB
	// the size is cut.
	Pad func(size int) int
}

// content is what a Record hides.
type content struct {
	realm, uri string
	args       []any
	kwargs     map[string]any
}

// NewRecord makes a record of the topic, procedure or error URI that it is sealed for, and of
// args and kwargs: nil ones are absent, empty ones stay empty. The record keeps both. Realm
// and URI are never empty, but for a refusal, where both have to be.
func NewRecord(head Head, realm, uri string, args []any, kwargs map[string]any) Record {
	return Record{Head: head, content: func() content { return content{realm, uri, args, kwargs} }}
}

// get gives the content.
func (r *Record) get() content {
	if r.content == nil {
		return content{}
	}
	return r.content()
}
