package cryptobox

import (
	"crypto/rand"
	"encoding/hex"
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

func (k Kind) known() bool {
	switch k {
	case KindPublish, KindCallProgress, KindCall, KindProgress, KindResult, KindError:
		return true
	}
	return false
}

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

// bind makes the wire's map of b, every value canonical.
func (w *walker) bind(b *Bind) (map[string]any, error) {
	if !b.Kind.known() {
		return nil, &ValueError{Path: ".kind", Why: "not a known kind"}
	}
	if b.Realm == "" {
		return nil, &ValueError{Path: ".realm", Why: "empty"}
	}
	if err := w.text(b.Realm); err != nil {
		return nil, at(".realm", err)
	}
	if b.From == (SenderID{}) {
		return nil, &ValueError{Path: ".from", Why: "no sender: use NewSenderID"}
	}
	if b.N == 0 {
		return nil, &ValueError{Path: ".n", Why: "counters begin at 1"}
	}
	m := map[string]any{
		"v": int64(BindVersion), "kind": string(b.Kind), "realm": b.Realm,
		"from": b.From[:], "n": canonicalUint(b.N), "ts": b.TS,
	}
	if !b.Re.IsZero() {
		m["re"] = b.Re.bytes()
	}
	if b.Kind != KindPublish {
		m["seq"] = canonicalUint(b.Seq)
	}
	if b.Self {
		m["self"] = true
	}
	if b.Keep {
		m["keep"] = true
	}
	return m, nil
}

// bindFrom reads the wire's map.
func bindFrom(m map[string]any) (*Bind, error) {
	r := bindReader{m: m}
	b := &Bind{
		Kind:  Kind(r.text("kind")),
		Realm: r.text("realm"),
		From:  r.sender(),
		N:     r.count("n"),
		Re:    r.token(),
		Self:  r.flag("self"),
		Keep:  r.flag("keep"),
	}
	ts, ok := m["ts"].(int64)
	b.TS = ts
	r.want(ok)
	r.want(m["v"] == any(int64(BindVersion)))
	r.want(b.Kind.known())
	r.want(b.N >= 1)
	if b.Kind != KindPublish {
		b.Seq = r.count("seq")
	}
	if r.bad {
		return nil, malformed("bind has a missing or ill-typed field, or another version")
	}
	return b, nil
}

// bindReader reads fields and remembers whether any was wrong. It doesn't say
// which: that would be contents of the payload.
type bindReader struct {
	m   map[string]any
	bad bool
}

func (r *bindReader) want(ok bool) { r.bad = r.bad || !ok }

func (r *bindReader) text(key string) string {
	s, ok := r.m[key].(string)
	r.want(ok && s != "")
	return s
}

func (r *bindReader) count(key string) uint64 {
	switch n := r.m[key].(type) {
	case int64:
		r.want(n >= 0)
		return uint64(n)
	case uint64:
		return n
	}
	r.want(false)
	return 0
}

func (r *bindReader) sender() SenderID {
	b, ok := r.m["from"].([]byte)
	if !ok || len(b) != len(SenderID{}) {
		r.want(false)
		return SenderID{}
	}
	r.want(SenderID(b) != SenderID{})
	return SenderID(b)
}

func (r *bindReader) token() Token {
	v, present := r.m["re"]
	if !present {
		return Token{}
	}
	b, ok := v.([]byte)
	if !ok || len(b) == 0 || len(b) > maxToken {
		r.want(false)
		return Token{}
	}
	return newToken(b)
}

// flag reads what is either absent or a boolean.
func (r *bindReader) flag(key string) bool {
	v, present := r.m[key]
	if !present {
		return false
	}
	set, ok := v.(bool)
	r.want(ok)
	return set
}
