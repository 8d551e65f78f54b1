// Package cryptobox makes and reads the keys that protect WAMP payloads. It also seals and opens
// single payloads. To seal is to encrypt and authenticate: only a holder of a matching key can
// open what was sealed, and only if it is unchanged.
//
// Most programs need it for keys alone. Call [GenerateKey]. The two programs at the ends of a
// conversation are its parties, here Alice and Bob. Each party makes a private key, keeps it,
// and gives its public half to the other:
//
//	alicePrivate := cryptobox.GenerateKey()
//	alicePublic := alicePrivate.Public() // print it, and give it to Bob
//	bobPublic, err := cryptobox.ParsePublicKey("5Q3rK3UhNZzdviBw9MtbNrrPHR9bsFSGMEtr2H3ZaxQ=")
//
// Package keyring says which URI has which key, and package transparency seals the messages of
// a session with them. To open or make payloads outside of a session, seal a record. Here Alice
// calls a procedure of Bob's:
//
//	box, err := cryptobox.NewBox(alicePrivate, bobPublic)
//	key, err := cryptobox.NewPairKey(cryptobox.SuiteBox, box, alicePublic, bobPublic)
//
//	head := cryptobox.Head{
//		Kind: cryptobox.KindCall,
//		From: cryptobox.NewSenderID(), // stands for Alice's program, in this run
//		N:    1,                       // counts what that program seals
//		TS:   time.Now().UnixMilli(),  // when it is sealed, by Alice's clock
//	}
//	record := cryptobox.NewRecord(head, "realm1", "com.myapp.add2", []any{2, 3}, nil)
//	enc, token, err := key.Seal(nil, &record)
//
// # Our dialect
//
// A dialect is one way of sealing payloads and of placing them in messages ([Dialect]). In this
// library's own, a [SuiteKey] seals a [Record]. A Record holds args and kwargs, and the realm,
// the URI and the [Head], which tie them to their place. The other end opens the record in two
// steps. Open reads Head, realm and URI. The caller checks these, and only then has Values build
// the args and kwargs:
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
// This package doesn't know what the fields of a Head should be: the caller has to check them. A
// [Token] stands for one sealed message. It is the same at both ends, and an answer names its
// call by the call's token. [SuiteKey.Encode] fills a [Draft], which knows how long a message
// will be before it is sealed.
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
// [SealForeign] seals a [ForeignRecord] with a [Cipher], for programs that don't speak our
// dialect: in JSON for [Autobahn], in CBOR for [Passthru]. [OpenForeign] opens theirs. Nothing
// in such a record ties it to its place but a URI, which may be missing.
//
// A [Box] serves both foreign dialects. An [AESGCM] serves payload passthru mode alone. Prefer a
// Box: with AES-GCM a key may seal only 2^32 times, and from then on gives [ErrExhausted].
//
// # Keys
//
// [NewBox] makes a Box of a [PrivateKey] and the other party's [PublicKey]. [NewDeviceBox]
// does so if the private key is in a [Device]. [NewSecretBox] makes one of a [SymmetricKey]
// that all parties share. [NewPairKey] makes a SuiteKey of the Box of two parties,
// [NewSharedKey] one of a SymmetricKey, and [NewSignedKey] one of keys that sign and read. Boxes'
// keys are read from base64, as Autobahn writes them, or from hex. All-zero keys and public keys of low order are refused.
//
// A Box authenticates the pair of keys, not one of the two parties. Either party can open what
// it has sealed itself, and can make what the other party might have sealed. So the receiver
// has to learn from the record which party is the sender, and has to check that an answer isn't
// its own message sent back.
//
// # Signed envelopes
//
// In suites [SuiteSigned] and [SuiteSignedPQ], who may send can't read, who reads can't send, and
// the receiver knows which sender it was. They need two pairs of keys. Each party that sends has
// a [SigningKey], which it made itself with [GenerateSigningKey], and gives its [VerifyKey] to
// those who are to accept what it sends. All parties that read hold one [ReadingKey] of
// [GenerateReadingKey], and give its [ReadingPublicKey] to those who send. SuiteSignedPQ keeps
// what was sealed from those who record it and have a quantum computer later; its signatures
// don't withstand one. [NewSigningDevice] and [NewReadingDevice] take private keys that are in
// devices.
//
// [NewSignedKey] makes a SuiteKey of what one party has of these, and of the lists of those whose
// messages it takes. [Opened.Signer] is the one that signed; a message that nobody on the list
// has signed is [ErrSigner]. A Session's messages of an hour share an encapsulated key. Answers
// are sealed so that only the caller and the holders of the reading key can open them: so they
// need the [Exchange] of their call, which the Draft gives to the caller and the Opened to who
// answers. Later chunks of a call need it too:
//
//	err := alice.Encode(&call, &draft)
//	exchange := draft.Exchange()
//	// The other end:
//	err = bob.Open(enc, cryptobox.Message, &opened)
//	result.Exchange = opened.Exchange()
//	enc, _, err = bob.Seal(nil, &result)
//	// And back:
//	err = alice.OpenIn(exchange, enc, cryptobox.Answer, &opened)
//
// The texts of these keys say what they are: "ed25519:", "x25519:" or "xwing:" stands in front of
// the base64, and a key of another type is refused. A point has one encoding here, so one key has
// one text. The text of a private key is had with UnsafeText alone.
//
// # Scrambled URIs
//
// A [ScrambleSecret] hides the components of URIs from routers. All parties of these URIs hold it,
// and it seals nothing. [GenerateScrambleSecret] makes one, and a keyring applies it:
// keyring.Ring.Scramble. To do that without a keyring, as for routers' rules, call [NewScrambler].
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
// You can seal values of these types, of Go's other integer types, and of float32. A nil list,
// map or *big.Int arrives as nil. A value of any other type, such as a struct, a named type or a
// pointer, is refused with a [*ValueError], unless [Record.Form] turns it into one of these.
// Package transparency has a Form that does what the serializers of nexus do. These are refused
// with a ValueError too: text that isn't UTF-8, a value that holds itself, and a value that is
// nested beyond [MaxDepth].
//
// Our dialect writes a time with a fraction of a second as a float, which tells it to about
// a quarter of a microsecond. Foreign dialects have no times. Autobahn's JSON has no NaN and
// no infinity. It marks bytes by a leading NUL, so strings and map keys that begin with NUL are
// refused there.
//
// # Hostile input
//
// Everything that arrives is taken for hostile, even what opens: another holder of the key
// may have made it. Size, depth, the number of values and declared lengths are bounded
// ([MaxPayload], [MaxDepth], [MaxValues]). The memory that values will take is counted before
// it is taken. A map key that stands twice, invalid UTF-8 and bytes behind a record are
// refused. No input makes the package panic.
//
// # Errors
//
// Branch on the sentinels with [errors.Is]. A message that doesn't authenticate is [ErrOpen],
// always the same and with no reason. One that opens and that no listed key has signed is
// [ErrSigner]. A message that did authenticate can still be
// [ErrMalformed] or [ErrTooLarge]: then its sender, who holds the key, has made a mistake. A
// [*WrongKindError] means an answer that was opened as a message, or a message that was opened
// as an answer. Its sender has made a mistake, or a router has passed it off as the other.
// [*KeyError] and [*ValueError] say where to look. On an error all other results are zero.
//
// # Secrets in print
//
// No key, nonce or plaintext shows in an error, a log or a dump. Keys, boxes, ciphers,
// records, opened messages, drafts and tokens print their type's name with every verb of fmt
// and in log/slog, and return [ErrSecret] when they are marshalled. If your struct holds one of
// them in an unexported field, fmt and dump libraries don't call its methods: they walk its
// fields by reflection. There they find a func value in place of keys and plaintext, and masked
// bytes in place of a token. UnsafeBytes is the only way to the bytes of a [PrivateKey] or a
// [SymmetricKey]; a [SigningKey], a [ReadingKey] and a [ScrambleSecret] have UnsafeText besides.
//
// Buffers that held a serialized record, and the secrets that devices give, are overwritten
// after use. Keys stay in memory as long as something refers to them. All of this is best
// effort: Go's runtime may have copied what was in the buffers.
package cryptobox
