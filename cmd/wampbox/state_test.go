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
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// changeJSON is what activate, retire and revoke print as JSON.
type changeJSON struct {
	Changed []struct {
		File       string     `json:"file"`
		Pattern    string     `json:"pattern"`
		Match      string     `json:"match"`
		ID         string     `json:"id"`
		State      string     `json:"state"`
		ActiveFrom *time.Time `json:"active_from"`
		NotAfter   *time.Time `json:"not_after"`
	} `json:"changed"`
}

// TestStateRefuses what the ring refuses, and what would leave a time in which nothing
// seals, and says which ids there are.
func TestStateRefuses(t *testing.T) {
	dir, old := begun(t)
	unknown := wampbox(t, with(dir, "activate", "nobody")...)
	unknown.fails(t, 1, `no version with the id "nobody"`)
	require.Contains(t, unknown.err, old+` (prefix "com.x.", active)`)
	wampbox(t, with(dir, "retire", old, "-at", "1d")...).fails(t, 1, "nothing would seal for prefix \"com.x.\": rotate first")
	for _, command := range []string{"retire", "activate"} {
		for _, when := range []string{"soon", "-1h", "-1d", "99999d", "2027-13-01", "1"} {
			wampbox(t, with(dir, command, old, "-at="+when)...).fails(t, 2, "-at: give a duration")
		}
	}
	again := wampbox(t, with(dir, "activate", old)...)
	again.fine(t)
	require.Contains(t, again.err, "nothing to change")
	wampbox(t, with(dir, "activate", old, "-at", "1h")...).fails(t, 1, "nothing would seal")

	next := strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.")...).fine(t))
	wampbox(t, with(dir, "retire", old, "-at", "1h")...).fails(t, 1, "nothing would seal")
	wampbox(t, with(dir, "activate", next, "-at", "30d")...).fails(t, 1, "retire the older version later first")
	wampbox(t, with(dir, "retire", next, "-at", "1h")...).fails(t, 1, "give a later end")

	revoked := wampbox(t, with(dir, "revoke", next)...)
	revoked.fine(t)
	require.Contains(t, revoked.err, " id "+next+" is removed\n", "it has sealed nothing")
	require.Regexp(t, `nothing seals for prefix "com.x." from \S+ on: wampbox retire `+old+` -at ever FILE\.\.\. has that one go on`, revoked.err)
	wampbox(t, with(dir, "activate", next)...).fails(t, 1, "no version with the id")
	revoked = wampbox(t, with(dir, "revoke", old)...)
	revoked.fine(t)
	require.Contains(t, revoked.err, `nothing seals for prefix "com.x." until it gets another version`)
}

// TestStateIsAllOrNothing: where one file refuses, the other isn't changed.
func TestStateIsAllOrNothing(t *testing.T) {
	dir, old := begun(t)
	next := strings.TrimSpace(wampbox(t, "rotate", "com.x.", filepath.Join(dir, responderFile)).fine(t))
	wampbox(t, with(dir, "activate", next)...).fails(t, 1, "no version with the id")
	require.Equal(t, map[string]string{old: "active"}, states(t, filepath.Join(dir, originatorFile)))
	require.Equal(t, map[string]string{old: "active", next: "pending"}, states(t, filepath.Join(dir, responderFile)))
}

