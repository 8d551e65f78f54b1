package cryptobox

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"filippo.io/edwards25519"
)

const signerLabel = "wampbox-signer-2"

// VerifyKey is the public half of a [SigningKey]: an Ed25519 public key of 32 bytes (RFC 8032).
// It is never of small order and has one encoding, unless it is the zero value, which verifies
// nothing. It can be compared with ==, is a map key, and is no secret.
type VerifyKey struct{ b [keySize]byte }

// ParseVerifyKey reads a verify key as [VerifyKey.String] writes it: "ed25519:" and 44
// characters of standard base64 with padding. White space around it is ignored. The error is a
// *KeyError: [ErrWeakKey] for points of small order, [ErrKey] for anything else, for what isn't
// on the curve, and for a point's other encodings.
func ParseVerifyKey(text string) (VerifyKey, error) {
	b, err := parseEd25519(text)
	if err != nil {
		return VerifyKey{}, &KeyError{What: "verify key", Err: err}
	}
	return NewVerifyKey(b)
}

// NewVerifyKey takes a copy of 32 bytes. The error is a *KeyError, as for [ParseVerifyKey].
func NewVerifyKey(b []byte) (VerifyKey, error) {
	k, err := keyBytes(b)
	if err == nil {
		err = checkPoint(k)
	}
	if err != nil {
		return VerifyKey{}, &KeyError{What: "verify key", Err: err}
	}
	return VerifyKey{*k}, nil
}

// checkPoint refuses what crypto/ed25519 takes for a public key: points of small order, under
// which one signature fits many messages, and second encodings of a point (RFC 8032, section
// 5.1.3), which would give one key two names.
func checkPoint(k *[keySize]byte) error {
	point, err := new(edwards25519.Point).SetBytes(k[:])
	if err != nil {
		return fmt.Errorf("%w: not a point on the curve: it may be the private key", ErrKey)
	}
	if new(edwards25519.Point).MultByCofactor(point).Equal(edwards25519.NewIdentityPoint()) == 1 {
		return ErrWeakKey
	}
	if !bytes.Equal(point.Bytes(), k[:]) {
		return fmt.Errorf("%w: not the one encoding of its point", ErrKey)
	}
	return nil
}

// Bytes returns a copy of the 32 bytes.
func (k VerifyKey) Bytes() []byte { return k.b[:] }

// IsZero reports whether k holds no key.
func (k VerifyKey) IsZero() bool { return k == VerifyKey{} }

// String is "ed25519:" and the key in standard base64 with padding.
func (k VerifyKey) String() string { return typedText(typeEd25519, k.b[:]) }

// MarshalText is String; the zero key is a *KeyError with [ErrWeakKey].
func (k VerifyKey) MarshalText() ([]byte, error) {
	if k.IsZero() {
		return nil, &KeyError{What: "verify key", Err: ErrWeakKey}
	}
	return []byte(k.String()), nil
}

// UnmarshalText is [ParseVerifyKey]. On an error k stays as it was.
func (k *VerifyKey) UnmarshalText(text []byte) error {
	parsed, err := ParseVerifyKey(string(text))
	if err != nil {
		return err
	}
	*k = parsed
	return nil
}

// Signer gives the name by which messages tell who signed them. The zero VerifyKey gives the
// zero Signer.
func (k VerifyKey) Signer() Signer {
	if k.IsZero() {
		return Signer{}
	}
	hash := sha256.Sum256(append([]byte(signerLabel), k.b[:]...))
	return Signer(hash[:len(Signer{})])
}

// verify reports whether the signature is one by k of the message. The zero value of k is a
// point of small order: it verifies nothing.
func (k VerifyKey) verify(message []byte, signature *[ed25519.SignatureSize]byte) bool {
	return !k.IsZero() && ed25519.Verify(k.b[:], message, signature[:])
}

// VerifyLabeled reports whether the signature is one that [SigningKey.SignLabeled] gave.
func (k VerifyKey) VerifyLabeled(label string, content []byte, signature [ed25519.SignatureSize]byte) bool {
	return goodLabel(label) && k.verify(labeled(label, content), &signature)
}

// Signer names a [VerifyKey] in messages. It proves nothing, and is no secret.
type Signer [16]byte

// String is the name in hex.
func (s Signer) String() string { return hex.EncodeToString(s[:]) }
