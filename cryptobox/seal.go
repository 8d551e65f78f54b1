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
// Errors: [ErrKey] for the zero SuiteKey, or a signed key that doesn't send; those of a device
// (see [NewDeviceBox], [NewSigningDevice]); a [*ValueError] for a value that can't be sealed, or
// an answer of a signed key without its [Record.Exchange]; [ErrPadding], and [ErrTooLarge] for what no
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
	ws.key, ws.front = k, k.front(rec)
	if err := ws.encode(rec); err != nil {
		return nil, err
	}
	ws.drawNonce()
	if err := k.prepare(ws, rec); err != nil {
		return nil, err
	}
	return ws, nil
}

// front is how many bytes stand before the record in what is sealed.
func (k *SuiteKey) front(rec *Record) int {
	if k.signed == nil || rec == nil {
		return 0
	}
	return k.signed().form(rec.Kind).front()
}

// prepare does all that can fail between encoding and sealing.
func (k *SuiteKey) prepare(ws *sealspace, rec *Record) (err error) {
	if k.signed != nil {
		return k.signed().prepare(ws, rec)
	}
	ws.token = newToken(ws.nonce[:])
	ws.cipher, err = k.ciphers(rec.Kind.Direction())
	return err
}

// Size is how many bytes Append appends; 0 for an empty Draft.
func (d *Draft) Size() int {
	if d.held == nil {
		return 0
	}
	return d.held().messageSize()
}

// Token stands for the message, before it is appended; the zero Token for an empty Draft.
func (d *Draft) Token() Token {
	if d.held == nil {
		return Token{}
	}
	return d.held().token
}

// Ref names the message for people; the zero Ref for an empty Draft.
func (d *Draft) Ref() Ref {
	if d.held == nil {
		return Ref{}
	}
	return Ref(d.held().nonce[:])
}

// Exchange is that which the message begins or goes on with.
func (d *Draft) Exchange() Exchange {
	if d.held == nil {
		return Exchange{}
	}
	return d.held().exchange()
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
	return ws.seal(dst), ws.token, nil
}

// drawNonce draws all of a nonce at random: 192 bits are enough to keep no counter. After
// 2^64 messages under one key the chance that any two share a nonce is about 2^-65, so
// several programs, or runs of one, may seal under one key without knowing of each other.
// crypto/rand doesn't fail: without randomness the program ends.
func (ws *sealspace) drawNonce() { _, _ = rand.Read(ws.nonce[:]) }

func (ws *sealspace) messageSize() int {
	size := sealedAt + len(ws.encapsulated) + len(ws.sealed)
	if !ws.ahead {
		size += tagSize
	}
	return size
}

// seal appends the message under the nonce that was drawn.
func (ws *sealspace) seal(dst []byte) []byte {
	start := len(dst)
	dst = ws.appendClear(slices.Grow(dst, ws.messageSize()))
	if ws.ahead {
		return append(dst, ws.sealed...)
	}
	return ws.cipher.seal(dst, dst[start:], &ws.nonce, ws.sealed)
}

// appendClear appends what stands before what is sealed.
func (ws *sealspace) appendClear(dst []byte) []byte {
	dst = append(dst, byte(ws.key.suite))
	dst = append(dst, ws.key.hash[:idSize]...)
	dst = append(dst, ws.encapsulated...)
	return append(dst, ws.nonce[:]...)
}
