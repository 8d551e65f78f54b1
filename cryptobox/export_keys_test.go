package cryptobox

import "crypto/ed25519"

// Exporter gives the secrets of a context.
type Exporter interface {
	Export(context string, size int) ([]byte, error)
}

// Sign signs a message.
func Sign(k SigningKey, message []byte) ([]byte, error) {
	signature, err := k.sign(message)
	return signature[:], err
}

// Verify reports whether k signed a message.
func Verify(k VerifyKey, message, signature []byte) bool {
	return k.verify(message, (*[ed25519.SignatureSize]byte)(signature))
}

// Send begins a context.
func Send(k ReadingPublicKey, info []byte) ([]byte, Exporter, error) {
	public, err := k.encapsulator()
	if err != nil {
		return nil, nil, err
	}
	return newSender(public, info)
}

// Receive joins one.
func Receive(k ReadingKey, encapsulated, info []byte) (Exporter, error) {
	recipient, err := k.receive(encapsulated, info)
	if err != nil {
		return nil, err
	}
	return recipient, nil
}
