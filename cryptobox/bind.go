package cryptobox

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
)

// BindVersion is the version of [Bind] that is written and understood.
const BindVersion = 1

// Kind tells what a record is used for.
type Kind string

// The kinds. A call whose arguments come in chunks has KindCallProgress on
// each but the last, a call whose results do has KindProgress on each but the
// last.
const (
	KindPublish      Kind = "publish"
	KindCallProgress Kind = "call_progress"
	KindCall         Kind = "call"
	KindProgress     Kind = "progress"
	KindResult       Kind = "result"
	KindError        Kind = "error"
)

var kinds = []Kind{KindPublish, KindCallProgress, KindCall, KindProgress, KindResult, KindError}

func (k Kind) known() bool { return slices.Contains(kinds, k) }

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

// Bind ties a record to its place in a conversation. This package carries it;
// what the fields have to equal is decided by the layer that knows sessions.
//
// On the wire it is the map "bind" of the record with the names in brackets,
// and "v" 1. A Bind of another version, with a missing field or one of a wrong
// type is [ErrMalformed]; fields that are not known are ignored.
type Bind struct {
	Kind  Kind     // (kind)
	Realm string   // (realm) never empty
	From  SenderID // (from) 16 bytes, never all zero
	N     uint64   // (n) counter of the sender, from 1
	TS    int64    // (ts) milliseconds since 1970 UTC
	Re    Token    // (re) what is answered; the zero Token is absent
	Seq   uint64   // (seq) number of the chunk, from 0; on every kind but KindPublish, where it is not written
	Self  bool     // (self) the sender wants its own event; written only if true
	Keep  bool     // (keep) the event is to be retained; written only if true
}
