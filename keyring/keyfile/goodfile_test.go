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
	symmetricKey = `"symmetric": "$S"`
)

// goodFiles load, and every version of them is listed in want: state, id and
// kind. $id is the id of the sample pair.
var goodFiles = []struct {
	name, text string
	want       []string
}{
	{"an originator", one(good + asOriginator), []string{"active $id originator cryptobox"}},
	{"a responder", one(good + asResponder), []string{"active $id responder cryptobox"}},
	{"both private keys", one(good + `"originator": {"private": "$O"}, "responder": {"private": "$R"}`), []string{"active $id both cryptobox"}},
	{"private keys with public ones", one(good + `"originator": {"private": "$O", "public": "$o"}, "responder": {"public": "$r"}`), []string{"active $id originator cryptobox"}},
	{"one pair for all", one(good + `"originator": {"private": "$S"}, "responder": {"private": "$S"}`), []string{"active $both both cryptobox"}},
	{"an id of its own", one(good + `"id": "mine", ` + asOriginator), []string{"active mine originator cryptobox"}},
	{"a symmetric key", one(good + `"id": "s", ` + symmetricKey), []string{"active s symmetric xsalsa20poly1305"}},
	{"a symmetric key with its algorithm", one(good + `"id": "s", "algorithm": "xsalsa20poly1305", ` + symmetricKey), []string{"active s symmetric xsalsa20poly1305"}},
	{"an AES key", one(good + `"id": "s", "algorithm": "aes256gcm", ` + symmetricKey), []string{"active s symmetric aes256gcm"}},
	{"unbound", one(good + `"id": "s", "allow_unbound": true, ` + symmetricKey), []string{"active s symmetric xsalsa20poly1305 unbound"}},
	{"bound, and said so", one(good + `"id": "s", "allow_unbound": false, ` + symmetricKey), []string{"active s symmetric xsalsa20poly1305"}},
	{"pending only", one(good + `"id": "s", "state": "pending", ` + symmetricKey), []string{"pending s symmetric xsalsa20poly1305"}},
	{"revoked, the id only", one(good + `"id": "s", "state": "revoked"`), []string{"revoked s revoked "}},
	{"revoked, public keys only", one(good + `"originator": {"public": "$o"}, "responder": {"public": "$r"}, "state": "revoked"`), []string{"revoked $id revoked "}},
	{"revoked, with keys", one(good + `"state": "revoked", ` + asResponder), []string{"revoked $id responder cryptobox"}},
	{"all versions", fileOf(
		`{"pattern": "com.a", "match": "exact", "id": "4", "state": "revoked"}`,
		`{"pattern": "com.a", "match": "exact", "id": "3", "state": "retired", "not_after": "2099-12-31T23:59:59.5+01:00", "symmetric": "$S", "allow_unbound": true}`,
		`{"pattern": "com.a", "match": "exact", "id": "2", "state": "pending", "symmetric": "$S", "allow_unbound": true}`,
		`{"pattern": "com.a", "match": "exact", "id": "1", "state": "active", "symmetric": "$S", "allow_unbound": true, "comment": "\u263a", "created": "2026-01-01T00:00:00Z"}`,
		`{"pattern": "com.a", "match": "exact", "id": "5", "state": "retired", "symmetric": "$S", "allow_unbound": true}`,
	), []string{
		"active 1 symmetric xsalsa20poly1305 unbound", "pending 2 symmetric xsalsa20poly1305 unbound",
		"retired 5 symmetric xsalsa20poly1305 unbound", "retired 3 symmetric xsalsa20poly1305 2099-12-31T22:59:59.5Z unbound",
		"revoked 4 revoked ",
	}},
	{"a schema", `{"$schema": "https://example.com/s.json", "version": 1, "keys": [{` + good + `"id": "x", "symmetric": "` + sampleBoth + `"}]}`,
		[]string{"active x symmetric xsalsa20poly1305"}},
}

// describe gives one line for each version that com.a has.
func describe(r *keyring.Ring) []string {
	var list []string
	for _, v := range r.Versions("com.a", keyring.Exact) {
		line := fmt.Sprintf("%v %s %s %s", v.State, v.ID, v.Kind, v.Algorithm)
		if !v.NotAfter.IsZero() {
			line += " " + v.NotAfter.UTC().Format(time.RFC3339Nano)
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
			want := strings.Split(ids.Replace(strings.Join(tc.want, "\n")), "\n")
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
		"symmetric":          {`"id": "s", ` + symmetricKey, `"id": "s", ` + symmetricKey},
		"symmetric, AES":     {`"id": "s", "algorithm": "aes256gcm", ` + symmetricKey, `"id": "s", "algorithm": "aes256gcm", ` + symmetricKey},
		"one pair for all":   {`"originator": {"private": "$S"}, "responder": {"private": "$S"}`, `"responder": {"private": "$S"}, "originator": {"private": "$S"}`},
		"with ids of theirs": {`"id": "x", ` + asOriginator, `"id": "x", ` + asResponder},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			from, err := loadText(t, one(good+tc.originator))
			require.NoError(t, err)
			to, err := loadText(t, one(good+tc.responder))
			require.NoError(t, err)
			e, _ := from.Lookup("com.a")
			v, err := e.Sealer(keyring.RoleOriginator)
			require.NoError(t, err)
			env, _, err := cryptobox.Seal(v.Cipher(), cryptobox.CBOR, v.ID(), cryptobox.NewRecord("com.a", nil, nil, nil))
			require.NoError(t, err)
			e, _ = to.Lookup("com.a")
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
	require.Equal(t, 2, ring.Len())
	require.Len(t, ring.Versions("com.myapp.encrypted.", keyring.Prefix), 3)
	require.Equal(t, "aes256gcm", ring.Versions("com.myapp..temperature", keyring.Wildcard)[0].Algorithm)
	validate(t, example, true)
}
