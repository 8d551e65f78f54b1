package cryptobox

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	//lint:ignore SA1019 nacl/box itself takes HSalsa20 from here, and shows it nowhere else.
	"golang.org/x/crypto/salsa20/salsa"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/shield"
)

// Device holds an X25519 private key and computes with it: a hardware module,
// an agent in another process, a key service. The private key never leaves it.
// A program implements it for what it has, and makes a [Box] of it by
// [NewDeviceBox].
//
// What does leave it is the secret of one pair of keys. Whoever reads this program's memory
// can open and make the payloads of that pair, until one of its keys is replaced. Unlike with
// a stolen private key, they can't do so for another pair.
//
// The methods may be called from several goroutines at once.
type Device interface {
	// Public gives the public key that belongs to the private one. It is
	// always the same, and doesn't wait: a Device asks for it when it is opened.
	Public() PublicKey

	// ECDH gives X25519(private key, peer) (RFC 7748, section 6.1): the 32
	// bytes as the function gives them, not hashed. The slice is the caller's,
	// who overwrites it. ECDH should give up after a time of its own, as a
	// message waits for it. Its errors are shown in logs.
	ECDH(peer PublicKey) ([]byte, error)
}

// NewDeviceBox is [NewBox] for a private key that is in a [Device]. The Box
// equals the one of [NewBox] and the same keys: its key is HSalsa20 of the
// shared secret, as in NaCl's crypto_box_beforenm.
//
// NewDeviceBox does not ask the device for the secret. The first Seal or Open
// does, once for all who wait for it; from then on the Box needs no device. If
// that fails it returns a *KeyError that wraps [ErrDevice] and the device's own
// error, or [ErrWeakKey] where the secret is all zero, and the next Seal or
// Open asks again.
//
// The error is a *KeyError: [ErrKey] without a device, [ErrWeakKey] if a public
// key is zero, [ErrDevice] if the device panics.
func NewDeviceBox(device Device, peer PublicKey) (*Box, error) {
	if device == nil {
		return nil, &KeyError{What: "device", Err: fmt.Errorf("%w: nil in place of a Device", ErrKey)}
	}
	var public PublicKey
	if err := shield.Run("a device's public key", func() { public = device.Public() }); err != nil {
		return nil, deviceFailed(err)
	}
	if public.IsZero() {
		return nil, &KeyError{What: "device's public key", Err: ErrWeakKey}
	}
	if peer.IsZero() {
		return nil, &KeyError{What: "public key", Err: ErrWeakKey}
	}
	return &Box{key: agreement(func() (*[keySize]byte, error) { return agree(device, peer) })}, nil
}

// errAbandoned is what those get who wait while a device ends the goroutine that asks it.
var errAbandoned = deviceFailed(errors.New("it ended the goroutine that asked"))

// attempt is one exchange, and who waits for it.
type attempt struct {
	done chan struct{}
	key  *[keySize]byte
	err  error
}

// agreement gives a source that keeps the key of a pair once exchange has given
// it, and forgets failures. It hides all in a closure, as newSecret.
func agreement(exchange func() (*[keySize]byte, error)) source {
	var (
		known   atomic.Pointer[[keySize]byte]
		mu      sync.Mutex
		current *attempt // nil when nobody waits
	)
	return func() (*[keySize]byte, error) {
		if k := known.Load(); k != nil {
			return k, nil
		}
		mu.Lock()
		if k := known.Load(); k != nil {
			mu.Unlock()
			return k, nil
		}
		if a := current; a != nil {
			// All who come meanwhile share the outcome: a device that is slow
			// to fail is asked once, not once for each of them in turn.
			mu.Unlock()
			<-a.done
			return a.key, a.err
		}
		a := &attempt{done: make(chan struct{}), err: errAbandoned}
		current = a
		mu.Unlock()
		defer func() {
			mu.Lock()
			known.Store(a.key)
			current = nil
			mu.Unlock()
			close(a.done)
		}()
		a.key, a.err = exchange()
		return a.key, a.err
	}
}

// agree asks a device for the key that NaCl's crypto_box_beforenm computes.
func agree(device Device, peer PublicKey) (*[keySize]byte, error) {
	var secret []byte
	var err error
	if panicked := shield.Run("a device's ECDH", func() { secret, err = device.ECDH(peer) }); panicked != nil {
		err = panicked
	}
	defer clear(secret)
	if err != nil {
		return nil, deviceFailed(err)
	}
	if len(secret) != keySize {
		return nil, deviceFailed(fmt.Errorf("its shared secret has %d bytes, not %d", len(secret), keySize))
	}
	// A public key of low order was refused when it was read; a device that
	// gives the secret of one all the same is broken or made up.
	if allZero(secret) {
		return nil, &KeyError{What: "device's shared secret", Err: ErrWeakKey}
	}
	return beforenm(secret), nil
}

// beforenm is the hash in NaCl's crypto_box_beforenm, of a secret of 32 bytes.
func beforenm(secret []byte) *[keySize]byte {
	key, in := [keySize]byte(secret), [16]byte{}
	salsa.HSalsa20(&key, &in, &key, &salsa.Sigma)
	return &key
}

// deviceFailed wraps what a device says for both to be found.
func deviceFailed(err error) error {
	return &KeyError{What: "device", Err: fmt.Errorf("%w: %w", ErrDevice, err)}
}
