package lint_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/lint"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// Keys of the tests. They are random, and nobody uses them.
const (
	privateA = "Wy5f9YgP2v3Nq7cT0hVtDkq5mKXHk2dGm0c1Yk8bT3Q="
	privateB = "hT0yq3Jb8xkQpM7wS2nE5uYd1aVfRz9oLcGi4XeN6Kk="
)

func public(t testing.TB, private string) string {
	t.Helper()
	key, err := cryptobox.ParsePrivateKey(private)
	require.NoError(t, err)
	return key.Public().String()
}

// pair is an entry of an originator.
func pair(t testing.TB, pattern, match, more string) string {
	t.Helper()
	return fmt.Sprintf(`{"pattern": %q, "match": %q, %s "originator": {"private": %q}, "responder": {"public": %q}}`,
		pattern, match, more, privateA, public(t, privateB))
}

// symmetric is an entry with a shared secret.
func symmetric(pattern, match, id, key, more string) string {
	return fmt.Sprintf(`{"pattern": %q, "match": %q, "id": %q, %s "symmetric": %q}`, pattern, match, id, more, key)
}

// write makes a keyring file with an entry a line, the first on line 2.
func write(t testing.TB, mode os.FileMode, entries ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keyring.json")
	text := `{"version": 1, "keys": [` + "\n" + strings.Join(entries, ",\n") + "\n]}\n"
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	require.NoError(t, os.Chmod(path, mode))
	return path
}

// TestRules: each rule by a file that breaks it and no other, with the line.
func TestRules(t *testing.T) {
	zero := strings.Repeat("A", 43) + "="
	pub := public(t, privateB)
	for name, test := range map[string]struct {
		entries []string
		rule    lint.Rule
		line    int
		says    string
	}{
		"no keys at all":          {nil, lint.Invalid, 0, "everything would be sent in plain"},
		"an unknown field":        {[]string{pair(t, "com.a", "exact", `"colour": "red",`)}, lint.Invalid, 2, "colour"},
		"a bad pattern":           {[]string{pair(t, "com..a", "exact", "")}, lint.Invalid, 2, "empty component"},
		"an id that is too long":  {[]string{pair(t, "com.a", "exact", `"id": "`+strings.Repeat("x", 300)+`",`)}, lint.Invalid, 2, "id"},
		"a variable that isn't":   {[]string{symmetric("com.a", "exact", "k", "env:WAMPBOX_LINT_NONE", "")}, lint.Invalid, 2, "isn't set"},
		"the same id twice":       {[]string{pair(t, "com.a", "exact", ""), pair(t, "com.a", "exact", `"state": "pending",`)}, lint.DuplicateID, 3, "give each key once"},
		"an id for two keys":      {[]string{symmetric("com.a", "exact", "k", privateA, ""), symmetric("com.b", "exact", "k", privateB, "")}, lint.DuplicateID, 3, "stands for another key"},
		"two active":              {[]string{symmetric("com.a", "exact", "k", privateA, ""), symmetric("com.a", "exact", "l", privateB, "")}, lint.TwoActive, 3, "keys[0] is active too"},
		"a zero key":              {[]string{symmetric("com.a", "exact", "k", zero, "")}, lint.WeakKey, 2, "weak key"},
		"a low order point":       {[]string{fmt.Sprintf(`{"pattern": "com.a", "match": "exact", "originator": {"private": %q}, "responder": {"public": %q}}`, privateA, "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")}, lint.WeakKey, 2, "low order"},
		"a published key":         {[]string{fmt.Sprintf(`{"pattern": "com.a", "match": "exact", "originator": {"private": %q}, "responder": {"public": %q}}`, "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM=", pub)}, lint.WeakKey, 2, "published"},
		"the published default":   {[]string{symmetric("com.a", "exact", "k", "bkQzyAmjd8T49VEnV/Rb5qfZSIZ1iMrvpNiCqQMls6Q=", "")}, lint.WeakKey, 2, "published"},
		"a counted key":           {[]string{symmetric("com.a", "exact", "k", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=", "")}, lint.WeakKey, 2, "doesn't look random"},
		"a repeated key":          {[]string{symmetric("com.a", "exact", "k", "3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8=", "")}, lint.WeakKey, 2, "doesn't look random"},
		"a typed key":             {[]string{symmetric("com.a", "exact", "k", "Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZSBwYXM=", "")}, lint.WeakKey, 2, "doesn't look random"},
		"public keys only":        {[]string{fmt.Sprintf(`{"pattern": "com.a", "match": "exact", "originator": {"public": %q}, "responder": {"public": %q}}`, public(t, privateA), pub)}, lint.NoRole, 2, "nobody can seal or open"},
		"prefix under prefix":     {[]string{pair(t, "com.a.", "prefix", ""), pair(t, "com.a.b.", "prefix", "")}, lint.Overlap, 3, `keys[0] prefix "com.a."`},
		"exact under prefix":      {[]string{pair(t, "com.a.b", "exact", ""), pair(t, "com.a.", "prefix", "")}, lint.Overlap, 2, `keys[1] prefix "com.a."`},
		"exact under wildcard":    {[]string{pair(t, "com.a.b", "exact", ""), pair(t, "com..b", "wildcard", "")}, lint.Overlap, 2, `keys[1] wildcard "com..b"`},
		"prefix and wildcard":     {[]string{pair(t, "com.a", "prefix", ""), pair(t, "com..b", "wildcard", "")}, lint.Overlap, 2, `keys[1] wildcard "com..b"`},
		"two wildcards":           {[]string{pair(t, "com..b", "wildcard", ""), pair(t, "com..", "wildcard", "")}, lint.Overlap, 3, `keys[0] wildcard "com..b"`},
		"both private keys":       {[]string{fmt.Sprintf(`{"pattern": "com.a", "match": "exact", "originator": {"private": %q}, "responder": {"private": %q}}`, privateA, privateB)}, lint.BothPrivate, 2, "can play both parties"},
		"a date that has passed":  {[]string{symmetric("com.a", "exact", "k", privateA, ""), symmetric("com.a", "exact", "l", privateB, `"state": "retired", "not_after": "2020-01-01T00:00:00Z",`)}, lint.Expired, 3, "since 2020-01-01T00:00:00Z"},
		"retired without a date":  {[]string{symmetric("com.a", "exact", "k", privateA, ""), symmetric("com.a", "exact", "l", privateB, `"state": "retired",`)}, lint.NoEnd, 3, "opens without end"},
		"none that is active":     {[]string{pair(t, "com.a", "exact", `"state": "pending",`)}, lint.NoActive, 2, "nothing is sealed"},
		"only a revoked one left": {[]string{`{"pattern": "com.a", "match": "exact", "id": "k", "state": "revoked"}`}, lint.NoActive, 2, "nothing is sealed"},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, 0o600, test.entries...)
			findings, err := lint.File(path)
			require.NoError(t, err)
			require.Len(t, findings, 1, "%v", findings)
			found := findings[0]
			require.Equal(t, test.rule, found.Rule, "%v", found)
			require.Equal(t, test.line, found.Line, "%v", found)
			require.Contains(t, found.Entry+found.Message, test.says)
			require.Equal(t, path, found.File)
			for _, secret := range []string{privateA, privateB} {
				require.NotContains(t, found.String(), secret)
			}
		})
	}
}

