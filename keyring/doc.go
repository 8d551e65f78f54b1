// Package keyring says of every URI whether it is sealed, by which key, or plain.
//
// A [Ring] maps patterns of topics, procedures and error URIs to keys. A session asks it
// for every message. It is the whole policy: what it doesn't speak of is neither sent nor
// taken.
//
//	ring := keyring.New()
//	err := ring.Set(keyring.Prefix("com.myapp.orders."), keyring.Originator(private, responder))
//	err = ring.SetPlain(keyring.Prefix("com.myapp.public."))
//
// # Patterns
//
// Patterns are WAMP's own (WAMP specification, "Pattern-based Subscriptions"):
//
//   - [Exact]: the URI itself.
//   - [Prefix]: every URI that begins with the text, character by character. Prefix("com.foo")
//     also matches "com.foobar"; write "com.foo." for what lies under com.foo.
//   - [Wildcard]: as many components as the text, of which empty ones match any:
//     "com.myapp..temperature".
//
// The most specific one that matches counts: the exact one; else the longest prefix; else
// the wildcard with most fixed components; else the default, Prefix(""). So a prefix beats
// every wildcard. Two wildcards that tie are refused with [ErrConflict]. One that was
// removed ties with nothing, so that another may take its place.
//
// # Closed, plain, keyed
//
// A URI that no pattern matches is closed: [Ring.Lookup] gives [ErrClosed], and names the
// pattern that the URI misses by little. A typo is an error, and not a secret in plain.
//
// [Ring.SetPlain] declares URIs plain. [Ring.PlainUnlessKeyed] does it for all that no
// pattern matches, but for near misses.
//
// A pattern that has a key stays so: with its key revoked or expired it seals nothing
// ([ErrNoActive]), and when it is removed its URIs stay closed until the program sets it
// again.
//
// URIs that begin with "wamp." are the protocol's, and plain: only a pattern that itself
// begins with "wamp." keys them. Those that begin with "wampbox.error" are our own
// ([ErrReserved]).
//
// A subscription or registration by pattern can take in both what is keyed and what is
// plain: [Ring.Overlap] tells.
//
// # Keys
//
// Every exchange has an originator, who publishes or calls, and a responder, who
// subscribes or is called. Each holds its own private key and the other's public key:
// [Originator] and [Responder]. Whoever holds the one can't play the other role, and
// learns of it before anything is sent ([ErrWrongRole]). [Both] is one pair shared by all,
// as Autobahn makes it of a plain string; [Pair] is for who holds both ends' private keys;
// [Symmetric] and [AES256GCM] are shared secret keys. These serve both roles. Take
// AES256GCM only for peers that have nothing else: a key of it seals at most 2^32 times.
// [OriginatorDevice] and [ResponderDevice] leave the private key in a [cryptobox.Device].
//
// NaCl's box authenticates the pair of keys, not a person: whoever holds a responder's key
// can also make what looks like it came from the originator. So can all holders of a
// shared key, for one another.
//
// A payload names its key by an id, which is public ([Key.ID]). The pattern is found
// first, by URI alone, and the id selects among that pattern's versions ([Entry.Openers]):
// the holder of another pattern's key can't speak for this URI.
//
// # Versions and dates
//
// A pattern's key has versions, each a [Key] with an id, a secret and [Dates] of its own.
// A version opens from when the ring has it until its NotAfter. The one that seals is that
// with the latest ActiveFrom that has come. If that one is revoked or has expired, nothing
// seals: never an older one. [State] is what this makes of a version at a moment.
//
// So a rotation is one change, made at all peers, in any order, some time before the date:
//
//	err := ring.Add(pattern, next, keyring.Dates{ActiveFrom: tomorrow})
//	err = ring.SetDates(pattern, oldID, keyring.Dates{NotAfter: weekLater})
//
// The new version opens at once, and each peer goes over to it by its own clock. The old
// one's NotAfter lies behind all that was sealed with it: add how old messages may be, how
// much clocks differ, and what a router keeps for late subscribers. To call it off, give
// the new version a later ActiveFrom.
//
// If a key is in other hands, [Ring.Revoke] it, though a file gave it: at once, in
// exchanges that are under way too, and for as long as the ring lives. What was recorded before stays readable to whoever has the key. A change from a
// shared key to a pair is worth as much as the shared key until that has expired or is
// revoked.
//
// # Switching over
//
// A system that runs in plain is switched to sealed payloads without a message lost by
// [Ring.Transition], one process at a time. The transition ends by a date.
//
// # Sources
//
// Patterns come from the program, and from sources with a name, such as a file, each of
// which [Ring.Update] changes in one step. Each changes its own patterns alone. What would
// let plaintext through where URIs are sealed needs the program's consent. Package
// [github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile] reads keyring files, and
// [github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch] follows them.
//
// # Concurrency and cost
//
// Every change makes a new snapshot of the ring and swaps it in. What was looked up before
// stays as it was, but for revocations. [Ring.Lookup] takes no lock and allocates nothing
// for what is matched; its cost follows the length of the URI, not the number of patterns.
// The clock is read only for entries with dates. What no pattern matches, and what a wide
// one declares plain beside patterns with keys, is compared with all of them for near
// misses: one or two microseconds a URI in a ring of 100,000 patterns, twice that if
// wildcards have a component more or less. For exact patterns and prefixes no more of a URI
// is looked at than the longest pattern has. The first such URI takes some tenths of a
// second, and 13 MiB of memory from then on. Of what is plain in that way the last answers
// are kept, without a lock; without any key nothing is compared.
// A change shares all but one path with the snapshot before it, so that 100,000 patterns
// load in about a second. Key exchange is put off until a key is first used. Ciphers and
// private keys go with the last snapshot that had them, unless the program holds on to the
// [Key].
package keyring
