package keyfile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

const (
	asOriginator = `"originator": {"private": "$O"}, "responder": {"public": "$r"}`
	asResponder  = `"originator": {"public": "$o"}, "responder": {"private": "$R"}`
	sharedKey    = `"shared": "$S"`
)

// goodFiles load, and every version of them is listed in want: state, id and
// kind. $id is the id of the sample pair.
var goodFiles = []struct {
	name, text string
	want       []string
}{
	{"an originator", one(asOriginator), []string{"active $id originator cryptobox"}},
	{"a responder", one(asResponder), []string{"active $id responder cryptobox"}},
	{"both private keys", one(`"originator": {"private": "$O"}, "responder": {"private": "$R"}`), []string{"active $id both cryptobox"}},
	{"private keys with public ones", one(`"originator": {"private": "$O", "public": "$o"}, "responder": {"public": "$r"}`), []string{"active $id originator cryptobox"}},
	{"one pair for all", one(`"originator": {"private": "$S"}, "responder": {"private": "$S"}`), []string{"active $both both cryptobox"}},
	{"an id of its own", one(`"id": "mine", ` + asOriginator), []string{"active mine originator cryptobox"}},
	{"a symmetric key", one(`"id": "s", ` + sharedKey), []string{"active s symmetric xsalsa20poly1305"}},
	{"a symmetric key with its algorithm", one(`"id": "s", "algorithm": "xsalsa20poly1305", ` + sharedKey), []string{"active s symmetric xsalsa20poly1305"}},
	{"an AES key", one(`"id": "s", "algorithm": "aes256gcm", ` + sharedKey), []string{"active s symmetric aes256gcm"}},
	{"for Autobahn", fileOf(`{"exact": "com.a", "dialect": "autobahn", "versions": [{` + asOriginator + `}]}`), []string{"active $id originator cryptobox unbound"}},
	{"for Autobahn, with an id", fileOf(`{"exact": "com.a", "dialect": "autobahn", "versions": [{"id": "s", ` + asOriginator + `}]}`), []string{"active s originator cryptobox unbound"}},
	{"for passthru", fileOf(`{"exact": "com.a", "dialect": "passthru", "versions": [{"id": "s", ` + sharedKey + `}]}`), []string{"active s symmetric xsalsa20poly1305 unbound"}},
	{"not yet active", one(`"id": "s", "active_from": "2099-01-01T00:00:00Z", ` + sharedKey), []string{"pending s symmetric xsalsa20poly1305 from 2099-01-01T00:00:00Z"}},
	{"no more", one(`"id": "s", "not_after": "2020-01-01T00:00:00Z", ` + sharedKey), []string{"expired s symmetric xsalsa20poly1305 until 2020-01-01T00:00:00Z"}},
	{"revoked, the id only", one(`"id": "s", "revoked": true`), []string{"revoked s revoked "}},
	{"revoked, public keys only", one(`"originator": {"public": "$o"}, "responder": {"public": "$r"}, "revoked": true`), []string{"revoked $id revoked "}},
	{"revoked, with keys", one(`"revoked": true, ` + asResponder), []string{"revoked $id responder cryptobox"}},
	{"not revoked, and said so", one(`"id": "s", "revoked": false, ` + sharedKey), []string{"active s symmetric xsalsa20poly1305"}},
	{"all versions", fileOf(`{"comment": "\u263a", "dialect": "passthru", "exact": "com.a", "versions": [
		{"id": "4", "revoked": true},
		{"id": "3", "not_after": "2099-12-31T23:59:59.5+01:00", "shared": "$S"},
		{"id": "2", "active_from": "2099-01-01T00:00:00Z", "shared": "$O"},
		{"id": "1", "active_from": "2026-01-01T00:00:00Z", "shared": "$R", "comment": "\u263a", "created": "2026-01-01T00:00:00Z"},
		{"id": "5", "active_from": "2025-01-01T00:00:00Z", "shared": "$o"}]}`,
	), []string{
		"pending 2 symmetric xsalsa20poly1305 from 2099-01-01T00:00:00Z unbound", "active 1 symmetric xsalsa20poly1305 from 2026-01-01T00:00:00Z unbound",
		"retired 5 symmetric xsalsa20poly1305 from 2025-01-01T00:00:00Z unbound", "retired 3 symmetric xsalsa20poly1305 until 2099-12-31T22:59:59.5Z unbound",
		"revoked 4 revoked  unbound",
	}},
	{"plain", fileOf(`{"exact": "com.a", "plain": true, "comment": "for all to see"}`), nil},
	{"not plain, and said so", fileOf(`{"exact": "com.a", "plain": false, "versions": [{` + asOriginator + `}]}`), []string{"active $id originator cryptobox"}},
	{"sent in plain", fileOf(`{"exact": "com.a", "plaintext": "send", "until": "2099-01-01T00:00:00Z", "versions": [{` + asOriginator + `}]}`), []string{"active $id originator cryptobox"}},
	{"taken in plain, formerly", fileOf(`{"exact": "com.a", "plaintext": "accept", "until": "2020-01-01T00:00:00Z", "versions": [{` + asOriginator + `}]}`), []string{"active $id originator cryptobox"}},
	{"a schema", `{"$schema": "https://example.com/s.json", "version": 2, "unkeyed": "plain", "patterns": [{"exact": "com.a", "versions": [{"id": "x", "shared": "` + sampleBoth + `"}]}]}`,
		[]string{"active x symmetric xsalsa20poly1305"}},
}

