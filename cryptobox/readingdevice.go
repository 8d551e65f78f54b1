package cryptobox

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/mlkem"
	"errors"
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/shield"
)

// readingDevice is what holds a private key, and the public one that it told when it was made.
type readingDevice struct {
	exchange ecdh.KeyExchanger
	pq       crypto.Decapsulator // nil in SuiteSigned
	point    *ecdh.PublicKey
	encaps   *mlkem.EncapsulationKey768
}

// NewReadingDevice makes a ReadingKey of one that never leaves a device. The device of
// [SuiteSigned] is an X25519 key exchanger, and pq is nil. For [SuiteSignedPQ], pq holds the
// ML-KEM-768 key, perhaps in another device or in this program. They are asked for their public
// keys now, and for one secret with each exchange that a sender begins: seldom more than one an
// hour, sender and pattern. Several goroutines may do so at once. A device should give up after
// a time of its own, as a message waits for it. Its errors are shown in logs. The slices that it
// gives are overwritten.
//
// Opening returns a *KeyError that wraps [ErrDevice] and the device's own error where it fails,
// panics, or gives what is no secret. The next message asks it again.
//
// The error of NewReadingDevice is a *KeyError: [ErrKey] without a device and for public keys of
// another kind, [ErrDevice] if the device panics, else as for [NewReadingPublicKey].
func NewReadingDevice(exchange ecdh.KeyExchanger, pq crypto.Decapsulator) (ReadingKey, error) {
	if exchange == nil {
		return ReadingKey{}, &KeyError{What: "device", Err: fmt.Errorf("%w: nil in place of an ecdh.KeyExchanger", ErrKey)}
	}
	d := &readingDevice{exchange: exchange, pq: pq}
	if err := d.askPoint(); err != nil {
		return ReadingKey{}, err
	}
	suite, b := SuiteSigned, d.point.Bytes()
	if pq != nil {
		if err := d.askEncapsulator(); err != nil {
			return ReadingKey{}, err
		}
		suite, b = SuiteSignedPQ, append(d.encaps.Bytes(), b...)
	}
	public, err := NewReadingPublicKey(suite, b)
	if err != nil {
		return ReadingKey{}, err
	}
	return ReadingKey{public: public, join: d.join}, nil
}

// askPoint asks for the X25519 public key.
func (d *readingDevice) askPoint() error {
	var given *ecdh.PublicKey
	if err := shield.Run("a device's public key", func() { given = d.exchange.PublicKey() }); err != nil {
		return deviceFailed(err)
	}
	if given == nil || given.Curve() != ecdh.X25519() {
		return &KeyError{What: "device's public key", Err: fmt.Errorf("%w: want one of X25519", ErrKey)}
	}
	d.point = given
	return nil
}

// askEncapsulator asks for the ML-KEM public key, and makes Go's of it.
func (d *readingDevice) askEncapsulator() error {
	var given crypto.Encapsulator
	var b []byte
	if err := shield.Run("a device's ML-KEM public key", func() {
		if given = d.pq.Encapsulator(); given != nil {
			b = given.Bytes()
		}
	}); err != nil {
		return deviceFailed(err)
	}
	encaps, err := mlkem.NewEncapsulationKey768(b)
	if err != nil {
		return &KeyError{What: "device's public key", Err: fmt.Errorf("%w: want one of ML-KEM-768", ErrKey)}
	}
	d.encaps = encaps
	return nil
}

// join is [ReadingKey.receive]. A device isn't asked about a key of low order, which some
// don't refuse.
func (d *readingDevice) join(encapsulated, info []byte) (*hpke.Recipient, error) {
	if err := checkOrder(lastPoint(encapsulated)); errors.Is(err, ErrWeakKey) {
		return nil, ErrOpen
	} else if err != nil {
		return nil, &KeyError{What: "reading key", Err: err}
	}
	asked := &askedDevice{readingDevice: d}
	defer func() { clear(asked.secret); clear(asked.pqSecret) }()
	var own hpke.PrivateKey
	var err error
	if d.pq == nil {
		own, err = hpke.NewDHKEMPrivateKey(asked)
	} else {
		own, err = hpke.NewHybridPrivateKey(asked, asked)
	}
	var recipient *hpke.Recipient
	if err == nil {
		recipient, err = newRecipient(encapsulated, own, info)
	}
	switch {
	case asked.err != nil:
		return nil, deviceFailed(asked.err)
	case err != nil:
		return nil, &KeyError{What: "reading key", Err: primitiveFailed(err)}
	}
	return recipient, nil
}

// askedDevice is a device while one context is joined: it keeps what went wrong, and the
// secrets, to overwrite them.
type askedDevice struct {
	*readingDevice
	secret, pqSecret []byte
	err              error
}

// PublicKey gives the one that was told at first: a secret for another serves nobody.
func (a *askedDevice) PublicKey() *ecdh.PublicKey { return a.point }

// Curve is X25519.
func (a *askedDevice) Curve() ecdh.Curve { return ecdh.X25519() }

// ECDH asks the device.
func (a *askedDevice) ECDH(peer *ecdh.PublicKey) ([]byte, error) {
	a.secret = a.ask("a device's ECDH", keySize, func() ([]byte, error) { return a.exchange.ECDH(peer) })
	if a.err == nil && allZero(a.secret) {
		a.err = errors.New("its shared secret is all zero")
	}
	return a.secret, a.err
}

// Encapsulator gives the key that was told at first.
func (a *askedDevice) Encapsulator() crypto.Encapsulator { return a.encaps }

// Decapsulate asks the device.
func (a *askedDevice) Decapsulate(ciphertext []byte) ([]byte, error) {
	theirs := bytes.Clone(ciphertext) // which is a part of the message
	a.pqSecret = a.ask("a device's Decapsulate", mlkem.SharedKeySize, func() ([]byte, error) { return a.pq.Decapsulate(theirs) })
	return a.pqSecret, a.err
}

// ask asks the device for a secret of that many bytes.
func (a *askedDevice) ask(what string, size int, f func() ([]byte, error)) (secret []byte) {
	if panicked := shield.Run(what, func() { secret, a.err = f() }); panicked != nil {
		a.err = panicked
	}
	if a.err == nil && len(secret) != size {
		a.err = fmt.Errorf("its shared secret has %d bytes, not %d", len(secret), size)
	}
	return secret
}
