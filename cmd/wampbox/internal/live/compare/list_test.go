package compare_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live/compare"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// TestList shows what a list is in JSON, and that reading it gives it back.
func TestList(t *testing.T) {
	key, err := cryptobox.ParseSymmetricKey(strings.Repeat("AQ", 32)[:43] + "=")
	require.NoError(t, err)
	ours := cryptobox.GenerateSymmetricKey()
	f := keyfile.New()
	f.PlainUnlessKeyed = true
	from, end := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), time.Date(2126, 1, 2, 3, 4, 5, 0, time.UTC)
	require.NoError(t, f.Add(keyring.Wildcard("com..x"), &keyfile.Version{
		ID: "2026", Dialect: cryptobox.Passthru, Shared: keyfile.SymmetricKey(key), Dates: keyring.Dates{ActiveFrom: from, NotAfter: end}, Created: from,
	}))
	require.NoError(t, f.Add(keyring.Exact("com.ours"), &keyfile.Version{Shared: keyfile.SymmetricKey(ours)}))
	require.NoError(t, f.SetPlain(keyring.Prefix("com.public.")))
	require.NoError(t, f.Transition(keyring.Wildcard("com..x"), keyring.AcceptPlain, end))
	l, err := compare.NewList(f)
	require.NoError(t, err)
	text, err := json.Marshal(l)
	require.NoError(t, err)
	fingerprint := l.Patterns[0].Versions[0].Fingerprint
	require.Len(t, fingerprint, 16)
	require.JSONEq(t, `{"unkeyed": "plain", "patterns": [
		{"pattern": "com..x", "match": "wildcard", "plaintext": "accept", "until": "2126-01-02T03:04:05Z",
		 "versions": [{"id": "2026", "state": "active", "kind": "shared", "dialect": "passthru", "algorithm": "xsalsa20poly1305",
			"active_from": "2026-01-02T03:04:05Z", "not_after": "2126-01-02T03:04:05Z", "created": "2026-01-02T03:04:05Z",
			"fingerprint": "`+fingerprint+`"}]},
		{"pattern": "com.ours", "match": "exact",
		 "versions": [{"id": "`+cryptobox.SharedID(ours).String()+`", "state": "active", "kind": "shared", "suite": "shared", "fingerprint": "`+l.Patterns[1].Versions[0].Fingerprint+`"}]},
		{"pattern": "com.public.", "match": "prefix", "plain": true}]}`, string(text))

	back, err := compare.ReadList(strings.NewReader(string(text)))
	require.NoError(t, err)
	require.Equal(t, l, back)
	back, err = compare.ReadList(strings.NewReader(`{"files": [` + string(text) + `]}`))
	require.NoError(t, err)
	require.Equal(t, l, back)
	found := compare.Lists(l, back, from.Add(time.Hour))
	var rules []compare.Rule
	for _, f := range found {
		require.Equal(t, compare.Warning, f.Level)
		rules = append(rules, f.Rule)
	}
	require.Equal(t, []compare.Rule{compare.Transition, compare.NoActive, compare.NoActive}, rules)

	used := map[string]keyring.Pattern{"": keyring.Exact("com.ours"), "passthru": keyring.Wildcard("com..x")}
	require.Equal(t, used, l.Dialects(from))
	delete(used, "passthru")
	require.Equal(t, used, l.Dialects(end.Add(time.Hour)), "what opens no more isn't used")
}

// TestFingerprint is the same at both ends of a pair, and another one for another pair.
func TestFingerprint(t *testing.T) {
	a, b := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	fingerprint := func(a, b keyfile.Side) string {
		f := keyfile.New()
		require.NoError(t, f.Add(keyring.Prefix("com.x."), &keyfile.Version{Originator: &a, Responder: &b}))
		l, err := compare.NewList(f)
		require.NoError(t, err)
		return l.Patterns[0].Versions[0].Fingerprint
	}
	private := func(k cryptobox.PrivateKey) keyfile.Side { return keyfile.Side{Private: keyfile.PrivateKey(k)} }
	public := func(k cryptobox.PrivateKey) keyfile.Side {
		return keyfile.Side{Public: keyfile.PublicKey(k.Public())}
	}
	require.Equal(t, fingerprint(private(a), public(b)), fingerprint(public(a), private(b)))
	require.NotEqual(t, fingerprint(private(a), public(b)), fingerprint(private(a), public(cryptobox.GenerateKey())))
}

