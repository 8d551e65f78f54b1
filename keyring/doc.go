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
// serve both roles.
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
// # Concurrency and cost
//
// A ring may be changed while it is used. [Ring.Lookup] reads an immutable
// snapshot, takes no lock and allocates nothing. Its cost follows the length of
// the URI, not the number of patterns; what a ring of 100,000 adds to a ring of
// ten is cache misses, some tenths of a microsecond on an idle machine. A change
// shares all but one path with the snapshot before it, so 100,000 patterns load
// in about a second. Key exchange is put off until a key is first used.
// BenchmarkLookup and BenchmarkSet measure this.
package keyring
