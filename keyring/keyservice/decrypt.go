package keyservice

import (
	"bytes"
	"fmt"

	"filippo.io/age"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/files"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// open decrypts a grant that was verified. Signatures are by the identity's own key where the
// keyring says so. The caller wipes the File.
func (g *granted) open(own *Identity) (*keyfile.File, error) {
	plain, err := age.Decrypt(bytes.NewReader(g.answer.Ciphertext), own.decrypters()...)
	if err != nil {
		return nil, fmt.Errorf("ciphertext: %w: %w", ErrDecrypt, err)
	}
	text, err := files.ReadAll(plain, int64(len(g.answer.Ciphertext)), statement.MaxCiphertext)
	if err != nil {
		return nil, fmt.Errorf("ciphertext: %w: %w", ErrDecrypt, err)
	}
	defer clear(text)
	file, err := keyfile.Parse(text, keyfile.WithoutReferences(), keyfile.SignAs(own.SigningKey()))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if err := g.fits(file.Grant); err != nil {
		file.Wipe()
		return nil, err
	}
	return file, nil
}

// fits compares what is inside with what is around it: an authority that has mixed up two members
// is found out.
func (g *granted) fits(inside *keyfile.Grant) error {
	switch {
	case inside == nil:
		return fmt.Errorf("%w: the keyring doesn't say whose it is", ErrMalformed)
	case inside.Member != g.grant.Member:
		return fmt.Errorf("%w: the keyring inside the grant is for %.64q", ErrOther, inside.Member)
	case inside.Authority != g.authority, inside.Serial != g.grant.Serial, !inside.Expires.Equal(g.grant.Expires):
		return fmt.Errorf("%w: the keyring inside the grant has another authority, serial or date than the grant", ErrMixed)
	}
	return nil
}
