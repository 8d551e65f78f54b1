package cryptobox_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
)

// signatures are all that anybody has made in a fuzz test.
type signatures map[string]bool

// fuzzed is a call of alice's and bob's answer to it, in one suite and form.
type fuzzed struct {
	*cast
	once    bool
	readers []*cryptobox.SuiteKey // who opens calls
	callers []*cryptobox.SuiteKey // and who answers: by a list, and anybody's
	call    cryptobox.Exchange
	raw     *harness.RawContext
	real    map[cryptobox.Direction][]byte
	within  map[cryptobox.Direction][]byte // what is sealed in them
	made    signatures
}

func newFuzzed(t testing.TB, suite cryptobox.Suite, isOnce bool) *fuzzed {
	t.Helper()
	f := &fuzzed{cast: newCast(t, suite), once: isOnce, real: map[cryptobox.Direction][]byte{}, within: map[cryptobox.Direction][]byte{}, made: signatures{}}
	how := func(parts cryptobox.SignedParts) cryptobox.SignedParts {
		parts.SignedOnce = isOnce
		return parts
	}
	anybody := how(f.sender(f.alice))
	anybody.Answerers, anybody.AnyAnswerer = nil, true
	f.readers = []*cryptobox.SuiteKey{signedKey(t, how(f.reader()))}
	f.callers = []*cryptobox.SuiteKey{signedKey(t, how(f.sender(f.alice))), signedKey(t, anybody)}
	call := draft(t, f.callers[0], callOf("x"))
	f.call, f.real[cryptobox.Message] = call.Exchange(), call.Append(nil)
	f.raw = harness.RawReader(t, f.read).Enter(f.real[cryptobox.Message])
	opened, err := openIn(t, f.readers[0], cryptobox.Exchange{}, f.real[cryptobox.Message], cryptobox.Message)
	require.NoError(t, err)
	f.real[cryptobox.Answer], _, err = f.readers[0].Seal(nil, answerTo(opened.Exchange(), cryptobox.KindResult, call.Token(), "y"))
	require.NoError(t, err)
	for direction, enc := range f.real {
		plaintext := f.raw.Open(direction, enc)
		f.within[direction] = plaintext
		front := harness.Fronts[plaintext[0]]
		f.made[string(plaintext[front-ed25519.SignatureSize:front])] = true
	}
	return f
}

// requireSigned checks that who is said to have signed a message has: by the text of the
// format, and nothing that opened it.
func (f *fuzzed) requireSigned(t testing.TB, opened *cryptobox.Opened, direction cryptobox.Direction, enc, plaintext []byte) {
	t.Helper()
	front := harness.Fronts[plaintext[0]]
	hint, signature := opened.Signer.Signer(), plaintext[front-ed25519.SignatureSize:front]
	require.Equal(t, hint[:], plaintext[1:17])
	require.True(t, f.made[string(signature)], "nobody has made that signature")
	hash := cryptobox.Hash(f.readers[0])
	var signed []byte
	if plaintext[0] == 1 {
		before, record := sha256.Sum256(enc[:len(enc)-16-len(plaintext)]), sha256.Sum256(plaintext[front:])
		signed = slices.Concat([]byte("wampbox-signature-2\x00"), []byte{byte(direction)}, hash, before[:], record[:])
	} else {
		require.True(t, f.once)
		encapsulated, realm := sha256.Sum256(f.raw.Encapsulated), sha256.Sum256([]byte(opened.Realm()))
		signed = slices.Concat([]byte("wampbox-context-2\x00"), []byte{byte(direction)}, hash, encapsulated[:], realm[:], opened.From[:], plaintext[17:33])
		begin, end := binary.BigEndian.Uint64(plaintext[17:]), binary.BigEndian.Uint64(plaintext[25:])
		require.True(t, begin <= uint64(opened.TS) && uint64(opened.TS) <= end && end-begin <= 3_600_000)
		require.NotContains(t, []cryptobox.Kind{cryptobox.KindPublish, cryptobox.KindRefusal}, opened.Kind)
	}
	require.True(t, ed25519.Verify(opened.Signer.Bytes(), signed, signature))
}