// TestFine: what is right has no findings, also next to near misses of rules.
func TestFine(t *testing.T) {
	for name, entries := range map[string][]string{
		"a pair":                        {pair(t, "com.a", "exact", "")},
		"patterns that don't meet":      {pair(t, "com.a.", "prefix", ""), pair(t, "com.b.", "prefix", ""), pair(t, "com.ab", "exact", ""), pair(t, "org..a", "wildcard", ""), pair(t, "org..b", "wildcard", "")},
		"a default under all":           {pair(t, "", "prefix", ""), pair(t, "com.a.", "prefix", "")},
		"a prefix too long for wild":    {pair(t, "com.a.b.c", "prefix", ""), pair(t, "com..b", "wildcard", "")},
		"a rotation on its way":         {symmetric("com.a", "exact", "k", privateA, ""), symmetric("com.a", "exact", "l", privateB, `"state": "pending",`)},
		"retired until a date to come":  {symmetric("com.a", "exact", "k", privateA, ""), symmetric("com.a", "exact", "l", privateB, `"state": "retired", "not_after": "2999-01-01T00:00:00Z",`)},
		"one private key of all":        {fmt.Sprintf(`{"pattern": "com.a", "match": "exact", "originator": {"private": %q}, "responder": {"private": %q}}`, privateA, privateA)},
		"one key for several patterns":  {symmetric("com.a", "exact", "k", privateA, ""), symmetric("com.b", "exact", "k", privateA, "")},
		"a private and its public half": {fmt.Sprintf(`{"pattern": "com.a", "match": "exact", "originator": {"private": %q, "public": %q}, "responder": {"public": %q}}`, privateA, public(t, privateA), public(t, privateB))},
	} {
		findings, err := lint.File(write(t, 0o600, entries...))
		require.NoError(t, err)
		require.Empty(t, findings, name)
	}
}

// TestPermissions of the file, and of those that it refers to.
func TestPermissions(t *testing.T) {
	one := func(path string, opts ...keyfile.Option) []lint.Finding {
		findings, err := lint.File(path, opts...)
		require.NoError(t, err)
		return findings
	}
	for mode, wrong := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o644: true, 0o640: true, 0o622: true} {
		path := write(t, mode, pair(t, "com.a", "exact", ""))
		findings := one(path)
		require.Equal(t, wrong, len(findings) == 1 && findings[0].Rule == lint.Permissions, "%v %v", mode, findings)
		if mode == 0o644 {
			require.Empty(t, one(path, keyfile.AllowReadableByOthers()))
		}
	}
	path := write(t, 0o600, symmetric("com.a", "exact", "k", "file:secret.key", ""))
	secret := filepath.Join(filepath.Dir(path), "secret.key")
	require.NoError(t, os.WriteFile(secret, []byte(privateA+"\n"), 0o600))
	require.Empty(t, one(path))
	require.NoError(t, os.Chmod(secret, 0o644))
	findings := one(path)
	require.Len(t, findings, 1)
	require.Equal(t, lint.Permissions, findings[0].Rule)
	require.Equal(t, 2, findings[0].Line)
}

