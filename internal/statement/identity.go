package statement

import (
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Identity says what an authority has to know of a member: signed by the member.
type Identity struct {
	Name      string
	Key       cryptobox.VerifyKey
	Recipient string // age's text
}

type identity struct {
	_         struct{} `cbor:",toarray"`
	Name      string
	Key       [32]byte
	Recipient string
}

func (i Identity) list() identity {
	return identity{Name: i.Name, Key: [32]byte(i.Key.Bytes()), Recipient: i.Recipient}
}

// Sign gives the signature alone: the rest stands in clear beside it.
func (i Identity) Sign(key cryptobox.SigningKey) (signature [64]byte, err error) {
	content, err := Marshal(i.list())
	if err != nil {
		return signature, err
	}
	return key.SignLabeled(labelIdentity, content)
}

// Verify tells whether the signature is by the identity's own key. The error wraps [ErrMalformed]
// or [ErrForged].
func (i Identity) Verify(signature [64]byte) error {
	content, err := Marshal(i.list())
	if err != nil {
		return ErrMalformed
	}
	if !i.Key.VerifyLabeled(labelIdentity, content, signature) {
		return ErrForged
	}
	return nil
}
