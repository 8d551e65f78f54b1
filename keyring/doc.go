// Package keyring says for every URI which key seals it, or that it is plain.
//
// Make a [Ring], tell it what holds for which pattern, and give it to a session:
//
//	ring := keyring.New()
//	err := ring.Set(keyring.Prefix("com.myapp.orders."), keyring.Originator(private, responder))
//	err = ring.SetPlain(keyring.Prefix("com.myapp.public."))
//	s, err := transparency.ConnectNet(ctx, url, cfg, ring)
//
// The session asks the ring for every message. The ring is the whole policy: a URI that it
// says nothing of is neither sent nor taken. Most programs read their ring from a file:
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
// The most specific pattern that matches counts: the exact one; else the longest prefix; else
// the wildcard with most fixed components; else the default, Prefix(""). So a prefix beats
// every wildcard. Two wildcards that tie are refused with [ErrConflict]. A wildcard that was
// removed ties with nothing, so that another may take its place.
//
// # Closed, plain, keyed
//
// A URI that no pattern matches is closed: [Ring.Lookup] gives [ErrClosed], and names the
// pattern that the URI misses by little. So a typo is an error, and not a secret sent in
// plain.
//
// [Ring.SetPlain] declares URIs plain. [Ring.PlainUnlessKeyed] declares all URIs plain that
// no pattern matches. Neither makes a URI plain that nearly matches a more specific pattern
// with a key.
//
// A pattern that has a key stays keyed. When its key is revoked or expired, it seals nothing
// ([ErrNoActive]). When it is removed, its URIs stay closed until the program sets it again.
//
// URIs that begin with "wamp." are the protocol's, and plain: only a pattern that itself
// begins with "wamp." keys them. URIs that begin with "wampbox.error" are this library's
// ([ErrReserved]).
//
// A subscription or registration by pattern can take in both keyed and plain URIs.
// [Ring.Overlap] tells whether it does.
//
// # Keys
//
// Every exchange has an originator, who publishes or calls, and a responder, who
// subscribes or is called. Each holds its own private key and the other's public key:
// [Originator] and [Responder]. A program with one of them can't play the other role, and
// learns of it before anything is sent ([ErrWrongRole]). These serve both roles:
//
//   - [Pair] is for a program that holds the private keys of both ends.
//   - [Shared] is a secret that all parties hold.
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
// A payload names its key by an id, which is public ([Key.ID]). The pattern is found first,
// by the URI alone. The id then selects among the versions of that pattern's key
// ([Entry.Openers]). So the holder of another pattern's key can't speak for this URI.
//
// # Versions and dates
//
// A pattern's key has versions, each a [Key] with an id, a secret and [Dates] of its own. A
// version opens from when the ring has it until its NotAfter. The version that seals is the
// one with the latest ActiveFrom that has come. If that one is revoked or has expired,
// nothing seals, and never an older one. [State] is what this makes of a version at a moment.
//
// So a rotation is one change, made at all peers, in any order, some time before the date:
//
//	err := ring.Add(pattern, next, keyring.Dates{ActiveFrom: tomorrow})
//	err = ring.SetDates(pattern, oldID, keyring.Dates{NotAfter: weekLater})
//
// The new version opens at once, and each peer goes over to it by its own clock. Choose the
// old version's NotAfter behind all that was sealed with it: add how old messages may be, how
// much clocks differ, and how long a router keeps events for late subscribers. To call a
// rotation off, give the new version a later ActiveFrom.
//
// If a key is in other hands, [Ring.Revoke] it, even if it came from a file. A revocation
// counts at once, in exchanges that are under way too, and for as long as the ring lives.
// What was recorded before stays readable to whoever has the key. If a pattern changes from a
// shared key to a pair, it is protected no better than by the shared key until that has
// expired or is revoked.
//
// [Ring.Transition] switches a system that runs in plain over to sealed payloads, one process
// at a time and without a message lost. It ends by a date.
//
// # Sources
//
// Patterns come from the program, and from sources with a name, such as a file. [Ring.Update]
// changes those of one source in one step. A source changes its own patterns alone. What
// would let plaintext through where URIs are sealed needs the program's consent.
// [github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile] reads keyring files, and
// [github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch] follows them.
//
// # Concurrency and cost
//
// All methods may be called from several goroutines. Every change makes a new snapshot of the
// ring and swaps it in. What was looked up before stays as it was, but for revocations.
//
// [Ring.Lookup] takes no lock, and allocates nothing for what is matched. Its cost follows
// the length of the URI, not the number of patterns. The clock is read only for entries with
// dates.
//
// Looking for near misses costs more: a URI that no pattern matches, or that a wide pattern
// declares plain beside patterns with keys, is compared with all of these. In a ring of
// 100,000 patterns that takes one or two microseconds a URI, and twice that if wildcards have
// a component more or less. No more of a URI is looked at than the longest exact pattern or
// prefix has. The first such URI takes some tenths of a second, and 13 MiB of memory from
// then on. The last answers about what is plain in this way are kept, without a lock. A ring
// without keys compares nothing.
//
// A change shares all but one path with the snapshot before it, so that 100,000 patterns load
// in about a second. A key exchange is put off until its key is first used. Ciphers and
// private keys go with the last snapshot that had them, unless the program holds on to the
// [Key].
package keyring
