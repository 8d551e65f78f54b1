package harness

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/chacha20poly1305"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// RawSigned seals any bytes in suites 4 and 5, as far as what it holds goes: without the
// private half of the reading key it opens nothing. As [Raw] it is written from the format, and
// nothing in it is code under test.
type RawSigned struct {
	t       testing.TB
	Suite   cryptobox.Suite
	hash    [sha256.Size]byte
	kem     hpke.KEM
	public  hpke.PublicKey
	private hpke.PrivateKey // nil for who only sends
}

// RawSender is what everybody can do who knows the public half of a reading key.
func RawSender(t testing.TB, public cryptobox.ReadingPublicKey) *RawSigned {
	t.Helper()
	r := &RawSigned{t: t, Suite: public.Suite(), kem: hpke.DHKEM(ecdh.X25519())}
	if r.Suite == cryptobox.SuiteSignedPQ {
		r.kem = hpke.MLKEM768X25519()
	}
	var err error
	r.public, err = r.kem.NewPublicKey(public.Bytes())
	require.NoError(t, err)
	r.hash = sha256.Sum256(slices.Concat([]byte("wampbox-kid-2"), []byte{byte(r.Suite)}, public.Bytes()))
	return r
}

// RawReader is what everybody can do who holds a reading key.
func RawReader(t testing.TB, key cryptobox.ReadingKey) *RawSigned {
	t.Helper()
	r := RawSender(t, key.Public())
	var err error
	r.private, err = r.kem.NewPrivateKey(key.UnsafeBytes())
	require.NoError(t, err)
	return r
}

// RawContext is the keys of both directions that belong to an encapsulated key.
type RawContext struct {
	*RawSigned
	Encapsulated []byte
	keys         [cryptobox.Answer + 1][]byte
}

func (r *RawSigned) info() []byte {
	return slices.Concat([]byte("wampbox-2"), []byte{byte(r.Suite)}, r.hash[:])
}

func (r *RawSigned) context(encapsulated []byte, export func(string, int) ([]byte, error)) *RawContext {
	r.t.Helper()
	c := &RawContext{RawSigned: r, Encapsulated: encapsulated}
	for direction, label := range map[cryptobox.Direction]string{cryptobox.Message: "message", cryptobox.Answer: "answer"} {
		key, err := export(label, chacha20poly1305.KeySize)
		require.NoError(r.t, err)
		c.keys[direction] = key
	}
	return c
}

// Begin makes a new context.
func (r *RawSigned) Begin() *RawContext {
	r.t.Helper()
	encapsulated, sender, err := hpke.NewSender(r.public, hpke.HKDFSHA256(), hpke.ExportOnly(), r.info())
	require.NoError(r.t, err)
	return r.context(encapsulated, sender.Export)
}

// Enter gives the context of somebody's publish or call, for who reads.
func (r *RawSigned) Enter(message []byte) *RawContext {
	r.t.Helper()
	encapsulated := slices.Clone(message[rawHead : rawHead+r.encapsulatedSize()])
	recipient, err := hpke.NewRecipient(encapsulated, r.private, hpke.HKDFSHA256(), hpke.ExportOnly(), r.info())
	require.NoError(r.t, err)
	return r.context(encapsulated, recipient.Export)
}

const (
	rawHead  = 17 // suite and key id
	rawNonce = 24
)

func (r *RawSigned) encapsulatedSize() int {
	if r.Suite == cryptobox.SuiteSignedPQ {
		return 1120
	}
	return 32
}

// at is where what is sealed begins.
func (r *RawSigned) at(d cryptobox.Direction) int {
	if d == cryptobox.Answer {
		return rawHead + rawNonce
	}
	return rawHead + r.encapsulatedSize() + rawNonce
}

// Nonce gives that of a message, or a new one for nil.
func (r *RawSigned) Nonce(d cryptobox.Direction, message []byte) []byte {
	if message != nil {
		return slices.Clone(message[r.at(d)-rawNonce : r.at(d)])
	}
	nonce := make([]byte, rawNonce)
	_, _ = rand.Read(nonce)
	return nonce
}

// clear is all that stands before what is sealed.
func (c *RawContext) clear(d cryptobox.Direction, nonce []byte) []byte {
	head := slices.Concat([]byte{byte(c.Suite)}, c.hash[:rawHead-1])
	if d == cryptobox.Message {
		head = append(head, c.Encapsulated...)
	}
	return append(head, nonce...)
}

// Seal seals what need be of no form that there is.
func (c *RawContext) Seal(d cryptobox.Direction, nonce, plaintext []byte) []byte {
	aead, err := chacha20poly1305.NewX(c.keys[d])
	if err != nil {
		panic(err) // in a fuzz target there is another t
	}
	before := c.clear(d, nonce)
	return aead.Seal(before, nonce, plaintext, before)
}

// Open gives what is sealed in this context.
func (c *RawContext) Open(d cryptobox.Direction, message []byte) []byte {
	aead, err := chacha20poly1305.NewX(c.keys[d])
	require.NoError(c.t, err)
	at := c.at(d)
	plaintext, err := aead.Open(nil, message[at-rawNonce:at], message[at:], message[:at])
	require.NoError(c.t, err)
	return plaintext
}

// Key gives that of a direction.
func (c *RawContext) Key(d cryptobox.Direction) []byte { return slices.Clone(c.keys[d]) }

// signature makes one as the holder of a key does.
func signature(sign cryptobox.SigningKey, parts ...[]byte) []byte {
	return ed25519.Sign(ed25519.NewKeyFromSeed(sign.UnsafeBytes()), slices.Concat(parts...))
}

// Signed is the plaintext of form 1.
func (c *RawContext) Signed(sign cryptobox.SigningKey, d cryptobox.Direction, nonce, record []byte) []byte {
	before, sealed := sha256.Sum256(c.clear(d, nonce)), sha256.Sum256(record)
	signer := sign.Public().Signer()
	made := signature(sign, []byte("wampbox-signature-2\x00"), []byte{byte(d)}, c.hash[:], before[:], sealed[:])
	return slices.Concat([]byte{1}, signer[:], made, record)
}

// Voucher is what form 2 says between signer and signature, beside the encapsulated key.
type Voucher struct {
	Realm               string
	From                cryptobox.SenderID
	NotBefore, NotAfter uint64
}

// Once is the plaintext of form 2.
func (c *RawContext) Once(sign cryptobox.SigningKey, d cryptobox.Direction, v Voucher, record []byte) []byte {
	encapsulated, realm := sha256.Sum256(c.Encapsulated), sha256.Sum256([]byte(v.Realm))
	dates := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, v.NotBefore), v.NotAfter)
	signer := sign.Public().Signer()
	made := signature(sign, []byte("wampbox-context-2\x00"), []byte{byte(d)}, c.hash[:], encapsulated[:], realm[:], v.From[:], dates)
	return slices.Concat([]byte{2}, signer[:], dates, made, record)
}

// Token gives the one of a message with that plaintext.
func (c *RawContext) Token(d cryptobox.Direction, message, plaintext []byte) []byte {
	named := slices.Concat([]byte("wampbox-token-2"), c.hash[:])
	if plaintext[0] == 1 {
		named = append(named, plaintext[17:17+ed25519.SignatureSize]...)
	} else {
		named = append(append(named, c.Nonce(d, message)...), message[len(message)-chacha20poly1305.Overhead:]...)
	}
	sum := sha256.Sum256(named)
	return sum[:24]
}

// Fronts are how many bytes stand before the record, by form.
var Fronts = []int{1, 81, 97}
