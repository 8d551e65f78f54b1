// Package keyring says for every URI which key seals its payloads, or that they are plain. To
// seal is to encrypt and authenticate.
//
// Call [New] to make a [Ring], tell it which patterns have which key, and give it to a session:
//
//	ring := keyring.New()
//	err := ring.Set(keyring.Prefix("com.myapp.orders."), keyring.Originator(private, responder))
//	err = ring.SetPlain(keyring.Prefix("com.myapp.public."))
//	s, err := transparency.ConnectNet(ctx, url, cfg, ring)
//
// The session asks the ring for every message. The ring is the whole policy: for a URI that it
// says nothing of, no message is sent or accepted. Most programs read their ring from a file:
// package [github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile].
//
// # Patterns
//
// Patterns are WAMP's own (WAMP specification, "Pattern-based Subscriptions"):
//
//   - [Exact]: the URI itself.
//   - [Prefix]: every URI that begins with the text, character by character. Prefix("com.foo")
//     also matches "com.foobar", so write "com.foo." for what lies under com.foo.
//   - [Wildcard]: every URI with as many components as the text. An empty component in the
//     text matches any: "com.myapp..temperature".
//
// If several patterns match a URI, the most specific one decides: the exact one; else the longest
// prefix; else the wildcard with most fixed components; else the default, Prefix(""). So a
// prefix beats every wildcard. Two wildcards that tie are refused with [ErrConflict]. A wildcard
// that was removed ties with nothing, so that another may take its place.
//
// # Closed, plain, keyed
//
// A URI that no pattern matches is closed: [Ring.Lookup] gives [ErrClosed]. If the URI nearly
// matches a pattern, as after a typo, the error names that pattern. So a typo is an error, and
// not a secret sent in plain.
//
// [Ring.SetPlain] declares the URIs of a pattern plain. [Ring.PlainUnlessKeyed] declares all URIs
// plain that no pattern matches. Two kinds of URI stay closed all the same: a URI that nearly
// matches a more specific pattern with a key, and a URI with a "*" or "#" in it. If you mean such
// a URI, declare it plain by its own [Exact] pattern.
//
// A pattern that has a key stays keyed. When its key is revoked or expired, it seals nothing
// ([ErrNoActive]). When it is removed, its URIs stay closed until the program sets it again.
//
// URIs that begin with "wamp." belong to the protocol and are plain. Only a pattern that itself
// begins with "wamp." keys them. URIs that begin with "wampbox.error" belong to this library
// ([ErrReserved]).
//
// A subscription or registration by pattern can match both keyed and plain URIs. [Ring.Overlap]
// tells whether it does.
//
// # Keys
//
// Every exchange has an originator, who publishes or calls, and a responder, who
// subscribes or is called. Each holds its own private key and the other's public key:
// [Originator] and [Responder]. A program with one of them can't play the other role, and
// learns of it before anything is sent ([ErrWrongRole]). These serve both roles:
//
//   - [Pair] is for a program that holds the private keys of both ends.
//   - [Shared] is a secret that all parties hold. A party is any program that takes part.
//   - [Both] is one pair that all parties hold, as Autobahn makes it of a plain string.
//   - [AES256GCM] is a secret too. Use it only for peers that have nothing else: such a key
//     seals at most 2^32 times.
//
// [OriginatorDevice] and [ResponderDevice] leave the private key in a [cryptobox.Device].
//
// NaCl's box authenticates the pair of keys, not a person. Whoever holds a responder's key
// can also make what looks like the originator's. Holders of a shared key can make what
// looks like any other holder's.
//
// [Signed] is for those who need more: who sends can't read, who reads can't send, and each
// message proves which [Party] sent it. Every party that sends or answers makes a signing key
// of its own. Who receives lists those whom it hears, by name and verify key:
//
//	keyring.Signed(keyring.Signing{Suite: cryptobox.SuiteSigned, Read: read, Sign: own,
//	    Senders: []keyring.Party{{Name: "shop", Key: shop}, {Name: "billing", Key: billing}}})
//	keyring.Signed(keyring.Signing{Suite: cryptobox.SuiteSigned, Seal: read.Public(), Sign: own,
//	    Answerers: []keyring.Party{{Name: "orders", Key: orders}}})
//
// [Ring.AddParty] and [Ring.RemoveParty] change the lists. [Ring.Current] gives who holds on to
// a [Version] the one with the lists of now.
//
// A payload names its key by an id, which is public ([Key.ID]). The session first finds the
// pattern, by the URI alone. The id then selects among the versions of that pattern's key
// ([Entry.Openers]). So the holder of another pattern's key can't speak for this URI.
//
// # Versions and dates
//
// A pattern's key has versions. Each is a [Key] with an id, a secret and [Dates] of its own. A
// version opens messages from when the ring has it until its NotAfter. One version seals: of
// those whose ActiveFrom has come, the one with the latest ActiveFrom. If it is revoked or has
// expired, the pattern seals nothing, and doesn't go back to an older version. [State] says where
// a version is in this life at a moment.
//
// So a rotation is one change, made at all peers, in any order, some time before the date:
//
//	err := ring.Add(pattern, next, keyring.Dates{ActiveFrom: tomorrow})
//	err = ring.SetDates(pattern, oldID, keyring.Dates{NotAfter: weekLater})
//
// The new version opens at once, and each peer begins to seal with it by its own clock. The old
// version has to open everything that was sealed with it. So its NotAfter is the date of the
// rotation, and added to it: how old messages may be, how much clocks differ, and how long a
// router keeps events for late subscribers. To call a rotation off, give the new version a later
// ActiveFrom.
//
// If somebody else has got hold of a key, [Ring.Revoke] it, even if it came from a file. A
// revocation takes effect at once, in exchanges that are under way too, and for as long as the
// ring lives. Messages that were recorded before stay readable to whoever has the key. If a
// pattern changes from a shared key to a pair, it is protected no better than by the shared key
// until that has expired or is revoked. If it changes to a signed key, the versions that aren't
// signed open only until the date of [Ring.AllowUnsigned], and not at all without one.
//
// [Ring.Transition] switches a system that runs in plain over to sealed payloads, one process
// at a time and without a message lost. It ends by a date.
//
// Keys that somebody lends, such as a key service, end with their lease, whatever their own dates
// are: [Ring.Lease].
//
// # Scrambled URIs
//
// [Ring.Scramble] hides the URIs below a prefix from routers: they see the prefix, and 16
// characters in place of each component behind it. Programs go on with the real URIs, and all
// peers of these need the secret:
//
//	err := ring.Scramble("com.myapp.", secret)
//
// Below the prefix only patterns count that lie there, with keys in our dialect and in no
// transition ([ErrScrambled]). A secret has dates as a version has them ([Ring.AddScramble]), and
// [Ring.AllowClear] is for a system that runs. docs/SCRAMBLING.md has what still shows, routers'
// rules, and what it costs.
//
// # Sources
//
// Patterns come from the program, and from sources with a name, such as a file. [Ring.Update]
// changes those of one source in one step. A source changes its own patterns alone. A change
// that would let plaintext through for URIs that are sealed, or have scrambled URIs go clear,
// needs the program's consent.
// [github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile] reads keyring files, and
// [github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch] follows them.
//
// # Concurrency and cost
//
// All methods may be called from several goroutines. Every change makes a new snapshot of the
// ring and swaps it in. An [Entry] that was looked up before doesn't change, except that its
// versions can still be revoked.
//
// [Ring.Lookup] takes no lock, and allocates nothing for a URI that a pattern with a key matches.
// Its cost follows the length of the URI, not the number of patterns. It reads the clock only for
// entries with dates or a lease.
//
// The search for near misses costs more. It is needed when no pattern matches the URI, and when a
// wide pattern declares the URI plain beside patterns with keys. In a ring of 100,000 patterns it
// takes one or two microseconds a URI, or twice that with some wildcards. The first search takes
// some tenths of a second and 13 MiB of memory, which stay in use. A ring without keys doesn't
// search for a URI that is declared plain.
//
// To find a party costs the same however long the list is. To set or change a list of 100,000
// takes some tenths of a second, and allocates 40 MB.
//
// A change shares all but one path with the snapshot before it, so that 100,000 patterns load
// in about a second. A key exchange is put off until its key is first used. Ciphers and private
// keys are freed with the last snapshot that had them, unless the program holds on to the
// [Key].
package keyring
