package cryptobox

import (
	"crypto/fips140"
	"errors"
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// Errors to branch on with [errors.Is]. Their texts never hold a key, a nonce
// or a part of a payload, so they may be logged as they are.
var (
	// ErrOpen is the one answer to everything that does not authenticate: the
	// key is another one, or the payload was altered, cut short or made up.
	// It says no more on purpose.
	ErrOpen = errors.New("cryptobox: the payload does not open: check that both ends use matching keys, else it was altered on its way")

	// ErrMalformed means bytes that are no message, or what opened and is no record. The
	// sender has to be corrected.
	ErrMalformed = codec.ErrMalformed

	// ErrTooLarge means a record or payload beyond MaxPayload, MaxDepth or MaxValues, a
	// message beyond MaxSealed, or values that take too much memory once opened. Send less at
	// once, or send it in several messages.
	ErrTooLarge = codec.ErrTooLarge

	// ErrExhausted means that a key has sealed as often as its algorithm allows.
	// It still opens. All holders of the key need a new one to seal with.
	ErrExhausted = errors.New("cryptobox: the key has sealed as often as its algorithm allows: give all its holders a new key")

	// ErrDialect means a dialect that isn't known, or that has no such records.
	ErrDialect = errors.New("cryptobox: not a dialect that serves here")

	// ErrPadding means a padding function that asks for less than there is, or panics.
	ErrPadding = errors.New("cryptobox: unusable padding")

	// ErrValue means a value that can't be sealed. Always inside a *ValueError.
	ErrValue = codec.ErrValue

	// ErrKey means text or bytes that are not a key, or a Cipher without one. From the
	// functions that read keys it is inside a *KeyError.
	ErrKey = errors.New("cryptobox: not a key")

	// ErrWeakKey means an all-zero key, or a public key of low order, with which
	// every secret would be the same known one. Inside a *KeyError.
	ErrWeakKey = errors.New("cryptobox: weak key: all-zero or of low order: make another")

	// ErrDevice means that a device that holds a private key ([Device],
	// [NewSigningDevice], [NewReadingDevice]) failed to compute with it, for a
	// reason of its own that is wrapped as well. Inside a *KeyError. The next
	// use asks the device again.
	ErrDevice = errors.New("cryptobox: the device that holds the private key failed: see that it is reachable and unlocked; the next message asks it again")

	// ErrSigner means a message that opens, and that nobody has signed who is listed for it.
	// Whoever reads could have made it.
	ErrSigner = errors.New("cryptobox: no listed key has signed the message: list its sender's verify key, or somebody who can only read has made it up")

	// ErrPrimitive means that Go's own cryptography refuses to compute, and says why in an
	// error that is wrapped as well. Under GODEBUG=fips140=only it refuses X25519,
	// XChaCha20-Poly1305 and AES-GCM with nonces of our own. Inside a *KeyError.
	ErrPrimitive = errors.New("cryptobox: Go's cryptography refuses to compute with it")

	// ErrReleased means that an Opened or a Draft was used after its Release, or before there
	// was anything in it.
	ErrReleased = errors.New("cryptobox: used after Release, or never filled")

	// ErrSecret answers marshalling something whose contents must not leave the
	// program by accident. For keys, UnsafeBytes is the way on purpose.
	ErrSecret = codec.ErrSecret
)

// KeyError says which key could not be read or used and why. It never holds
// the text or bytes that were given. Its Err is, or wraps, [ErrKey],
// [ErrWeakKey], [ErrDevice] or [ErrPrimitive].
type KeyError struct {
	// What is "private key", "public key", "symmetric key", "signing key", "verify key",
	// "reading key", "reading public key", "key exchange", or "device" or what of it.
	What string
	Err  error
}

// Error says what was expected.
func (e *KeyError) Error() string { return fmt.Sprintf("%s: %v", e.What, e.Err) }

// Unwrap gives Err, for [errors.Is].
func (e *KeyError) Unwrap() error { return e.Err }

// ValueError says which value could not be sealed and why. It wraps [ErrValue].
//
// Its fields are strings: Path, Type (the Go type, such as "chan int") and Why.
// Path leads to the value by list indexes, and by the names of fields: "args[1]{}[0].At" is
// that field of the first element of some entry of the map that is the second argument. Map
// keys are payload, and stay out.
type ValueError = codec.ValueError

// primitiveFailed says what to do about an error of Go's cryptography.
func primitiveFailed(err error) error {
	if fips140.Enforced() {
		return fmt.Errorf("%w: %w: run the program without GODEBUG=fips140=only; with fips140=on it computes", ErrPrimitive, err)
	}
	return fmt.Errorf("%w: %w", ErrPrimitive, err)
}

func malformed(why string) error { return fmt.Errorf("%w: %s", ErrMalformed, why) }

func tooLarge(what string) error { return fmt.Errorf("%w: %s", ErrTooLarge, what) }

// WrongKindError means a record that opened, and is of a kind that isn't sealed in that
// direction: somebody sent an answer as a message, or a message as an answer.
type WrongKindError struct {
	Kind      Kind
	Direction Direction // that it was opened in
}

// Error tells both.
func (e *WrongKindError) Error() string {
	return fmt.Sprintf("cryptobox: a record of kind %v came as %v: its sender has to be corrected, or a router played an answer back", e.Kind, e.Direction)
}

var (
	errMessageSize = fmt.Errorf("%w: a message has at most %d bytes", ErrTooLarge, MaxSealed)
	errRecordSize  = fmt.Errorf("%w: a record has at most %d bytes", ErrTooLarge, MaxPayload)
	errShort       = fmt.Errorf("%w: a message is at least %d bytes long", ErrMalformed, MinSealed)
	errSuite       = fmt.Errorf("%w: the message is of no suite that there is", ErrMalformed)
	errZeroKey     = fmt.Errorf("%w: a zero SuiteKey: make it with NewPairKey, NewSharedKey or NewSignedKey", ErrKey)
	errDirection   = fmt.Errorf("%w: a direction that is neither Message nor Answer", ErrKey)
	// errRecord doesn't say which field was wrong: that would be contents of the record.
	errRecord = fmt.Errorf("%w: the record has a missing, additional or ill-typed field", ErrMalformed)
)
