package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// changeJSON is what activate, retire and revoke print as JSON.
type changeJSON struct {
	Changed []struct {
		File     string     `json:"file"`
		Pattern  string     `json:"pattern"`
		Match    string     `json:"match"`
		ID       string     `json:"id"`
		State    string     `json:"state"`
		NotAfter *time.Time `json:"not_after"`
	} `json:"changed"`
}

// TestStateRefuses what the ring refuses, and says which ids there are.
func TestStateRefuses(t *testing.T) {
	dir, old := begun(t)
	unknown := wampbox(t, "activate", "-dir", dir, "-id", "nobody")
	unknown.fails(t, 1, `no version with the id "nobody"`)
	require.Contains(t, unknown.err, old+" (active)")
	wampbox(t, "retire", "-dir", dir, "-id", old, "-after", "1d").fails(t, 1, "activate another version first")
	for _, when := range []string{"soon", "-1h", "-1d", "99999d", "2027-13-01", "1"} {
		wampbox(t, "retire", "-dir", dir, "-id", old, "-after="+when).fails(t, 2, "-after: give a duration")
	}
	again := wampbox(t, "activate", "-dir", dir, "-id", old)
	again.fine(t)
	require.Contains(t, again.err, "nothing to change")
	wampbox(t, "revoke", "-dir", dir, "-id", old).fine(t)
	wampbox(t, "activate", "-dir", dir, "-id", old).fails(t, 1, "it was revoked")
}

// TestStateIsAllOrNothing: where one file refuses, the other isn't changed.
func TestStateIsAllOrNothing(t *testing.T) {
	dir, old := begun(t)
	next := strings.TrimSpace(wampbox(t, "rotate", "-keyring", filepath.Join(dir, responderFile)).fine(t))
	wampbox(t, "activate", "-dir", dir, "-id", next).fails(t, 1, "no version with the id")
	require.Equal(t, map[string]string{old: "active"}, states(t, filepath.Join(dir, originatorFile)))
	require.Equal(t, map[string]string{old: "active", next: "pending"}, states(t, filepath.Join(dir, responderFile)))
}

// TestRetireDurations count from now.
func TestRetireDurations(t *testing.T) {
	dir, old := begun(t)
	next := strings.TrimSpace(wampbox(t, "rotate", "-dir", dir).fine(t))
	wampbox(t, "activate", "-dir", dir, "-id", next).fine(t)
	for after, want := range map[string]time.Duration{"90s": 90 * time.Second, "36h": 36 * time.Hour, "30d": 30 * 24 * time.Hour} {
		wampbox(t, "retire", "-dir", dir, "-id", old, "-after", after).fine(t)
		for _, v := range ring(t, filepath.Join(dir, originatorFile)).Versions("com.x.", keyring.Prefix) {
			if v.ID == old {
				require.WithinDuration(t, time.Now().Add(want), v.NotAfter, time.Minute, after)
			}
		}
	}
}

// TestSharedID: what shares an id is changed together, or by pattern.
func TestSharedID(t *testing.T) {
	key := strings.TrimSpace(wampbox(t, "keygen").fine(t))
	entry := func(pattern string) string {
		return fmt.Sprintf(`{"pattern": %q, "match": "exact", "id": "k", "symmetric": %q}`, pattern, key)
	}
	path := keyringFile(t, entry("com.a"), entry("com.b"))
	state := func(pattern string) string { return ring(t, path).Versions(pattern, keyring.Exact)[0].State.String() }
	wampbox(t, "revoke", "-keyring", path, "-id", "k", "-pattern", "com.a").fine(t)
	require.Equal(t, "revoked", state("com.a"))
	require.Equal(t, "active", state("com.b"))

	path = keyringFile(t, entry("com.a"), entry("com.b"))
	wampbox(t, "revoke", "-keyring", path, "-id", "k").fine(t)
	require.Equal(t, "revoked", state("com.a"))
	require.Equal(t, "revoked", state("com.b"))
	require.NotContains(t, string(must(os.ReadFile(path))), key)
}
