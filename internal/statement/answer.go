package statement

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// MaxAnswer bounds the bytes of an [Answer].
const MaxAnswer = MaxCiphertext + 3*MaxStatement + 64

// Answer is what a get is answered with, and what a member keeps: statements as they travel.
type Answer struct {
	Grant      []byte
	Ciphertext []byte // empty where the get says that the member has it
	Delegation []byte
	Fresh      []byte
}

type answer struct {
	_                 struct{} `cbor:",toarray"`
	Grant             cbor.RawMessage
	Ciphertext        []byte
	Delegation, Fresh cbor.RawMessage
}

// Marshal gives the answer as it travels.
func (a Answer) Marshal() ([]byte, error) {
	if len(a.Ciphertext) > MaxCiphertext {
		return nil, fmt.Errorf("%w: a ciphertext of %d bytes", ErrMalformed, len(a.Ciphertext))
	}
	ciphertext := a.Ciphertext
	if ciphertext == nil {
		ciphertext = []byte{} // nil would be null
	}
	return Marshal(answer{Grant: a.Grant, Ciphertext: ciphertext, Delegation: a.Delegation, Fresh: a.Fresh})
}

// ParseAnswer parts an answer, and verifies nothing. The parts share the bytes. The error wraps
// [ErrMalformed].
func ParseAnswer(wire []byte) (Answer, error) {
	if len(wire) > MaxAnswer {
		return Answer{}, fmt.Errorf("%w: of %d bytes", ErrMalformed, len(wire))
	}
	var list answer
	if err := Unmarshal(wire, &list); err != nil {
		return Answer{}, err
	}
	return Answer{Grant: list.Grant, Ciphertext: list.Ciphertext, Delegation: list.Delegation, Fresh: list.Fresh}, nil
}
