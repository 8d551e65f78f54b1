package lint_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/lint"
)

// half is a version with a private key of one side and a public one of the other.
func half(side, private, other, public, more string) string {
	return fmt.Sprintf(`{%s %q: {"private": %q}, %q: {"public": %q}}`, more, side, private, other, public)
}

// TestBetween: each fault between two files, found where it is to be mended.
func TestBetween(t *testing.T) {
	stranger := fresh()
	until := func(what string, left time.Duration, entry string) string {
		date := time.Now().Add(left).UTC().Format(time.RFC3339)
		return strings.Replace(entry, `"versions"`, fmt.Sprintf(`"plaintext": %q, "until": %q, "versions"`, what, date), 1)
	}
	a, b := of("prefix", "com.a.", pair(t, "")), of("prefix", "com.a.", back(t, ""))
	next := shared("next", fresh(), `"active_from": `+future+`,`)
	for name, test := range map[string]struct {
		one, two []string
		in       int // the file that has the finding
		rule     lint.Rule
		says     string
	}{
		"the responder's public key is another's": {
			[]string{of("prefix", "com.a.", half("originator", privateA, "responder", public(t, stranger), ""))}, []string{b},
			0, lint.Pair, "the responder's public key here isn't that of the private key in "},
		"the originator's public key is another's": {
			[]string{a}, []string{of("prefix", "com.a.", half("responder", privateB, "originator", public(t, stranger), ""))},
			0, lint.Pair, "isn't that of the private key here: as originator.public write there what this prints: wampbox pubkey "},
		"nothing belongs together": {
			[]string{a}, []string{of("prefix", "com.a.", half("responder", fresh(), "originator", public(t, stranger), ""))},
			0, lint.Pair, "has other keys for it"},
		"one id for two keys": {
			[]string{of("prefix", "com.a.", shared("k", privateA, ""))}, []string{of("prefix", "com.a.", shared("k", privateB, ""))},
			1, lint.Pair, `another key under the id "k": copy the pattern's lines from one file into the other`},
		"two secrets that were made apart": {
			[]string{of("prefix", "com.a.", fmt.Sprintf(`{"shared": %q}`, privateA))}, []string{of("prefix", "com.a.", fmt.Sprintf(`{"shared": %q}`, privateB))},
			0, lint.Pair, "has another secret for it, so that neither opens what the other seals: copy the pattern's lines"},
		"one lacks a pattern": {
			[]string{a, of("prefix", "com.b.", shared("k", privateA, ""))}, []string{b}, 0, lint.Missing, "lacks it: what is sealed here fails there"},
		"one has a typo in it": {
			[]string{a, of("prefix", "com.orders.", shared("k", privateA, ""))}, []string{b, `{"prefix": "org.", "plain": true}`, of("prefix", "com.order.", shared("k", privateA, ""))},
			-1, lint.Missing, `prefix "com.order.", which is nearly the same`},
		"one has it plain": {
			[]string{a}, []string{`{"prefix": "com.a.", "plain": true}`}, 0, lint.Differs, "it is plain in "},
		"one has it plain by a longer word": {
			[]string{a}, []string{`{"prefix": "com.", "plain": true}`}, -1, lint.Missing, `its URIs are plain in `},
		"one lacks what is plain": {
			[]string{a, `{"exact": "com.p", "plain": true}`}, []string{b}, 0, lint.Missing, "what is plain here is refused there"},
		"one lacks the next version": {
			[]string{of("prefix", "com.a.", shared("k", privateA, `"not_after": `+beyond+`, `), next)}, []string{of("prefix", "com.a.", shared("k", privateA, `"not_after": `+beyond+`, `))},
			-1, lint.Differs, "lacks this version, id next: copy the version to it from what wampbox rotate wrote for it; a rotation there makes another key"},
		"other dates to begin": {
			[]string{of("prefix", "com.a.", pair(t, `"active_from": `+past+`, `))}, []string{of("prefix", "com.a.", back(t, `"active_from": `+later+`, `))},
			1, lint.Differs, "seals from 2021-01-01T00:00:00Z on here, and from 2020-01-01T00:00:00Z on in "},
		"other dates to end": {
			[]string{of("prefix", "com.a.", pair(t, `"not_after": `+future+`, `))}, []string{of("prefix", "com.a.", back(t, ""))},
			-1, lint.Differs, "without end"},
		"another dialect": {
			[]string{of("prefix", "com.a.", pair(t, `"dialect": "autobahn",`))}, []string{b},
			-1, lint.Differs, "so that neither opens what the other seals: give it one dialect and suite in both"},
		"another suite": {
			[]string{a}, []string{of("prefix", "com.a.", back(t, `"suite": "xbox",`))},
			0, lint.Differs, "it is in suite box here, and in suite xbox in "},
		"another dialect of what all share": {
			[]string{of("prefix", "com.a.", shared("k", privateA, ""))}, []string{of("prefix", "com.a.", fmt.Sprintf(`{"shared": %q}`, privateA))},
			0, lint.Differs, "it is for passthru here, and in suite shared in "},
		"revoked in one": {
			[]string{of("prefix", "com.a.", pair(t, `"id": "k", "dialect": "passthru",`))}, []string{of("prefix", "com.a.", `{"id": "k", "revoked": true}`)},
			-1, lint.Differs, "revoke it in both"},
		"plain sent longer than accepted": {
			[]string{until("send", 2*time.Hour, a)}, []string{until("accept", 2*time.Hour, b)}, -1, lint.Transition, "make it outlast that by 30s"},
		"plain sent and not accepted": {
			[]string{until("send", 2*time.Hour, a)}, []string{b}, -1, lint.Transition, "which is refused here"},
	} {
		t.Run(name, func(t *testing.T) {
			one, two := write(t, 0o600, test.one...), write(t, 0o600, test.two...)
			findings := files(t, one, two)
			said := ""
			for _, f := range findings {
				said += f.String() + "\n"
				if f.Rule == test.rule && strings.Contains(f.Message, test.says) {
					require.Positive(t, f.Line)
					if test.in >= 0 {
						require.Equal(t, []string{one, two}[test.in], f.File)
					}
				}
			}
			require.Contains(t, said, test.says)
			if test.in >= 0 {
				require.Len(t, findings, 1, said)
			}
			require.NotContains(t, said, stranger)
		})
	}
}

