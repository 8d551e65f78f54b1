package hostile

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
)

// The adversary may hold the reading keys of suites 4 and 5 as well, and a signing key that
// nobody lists. It never makes what comes as somebody's.

// reading gives the reader of a message, if it is one of suites 4 and 5.
func (a *adversary) reading(m *message) *harness.RawSigned {
	b := sealedBytes(m)
	if a.w.foreign() || !a.w.sealing.signed() || len(b) < 1200 && a.w.sealing.suite == cryptobox.SuiteSignedPQ && !m.Is(wamp.RESULT, wamp.YIELD, wamp.ERROR) {
		return nil
	}
	_, id, err := cryptobox.SuiteAndID(b)
	if err != nil {
		return nil
	}
	for _, read := range []cryptobox.ReadingKey{allKeys.signed[a.w.sealing.suite].pair, allKeys.signed[a.w.sealing.suite].both} {
		if cryptobox.SignedID(read.Public()) == id {
			return harness.RawReader(fataler{}, read)
		}
	}
	return nil
}

// sealAgain has a reader take a publish or call apart, and seal something else in its context,
// or the same in another. Where contexts are signed once, readers may forge calls: they don't
// try that.
func sealAgain(a *adversary, o *order, m *message) []*message {
	out, raw := []*message{m}, a.reading(m)
	if raw == nil || !m.Is(wamp.PUBLISH, wamp.CALL, wamp.EVENT, wamp.INVOCATION) || m.Direction == proxy.Up && o.m%2 == 0 {
		return out
	}
	enc := sealedBytes(m)
	if len(enc) < 17+32+24+16 || a.originals[string(enc)] == 0 {
		return out // as another attack left it
	}
	const d = cryptobox.Message
	in, nonce := raw.Enter(enc), raw.Nonce(d, nil)
	plaintext := in.Open(d, enc)
	front := harness.Fronts[plaintext[0]]
	record, context := plaintext[front:], in
	switch once := plaintext[0] == 2; o.n % 5 {
	case 0:
		context = raw.Begin()
	case 1:
		context, nonce = raw.Begin(), raw.Nonce(d, enc)
	case 2:
		plaintext = in.Signed(allKeys.sign[""], d, nonce, record)
		if o.m%3 == 0 {
			signer := allKeys.sign[a.w.actors[o.m%len(a.w.actors)].name].Public().Signer()
			copy(plaintext[1:], signer[:])
		}
	case 3:
		plaintext = append([]byte{0}, record...)
	case 4:
		if once {
			return out
		}
		if o.m%3 == 0 {
			plaintext, nonce = bytes.Clone(plaintext), raw.Nonce(d, enc)
			plaintext[front+o.m%len(record)] ^= 1
		}
	}
	m.SetBytes(context.Seal(d, nonce, plaintext))
	return out
}

// fataler stands in for the test of a reader, in which nothing fails.
type fataler struct{ testing.TB }

// Helper does nothing.
func (fataler) Helper() {}

// Errorf panics.
func (fataler) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// FailNow panics.
func (fataler) FailNow() { panic("a reader failed") }
