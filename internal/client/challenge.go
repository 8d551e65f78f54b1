package client

import (
	"errors"
	"fmt"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/gammazero/nexus/v3/wamp/crsign"
)

// Bounds of a salted CHALLENGE (WAMP specification, "Challenge Response
// Authentication"): nexus's crsign.RespondChallenge derives whatever key it is
// asked for, and panics at a length below zero.
const (
	// maxKeyLength is in bytes.
	maxKeyLength = 1024
	// maxIterations is what deriving a key may cost: some seconds. Each block of
	// the key is iterated.
	maxIterations = 10_000_000
	// hashLength is the size in bytes of a block, that of SHA-256.
	hashLength = 32
)

// errChallenge is wrapped by errors about a CHALLENGE that no AuthFunc is handed.
var errChallenge = errors.New("the router's challenge asks for what no client should compute")

// checkChallenge reads the parameters as nexus does, whatever the method: other
// methods name them the same.
func checkChallenge(m *wamp.Challenge) error {
	iterations, _ := wamp.AsInt64(m.Extra["iterations"])
	length, _ := wamp.AsInt64(m.Extra["keylen"])
	if iterations < 0 || iterations > maxIterations {
		return fmt.Errorf("%w: %d iterations; up to %d are done", errChallenge, iterations, maxIterations)
	}
	if length < 0 || length > maxKeyLength {
		return fmt.Errorf("%w: a key of %d bytes; up to %d are derived", errChallenge, length, maxKeyLength)
	}
	if iterations == 0 {
		iterations = crsign.DefaultIters
	}
	if length == 0 {
		length = crsign.DefaultKeyLen
	}
	if blocks := (length + hashLength - 1) / hashLength; iterations*blocks > maxIterations {
		return fmt.Errorf("%w: %d iterations for each of %d blocks; up to %d are done", errChallenge, iterations, blocks, maxIterations)
	}
	return nil
}
