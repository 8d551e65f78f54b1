package statement

import (
	"errors"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Grant says which ciphertext holds a member's keys: signed by the authority.
type Grant struct {
	Authority       Hash // of the authority's verify key
	Serial          uint64
	Member          string
	Key             Hash // of the member's verify key
	Recipient       Hash // of whom the ciphertext is encrypted to
	Issued, Expires time.Time
	Ciphertext      Hash
}

type grant struct {
	_               struct{} `cbor:",toarray"`
	Authority       Hash
	Serial          uint64
	Member          string
	Key, Recipient  Hash
	Issued, Expires uint64
	Ciphertext      Hash
}

// Sign gives the statement as it travels.
func (g Grant) Sign(key cryptobox.SigningKey) ([]byte, error) {
	return sign(labelGrant, grant{
		Authority: g.Authority, Serial: g.Serial, Member: g.Member, Key: g.Key, Recipient: g.Recipient,
		Issued: millis(g.Issued), Expires: millis(g.Expires), Ciphertext: g.Ciphertext,
	}, key)
}

// OpenGrant verifies a grant by an authority's key. The error wraps [ErrMalformed] or [ErrForged],
// also where the grant names another authority.
func OpenGrant(wire []byte, key cryptobox.VerifyKey) (g Grant, err error) {
	var list grant
	if err := open(labelGrant, wire, key, &list); err != nil {
		return g, err
	}
	if list.Authority != HashOfKey(key) {
		return g, ErrForged
	}
	return list.grant()
}

// ReadGrant gives what a grant says, and proves nothing of it: for a server, which has it from a
// folder of its own and no key to verify it with. The error wraps [ErrMalformed].
func ReadGrant(wire []byte) (g Grant, err error) {
	var list grant
	if err := readList(wire, &list); err != nil {
		return g, err
	}
	return list.grant()
}

func (list grant) grant() (g Grant, err error) {
	issued, err1 := at(list.Issued)
	expires, err2 := at(list.Expires)
	if err := errors.Join(err1, err2); err != nil {
		return g, err
	}
	return Grant{list.Authority, list.Serial, list.Member, list.Key, list.Recipient, issued, expires, list.Ciphertext}, nil
}
