// Package statement reads and writes what the key service's parties sign, and what travels
// between them (docs/KEYSERVICE.md). A statement is a list, in deterministic CBOR (RFC 8949,
// section 4.2.1), with the Ed25519 signature of a label, a zero byte and that list. All that it
// is given is hostile: nothing of a statement is told before its signature was verified, but for
// the member's name by which the key to verify with is found ([MemberOf]), and to a server, which
// reads what it serves out of its own folder ([ReadGrant], [ReadDelegation]).
package statement
