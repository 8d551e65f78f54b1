package statement

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// The one encoding that is written, and taken.
var (
	encoding = must(deterministic().EncMode())
	decoding = must(cbor.DecOptions{TagsMd: cbor.TagsForbidden, MaxNestedLevels: 4}.DecMode())
)

// deterministic has a nil slice as no bytes: null is no second way to write them.
func deterministic() cbor.EncOptions {
	o := cbor.CoreDetEncOptions()
	o.NilContainers = cbor.NilContainerAsEmpty
	return o
}

func must[T any](mode T, err error) T {
	if err != nil {
		panic(err) // the options are constant
	}
	return mode
}

// Marshal gives the one encoding of a list.
func Marshal(list any) ([]byte, error) { return encoding.Marshal(list) }

// Unmarshal takes what [Marshal] would have written, and nothing else. The error wraps
// [ErrMalformed].
func Unmarshal(wire []byte, list any) error {
	if err := decoding.Unmarshal(wire, list); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, plainly(err))
	}
	again, err := Marshal(list)
	if err != nil || !bytes.Equal(again, wire) {
		return fmt.Errorf("%w: it isn't in its one encoding", ErrMalformed)
	}
	return nil
}

// plainly leaves out what a decoder's error may repeat of the bytes.
func plainly(err error) error {
	var syntax *cbor.SyntaxError
	if errors.As(err, &syntax) {
		return errors.New("no CBOR")
	}
	return errors.New("not of the fields that it has to have")
}
