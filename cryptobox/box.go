package cryptobox

import (
	"fmt"
	"io"

	"golang.org/x/crypto/nacl/secretbox"
)

// Box seals under a key that was computed once. It is made by [NewBox],
// [NewDeviceBox] or [NewSecretBox]; the zero Box returns [ErrKey]. Several
// goroutines may use it.
//
// It hides its key as a [PrivateKey] does.
type Box struct {
	redacted[Box]
	key source
}

var _ Cipher = (*Box)(nil)

// NewBox makes a Box of a private key and the other party's public key. Its key
// is NaCl's crypto_box_beforenm, computed once, by the first Seal or Open. Both
// parties get the same one, so a Box also opens what itself has sealed: NaCl
// authenticates the pair, not the person.
//
// The error is a *KeyError with [ErrWeakKey] if one of the keys is zero.
func NewBox(private PrivateKey, peer PublicKey) (*Box, error) {
	if private.IsZero() {
		return nil, &KeyError{What: "private key", Err: ErrWeakKey}
	}
	if peer.IsZero() {
		return nil, &KeyError{What: "public key", Err: ErrWeakKey}
	}
	return &Box{key: agreement(func() (*[keySize]byte, error) {
		secret, err := private.ecdh(peer)
		defer clear(secret)
		if err != nil {
			return nil, &KeyError{What: "key exchange", Err: primitiveFailed(err)}
		}
		return beforenm(secret), nil
	})}, nil
}

// NewSecretBox makes a Box of a symmetric key. The error is a *KeyError with
// [ErrWeakKey] if the key is zero.
func NewSecretBox(key SymmetricKey) (*Box, error) {
	if key.IsZero() {
		return nil, &KeyError{What: "symmetric key", Err: ErrWeakKey}
	}
	return &Box{key: key.key.source()}, nil
}

// Algorithm is [AlgorithmSecretBox] in payload passthru mode, whose names are those of
// functions of a shared key, and [AlgorithmBox] elsewhere.
func (b *Box) Algorithm(d Dialect) string {
	if d == Passthru {
		return AlgorithmSecretBox
	}
	return AlgorithmBox
}

// Overhead is 40: a nonce of 24 bytes and a tag of 16.
func (b *Box) Overhead() int { return boxOverhead }

// Seal returns nonce (24 bytes), tag (16) and ciphertext, under a fresh random
// nonce. The result is 40 bytes longer than plaintext, which is not changed.
//
// Errors: [ErrTooLarge] beyond [MaxPayload] bytes, [ErrKey] for the zero Box,
// and those of a device (see [NewDeviceBox]).
func (b *Box) Seal(plaintext []byte) ([]byte, error) {
	return b.seal(systemRandom(), nil, plaintext)
}

// Open returns the plaintext of what Seal made, here or at the other end. It
// neither changes nor keeps sealed.
//
// Errors: [ErrOpen] whenever it does not authenticate, [ErrTooLarge] if its
// plaintext would be beyond [MaxPayload] bytes, [ErrKey] for the zero Box, and
// those of a device (see [NewDeviceBox]).
func (b *Box) Open(sealed []byte) ([]byte, error) { return b.open(nil, sealed) }

func (b *Box) seal(random io.Reader, dst, plaintext []byte) ([]byte, error) {
	if b.isZero() {
		return nil, errZeroBox()
	}
	if len(plaintext) > MaxPayload {
		return nil, tooLarge("plaintext beyond MaxPayload")
	}
	key, err := b.key()
	if err != nil {
		return nil, err
	}
	if dst == nil {
		dst = make([]byte, 0, boxOverhead+len(plaintext))
	}
	dst, err = appendNonce(dst, random, nonceSize)
	if err != nil {
		return nil, err
	}
	nonce := [nonceSize]byte(dst[len(dst)-nonceSize:])
	return secretbox.Seal(dst, plaintext, &nonce, key), nil
}

func (b *Box) open(dst, sealed []byte) ([]byte, error) {
	if b.isZero() {
		return nil, errZeroBox()
	}
	if len(sealed) < boxOverhead {
		return nil, ErrOpen
	}
	if len(sealed) > boxOverhead+MaxPayload {
		return nil, tooLarge("payload beyond MaxPayload")
	}
	key, err := b.key()
	if err != nil {
		return nil, err
	}
	nonce := [nonceSize]byte(sealed)
	plaintext, ok := secretbox.Open(dst, sealed[nonceSize:], &nonce, key)
	if !ok {
		return nil, ErrOpen
	}
	return plaintext, nil
}

func (b *Box) token(sealed []byte) Token {
	if len(sealed) < boxOverhead {
		return Token{}
	}
	return newToken(sealed[:nonceSize])
}

func (b *Box) isZero() bool { return b == nil || b.key == nil }

func errZeroBox() error {
	return fmt.Errorf("%w: a zero Box: make it with NewBox, NewDeviceBox or NewSecretBox", ErrKey)
}
