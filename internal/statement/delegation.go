package statement

import (
	"errors"
	"fmt"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Delegation says which key proves that answers are fresh, and how long: signed by the authority.
type Delegation struct {
	Serial              uint64
	Key                 cryptobox.VerifyKey
	NotBefore, NotAfter time.Time
}

type delegation struct {
	_                   struct{} `cbor:",toarray"`
	Serial              uint64
	Key                 [32]byte
	NotBefore, NotAfter uint64
}

// Sign gives the statement as it travels.
func (d Delegation) Sign(key cryptobox.SigningKey) ([]byte, error) {
	return sign(labelDelegation, delegation{
		Serial: d.Serial, Key: [32]byte(d.Key.Bytes()), NotBefore: millis(d.NotBefore), NotAfter: millis(d.NotAfter),
	}, key)
}

// OpenDelegation verifies a delegation by an authority's key. The error wraps [ErrMalformed] or
// [ErrForged].
func OpenDelegation(wire []byte, key cryptobox.VerifyKey) (d Delegation, err error) {
	var list delegation
	if err := open(labelDelegation, wire, key, &list); err != nil {
		return d, err
	}
	return list.delegation()
}

// ReadDelegation gives what a delegation says, and proves nothing of it, as [ReadGrant] does.
func ReadDelegation(wire []byte) (d Delegation, err error) {
	var list delegation
	if err := readList(wire, &list); err != nil {
		return d, err
	}
	return list.delegation()
}

func (list delegation) delegation() (d Delegation, err error) {
	notBefore, err1 := at(list.NotBefore)
	notAfter, err2 := at(list.NotAfter)
	fresh, err3 := cryptobox.NewVerifyKey(list.Key[:])
	if err := errors.Join(err1, err2, err3); err != nil {
		return d, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return Delegation{list.Serial, fresh, notBefore, notAfter}, nil
}
