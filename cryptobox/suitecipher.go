package cryptobox

// suiteCipher seals and opens under one key in one direction. Several goroutines use it. Each
// construction has a file of its own.
type suiteCipher interface {
	// overhead is how much longer, in bytes, a message is than its record.
	overhead() int
	// seal appends the sealed record to dst, of which dst[start:] are the bytes of the
	// message that stand before it, nonce included. dst has room.
	seal(dst []byte, start int, nonce *[nonceSize]byte, record []byte) []byte
	// open appends to dst, which does not overlap, the record that is in a message of at
	// least overhead bytes. It reports whether it was authentic.
	open(dst, enc []byte) ([]byte, bool)
}

// ciphers gives the cipher of a key in a direction, or says why there is none yet: a
// device may fail, and is asked again then. It hides keys, as nothing but a func value
// does, from those who print what refers to them.
type ciphers func(Direction) (suiteCipher, error)
