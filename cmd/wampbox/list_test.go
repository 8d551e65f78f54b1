package main_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// listJSON is what list prints as JSON.
type listJSON struct {
	Files []struct {
		File    string `json:"file"`
		Unkeyed string `json:"unkeyed"`
		Grant   *struct {
			Authority  string    `json:"authority"`
			Member     string    `json:"member"`
			State      string    `json:"state"`
			Serial     int64     `json:"serial"`
			Expires    time.Time `json:"expires"`
			OpensUntil time.Time `json:"opens_until"`
		} `json:"grant"`
		Scramble []struct {
			Prefix     string     `json:"prefix"`
			Comment    string     `json:"comment"`
			AllowClear *time.Time `json:"allow_clear"`
			Secrets    []struct {
				ID         string     `json:"id"`
				Short      string     `json:"short"`
				State      string     `json:"state"`
				ActiveFrom *time.Time `json:"active_from"`
				NotAfter   *time.Time `json:"not_after"`
			} `json:"secrets"`
		} `json:"scramble"`
		Patterns []struct {
			Pattern   string     `json:"pattern"`
			Match     string     `json:"match"`
			Plain     bool       `json:"plain"`
			Plaintext string     `json:"plaintext"`
			Until     *time.Time `json:"until"`
			Comment   string     `json:"comment"`
			Versions  []struct {
				ID          string     `json:"id"`
				Short       string     `json:"short"`
				State       string     `json:"state"`
				Kind        string     `json:"kind"`
				Dialect     string     `json:"dialect"`
				Suite       string     `json:"suite"`
				Algorithm   string     `json:"algorithm"`
				ActiveFrom  *time.Time `json:"active_from"`
				NotAfter    *time.Time `json:"not_after"`
				Created     *time.Time `json:"created"`
				Comment     string     `json:"comment"`
				Fingerprint string     `json:"fingerprint"`
			} `json:"versions"`
		} `json:"patterns"`
	} `json:"files"`
}

// TestList shows patterns and versions, and no keys.
func TestList(t *testing.T) {
	dir, old := begun(t)
	wampbox(t, "add", "com.q", "-for", "passthru", "-id", "by hand", "-comment", "one", "-originator", both(dir)[0], "-responder", both(dir)[1]).fine(t)
	wampbox(t, "add", "-plain", "com.p.", "-originator", both(dir)[0], "-responder", both(dir)[1]).fine(t)
	next := strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.", "-comment", "the next")...).fine(t))

	var all listJSON
	r := wampbox(t, with(dir, "list", "-json")...)
	r.decode(t, &all)
	r.noSecrets(t, both(dir)...)
	require.Len(t, all.Files, 2)
	for i := range 2 {
		prints := []string{}
		for _, f := range all.Files {
			prints = append(prints, f.Patterns[0].Versions[i].Fingerprint)
		}
		require.NotEmpty(t, prints[0])
		require.Equal(t, prints[0], prints[1], "both halves are of one secret")
	}
	for i, f := range all.Files {
		require.Equal(t, both(dir)[i], f.File)
		require.Len(t, f.Patterns, 3)
		x, q, p := f.Patterns[0], f.Patterns[1], f.Patterns[2]
		require.Equal(t, []string{"com.x.", "prefix"}, []string{x.Pattern, x.Match})
		require.Equal(t, []string{old, "active", next, "pending"}, []string{x.Versions[0].ID, x.Versions[0].State, x.Versions[1].ID, x.Versions[1].State})
		require.Equal(t, []string{"originator", "responder"}[i], x.Versions[1].Kind)
		require.Equal(t, "the next", x.Versions[1].Comment)
		require.WithinDuration(t, time.Now().Add(24*time.Hour), *x.Versions[1].ActiveFrom, time.Minute)
		require.WithinDuration(t, time.Now().Add(8*24*time.Hour), *x.Versions[0].NotAfter, time.Minute)
		require.NotNil(t, x.Versions[1].Created)
		for _, v := range x.Versions {
			require.NotEmpty(t, v.Fingerprint)
			require.Len(t, v.Short, 6)
			require.True(t, strings.HasPrefix(v.ID, v.Short))
		}
		require.Equal(t, []string{"com.q", "exact", "passthru", "one", "by hand", "by hand"}, []string{q.Pattern, q.Match, q.Versions[0].Dialect, q.Comment, q.Versions[0].ID, q.Versions[0].Short})
		require.True(t, p.Plain)
		require.Empty(t, p.Versions)
	}

	r = wampbox(t, "list", both(dir)[0])
	r.noSecrets(t, both(dir)...)
	lines := strings.Split(strings.TrimSpace(r.fine(t)), "\n")
	require.Len(t, lines, 5)
	require.Regexp(t, `^PATTERN +MATCH +DIALECT +SUITE +KEY +ID +STATE +SEALS FROM +OPENS UNTIL +COMMENT$`, lines[0])
	require.Regexp(t, `^com\.x\. +prefix +wampbox +box +originator +\Q`+old[:6]+`\E +active +always +20\S+Z +-$`, lines[1])
	require.Regexp(t, `^com\.x\. +prefix +wampbox +box +originator +\Q`+next[:6]+`\E +pending +20\S+Z +ever +the next$`, lines[2])
	require.Regexp(t, `^com\.q +exact +passthru +- +originator +by hand +active +always +ever +one$`, lines[3])
	require.Regexp(t, `^com\.p\. +prefix +- +- +- +- +plain +- +- +-$`, lines[4])

	// What list shows of an id is what the others take.
	wampbox(t, with(dir, "activate", next[:6])...).fine(t)
	require.Equal(t, "active", states(t, both(dir)[0])[next])
}

