package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// rotateJSON is what rotate prints as JSON.
type rotateJSON struct {
	ID      string            `json:"id"`
	State   string            `json:"state"`
	Pattern string            `json:"pattern"`
	Match   string            `json:"match"`
	Files   []string          `json:"files"`
	Public  map[string]string `json:"public"`
}

// TestRotateBoth goes through a whole rotation where one has both files. After
// each step both files agree, and each opens what the other seals.
func TestRotateBoth(t *testing.T) {
	dir, old := begun(t)
	originator, responder := filepath.Join(dir, originatorFile), filepath.Join(dir, responderFile)
	agree := func(want map[string]string, sealsWith string) {
		t.Helper()
		require.Equal(t, want, states(t, originator))
		require.Equal(t, want, states(t, responder))
		sealed := run{stdin: []byte("{}")}.start(t, "seal", "-keyring", originator, "-uri", "com.x.y")
		opened := run{stdin: []byte(sealed.fine(t))}.start(t, "open", "-keyring", responder, "-uri", "com.x.y")
		opened.fine(t)
		require.Contains(t, opened.err, "id "+sealsWith+",")
	}
	before := secrets(t, originator, responder)

	r := wampbox(t, "rotate", "-dir", dir)
	next := strings.TrimSpace(r.fine(t))
	r.noSecrets(t, originator, responder)
	agree(map[string]string{old: "active", next: "pending"}, old)
	require.Len(t, secrets(t, originator), 2)
	for _, path := range []string{originator, responder} {
		require.Equal(t, os.FileMode(0o600), mode(t, path))
	}

	var change changeJSON
	wampbox(t, "activate", "-dir", dir, "-id", next, "-json").decode(t, &change)
	require.Len(t, change.Changed, 4, "two versions in two files")
	agree(map[string]string{old: "retired", next: "active"}, next)

	change = changeJSON{}
	wampbox(t, "retire", "-dir", dir, "-id", old, "-after", "2999-01-31", "-json").decode(t, &change)
	require.Len(t, change.Changed, 2)
	for i, path := range []string{originator, responder} {
		c := change.Changed[i]
		require.Equal(t, []string{path, "com.x.", "prefix", old, "retired"}, []string{c.File, c.Pattern, c.Match, c.ID, c.State})
		require.Equal(t, "2999-01-31T00:00:00Z", c.NotAfter.Format(time.RFC3339))
	}
	agree(map[string]string{old: "retired", next: "active"}, next)

	revoked := wampbox(t, "revoke", "-dir", dir, "-id", old)
	require.Empty(t, revoked.fine(t))
	require.Contains(t, revoked.err, "id "+old+" is revoked")
	agree(map[string]string{old: "revoked", next: "active"}, next)
	for _, secret := range before {
		require.NotContains(t, secrets(t, originator, responder), secret, "the old keys are gone")
	}
	require.Empty(t, wampbox(t, "lint", "-dir", dir).fine(t))
}

// TestRotateApart: each party has its own file, and learns nothing but public
// keys of the other.
func TestRotateApart(t *testing.T) {
	dir, old := begun(t)
	originator, responder := filepath.Join(dir, originatorFile), filepath.Join(dir, responderFile)

	var made rotateJSON
	r := wampbox(t, "rotate", "-keyring", originator, "-json")
	r.decode(t, &made)
	r.noSecrets(t, originator)
	require.Equal(t, rotateJSON{ID: made.ID, State: "pending", Pattern: "com.x.", Match: "prefix",
		Files: []string{originator}, Public: map[string]string{"originator": made.Public["originator"]}}, made)
	require.Contains(t, r.err, "Public key: "+made.Public["originator"]+"\n")
	first := made.ID
	require.Equal(t, map[string]string{old: "active", first: "pending"}, states(t, originator))

	there := wampbox(t, "rotate", "-keyring", responder, "-peer", made.Public["originator"])
	require.Equal(t, first+"\n", there.fine(t), "the same id at both ends")
	require.NotContains(t, there.err, "Public key", "the responder's is the old one")

	// The other way round, for the responder's key.
	made = rotateJSON{}
	wampbox(t, "rotate", "-keyring", responder, "-json").decode(t, &made)
	second := made.ID
	require.Equal(t, second+"\n", wampbox(t, "rotate", "-keyring", originator, "-peer", made.Public["responder"]).fine(t))

	want := map[string]string{old: "active", first: "pending", second: "pending"}
	require.Equal(t, want, states(t, originator))
	require.Equal(t, want, states(t, responder))
	wampbox(t, "activate", "-keyring", originator, "-id", second).fine(t)
	sealed := run{stdin: []byte("{}")}.start(t, "seal", "-keyring", originator, "-uri", "com.x.y").fine(t)
	run{stdin: []byte(sealed)}.start(t, "open", "-keyring", responder, "-uri", "com.x.y", "-key-id", second).fine(t)
	wampbox(t, "activate", "-keyring", responder, "-id", second).fine(t)
	require.Equal(t, states(t, originator), states(t, responder))
	for _, secret := range secrets(t, responder) {
		require.NotContains(t, secrets(t, originator), secret)
	}
}

