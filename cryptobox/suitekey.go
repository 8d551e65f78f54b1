package cryptobox

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
)

// Labels of what a key's id is hashed from.
const (
	keyIDLabel  = "wampbox-kid-2"
	sharedLabel = "wampbox-id-2"
)

// SuiteKey seals and opens in one suite. It is made by [NewPairKey], [NewSharedKey] or
// [NewSignedKey]; the zero SuiteKey returns [ErrKey]. Several goroutines may use it.
//
// It prints as its type's name with every verb, and refuses to be marshalled.
type SuiteKey struct {
	redacted[SuiteKey]
	suite   Suite
	hash    [sha256.Size]byte // of which the id is the first half
	ciphers ciphers           // of suites 1 to 3
	signed  func() *signing   // of suites 4 and 5
}

// NewPairKey makes a SuiteKey of the secret that the pair of an originator and a responder
// shares, and of the public keys of both. The secret isn't computed before the first message.
//
// The error is [ErrKey] for a zero Box, or if the suite isn't [SuiteBox] or [SuiteXBox].
func NewPairKey(suite Suite, secret *Box, originator, responder PublicKey) (*SuiteKey, error) {
	if secret.isZero() {
		return nil, errZeroBox()
	}
	k := &SuiteKey{suite: suite, hash: hashPair(suite, originator, responder)}
	switch suite {
	case SuiteBox:
		k.ciphers = boxCiphers(secret.key)
	case SuiteXBox:
		k.ciphers = xchachaCiphers(secret.key, suite, k.hash)
	default:
		return nil, fmt.Errorf("%w: suite %v is not one of a pair of keys: use box or xbox", ErrKey, suite)
	}
	return k, nil
}

// NewSharedKey makes a SuiteKey of suite [SuiteShared] of a symmetric key. Every holder can
// seal as any other. The error is a *KeyError with [ErrWeakKey] if the key is zero.
func NewSharedKey(key SymmetricKey) (*SuiteKey, error) {
	if key.IsZero() {
		return nil, &KeyError{What: "symmetric key", Err: ErrWeakKey}
	}
	hash := hashShared(key)
	return &SuiteKey{suite: SuiteShared, hash: hash, ciphers: xchachaCiphers(key.key.source(), SuiteShared, hash)}, nil
}

// PairID gives the id that the key of a pair has in a suite. With 0 it gives the id that
// people see in Autobahn's dialect, which itself has none.
func PairID(suite Suite, originator, responder PublicKey) KeyID {
	hash := hashPair(suite, originator, responder)
	return KeyID(hash[:idSize])
}

// SharedID gives the id that a symmetric key has in suite [SuiteShared].
func SharedID(key SymmetricKey) KeyID {
	hash := hashShared(key)
	return KeyID(hash[:idSize])
}

func hashPair(suite Suite, originator, responder PublicKey) [sha256.Size]byte {
	return hashKey(suite, originator.b[:], responder.b[:])
}

func hashShared(key SymmetricKey) [sha256.Size]byte {
	mac := hmac.New(sha256.New, key.key()[:])
	_, _ = mac.Write([]byte(sharedLabel)) // a hash has no error
	return hashKey(SuiteShared, mac.Sum(nil))
}

// hashKey gives what names a key in one suite.
func hashKey(suite Suite, of ...[]byte) [sha256.Size]byte {
	named := append([]byte(keyIDLabel), byte(suite))
	return sha256.Sum256(append(named, bytes.Join(of, nil)...))
}

// Suite is the one that k is for; 0 for the zero SuiteKey.
func (k *SuiteKey) Suite() Suite {
	if k == nil {
		return 0
	}
	return k.suite
}

// ID names k. An id belongs to one key in one suite.
func (k *SuiteKey) ID() KeyID {
	if k == nil {
		return KeyID{}
	}
	return KeyID(k.hash[:idSize])
}

// Overhead is by how many bytes a message of that kind is longer than its record, as k seals it.
func (k *SuiteKey) Overhead(kind Kind) int {
	if k == nil || k.signed == nil {
		return MinSealed
	}
	return k.signed().overhead(kind)
}

func (k *SuiteKey) isZero() bool { return k == nil || k.ciphers == nil && k.signed == nil }
