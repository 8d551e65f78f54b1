// Package keyring says which key seals the payloads of which URI.
//
// A [Ring] maps patterns of topics, procedures and error URIs to keys. A
// session asks it for every message: a URI without a key is sent in plain, a
// URI with one is sealed and, but for errors that answer a plain call, nothing else is
// accepted for it.
//
//	ring := keyring.New()
//	err := ring.Set("com.myapp.encrypted.", keyring.Prefix, keyring.Originator(private, responder))
//
// # Patterns
//
// Patterns are WAMP's own (WAMP specification, "Pattern-based Subscriptions"
// and "Pattern-based Registrations"):
//
//   - [Exact]: the URI itself.
//   - [Prefix]: every URI that begins with the text, character by character.
//     "com.foo" also matches "com.foobar"; write "com.foo." for what lies under
//     com.foo.
//   - [Wildcard]: as many components as the pattern, of which empty ones match
//     any: "com.myapp..temperature".
//
// The most specific pattern of a URI is the one that counts: the exact one;
// else the longest prefix; else the wildcard with most fixed components; else
// the default. A prefix beats every wildcard, however short it is. Two
// wildcards that tie are refused with [ErrConflict] when the second is set.
//
// The default is the empty prefix, Set("", Prefix, key). Although it is a
// prefix it stands under the wildcards too.
//
// # WAMP's own URIs
//
// URIs that begin with "wamp." are the protocol's: meta events, the router's
// procedures and errors. Only a pattern that itself begins with "wamp." keys
// them, so that a default key doesn't cut a session off from its router.
//
// # Keys and roles
//
// Every exchange has an originator, who publishes or calls, and a responder,
// who subscribes or is called. Each holds its own private key and the other's
// public key: [Originator] and [Responder]. Whoever holds the one key can't
// play the other role, and learns of it before anything is sent, by
// [ErrWrongRole]. [Both] is one pair shared by all, as Autobahn makes it of a
// plain string; [Symmetric] and [AES256GCM] are shared secret keys. These three
// serve both roles. So does [Pair], for who holds both ends' private keys.
//
// Of the two shared secret keys take Symmetric (xsalsa20poly1305) wherever the
// peers have it. AES256GCM is for peers that have nothing else: its nonces of 96
// bits are too few to be drawn at random without end, so a key seals at most 2^32
// times and is then to be replaced, which its holders have to watch together.
//
// NaCl's box authenticates the pair of keys, not a person: whoever holds a
// responder's key can also make what looks like it came from the originator.
// So can all holders of a shared key, for one another.
//
// A wrong key is an error of [Ring.Set], not of the function that made it, so
// that one error has to be checked.
//
// # Key ids
//
// A payload names the key that it was sealed with. The id is derived from the
// two public keys and thus equal at both ends, or given by [Key.WithID]; see
// [Key.ID]. The pattern is found first, by URI alone; the id then selects among
// that pattern's versions only ([Entry.Openers]), so that the holder of another
// pattern's key can't speak for this URI. Ids are public: they travel in the
// clear.
//
// # Versions
//
// A pattern's key has one or more versions, each a [Key] with an id of its own:
//
//   - [StatePending]: it opens, and seals nothing. It waits for all peers to
//     have it.
//   - [StateActive]: it opens and seals. A pattern has at most one.
//   - [StateRetired]: it opens, until its date where it has one; then messages
//     under it are [ErrExpired].
//   - [StateRevoked]: it does nothing, at once; messages under it are
//     [ErrRevoked].
//
// [Ring.Set] gives a pattern one version that is active, which is all that a
// system needs whose keys don't change. A payload that names an id is opened by
// that version or not at all; for one that names none, as Autobahn may send
// it, those that may open now are tried, at most [MaxOpeners].
//
// A pattern whose versions seal nothing stays keyed: to publish and call is
// [ErrNoActive], and nothing goes out in plain.
//
// # Rotation
//
// To change a key while all run, do one step at all peers before the next one
// begins at any of them. The order of the peers within a step doesn't matter:
//
//  1. Make the new key. Each party makes its half where it is used, and gives
//     away its public key; a shared secret is made once, and handed to all.
//  2. [Ring.Add] it at every peer, originators and responders. All can open it
//     from now on, nobody seals with it.
//  3. When the last one has it, [Ring.Activate] it at every peer. Some seal
//     with the new version now and some with the old one; all open both.
//  4. When the last one seals with it, [Ring.Retire] the old version at every
//     peer, with a date behind all that was sealed with it: add how old
//     messages may be, and what a router keeps for late subscribers.
//  5. After that date, [Ring.RemoveVersion] at every peer, and destroy the old
//     key wherever it is stored.
//
// Peers that were down during a step catch up with it before they connect. If
// the new key turns out wrong before step 4, Activate the old one again: it is
// retired without a date, and still opens everywhere.
//
// An order that would lose messages is refused with [ErrState], as far as one
// ring can know: what other peers have, it doesn't.
//
// If a key is in other hands, don't rotate it: add and activate another one,
// and [Ring.Revoke] it at all peers; or revoke it at once where sending nothing
// is better than sending what others read. Peers that revoke it first refuse
// what the others still seal with it. What was recorded before stays readable
// to whoever has the key.
//
// Every version that may open is one whose holder can speak for the pattern's
// URIs. So a change from a shared key to a pair is worth as much as the shared
// key when that is retired or revoked, and no sooner.
//
// # Changes
//
// Every change makes a new snapshot of the ring and swaps it in. A message is
// sealed or opened, and a call gets its results, with the entry that was found
// when it began, so a change disturbs nothing that is on its way. Ciphers go
// with the last snapshot that had their key, and private keys with them, unless
// the program holds on to the [Key]; Go may have left copies of them in memory
// all the same.
//
// [Ring.SetVersions] sets all versions of one pattern, [Ring.Replace] all
// patterns: each is one step, for those who keep keys in a file or a service.
//
// # Keys in devices
//
// [OriginatorDevice] and [ResponderDevice] take the private key's half of the
// work from a [cryptobox.Device]: the private key need not be in this process.
// The device is asked once for each key, when it is first used. While it
// fails, sealing and opening do ([cryptobox.ErrDevice]) and each next message
// asks again.
//
// # Keyring files
//
// This package knows nothing of files, so that programs which only want a map
// of keys don't depend on what reads and watches them. Package keyfile
// ([github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile]) makes a Ring of
// a file and changes such files; package keywatch
// ([github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch]) loads a file
// again when it changes, and gives the Ring its new content.
//
// # Concurrency and cost
//
// A ring may be changed while it is used. [Ring.Lookup] reads an immutable
// snapshot, takes no lock and allocates nothing. Its cost follows the length of
// the URI, not the number of patterns; what a ring of 100,000 adds to a ring of
// ten is cache misses, some tenths of a microsecond on an idle machine. Only for an
// entry that has a version with a date is the clock read. A change
// shares all but one path with the snapshot before it, so 100,000 patterns load
// in about a second. Key exchange is put off until a key is first used.
// BenchmarkLookup and BenchmarkSet measure this.
package keyring