// TestRotateShared: a secret of all parties gets a new one for all.
func TestRotateShared(t *testing.T) {
	key := wampbox(t, "keygen").fine(t)
	key = strings.TrimSpace(key)
	for kind, entry := range map[string]string{
		"xsalsa20poly1305": fmt.Sprintf(`{"pattern": "com.x.", "match": "prefix", "id": "k", "symmetric": %q}`, key),
		"aes256gcm":        fmt.Sprintf(`{"pattern": "com.x.", "match": "prefix", "id": "k", "symmetric": %q, "algorithm": "aes256gcm"}`, key),
		"cryptobox":        fmt.Sprintf(`{"pattern": "com.x.", "match": "prefix", "id": "k", "originator": {"private": %q}, "responder": {"private": %[1]q}}`, key),
	} {
		a, b := keyringFile(t, entry), keyringFile(t, entry)
		together := strings.TrimSpace(wampbox(t, "rotate", "-keyring", a, "-keyring", b).fine(t))
		require.Equal(t, map[string]string{"k": "active", together: "pending"}, states(t, a), kind)
		require.Equal(t, states(t, a), states(t, b), kind)
		require.Equal(t, secrets(t, a), secrets(t, b), kind)
		for _, v := range ring(t, a).Versions("com.x.", keyring.Prefix) {
			require.Equal(t, kind, v.Algorithm)
			require.NotEqual(t, "originator", v.Kind)
		}

		alone := wampbox(t, "rotate", "-keyring", a, "-id", "mine")
		require.Equal(t, "mine\n", alone.fine(t))
		require.Contains(t, alone.err, "take the entry to all other holders")
		require.NotContains(t, alone.err, "Public key")
		alone.noSecrets(t, a)
		wampbox(t, "rotate", "-keyring", b, "-peer", cryptobox.GenerateKey().Public().String()).
			fails(t, 1, "a secret that all parties share")
	}
}

// TestRotateOperator: a file with the private keys of both parties.
func TestRotateOperator(t *testing.T) {
	o, r := strings.TrimSpace(wampbox(t, "keygen").fine(t)), strings.TrimSpace(wampbox(t, "keygen").fine(t))
	path := keyringFile(t, fmt.Sprintf(`{"pattern": "com.x.", "match": "prefix", "originator": {"private": %q}, "responder": {"private": %q}}`, o, r))
	wampbox(t, "rotate", "-keyring", path).fine(t)
	all := secrets(t, path)
	require.Len(t, all, 4)
	seen := map[string]bool{}
	for _, secret := range all {
		seen[secret] = true
	}
	require.Len(t, seen, 4, "all differ")
	wampbox(t, "rotate", "-keyring", path, "-peer", private(t, o).Public().String()).fails(t, 1, "rotate it without -peer")
}

