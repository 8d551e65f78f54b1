// Package cryptobox has the keys of WAMP payloads, and seals and opens single payloads.
//
// Most programs need it for keys alone. Each party makes one, and gives away its public half:
//
//	mine := cryptobox.GenerateKey()
//	fmt.Println(mine.Public())
//	theirs, err := cryptobox.ParsePublicKey("5Q3rK3UhNZzdviBw9MtbNrrPHR9bsFSGMEtr2H3ZaxQ=")
//
// Package keyring says which URI has which key, and package transparency seals the messages of
// a session with them. To open or make payloads outside of a session, seal a record:
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
// A [SuiteKey] seals a [Record]: args and kwargs, with the realm, the URI and the [Head] that
// tie them to their place. The other end opens it in two steps. First come head, realm and
// URI; the values are built only when these were found right:
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
// The caller has to check what the fields of the Head should be. The [Token] of a message is
// the same at both ends, and an answer names by it the call that it answers. A [Draft] tells
// how long a message will be before it is sealed.
//
// A key has one [Suite]. [SuiteBox] is NaCl's crypto_box as it is. [SuiteXBox] and
// [SuiteShared] are XChaCha20-Poly1305 under a key for each [Direction]. The [KeyID] follows
// from the key and the suite, and a message that names another one isn't opened. Every nonce
// is drawn at random. None is ever taken from a caller.
//
// docs/FORMAT.md describes the message and the record byte by byte.
//
// # Foreign dialects
//
// A [Cipher] seals a [ForeignRecord], by [SealForeign], for programs that don't speak our
// [Dialect]: in JSON for [Autobahn], in CBOR for [Passthru]. [OpenForeign] opens theirs.
// Nothing in such a record ties it to its place but a URI, which may be missing.
//
// A [Box] serves both dialects, an [AESGCM] payload passthru mode alone. Prefer a Box: with
// AES-GCM a key may seal only 2^32 times, and from then on gives [ErrExhausted].
//
// # Keys
//
// [NewBox] makes a Box of a [PrivateKey] and the other party's [PublicKey]. [NewDeviceBox]
// does so if the private key is in a [Device]. [NewSecretBox] makes one of a [SymmetricKey]
// that all parties share. [NewPairKey] makes a SuiteKey of the Box of two parties, and
// [NewSharedKey] one of a SymmetricKey. Keys are read from base64, as Autobahn writes them,
// or from hex. All-zero keys and public keys of low order are refused.
//
// A pair of keys authenticates the pair, not the person. Either party can open what it has
// sealed itself, and can make what the other one might have sealed. The record has to show
// who plays which role, and that an answer is no echo.
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
// These can be sealed, and so can all of Go's own types of integers, and float32. A nil list,
// map or *big.Int arrives as nil. All else is a [*ValueError], unless [Record.Form] makes
// something of it: structs, named types, pointers. Package transparency has one, that does as
// the serializers of nexus do. Text that is not UTF-8 is a ValueError too, and so is what
// holds itself or is nested beyond [MaxDepth].
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
// ([MaxPayload], [MaxDepth], [MaxValues]). The memory that values will take is counted before
// it is taken. Map keys that stand twice, invalid UTF-8 and bytes behind a record are
// refused. No input makes the package panic.
//
// # Errors
//
// Branch on the sentinels with [errors.Is]. What doesn't authenticate is [ErrOpen], always the
// same and with no reason. [ErrMalformed] and [ErrTooLarge] can come of a message that did
// authenticate: then its sender, who holds the key, has to be corrected. So it is with
// [*WrongKindError], unless a router has sent an answer back. [*KeyError] and [*ValueError]
// say where to look. On an error all other results are zero.
//
// # Secrets in print
//
// No key, nonce or plaintext shows in an error, a log or a dump. Keys, boxes, ciphers,
// records, opened messages, drafts and tokens print their type's name with every verb of fmt
// and in log/slog, and return [ErrSecret] when they are marshalled. In an unexported field of
// another struct, fmt and dumps walk their fields without asking them. They find a func value
// there in place of keys and plaintext, and masked bytes in place of a token.
// [PrivateKey.UnsafeBytes] and [SymmetricKey.UnsafeBytes] are the one way to a key's bytes.
//
// Buffers that held a serialized record, and the secrets that devices give, are overwritten
// after use. Keys stay in memory as long as something refers to them. All of this is best
// effort: Go's runtime may have copied what was in the buffers.
package cryptobox
