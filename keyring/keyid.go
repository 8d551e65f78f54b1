package keyring

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// idLabel separates this use of SHA-256 from all others.
const idLabel = "wampbox-kid-1"

// idSize is how much of the hash an id keeps: 128 bits don't collide among the
// versions of one pattern's key, which is all that an id selects from.
const idSize = 16

// PairID gives the id that the [Originator] and the [Responder] of two public
// keys have, unless they are given another: see [Key.ID].
func PairID(originator, responder cryptobox.PublicKey) string {
	sum := sha256.Sum256(slices.Concat([]byte(idLabel), originator.Bytes(), responder.Bytes()))
	return base64.RawURLEncoding.EncodeToString(sum[:idSize])
}

// secretID tells symmetric keys apart, and nothing else of them.
func secretID(key cryptobox.SymmetricKey) string {
	mac := hmac.New(sha256.New, key.UnsafeBytes())
	_, _ = mac.Write([]byte("wampbox-id-2")) // a hash has no error
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:idSize])
}

// checkID checks a given id. Ids travel in the clear and are shown in logs.
func checkID(id string) error {
	switch {
	case id == "":
		return fmt.Errorf("%w: the key id is empty: give the one that all peers use", ErrKey)
	case len(id) > cryptobox.MaxKeyID:
		return fmt.Errorf("%w: the key id has %d bytes: at most %d are allowed", ErrKey, len(id), cryptobox.MaxKeyID)
	case !utf8.ValidString(id):
		return fmt.Errorf("%w: the key id isn't UTF-8: give it as text", ErrKey)
	}
	for _, r := range id {
		if !unicode.IsPrint(r) {
			return fmt.Errorf("%w: the key id has a character that doesn't print: %U: leave it out", ErrKey, r)
		}
	}
	return nil
}
