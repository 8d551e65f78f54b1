package cryptobox

import (
	"crypto/rand"
	"slices"
)

// Draft is a record that was encoded, and is going to be sealed: for transports that have to
// write the length of a message before the message. [SuiteKey.Encode] fills it. It may not be
// copied, and is used by one goroutine; it holds room that others can use once it is
// released.
type Draft struct {
	redacted[Draft]
	_    noCopy
	held func() *sealspace // nil is empty
}

// Encode writes rec, which it neither changes nor keeps, into a Draft, which then has to be
// released. It also gets k's secret, so that nothing can fail later.
//
// Errors: [ErrKey] for the zero SuiteKey, those of a device (see [NewDeviceBox]), a
// [*ValueError] for a value that can't be sealed, [ErrPadding], and [ErrTooLarge] for what no
// reader would take. The Draft is then empty.
func (k *SuiteKey) Encode(rec *Record, into *Draft) error {
	into.Release()
	ws, err := k.encode(rec)
	if err != nil {
		return err
	}
	into.held = ws.held
	return nil
}

// encode is Encode. After an error, or a panic of rec.Form, it wipes all.
func (k *SuiteKey) encode(rec *Record) (encoded *sealspace, err error) {
	if k.isZero() {
		return nil, errZeroKey
	}
	ws := newSealspace()
	defer func() {
		if encoded == nil {
			ws.release()
		}
	}()
	if err := ws.encode(rec); err != nil {
		return nil, err
	}
	c, err := k.ciphers(rec.Kind.Direction())
	if err != nil {
		return nil, err
	}
	ws.key, ws.cipher = k, c
	ws.drawNonce()
	return ws, nil
}

// Size is how many bytes Append appends; 0 for an empty Draft.
func (d *Draft) Size() int {
	if d.held == nil {
		return 0
	}
	return d.held().size()
}

// Token stands for the message, before it is appended; the zero Token for an empty Draft.
func (d *Draft) Token() Token {
	if d.held == nil {
		return Token{}
	}
	return newToken(d.held().nonce[:])
}

// Append seals the record straight behind dst. Appending twice gives the same message twice.
// An empty Draft appends nothing.
func (d *Draft) Append(dst []byte) []byte {
	if d.held == nil {
		return dst
	}
	return d.held().seal(dst)
}

// Release empties d, and wipes what it held.
func (d *Draft) Release() {
	if d.held != nil {
		d.held().release()
		d.held = nil
	}
}

// Seal appends a message of rec to dst, sealed in the direction of its kind under a fresh
// random nonce. Where dst has room, nothing is allocated. The Token stands for this
// message; a peer gets an equal one by [SuiteKey.Open]. rec is neither changed nor kept.
//
// Errors are those of [SuiteKey.Encode]; dst is then as it was, and the Token zero.
func (k *SuiteKey) Seal(dst []byte, rec *Record) ([]byte, Token, error) {
	ws, err := k.encode(rec)
	if err != nil {
		return dst, Token{}, err
	}
	defer ws.release()
	return ws.seal(dst), newToken(ws.nonce[:]), nil
}

// drawNonce draws all of a nonce at random: 192 bits are enough to keep no counter. After
// 2^64 messages under one key the chance that any two share a nonce is about 2^-65, so
// several programs, or runs of one, may seal under one key without knowing of each other.
// crypto/rand doesn't fail: without randomness the program ends.
func (ws *sealspace) drawNonce() { _, _ = rand.Read(ws.nonce[:]) }

func (ws *sealspace) size() int { return ws.cipher.overhead() + len(ws.record) }

// seal appends the message under the nonce that was drawn.
func (ws *sealspace) seal(dst []byte) []byte {
	start := len(dst)
	dst = slices.Grow(dst, ws.size())
	dst = append(dst, byte(ws.key.suite))
	dst = append(dst, ws.key.hash[:idSize]...)
	dst = append(dst, ws.nonce[:]...)
	return ws.cipher.seal(dst, start, &ws.nonce, ws.record)
}
