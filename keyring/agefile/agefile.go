package agefile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
	"filippo.io/age/armor"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// MaxWorkFactor bounds the scrypt work that a file may ask for, as a power of
// two. age itself writes 18.
const MaxWorkFactor = 20

// What is wrong with an encrypted file, for [errors.Is].
var (
	// ErrNotEncrypted: the file isn't encrypted with age.
	ErrNotEncrypted = errors.New("the file isn't encrypted with age: encrypt it, or load it without an option of agefile")

	// ErrDecrypt: none of the identities, or not the passphrase, opens the
	// file, or it was altered.
	ErrDecrypt = errors.New("the file doesn't decrypt: check the identity or the passphrase, else it was altered")

	// ErrPassphrase: the passphrase is empty.
	ErrPassphrase = errors.New("the passphrase is empty: give the one that the file was encrypted with")

	// ErrNoIdentity: there are no identities.
	ErrNoIdentity = errors.New("no identities: give at least one")
)

// Identities reads a file that was encrypted to the recipient of one of these
// identities.
func Identities(identities ...age.Identity) keyfile.Option {
	return keyfile.WithDecrypter(IdentitiesDecrypter(identities...))
}

// Passphrase reads a file that was encrypted with a passphrase.
func Passphrase(passphrase string) keyfile.Option {
	return keyfile.WithDecrypter(PassphraseDecrypter(passphrase))
}

// IdentitiesDecrypter is the function that [Identities] gives to
// [keyfile.WithDecrypter].
func IdentitiesDecrypter(identities ...age.Identity) func(io.Reader) (io.Reader, error) {
	return func(r io.Reader) (io.Reader, error) {
		if len(identities) == 0 {
			return nil, ErrNoIdentity
		}
		return decrypt(r, identities...)
	}
}

// PassphraseDecrypter is the function that [Passphrase] gives to
// [keyfile.WithDecrypter].
func PassphraseDecrypter(passphrase string) func(io.Reader) (io.Reader, error) {
	return func(r io.Reader) (io.Reader, error) {
		if passphrase == "" {
			return nil, ErrPassphrase
		}
		identity, err := age.NewScryptIdentity(passphrase)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDecrypt, err)
		}
		identity.SetMaxWorkFactor(MaxWorkFactor)
		return decrypt(r, identity)
	}
}

// Encrypted tells whether a file that begins with these bytes is one of age's,
// binary or armored. The first 64 bytes say it.
func Encrypted(start []byte) bool {
	return bytes.HasPrefix(start, []byte(binaryStart)) || armored(start)
}

// binaryStart begins every binary file, whatever its version.
const binaryStart = "age-encryption.org/"

// armored allows for white space before the armor, as package armor does.
func armored(start []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(start, " \t\r\n"), []byte(armor.Header))
}

// decrypt opens either form. What age says while the text is read is an error
// of ours too.
func decrypt(r io.Reader, identities ...age.Identity) (io.Reader, error) {
	start := bufio.NewReader(r)
	begin, err := start.Peek(1024)
	if err != nil && err != io.EOF {
		return nil, err
	}
	var file io.Reader = start
	switch {
	case armored(begin):
		file = armor.NewReader(start)
	case !Encrypted(begin):
		return nil, ErrNotEncrypted
	}
	plain, err := age.Decrypt(file, identities...)
	if inner := errors.Unwrap(err); inner != nil {
		err = inner // age says twice that it has failed to read the header
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDecrypt, err)
	}
	return reader{plain}, nil
}

// reader says of the errors of a file that was altered that they are ours.
type reader struct{ plain io.Reader }

// Read reads the plain text.
func (r reader) Read(b []byte) (int, error) {
	n, err := r.plain.Read(b)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("%w: %w", ErrDecrypt, err)
	}
	return n, err
}
