package keyfile

import (
	"fmt"
	"io/fs"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// signed tells whether the version has a part of a signed key.
func (v *Version) signed() bool {
	return !v.Sign.IsZero() || !v.Seal.IsZero() || !v.Read.IsZero() ||
		len(v.Senders)+len(v.Answerers) > 0 || v.AnyAnswerer || v.SignedOnce
}

// gone is what is left of a revoked version: its id, and whether it was signed.
func (v *Version) gone(id string) keyring.Key {
	if v.Suite.Signed() {
		return keyring.Revoked(id).WithSuite(v.Suite)
	}
	return keyring.Revoked(id)
}

// signedKey makes the key of a version with the parts of a signed key.
func (m *keyMaker) signedKey(v *Version) (keyring.Key, error) {
	s := keyring.Signing{Suite: v.Suite, AnyAnswerer: v.AnyAnswerer, SignedOnce: v.SignedOnce}
	var err error
	if v.Sign.where == inIdentity {
		s.Sign, err = m.signAs()
	} else {
		s.Sign, err = read(m.settings, v.Sign, "sign", `"ed25519:" and 44 characters of base64`, m.forSecret, parseSigning)
	}
	if err != nil {
		return keyring.Key{}, err
	}
	if s.Seal, err = read(m.settings, v.Seal, "seal", typeOf(v.Suite)+" and base64", m.forPublic, parseSeal); err != nil {
		return keyring.Key{}, err
	}
	if s.Read, err = read(m.settings, v.Read, "read", typeOf(v.Suite)+" and 44 characters of base64", m.forSecret, parseRead); err != nil {
		return keyring.Key{}, err
	}
	if s.Senders, err = m.parties("senders", v.Senders); err != nil {
		return keyring.Key{}, err
	}
	if s.Answerers, err = m.parties("answerers", v.Answerers); err != nil {
		return keyring.Key{}, err
	}
	if v.Revoked && s.Sign.IsZero() && s.Read.IsZero() && s.Seal.Suite() == v.Suite {
		return v.gone(cryptobox.SignedID(s.Seal).String()), nil
	}
	return keyring.Signed(s), nil
}

// typeOf gives the type that texts of a suite's reading keys begin with.
func typeOf(s cryptobox.Suite) string {
	if s == cryptobox.SuiteSignedPQ {
		return `"xwing:"`
	}
	return `"x25519:"`
}

// parties reads the keys of a list.
func (s settings) parties(field string, list []Party) ([]keyring.Party, error) {
	parties := make([]keyring.Party, len(list))
	for i, one := range list {
		var err error
		if parties[i], err = s.party(field, i, one); err != nil {
			return nil, err
		}
	}
	return parties, nil
}

// party reads the key of one of a list.
func (s settings) party(field string, i int, one Party) (keyring.Party, error) {
	key, err := read(s, one.Key, fmt.Sprintf("%s[%d].key", field, i), `"ed25519:" and 44 characters of base64`,
		func(path string, info fs.FileInfo) error { return s.checkAccess(path, info, false) }, parseVerify)
	return keyring.Party{Name: one.Name, Key: key}, err
}

// read reads a key whose text begins with its type, from wherever it is; the zero one if there
// is no text. The form is how it is to be written.
func read[T any](s settings, key Secret, field, form string, check func(string, fs.FileInfo) error, parse func(text []byte) (T, error)) (made T, err error) {
	if key.IsZero() {
		return made, nil
	}
	err = s.withText(key, field, form, check, func(text []byte, want string) error {
		if made, err = parse(text); err != nil {
			return fmt.Errorf("%w: %s: %w: %s", keyring.ErrKey, field, err, want)
		}
		return nil
	})
	return made, err
}

// Private keys are decoded here, as strings can't be wiped. What isn't one, package cryptobox
// says best.

func parseSigning(text []byte) (cryptobox.SigningKey, error) {
	if b, ok := decodeTyped(text, "ed25519:"); ok {
		defer clear(b[:])
		return cryptobox.NewSigningKey(b[:])
	}
	return cryptobox.ParseSigningKey(string(text))
}

func parseRead(text []byte) (cryptobox.ReadingKey, error) {
	for prefix, suite := range map[string]cryptobox.Suite{"x25519:": cryptobox.SuiteSigned, "xwing:": cryptobox.SuiteSignedPQ} {
		if b, ok := decodeTyped(text, prefix); ok {
			defer clear(b[:])
			return cryptobox.NewReadingKey(suite, b[:])
		}
	}
	return cryptobox.ParseReadingKey(string(text))
}

func parseSeal(text []byte) (cryptobox.ReadingPublicKey, error) {
	return cryptobox.ParseReadingPublicKey(string(text))
}

func parseVerify(text []byte) (cryptobox.VerifyKey, error) {
	return cryptobox.ParseVerifyKey(string(text))
}

// decodeTyped reads 32 bytes of base64 behind a type.
func decodeTyped(text []byte, prefix string) (b [keySize]byte, ok bool) {
	if !hasPrefix(text, prefix) {
		return b, false
	}
	return decode(text[len(prefix):])
}
