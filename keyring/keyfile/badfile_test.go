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

// one is a file with one entry, on line 2.
func one(fields string) string { return fileOf("{" + fields + "}") }

// good begins an entry that lacks its keys.
const good = `"pattern": "com.a", "match": "exact", `

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
	{name: "cut short", text: `{"version": 1, "keys": [` + "\n{",
		is: keyfile.ErrFormat, want: ` line 2: keys[0]: not a keyring file: it isn't JSON: look for a missing comma, quote or bracket here or just before`},
	{name: "a missing comma", text: fileOf(`{"pattern": "a" "match": "exact"}`),
		is: keyfile.ErrFormat, want: ` line 2: keys[0] "a": not a keyring file: it isn't JSON: look for a missing comma, quote or bracket here or just before`},
	{name: "no UTF-8", text: one("\"pattern\": \"\xff\""),
		is: keyfile.ErrFormat, want: ` line 2: not a keyring file: it isn't UTF-8: save it as that`},
	{name: "not an object", text: `[]`,
		is: keyfile.ErrFormat, want: ` line 1: not a keyring file: the file has to be an object`},
	{name: "two objects", text: fileOf("{"+good+sides+"}") + "{}",
		is: keyfile.ErrFormat, want: ` line 4: not a keyring file: something follows the file's object: remove it`},
	{name: "no version", text: `{"keys": [{` + good + sampleKeys.Replace(sides) + `}]}`,
		is: keyfile.ErrFormat, want: `: not a keyring file: "version" is missing: write "version": 1`},
	{name: "another version", text: `{"version": 2, "keys": []}`,
		is: keyfile.ErrFormat, want: ` line 1: not a keyring file: this program reads files of "version" 1: write that, or take a newer program`},
	{name: "a version that is text", text: `{"version": "1", "keys": []}`,
		is: keyfile.ErrFormat, want: ` line 1: not a keyring file: "version" has to be a number`},
	{name: "no keys", text: `{"version": 1}`,
		is: keyfile.ErrFormat, want: `: not a keyring file: "keys" is missing: write a list with an object for each key`},
	{name: "an empty list", text: `{"version": 1, "keys": []}`,
		is: keyfile.ErrFormat, want: `: not a keyring file: "keys" is empty, so everything would be sent in plain: add a key`},
	{name: "keys that are no list", text: `{"version": 1, "keys": {}}`,
		is: keyfile.ErrFormat, want: ` line 1: not a keyring file: "keys" has to be a list`},
	{name: "an entry that is no object", text: fileOf(`"x"`),
		is: keyfile.ErrFormat, want: ` line 2: keys[0]: not a keyring file: the entry has to be an object`},
	{name: "unknown field of the file", text: "{\"version\": 1,\n\"key\": []}",
		is: keyfile.ErrFormat, want: ` line 2: not a keyring file: unknown field "key": the fields here are $schema, version and keys`},
	{name: "unknown field of an entry", text: one(good + `"orginator": {}`),
		is: keyfile.ErrFormat, want: ` line 2: keys[0] exact "com.a": not a keyring file: unknown field "orginator": the fields here are pattern, match, id, state, created, not_after, allow_unbound, comment, originator, responder, symmetric, algorithm`},
	{name: "unknown field of a side", text: one(good + `"originator": {"secret": "$O"}`),
		is: keyfile.ErrFormat, want: ` line 2: keys[0] exact "com.a": not a keyring file: unknown field "secret": the fields here are private and public`},
	{name: "a key for a field's name", text: one(good + `"$O": 1`),
		is: keyfile.ErrFormat, want: ` line 2: keys[0] exact "com.a": not a keyring file: an unknown field: the fields here are pattern, match, id, state, created, not_after, allow_unbound, comment, originator, responder, symmetric, algorithm`},
	{name: "a field twice", text: one(good + `"match": "exact"`),
		is: keyfile.ErrFormat, want: ` line 2: keys[0] exact "com.a": not a keyring file: "match" is given twice: remove one`},
	{name: "a side twice", text: one(good + sides + `, "originator": {"public": "$o"}`),
		is: keyfile.ErrFormat, want: ` line 2: keys[0] exact "com.a": not a keyring file: "originator" is given twice: remove one`},
	{name: "a pattern that is no text", text: one(`"pattern": 7`),
		is: keyfile.ErrFormat, want: ` line 2: keys[0]: not a keyring file: "pattern" has to be a text in quotes`},
	{name: "no pattern", text: one(`"match": "exact", ` + sides),
		is: keyfile.ErrFormat, want: ` line 2: keys[0] exact: not a keyring file: "pattern" is missing: every key needs a pattern and how it matches`},
	{name: "no match", text: one(`"pattern": "com.a", ` + sides),
		is: keyfile.ErrFormat, want: ` line 2: keys[0] "com.a": not a keyring file: "match" is missing: every key needs a pattern and how it matches`},
	{name: "another match", text: one(`"pattern": "com.a", "match": "suffix"`),
		is: keyfile.ErrFormat, want: ` line 2: keys[0] "com.a": not a keyring file: "match" is none of exact, prefix, wildcard`},
	{name: "a key for a state", text: one(good + `"state": "$O"`),
		is: keyfile.ErrFormat, want: ` line 2: keys[0] exact "com.a": not a keyring file: "state" is none of pending, active, retired, revoked`},
	{name: "an id that doesn't print, of a second version", deep: true,
		text: fileOf(`{"pattern": "com.a", "match": "exact", "id": "1", "symmetric": "$S"}`, `{"pattern": "com.a", "match": "exact", "id": "2\u0007", "state": "pending", "symmetric": "$S"}`),
		is:   keyring.ErrKey, want: ` line 3: keys[1] exact "com.a" id "2\a": unusable key: the key id has a character that doesn't print: U+0007: leave it out`},
	{name: "an empty id", text: one(good + `"id": ""`),
		is: keyfile.ErrFormat, want: ` line 2: keys[0] exact "com.a": not a keyring file: "id" is empty: give it a text, or leave it out`},
	{name: "no date", text: one(good + `"created": "2026-13-01"`),
		is: keyfile.ErrFormat, want: ` line 2: keys[0] exact "com.a": not a keyring file: "created" is no date: write it as 2026-12-31T23:59:59Z (RFC 3339)`},
	{name: "allow_unbound as text", text: one(good + `"allow_unbound": "yes"`),
		is: keyfile.ErrFormat, want: ` line 2: keys[0] exact "com.a": not a keyring file: "allow_unbound" has to be true or false`},
	{name: "another algorithm", text: one(good + `"algorithm": "rot13"`),
		is: keyfile.ErrFormat, want: ` line 2: keys[0] exact "com.a": not a keyring file: "algorithm" is none of xsalsa20poly1305, aes256gcm`},
	{name: "a key that is empty", text: one(good + `"symmetric": ""`),
		is: keyfile.ErrFormat, want: ` line 2: keys[0] exact "com.a": not a keyring file: "symmetric" is empty: write a key, env:NAME or file:PATH, or leave it out`},
	{name: "a side that is text", text: one(good + `"originator": "$O"`),
		is: keyfile.ErrFormat, want: ` line 2: keys[0] exact "com.a": not a keyring file: "originator" has to be an object`},

	{name: "no side", text: one(good + `"comment": "x"`),
		is: keyfile.ErrSides, want: ` line 2: keys[0] exact "com.a": the keys of the entry don't make a pair: it has no keys: give it originator and responder, or symmetric`},
	{name: "one side", text: one(good + `"originator": {"private": "$O"}`),
		is: keyfile.ErrSides, want: ` line 2: keys[0] exact "com.a": the keys of the entry don't make a pair: responder is missing: give its private key, or its public one`},
	{name: "a side without keys", text: one(good + `"originator": {}, "responder": {"private": "$R"}`),
		is: keyfile.ErrSides, want: ` line 2: keys[0] exact "com.a": the keys of the entry don't make a pair: originator is missing: give its private key, or its public one`},
	{name: "no private key", text: one(good + `"originator": {"public": "$o"}, "responder": {"public": "$r"}`),
		is: keyfile.ErrSides, want: ` line 2: keys[0] exact "com.a": the keys of the entry don't make a pair: both sides have only public keys: give one of them its private key`},
	{name: "a symmetric key and sides", text: one(good + `"id": "x", "symmetric": "$S", ` + sides),
		is: keyfile.ErrSides, want: ` line 2: keys[0] exact "com.a" id "x": the keys of the entry don't make a pair: it has a symmetric key and sides: remove one of the two`},
	{name: "an algorithm for a pair", text: one(good + `"algorithm": "aes256gcm", ` + sides),
		is: keyfile.ErrSides, want: ` line 2: keys[0] exact "com.a": the keys of the entry don't make a pair: an algorithm is for symmetric keys: remove it`},
	{name: "a private key of another pair", text: one(good + `"originator": {"private": "$O", "public": "$r"}, "responder": {"public": "$r"}`), deep: true,
		is: keyfile.ErrMismatch, want: ` line 2: keys[0] exact "com.a": the private key doesn't belong to the public key: see which of the two originator keys is the right one, or remove the public one`},
	{name: "a symmetric key without id", text: one(good + `"symmetric": "$S"`),
		is: keyring.ErrKey, want: ` line 2: keys[0] exact "com.a": unusable key: a symmetric key needs an id: give the one that all peers use`},
	{name: "a key that is too short", text: one(good + `"originator": {"private": "c2hvcnQ="}, "responder": {"public": "$r"}`),
		is: keyring.ErrKey, want: ` line 2: keys[0] exact "com.a": unusable key: originator.private isn't a key: write 44 characters of base64, env:NAME or file:PATH`},
	{name: "a key with other characters", text: one(good + `"originator": {"private": "` + strings.Repeat("?", 43) + `="}, "responder": {"public": "$r"}`),
		is: keyring.ErrKey, want: ` line 2: keys[0] exact "com.a": unusable key: originator.private isn't a key: write 44 characters of base64, env:NAME or file:PATH`},
	{name: "a key of zeros", text: one(good + `"originator": {"private": "` + strings.Repeat("A", 43) + `="}, "responder": {"public": "$r"}`),
		is: keyring.ErrKey, want: ` line 2: keys[0] exact "com.a": originator.private: unusable key: private key: cryptobox: weak key: all-zero or of low order; generate another with GenerateKey`},
	{name: "a public key of low order", text: one(good + `"originator": {"private": "$O"}, "responder": {"public": "AQ` + strings.Repeat("A", 41) + `="}`), deep: true,
		is: keyring.ErrKey, want: ` line 2: keys[0] exact "com.a": responder.public: unusable key: public key: cryptobox: weak key: all-zero or of low order; generate another with GenerateKey`},
	{name: "one secret for two algorithms", deep: true, text: fileOf(
		`{"pattern": "com.a", "match": "exact", "id": "x", "symmetric": "$S"}`,
		`{"pattern": "com.b", "match": "exact", "id": "y", "symmetric": "$S", "algorithm": "aes256gcm"}`),
		is: keyring.ErrKey, want: ` line 3: keys[1] exact "com.b" id "y": unusable key: another entry uses the same secret with xsalsa20poly1305: make a key for each algorithm`},
	{name: "a variable that isn't set", text: one(good + `"originator": {"private": "env:WAMPBOX_TEST_UNSET"}, "responder": {"public": "$r"}`), deep: true,
		is: keyfile.ErrReference, want: ` line 2: keys[0] exact "com.a": the reference leads nowhere: originator.private: the variable WAMPBOX_TEST_UNSET isn't set: set it to the key`},
	{name: "a name that is no variable's", text: one(good + `"id": "x", "symmetric": "env:$S"`),
		is: keyfile.ErrReference, want: ` line 2: keys[0] exact "com.a" id "x": the reference leads nowhere: symmetric: after env: comes a variable's name: 1 to 63 letters, digits and _`},
	{name: "a file without a path", text: one(good + `"id": "x", "symmetric": "file:"`),
		is: keyfile.ErrReference, want: ` line 2: keys[0] exact "com.a" id "x": the reference leads nowhere: symmetric: after file: comes a path`},

	{name: "a pattern against WAMP's rules", text: one(`"pattern": "com..a", "match": "exact", ` + sides), deep: true,
		is: keyring.ErrPattern, want: ` line 2: keys[0] exact "com..a": invalid pattern: it has an empty component: only a wildcard pattern may`},
	{name: "an id that doesn't print", text: one(good + `"id": "a\u0007b", ` + sides), deep: true,
		is: keyring.ErrKey, want: ` line 2: keys[0] exact "com.a" id "a\ab": unusable key: the key id has a character that doesn't print: U+0007: leave it out`},
	{name: "a key for an id, twice", deep: true, text: fileOf(
		`{"pattern": "com.a", "match": "exact", "id": "$O", "symmetric": "$S"}`,
		`{"pattern": "com.a", "match": "exact", "id": "$O", "state": "pending", "symmetric": "$S"}`),
		is: keyring.ErrVersionExists, want: ` line 3: keys[1] exact "com.a" id "(looks like a key, not shown)": the pattern has a version with this id, active: give each key once, under an id of its own`},
	{name: "an id twice", deep: true, text: fileOf(
		`{"pattern": "com.a", "match": "exact", "id": "x", "symmetric": "$S"}`,
		`{"pattern": "com.b", "match": "exact", "id": "x", "symmetric": "$S"}`,
		`{"pattern": "com.a", "match": "exact", "id": "x", "state": "pending", "symmetric": "$S"}`),
		is: keyring.ErrVersionExists, want: ` line 4: keys[2] exact "com.a" id "x": the pattern has a version with this id, active: give each key once, under an id of its own`},
	{name: "an entry twice", deep: true, text: fileOf("{"+good+sides+"}", "{"+good+sides+"}"),
		is: keyring.ErrVersionExists, want: ` line 3: keys[1] exact "com.a": the pattern has a version with this id, active: give each key once, under an id of its own`},
	{name: "two actives", deep: true, text: fileOf(
		`{"pattern": "com.a", "match": "exact", "id": "x", "symmetric": "$S"}`,
		`{"pattern": "com.a", "match": "exact", "id": "y", "symmetric": "$S"}`),
		is: keyring.ErrState, want: ` line 3: keys[1] exact "com.a" id "y": refused: two versions are active: retire one`},
	{name: "a tie", deep: true, text: fileOf(
		`{"pattern": "com..a", "match": "wildcard", "id": "x", "symmetric": "$S"}`,
		`{"pattern": "com.b.", "match": "wildcard", "id": "y", "symmetric": "$S"}`),
		is: keyring.ErrConflict, want: ` line 3: keys[1] wildcard "com.b." id "y": wildcard patterns tie: wildcard "com..a" matches some of the same URIs and is as specific: fix one more component, or remove that one`},
	{name: "a date for an active key", text: one(good + `"not_after": "2026-12-31T00:00:00Z", ` + sides),
		is: keyring.ErrState, want: ` line 2: keys[0] exact "com.a": refused: a date is for retired versions, this one is active: leave it out, or retire the version`},
	{name: "unbound and not", deep: true, text: fileOf(
		`{"pattern": "com.a", "match": "exact", "id": "x", "symmetric": "$S"}`,
		`{"pattern": "com.a", "match": "exact", "id": "y", "symmetric": "$S", "state": "pending", "allow_unbound": true}`),
		is: keyring.ErrKey, want: ` line 3: keys[1] exact "com.a" id "y": unusable key: AllowUnbound is true with it and false with the pattern's other versions: make them the same, or Set the pattern anew at all peers at once`},
	{name: "a revoked entry with nothing", text: one(good + `"state": "revoked"`),
		is: keyfile.ErrSides, want: ` line 2: keys[0] exact "com.a": the keys of the entry don't make a pair: a revoked entry needs an id, or the keys that it follows from`},
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
