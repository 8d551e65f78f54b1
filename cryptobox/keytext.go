package cryptobox

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// The types that stand in front of the texts of keys of signed envelopes: private keys of all
// of them have 32 bytes, and so have most public ones.
const (
	typeEd25519  = "ed25519"
	typeX25519   = "x25519"
	typeXWing    = "xwing"
	typeScramble = "scramble"
)

var keyTypes = []string{typeEd25519, typeX25519, typeXWing, typeScramble}

// typedText is the text of a key: its type, a colon, and standard base64 with padding.
func typedText(keyType string, key []byte) string {
	return keyType + ":" + base64.StdEncoding.EncodeToString(key)
}

// parseType parts the type of a key's text, which is one of those wanted, from its base64.
func parseType(text string, wanted ...string) (keyType, encoded string, err error) {
	keyType, encoded, found := strings.Cut(strings.TrimSpace(text), ":")
	want := `"` + strings.Join(wanted, `:" or "`) + `:"`
	switch {
	case !found:
		return "", "", fmt.Errorf("%w: want %s in front of base64, got no type", ErrKey, want)
	case slices.Contains(wanted, keyType):
		return keyType, encoded, nil
	case slices.Contains(keyTypes, keyType):
		return "", "", fmt.Errorf(`%w: want %s in front of base64, got "%s:"`, ErrKey, want, keyType)
	default: // which may be a part of a key, and isn't quoted
		return "", "", fmt.Errorf("%w: want %s in front of base64, got another type", ErrKey, want)
	}
}

// decodeKey decodes the base64 of a key of that many bytes.
func decodeKey(encoded string, size int) ([]byte, error) {
	want := base64.StdEncoding.EncodedLen(size)
	if len(encoded) != want {
		return nil, fmt.Errorf("%w: want %d characters of base64, got %d", ErrKey, want, len(encoded))
	}
	// Strict, so that one key has one text. It passes over line breaks: then there are too few
	// bytes.
	b, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || len(b) != size {
		// The decoder's own error would quote the text.
		return nil, fmt.Errorf("%w: want %d characters of base64, got other characters", ErrKey, want)
	}
	return b, nil
}

// parseEd25519 reads the text of a signing or verify key.
func parseEd25519(text string) ([]byte, error) {
	_, encoded, err := parseType(text, typeEd25519)
	if err != nil {
		return nil, err
	}
	return decodeKey(encoded, keySize)
}
