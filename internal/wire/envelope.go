package wire

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Envelope is a sealed payload, and what a message says of it in clear. The router sees,
// and may change, all of it; only what is sealed is authenticated.
type Envelope struct {
	Dialect   cryptobox.Dialect
	Algorithm string // of a foreign dialect: 1 to 64 bytes
	KeyID     string // of a foreign dialect: which key, at most MaxKeyID bytes, or empty
	Payload   []byte // of ours, all of enc
	// Sealing is in place of Payload what is yet to be sealed, in our dialect.
	Sealing *cryptobox.Draft
}

// maxAlgorithm is the longest name of an algorithm in bytes.
const maxAlgorithm = 64

// valid is a foreign envelope that was taken, if it is within bounds. It says nothing of
// whether the payload opens.
func valid(env *Envelope) (*Envelope, error) {
	switch {
	case env.Algorithm == "" || len(env.Algorithm) > maxAlgorithm || !clean(env.Algorithm):
		return nil, partsError("the algorithm is not 1 to 64 bytes of printable text")
	case len(env.KeyID) > cryptobox.MaxKeyID || !clean(env.KeyID):
		return nil, partsError(fmt.Sprintf("the key id is not up to %d bytes of printable text", cryptobox.MaxKeyID))
	case len(env.Payload) == 0:
		return nil, partsError("no payload")
	case len(env.Payload) > cryptobox.MaxSealed:
		return nil, fmt.Errorf("%w: a payload beyond the largest record", cryptobox.ErrTooLarge)
	}
	return env, nil
}

// clean reports whether s may be shown in a log.
func clean(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// ErrParts is returned by [Take] for a message that holds parts of an envelope, but not a
// whole one that stands alone.
var ErrParts = errors.New("parts of an envelope that is not whole and alone")

// ErrEnc is wrapped beside [ErrParts] where there is the keyword argument of our dialect.
var ErrEnc = errors.New("with a keyword argument " + EncName)

func partsError(what string) error { return fmt.Errorf("%w: %s", ErrParts, what) }
