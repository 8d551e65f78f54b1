package keyfile

import (
	"encoding/base64"
	"errors"
	"log/slog"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Secret is the text of a key: base64, or where it is to be found. It never prints: its
// methods don't show it, and it is behind a func value, where nothing that walks fields finds
// it. Public keys are Secrets too: they are written the same way, and people mix the two up.
type Secret struct {
	text func() []byte
	// where is beside it, as go-spew 1.1.1 calls the methods of a struct that is one
	// pointer with a wrong pointer.
	where place
}

// place is where a key is to be found.
type place int

// The places of a key.
const (
	inText        place = iota
	inEnvironment       // env:NAME
	inFile              // file:PATH
	inIdentity          // identity
)

const (
	envPrefix  = "env:"
	filePrefix = "file:"
)

// newSecret takes the bytes over.
func newSecret(text []byte) Secret {
	if len(text) == 0 {
		return Secret{}
	}
	s := Secret{text: func() []byte { return text }}
	switch {
	case hasPrefix(text, envPrefix):
		s.where = inEnvironment
	case hasPrefix(text, filePrefix):
		s.where = inFile
	case string(text) == identityText:
		s.where = inIdentity
	}
	return s
}

// Text makes a Secret of a text: base64, env:NAME or file:PATH, or of a signing key "identity".
func Text(text string) Secret { return newSecret([]byte(text)) }

// PrivateKey writes a private key as base64.
func PrivateKey(k cryptobox.PrivateKey) Secret { return encode(k.UnsafeBytes()) }

// PublicKey writes a public key as base64.
func PublicKey(k cryptobox.PublicKey) Secret { return encode(k.Bytes()) }

// SymmetricKey writes a symmetric key as base64.
func SymmetricKey(k cryptobox.SymmetricKey) Secret { return encode(k.UnsafeBytes()) }

// SigningKey writes a signing key as base64 behind its type. It gives none of a key in a device.
func SigningKey(k cryptobox.SigningKey) Secret { return typed(k.Public().String(), k.UnsafeBytes()) }

// VerifyKey writes a verify key as base64 behind its type.
func VerifyKey(k cryptobox.VerifyKey) Secret {
	if k.IsZero() {
		return Secret{}
	}
	return typed(k.String(), k.Bytes())
}

// ReadingKey writes a reading key as base64 behind its type. It gives none of a key in a device.
func ReadingKey(k cryptobox.ReadingKey) Secret { return typed(k.Public().String(), k.UnsafeBytes()) }

// ReadingPublicKey writes a reading key's public half as base64 behind its type.
func ReadingPublicKey(k cryptobox.ReadingPublicKey) Secret { return typed(k.String(), k.Bytes()) }

// ScrambleSecret writes a scramble secret as base64 behind its type.
func ScrambleSecret(s cryptobox.ScrambleSecret) Secret { return typed(scrambleType, s.UnsafeBytes()) }

// typed writes base64 behind the type that a text has, and wipes what it was given.
func typed(like string, key []byte) Secret {
	defer clear(key)
	if len(key) == 0 {
		return Secret{}
	}
	text := make([]byte, 0, len(like)+base64.StdEncoding.EncodedLen(len(key)))
	text = append(text, like[:strings.Index(like, ":")+1]...)
	return newSecret(base64.StdEncoding.AppendEncode(text, key))
}

// encode writes base64 and wipes what it was given.
func encode(key []byte) Secret {
	text := base64.StdEncoding.AppendEncode(make([]byte, 0, base64.StdEncoding.EncodedLen(len(key))), key)
	clear(key)
	return newSecret(text)
}

// IsZero tells whether there is no text.
func (s Secret) IsZero() bool { return s.text == nil }

// UnsafeText gives the text itself, not a copy. It is the only way to it.
func (s Secret) UnsafeText() []byte {
	if s.text == nil {
		return nil
	}
	return s.text()
}

// Equal tells whether both have the same text.
func (s Secret) Equal(other Secret) bool {
	return string(s.UnsafeText()) == string(other.UnsafeText())
}

// reference tells where the key is, and the name or path for those that aren't
// in the text.
func (s Secret) reference() (place, string) {
	switch text := s.UnsafeText(); s.where {
	case inEnvironment:
		return s.where, string(text[len(envPrefix):])
	case inFile:
		return s.where, string(text[len(filePrefix):])
	case inIdentity:
		return s.where, ""
	}
	return inText, ""
}

// hasPrefix makes no copy of the text that it looks at.
func hasPrefix(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && string(text[:len(prefix)]) == prefix
}

// Wipe overwrites the text. Copies that the runtime made stay.
func (s Secret) Wipe() { clear(s.UnsafeText()) }

// String tells only where the key is.
func (s Secret) String() string {
	switch {
	case s.IsZero():
		return "Secret(none)"
	case s.where == inEnvironment:
		return "Secret(env)"
	case s.where == inFile:
		return "Secret(file)"
	case s.where == inIdentity:
		return "Secret(identity)"
	}
	return "Secret(redacted)"
}

// LogValue is String, for slog, which would ask MarshalText.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText refuses: [File.Marshal] is the one way to write a file.
func (s Secret) MarshalText() ([]byte, error) {
	return nil, errors.New("keyfile: a Secret is written by File.Marshal only")
}
