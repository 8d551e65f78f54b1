package statement

import "errors"

// What is wrong with a statement, for errors.Is.
var (
	// ErrMalformed: the bytes aren't the CBOR that is expected, in its one encoding.
	ErrMalformed = errors.New("malformed statement")

	// ErrForged: the signature isn't one by the key that has to have signed it.
	ErrForged = errors.New("the signature isn't by the key that has to have signed it")
)
