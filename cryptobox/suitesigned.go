package cryptobox

import (
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/recent"
)

// SignedParts is what one party holds of a key of suite [SuiteSigned] or [SuiteSignedPQ], for
// [NewSignedKey].
type SignedParts struct {
	Suite Suite
	// Sign signs what the party seals. Without it the party only reads, and its answers are
	// unsigned.
	Sign SigningKey
	// Seal is the public half of the reading key. With it the party publishes and calls.
	Seal ReadingPublicKey
	// Read is the reading key. With it the party opens publishes and calls, and answers.
	Read ReadingKey
	// Senders are those whose publishes and calls are opened, and Answerers those whose
	// answers are. Nobody else's are.
	Senders, Answerers []VerifyKey
	// AnyAnswerer takes an answer from whoever holds the reading key, and looks at no
	// signature of one.
	AnyAnswerer bool
	// SignedOnce signs a context once in place of each call and answer in it, and takes what
	// was signed so.
	SignedOnce bool
}

// Labels of suites 4 and 5.
const (
	contextLabel   = "wampbox-2" // begins the info of an HPKE context
	signatureLabel = "wampbox-signature-2\x00"
	tokenLabel     = "wampbox-token-2"
)

// maxSending is how many Sessions of a key have a context of their own at a time.
const maxSending = 256

// signing is what a SuiteKey of suite 4 or 5 does.
type signing struct {
	parts  SignedParts
	key    [sha256.Size]byte // hash of it
	info   []byte            // of every HPKE context
	own    Signer
	listed [Answer + 1]map[Signer]VerifyKey // who may sign, by direction

	mu      sync.Mutex
	sending recent.Map[SenderID, *sealContext] // the last context of each Session
	public  hpke.PublicKey                     // as it seals, nil before
	reading contextCache
}

// NewSignedKey makes a SuiteKey of suite [SuiteSigned] or [SuiteSignedPQ]. All parties must
// have the same reading key, or its public half, which the key's id is hashed from.
//
// The error is a *KeyError with [ErrKey] for parts that don't go together.
func NewSignedKey(parts SignedParts) (*SuiteKey, error) {
	s := &signing{parts: parts}
	public, err := parts.readingPublic()
	if err != nil {
		return nil, &KeyError{What: "signed key", Err: fmt.Errorf("%w: %w", ErrKey, err)}
	}
	for direction, keys := range map[Direction][]VerifyKey{Message: parts.Senders, Answer: parts.Answerers} {
		if s.listed[direction], err = bySigner(keys); err != nil {
			return nil, &KeyError{What: "signed key", Err: fmt.Errorf("%w: %w", ErrKey, err)}
		}
	}
	if !parts.Sign.IsZero() {
		s.own = parts.Sign.Public().Signer()
	}
	s.key = hashSigned(public)
	s.info = append(append([]byte(contextLabel), byte(parts.Suite)), s.key[:]...)
	return &SuiteKey{suite: parts.Suite, hash: s.key, signed: func() *signing { return s }}, nil
}

// readingPublic gives what the key is named by, or says which parts don't go together.
func (p *SignedParts) readingPublic() (ReadingPublicKey, error) {
	public, noSeal, noRead := p.Seal, p.Seal.IsZero(), p.Read.IsZero()
	if noSeal && !noRead {
		public = p.Read.Public()
	}
	switch {
	case !p.Suite.Signed():
		return public, fmt.Errorf("the suite %v isn't signed: use signed or signed-pq", p.Suite)
	case noSeal && noRead:
		return public, errors.New("neither Seal nor Read: give Seal with Sign to send, Read to receive")
	case public.Suite() != p.Suite || !noRead && p.Read.Suite() != p.Suite:
		return public, fmt.Errorf("Seal or Read isn't of suite %v", p.Suite)
	case !noSeal && !noRead && p.Read.Public() != p.Seal:
		return public, errors.New("Seal isn't the public half of Read")
	case !noSeal && p.Sign.IsZero():
		return public, errors.New("Seal without Sign: nobody takes what isn't signed")
	case p.AnyAnswerer && len(p.Answerers) > 0:
		return public, errors.New("there are Answerers, and AnyAnswerer is set: give one of both")
	}
	return public, nil
}

// bySigner finds keys by how they are named in messages.
func bySigner(keys []VerifyKey) (map[Signer]VerifyKey, error) {
	listed := make(map[Signer]VerifyKey, len(keys))
	for _, key := range keys {
		if key.IsZero() {
			return nil, errors.New("a key in a list is the zero value")
		}
		if _, twice := listed[key.Signer()]; twice {
			return nil, fmt.Errorf("the key %v is in a list twice", key)
		}
		listed[key.Signer()] = key
	}
	return listed, nil
}

// SignedID gives the id that a key has whose reading key has that public half.
func SignedID(public ReadingPublicKey) KeyID {
	hash := hashSigned(public)
	return KeyID(hash[:idSize])
}

func hashSigned(public ReadingPublicKey) [sha256.Size]byte {
	return hashKey(public.Suite(), public.Bytes())
}

// Signed tells whether messages of the suite are signed, and keys of it made by [NewSignedKey].
func (s Suite) Signed() bool { return s == SuiteSigned || s == SuiteSignedPQ }

// encapsulatedSize is that of the encapsulated key in a message, in bytes.
func (s Suite) encapsulatedSize() int { return readingKinds[s].encapsulatedSize }

// form is the one in which records of a kind are sealed.
func (s *signing) form(kind Kind) form {
	switch {
	case s.parts.Sign.IsZero():
		return formUnsigned
	case s.parts.SignedOnce && kind.once():
		return formOnce
	}
	return formSigned
}

func (s *signing) overhead(kind Kind) int {
	size := MinSealed + s.form(kind).front()
	if kind.Direction() == Message {
		size += s.parts.Suite.encapsulatedSize()
	}
	return size
}

// appendSignature appends what is signed of one message: before is all that stands before what
// is sealed.
func (s *signing) appendSignature(dst []byte, direction Direction, before, record []byte) []byte {
	open, sealed := sha256.Sum256(before), sha256.Sum256(record)
	dst = append(append(dst, signatureLabel...), byte(direction))
	dst = append(append(dst, s.key[:]...), open[:]...)
	return append(dst, sealed[:]...)
}

// token gives the one of a message, of what nobody but its sender could make.
func (s *signing) token(of ...[]byte) Token {
	named := make([]byte, 0, 128)
	named = append(append(named, tokenLabel...), s.key[:]...)
	for _, part := range of {
		named = append(named, part...)
	}
	sum := sha256.Sum256(named)
	return newToken(sum[:tokenSize])
}

// signatureIn is the one of forms 1 and 2.
func signatureIn(front []byte) []byte { return front[len(front)-ed25519.SignatureSize:] }
