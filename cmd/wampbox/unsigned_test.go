package main_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestPostponeSigned: a rotation to a signed key can be put off. What isn't signed opens for as
// long as it seals, and lint and doctor tell where it doesn't.
func TestPostponeSigned(t *testing.T) {
	dir, old := begun(t)
	next := strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.", "-suite", "signed", "-activate", "2h", "-retire", "1h")...).fine(t))
	wrote := allowed(t, both(dir)[1])
	wampbox(t, with(dir, "activate", next, "-at", "5h")...).fails(t, 1, "retire the older version later first")

	r := wampbox(t, with(dir, "retire", old, "-at", "9h")...)
	r.fine(t)
	require.Contains(t, r.err, "what isn't signed opens until")
	wampbox(t, with(dir, "activate", next, "-at", "5h")...).fine(t)
	for _, path := range both(dir) {
		require.WithinDuration(t, time.Now().Add(9*time.Hour), allowed(t, path), time.Minute)
	}
	require.NotContains(t, wampbox(t, with(dir, "lint")...).fine(t), "nobody opens")
	agree := func(status int, says string) {
		t.Helper()
		list := wampbox(t, "list", "-json", both(dir)[1]).fine(t)
		r := run{stdin: []byte(list)}.start(t, "doctor", "-peer", "-", both(dir)[0])
		require.Equal(t, status, r.status, "%s", r.out)
		require.Contains(t, r.out+r.err, says)
	}
	agree(0, "no findings")

	for _, path := range both(dir) { // as it was before
		edit(t, path, allowed(t, path).Format(time.RFC3339)+`",`+"\n"+`      "versions"`, wrote.Format(time.RFC3339)+`",`+"\n"+`      "versions"`)
		require.Equal(t, wrote, allowed(t, path))
	}
	found := wampbox(t, with(dir, "lint")...)
	require.Equal(t, 1, found.status)
	require.Contains(t, found.out, "what it seals after that nobody opens")
	agree(1, "opens it until")

	// A date of one's own stays as it is.
	wampbox(t, with(dir, "retire", old, "-at", "10h")...).fine(t)
	require.Equal(t, wrote, allowed(t, both(dir)[0]))
}

// TestRevokeUnsigned: when the last version that isn't signed goes, nothing is left of its date.
func TestRevokeUnsigned(t *testing.T) {
	dir, old := begun(t)
	wampbox(t, with(dir, "rotate", "com.x.", "-suite", "signed", "-activate", "now")...).fine(t)
	require.Contains(t, wampbox(t, with(dir, "list")...).fine(t), "unsigned ones open until")
	wampbox(t, with(dir, "revoke", old)...).fine(t)
	for _, path := range both(dir) {
		require.NotContains(t, string(must(os.ReadFile(path))), "allow_unsigned")
	}
	require.Empty(t, findings(t, both(dir)...))
	require.Empty(t, wampbox(t, with(dir, "lint")...).fine(t))
}

// TestListUnsignedPast: list doesn't say of a date that has passed that something opens.
func TestListUnsignedPast(t *testing.T) {
	dir, _ := begun(t)
	wampbox(t, with(dir, "rotate", "com.x.", "-suite", "signed", "-activate", "now")...).fine(t)
	for _, path := range both(dir) {
		edit(t, path, `"allow_unsigned": "`+allowed(t, path).Format(time.RFC3339), `"allow_unsigned": "2020-01-01T00:00:00Z`)
	}
	require.NotContains(t, wampbox(t, with(dir, "list")...).fine(t), "unsigned ones")
}
