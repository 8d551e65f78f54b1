package keyfile_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// converted is when the files of version 1 are converted.
var converted = time.Now().Truncate(time.Second)

// oldOf makes a file of version 1 of entries, one a line from line 2 on. An entry that
// says no pattern is of com.a.
func oldOf(entries ...string) string {
	for i, e := range entries {
		if !strings.Contains(e, `"pattern"`) {
			e = `"pattern": "com.a", "match": "exact", ` + e
		}
		entries[i] = "{" + e + "}"
	}
	return sampleKeys.Replace("{\"version\": 1, \"keys\": [\n" + strings.Join(entries, ",\n") + "\n]}\n")
}

// at gives a day before the conversion, or behind it.
func at(days int) string { return converted.AddDate(0, 0, days).UTC().Format(time.RFC3339) }

// oldFiles are files of version 1, with what they sealed and opened com.a with: want has
// "seals ID", if something did, and "opens ID" in order of the ids.
var oldFiles = []struct {
	name, text string
	want       []string
	version2   string   // its entry of com.a, without white space; "" isn't looked at
	notes      []string // beside the one that each file has
}{
	{"one key", oldOf(`"originator": {"private": "$O"}, "responder": {"public": "$r"}, "comment": "mine", "created": "2026-01-01T00:00:00Z"`),
		[]string{"seals pair", "opens pair"},
		`{"exact":"com.a","versions":[{"created":"2026-01-01T00:00:00Z","comment":"mine","originator":{"private":"$O"},"responder":{"public":"$r"}}]}`, nil},
	{"a shared key", oldOf(`"id": "s", "symmetric": "$S", "algorithm": "aes256gcm", "state": "active"`),
		[]string{"seals S", "opens S"}, `{"exact":"com.a","versions":[{"shared":"$S"}]}`,
		[]string{`patterns[0] exact "com.a": "aes256gcm" is for "passthru" alone: its key seals as a shared key now`}},
	{"active, retired twice", oldOf(
		`"id": "a", "symmetric": "$S", "created": "`+at(-10)+`"`,
		`"id": "b", "state": "retired", "symmetric": "$O", "not_after": "`+at(3)+`", "created": "`+at(-20)+`"`,
		`"id": "c", "state": "retired", "symmetric": "$R", "created": "`+at(-30)+`"`),
		[]string{"seals S", "opens O", "opens R", "opens S"},
		`{"exact":"com.a","versions":[{"active_from":"` + at(-10) + `","created":"` + at(-10) + `","shared":"$S"},` +
			`{"active_from":"` + at(-20) + `","not_after":"` + at(3) + `","created":"` + at(-20) + `","shared":"$O"},` +
			`{"created":"` + at(-30) + `","shared":"$R"}]}`, nil},
	{"no dates at all", oldOf(`"id": "a", "state": "retired", "symmetric": "$S"`, `"id": "b", "symmetric": "$O"`, `"id": "c", "state": "retired", "symmetric": "$R"`),
		[]string{"seals O", "opens O", "opens R", "opens S"}, "", nil},
	{"made in the wrong order", oldOf(
		`"id": "a", "created": "`+at(-20)+`", "symmetric": "$S"`,
		`"id": "b", "state": "retired", "created": "`+at(-10)+`", "not_after": "`+at(1)+`", "symmetric": "$O"`),
		[]string{"seals S", "opens O", "opens S"}, "", nil},
	{"made tomorrow", oldOf(`"id": "a", "created": "`+at(1)+`", "symmetric": "$S"`, `"id": "b", "state": "retired", "symmetric": "$O"`),
		[]string{"seals S", "opens O", "opens S"}, "", nil},
	{"retired long ago", oldOf(`"id": "a", "symmetric": "$S"`,
		`"id": "b", "state": "retired", "not_after": "2001-01-01T00:00:00Z", "symmetric": "$O"`,
		`"id": "c", "state": "retired", "not_after": "2000-01-01T00:00:00Z", "symmetric": "$R"`),
		[]string{"seals S", "opens S"}, "", nil},
	{"pending", oldOf(`"id": "a", "symmetric": "$S"`, `"id": "b", "state": "pending", "symmetric": "$O"`, `"id": "c", "state": "pending", "symmetric": "$R"`),
		[]string{"seals S", "opens O", "opens R", "opens S"},
		`{"exact":"com.a","versions":[{"shared":"$S"},{"active_from":"9999-01-01T00:00:00Z","shared":"$O"},{"active_from":"9999-01-01T00:00:01Z","shared":"$R"}]}`,
		[]string{
			`patterns[0] exact "com.a" versions[1]: it was pending: it opens, and seals from 9999-01-01T00:00:00Z on: give it the date on which it shall, at all peers`,
			`patterns[0] exact "com.a" versions[2]: it was pending: it opens, and seals from 9999-01-01T00:00:01Z on: give it the date on which it shall, at all peers`,
		}},
	{"pending alone", oldOf(`"id": "a", "state": "pending", "symmetric": "$S"`), []string{"opens S"}, "",
		[]string{`patterns[0] exact "com.a" versions[0]: it was pending: it opens, and seals from 9999-01-01T00:00:00Z on: give it the date on which it shall, at all peers`}},
	{"retired alone", oldOf(`"id": "a", "state": "retired", "symmetric": "$S"`), []string{"opens S"}, "",
		[]string{`patterns[0] exact "com.a": no version was active, so nothing is sealed: add one that is`}},
	{"retired alone, with dates", oldOf(`"id": "a", "state": "retired", "not_after": "`+at(1)+`", "symmetric": "$S"`, `"id": "b", "state": "retired", "not_after": "`+at(1)+`", "symmetric": "$O"`),
		[]string{"opens O", "opens S"}, "",
		[]string{`patterns[0] exact "com.a": no version was active, so nothing is sealed: add one that is`}},
	{"retired, and one revoked", oldOf(`"id": "x", "state": "revoked", "comment": "stolen"`, `"id": "a", "state": "retired", "symmetric": "$S"`), []string{"opens S"},
		`{"exact":"com.a","versions":[{"id":"x","active_from":"` + converted.Add(-time.Hour).UTC().Format(time.RFC3339) + `","revoked":true,"comment":"stolen"},{"shared":"$S"}]}`,
		[]string{`patterns[0] exact "com.a": no version was active, so nothing is sealed: add one that is`}},
	{"active, and one revoked", oldOf(`"id": "x", "state": "revoked"`, `"id": "a", "symmetric": "$S"`), []string{"seals S", "opens S"},
		`{"exact":"com.a","versions":[{"id":"x","revoked":true},{"shared":"$S"}]}`, nil},
	{"active, and revoked ones with keys", oldOf(`"id": "x", "state": "revoked", "symmetric": "$R"`, `"state": "revoked", `+asOriginator, `"id": "a", "symmetric": "$S"`, `"id": "b", "state": "retired", "symmetric": "$O"`),
		[]string{"seals S", "opens O", "opens S"}, "", nil},
	{"revoked alone", oldOf(`"id": "x", "state": "revoked"`), nil, "", nil},
	{"unbound pairs", oldOf(`"id": "a", "allow_unbound": true, `+asOriginator, `"id": "b", "state": "revoked"`), []string{"seals autobahn", "opens autobahn"},
		`{"exact":"com.a","versions":[{"originator":{"private":"$O"},"responder":{"public":"$r"},"dialect":"autobahn"},{"id":"b","revoked":true}]}`,
		[]string{`patterns[0] exact "com.a": "allow_unbound" has become "dialect": "autobahn": see that its peers are that, and not "passthru"`}},
	{"unbound shared keys", oldOf(`"id": "a", "allow_unbound": true, "symmetric": "$S"`, `"id": "b", "state": "revoked"`), []string{"seals a", "opens a"},
		`{"exact":"com.a","versions":[{"id":"a","shared":"$S","dialect":"passthru"},{"id":"b","revoked":true}]}`,
		[]string{`patterns[0] exact "com.a": "allow_unbound" has become "dialect": "passthru" where keys are shared: see that its peers are that`}},
	{"unbound, and shared after a pair", oldOf(`"allow_unbound": true, "state": "retired", `+asOriginator, `"id": "b", "allow_unbound": true, "symmetric": "$S"`), []string{"seals b", "opens autobahn", "opens b"},
		`{"exact":"com.a","versions":[{"originator":{"private":"$O"},"responder":{"public":"$r"},"dialect":"autobahn"},{"id":"b","active_from":"` + converted.Add(-time.Hour).UTC().Format(time.RFC3339) + `","shared":"$S","dialect":"passthru"}]}`,
		[]string{
			`patterns[0] exact "com.a": "allow_unbound" has become "dialect": "autobahn": see that its peers are that, and not "passthru"`,
			`patterns[0] exact "com.a": "allow_unbound" has become "dialect": "passthru" where keys are shared: see that its peers are that`,
		}},
	{"unbound AES", oldOf(`"id": "a", "allow_unbound": true, "symmetric": "$S", "algorithm": "aes256gcm"`), []string{"seals a", "opens a"},
		`{"exact":"com.a","versions":[{"id":"a","shared":"$S","dialect":"passthru","algorithm":"aes256gcm"}]}`,
		[]string{`patterns[0] exact "com.a": "allow_unbound" has become "dialect": "passthru" where keys are shared: see that its peers are that`}},
	{"bound, and said so", oldOf(`"id": "a", "allow_unbound": false, "symmetric": "$S"`), []string{"seals S", "opens S"}, "", nil},
	{"two patterns, mixed up", oldOf(
		`"id": "a", "symmetric": "$S"`, `"pattern": "com.", "match": "prefix", "id": "p", "symmetric": "$S"`, `"id": "b", "state": "retired", "symmetric": "$R"`),
		[]string{"seals S", "opens R", "opens S"}, "", nil},
	{"a key for an id", oldOf(`"id": "$O", "symmetric": "$S"`, `"id": "$R", "state": "pending", "symmetric": "$O"`), []string{"seals S", "opens O", "opens S"}, "",
		[]string{`patterns[0] exact "com.a" versions[1]: it was pending: it opens, and seals from 9999-01-01T00:00:00Z on: give it the date on which it shall, at all peers`}},
}