// TestMoveDates count from now.
func TestMoveDates(t *testing.T) {
	dir, old := begun(t)
	next := strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.")...).fine(t))
	version := func(id string) keyring.VersionInfo {
		for _, v := range ring(t, filepath.Join(dir, originatorFile)).Versions(keyring.Prefix("com.x.")) {
			if v.ID == id {
				return v
			}
		}
		return keyring.VersionInfo{}
	}
	wampbox(t, with(dir, "activate", next, "-at", "36h")...).fine(t)
	require.WithinDuration(t, time.Now().Add(36*time.Hour), version(next).Dates.ActiveFrom, time.Minute)
	wampbox(t, with(dir, "activate", next)...).fine(t)
	require.WithinDuration(t, time.Now().Add(-30*time.Second), version(next).Dates.ActiveFrom, 10*time.Second)
	for at, want := range map[string]time.Duration{"90s": 90 * time.Second, "36h": 36 * time.Hour, "30d": 30 * 24 * time.Hour, "now": 0} {
		wampbox(t, with(dir, "retire", old, "-at", at)...).fine(t)
		require.WithinDuration(t, time.Now().Add(want), version(old).Dates.NotAfter, time.Minute, at)
	}
	// And back.
	wampbox(t, with(dir, "retire", old, "-at", "1d")...).fine(t)
	wampbox(t, with(dir, "retire", next, "-at", "1d")...).fails(t, 1, "nothing would seal")
	require.NotEqual(t, keyring.StateActive, version(old).State)
}

// TestShortID: the beginning of an id is enough, if it is of one only.
func TestShortID(t *testing.T) {
	key := func() string { return strings.TrimSpace(wampbox(t, "keygen").fine(t)) }
	path := keyringFile(t,
		fmt.Sprintf(`{"exact": "com.a", "versions": [{"id": "abcdef", "dialect": "passthru", "shared": %q}, {"id": "abcdxy", "active_from": "2999-01-01T00:00:00Z", "dialect": "passthru", "shared": %q}]}`, key(), key()),
		fmt.Sprintf(`{"exact": "com.b", "versions": [{"id": "abcd", "dialect": "passthru", "shared": %q}, {"id": "-z", "active_from": "2999-01-01T00:00:00Z", "dialect": "passthru", "shared": %q}]}`, key(), key()))
	wampbox(t, "revoke", "abc", path).fails(t, 1, "too short")
	wampbox(t, "revoke", "abcd", path).fine(t) // the whole of one
	wampbox(t, "revoke", "abcdx", path).fine(t)
	wampbox(t, "revoke", "--", "-z", path).fine(t)
	for pattern, want := range map[string]string{"com.a": "abcdef", "com.b": ""} {
		for _, v := range ring(t, path).Versions(keyring.Exact(pattern)) {
			require.Equal(t, v.ID != want, v.State == keyring.StateRevoked, v.ID)
		}
	}
}

// TestSharedID: what shares an id is changed together, or by pattern.
func TestSharedID(t *testing.T) {
	key := strings.TrimSpace(wampbox(t, "keygen").fine(t))
	entry := func(pattern string) string {
		return fmt.Sprintf(`{"exact": %q, "versions": [{"id": "k", "dialect": "passthru", "shared": %q}]}`, pattern, key)
	}
	path := keyringFile(t, entry("com.a"), entry("com.b"))
	state := func(pattern string) string { return ring(t, path).Versions(keyring.Exact(pattern))[0].State.String() }
	wampbox(t, "revoke", "k", path, "-pattern", "com.c").fails(t, 1, `the pattern "com.c" has no such version`)
	wampbox(t, "revoke", "k", path, "-pattern", "com.a").fine(t)
	require.Equal(t, "revoked", state("com.a"))
	require.Equal(t, "active", state("com.b"))

	path = keyringFile(t, entry("com.a"), entry("com.b"))
	wampbox(t, "revoke", "k", path).fine(t)
	require.Equal(t, "revoked", state("com.a"))
	require.Equal(t, "revoked", state("com.b"))
	require.NotContains(t, string(must(os.ReadFile(path))), key)
}

// TestAmbiguousID: the beginning of several ids is of none.
func TestAmbiguousID(t *testing.T) {
	key := func() string { return strings.TrimSpace(wampbox(t, "keygen").fine(t)) }
	path := keyringFile(t, fmt.Sprintf(`{"exact": "com.a", "versions": [{"id": "abcdef", "dialect": "passthru", "shared": %q}, {"id": "abcdxy", "active_from": "2999-01-01T00:00:00Z", "dialect": "passthru", "shared": %q}]}`, key(), key()))
	wampbox(t, "revoke", "abcd", path).fails(t, 1, `2 ids begin with "abcd": abcdef (exact "com.a", active), abcdxy (exact "com.a", pending)`)
}

