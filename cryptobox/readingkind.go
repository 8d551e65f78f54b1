package cryptobox

import (
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/mlkem"
	"fmt"
)

// readingKind is what HPKE's key pairs of a suite are. Their public keys and encapsulated keys
// end with an X25519 key.
type readingKind struct {
	keyType          string
	kem              hpke.KEM
	publicSize       int
	encapsulatedSize int
}

var readingKinds = map[Suite]readingKind{
	SuiteSigned:   {typeX25519, hpke.DHKEM(ecdh.X25519()), keySize, keySize},
	SuiteSignedPQ: {typeXWing, hpke.MLKEM768X25519(), mlkem.EncapsulationKeySize768 + keySize, mlkem.CiphertextSize768 + keySize},
}

// reading gives what reading keys of s are. The error is an [ErrKey].
func (s Suite) reading() (readingKind, error) {
	kind, is := readingKinds[s]
	if !is {
		return readingKind{}, fmt.Errorf("%w: suite %v has no reading keys: use signed or signed-pq", ErrKey, s)
	}
	return kind, nil
}

// parseReading tells a reading key's suite by its text's type.
func parseReading(text string) (Suite, string, error) {
	keyType, encoded, err := parseType(text, typeX25519, typeXWing)
	if err != nil {
		return 0, "", err
	}
	if keyType == typeX25519 {
		return SuiteSigned, encoded, nil
	}
	return SuiteSignedPQ, encoded, nil
}

// newSender begins a context of HPKE: RFC 9180, section 5.1.1, base mode, HKDF-SHA256,
// export-only.
func newSender(public hpke.PublicKey, info []byte) ([]byte, *hpke.Sender, error) {
	encapsulated, sender, err := hpke.NewSender(public, hpke.HKDFSHA256(), hpke.ExportOnly(), info)
	if err != nil {
		return nil, nil, &KeyError{What: "reading public key", Err: primitiveFailed(err)}
	}
	return encapsulated, sender, nil
}

// newRecipient joins the context that [newSender] began.
func newRecipient(encapsulated []byte, own hpke.PrivateKey, info []byte) (*hpke.Recipient, error) {
	return hpke.NewRecipient(encapsulated, own, hpke.HKDFSHA256(), hpke.ExportOnly(), info)
}

// lastPoint is the X25519 key at the end.
func lastPoint(b []byte) *[keySize]byte { return (*[keySize]byte)(b[len(b)-keySize:]) }