// TestRotateKeepsTheRest of the file: comments, order, other entries and flags.
func TestRotateKeepsTheRest(t *testing.T) {
	o, r := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	key := strings.TrimSpace(wampbox(t, "keygen").fine(t))
	other := fmt.Sprintf(`{"pattern": "org.x", "match": "exact", "id": "s", "comment": "leave me", "symmetric": %q}`, key)
	mine := strings.Replace(pairEntry("originator", "file:own.key", "responder", r.Public().String()), `"pattern": "", "match": "prefix"`, `"pattern": "com.x.", "match": "prefix"`, 1)
	path := keyringFile(t, other, mine)
	own := filepath.Join(filepath.Dir(path), "own.key")
	require.NoError(t, os.WriteFile(own, []byte("# by hand\n"+textOf(o)+"\n"), 0o600))

	wampbox(t, "rotate", "-keyring", path).fails(t, 1, "has 2 patterns that fit: say which one with -pattern and -match")
	wampbox(t, "rotate", "-keyring", path, "-pattern", "com.y").fails(t, 1, "has no such pattern")
	wampbox(t, "rotate", "-keyring", path, "-pattern", "com.x.", "-match", "exact").fails(t, 1, "has no such pattern")
	wampbox(t, "rotate", "-keyring", path, "-pattern", "com.x.", "-comment", "the next").fine(t)
	// The reference to the private key is kept where the key is.
	wampbox(t, "rotate", "-keyring", path, "-pattern", "com.x.", "-peer", cryptobox.GenerateKey().Public().String()).fine(t)

	var file struct {
		Keys []map[string]any `json:"keys"`
	}
	require.NoError(t, json.Unmarshal(must(os.ReadFile(path)), &file))
	require.Len(t, file.Keys, 4)
	require.Equal(t, "leave me", file.Keys[0]["comment"])
	require.Equal(t, map[string]any{"private": "file:own.key"}, file.Keys[1]["originator"])
	require.Equal(t, "the next", file.Keys[2]["comment"])
	for _, k := range file.Keys[1:] {
		require.Equal(t, true, k["allow_unbound"])
	}
}

func textOf(key cryptobox.PrivateKey) string {
	text, err := json.Marshal(key.UnsafeBytes())
	if err != nil {
		panic(err)
	}
	return strings.Trim(string(text), `"`)
}

// TestRotateRefuses what would give files that don't go together.
func TestRotateRefuses(t *testing.T) {
	dir, old := begun(t)
	originator, responder := filepath.Join(dir, originatorFile), filepath.Join(dir, responderFile)
	public := cryptobox.GenerateKey().Public().String()
	wampbox(t, "rotate", "-keyring", originator, "-keyring", originator).fails(t, 2, "names the same file twice")
	wampbox(t, "rotate", "-keyring", originator, "-dir", dir).fails(t, 2, "not both")
	wampbox(t, "rotate").fails(t, 2, "name the keyring file")
	wampbox(t, "rotate", "-dir", dir, "-peer", public).fails(t, 2, "-peer is for one file")
	wampbox(t, "rotate", "-dir", dir, "-match", "prefix").fails(t, 2, "-match goes with -pattern")
	bad := wampbox(t, "rotate", "-keyring", originator, "-peer", "not a key")
	bad.fails(t, 2, "-peer: ")
	require.NotContains(t, bad.err, "not a key\n")
	wampbox(t, "rotate", "-keyring", responder, "-peer", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").fails(t, 2, "weak key")

	copied := write(t, "copy.json", must(os.ReadFile(originator)))
	wampbox(t, "rotate", "-keyring", originator, "-keyring", copied).fails(t, 1, "the private key of one party only")
	other, _ := begun(t)
	wampbox(t, "rotate", "-keyring", originator, "-keyring", filepath.Join(other, responderFile)).fails(t, 1, "don't belong together")

	for _, path := range []string{originator, responder} {
		require.Equal(t, map[string]string{old: "active"}, states(t, path), "nothing has changed")
	}
	wampbox(t, "revoke", "-dir", dir, "-id", old).fine(t)
	wampbox(t, "rotate", "-dir", dir).fails(t, 1, "all versions")
}

// TestAtOnce: tools that run at once, also with the files in another order,
// lose no change.
func TestAtOnce(t *testing.T) {
	dir, old := begun(t)
	originator, responder := filepath.Join(dir, originatorFile), filepath.Join(dir, responderFile)
	const each = 6
	var all sync.WaitGroup
	ids := make(chan string, 3*each)
	for range each {
		all.Go(func() { ids <- strings.TrimSpace(wampbox(t, "rotate", "-dir", dir).out) })
		all.Go(func() {
			ids <- strings.TrimSpace(wampbox(t, "rotate", "-keyring", responder, "-keyring", originator).out)
		})
	}
	all.Wait()
	close(ids)
	want := map[string]string{old: "active"}
	for id := range ids {
		require.NotEmpty(t, id)
		want[id] = "pending"
	}
	require.Len(t, want, 2*each+1)
	require.Equal(t, want, states(t, originator))
	require.Equal(t, want, states(t, responder))
}
