package keyfile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// badFile is a file that is refused.
type badFile struct {
	name string
	text string
	is   error
	want string // the whole message, without the path
	// deep is set for what a JSON Schema can't say, as it compares values.
	deep bool
}

// sides are a good pair.
const sides = `"originator": {"private": "$O"}, "responder": {"public": "$r"}`

var badFiles = []badFile{
	{name: "empty file", text: "",
		is: keyfile.ErrFormat, want: `: not a keyring file: it is empty: see docs/KEYRING-FILE.md for what is in one`},
	{name: "white space", text: " \n\n",
		is: keyfile.ErrFormat, want: `: not a keyring file: it is empty: see docs/KEYRING-FILE.md for what is in one`},
	{name: "a byte order mark", text: "\xef\xbb\xbf{}",
		is: keyfile.ErrFormat, want: ` line 1: not a keyring file: it begins with a byte order mark: save it as UTF-8 without one`},
	{name: "no UTF-8 in a later line", text: "{\n\n\"\xff\": 1}",
		is: keyfile.ErrFormat, want: ` line 3: not a keyring file: it isn't UTF-8: save it as that`},
	{name: "no JSON", text: "version: 1",
		is: keyfile.ErrFormat, want: ` line 1: not a keyring file: it isn't JSON: look for a missing comma, quote or bracket here or just before`},
	{name: "cut short", text: `{"version": 2, "patterns": [` + "\n{",
		is: keyfile.ErrFormat, want: ` line 2: patterns[0]: not a keyring file: it isn't JSON: look for a missing comma, quote or bracket here or just before`},
	{name: "cut short in a version", text: `{"version": 2, "patterns": [{"exact": "com.a", "versions": [` + "\n{",
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a" versions[0]: not a keyring file: it isn't JSON: look for a missing comma, quote or bracket here or just before`},
	{name: "a missing comma", text: fileOf(`{"exact": "a" "plain": true}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "a": not a keyring file: it isn't JSON: look for a missing comma, quote or bracket here or just before`},
	{name: "no UTF-8", text: one("\"id\": \"\xff\""),
		is: keyfile.ErrFormat, want: ` line 2: not a keyring file: it isn't UTF-8: save it as that`},
	{name: "not an object", text: `[]`,
		is: keyfile.ErrFormat, want: ` line 1: not a keyring file: the file has to be an object`},
	{name: "two objects", text: one(sides) + "{}",
		is: keyfile.ErrFormat, want: ` line 4: not a keyring file: something follows the file's object: remove it`},
	{name: "no version", text: `{"patterns": [{"exact": "com.a", "plain": true}]}`,
		is: keyfile.ErrFormat, want: `: not a keyring file: "version" is missing: write "version": 2`},
	{name: "another version", text: `{"version": 3, "patterns": []}`,
		is: keyfile.ErrFormat, want: ` line 1: not a keyring file: this program reads files of "version" 2: write that, or take a newer program`},
	{name: "a version that is text", text: `{"version": "2", "patterns": []}`,
		is: keyfile.ErrFormat, want: ` line 1: not a keyring file: "version" has to be a number`},
	{name: "version 1", text: "{\n\"version\": 1, \"keys\": []}",
		is: keyfile.ErrVersion1, want: ` line 2: it is a keyring file of version 1: make it one of version 2 with wampbox convert`},
	{name: "version 1, said behind its keys", text: "{\n\"keys\": [{}], \"version\": 1}",
		is: keyfile.ErrVersion1, want: ` line 2: it is a keyring file of version 1: make it one of version 2 with wampbox convert`},
	{name: "no patterns", text: `{"version": 2}`,
		is: keyfile.ErrFormat, want: `: not a keyring file: "patterns" is missing: write a list with an object for each pattern`},
	{name: "an empty list", text: `{"version": 2, "patterns": []}`,
		is: keyfile.ErrFormat, want: `: not a keyring file: "patterns" is empty: add one`},
	{name: "patterns that are no list", text: `{"version": 2, "patterns": {}}`,
		is: keyfile.ErrFormat, want: ` line 1: not a keyring file: "patterns" has to be a list`},
	{name: "another word for what has no key", text: "{\"version\": 2,\n\"unkeyed\": \"closed\", \"patterns\": []}",
		is: keyfile.ErrFormat, want: ` line 2: not a keyring file: "unkeyed" is none of plain`},
	{name: "an entry that is no object", text: fileOf(`"x"`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0]: not a keyring file: a pattern's entry has to be an object`},
	{name: "versions that are no list", text: fileOf(`{"exact": "com.a", "versions": {}}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a": not a keyring file: "versions" has to be a list`},
	{name: "a version that is no object", text: fileOf(versionsOf(`"$O"`)),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a" versions[0]: not a keyring file: a version has to be an object`},
	{name: "unknown field of the file", text: "{\"version\": 2,\n\"pattern\": []}",
		is: keyfile.ErrFormat, want: ` line 2: not a keyring file: unknown field "pattern": the fields here are $schema, version, unkeyed and patterns`},
	{name: "unknown field of an entry", text: fileOf(`{"exact": "com.a", "match": "exact"}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a": not a keyring file: unknown field "match": the fields here are exact, prefix, wildcard, comment, plain, plaintext, until, allow_unsigned, versions`},
	{name: "unknown field of a version", text: one(`"orginator": {}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a" versions[0]: not a keyring file: unknown field "orginator": the fields here are id, active_from, not_after, created, revoked, comment, originator, responder, shared, sign, seal, read, senders, answerers, any_answerer, signed_once, dialect, suite, algorithm`},
	{name: "a field of version 1", text: one(`"id": "x", "state": "active", "shared": "$S"`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a" versions[0] id "x": not a keyring file: unknown field "state": the fields here are id, active_from, not_after, created, revoked, comment, originator, responder, shared, sign, seal, read, senders, answerers, any_answerer, signed_once, dialect, suite, algorithm`},
	{name: "a field without a name", text: fileOf(`{"": "com.a"}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0]: not a keyring file: an unknown field: the fields here are exact, prefix, wildcard, comment, plain, plaintext, until, allow_unsigned, versions`},
	{name: "unknown field of a side", text: one(`"originator": {"secret": "$O"}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a" versions[0]: not a keyring file: unknown field "secret": the fields here are private and public`},
	{name: "a key for a field's name", text: one(`"$O": 1`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a" versions[0]: not a keyring file: an unknown field: the fields here are id, active_from, not_after, created, revoked, comment, originator, responder, shared, sign, seal, read, senders, answerers, any_answerer, signed_once, dialect, suite, algorithm`},
	{name: "a field twice", text: fileOf(`{"exact": "com.a", "exact": "com.b"}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a": not a keyring file: "exact" is given twice: remove one`},
	{name: "a side twice", text: one(sides + `, "originator": {"public": "$o"}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a" versions[0]: not a keyring file: "originator" is given twice: remove one`},
	{name: "two patterns in one entry", text: fileOf(`{"exact": "com.a", "prefix": "com.", "plain": true}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a": not a keyring file: it has two patterns: give one of exact, prefix, wildcard`},
	{name: "a pattern that is no text", text: fileOf(`{"prefix": 7}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0]: not a keyring file: "prefix" has to be a text in quotes`},
	{name: "no pattern", text: fileOf(`{"versions": [{` + sides + `}]}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0]: not a keyring file: the pattern is missing: give exact, prefix or wildcard`},
	{name: "a pattern twice", text: fileOf(versionsOf(`{`+sides+`}`), `{"exact": "com.b", "plain": true}`, `{"exact": "com.a", "plain": true}`), deep: true,
		is: keyfile.ErrFormat, want: ` line 4: patterns[2] exact "com.a": not a keyring file: line 2 has this pattern too: write one entry, with the versions of both`},
	{name: "neither plain nor versions", text: fileOf(`{"exact": "com.a"}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a": not a keyring file: it has no versions: give it one, or write "plain": true`},
	{name: "no version of a pattern", text: fileOf(versionsOf()),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a": not a keyring file: it has no versions: give it one, or write "plain": true`},
	{name: "not plain, and no versions", text: fileOf(`{"exact": "com.a", "plain": false}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a": not a keyring file: it has no versions: give it one, or write "plain": true`},
	{name: "plain and versions", text: fileOf(`{"exact": "com.a", "plain": true, "versions": [{` + sides + `}]}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a": not a keyring file: it is plain, and has what a key has: remove "plain", or all but the pattern and it`},
	{name: "plain and a transition", text: fileOf(`{"exact": "com.a", "plain": true, "plaintext": "send", "until": "2027-01-01T00:00:00Z"}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a": not a keyring file: it is plain, and has what a key has: remove "plain", or all but the pattern and it`},
	{name: "plain as text", text: fileOf(`{"exact": "com.a", "plain": "yes"}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a": not a keyring file: "plain" has to be true or false`},
	{name: "a dialect of a pattern", text: fileOf(`{"exact": "com.a", "dialect": "autobahn", "versions": [{` + sides + `}]}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a": not a keyring file: unknown field "dialect": the fields here are exact, prefix, wildcard, comment, plain, plaintext, until, allow_unsigned, versions`},
	{name: "another dialect", text: one(`"dialect": "$O", ` + sides),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a" versions[0]: not a keyring file: "dialect" is none of autobahn, passthru`},
	{name: "our dialect, said", text: one(`"dialect": "wampbox", ` + sides),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a" versions[0]: not a keyring file: "dialect" is none of autobahn, passthru`},
	{name: "another suite", text: one(`"suite": "shared", ` + sides),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a" versions[0]: not a keyring file: "suite" is none of box, xbox, signed, signed-pq`},
	{name: "a suite of a shared key", text: one(`"suite": "box", "shared": "$S"`),
		is: keyfile.ErrSides, want: ` line 2: patterns[0] exact "com.a" versions[0]: the keys don't make a pair: a suite is for pairs of keys in our own dialect: remove it`},
	{name: "a suite for Autobahn", text: one(`"suite": "xbox", "dialect": "autobahn", ` + sides),
		is: keyfile.ErrSides, want: ` line 2: patterns[0] exact "com.a" versions[0]: the keys don't make a pair: a suite is for pairs of keys in our own dialect: remove it`},
	{name: "a suite for passthru", text: one(`"suite": "box", "dialect": "passthru", "id": "x", ` + sides),
		is: keyfile.ErrSides, want: ` line 2: patterns[0] exact "com.a" versions[0] id "x": the keys don't make a pair: a suite is for pairs of keys in our own dialect: remove it`},
	{name: "an id of a pair", text: one(`"id": "x", ` + sides),
		is: keyring.ErrKey, want: ` line 2: patterns[0] exact "com.a" versions[0] id "x": unusable key: its id follows from its keys: remove the one that is given`},
	{name: "an id of a shared key", text: one(`"id": "x", "shared": "$S"`),
		is: keyring.ErrKey, want: ` line 2: patterns[0] exact "com.a" versions[0] id "x": unusable key: its id follows from its keys: remove the one that is given`},
	{name: "an id of a revoked pair", text: one(`"id": "x", "revoked": true, ` + sides),
		is: keyring.ErrKey, want: ` line 2: patterns[0] exact "com.a" versions[0] id "x": unusable key: its id follows from its keys: remove the one that is given`},
	{name: "an id for Autobahn", text: one(`"id": "x", "dialect": "autobahn", ` + sides),
		is: keyring.ErrKey, want: ` line 2: patterns[0] exact "com.a" versions[0] id "x": unusable key: its id follows from its keys: remove the one that is given`},
	{name: "a shared key for Autobahn", text: one(`"dialect": "autobahn", "shared": "$S"`),
		is: keyfile.ErrSides, want: ` line 2: patterns[0] exact "com.a" versions[0]: the keys don't make a pair: autobahn has no shared keys: give it originator and responder`},
	{name: "one private key for both sides", text: one(`"originator": {"private": "$S"}, "responder": {"private": "$S"}`), deep: true,
		is: keyfile.ErrSides, want: ` line 2: patterns[0] exact "com.a" versions[0]: the keys don't make a pair: both sides have one private key, which only peers with the dialect autobahn do: make another`},
	{name: "one private key for both sides in passthru", text: one(`"dialect": "passthru", "id": "x", "originator": {"private": "$S"}, "responder": {"private": "$S"}`), deep: true,
		is: keyfile.ErrSides, want: ` line 2: patterns[0] exact "com.a" versions[0] id "x": the keys don't make a pair: both sides have one private key, which only peers with the dialect autobahn do: make another`},
	{name: "another plaintext", text: fileOf(`{"exact": "com.a", "plaintext": "both"}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a": not a keyring file: "plaintext" is none of send, accept`},
	{name: "a transition without end", text: fileOf(`{"exact": "com.a", "plaintext": "send", "versions": [{` + sides + `}]}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a": not a keyring file: "plaintext" and "until" go together: give both, or none`},
	{name: "the end of no transition", text: fileOf(`{"exact": "com.a", "until": "2027-01-01T00:00:00Z", "versions": [{` + sides + `}]}`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a": not a keyring file: "plaintext" and "until" go together: give both, or none`},
	{name: "an id that doesn't print, of a second version", text: fileOf(versionsOf(`{"id": "1", "dialect": "passthru", "shared": "$S"}`, `{"id": "2\u0007", "dialect": "passthru", "shared": "$O"}`)), deep: true,
		is: keyring.ErrKey, want: ` line 3: patterns[0] exact "com.a" versions[1] id "2\a": unusable key: the key id has a character that doesn't print: U+0007: leave it out`},
	{name: "an empty id", text: one(`"id": ""`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a" versions[0]: not a keyring file: "id" is empty: give it a text, or leave it out`},
	{name: "no date", text: one(`"created": "2026-13-01"`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a" versions[0]: not a keyring file: "created" is no date: write it as 2026-12-31T23:59:59Z (RFC 3339)`},
	{name: "a date that is null", text: one(`"active_from": null`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a" versions[0]: not a keyring file: "active_from" has to be a text in quotes`},
	{name: "revoked as text", text: one(`"revoked": "yes"`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a" versions[0]: not a keyring file: "revoked" has to be true or false`},
	{name: "another algorithm", text: one(`"algorithm": "rot13"`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a" versions[0]: not a keyring file: "algorithm" is none of xsalsa20poly1305, aes256gcm`},
	{name: "a key that is empty", text: one(`"shared": ""`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a" versions[0]: not a keyring file: "shared" is empty: write a key, env:NAME or file:PATH, or leave it out`},
	{name: "a side that is text", text: one(`"originator": "$O"`),
		is: keyfile.ErrFormat, want: ` line 2: patterns[0] exact "com.a" versions[0]: not a keyring file: "originator" has to be an object`},
	{name: "no side", text: one(`"comment": "x"`),
		is: keyfile.ErrSides, want: ` line 2: patterns[0] exact "com.a" versions[0]: the keys don't make a pair: it has no keys: give it originator and responder, shared, or what a signed key has`},
	{name: "one side", text: one(`"originator": {"private": "$O"}`),
		is: keyfile.ErrSides, want: ` line 2: patterns[0] exact "com.a" versions[0]: the keys don't make a pair: responder is missing: give its private key, or its public one`},
	{name: "a side without keys", text: one(`"originator": {}, "responder": {"private": "$R"}`),
		is: keyfile.ErrSides, want: ` line 2: patterns[0] exact "com.a" versions[0]: the keys don't make a pair: originator is missing: give its private key, or its public one`},
	{name: "no private key", text: one(`"originator": {"public": "$o"}, "responder": {"public": "$r"}`),
		is: keyfile.ErrSides, want: ` line 2: patterns[0] exact "com.a" versions[0]: the keys don't make a pair: both sides have only public keys: give one of them its private key`},
	{name: "a shared key and sides", text: one(`"id": "x", "shared": "$S", ` + sides),
		is: keyfile.ErrSides, want: ` line 2: patterns[0] exact "com.a" versions[0] id "x": the keys don't make a pair: it has a shared key and sides: remove one of the two`},
	{name: "an algorithm for a pair", text: one(`"algorithm": "aes256gcm", ` + sides),
		is: keyfile.ErrSides, want: ` line 2: patterns[0] exact "com.a" versions[0]: the keys don't make a pair: an algorithm is for shared keys in passthru: remove it`},
	{name: "a private key of another pair", text: one(`"originator": {"private": "$O", "public": "$r"}, "responder": {"public": "$r"}`), deep: true,
		is: keyfile.ErrMismatch, want: ` line 2: patterns[0] exact "com.a" versions[0]: the private key doesn't belong to the public key: see which of the two originator keys is the right one, or remove the public one`},
	{name: "an algorithm of a shared key of ours", text: one(`"algorithm": "aes256gcm", "shared": "$S"`),
		is: keyfile.ErrSides, want: ` line 2: patterns[0] exact "com.a" versions[0]: the keys don't make a pair: an algorithm is for shared keys in passthru: remove it`},
	{name: "an algorithm of a pair in passthru", text: one(`"algorithm": "aes256gcm", "dialect": "passthru", "id": "x", ` + sides),
		is: keyfile.ErrSides, want: ` line 2: patterns[0] exact "com.a" versions[0] id "x": the keys don't make a pair: an algorithm is for shared keys in passthru: remove it`},
	{name: "an algorithm of what is gone", text: one(`"algorithm": "aes256gcm", "id": "x", "revoked": true`),
		is: keyfile.ErrSides, want: ` line 2: patterns[0] exact "com.a" versions[0] id "x": the keys don't make a pair: an algorithm is for shared keys in passthru: remove it`},
	{name: "a shared key for passthru without id", text: one(`"dialect": "passthru", "shared": "$S"`),
		is: keyring.ErrKey, want: ` line 2: patterns[0] exact "com.a" versions[0]: unusable key: in passthru a version needs an id: give the one that all peers use`},
	{name: "passthru without id", text: one(`"dialect": "passthru", ` + sides),
		is: keyring.ErrKey, want: ` line 2: patterns[0] exact "com.a" versions[0]: unusable key: in passthru a version needs an id: give the one that all peers use`},
	{name: "a key that is too short", text: one(`"originator": {"private": "c2hvcnQ="}, "responder": {"public": "$r"}`),
		is: keyring.ErrKey, want: ` line 2: patterns[0] exact "com.a" versions[0]: unusable key: originator.private isn't a key: write 44 characters of base64, env:NAME or file:PATH`},
	{name: "a key with other characters", text: one(`"originator": {"private": "` + strings.Repeat("?", 43) + `="}, "responder": {"public": "$r"}`),
		is: keyring.ErrKey, want: ` line 2: patterns[0] exact "com.a" versions[0]: unusable key: originator.private isn't a key: write 44 characters of base64, env:NAME or file:PATH`},
	{name: "a key of zeros", text: one(`"originator": {"private": "` + strings.Repeat("A", 43) + `="}, "responder": {"public": "$r"}`),
		is: keyring.ErrKey, want: ` line 2: patterns[0] exact "com.a" versions[0]: originator.private: unusable key: private key: cryptobox: weak key: all-zero or of low order: make another`},
	{name: "a public key of low order", text: one(`"originator": {"private": "$O"}, "responder": {"public": "AQ` + strings.Repeat("A", 41) + `="}`), deep: true,
		is: keyring.ErrKey, want: ` line 2: patterns[0] exact "com.a" versions[0]: responder.public: unusable key: public key: cryptobox: weak key: all-zero or of low order: make another`},
	{name: "one secret for two algorithms", text: fileOf(versionsOf(`{"id": "x", "dialect": "passthru", "shared": "$S"}`), `{"exact": "com.b", "versions": [{"id": "y", "dialect": "passthru", "shared": "$S", "algorithm": "aes256gcm"}]}`), deep: true,
		is: keyring.ErrKey, want: ` line 3: patterns[1] exact "com.b" versions[0] id "y": unusable key: another version uses the same secret with xsalsa20poly1305: make a key for each`},
	{name: "one secret for two dialects", text: fileOf(versionsOf(`{"shared": "$S"}`), `{"exact": "com.b", "versions": [{"id": "y", "dialect": "passthru", "shared": "$S"}]}`), deep: true,
		is: keyring.ErrKey, want: ` line 3: patterns[1] exact "com.b" versions[0] id "y": unusable key: another version uses the same secret with shared: make a key for each`},
	{name: "one secret under two ids", text: fileOf(versionsOf(`{"id": "x", "dialect": "passthru", "shared": "$S"}`, `{"id": "y", "active_from": "2026-01-01T00:00:00Z", "dialect": "passthru", "shared": "$S"}`)), deep: true,
		is: keyring.ErrKey, want: ` line 3: patterns[0] exact "com.a" versions[1] id "y": unusable key: the version "x" has the same secret: give each secret once, under one id`},
	{name: "a variable that isn't set", text: one(`"originator": {"private": "env:WAMPBOX_TEST_UNSET"}, "responder": {"public": "$r"}`), deep: true,
		is: keyfile.ErrReference, want: ` line 2: patterns[0] exact "com.a" versions[0]: the reference leads nowhere: originator.private: the variable WAMPBOX_TEST_UNSET isn't set: set it to the key`},
	{name: "a name that is no variable's", text: one(`"id": "x", "dialect": "passthru", "shared": "env:$S"`),
		is: keyfile.ErrReference, want: ` line 2: patterns[0] exact "com.a" versions[0] id "x": the reference leads nowhere: shared: after env: comes a variable's name: 1 to 63 letters, digits and _`},
	{name: "a file without a path", text: one(`"id": "x", "dialect": "passthru", "shared": "file:"`),
		is: keyfile.ErrReference, want: ` line 2: patterns[0] exact "com.a" versions[0] id "x": the reference leads nowhere: shared: after file: comes the path of a file with a key, not the key`},
	{name: "a pattern against WAMP's rules", text: fileOf(`{"exact": "com..a", "versions": [{` + sides + `}]}`), deep: true,
		is: keyring.ErrPattern, want: ` line 2: patterns[0] exact "com..a": invalid pattern: it has an empty component: only a wildcard pattern may`},
	{name: "a pattern with a star", text: fileOf(`{"exact": "com.a.*", "plain": true}`),
		is: keyring.ErrPattern, want: ` line 2: patterns[0] exact "com.a.*": invalid pattern: "*" and "#" stand for nothing in WAMP: for all URIs below a name write a prefix, which ends with a dot ("com.myapp."), for any one component leave it empty ("com.myapp..temperature")`},
	{name: "an id that doesn't print", text: one(`"dialect": "passthru", "id": "a\u0007b", ` + sides), deep: true,
		is: keyring.ErrKey, want: ` line 2: patterns[0] exact "com.a" versions[0] id "a\ab": unusable key: the key id has a character that doesn't print: U+0007: leave it out`},
	{name: "a key for an id, twice", text: fileOf(versionsOf(`{"id": "$O", "dialect": "passthru", "shared": "$S"}`, `{"id": "$O", "dialect": "passthru", "shared": "$R"}`)), deep: true,
		is: keyring.ErrVersionExists, want: ` line 3: patterns[0] exact "com.a" versions[1] id "(looks like a key, not shown)": the pattern has a version with this id: remove it first, or give the key another id`},
	{name: "an id twice", text: fileOf(`{"exact": "com.b", "versions": [{"id": "x", "dialect": "passthru", "shared": "$S"}]}`, versionsOf(`{"id": "x", "dialect": "passthru", "shared": "$S"}`, `{"id": "x", "dialect": "passthru", "shared": "$O"}`)), deep: true,
		is: keyring.ErrVersionExists, want: ` line 4: patterns[1] exact "com.a" versions[1] id "x": the pattern has a version with this id: remove it first, or give the key another id`},
	{name: "a version twice", text: fileOf(versionsOf(`{`+sides+`}`, `{`+sides+`}`)), deep: true,
		is: keyring.ErrVersionExists, want: ` line 3: patterns[0] exact "com.a" versions[1]: the pattern has a version with this id: remove it first, or give the key another id`},
	{name: "a tie", text: fileOf(`{"wildcard": "com..a", "plain": true}`, `{"wildcard": "com.b.", "versions": [{"id": "y", "dialect": "passthru", "shared": "$S"}]}`), deep: true,
		is: keyring.ErrConflict, want: ` line 3: patterns[1] wildcard "com.b.": wildcard patterns tie: wildcard "com..a" matches some of the same URIs and is as specific: fix one more component, or remove that one`},
	{name: "active from the same moment", text: fileOf(versionsOf(`{"id": "x", "active_from": "2026-01-01T01:00:00+01:00", "dialect": "passthru", "shared": "$S"}`, `{"id": "y", "active_from": "2026-01-01T00:00:00Z", "dialect": "passthru", "shared": "$O"}`)), deep: true,
		is: keyring.ErrState, want: ` line 3: patterns[0] exact "com.a" versions[1] id "y": refused: the version "x" is active from the same moment: give another date`},
	{name: "expired before it is active", text: one(`"active_from": "2026-12-31T00:00:00Z", "not_after": "2026-12-30T00:00:00Z", ` + sides), deep: true,
		is: keyring.ErrState, want: ` line 2: patterns[0] exact "com.a" versions[0]: refused: it would open until 2026-12-30T00:00:00Z and seal from 2026-12-31T00:00:00Z: give a later end`},
	{name: "a revoked version with nothing", text: one(`"revoked": true`),
		is: keyfile.ErrSides, want: ` line 2: patterns[0] exact "com.a" versions[0]: the keys don't make a pair: a revoked version needs an id, or the keys that it follows from`},
}

func TestBadFiles(t *testing.T) {
	for _, tc := range badFiles {
		t.Run(tc.name, func(t *testing.T) {
			path := written(t, tc.text)
			ring, err := keyfile.Load(path)
			require.Nil(t, ring)
			require.EqualError(t, err, "keyring file "+path+tc.want)
			require.ErrorIs(t, err, tc.is)
			var at *keyfile.Error
			require.ErrorAs(t, err, &at)
			require.Equal(t, path, at.Path)

			// The same text without a file.
			ring, err = keyfile.Read(strings.NewReader(tc.text))
			require.Nil(t, ring)
			require.EqualError(t, err, "keyring file"+tc.want)
		})
	}
}

// A key shows in no message and in no way of printing the error, wherever in
// the file it is.
func TestErrorsShowNoKey(t *testing.T) {
	for _, tc := range badFiles {
		_, err := keyfile.Read(strings.NewReader(tc.text))
		for _, shown := range []string{err.Error(), fmt.Sprintf("%+v", err)} {
			for _, key := range []string{sampleOriginator, sampleResponder, sampleBoth} {
				require.NotContains(t, shown, key[:12], tc.name)
			}
		}
	}
}
