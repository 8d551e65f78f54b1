package cryptobox

import (
	"crypto/sha256"
	"fmt"
)

// TEMPORARY: to be deleted when NewSignedKey itself is here. It has the signatures and the
// refusals of the contract, and makes keys that have an id and seal nothing.

// SignedParts is what a party holds of a signed key.
type SignedParts struct {
	Suite                   Suite
	Sign                    SigningKey
	Seal                    ReadingPublicKey
	Read                    ReadingKey
	Senders, Answerers      []VerifyKey
	AnyAnswerer, SignedOnce bool
}

// NewSignedKey makes a SuiteKey of suite SuiteSigned or SuiteSignedPQ.
func NewSignedKey(p SignedParts) (*SuiteKey, error) {
	public := p.Seal
	if !p.Read.IsZero() {
		public = p.Read.Public()
	}
	switch {
	case p.Suite != SuiteSigned && p.Suite != SuiteSignedPQ:
		return nil, fmt.Errorf("%w: suite %v is none of a signed key: use signed or signed-pq", ErrKey, p.Suite)
	case p.Sign.IsZero() && public.IsZero():
		return nil, fmt.Errorf("%w: it has none of Sign, Seal and Read: give Sign and Seal to send, Read to receive", ErrKey)
	case public.IsZero():
		return nil, fmt.Errorf("%w: Sign alone does nothing: give Seal too, or Read", ErrKey)
	case !p.Seal.IsZero() && p.Sign.IsZero():
		return nil, fmt.Errorf("%w: Seal without Sign: give Sign too", ErrKey)
	case public.Suite() != p.Suite:
		return nil, fmt.Errorf("%w: the suite is %v, and the reading key is for %v", ErrKey, p.Suite, public.Suite())
	case !p.Seal.IsZero() && p.Seal != public:
		return nil, fmt.Errorf("%w: Seal isn't the public key of Read", ErrKey)
	case p.AnyAnswerer && len(p.Answerers) > 0:
		return nil, fmt.Errorf("%w: AnyAnswerer together with Answerers: give one of them", ErrKey)
	}
	for _, list := range [][]VerifyKey{p.Senders, p.Answerers} {
		known := make(map[Signer]bool, len(list))
		for _, key := range list {
			if signer := key.Signer(); known[signer] {
				return nil, fmt.Errorf("%w: a verify key twice in a list, or two with one signer", ErrKey)
			} else {
				known[signer] = true
			}
		}
	}
	return &SuiteKey{suite: p.Suite, hash: hashSigned(public)}, nil
}

// SignedID gives the id that a signed key has.
func SignedID(k ReadingPublicKey) KeyID {
	hash := hashSigned(k)
	return KeyID(hash[:idSize])
}

func hashSigned(k ReadingPublicKey) [sha256.Size]byte { return hashKey(k.Suite(), k.Bytes()) }
