package cryptobox

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"io"
	"sync/atomic"
)

// AESGCM seals with AES-256-GCM (NIST SP 800-38D), for peers that have no
// other algorithm: a [Box] has no limit that a program meets, and needs no
// count. It is made by [NewAESGCM]; the zero AESGCM returns [ErrKey]. Several
// goroutines may use it.
//
// Its nonces are random and have 96 bits, so a key may seal at most 2^32 times, all its
// holders and all runs of their programs taken together (SP 800-38D, section 8.3). Each
// [SymmetricKey], with all copies of it and every AESGCM made of them, counts its seals: at
// 2^32 sealing becomes [ErrExhausted]. A key that is read twice counts twice. The count knows
// nothing of what others seal, or of what was sealed before this run. So read a key once, and
// if many seal with it, take a new one long before the limit.
//
// It hides its key as a [PrivateKey] does.
type AESGCM struct {
	redacted[AESGCM]
	// state is behind a func value as a secret is, since the expanded key
	// begins with the key.
	state func() *gcm
}

type gcm struct {
	aead  cipher.AEAD
	seals *atomic.Uint64 // the key's, begun so far; 64 bits are never counted to their end
}

var _ Cipher = (*AESGCM)(nil)

// NewAESGCM makes an AESGCM of a symmetric key, which should serve no other
// algorithm. The error is a *KeyError: [ErrWeakKey] if the key is zero, or
// [ErrPrimitive].
func NewAESGCM(key SymmetricKey) (*AESGCM, error) {
	if key.IsZero() {
		return nil, &KeyError{What: "symmetric key", Err: ErrWeakKey}
	}
	aead, err := newGCM(key)
	if err != nil {
		return nil, &KeyError{What: "symmetric key", Err: primitiveFailed(err)}
	}
	state := &gcm{aead: aead, seals: key.seals}
	return &AESGCM{state: func() *gcm { return state }}, nil
}

func newGCM(key SymmetricKey) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key.key()[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Algorithm is [AlgorithmAESGCM].
func (c *AESGCM) Algorithm(Dialect) string { return AlgorithmAESGCM }

// Overhead is 28: a nonce of 12 bytes and a tag of 16.
func (c *AESGCM) Overhead() int { return gcmOverhead }

// Seal returns nonce (12 bytes), ciphertext and tag (16), without associated
// data, under a fresh random nonce. The result is 28 bytes longer than
// plaintext, which is not changed.
//
// Errors: [ErrExhausted] after 2^32 times, [ErrTooLarge] beyond [MaxPayload]
// bytes, [ErrKey] for the zero AESGCM.
func (c *AESGCM) Seal(plaintext []byte) ([]byte, error) {
	return c.seal(systemRandom(), nil, plaintext)
}

// Open returns the plaintext of what Seal made, here or at another holder of
// the key. It neither changes nor keeps sealed, and goes on when Seal is
// exhausted.
//
// Errors: [ErrOpen] whenever it does not authenticate, [ErrTooLarge] if its
// plaintext would be beyond [MaxPayload] bytes, [ErrKey] for the zero AESGCM.
func (c *AESGCM) Open(sealed []byte) ([]byte, error) { return c.open(nil, sealed) }

func (c *AESGCM) seal(random io.Reader, dst, plaintext []byte) ([]byte, error) {
	if c.isZero() {
		return nil, errZeroAESGCM()
	}
	if len(plaintext) > MaxPayload {
		return nil, tooLarge("plaintext beyond MaxPayload")
	}
	state := c.state()
	// Counted before it is done: of many callers at the limit none slips by.
	if state.seals.Add(1) > maxGCMSeals {
		return nil, fmt.Errorf("%w (%s: 2^32 payloads)", ErrExhausted, AlgorithmAESGCM)
	}
	if dst == nil {
		dst = make([]byte, 0, gcmOverhead+len(plaintext))
	}
	dst, err := appendNonce(dst, random, gcmNonceSize)
	if err != nil {
		return nil, err
	}
	return state.aead.Seal(dst, dst[len(dst)-gcmNonceSize:], plaintext, nil), nil
}

func (c *AESGCM) open(dst, sealed []byte) ([]byte, error) {
	if c.isZero() {
		return nil, errZeroAESGCM()
	}
	if len(sealed) < gcmOverhead {
		return nil, ErrOpen
	}
	if len(sealed) > gcmOverhead+MaxPayload {
		return nil, tooLarge("payload beyond MaxPayload")
	}
	plaintext, err := c.state().aead.Open(dst, sealed[:gcmNonceSize], sealed[gcmNonceSize:], nil)
	if err != nil {
		return nil, ErrOpen
	}
	return plaintext, nil
}

func (c *AESGCM) token(sealed []byte) Token {
	if len(sealed) < gcmOverhead {
		return Token{}
	}
	return newToken(sealed[:gcmNonceSize])
}

func (c *AESGCM) isZero() bool { return c == nil || c.state == nil }

func errZeroAESGCM() error { return fmt.Errorf("%w: a zero AESGCM: make it with NewAESGCM", ErrKey) }
