// Package cryptobox seals the payloads of WAMP messages, so that the router
// that carries them can neither read nor change them.
//
// It is the bottom layer: keys, the ciphers they make, the record that is
// sealed, and the envelope that comes out. It knows no sessions, no URIs and no
// patterns; the packages keyring and transparency build on it. Use it by
// itself to open or make payloads outside of a WAMP session.
//
// # The way down and up
//
// A [Record] holds the arguments of a message and, with its URI and its
// [Bind], what ties them to their place. [Seal] serializes it as JSON,
// MessagePack or CBOR (see [Serializer]), seals the bytes with a [Cipher] and
// returns an [Envelope], which is what travels. [Open] goes the other way, and
// returns nothing at all unless everything was right. Both return the same
// [Token] for the same payload; an answer names by it what it answers.
//
// # Keys
//
// A [PrivateKey] and the other party's [PublicKey] make a [Box] by [NewBox]; a
// [SymmetricKey] that all parties share makes one by [NewSecretBox], or an
// [AESGCM] by [NewAESGCM] where the peers need that algorithm. Keys are read
// from base64, as Autobahn writes them, or hex. All-zero keys and public
// keys of low order are refused.
//
// NaCl's box authenticates the pair of keys, not the person: either party
// opens what itself has sealed, and can make what the other might have sealed.
// Who plays which role, and that an answer is no echo, has to be in the record.
//
// # What is sealed, byte by byte
//
// Sealed with [AlgorithmBox], a payload is what NaCl's crypto_box gives, with
// its nonce in front:
//
//	nonce (24 bytes) || Poly1305 tag (16 bytes) || XSalsa20 ciphertext
//
// so it is 40 bytes longer than the serialized record. [AlgorithmSecretBox]
// (NaCl's crypto_secretbox) has the same layout: the shared key of a box is a
// secretbox key, so a Box of a key pair opens payloads under either name (see
// [SecretKeyAlgorithm] and [Open]). Every nonce is drawn at random from 192
// bits; none is ever taken from a caller.
//
// Sealed with [AlgorithmAESGCM] (NIST SP 800-38D, a key of 256 bits, no
// associated data) it is
//
//	nonce (12 bytes) || AES-256-GCM ciphertext || tag (16 bytes)
//
// and 28 bytes longer. Its nonces are random too, and as they have only 96
// bits, a key may seal 2^32 times; then comes [ErrExhausted]. Prefer a Box.
//
// The record is one map:
//
//	"uri"     string   the topic, procedure or error URI; null if absent
//	"args"    list     null if absent
//	"kwargs"  map      null if absent
//	"bind"    map      see [Bind]; missing if absent
//
// On arrival "uri", "args" and "kwargs" may be missing as well, and other keys
// are ignored. Records in JSON are Autobahn's cryptobox payloads; those in CBOR
// have the shape of the WAMP specification's payload passthru mode.
//
// # Values
//
// Args and kwargs arrive as these Go types, whatever serializer was used:
//
//	nil, bool, string, []byte, []any, map[string]any
//	int64     every integer that fits
//	uint64    integers above the largest int64
//	*big.Int  integers beyond 64 bits, up to MaxBigBits; in JSON and CBOR only
//	float64   every float; 3.0 stays a float
//
// Sealed can be those, and what is turned into them first: all kinds of Go
// integers and floats, named types of all these kinds, lists and maps of them
// whose keys are strings, and pointers. Structs, and types that bring their
// own form (encoding.BinaryMarshaler, encoding.TextMarshaler, cbor.Marshaler),
// are mapped as github.com/fxamacker/cbor does it: by "cbor" or "json" field
// tags, times as RFC 3339 text. A nil list, map or pointer arrives as nil.
// Everything else is a [*ValueError]: channels, functions, complex numbers,
// other map keys, text that is not UTF-8, what holds itself or is nested
// beyond [MaxDepth].
//
// JSON has no NaN, no infinity, and marks bytes by a leading NUL, so it takes
// no strings and map keys that begin with one. MessagePack has no integers
// beyond 64 bits.
//
// # Hostile input
//
// Everything that arrives is taken for hostile, even what opens: another
// holder of the key may have made it. Size, depth, the number of values and
// declared lengths are bounded ([MaxPayload], [MaxDepth], [MaxValues]), and so is
// what values take of memory, before it is taken; duplicate keys, invalid UTF-8
// and bytes behind the record are refused. No input makes the package panic.
//
// # Errors
//
// Branch on the sentinels with [errors.Is]. What does not authenticate is
// [ErrOpen], always the same and with no reason. [ErrMalformed] and
// [ErrTooLarge] from [Open] may also mean that the sender, who holds the key,
// has to be corrected. [*KeyError] and [*ValueError] add where to look. On an
// error all other results are zero.
//
// # Secrets in print
//
// No key, nonce or plaintext shows in an error, a log or a dump. Keys, a
// [Box] or [AESGCM], [Record], [Envelope] and [Token] print their names with
// every verb of fmt and in log/slog, and return [ErrSecret] when they are
// marshalled. Where one stands in an unexported field of another struct, fmt
// and dumps walk its fields without asking it: they find a func value in place
// of keys and plaintext, and masked bytes in place of a token. Only of an
// Envelope they show what a router sees.
// [PrivateKey.UnsafeBytes] is the one way to a key's bytes.
//
// Buffers that held a serialized record, and what devices give, are overwritten
// after use. Keys stay in memory as long as something refers to them. All of that
// is best effort: Go's runtime may have copied what was in them.
package cryptobox