// seen gives what a ring seals and opens com.a with: ids that follow from the sample keys by
// a name.
func seen(t testing.TB, r *keyring.Ring) []string {
	t.Helper()
	pair := keyring.Originator(private(t, sampleOriginator), private(t, sampleResponder).Public())
	names := map[string]string{pair.ID(): "pair", pair.ForAutobahn().ID(): "autobahn"}
	for name, text := range map[string]string{"S": sampleBoth, "O": sampleOriginator, "R": sampleResponder} {
		key, err := cryptobox.ParseSymmetricKey(text)
		require.NoError(t, err)
		names[keyring.Shared(key).ID()] = name
	}
	called := func(id string) string { return cmp.Or(names[id], id) }
	e, err := r.Lookup("com.a")
	require.NoError(t, err)
	var list []string
	if v, err := e.Sealer(keyring.RoleOriginator); err == nil {
		list = append(list, "seals "+called(v.ID()))
	} else {
		require.ErrorIs(t, err, keyring.ErrNoActive)
	}
	var opens []string
	for _, info := range r.Versions(keyring.Exact("com.a")) {
		if info.State != keyring.StateRevoked && info.State != keyring.StateExpired {
			opens = append(opens, "opens "+called(info.ID))
		}
	}
	return append(list, sorted(opens)...)
}

