package main_test

import (
	"fmt"
	"os"
	"path/filepath"
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
		Rule    string `json:"rule"`
		Message string `json:"message"`
	} `json:"findings"`
}

// TestLintFine: a fresh pair of files has no findings.
func TestLintFine(t *testing.T) {
	dir, _ := begun(t)
	r := wampbox(t, "lint", "-dir", dir)
	require.Empty(t, r.fine(t))
	require.Equal(t, "no findings\n", r.err)
	var found lintJSON
	wampbox(t, "lint", "-dir", dir, "-json").decode(t, &found)
	require.NotNil(t, found.Findings)
	require.Empty(t, found.Findings)
}

// TestLintFindings exit with 1, a line each, by file.
func TestLintFindings(t *testing.T) {
	dir, _ := begun(t)
	path := filepath.Join(dir, originatorFile)
	require.NoError(t, os.Chmod(path, 0o644))
	wampbox(t, "rotate", "-keyring", path, "-readable-by-others").fine(t)
	r := wampbox(t, "lint", "-dir", dir)
	require.Equal(t, 1, r.status)
	require.True(t, strings.HasPrefix(r.out, path+": permissions: "), r.out)
	require.Equal(t, "1 finding\n", r.err)
	r.noSecrets(t, path)

	found := run{}.start(t, "lint", "-keyring", path, "-json")
	require.Equal(t, 1, found.status)
	found.status = 0
	var list lintJSON
	found.decode(t, &list)
	require.Len(t, list.Findings, 1)
	require.Equal(t, "permissions", list.Findings[0].Rule)
	require.Equal(t, path, list.Findings[0].File)
	wampbox(t, "lint", "-dir", dir, "-readable-by-others").fine(t)
}

// TestLintRules are those that its help lists: each found through the tool.
func TestLintRules(t *testing.T) {
	key := func() string { return strings.TrimSpace(wampbox(t, "keygen").fine(t)) }
	a, b := key(), key()
	pub := private(t, b).Public().String()
	symmetric := func(pattern, id, secret, more string) string {
		return fmt.Sprintf(`{"pattern": %q, "match": "prefix", "id": %q, "symmetric": %q %s}`, pattern, id, secret, more)
	}
	help := wampbox(t, "lint", "-h").fine(t)
	for rule, entries := range map[string][]string{
		"invalid":      {symmetric("com..", "k", a, "")},
		"duplicate-id": {symmetric("com.", "k", a, ""), symmetric("com.", "k", b, `, "state": "pending"`)},
		"two-active":   {symmetric("com.", "k", a, ""), symmetric("com.", "l", b, "")},
		"weak-key":     {symmetric("com.", "k", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=", "")},
		"no-role":      {fmt.Sprintf(`{"pattern": "com.", "match": "prefix", "originator": {"public": %q}, "responder": {"public": %[1]q}}`, pub)},
		"overlap":      {symmetric("com.", "k", a, ""), symmetric("com.x.", "l", b, "")},
		"both-private": {fmt.Sprintf(`{"pattern": "com.", "match": "prefix", "originator": {"private": %q}, "responder": {"private": %q}}`, a, b)},
		"expired":      {symmetric("com.", "k", a, ""), symmetric("com.", "l", b, `, "state": "retired", "not_after": "2020-01-01T00:00:00Z"`)},
		"no-end":       {symmetric("com.", "k", a, ""), symmetric("com.", "l", b, `, "state": "retired"`)},
		"no-active":    {symmetric("com.", "k", a, `, "state": "pending"`)},
	} {
		path := keyringFile(t, entries...)
		r := wampbox(t, "lint", "-keyring", path)
		require.Equal(t, 1, r.status, rule)
		require.Regexp(t, `^\Q`+path+`\E:\d+: `+rule+`: `, r.out)
		require.Equal(t, "1 finding\n", r.err, r.out)
		require.NotContains(t, r.out, a)
		require.NotContains(t, r.out, b)
		require.Contains(t, help, "\n      "+rule+" ")
	}
	wampbox(t, "lint", "-keyring", filepath.Join(t.TempDir(), "none")).fails(t, 1, "no such file")
}
