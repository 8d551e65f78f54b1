package redismemory

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// hashLabel keeps these hashes apart from every other.
const hashLabel = "wampbox-replay-1"

// The ways in which a message is known.
const (
	boundMessage   byte = 'b'
	signedMessage  byte = 's'
	unboundMessage byte = 'u'
)

// messageKey names the Redis key of a message. It is a hash, of one length: neither the
// sender's id and counter, which travel sealed, nor a nonce is shown to those who
// see what Redis holds.
func (m *Memory) messageKey(msg *transparency.ReplayMessage) string {
	b := make([]byte, 0, 256)
	b = append(b, hashLabel...)
	if msg.Bound {
		if msg.Signer == "" {
			b = append(b, boundMessage)
		} else {
			b = append(b, signedMessage)
			b = appendText(b, msg.Signer)
		}
		b = appendText(b, msg.Scope)
		b = appendText(b, msg.Secret)
		b = append(b, msg.Sender[:]...)
		b = binary.BigEndian.AppendUint64(b, msg.Counter)
	} else {
		fingerprint := msg.Token.Fingerprint()
		b = append(b, unboundMessage)
		b = appendText(b, msg.Scope)
		b = append(b, fingerprint[:]...)
	}
	sum := sha256.Sum256(b)
	return m.prefix + base64.RawURLEncoding.EncodeToString(sum[:])
}

// appendText writes the length first, so that no two lists of texts look alike.
func appendText(b []byte, text string) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(len(text)))
	return append(b, text...)
}
