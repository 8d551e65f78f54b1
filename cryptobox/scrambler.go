package cryptobox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"hash"
	"strings"
	"sync"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// Scrambler gives the URIs below a prefix the form in which routers see them (docs/FORMAT.md,
// "Scrambled URIs"). The prefix stays as it is. Each component behind it becomes 16 characters, which
// depend on the secret, the realm, the prefix, the place of the component and the component
// itself. Empty components stay empty, so that the texts of prefixes that end with a dot, and of
// wildcards, match what they matched before. It is safe for use by several goroutines.
type Scrambler struct {
	prefix string
	begin  func() *scrambling
	// scratch holds *scrambling.
	scratch sync.Pool
}

// A component's place is counted from 0 behind the prefix. Its scrambled form is base32 in lower
// case of the first scrambledBytes of HMAC-SHA-256 under the secret, of the label, a zero byte,
// and the CBOR list of realm, prefix, place and component.
const (
	scrambleLabel  = "wampbox-uri-1\x00"
	scrambledBytes = 10

	// ScrambledLength is that of a scrambled component, in characters.
	ScrambledLength = 16
)

// componentText is base32 of RFC 4648, in lower case.
var componentText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// scrambling is what a goroutine needs for it.
type scrambling struct {
	mac     hash.Hash
	message []byte // begins with what holds for all components
	sum     [sha256.Size]byte
}

// NewScrambler makes the Scrambler of a prefix, which ends with a dot, in a realm. The error is a
// *KeyError for the zero secret.
func NewScrambler(secret ScrambleSecret, realm, prefix string) (*Scrambler, error) {
	if err := secret.check(); err != nil {
		return nil, err
	}
	head := codec.AppendCBORList([]byte(scrambleLabel), 4)
	head = codec.AppendCBORText(codec.AppendCBORText(head, realm), prefix)
	s := &Scrambler{prefix: prefix}
	s.begin = func() *scrambling {
		return &scrambling{mac: hmac.New(sha256.New, secret.key()[:]), message: head[:len(head):len(head)]}
	}
	return s, nil
}

// Scramble gives a URI, or the text of a pattern, in its scrambled form. What doesn't begin with
// the prefix is given back as it is.
func (s *Scrambler) Scramble(uri string) string {
	rest, within := strings.CutPrefix(uri, s.prefix)
	if !within || rest == "" {
		return uri
	}
	w, used := s.scratch.Get().(*scrambling)
	if !used {
		w = s.begin()
	}
	defer s.keep(w)
	out := make([]byte, len(s.prefix), len(s.prefix)+(strings.Count(rest, ".")+1)*(ScrambledLength+1))
	copy(out, s.prefix)
	for place, more := uint64(0), true; more; place++ {
		var component string
		component, rest, more = strings.Cut(rest, ".")
		if component != "" {
			out = w.component(out, place, component)
		}
		if more {
			out = append(out, '.')
		}
	}
	return string(out)
}

// maxScratch bounds what is kept of a scrambling, in bytes: a component may be of any length.
const maxScratch = 4096

// keep has the next one use what this one needed.
func (s *Scrambler) keep(w *scrambling) {
	if cap(w.message) <= maxScratch {
		s.scratch.Put(w)
	}
}

// component appends that at a place.
func (w *scrambling) component(dst []byte, place uint64, component string) []byte {
	fixed := len(w.message)
	w.message = codec.AppendCBORText(codec.AppendCBORUint(w.message, place), component)
	w.mac.Reset()
	_, _ = w.mac.Write(w.message) // a hash has no error
	w.message = w.message[:fixed]
	return componentText.AppendEncode(dst, w.mac.Sum(w.sum[:0])[:scrambledBytes])
}