func TestConvert(t *testing.T) {
	squeeze := strings.NewReplacer(" ", "", "\n", "")
	for _, tc := range oldFiles {
		t.Run(tc.name, func(t *testing.T) {
			f, notes, err := keyfile.Convert([]byte(tc.text), converted)
			require.NoError(t, err)
			text, err := f.Marshal()
			require.NoError(t, err)
			validate(t, string(text), true)
			ring, err := loadText(t, string(text))
			require.NoError(t, err)
			sealsAsBefore(t, []byte(tc.text), ring)
			require.Equal(t, tc.want, seen(t, ring))
			if tc.version2 != "" {
				require.Contains(t, squeeze.Replace(string(text)), sampleKeys.Replace(tc.version2))
			}
			require.Contains(t, notes[0], "the file: a URI that no pattern matches was sent and taken in plain, and is closed now")
			require.Equal(t, tc.notes, append([]string(nil), notes[1:]...))
		})
	}
}

var badOldFiles = []struct{ name, text, want string }{
	{"version 2", one(sides), " line 1: not a keyring file: it isn't of version 1, which is what is converted"},
	{"no version", `{"keys": [{"pattern": "com.a", "match": "exact"}]}`, `: not a keyring file: "version" or "keys" is missing: it isn't a keyring file of version 1`},
	{"no keys", `{"version": 1, "keys": []}`, `: not a keyring file: "version" or "keys" is missing: it isn't a keyring file of version 1`},
	{"nothing", ``, `: not a keyring file: it is empty: see docs/KEYRING-FILE.md for what is in one`},
	{"more", oldOf(`"id": "s", "symmetric": "$S"`) + "{}", ` line 4: not a keyring file: something follows the file's object: remove it`},
	{"an unknown field", `{"version": 1, "unkeyed": "plain"}`, ` line 1: not a keyring file: unknown field "unkeyed": the fields here are $schema, version and keys`},
	{"a field of version 2", oldOf(`"id": "s", "shared": "$S"`), ` line 2: keys[0]: not a keyring file: unknown field "shared": the fields here are pattern, match, id, state, created, not_after, allow_unbound, comment, originator, responder, symmetric, algorithm`},
	{"no match", `{"version": 1, "keys": [{"pattern": "com.a"}]}`, ` line 1: keys[0]: not a keyring file: "pattern" or "match" is missing`},
	{"another state", oldOf(`"id": "s", "state": "$O", "symmetric": "$S"`), ` line 2: keys[0]: not a keyring file: "state" is none of pending, active, retired, revoked`},
	{"a date for an active key", oldOf(`"id": "s", "not_after": "2027-01-01T00:00:00Z", "symmetric": "$S"`), ` line 2: keys[0]: not a keyring file: "not_after" is for retired keys: leave it out`},
	{"two active keys", oldOf(`"id": "s", "symmetric": "$S"`, `"pattern": "com.b", "match": "exact", "id": "s", "symmetric": "$S"`, `"id": "t", "symmetric": "$O"`), ` line 4: keys[2]: not a keyring file: the pattern has two active keys: retire one`},
	{"a field twice", oldOf(`"id": "s", "id": "t"`), ` line 2: keys[0]: not a keyring file: "id" is given twice: remove one`},
}

