package statement

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Labels of what is signed.
const (
	labelIdentity   = "wampbox-identity-1"
	labelGrant      = "wampbox-grant-1"
	labelDelegation = "wampbox-delegation-1"
	labelGet        = "wampbox-get-1"
	labelFresh      = "wampbox-fresh-1"
)

// Bounds of what is read.
const (
	MaxCiphertext = 1 << 20 // bytes of a grant's ciphertext
	MaxRecipient  = 4096    // bytes of a recipient's text: a hybrid one has 1,959
	MaxStatement  = 8192    // bytes of a statement
)

// Hash is a SHA-256 hash.
type Hash [sha256.Size]byte

// HashOf hashes bytes: a key's 32, a recipient's text, a ciphertext, a statement as it travels.
func HashOf[T ~string | ~[]byte](b T) Hash { return sha256.Sum256([]byte(b)) }

// HashOfKey hashes a key's 32 bytes.
func HashOfKey(k cryptobox.VerifyKey) Hash { return HashOf(k.Bytes()) }

// signed is a statement as it travels.
type signed struct {
	_         struct{} `cbor:",toarray"`
	Content   cbor.RawMessage
	Signature []byte
}

// items are the list that is signed. What check refuses isn't taken; its error wraps
// [ErrMalformed].
type items interface{ check() error }

// sign gives a statement of a list as it travels.
func sign(label string, list items, key cryptobox.SigningKey) ([]byte, error) {
	content, err := Marshal(list)
	if err != nil {
		return nil, err
	}
	signature, err := key.SignLabeled(label, content)
	if err != nil {
		return nil, err
	}
	return Marshal(signed{Content: content, Signature: signature[:]})
}

// open verifies a statement, and reads its list after that.
func open(label string, wire []byte, key cryptobox.VerifyKey, list items) error {
	s, err := read(wire)
	if err != nil {
		return err
	}
	if !key.VerifyLabeled(label, s.Content, [ed25519.SignatureSize]byte(s.Signature)) {
		return ErrForged
	}
	return s.take(list)
}

func (s signed) take(list items) error {
	if err := Unmarshal(s.Content, list); err != nil {
		return err
	}
	return list.check()
}

// read parts a statement, and verifies nothing.
func read(wire []byte) (s signed, err error) {
	if len(wire) > MaxStatement {
		return s, fmt.Errorf("%w: of %d bytes", ErrMalformed, len(wire))
	}
	if err := Unmarshal(wire, &s); err != nil {
		return s, err
	}
	if len(s.Signature) != ed25519.SignatureSize {
		return s, fmt.Errorf("%w: a signature of %d bytes", ErrMalformed, len(s.Signature))
	}
	return s, nil
}

// readList reads a statement's list, and verifies nothing.
func readList(wire []byte, list items) error {
	s, err := read(wire)
	if err != nil {
		return err
	}
	return s.take(list)
}

// millis and at are times as statements have them.
func millis(t time.Time) uint64 { return uint64(t.UnixMilli()) }
func at(ms uint64) time.Time    { return time.UnixMilli(int64(ms)).UTC() }

// maxMillis is the end of the year 9999, the last that dates in files can have.
const maxMillis = 253402300799999

func checkTimes(times ...uint64) error {
	for _, ms := range times {
		if ms > maxMillis {
			return fmt.Errorf("%w: a time that isn't in the years 1970 to 9999", ErrMalformed)
		}
	}
	return nil
}
