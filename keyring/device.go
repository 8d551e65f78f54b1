package keyring

import (
	"errors"
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// OriginatorDevice is [Originator] with a private key that never leaves its
// device. The device is asked for the shared secret when the key is first
// used, not when it is set; where it fails, sealing and opening return
// [cryptobox.ErrDevice], and the next message asks again. The id is the one
// that Originator would give.
func OriginatorDevice(device cryptobox.Device, responder cryptobox.PublicKey) Key {
	return devicePair(kindOriginator, device, responder)
}

// ResponderDevice is [Responder] with a private key that never leaves its
// device, as [OriginatorDevice].
func ResponderDevice(device cryptobox.Device, originator cryptobox.PublicKey) Key {
	return devicePair(kindResponder, device, originator)
}

// devicePair makes the key of one of two ends. The Box is made at once: it
// doesn't ask the device yet.
//
// A device that opens whole payloads instead of agreeing on a secret would be
// another cryptobox.Cipher in its place. None was found that speaks
// XSalsa20-Poly1305, and each message would wait for it.
func devicePair(k kind, device cryptobox.Device, peer cryptobox.PublicKey) Key {
	var own cryptobox.PublicKey
	if device != nil {
		device = &noting{device, &own}
	}
	box, err := cryptobox.NewDeviceBox(device, peer)
	switch {
	case err == nil:
	case errors.Is(err, cryptobox.ErrWeakKey) && peer.IsZero():
		return Key{err: zeroKey("peer's public key")}
	case errors.Is(err, cryptobox.ErrWeakKey):
		return Key{err: zeroKey("device's public key")}
	default:
		return Key{err: fmt.Errorf("%w: %w", ErrKey, err)}
	}
	return newKey(k, &material{peer: peer, own: func() cryptobox.PublicKey { return own }, box: box})
}

// noting notes a device's public key when a Box asks for it, which is shielded from panics.
type noting struct {
	cryptobox.Device
	public *cryptobox.PublicKey
}

// Public implements [cryptobox.Device].
func (n *noting) Public() cryptobox.PublicKey {
	*n.public = n.Device.Public()
	return *n.public
}
