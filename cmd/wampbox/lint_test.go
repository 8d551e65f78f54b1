package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// lintJSON is what lint prints as JSON.
type lintJSON struct {
	Findings []struct {
		File    string `json:"file"`
		Line    int    `json:"line"`
		Entry   string `json:"entry"`
		Level   string `json:"level"`
		Rule    string `json:"rule"`
		Message string `json:"message"`
	} `json:"findings"`
}

// TestLintFine: a fresh pair of files has no findings.
func TestLintFine(t *testing.T) {
	dir, _ := begun(t)
	r := wampbox(t, with(dir, "lint")...)
	require.Empty(t, r.fine(t))
	require.Equal(t, "no findings\n", r.err)
	var found lintJSON
	wampbox(t, with(dir, "lint", "-json")...).decode(t, &found)
	require.NotNil(t, found.Findings)
	require.Empty(t, found.Findings)
}

// TestLintFindings exit with 1, a line each, by file.
func TestLintFindings(t *testing.T) {
	dir, _ := begun(t)
	path := filepath.Join(dir, originatorFile)
	wampbox(t, with(dir, "rotate", "com.x.")...).fine(t)
	require.NoError(t, os.Chmod(path, 0o644))
	r := wampbox(t, with(dir, "lint")...)
	require.Equal(t, 1, r.status)
	require.True(t, strings.HasPrefix(r.out, path+": permissions: "), r.out)
	require.Equal(t, "1 finding\n", r.err)
	r.noSecrets(t, path)

	found := run{}.start(t, "lint", path, "-json")
	require.Equal(t, 1, found.status)
	found.status = 0
	var list lintJSON
	found.decode(t, &list)
	require.Len(t, list.Findings, 1)
	require.Equal(t, "permissions", list.Findings[0].Rule)
	require.Equal(t, "error", list.Findings[0].Level)
	require.Equal(t, path, list.Findings[0].File)
	wampbox(t, with(dir, "lint", "-readable-by-others")...).fine(t)
}

// TestLintNotes are said, and no failure.
func TestLintNotes(t *testing.T) {
	dir, _ := begun(t)
	wampbox(t, "add", "-plain", "com.", "-originator", both(dir)[0], "-responder", both(dir)[1]).fine(t)
	r := wampbox(t, with(dir, "lint")...)
	require.Contains(t, r.fine(t), `: note: plain-around: patterns[1] prefix "com.": every URI that begins with it goes out in plain, but for those of prefix "com.x."`)
	require.Equal(t, "no findings, 2 notes\n", r.err)
	var list lintJSON
	wampbox(t, with(dir, "lint", "-json")...).decode(t, &list)
	require.Len(t, list.Findings, 2)
	require.Equal(t, "note", list.Findings[0].Level)
}

// TestLintRules are those that its help lists: each found through the tool.
func TestLintRules(t *testing.T) {
	key := func() string { return strings.TrimSpace(wampbox(t, "keygen").fine(t)) }
	a, b := key(), key()
	pub := private(t, b).Public().String()
	shared := func(id, secret, more string) string {
		return fmt.Sprintf(`{"id": %q, "dialect": "passthru", "shared": %q %s}`, id, secret, more)
	}
	prefix := func(pattern string, versions ...string) string {
		return fmt.Sprintf(`{"prefix": %q, "versions": [%s]}`, pattern, strings.Join(versions, ","))
	}
	ours := prefix("org.", fmt.Sprintf(`{"shared": %q}`, a))
	secret := fmt.Sprintf(`{"secret": %q}`, strings.TrimSpace(wampbox(t, "keygen", "-scramble").fine(t)))
	help := wampbox(t, "lint", "-h").fine(t)
	for rule, entries := range map[string][]string{
		"invalid":      {prefix("com..", shared("k", a, ""))},
		"duplicate-id": {prefix("com.", shared("k", a, ""), shared("k", b, `, "active_from": "2020-01-01T00:00:00Z"`))},
		"weak-key":     {prefix("com.", shared("k", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=", ""))},
		"no-role":      {prefix("com.", fmt.Sprintf(`{"originator": {"public": %q}, "responder": {"public": %[1]q}}`, pub))},
		"near-miss":    {prefix("com.orders.", shared("k", a, "")), prefix("com.order.", shared("l", b, ""))},
		"overlap":      {prefix("com.", shared("k", a, "")), prefix("com.x.", shared("l", b, ""))},
		"open-default": {prefix("com.", shared("k", a, "")), `{"prefix": "", "plain": true}`},
		"no-dot":       {prefix("com", shared("k", a, ""))},
		"transition":   {strings.Replace(prefix("com.", shared("k", a, "")), `"versions"`, `"plaintext": "send", "until": "2999-01-01T00:00:00Z", "versions"`, 1)},
		"both-private": {prefix("com.", fmt.Sprintf(`{"originator": {"private": %q}, "responder": {"private": %q}}`, a, b))},
		"expired":      {prefix("com.", shared("k", a, `, "active_from": "2021-01-01T00:00:00Z"`), shared("l", b, `, "not_after": "2020-01-01T00:00:00Z"`))},
		"no-end":       {prefix("com.", shared("k", a, ""), shared("l", b, `, "active_from": "2020-01-01T00:00:00Z"`))},
		"no-date":      {prefix("com.", shared("k", a, ""), `{"id": "l", "revoked": true}`)},
		"no-active":    {prefix("com.", shared("k", a, `, "active_from": "2999-01-01T00:00:00Z"`))},
		"gap":          {prefix("com.", shared("k", a, `, "not_after": "2999-01-01T00:00:00Z"`))},
		"allow-clear":  {ours, `], "scramble": [{"prefix": "org.", "allow_clear": "2999-01-01T00:00:00Z", "secrets": [` + secret + `]}`},
		"scrambled":    {ours, `], "scramble": [{"prefix": "net.", "secrets": [` + secret + `]}`},
	} {
		path := keyringFile(t, entries...)
		if slices.Contains([]string{"allow-clear", "scrambled"}, rule) { // the last is beside the entries
			path = write(t, "keyring.json", []byte(`{"version": 2, "patterns": [`+strings.Join(entries, "\n")+"]}"))
		}
		r := wampbox(t, "lint", path)
		require.Equal(t, 1, r.status, rule)
		require.Regexp(t, `^\Q`+path+`\E:\d+: `+rule+`: `, r.out)
		require.Equal(t, "1 finding\n", r.err, r.out)
		require.NotContains(t, r.out, a)
		require.NotContains(t, r.out, b)
		require.Contains(t, help, "\n      "+rule+" ")
	}
	wampbox(t, "lint", filepath.Join(t.TempDir(), "none")).fails(t, 1, "no such file")
}
