package cryptobox

import "io"

// Names of algorithms, as an [Envelope] carries them.
const (
	AlgorithmBox       = "cryptobox"        // NaCl crypto_box: X25519, XSalsa20, Poly1305
	AlgorithmSecretBox = "xsalsa20poly1305" // NaCl crypto_secretbox: XSalsa20, Poly1305
	AlgorithmAESGCM    = "aes256gcm"        // AES-256 in Galois/Counter Mode (NIST SP 800-38D)
)

// SecretKeyAlgorithm gives the name under which a payload of that algorithm
// opens with the shared secret key alone, and whether there is one.
// [AlgorithmBox] gives [AlgorithmSecretBox], since NaCl's crypto_box_afternm is
// crypto_secretbox under the shared key of the pair; the algorithms of
// symmetric keys give themselves. The WAMP specification's payload passthru
// mode knows such names only.
func SecretKeyAlgorithm(algorithm string) (name string, ok bool) {
	switch algorithm {
	case AlgorithmBox, AlgorithmSecretBox:
		return AlgorithmSecretBox, true
	case AlgorithmAESGCM:
		return AlgorithmAESGCM, true
	}
	return "", false
}

// Cipher seals and opens under one key. Programs never implement it: suites
// are types of this package.
//
// A Cipher seals with exactly one algorithm and may be used by several
// goroutines.
type Cipher interface {
	// Algorithm is the name that an Envelope carries.
	Algorithm() string
	// Overhead is by how many bytes a payload is longer than its plaintext.
	Overhead() int

	// seal appends the sealed plaintext to dst. Random is systemRandom but in
	// tests that compare bytes.
	seal(random io.Reader, dst, plaintext []byte) ([]byte, error)
	// open appends the plaintext to dst, which never overlaps sealed.
	open(dst, sealed []byte) ([]byte, error)
	// token tells what an answer refers to. It is zero if sealed is too short.
	token(sealed []byte) Token
}

// opens reports whether c opens what an Envelope says is of this algorithm:
// c's own, or the name of the same function under the same key. No other name
// reaches the key, so a router that changes one changes nothing but whether
// the payload is tried.
func opens(c Cipher, algorithm string) bool {
	own := c.Algorithm()
	if algorithm == own {
		return true
	}
	name, ok := SecretKeyAlgorithm(own)
	return ok && algorithm == name
}
