package messages

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"time"

	"golang.org/x/crypto/nacl/box"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/measure"
)

// nonceSize is that of NaCl's box, in bytes.
const nonceSize = 24

// bare is golang.org/x/crypto/nacl/box alone, on the payload's bytes, or on as many
// as a whole record has. The key was computed before, the nonce is random, and the
// output is allocated once, at its size: it has to outlive the call, as ours does.
type bare struct {
	title  string
	size   func(payload int) (int, error) // of the plaintext
	shared [32]byte

	sealed, opened []byte
}

const (
	bareName   = "nacl/box"
	recordName = "nacl/box, record size"
)

// newBare makes the contender that seals so many bytes for a payload.
func newBare(title string, size func(payload int) (int, error)) (*bare, error) {
	public, private, err := box.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	b := &bare{title: title, size: size}
	box.Precompute(&b.shared, public, private)
	return b, nil
}

func payloadSize(payload int) (int, error) { return payload, nil }

func (b *bare) name() string { return b.title }

func (b *bare) run(_ context.Context, task string, size int, atLeast time.Duration) (measure.Sample, error) {
	sample, err := loop(b, task, size, atLeast)
	if err != nil {
		return sample, err
	}
	return sample, b.check(size)
}

func (b *bare) check(size int) error {
	size, err := b.size(size)
	if err != nil {
		return err
	}
	if err := b.open(b.sealed); err != nil {
		return err
	}
	if !bytes.Equal(b.opened, random(size)) {
		return errors.New("messages: what was opened is not what was sealed")
	}
	return nil
}

func (b *bare) work(task string, size int) (func() error, error) {
	size, err := b.size(size)
	if err != nil {
		return nil, err
	}
	plaintext := random(size)
	switch task {
	case Seal:
		return func() error { return b.seal(plaintext) }, nil
	case Open:
		if err := b.seal(plaintext); err != nil {
			return nil, err
		}
		return func() error { return b.open(b.sealed) }, nil
	}
	return nil, unknownTask(task)
}

func (b *bare) seal(plaintext []byte) error {
	out := make([]byte, nonceSize, nonceSize+box.Overhead+len(plaintext))
	if _, err := rand.Read(out); err != nil {
		return err
	}
	nonce := [nonceSize]byte(out)
	b.sealed = box.SealAfterPrecomputation(out, plaintext, &nonce, &b.shared)
	return nil
}

func (b *bare) open(sealed []byte) error {
	nonce := [nonceSize]byte(sealed)
	opened, ok := box.OpenAfterPrecomputation(nil, sealed[nonceSize:], &nonce, &b.shared)
	if !ok {
		return errors.New("messages: nacl/box didn't open what it sealed")
	}
	b.opened = opened
	return nil
}