// TestBetweenFine: files that go together, of more parties than two.
func TestBetweenFine(t *testing.T) {
	other := [2]string{fresh(), fresh()}
	front := write(t, 0o600, of("prefix", "com.a.", pair(t, "")), `{"prefix": "com.p.", "plain": true}`)
	orders := write(t, 0o600, of("prefix", "com.a.", back(t, "")),
		of("prefix", "com.b.", half("originator", other[0], "responder", public(t, other[1]), "")), `{"prefix": "com.p.", "plain": true}`)
	billing := write(t, 0o600, of("prefix", "com.b.", half("responder", other[1], "originator", public(t, other[0]), "")))
	require.Empty(t, files(t, front, orders, billing))

	// Of several parties each has a pair of its own with the one that serves them.
	require.Empty(t, files(t, write(t, 0o600, of("prefix", "com.a.", pair(t, ""))), write(t, 0o600, of("exact", "com.a.b", back(t, "")))),
		"a longer pattern with the same key")

	// Some of the parties share some patterns, and what they don't share may be meant.
	for _, found := range files(t, front, orders) {
		require.Equal(t, []any{lint.Note, lint.Missing}, []any{found.Level, found.Rule})
	}
	for what, paths := range map[string][]string{
		"no pattern in common": {front, billing},
		"a near miss":          {front, write(t, 0o600, of("prefix", "com.a.", back(t, "")), `{"prefix": "com.q.", "plain": true}`)},
		"a key there":          {front, write(t, 0o600, of("prefix", "com.a.", back(t, "")), of("wildcard", "com.p..x", pair(t, "")))},
		"in plain there":       {front, write(t, 0o600, `{"prefix": "com.", "plain": true}`, `{"prefix": "com.p.", "plain": true}`)},
	} {
		found := files(t, paths...)
		require.True(t, slices.ContainsFunc(found, func(f lint.Finding) bool { return f.Rule == lint.Missing && f.Level == lint.Warning }), "%s: %v", what, found)
	}
	around := files(t, write(t, 0o600, of("prefix", "com.a.", pair(t, "")), `{"prefix": "com.", "plain": true}`), write(t, 0o600, of("prefix", "com.a.", back(t, ""))))
	require.False(t, slices.ContainsFunc(around, func(f lint.Finding) bool { return f.Level != lint.Note }), "%v", around)

	twice := files(t, front, write(t, 0o600, of("prefix", "com.a.", pair(t, "")), `{"prefix": "com.p.", "plain": true}`))
	require.Len(t, twice, 1)
	require.Contains(t, twice[0].Message, "no file has the responder's private key for it")

	lost := files(t, front, orders)
	require.Len(t, lost, 1)
	require.Equal(t, lint.Missing, lost[0].Rule)
	stray := write(t, 0o600, of("prefix", "com.b.", half("originator", fresh(), "responder", public(t, other[1]), "")))
	found := files(t, front, orders, billing, stray)
	require.Len(t, found, 1)
	require.Equal(t, stray, found[0].File)
	require.Equal(t, lint.Pair, found[0].Rule)
}
