package cryptobox

// suiteCipher seals and opens under one key in one direction. Several goroutines use it. Each
// construction has a file of its own.
type suiteCipher interface {
	// seal appends to dst what is sealed of plaintext, which dst may take the place of. before
	// is what stands before it in the message, nonce included.
	seal(dst, before []byte, nonce *[nonceSize]byte, plaintext []byte) []byte
	// open appends to dst, which does not overlap, what is sealed in a message from enc[at]
	// on, behind the nonce. There are a tag's bytes at least. It reports whether all was
	// authentic.
	open(dst, enc []byte, at int) ([]byte, bool)
}

// ciphers gives the cipher of a key in a direction, or says why there is none yet: a
// device may fail, and is asked again then. It hides keys, as nothing but a func value
// does, from those who print what refers to them.
type ciphers func(Direction) (suiteCipher, error)
