package statement

import (
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Fresh says that a grant is the one of now: signed by the key of a [Delegation].
type Fresh struct {
	Nonce [32]byte // that of the get which it answers
	Grant Hash     // of the grant statement as it travels
	Time  time.Time
}

type fresh struct {
	_     struct{} `cbor:",toarray"`
	Nonce [32]byte
	Grant Hash
	Time  uint64
}

func (f fresh) check() error { return checkTimes(f.Time) }

// Sign gives the statement as it travels.
func (f Fresh) Sign(key cryptobox.SigningKey) ([]byte, error) {
	return sign(labelFresh, fresh{Nonce: f.Nonce, Grant: f.Grant, Time: millis(f.Time)}, key)
}

// OpenFresh verifies it by a delegation's key. The error wraps [ErrMalformed] or [ErrForged].
func OpenFresh(wire []byte, key cryptobox.VerifyKey) (f Fresh, err error) {
	var list fresh
	if err := open(labelFresh, wire, key, &list); err != nil {
		return f, err
	}
	return Fresh{list.Nonce, list.Grant, at(list.Time)}, nil
}