// TestAfterTheOnlyVersion: a pattern whose versions are all revoked gets a key by add.
func TestAfterTheOnlyVersion(t *testing.T) {
	dir, old := begun(t)
	wampbox(t, with(dir, "revoke", old)...).fine(t)
	wampbox(t, with(dir, "rotate", "com.x.")...).fails(t, 1, `all versions of prefix "com.x." are revoked, so it isn't known what the next one should be like: wampbox add "com.x." gives it a new key`)
	require.Contains(t, wampbox(t, with(dir, "lint")...).out, "all versions are revoked, so that sending for its URIs fails: wampbox add gives it a new key")
	for _, path := range both(dir) {
		explained := wampbox(t, "explain", "com.x.y", path)
		require.Equal(t, 1, strings.Count(explained.out, "fault: "))
		require.NotContains(t, explained.out, `\n`)
	}
	files := both(dir)
	id := strings.TrimSpace(wampbox(t, "add", "-originator", files[0], "-responder", files[1], "com.x.").fine(t))
	for _, path := range files {
		require.Equal(t, map[string]string{old: "revoked", id: "active"}, states(t, path))
	}
	wampbox(t, "add", "-originator", files[0], "-responder", files[1], "com.x.").fails(t, 1, "rotate gives it another key")
	require.Empty(t, wampbox(t, with(dir, "lint")...).fine(t))

	// A transition that is asked for with it begins.
	wampbox(t, with(dir, "revoke", id)...).fine(t)
	wampbox(t, "add", "-originator", files[0], "-responder", files[1], "com.x.", "-plain-until", "1d").fine(t)
	sends, takes, _ := lets(t, files[0])
	require.True(t, sends && takes)
}

// TestCancel ends a rotation before its date: all is as it was, and another one can begin.
func TestCancel(t *testing.T) {
	dir, old := begun(t)
	next := strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.")...).fine(t))
	running := keyring.New()
	_, err := running.Update("file", ring(t, both(dir)[0]))
	require.NoError(t, err)
	var change changeJSON
	wampbox(t, with(dir, "revoke", next, "-json")...).decode(t, &change)
	require.Len(t, change.Changed, 2)
	require.Equal(t, []string{next, "removed"}, []string{change.Changed[0].ID, change.Changed[0].State})
	require.Contains(t, wampbox(t, with(dir, "retire", old, "-at", "ever")...).err, "id "+old+" is active\n")
	for _, path := range both(dir) {
		versions := ring(t, path).Versions(keyring.Prefix("com.x."))
		require.Len(t, versions, 1)
		require.Zero(t, versions[0].Dates)
	}
	require.Empty(t, wampbox(t, with(dir, "lint")...).fine(t))
	_, err = running.Update("file", ring(t, both(dir)[0]))
	require.NoError(t, err, "a running program takes it over")
	goTogether(t, "com.x.y", both(dir)[0], both(dir)[1])
	again := strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.", "-activate", "1h")...).fine(t))
	require.Equal(t, map[string]string{old: "active", again: "pending"}, states(t, both(dir)[1]))
}

