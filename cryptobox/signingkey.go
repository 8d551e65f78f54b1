package cryptobox

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/shield"
)

// SigningKey is an Ed25519 private key (RFC 8032): 32 bytes, or a device that holds them. A
// party proves with it that a signed message is its own. The zero value holds no key and signs
// nothing. It can be copied freely and used by several goroutines. It prints and marshals like
// a [PrivateKey]: not at all.
type SigningKey struct {
	redacted[SigningKey]
	key    secret // nil of a device
	public VerifyKey
	signer func(message []byte) ([ed25519.SignatureSize]byte, error) // hidden as a secret is
}

// GenerateSigningKey makes a key from crypto/rand, which does not fail. Where its text is given
// in place of a [VerifyKey], it is refused: half of all 32 bytes are no point on the curve, and
// it is of those.
func GenerateSigningKey() SigningKey {
	seed := randomKey()
	for checkPoint(&seed) == nil {
		seed = randomKey()
	}
	k, err := newSigningKey(seed)
	if err != nil {
		panic(err) // one seed in 2^252 would give a key that is refused
	}
	return k
}

func newSigningKey(seed [keySize]byte) (SigningKey, error) {
	own := ed25519.NewKeyFromSeed(seed[:])
	public, err := NewVerifyKey(own[keySize:])
	if err != nil {
		return SigningKey{}, err
	}
	return SigningKey{key: newSecret(seed), public: public, signer: func(message []byte) ([ed25519.SignatureSize]byte, error) {
		return [ed25519.SignatureSize]byte(ed25519.Sign(own, message)), nil
	}}, nil
}

// ParseSigningKey reads a signing key as [SigningKey.UnsafeText] writes it: "ed25519:" and 44
// characters of standard base64 with padding. White space around it is ignored. The text of a
// [VerifyKey] looks the same: it is taken for another private key. The error is a *KeyError:
// [ErrKey], or [ErrWeakKey] for the all-zero key.
func ParseSigningKey(text string) (SigningKey, error) {
	b, err := parseEd25519(text)
	if err != nil {
		return SigningKey{}, &KeyError{What: "signing key", Err: err}
	}
	return NewSigningKey(b)
}

// NewSigningKey takes a copy of 32 bytes, which RFC 8032 calls the private key and Go the seed.
// The error is a *KeyError, as for [ParseSigningKey].
func NewSigningKey(seed []byte) (SigningKey, error) {
	k, err := keyBytes(seed)
	if err != nil {
		return SigningKey{}, &KeyError{What: "signing key", Err: err}
	}
	return newSigningKey(*k)
}

// NewSigningDevice makes a SigningKey of one that never leaves a device, whose Public is an
// [ed25519.PublicKey]. The device is asked for it now. It is asked to sign with each message
// that is signed: with options of Hash 0, and with at most a few hundred bytes, which it may
// keep. Several goroutines may do so at once. It should give up after a time of its own, as a
// message waits for it. Its errors are shown in logs.
//
// Signing returns a *KeyError that wraps [ErrDevice] and the device's own error where it fails,
// panics, or gives what is no signature by its public key. The next message asks it again.
//
// The error of NewSigningDevice is a *KeyError: [ErrKey] without a device and for a public key
// of another kind, [ErrDevice] if the device panics, else as for [NewVerifyKey].
func NewSigningDevice(signer crypto.Signer) (SigningKey, error) {
	if signer == nil {
		return SigningKey{}, &KeyError{What: "device", Err: fmt.Errorf("%w: nil in place of a crypto.Signer", ErrKey)}
	}
	var of crypto.PublicKey
	if err := shield.Run("a device's public key", func() { of = signer.Public() }); err != nil {
		return SigningKey{}, deviceFailed(err)
	}
	b, is := of.(ed25519.PublicKey)
	if !is {
		return SigningKey{}, &KeyError{What: "device's public key", Err: fmt.Errorf("%w: want an ed25519.PublicKey, got a %T", ErrKey, of)}
	}
	public, err := NewVerifyKey(b)
	if err != nil {
		return SigningKey{}, err
	}
	return SigningKey{public: public, signer: func(message []byte) ([ed25519.SignatureSize]byte, error) {
		return signByDevice(signer, public, message)
	}}, nil
}

// signByDevice takes no signature that others would refuse.
func signByDevice(signer crypto.Signer, public VerifyKey, message []byte) (signature [ed25519.SignatureSize]byte, err error) {
	var signed []byte
	theirs := bytes.Clone(message)
	if panicked := shield.Run("a device's Sign", func() { signed, err = signer.Sign(rand.Reader, theirs, crypto.Hash(0)) }); panicked != nil {
		err = panicked
	}
	if err != nil {
		return signature, deviceFailed(err)
	}
	if len(signed) != len(signature) {
		return signature, deviceFailed(fmt.Errorf("its signature has %d bytes, not %d", len(signed), len(signature)))
	}
	given := [ed25519.SignatureSize]byte(signed)
	if !public.verify(message, &given) {
		return signature, deviceFailed(errors.New("its signature isn't one by its public key"))
	}
	return given, nil
}

// Public gives the verify key that belongs to k. The zero SigningKey gives the zero VerifyKey.
func (k SigningKey) Public() VerifyKey { return k.public }

// IsZero reports whether k holds no key.
func (k SigningKey) IsZero() bool { return k.signer == nil }

// Equal reports whether both sign for the same [VerifyKey], be it in a device or not. Signing
// keys can't be compared with ==.
func (k SigningKey) Equal(other SigningKey) bool { return k.public == other.public }

// UnsafeBytes returns a copy of the 32 secret bytes, nil for the zero value and for a key in a
// device.
func (k SigningKey) UnsafeBytes() []byte { return k.key.copy() }

// UnsafeText is "ed25519:" and the 32 secret bytes in standard base64 with padding, and "" where
// UnsafeBytes is nil.
func (k SigningKey) UnsafeText() string { return k.key.text(typeEd25519) }

// sign gives k's signature of a message. The error is a *KeyError: [ErrKey] for the zero
// SigningKey, else [ErrDevice].
func (k SigningKey) sign(message []byte) ([ed25519.SignatureSize]byte, error) {
	if k.IsZero() {
		return [ed25519.SignatureSize]byte{}, &KeyError{What: "signing key", Err: fmt.Errorf("%w: a zero SigningKey", ErrKey)}
	}
	return k.signer(message)
}

// SignLabeled signs what is no message, such as a statement about keys: the signature is of the
// label, a zero byte and the content. The label tells what is signed, so that a signature of one
// thing is none of another. The error is a *KeyError: [ErrKey] for the zero SigningKey, for a label
// that is empty or has a zero byte, and for those of messages; else [ErrDevice].
func (k SigningKey) SignLabeled(label string, content []byte) ([ed25519.SignatureSize]byte, error) {
	if !goodLabel(label) {
		return [ed25519.SignatureSize]byte{}, &KeyError{What: "label of what is signed", Err: fmt.Errorf("%w: %.64q", ErrKey, label)}
	}
	return k.sign(labeled(label, content))
}

// goodLabel tells whether a label parts what is signed from all else, messages above all.
func goodLabel(label string) bool {
	return label != "" && !strings.Contains(label, "\x00") && label+"\x00" != signatureLabel && label+"\x00" != voucherLabel
}

func labeled(label string, content []byte) []byte {
	return slices.Concat([]byte(label), []byte{0}, content)
}