// TestReadList refuses what isn't one, and repeats nothing of it.
func TestReadList(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":         ``,
		"no JSON":         `hunter2`,
		"another object":  `{"hunter2": 1}`,
		"a keyring file":  `{"version": 2, "patterns": [{"prefix": "hunter2."}]}`,
		"another type":    `{"patterns": "hunter2"}`,
		"another date":    `{"patterns": [{"pattern": "com.x", "match": "exact", "until": "hunter2"}]}`,
		"an unknown kind": `{"patterns": [{"pattern": "com.x", "match": "hunter2"}]}`,
		"no pattern":      `{"patterns": [{"pattern": "com.*", "match": "prefix"}]}`,
		"two files":       `{"files": [{"patterns": []}, {"patterns": []}]}`,
		"no files":        `{"files": []}`,
		"a file of none":  `{"files": [{}]}`,
		"one twice":       `{"patterns": [{"pattern": "com.x", "match": "exact"}, {"pattern": "com.x", "match": "exact"}]}`,
	} {
		_, err := compare.ReadList(strings.NewReader(text))
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "hunter2")
	}
	for name, text := range map[string]string{
		"a keyring file":      `{"version": 2, "patterns": [{"prefix": "hunter2.", "versions": [{"shared": "hunter2"}]}]}`,
		"one of version 1":    `{"version": 1, "keys": [{"prefix": "hunter2."}]}`,
		"one that won't do":   `{"version": "hunter2", "patterns": 1}`,
		"one that is sealed":  "age-encryption.org/v1\n-> scrypt hunter2",
		"one that is armored": "-----BEGIN AGE ENCRYPTED FILE-----\nhunter2",
	} {
		_, err := compare.ReadList(strings.NewReader(text))
		require.ErrorContains(t, err, "its secrets are for nobody but its owner", name)
		require.NotContains(t, err.Error(), "hunter2")
	}
	_, err := compare.ReadList(strings.NewReader(`{"patterns": [], "more": true}`))
	require.NoError(t, err)
}

// FuzzLists: whatever a peer writes into a list, comparing it with one's own ends, and
// says nothing without a fix.
func FuzzLists(f *testing.F) {
	const seed = `{"patterns": [{"pattern": "com.x.", "match": "prefix", "plaintext": "send", "until": "2126-01-02T03:04:05Z",
		"versions": [{"id": "a", "state": "active", "kind": "originator"}, {"id": "b", "state": "revoked", "active_from": "2026-01-02T03:04:05Z"}]}]}`
	f.Add(seed, seed)
	f.Add(seed, `{"unkeyed": "plain", "patterns": [{"pattern": "com.x", "match": "prefix", "versions": [{"id": "b", "kind": "responder", "dialect": "x", "suite": "y", "not_after": "2030-01-02T03:04:05Z"}]}]}`)
	f.Add(seed, `{"patterns": [{"pattern": "com.x.", "match": "prefix", "plain": true}, {"pattern": "", "match": "prefix"}]}`)
	f.Add(`{"scramble": [{"prefix": "com.", "secrets": [{"id": "a"}]}], `+seed[1:], `{"scramble": [{"prefix": "com.x.", "allow_clear": "2126-01-02T03:04:05Z", "secrets": [{"id": "b", "active_from": "2030-01-02T03:04:05Z"}]}], `+seed[1:])
	f.Fuzz(func(t *testing.T, ours, peers string) {
		a, err := compare.ReadList(strings.NewReader(ours))
		if err != nil {
			return
		}
		b, err := compare.ReadList(strings.NewReader(peers))
		if err != nil {
			return
		}
		for _, finding := range compare.Lists(a, b, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)) {
			require.NotEmpty(t, finding.Message)
			require.NotEmpty(t, finding.Fix)
			require.NotEmpty(t, finding.Rule)
		}
	})
}
