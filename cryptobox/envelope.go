package cryptobox

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Envelope is what travels: a sealed record, and in clear what the other end
// needs to open it. The router sees, and may change, all four fields; only
// what Payload holds is authenticated.
//
// An Envelope prints as its type's name and refuses to be marshalled: framings
// put its fields where they belong. (From an unexported field of another struct
// fmt prints what a router sees anyway.)
type Envelope struct {
	redacted[Envelope]

	Algorithm  string     // 1 to 64 bytes, as Cipher.Algorithm
	Serializer Serializer // of the record inside
	KeyID      string     // which key; may be empty; at most MaxKeyID bytes
	Payload    []byte     // as Cipher seals; a Box: nonce (24 bytes), tag (16), ciphertext
}

// Validate checks that e is within the bounds of an Envelope. It says nothing
// of whether the payload opens.
//
// Errors: [ErrMalformed] for an algorithm that is not 1 to 64 bytes, a key id
// beyond [MaxKeyID], either with invalid UTF-8 or control characters, or no
// payload; [ErrSerializer]; [ErrTooLarge] for the payload.
func (e *Envelope) Validate() error {
	switch {
	case e == nil:
		return malformed("no envelope")
	case e.Algorithm == "" || len(e.Algorithm) > maxAlgorithm || !clean(e.Algorithm):
		return malformed("the algorithm is not 1 to 64 bytes of printable text")
	case !e.Serializer.known():
		return ErrSerializer
	case len(e.KeyID) > MaxKeyID || !clean(e.KeyID):
		return malformed("the key id is not up to MaxKeyID bytes of printable text")
	case len(e.Payload) == 0:
		return malformed("no payload")
	case len(e.Payload) > MaxPayload+maxOverhead:
		return tooLarge("payload beyond MaxPayload")
	}
	return nil
}

// clean reports whether s may be shown in a log.
func clean(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// Seal serializes rec, seals it and names what it was sealed with. The Token
// stands for this payload; a peer gets an equal one from [Open]. rec is
// neither changed nor kept.
//
// Errors: [ErrKey] without a Cipher, those of [Serializer.Encode] and of the
// Cipher, and [ErrMalformed] for the key id. Envelope and Token are then zero.
func Seal(c Cipher, s Serializer, keyID string, rec *Record) (*Envelope, Token, error) {
	if c == nil {
		return nil, Token{}, fmt.Errorf("%w: no Cipher", ErrKey)
	}
	ws := newWorkspace()
	defer ws.release()
	if err := ws.encode(s, rec); err != nil {
		return nil, Token{}, err
	}
	payload, err := c.seal(systemRandom(), nil, ws.plaintext)
	if err != nil {
		return nil, Token{}, err
	}
	env := &Envelope{Algorithm: c.Algorithm(), Serializer: s, KeyID: keyID, Payload: payload}
	if err := env.Validate(); err != nil {
		return nil, Token{}, err
	}
	return env, c.token(payload), nil
}

// Open opens what [Seal] made, here or at the other end. The KeyID is not
// looked at: it has served to find c. env is neither changed nor kept.
//
// The Serializer stands outside what is authenticated, yet a changed one
// gives no other record: no first byte begins a map in two of the three.
//
// A Box of a key pair also opens what is named [AlgorithmSecretBox]: payload
// passthru mode has no name for boxes. That is no downgrade: both names stand
// for the same function under the same key, and the pair's shared key serves
// no other. A Box of a symmetric key doesn't open what is named
// [AlgorithmBox]: its holder has no pair.
//
// Errors: [ErrAlgorithm] if env names an algorithm that c doesn't open, before
// all else; those of [Envelope.Validate]; [ErrOpen]; and those of
// [Serializer.Decode], which come after authentication: such a payload was
// sealed by a holder of the key. Record and Token are then zero.
func Open(c Cipher, env *Envelope) (*Record, Token, error) {
	if c == nil {
		return nil, Token{}, fmt.Errorf("%w: no Cipher", ErrKey)
	}
	if env == nil {
		return nil, Token{}, malformed("no envelope")
	}
	if !opens(c, env.Algorithm) {
		return nil, Token{}, ErrAlgorithm
	}
	if err := env.Validate(); err != nil {
		return nil, Token{}, err
	}
	ws := newWorkspace()
	defer ws.release()
	plaintext, err := c.open(ws.plaintext, env.Payload)
	if err != nil {
		return nil, Token{}, err
	}
	ws.plaintext = plaintext
	rec, err := ws.decode(env.Serializer, plaintext)
	if err != nil {
		return nil, Token{}, err
	}
	return rec, c.token(env.Payload), nil
}
