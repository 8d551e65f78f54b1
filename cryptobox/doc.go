// Package cryptobox seals the payloads of WAMP messages, so that the router that carries
// them can neither read nor change them.
//
// It is the bottom layer: keys, and what is sealed with them. It knows no sessions and no
// patterns; the packages keyring and transparency build on it. Use it by itself to open or
// make payloads outside of a WAMP session:
//
//	box, err := cryptobox.NewBox(alicePrivate, bobPublic)
//	key, err := cryptobox.NewPairKey(cryptobox.SuiteBox, box, alicePublic, bobPublic)
//
//	head := cryptobox.Head{Kind: cryptobox.KindCall, From: me, N: 1, TS: time.Now().UnixMilli()}
//	record := cryptobox.NewRecord(head, "realm1", "com.myapp.add2", []any{2, 3}, nil)
//	enc, token, err := key.Seal(nil, &record)
//
// # Our dialect
//
// A [SuiteKey] seals a [Record]: args and kwargs, with realm, URI and the [Head] that tie
// them to their place. The other end opens it in two steps, so that what is refused costs
// little:
//
//	var opened cryptobox.Opened
//	defer opened.Release()
//	if err := key.Open(enc, cryptobox.Message, &opened); err != nil {
//		return err
//	}
//	if opened.Kind != cryptobox.KindCall || !opened.HasURI("com.myapp.add2") {
//		return errNotForHere
//	}
//	args, kwargs, err := opened.Values()
//
// What the fields of a Head have to equal is for the caller to check. The [Token] is the
// same at both ends; an answer names by it what it answers. A [Draft] tells how long a
// message will be before it is sealed.
//
// A key has one [Suite]: [SuiteBox] is NaCl's crypto_box as it is, [SuiteXBox] and
// [SuiteShared] are XChaCha20-Poly1305 under a key for each [Direction]. Its [KeyID]
// follows from the key and the suite; a message that names another isn't opened. Every
// nonce is drawn at random; none is ever taken from a caller.
//
// docs/FORMAT.md has the message and the record byte by byte.
//
// # Foreign dialects
//
// A [Cipher] seals a [ForeignRecord], by [SealForeign], for programs that don't speak our
// [Dialect]: in JSON for [Autobahn], in CBOR for [Passthru]. [OpenForeign] opens theirs.
// Nothing in such a record ties it to its place but a URI, which may be missing.
//
// A [Box] serves both dialects, an [AESGCM] is for payload passthru mode alone. Prefer a
// Box: a key may seal only 2^32 times with AES-GCM; then comes [ErrExhausted].
//
// # Keys
//
// A [PrivateKey] and the other party's [PublicKey] make a Box by [NewBox], or by
// [NewDeviceBox] where the private key is in a [Device]; a [SymmetricKey] that all parties
// share makes one by [NewSecretBox]. [NewPairKey] makes a SuiteKey of a Box of two parties,
// [NewSharedKey] one of a SymmetricKey. Keys are read from base64, as Autobahn writes them,
// or hex. All-zero keys and public keys of low order are refused.
//
// A pair of keys authenticates the pair, not the person: either party opens what itself has
// sealed, and can make what the other might have sealed. Who plays which role, and that an
// answer is no echo, has to follow from the record.
//
// # Values
//
// Args and kwargs arrive as these Go types, in every dialect:
//
//	nil, bool, string, []byte, []any, map[string]any
//	int64      every integer that fits
//	uint64     integers above the largest int64
//	*big.Int   integers beyond both, up to MaxBigBits
//	float64    every float; 3.0 stays a float
//	time.Time  in our dialect: in UTC, in the years 1 to 9999
//
// Sealed can be those, all of Go's own types of integers, and float32. A nil list, map or
// *big.Int arrives as nil. All else is a [*ValueError], unless [Record.Form] makes something
// of it: structs, named types, pointers. Package transparency has one, that does as the
// serializers of nexus do. A ValueError are also text that is not UTF-8, and what holds
// itself or is nested beyond [MaxDepth].
//
// Our dialect writes a time with a fraction of a second as a float, which tells it to about
// a quarter of a microsecond. Foreign dialects have no times. Autobahn's JSON has no NaN and
// no infinity, and marks bytes by a leading NUL, so it takes no strings and map keys that
// begin with one.
//
// # Hostile input
//
// Everything that arrives is taken for hostile, even what opens: another holder of the key
// may have made it. Size, depth, the number of values and declared lengths are bounded
// ([MaxPayload], [MaxDepth], [MaxValues]), and so is what values take of memory, before it
// is taken; keys that stand twice, invalid UTF-8 and bytes behind a record are refused. No
// input makes the package panic.
//
// # Errors
//
// Branch on the sentinels with [errors.Is]. What does not authenticate is [ErrOpen], always
// the same and with no reason. [ErrMalformed] and [ErrTooLarge] may come after that too:
// then the sender, who holds the key, has to be corrected. So has the one of a
// [*WrongKindError], unless a router played an answer back. [*KeyError] and [*ValueError]
// add where to look. On an error all other results are zero.
//
// # Secrets in print
//
// No key, nonce or plaintext shows in an error, a log or a dump. Keys, what is made of
// them, records, what was opened, drafts and tokens print their names with every verb of
// fmt and in log/slog, and return [ErrSecret] when they are marshalled. Where one stands in
// an unexported field of another struct, fmt and dumps walk its fields without asking it:
// they find a func value in place of keys and plaintext, and masked bytes in place of a
// token. [PrivateKey.UnsafeBytes] and [SymmetricKey.UnsafeBytes] are the one way to a key's
// bytes.
//
// Buffers that held a serialized record, and what devices give, are overwritten after use.
// Keys stay in memory as long as something refers to them. All of that is best effort: Go's
// runtime may have copied what was in them.
package cryptobox
