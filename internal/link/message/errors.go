package message

import (
	"errors"
	"fmt"
)

var (
	// ErrMessage is wrapped by errors about received bytes that are no WAMP message.
	ErrMessage = errors.New("not a WAMP message")
	// ErrPayload is wrapped by errors about a payload, or details, that can't be taken
	// or decoded.
	ErrPayload = errors.New("the payload can't be decoded")
	// ErrTooLarge is wrapped, beside ErrMessage or ErrPayload, by errors about what
	// would take too much memory, or is nested too deep.
	ErrTooLarge = errors.New("too large")
	// ErrUnsendable is wrapped by errors about a message that can't be written.
	ErrUnsendable = errors.New("the message can't be sent")
)

// Why a scan ended.
var (
	errMalformed = errors.New("not well-formed")
	errMemory    = fmt.Errorf("%w: its values would take too much memory", ErrTooLarge)
	errDepth     = fmt.Errorf("%w: nested too deep", ErrTooLarge)
)

// What is wrong with a payload alone.
var (
	errUndecodable    = fmt.Errorf("%w: it holds what no value stands for", ErrPayload)
	errNoArguments    = fmt.Errorf("%w: no list in the arguments' place", ErrPayload)
	errNoKeywords     = fmt.Errorf("%w: no dict in the keyword arguments' place", ErrPayload)
	errBinary         = fmt.Errorf("%w: binary data in the arguments' place", ErrPayload)
	errBehindBinary   = fmt.Errorf("%w: more behind binary data", ErrPayload)
	errBehindKeywords = fmt.Errorf("%w: more behind the keyword arguments", ErrPayload)
	errPayloadBroken  = fmt.Errorf("%w: %w", ErrPayload, errMalformed)
	errPayloadMemory  = fmt.Errorf("%w: %w", ErrPayload, errMemory)
	errPayloadDepth   = fmt.Errorf("%w: %w", ErrPayload, errDepth)
)

// ofPayload returns the reason as one that concerns the payload alone.
func ofPayload(reason error) error {
	switch reason {
	case errMemory:
		return errPayloadMemory
	case errDepth:
		return errPayloadDepth
	}
	return errPayloadBroken
}