// TestListShows transitions, open defaults, and what a terminal must not take literally.
func TestListShows(t *testing.T) {
	key := func() string { return strings.TrimSpace(wampbox(t, "keygen").fine(t)) }
	secret := key()
	begins := []string{"aaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaabbbbbbbbbbbbbbbb", "baaaaaaaaaaaaaaaaaaaaaaaaa"}
	path := write(t, "k.json", fmt.Appendf(nil, `{"version": 2, "unkeyed": "plain", "patterns": [
		{"prefix": "", "plaintext": "accept", "until": "2999-01-01T00:00:00Z", "comment": "\u001b[31m \"red\" %s", "versions": [
			{"id": %q, "dialect": "passthru", "shared": %q},
			{"id": %q, "active_from": "2999-01-01T00:00:00Z", "dialect": "passthru", "shared": %q},
			{"id": %q, "revoked": true}]}]}`, secret, begins[0], secret, begins[1], key(), begins[2]))
	r := wampbox(t, "list", path)
	out := r.fine(t)
	require.Contains(t, out, `accepts plain until 2999-01-01T00:00:00Z; \x1b[31m "red" (looks like a key, not shown)`)
	require.NotContains(t, out, "\x1b")
	require.NotContains(t, out, secret)
	require.Regexp(t, `(?m)^"" +prefix +passthru +- +shared +aaaaaaaaaaa +active`, out)
	require.Regexp(t, `(?m)^"" +prefix +passthru +- +shared +aaaaaaaaaab +pending`, out)
	require.Regexp(t, `(?m)^"" +prefix +- +- +revoked +baaaaa +revoked`, out)
	require.Regexp(t, `(?m)^all others .* plain +- +- +unkeyed$`, out)
	wampbox(t, "list", write(t, "bad.json", []byte("{}"))).fails(t, 1, "not a keyring file")
	dir, _ := begun(t)
	open := both(dir)[0]
	require.NoError(t, os.Chmod(open, 0o644))
	wampbox(t, "list", open).fails(t, 1, "lets others read a secret key: chmod 600 "+open+" (-readable-by-others accepts what others can read)")
	wampbox(t, "list", open, "-readable-by-others").fine(t)
	wampbox(t, "list", "none.json").fails(t, 1, "no such file")
}
