// Package messages measures what it costs to seal and to open one whole message, in
// memory: beside the box alone, here and in libsodium, and beside Autobahn|Python.
package messages

import (
	"math/rand/v2"
	"strings"
)

// textUpTo is the largest payload, in bytes, that is text; larger ones are binary.
const textUpTo = 1 << 10

// payload is one argument of so many bytes.
func payload(size int) any {
	if size <= textUpTo {
		const sentence = "The quick brown fox jumps over the lazy dog. "
		return strings.Repeat(sentence, size/len(sentence)+1)[:size]
	}
	return random(size)
}

// random bytes are the same in each run.
func random(size int) []byte {
	source := rand.NewChaCha8([32]byte{1})
	b := make([]byte, size)
	_, _ = source.Read(b) // never fails
	return b
}