// TestWeakReferences: keys elsewhere are looked at as well.
func TestWeakReferences(t *testing.T) {
	const counted = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="
	t.Setenv("WAMPBOX_LINT_KEY", counted)
	path := write(t, 0o600, symmetric("com.a", "exact", "k", "env:WAMPBOX_LINT_KEY", ""), symmetric("com.b", "exact", "l", "file:secret.key", ""))
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), "secret.key"), []byte("# made by hand\n"+counted+"\n"), 0o600))
	findings, err := lint.File(path)
	require.NoError(t, err)
	require.Len(t, findings, 2)
	for i, f := range findings {
		require.Equal(t, lint.WeakKey, f.Rule)
		require.Equal(t, i+2, f.Line)
	}
}

// TestSeveral: all mistakes are told, by line, not the first alone.
func TestSeveral(t *testing.T) {
	findings, err := lint.File(write(t, 0o644,
		symmetric("com.a", "exact", "k", privateA, ""),
		symmetric("com.a", "exact", "k", privateA, ""),
		pair(t, "com..b", "exact", ""),
	))
	require.NoError(t, err)
	var rules []lint.Rule
	for _, f := range findings {
		rules = append(rules, f.Rule)
	}
	require.Equal(t, []lint.Rule{lint.Permissions, lint.TwoActive, lint.DuplicateID, lint.Invalid}, rules)
}

// TestTie: what only the whole file shows.
func TestTie(t *testing.T) {
	findings, err := lint.File(write(t, 0o600, pair(t, "com..b", "wildcard", ""), pair(t, ".a.b", "wildcard", "")))
	require.NoError(t, err)
	require.NotEmpty(t, findings)
	for _, f := range findings {
		require.Equal(t, lint.Overlap, f.Rule)
	}
	require.Contains(t, findings[len(findings)-1].Message, "fix one more component")
}

// TestUnequalUnbound is refused by loading alone.
func TestUnequalUnbound(t *testing.T) {
	findings, err := lint.File(write(t, 0o600, symmetric("com.a", "exact", "k", privateA, ""),
		symmetric("com.a", "exact", "l", privateB, `"state": "pending", "allow_unbound": true,`)))
	require.NoError(t, err)
	require.Len(t, findings, 1)
	require.Equal(t, lint.Invalid, findings[0].Rule)
	require.Contains(t, findings[0].Message, "AllowUnbound")
}

// TestManyFindings are bounded.
func TestManyFindings(t *testing.T) {
	entries := make([]string, 1200)
	for i := range entries {
		entries[i] = `{"pattern": "com..a", "match": "exact", "id": "k", "state": "revoked"}`
	}
	findings, err := lint.File(write(t, 0o600, entries...))
	require.NoError(t, err)
	require.Len(t, findings, lint.MaxFindings+1)
	require.Equal(t, lint.TooManyFound, findings[0].Rule)
}

// TestUnreadable is an error, not a finding.
func TestUnreadable(t *testing.T) {
	_, err := lint.File(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = lint.File(t.TempDir())
	require.ErrorContains(t, err, "not a regular file")
	big := filepath.Join(t.TempDir(), "big")
	require.NoError(t, os.WriteFile(big, nil, 0o600))
	require.NoError(t, os.Truncate(big, 32<<20+1))
	_, err = lint.File(big)
	require.ErrorIs(t, err, keyfile.ErrTooLarge)
}

// FuzzFile: whatever a file holds, linting ends, and no finding shows a key.
func FuzzFile(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "keyring.json")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		findings, err := lint.File(path)
		require.NoError(t, err)
		require.LessOrEqual(t, len(findings), lint.MaxFindings+1)
		for _, found := range findings {
			require.NotContains(t, found.String(), privateA)
			require.NotEmpty(t, found.Rule)
			require.NotEmpty(t, found.Message)
		}
	})
}

// seeds are files of each kind.
func seeds(t testing.TB) []string {
	t.Helper()
	var all []string
	for _, path := range []string{
		write(t, 0o600, pair(t, "com.a", "exact", "")),
		write(t, 0o600, symmetric("com..b", "wildcard", "k", privateA, `"state": "retired",`), pair(t, "com.", "prefix", "")),
		write(t, 0o600, pair(t, privateA, "exact", `"comment": "x",`)),
	} {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		all = append(all, string(text))
	}
	return append(all, `{"version": 1}`, `{}`, ``)
}

func TestSeeds(t *testing.T) { require.Len(t, seeds(t), 6) }