// open opens enc by all who might, and checks what comes of it. plaintext is what is sealed, or
// nil where nobody has sealed it.
func (f *fuzzed) open(t testing.TB, direction cryptobox.Direction, enc, plaintext []byte) {
	t.Helper()
	keys, exchanges := f.readers, []cryptobox.Exchange{{}, f.call}
	if direction == cryptobox.Answer {
		keys = f.callers
	}
	for at, key := range keys {
		for _, x := range exchanges {
			before := bytes.Clone(enc)
			opened, err := openIn(t, key, x, enc, direction)
			require.True(t, bytes.Equal(before, enc), "the message was changed")
			wrongKind := errors.As(err, new(*cryptobox.WrongKindError))
			switch {
			case plaintext == nil:
				require.Error(t, err, "nobody has sealed it")
				require.True(t, opened.Signer.IsZero())
			case at == 1:
				require.True(t, opened.Signer.IsZero(), "AnyAnswerer proves nothing")
			case err == nil || wrongKind || !opened.Signer.IsZero():
				if err == nil || wrongKind || plaintext[0] == 1 {
					f.requireSigned(t, opened, direction, enc, plaintext)
				}
			}
			if err != nil && !wrongKind {
				known := errors.Is(err, cryptobox.ErrOpen) || errors.Is(err, cryptobox.ErrMalformed) || errors.Is(err, cryptobox.ErrTooLarge) || errors.Is(err, cryptobox.ErrSigner)
				require.True(t, known, "%v", err)
				require.True(t, opened.Head == cryptobox.Head{} && opened.Realm() == "" && opened.URI() == "")
			}
		}
	}
}

// How a fuzz input changes what was really sealed. Contexts are new in each process, so that
// an input can't hold what is.
const (
	alone = iota // the input, and nothing of it
	behind
	over
	between
	ways
)

// changed is a real message or plaintext with the input in it.
func changed(whole []byte, way byte, at uint16, input []byte) []byte {
	place := int(at) % (len(whole) + 1)
	switch way % ways {
	case behind:
		return slices.Concat(whole[:place], input)
	case over:
		return slices.Concat(whole[:place], input, whole[min(place+len(input), len(whole)):])
	case between:
		return slices.Concat(whole[:place], input, whole[place:])
	}
	return bytes.Clone(input)
}

// FuzzSignedMessage: bytes of any kind open to what somebody has signed, or not at all: as
// they come off the wire, and as a holder of the reading key seals them in the context of a
// call, in any form, in both directions.
func FuzzSignedMessage(f *testing.F) {
	var all []*fuzzed
	for i, suite := range append(signedSuites, signedSuites...) {
		all = append(all, newFuzzed(f, suite, i >= len(signedSuites)))
	}
	for i := range byte(len(all)) {
		for _, direction := range []cryptobox.Direction{cryptobox.Message, cryptobox.Answer} {
			for way := range byte(ways) {
				for _, at := range []uint16{0, 1, 17, 33, 81, 97, 1<<16 - 1} {
					f.Add(i, byte(direction), byte(direction), way, at, []byte{2})
					f.Add(i, byte(direction), byte(3-direction), way, at, []byte{0, 1})
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, which, as, of, way byte, at uint16, input []byte) {
		one := all[int(which)%len(all)]
		direction, from := cryptobox.Message+cryptobox.Direction(as%2), cryptobox.Message+cryptobox.Direction(of%2)
		wire := changed(one.real[from], way, at, input)
		id := one.readers[0].ID()
		for _, enc := range [][]byte{wire, slices.Concat([]byte{byte(one.suite)}, id[:], input)} {
			if !bytes.Equal(enc, one.real[direction]) {
				one.open(t, direction, enc, nil)
			}
		}
		plaintext := changed(one.within[from], way, at, input)
		if len(plaintext) == 0 {
			return
		}
		for _, nonce := range [][]byte{one.raw.Nonce(direction, one.real[direction]), make([]byte, 24)} {
			one.open(t, direction, one.raw.Seal(direction, nonce, plaintext), plaintext)
		}
	})
}
