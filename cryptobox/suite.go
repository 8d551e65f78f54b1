package cryptobox

import (
	"encoding/base32"
	"fmt"
	"slices"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// Suite is how a message is sealed, and the first byte of it. The zero value is none.
type Suite uint8

// The suites.
const (
	SuiteBox      Suite = 1 // NaCl crypto_box of a pair of keys
	SuiteXBox     Suite = 2 // XChaCha20-Poly1305 under keys that are derived from those of the same pair
	SuiteShared   Suite = 3 // XChaCha20-Poly1305 under keys that are derived from one that all share
	SuiteSigned   Suite = 4 // signed with Ed25519, XChaCha20-Poly1305 under keys by HPKE with X25519
	SuiteSignedPQ Suite = 5 // as SuiteSigned, by HPKE with X-Wing (ML-KEM-768 and X25519)
)

// suiteReserved is the last one that has a meaning in the format. No key is of those that
// aren't named here.
const suiteReserved = SuiteSignedPQ

var suiteNames = [...]string{SuiteBox: "box", SuiteXBox: "xbox", SuiteShared: "shared", SuiteSigned: "signed", SuiteSignedPQ: "signed-pq"}

// ParseSuite returns the suite of that name: "box", "xbox", "shared", "signed" or
// "signed-pq".
//
// Any other is an error that says so.
func ParseSuite(name string) (Suite, error) {
	if i := slices.Index(suiteNames[SuiteBox:], name); i >= 0 {
		return SuiteBox + Suite(i), nil
	}
	return 0, fmt.Errorf(`cryptobox: no suite %q: use "box", "xbox", "shared", "signed" or "signed-pq"`, name)
}

// String is the suite's name.
func (s Suite) String() string {
	if !s.known() {
		return fmt.Sprintf("Suite(%d)", uint8(s))
	}
	return suiteNames[s]
}

func (s Suite) known() bool { return s >= SuiteBox && int(s) < len(suiteNames) }

// Direction separates what an originator seals from what a responder seals.
type Direction uint8

// The directions, as they stand in what keys are derived from.
const (
	Message Direction = 1 // publishes and calls: kinds 1 to 3
	Answer  Direction = 2 // what answers a call: kinds 4 to 7
)

// String is "message" or "answer".
func (d Direction) String() string {
	switch d {
	case Message:
		return "message"
	case Answer:
		return "answer"
	}
	return fmt.Sprintf("Direction(%d)", uint8(d))
}

func (d Direction) known() bool { return d == Message || d == Answer }

// KeyID names a key in one suite. It is no secret.
type KeyID [16]byte

var keyIDText = base32.StdEncoding.WithPadding(base32.NoPadding)

// String is the id for people: 26 characters of base32 (RFC 4648) in lower case, without
// padding.
func (id KeyID) String() string { return strings.ToLower(keyIDText.EncodeToString(id[:])) }

// What a message consists of, in bytes: suite, key id, nonce, and the sealed record with a
// tag.
const (
	idSize = len(KeyID{})

	nonceAt  = 1 + idSize
	sealedAt = nonceAt + nonceSize

	// MinSealed is the size of the shortest message in bytes, and MaxSealed that of the
	// longest in any suite.
	MinSealed = sealedAt + tagSize
	MaxSealed = codec.MaxBytes + 2<<10
)

// SuiteAndID reads which key a message names. Nothing proves that before the message is
// opened.
//
// Errors: [ErrTooLarge] beyond [MaxSealed], [ErrMalformed] for less than [MinSealed], or a
// first byte that is neither a suite nor reserved for one.
func SuiteAndID(enc []byte) (Suite, KeyID, error) {
	switch {
	case len(enc) > MaxSealed:
		return 0, KeyID{}, errMessageSize
	case len(enc) < MinSealed:
		return 0, KeyID{}, errShort
	case enc[0] == 0 || Suite(enc[0]) > suiteReserved:
		return 0, KeyID{}, errSuite
	}
	return Suite(enc[0]), KeyID(enc[1:nonceAt]), nil
}
