package cryptobox

import "io"

// Names of algorithms, as the foreign dialects carry them.
const (
	AlgorithmBox       = "cryptobox"        // NaCl crypto_box: X25519, XSalsa20, Poly1305
	AlgorithmSecretBox = "xsalsa20poly1305" // NaCl crypto_secretbox: XSalsa20, Poly1305
	AlgorithmAESGCM    = "aes256gcm"        // AES-256 in Galois/Counter Mode (NIST SP 800-38D)
)

// Cipher seals and opens payloads of the foreign dialects under one key, with one
// algorithm. Programs never implement it. Several goroutines may use one.
type Cipher interface {
	// Algorithm is the name that a message carries beside the payload: [AlgorithmBox],
	// or the name of the same function under the shared key, [AlgorithmSecretBox], in
	// [Passthru], which has no name for boxes.
	Algorithm(d Dialect) string
	// Overhead is by how many bytes a payload is longer than its plaintext.
	Overhead() int

	// seal appends the sealed plaintext to dst. Random is systemRandom but in
	// tests that compare bytes.
	seal(random io.Reader, dst, plaintext []byte) ([]byte, error)
	// open appends the plaintext to dst, which never overlaps sealed.
	open(dst, sealed []byte) ([]byte, error)
	// token tells what stands for the payload. It is zero if sealed is too short.
	token(sealed []byte) Token
}
