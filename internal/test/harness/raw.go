package harness

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/nacl/box"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Raw holds a key and seals any bytes with it, in either direction: what no program that
// goes by docs/FORMAT.md would seal. It is written from there, and nothing in it is code
// under test.
type Raw struct {
	t      testing.TB
	Suite  cryptobox.Suite
	hash   [sha256.Size]byte
	secret [32]byte
}

// RawPair is the Raw of a pair of keys.
func RawPair(t testing.TB, k Keys, suite cryptobox.Suite) *Raw {
	originator, responder := [32]byte(k.Originator.UnsafeBytes()), [32]byte(k.Responder.Public().Bytes())
	r := &Raw{t: t, Suite: suite}
	box.Precompute(&r.secret, &responder, &originator)
	r.named(k.Originator.Public().Bytes(), k.Responder.Public().Bytes())
	return r
}

// RawShared is the Raw of a key that all share.
func RawShared(t testing.TB, key cryptobox.SymmetricKey) *Raw {
	r := &Raw{t: t, Suite: cryptobox.SuiteShared, secret: [32]byte(key.UnsafeBytes())}
	mac := hmac.New(sha256.New, r.secret[:])
	_, _ = mac.Write([]byte("wampbox-id-2")) // a hash has no error
	r.named(mac.Sum(nil))
	return r
}

func (r *Raw) named(of ...[]byte) {
	label := append([]byte("wampbox-kid-2"), byte(r.Suite))
	r.hash = sha256.Sum256(append(label, slices.Concat(of...)...))
}

// Token gives the one of a message that was sealed with the key.
func (r *Raw) Token(message []byte) []byte { return message[17:41] }

// Seal gives a payload whose record is those bytes.
func (r *Raw) Seal(direction cryptobox.Direction, record []byte) []byte {
	r.t.Helper()
	head := slices.Concat([]byte{byte(r.Suite)}, r.hash[:16], make([]byte, 24))
	nonce := head[17:]
	_, _ = rand.Read(nonce)
	if r.Suite == cryptobox.SuiteBox {
		return box.SealAfterPrecomputation(head, record, (*[24]byte)(nonce), &r.secret)
	}
	info := string(slices.Concat([]byte{byte(r.Suite)}, r.hash[:], []byte{byte(direction)}))
	key, err := hkdf.Key(sha256.New, r.secret[:], []byte("wampbox-2"), info, 32)
	require.NoError(r.t, err)
	aead, err := chacha20poly1305.NewX(key)
	require.NoError(r.t, err)
	return aead.Seal(head, nonce, record, head)
}
