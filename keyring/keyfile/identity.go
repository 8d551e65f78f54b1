package keyfile

import (
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// identityText stands in "sign" for the holder's own signing key, which who writes the file
// doesn't know.
const identityText = "identity"

// SignAs gives the key that "sign": "identity" stands for: the own signing key of the program
// that reads the file. It may be in a device.
func SignAs(key cryptobox.SigningKey) Option {
	return set(!key.IsZero(), unusable("SignAs(the zero key): give one"), func(s *settings) { s.identity = key })
}

// WithoutReferences refuses env:NAME and file:PATH, for a text that comes from somebody else.
// It may not say which variables and files of this machine are looked at.
func WithoutReferences() Option { return set(true, nil, func(s *settings) { s.noReferences = true }) }

// signAs gives the key that "identity" stands for.
func (s settings) signAs() (cryptobox.SigningKey, error) {
	if s.identity.IsZero() {
		return s.identity, fmt.Errorf(`%w: sign: "identity" is the holder's own signing key: give it with the option SignAs, or write it here`, ErrReference)
	}
	return s.identity, nil
}

// FillIdentity writes a signing key in the place of each "sign": "identity". The error is an
// [*Error] that wraps [keyring.ErrKey] for the zero key, and for one in a device, which can't
// be written. The File is then unchanged.
func (f *File) FillIdentity(key cryptobox.SigningKey) error {
	text := SigningKey(key)
	if text.IsZero() {
		return &Error{Err: fmt.Errorf("%w: there is no text of it to write: give a key that isn't in a device", keyring.ErrKey)}
	}
	text.Wipe()
	for _, e := range f.Entries {
		for _, v := range e.Versions {
			if v.Sign.where == inIdentity {
				v.Sign = SigningKey(key)
			}
		}
	}
	return nil
}
