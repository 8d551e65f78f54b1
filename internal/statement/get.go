package statement

import (
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Get asks for a member's grant, and says which one it holds: signed by the member.
type Get struct {
	Authority  Hash // of the verify key of the authority that it asks for
	Member     string
	Nonce      [32]byte
	Serial     uint64 // of the grant that it holds, 0 for none
	Ciphertext Hash   // of that, of no bytes for none
	// NextRecipient is the text of whom later grants are to be encrypted to, "" for no other.
	NextRecipient string
}

type get struct {
	_             struct{} `cbor:",toarray"`
	Authority     Hash
	Member        string
	Nonce         [32]byte
	Serial        uint64
	Ciphertext    Hash
	NextRecipient *string
}

// Sign gives the statement as it travels.
func (g Get) Sign(key cryptobox.SigningKey) ([]byte, error) {
	list := get{Authority: g.Authority, Member: g.Member, Nonce: g.Nonce, Serial: g.Serial, Ciphertext: g.Ciphertext}
	if g.NextRecipient != "" {
		list.NextRecipient = &g.NextRecipient
	}
	return sign(labelGet, list, key)
}

// MemberOf gives the name by which the key is found that a get has to be signed by. Nothing is
// proved of it. The error wraps [ErrMalformed].
func MemberOf(wire []byte) (string, error) {
	var list get
	if err := readList(wire, &list); err != nil {
		return "", err
	}
	return list.Member, nil
}

// OpenGet verifies a get by a member's key. The error wraps [ErrMalformed] or [ErrForged].
func OpenGet(wire []byte, key cryptobox.VerifyKey) (g Get, err error) {
	var list get
	if err := open(labelGet, wire, key, &list); err != nil {
		return g, err
	}
	g = Get{Authority: list.Authority, Member: list.Member, Nonce: list.Nonce, Serial: list.Serial, Ciphertext: list.Ciphertext}
	if next := list.NextRecipient; next != nil {
		if g.NextRecipient = *next; *next == "" || len(*next) > MaxRecipient {
			return Get{}, fmt.Errorf("%w: a recipient of %d bytes", ErrMalformed, len(*next))
		}
	}
	return g, nil
}