// describe gives one line for each version that com.a has.
func describe(r *keyring.Ring) []string {
	var list []string
	for _, v := range r.Versions(keyring.Exact("com.a")) {
		line := fmt.Sprintf("%v %s %s %s", v.State, v.ID, v.Kind, v.Algorithm)
		if !v.Dates.ActiveFrom.IsZero() {
			line += " from " + v.Dates.ActiveFrom.Format(time.RFC3339Nano)
		}
		if !v.Dates.NotAfter.IsZero() {
			line += " until " + v.Dates.NotAfter.Format(time.RFC3339Nano)
		}
		if v.Unbound {
			line += " unbound"
		}
		list = append(list, line)
	}
	return list
}

func TestGoodFiles(t *testing.T) {
	o, r := private(t, sampleOriginator), private(t, sampleResponder)
	ids := strings.NewReplacer("$id", keyring.Originator(o, r.Public()).ID(), "$both", keyring.Both(private(t, sampleBoth)).ID())
	for _, tc := range goodFiles {
		t.Run(tc.name, func(t *testing.T) {
			ring, err := loadText(t, tc.text)
			require.NoError(t, err)
			require.Equal(t, 1, ring.Len())
			var want []string
			for _, line := range tc.want {
				want = append(want, ids.Replace(line))
			}
			require.Equal(t, want, describe(ring))
			ring, err = keyfile.Read(strings.NewReader(tc.text))
			require.NoError(t, err)
			require.Equal(t, want, describe(ring))
		})
	}
}

// What one party's file seals, the other's opens.
func TestFilesOfTwoPartiesFit(t *testing.T) {
	both := `"originator": {"private": "$O"}, "responder": {"private": "$R"}`
	cases := map[string]struct{ originator, responder string }{
		"each its own":       {asOriginator, asResponder},
		"an operator sends":  {both, asResponder},
		"an operator reads":  {asOriginator, both},
		"symmetric":          {`"id": "s", ` + sharedKey, `"id": "s", ` + sharedKey},
		"symmetric, AES":     {`"id": "s", "algorithm": "aes256gcm", ` + sharedKey, `"id": "s", "algorithm": "aes256gcm", ` + sharedKey},
		"one pair for all":   {`"originator": {"private": "$S"}, "responder": {"private": "$S"}`, `"responder": {"private": "$S"}, "originator": {"private": "$S"}`},
		"with ids of theirs": {`"id": "x", ` + asOriginator, `"id": "x", ` + asResponder},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			from, err := loadText(t, one(tc.originator))
			require.NoError(t, err)
			to, err := loadText(t, one(tc.responder))
			require.NoError(t, err)
			e, err := from.Lookup("com.a")
			require.NoError(t, err)
			v, err := e.Sealer(keyring.RoleOriginator)
			require.NoError(t, err)
			env, _, err := cryptobox.Seal(v.Cipher(), cryptobox.CBOR, v.ID(), cryptobox.NewRecord("com.a", nil, nil, nil))
			require.NoError(t, err)
			e, err = to.Lookup("com.a")
			require.NoError(t, err)
			openers, err := e.Openers(keyring.RoleResponder, env.KeyID)
			require.NoError(t, err)
			rec, _, err := cryptobox.Open(openers[0].Cipher(), env)
			require.NoError(t, err)
			require.Equal(t, "com.a", rec.URI())
		})
	}
}

// The example of the format's page loads, with what it refers to.
func TestExampleOfTheDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/KEYRING-FILE.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(page), "```json\n")
	require.True(t, found)
	example, _, found := strings.Cut(rest, "```")
	require.True(t, found)
	require.Contains(t, example, publicText(sampleResponder))

	path := written(t, example)
	t.Setenv("SENSORS_KEY", sampleBoth)
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), "old-originator.key"), []byte(sampleBoth), 0o600))
	ring, err := keyfile.Load(path)
	require.NoError(t, err)
	require.Equal(t, 3, ring.Len())
	require.Len(t, ring.Versions(keyring.Prefix("com.myapp.orders.")), 3)
	require.Equal(t, "aes256gcm", ring.Versions(keyring.Wildcard("com.myapp..temperature"))[0].Algorithm)
	e, err := ring.Lookup("com.myapp.public.news")
	require.NoError(t, err)
	require.True(t, e.Plain())
	validate(t, example, true)
}

// What a file says of a pattern besides its versions.
func TestWhatHoldsForAPattern(t *testing.T) {
	for name, tc := range map[string]struct {
		fields              string
		plain, sends, takes bool
	}{
		"sealed":                    {`"versions": [{` + asOriginator + `}]`, false, false, false},
		"plain":                     {`"plain": true`, true, true, true},
		"sent in plain":             {`"plaintext": "send", "until": "2099-01-01T00:00:00Z", "versions": [{` + asOriginator + `}]`, false, true, true},
		"taken in plain":            {`"plaintext": "accept", "until": "2099-01-01T00:00:00Z", "versions": [{` + asOriginator + `}]`, false, false, true},
		"sent in plain until today": {`"plaintext": "send", "until": "2020-01-01T00:00:00Z", "versions": [{` + asOriginator + `}]`, false, false, false},
	} {
		ring, err := loadText(t, fileOf(`{"exact": "com.a", `+tc.fields+`}`))
		require.NoError(t, err, name)
		e, err := ring.Lookup("com.a")
		require.NoError(t, err)
		require.Equal(t, []bool{tc.plain, tc.sends, tc.takes}, []bool{e.Plain(), e.SendsPlain(), e.TakesPlain()}, name)
		_, err = ring.Lookup("com.other")
		require.ErrorIs(t, err, keyring.ErrClosed)
	}
	ring, err := loadText(t, `{"version": 2, "unkeyed": "plain", "patterns": [{"exact": "com.a", "plain": true}]}`)
	require.NoError(t, err)
	e, err := ring.Lookup("org.other")
	require.NoError(t, err)
	require.True(t, e.Plain())
}
