package cryptobox_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
)

// countingKey is a reading key in a device that counts what it is asked.
type countingKey struct {
	*ecdh.PrivateKey
	asked int
}

// ECDH counts, and does what it is asked.
func (k *countingKey) ECDH(public *ecdh.PublicKey) ([]byte, error) {
	k.asked++
	return k.PrivateKey.ECDH(public)
}

// flooded is a reader, whose key counts, and a message of alice's that it has opened.
type flooded struct {
	*cast
	key    *countingKey
	reader *cryptobox.SuiteKey
	raw    *harness.RawSigned
	honest []byte
}

func newFlooded(t *testing.T) *flooded {
	t.Helper()
	f := &flooded{cast: newCast(t, cryptobox.SuiteSigned)}
	private, err := ecdh.X25519().NewPrivateKey(f.read.UnsafeBytes())
	require.NoError(t, err)
	f.key = &countingKey{PrivateKey: private}
	parts := f.cast.reader()
	parts.Read, err = cryptobox.NewReadingDevice(f.key, nil)
	require.NoError(t, err)
	f.reader, f.raw = signedKey(t, parts), harness.RawSender(t, f.read.Public())
	f.honest, _, err = signedKey(t, f.sender(f.alice)).Seal(nil, event([]any{"honest"}, nil))
	require.NoError(t, err)
	f.open(t, f.honest, nil, 1)
	return f
}

// open opens a message, and requires what comes of it, and how often the key was asked.
func (f *flooded) open(t testing.TB, enc []byte, want error, asked int) {
	t.Helper()
	before := f.key.asked
	_, err := openIn(t, f.reader, cryptobox.Exchange{}, enc, cryptobox.Message)
	require.ErrorIs(t, err, want)
	require.Equal(t, asked, f.key.asked-before)
}

// by is an event in a new context, signed by a key.
func (f *flooded) by(sign cryptobox.SigningKey, record []byte) []byte {
	c := f.raw.Begin()
	nonce := c.Nonce(cryptobox.Message, nil)
	return c.Seal(cryptobox.Message, nonce, c.Signed(sign, cryptobox.Message, nonce, record))
}

func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestFloodOfContexts: made-up encapsulated keys and made-up signers cost a decapsulation each,
// also when they come again, and no memory; what is known of who is listed stays.
func TestFloodOfContexts(t *testing.T) {
	const size = 600
	f := newFlooded(t)
	record := recordOf(t, event([]any{"flood"}, nil))
	bob := f.cast.bob.verify.Signer()
	keys, signers, forged := make([][]byte, size), make([][]byte, size), make([][]byte, size)
	for i := range size {
		keys[i] = bytes.Clone(f.honest)
		_, _ = rand.Read(keys[i][17:49])
		signers[i] = f.by(f.carol.sign, record)
		c := f.raw.Begin()
		nonce := c.Nonce(cryptobox.Message, nil)
		plaintext := c.Signed(f.carol.sign, cryptobox.Message, nonce, record)
		copy(plaintext[1:], bob[:])
		forged[i] = c.Seal(cryptobox.Message, nonce, plaintext)
	}
	for name, flood := range map[string]struct {
		messages [][]byte
		want     error
	}{
		"encapsulated keys": {keys, cryptobox.ErrOpen}, "unlisted signers": {signers, cryptobox.ErrSigner}, "a listed one's name": {forged, cryptobox.ErrSigner},
	} {
		before, began := heapInUse(), time.Now()
		var opened cryptobox.Opened
		asked := f.key.asked
		for range 2 {
			for _, enc := range flood.messages {
				require.ErrorIs(t, f.reader.Open(enc, cryptobox.Message, &opened), flood.want)
			}
		}
		took := time.Since(began) / (2 * size)
		require.Equal(t, 2*size, f.key.asked-asked, "something of the flood is remembered")
		grown := int64(heapInUse()) - int64(before)
		require.Less(t, grown, int64(128<<10))
		f.open(t, f.honest, nil, 0)
		t.Logf("%d messages with %s: %v each, %+d bytes", 2*size, name, took, grown)
	}
}

// TestFloodByAListed: one who is listed is remembered with so many contexts an hour, and has no
// other's forgotten.
func TestFloodByAListed(t *testing.T) {
	const size, remembered = 600, 256
	f := newFlooded(t)
	record := recordOf(t, event([]any{"flood"}, nil))
	all := make([][]byte, size)
	for i := range all {
		all[i] = f.by(f.cast.bob.sign, record)
	}
	var opened cryptobox.Opened
	before, asked := heapInUse(), f.key.asked
	for _, enc := range all {
		require.NoError(t, f.reader.Open(enc, cryptobox.Message, &opened))
	}
	opened.Release()
	grown := int64(heapInUse()) - int64(before)
	require.Equal(t, size, f.key.asked-asked)
	for i, enc := range all {
		asked := 0
		if i >= remembered {
			asked = 1
		}
		f.open(t, enc, nil, asked)
	}
	f.open(t, f.honest, nil, 0)
	t.Logf("%d contexts of one signer, of which %d are remembered: %+d bytes, %d each", size, remembered, grown, grown/remembered)
}
