package cryptobox

import "bytes"

// SealWith seals with a nonce given, for tests that compare bytes.
func SealWith(c Cipher, nonce, plaintext []byte) ([]byte, error) {
	return c.seal(bytes.NewReader(nonce), nil, plaintext)
}

// SealRecordWith seals a record with a nonce given.
func SealRecordWith(k *SuiteKey, nonce []byte, rec *Record) ([]byte, Token, error) {
	ws, err := k.encode(rec)
	if err != nil {
		return nil, Token{}, err
	}
	defer ws.release()
	ws.nonce = [nonceSize]byte(nonce)
	return ws.seal(nil), newToken(nonce), nil
}

// SealBytes seals what need not be a record.
func SealBytes(k *SuiteKey, direction Direction, record []byte) ([]byte, error) {
	c, err := k.ciphers(direction)
	if err != nil {
		return nil, err
	}
	ws := newSealspace()
	defer ws.release()
	ws.record = append(ws.record, record...)
	ws.key, ws.cipher = k, c
	ws.drawNonce()
	return ws.seal(nil), nil
}

// RecordBytes is the room of what was serialized of an Opened or a Draft.
func RecordBytes(of interface{ serialized() []byte }) []byte { return of.serialized() }

func (o *Opened) serialized() []byte { return o.held().record }

func (d *Draft) serialized() []byte { return d.held().record }

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
	_, ok := c.open(nil, enc)
	return ok
}