// TestRevokedBeforeItSealed: such a version, of a file that says so, is in nobody's way.
func TestRevokedBeforeItSealed(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		left bool // the other version isn't revoked
	}{
		"rotate": {[]string{"rotate", "com.x.", "-activate", "now"}, true},
		"add":    {[]string{"add", "com.x."}, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir, old := begun(t)
			next := strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.")...).fine(t))
			if !test.left {
				wampbox(t, with(dir, "revoke", old)...).fine(t)
			}
			for _, path := range both(dir) {
				require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.Revoke(keyring.Prefix("com.x."), next) }))
			}
			args := with(dir, test.args...)
			if !test.left {
				args = append(test.args, "-originator", both(dir)[0], "-responder", both(dir)[1])
			}
			r := wampbox(t, args...)
			id := strings.TrimSpace(r.fine(t))
			require.Contains(t, r.err, next+" was revoked before it sealed, and is taken out")
			want := map[string]string{old: "revoked", id: "active"}
			if test.left {
				want[old] = "retired"
			}
			require.Equal(t, want, states(t, both(dir)[0]))
			require.Equal(t, want, states(t, both(dir)[1]))
			require.Empty(t, wampbox(t, with(dir, "lint")...).fine(t))
		})
	}

	// The only one keeps its place, so that the pattern stays closed.
	dir, old := begun(t)
	for _, path := range both(dir) {
		require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error {
			return f.SetDates(keyring.Prefix("com.x."), old, keyring.Dates{ActiveFrom: time.Now().Add(time.Hour)})
		}))
	}
	require.Contains(t, wampbox(t, with(dir, "revoke", old)...).err, `wampbox add "com.x." gives it a new key`)
	require.Equal(t, map[string]string{old: "revoked"}, states(t, both(dir)[0]))
	id := strings.TrimSpace(wampbox(t, "add", "com.x.", "-originator", both(dir)[0], "-responder", both(dir)[1]).fine(t))
	require.Equal(t, map[string]string{id: "active"}, states(t, both(dir)[0]))
}

// TestRevokeSaysWhatWorks: each command that it names does.
func TestRevokeSaysWhatWorks(t *testing.T) {
	dir, old := begun(t)
	next := strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.")...).fine(t))
	require.Contains(t, wampbox(t, with(dir, "revoke", old)...).err, ": wampbox activate "+next+" FILE... has that one seal at once")
	wampbox(t, with(dir, "activate", next)...).fine(t)

	dir, _ = begun(t)
	next = strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.", "-activate", "now")...).fine(t))
	require.Contains(t, wampbox(t, with(dir, "revoke", next)...).err, `: wampbox rotate "com.x." FILE... -activate now makes another`)
	wampbox(t, with(dir, "rotate", "com.x.", "-activate", "now")...).fine(t)
	require.Empty(t, wampbox(t, with(dir, "lint")...).fine(t))
}

// TestFilesWithoutThePattern stay as they are, and are named.
func TestFilesWithoutThePattern(t *testing.T) {
	dir, old := begun(t)
	other := filepath.Join(t.TempDir(), "other.json")
	wampbox(t, "add", "-shared", other, "com.other.").fine(t)
	before := string(must(os.ReadFile(other)))
	next := wampbox(t, append(with(dir, "rotate", "com.x.", "-activate", "now"), other)...)
	id := strings.TrimSpace(next.fine(t))
	require.Contains(t, next.err, other+` doesn't have prefix "com.x."`)
	require.Contains(t, wampbox(t, append(with(dir, "revoke", old), other)...).err, other+" doesn't have the pattern")
	for _, path := range both(dir) {
		require.Equal(t, map[string]string{old: "revoked", id: "active"}, states(t, path))
	}
	require.Equal(t, before, string(must(os.ReadFile(other))))
	wampbox(t, "rotate", "com.x.", other).fails(t, 1, `it doesn't have prefix "com.x."`)
}

// TestDatesAsGiven: a date is written as it is, now is dated back, and ever is no date.
func TestDatesAsGiven(t *testing.T) {
	dir, old := begun(t)
	next := strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.")...).fine(t))
	at := time.Now().Add(-10 * time.Minute).UTC().Truncate(time.Second)
	wampbox(t, with(dir, "activate", next, "-at", at.Format(time.RFC3339))...).fine(t)
	wampbox(t, with(dir, "retire", old, "-at", "ever")...).fine(t)
	for _, path := range both(dir) {
		for _, v := range ring(t, path).Versions(keyring.Prefix("com.x.")) {
			want := keyring.Dates{}
			if v.ID == next {
				want.ActiveFrom = at
			}
			require.Equal(t, want, v.Dates)
		}
	}
	wampbox(t, with(dir, "rotate", "com.x.", "-activate", "2020-01-01")...).fails(t, 2, "that date has passed")
}
