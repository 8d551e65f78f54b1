package cryptobox

import (
	"crypto/cipher"
	"crypto/hpke"
	"crypto/sha256"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/recent"
)

// What is exported from a context, by direction.
var exportLabels = [Answer + 1]string{Message: "message", Answer: "answer"}

// maxVouchers is how many signatures a context remembers that were made once for it.
const maxVouchers = 16

// sealContext is one HPKE context (RFC 9180, base mode, export only): a key of each direction,
// which its sender and the holders of the reading key have. Several goroutines use it.
type sealContext struct {
	self         func() *sealContext // itself, hidden from who walks fields by reflection
	key          [sha256.Size]byte   // hash of the key that it is for
	encapsulated []byte              // at its sender
	hash         [sha256.Size]byte   // of the encapsulated key
	span         span                // in which its sender seals messages in it
	ciphers      [Answer + 1]xchachaCipher

	mu       sync.Mutex
	vouchers recent.Map[[sha256.Size]byte, struct{}] // that were verified

	vouching sync.Mutex          // held while a device may sign: opening doesn't wait for it
	own      [Answer + 1]voucher // that seal
}

// exporter is an HPKE context at either end.
type exporter interface {
	Export(label string, size int) ([]byte, error)
}

var (
	_ exporter = (*hpke.Sender)(nil)
	_ exporter = (*hpke.Recipient)(nil)
)

// newContext takes the keys of both directions from an HPKE context.
func newContext(from exporter, key [sha256.Size]byte, encapsulated []byte) (*sealContext, error) {
	c := &sealContext{key: key, hash: sha256.Sum256(encapsulated)}
	c.self = func() *sealContext { return c }
	for _, direction := range []Direction{Message, Answer} {
		secret, err := from.Export(exportLabels[direction], chacha20poly1305.KeySize)
		var aead cipher.AEAD
		if err == nil {
			aead, err = chacha20poly1305.NewX(secret)
		}
		clear(secret)
		if err != nil {
			return nil, &KeyError{What: "direction key", Err: primitiveFailed(err)}
		}
		c.ciphers[direction].aead = aead
	}
	return c, nil
}

// exchange is that of the message in ws.
func (ws *sealspace) exchange() Exchange {
	if ws.context == nil {
		return Exchange{}
	}
	return Exchange{context: ws.context.self}
}
