package cryptobox

import "bytes"

// SealWith seals with a nonce given, for tests that compare bytes.
func SealWith(c Cipher, nonce, plaintext []byte) ([]byte, error) {
	return c.seal(bytes.NewReader(nonce), nil, plaintext)
}

// SealRecordWith seals a record with a nonce given.
func SealRecordWith(k *SuiteKey, nonce []byte, rec *Record) ([]byte, Token, error) {
	ws := newSealspace()
	defer ws.release()
	ws.key, ws.front, ws.nonce = k, k.front(rec), [nonceSize]byte(nonce)
	if err := ws.encode(rec); err != nil {
		return nil, Token{}, err
	}
	if err := k.prepare(ws, rec); err != nil {
		return nil, Token{}, err
	}
	return ws.seal(nil), ws.token, nil
}

// AsSender gives an exchange as it is at the sender of the encapsulated key.
func AsSender(x Exchange, encapsulated []byte) Exchange {
	c := *x.get() //nolint:govet // nobody else has it
	c.encapsulated = encapsulated
	c.self = func() *sealContext { return &c }
	return Exchange{context: c.self}
}

// SealSigned seals in the context of an exchange what need be of no form that there is.
func SealSigned(k *SuiteKey, x Exchange, direction Direction, encapsulated, nonce, plaintext []byte) []byte {
	ws := newSealspace()
	defer ws.release()
	ws.key, ws.encapsulated, ws.nonce = k, encapsulated, [nonceSize]byte(nonce)
	ws.cipher = &x.get().ciphers[direction]
	ws.sealed = append(ws.sealed, plaintext...)
	return ws.seal(nil)
}

// SealBytes seals what need not be a record.
func SealBytes(k *SuiteKey, direction Direction, record []byte) ([]byte, error) {
	c, err := k.ciphers(direction)
	if err != nil {
		return nil, err
	}
	ws := newSealspace()
	defer ws.release()
	ws.sealed = append(ws.sealed, record...)
	ws.key, ws.cipher = k, c
	ws.drawNonce()
	return ws.seal(nil), nil
}

// RecordBytes is the room of what was serialized of an Opened or a Draft.
func RecordBytes(of interface{ serialized() []byte }) []byte { return of.serialized() }

func (o *Opened) serialized() []byte { return o.held().sealed }

func (d *Draft) serialized() []byte { return d.held().sealed }

// TokenBytes gives what a token hides.
func TokenBytes(t Token) []byte {
	b := t.bytes()
	return b[:]
}

// Hash gives all that a key is named by.
func Hash(k *SuiteKey) []byte { return k.hash[:] }

// Authentic reports whether a message opens, whatever its suite and id say.
func Authentic(k *SuiteKey, direction Direction, enc []byte) bool {
	c, err := k.ciphers(direction)
	if err != nil {
		return false
	}
	_, ok := c.open(nil, enc, sealedAt)
	return ok
}