func TestConvertRefuses(t *testing.T) {
	for _, tc := range badOldFiles {
		f, _, err := keyfile.Convert([]byte(tc.text), converted)
		require.Nil(t, f, tc.name)
		require.ErrorIs(t, err, keyfile.ErrFormat)
		require.EqualError(t, err, "keyring file"+tc.want, tc.name)
	}
	_, _, err := keyfile.Convert([]byte("age-encryption.org/v1\n"), converted)
	require.ErrorIs(t, err, keyfile.ErrEncrypted)
}

// sealsAsBefore compares what a converted file does to com.a with what version 1 says.
func sealsAsBefore(t testing.TB, text []byte, ring *keyring.Ring) {
	t.Helper()
	for p := range ring.Patterns() {
		states := map[string]int{}
		for _, v := range ring.Versions(p) {
			states[v.State.String()]++
		}
		active := oldStates(t, text, p)
		for _, state := range []string{"active", "pending", "revoked"} {
			extra := 0 // what keeps the retired ones from sealing
			if state == "revoked" && active["active"] == 0 && active["retired"] > 0 && active["revoked"] == 0 {
				extra = 1
			}
			if states[state] != active[state]+extra {
				t.Fatalf("%v: %v, and they were %v", p, states, active)
			}
		}
		if states["retired"]+states["expired"] != active["retired"] {
			t.Fatalf("%v: %v, and they were %v", p, states, active)
		}
	}
}

func TestConvertFile(t *testing.T) {
	path := written(t, oldOf(`"id": "a", "symmetric": "file:key"`))
	_, err := keyfile.Load(path)
	require.ErrorIs(t, err, keyfile.ErrVersion1)
	require.EqualError(t, err, "keyring file "+path+" line 1: it is a keyring file of version 1: make it one of version 2 with wampbox convert")
	before := content(t, path)
	_, err = keyfile.ConvertFile(path, converted)
	require.ErrorIs(t, err, keyfile.ErrReference) // it wouldn't load
	require.Equal(t, before, content(t, path))

	beside(t, path, "key", sampleBoth, 0o600)
	notes, err := keyfile.ConvertFile(path, converted)
	require.NoError(t, err)
	require.Len(t, notes, 1)
	ring, err := keyfile.Load(path)
	require.NoError(t, err)
	require.Equal(t, []string{"seals S", "opens S"}, seen(t, ring))
	require.Contains(t, content(t, path), `"file:key"`)
	require.Empty(t, left(t, path))
	_, err = keyfile.ConvertFile(path, converted)
	require.ErrorIs(t, err, keyfile.ErrFormat) // it is of version 2 now
}

// What was encrypted is converted as that.
func TestConvertDecrypts(t *testing.T) {
	opened := keyfile.WithDecrypter(func(r io.Reader) (io.Reader, error) {
		text, err := io.ReadAll(r)
		return strings.NewReader(string(turn(text))), err
	})
	f, _, err := keyfile.Convert(turn([]byte(oldOf(`"id": "a", "symmetric": "$S"`))), converted, opened)
	require.NoError(t, err)
	list, err := f.List()
	require.NoError(t, err)
	require.Equal(t, "shared", list[0].Versions[0].Kind)
	require.Equal(t, fmt.Sprint(keyring.StateActive), list[0].Versions[0].State.String())
}

// oldStates counts the states that version 1 gives the keys of a pattern.
func oldStates(t testing.TB, text []byte, p keyring.Pattern) map[string]int {
	t.Helper()
	var file struct {
		Keys []struct{ Pattern, Match, State string }
	}
	require.NoError(t, json.Unmarshal(text, &file))
	states := map[string]int{}
	for _, k := range file.Keys {
		if k.Pattern != p.URI || k.Match != p.Match.String() {
			continue
		}
		if k.State == "" {
			k.State = "active"
		}
		states[k.State]++
	}
	return states
}

func sorted(list []string) []string { slices.Sort(list); return list }
