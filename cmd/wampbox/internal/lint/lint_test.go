package lint_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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

// fresh is a key that nobody has.
func fresh() string {
	key := cryptobox.GenerateKey()
	return base64.StdEncoding.EncodeToString(key.UnsafeBytes())
}

// of is an entry with versions.
func of(match, pattern string, versions ...string) string {
	return fmt.Sprintf(`{%q: %q, "versions": [%s]}`, match, pattern, strings.Join(versions, ","))
}

// pair is an originator's version.
func pair(t testing.TB, more string) string {
	t.Helper()
	return fmt.Sprintf(`{%s "originator": {"private": %q}, "responder": {"public": %q}}`, more, privateA, public(t, privateB))
}

// back is the same version as the responder has it.
func back(t testing.TB, more string) string {
	t.Helper()
	return fmt.Sprintf(`{%s "responder": {"private": %q}, "originator": {"public": %q}}`, more, privateB, public(t, privateA))
}

// shared is a version with a shared secret.
func shared(id, key, more string) string {
	return fmt.Sprintf(`{"id": %q, %s "dialect": "passthru", "shared": %q}`, id, more, key)
}

// write makes a keyring file with an entry a line, the first on line 2.
func write(t testing.TB, mode os.FileMode, entries ...string) string {
	t.Helper()
	return writeAs(t, mode, `"version": 2`, entries...)
}

func writeAs(t testing.TB, mode os.FileMode, fields string, entries ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keyring.json")
	text := `{` + fields + `, "patterns": [` + "\n" + strings.Join(entries, ",\n") + "\n]}\n"
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	require.NoError(t, os.Chmod(path, mode))
	return path
}

// files lints files with the default options.
func files(t testing.TB, paths ...string) []lint.Finding {
	t.Helper()
	sources := make([]lint.Source, len(paths))
	for i, path := range paths {
		sources[i].Path = path
	}
	findings, err := lint.Files(sources...)
	require.NoError(t, err)
	for _, f := range findings {
		for _, secret := range []string{privateA, privateB} {
			require.NotContains(t, f.String(), secret)
		}
	}
	return findings
}

// Dates of the tests.
const (
	past   = `"2020-01-01T00:00:00Z"`
	later  = `"2021-01-01T00:00:00Z"`
	future = `"2999-01-01T00:00:00Z"`
	beyond = `"2999-02-01T00:00:00Z"`
)

// TestRules: each rule by a file that breaks it and no other, with the line.
func TestRules(t *testing.T) {
	zero := strings.Repeat("A", 43) + "="
	pub := public(t, privateB)
	weak := func(key string) []string { return []string{of("exact", "com.a", shared("k", key, ""))} }
	transition := func(what, until string) []string {
		return []string{strings.Replace(of("exact", "com.a", pair(t, "")), `"versions"`, `"plaintext": "`+what+`", "until": `+until+`, "versions"`, 1)}
	}
	for name, test := range map[string]struct {
		entries []string
		rule    lint.Rule
		line    int
		says    string
	}{
		"no patterns at all":      {nil, lint.Invalid, 0, "patterns"},
		"an unknown field":        {[]string{of("exact", "com.a", pair(t, `"colour": "red",`))}, lint.Invalid, 2, "colour"},
		"a bad pattern":           {[]string{of("exact", "com..a", pair(t, ""))}, lint.Invalid, 2, "empty component"},
		"a star":                  {[]string{of("exact", "com.a.*", pair(t, ""))}, lint.Invalid, 2, "stand for nothing in WAMP"},
		"an id that is too long":  {[]string{of("exact", "com.a", pair(t, `"dialect": "passthru", "id": "`+strings.Repeat("x", 300)+`",`))}, lint.Invalid, 2, "id"},
		"a variable that isn't":   {[]string{of("exact", "com.a", shared("k", "env:WAMPBOX_LINT_NONE", ""))}, lint.Invalid, 2, "isn't set"},
		"a pattern twice":         {[]string{of("exact", "com.a", pair(t, "")), of("exact", "com.a", pair(t, ""))}, lint.Invalid, 3, "has this pattern too"},
		"the same date twice":     {[]string{of("exact", "com.a", shared("k", privateA, ""), shared("l", privateB, ""))}, lint.Invalid, 2, "refused"},
		"the same id twice":       {[]string{of("exact", "com.a", shared("k", privateA, ""), shared("k", privateB, `"active_from": `+past+`, `))}, lint.DuplicateID, 2, "give each key once"},
		"an id for two keys":      {[]string{of("exact", "com.a", shared("k", privateA, "")), of("exact", "com.b", shared("k", privateB, ""))}, lint.DuplicateID, 3, "stands for another key"},
		"a zero key":              {weak(zero), lint.WeakKey, 2, "weak key"},
		"a low order point":       {[]string{of("exact", "com.a", fmt.Sprintf(`{"originator": {"private": %q}, "responder": {"public": %q}}`, privateA, "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="))}, lint.WeakKey, 2, "low order"},
		"a published key":         {[]string{of("exact", "com.a", fmt.Sprintf(`{"originator": {"private": %q}, "responder": {"public": %q}}`, "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM=", pub))}, lint.WeakKey, 2, "published"},
		"the published default":   {weak("bkQzyAmjd8T49VEnV/Rb5qfZSIZ1iMrvpNiCqQMls6Q="), lint.WeakKey, 2, "published"},
		"a counted key":           {weak("AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="), lint.WeakKey, 2, "doesn't look random"},
		"a repeated key":          {weak("3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8="), lint.WeakKey, 2, "doesn't look random"},
		"a typed key":             {weak("Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZSBwYXM="), lint.WeakKey, 2, "doesn't look random"},
		"public keys only":        {[]string{of("exact", "com.a", fmt.Sprintf(`{"originator": {"public": %q}, "responder": {"public": %q}}`, public(t, privateA), pub))}, lint.NoRole, 2, "nobody can seal or open"},
		"prefix under prefix":     {[]string{of("prefix", "com.a.", pair(t, "")), of("prefix", "com.a.b.", pair(t, ""))}, lint.Overlap, 3, "if one key is to count for all, take that one out in all files (wampbox remove com.a.b.)"},
		"exact under prefix":      {[]string{of("exact", "com.a.b", pair(t, "")), of("prefix", "com.a.", pair(t, ""))}, lint.Overlap, 2, `patterns[1] prefix "com.a."`},
		"exact under wildcard":    {[]string{of("exact", "com.a.b", pair(t, "")), of("wildcard", "com..b", pair(t, ""))}, lint.Overlap, 2, `patterns[1] wildcard "com..b"`},
		"prefix and wildcard":     {[]string{of("prefix", "com.a.", pair(t, "")), of("wildcard", "com..b", pair(t, ""))}, lint.Overlap, 2, `patterns[1] wildcard "com..b"`},
		"two wildcards":           {[]string{of("wildcard", "com..b", pair(t, "")), of("wildcard", "com..", pair(t, ""))}, lint.Overlap, 3, `patterns[0] wildcard "com..b"`},
		"plain inside keyed":      {[]string{of("prefix", "com.a.", pair(t, "")), `{"prefix": "com.a.b.", "plain": true}`}, lint.Overlap, 3, "these go out in plain; if they are to be sealed, take this one out (wampbox remove com.a.b.)"},
		"plain beats a wildcard":  {[]string{of("wildcard", "com..b", pair(t, "")), `{"prefix": "com.", "plain": true}`}, lint.Overlap, 3, `patterns[0] wildcard "com..b"`},
		"plain wildcard inside":   {[]string{`{"wildcard": "com.a.", "plain": true}`, of("wildcard", "com..", pair(t, ""))}, lint.Overlap, 2, `patterns[1] wildcard "com.."`},
		"a plain default":         {[]string{of("exact", "com.a", pair(t, "")), `{"prefix": "", "plain": true}`}, lint.OpenDefault, 3, "a typo too"},
		"a prefix without a dot":  {[]string{of("prefix", "com.a", pair(t, ""))}, lint.NoDot, 2, "com.ax"},
		"a near miss":             {[]string{of("prefix", "com.orders.", pair(t, "")), `{"prefix": "com.order.", "plain": true}`}, lint.NearMiss, 3, `patterns[0] prefix "com.orders."`},
		"a dot missing":           {[]string{of("prefix", "com.orders.", pair(t, "")), of("exact", "com.orders", pair(t, ""))}, lint.NearMiss, 3, "if a dot is missing here, take it out (wampbox remove com.orders)"},
		"a dot missing, in plain": {[]string{`{"exact": "com.orders", "plain": true}`, of("prefix", "com.orders.", pair(t, ""))}, lint.NearMiss, 2, `patterns[1] prefix "com.orders." all that lie below it`},
		"keyed beside plain":      {[]string{`{"prefix": "com.orders.", "plain": true}`, of("exact", "com.orders", pair(t, ""))}, lint.NearMiss, 3, "if a dot is missing here"},
		"another case":            {[]string{of("exact", "com.myApp", pair(t, "")), of("exact", "com.myapp", pair(t, ""))}, lint.NearMiss, 3, "nearly"},
		"a dot too few":           {[]string{of("exact", "com.orders.new", pair(t, "")), of("exact", "com.ordersnew", pair(t, ""))}, lint.NearMiss, 3, "nearly"},
		"both private keys":       {[]string{of("exact", "com.a", fmt.Sprintf(`{"originator": {"private": %q}, "responder": {"private": %q}}`, privateA, privateB))}, lint.BothPrivate, 2, "can play both parties"},
		"a date that has passed":  {[]string{of("exact", "com.a", shared("k", privateA, `"active_from": `+later+`, `), shared("l", privateB, `"not_after": `+past+`,`))}, lint.Expired, 2, "since 2020-01-01T00:00:00Z"},
		"retired without a date":  {[]string{of("exact", "com.a", shared("k", privateA, `"active_from": `+past+`, `), shared("l", privateB, ""))}, lint.NoEnd, 2, "opens without end"},
		"none that is active":     {[]string{of("exact", "com.a", pair(t, `"active_from": `+future+`, `))}, lint.NoActive, 2, "before 2999-01-01T00:00:00Z"},
		"revoked without a date":  {[]string{of("exact", "com.a", pair(t, ""), `{"id": "k", "revoked": true}`)}, lint.NoDate, 2, "give it the active_from that it had"},
		"only a revoked one left": {[]string{of("exact", "com.a", `{"id": "k", "revoked": true}`)}, lint.NoActive, 2, "all versions are revoked, so that sending for its URIs fails: wampbox add gives it a new key"},
		"the last one ends":       {[]string{of("exact", "com.a", pair(t, `"not_after": `+future+`, `))}, lint.Gap, 2, "from 2999-01-01T00:00:00Z on nothing seals"},
		"one ends too early":      {[]string{of("exact", "com.a", shared("k", privateA, `"not_after": `+future+`, `), shared("l", privateB, `"active_from": `+beyond+`, `))}, lint.Gap, 2, "from 2999-01-01T00:00:00Z to 2999-02-01T00:00:00Z"},
		"it does so for long":     {transition("accept", future), lint.Transition, 2, "that is long"},
		"it did so":               {transition("accept", past), lint.Transition, 2, "has passed"},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, 0o600, test.entries...)
			findings := files(t, path)
			require.Len(t, findings, 1, "%v", findings)
			found := findings[0]
			require.Equal(t, test.rule, found.Rule, "%v", found)
			require.Equal(t, test.line, found.Line, "%v", found)
			refused := files(t, path)[0].Level == lint.Error
			_, err := keyfile.Load(path)
			require.Equal(t, err != nil, refused, "%v", err)
			require.NotEqual(t, lint.Note, found.Level)
			require.Contains(t, found.Entry+found.Message, test.says)
			require.Equal(t, path, found.File)
		})
	}
	open := files(t, writeAs(t, 0o600, `"version": 2, "unkeyed": "plain"`, of("exact", "com.a", pair(t, ""))))
	require.Len(t, open, 1)
	require.Equal(t, lint.OpenDefault, open[0].Rule)
}

// TestFine: what is right has no findings, also next to near misses of rules.
func TestFine(t *testing.T) {
	rotation := []string{shared("k", privateA, `"not_after": `+beyond+`,`), shared("l", privateB, `"active_from": `+future+`,`)}
	for name, entries := range map[string][]string{
		"a pair":                        {of("exact", "com.a", pair(t, ""))},
		"patterns that don't meet":      {of("prefix", "com.a.", pair(t, "")), of("prefix", "com.b.", pair(t, "")), of("exact", "com.ab", pair(t, "")), of("wildcard", "org..a", pair(t, "")), of("wildcard", "org..b", pair(t, ""))},
		"a default under all":           {of("prefix", "", pair(t, "")), of("prefix", "com.a.", pair(t, ""))},
		"a prefix too long for wild":    {of("prefix", "com.a.b.c.", pair(t, "")), of("wildcard", "com..b", pair(t, ""))},
		"a rotation on its way":         {of("exact", "com.a", rotation...)},
		"retired until a date to come":  {of("exact", "com.a", shared("k", privateA, `"active_from": `+past+`, `), shared("l", privateB, `"not_after": `+future+`,`))},
		"one private key of all":        {of("exact", "com.a", fmt.Sprintf(`{"dialect": "autobahn", "originator": {"private": %q}, "responder": {"private": %q}}`, privateA, privateA))},
		"one key for several patterns":  {of("exact", "com.a", shared("k", privateA, "")), of("exact", "com.b", shared("k", privateA, ""))},
		"a private and its public half": {of("exact", "com.a", fmt.Sprintf(`{"originator": {"private": %q, "public": %q}, "responder": {"public": %q}}`, privateA, public(t, privateA), public(t, privateB)))},
		"plain inside what is plain":    {`{"prefix": "com.", "plain": true}`, of("prefix", "org.a.", pair(t, "")), `{"exact": "com.b", "plain": true}`},
		"tenants":                       {of("prefix", "com.tenant1.", pair(t, "")), of("prefix", "com.tenant2.", pair(t, "")), of("prefix", "com.tenant12.", pair(t, ""))},
		"a URI and what lies below it":  {`{"exact": "com.orders", "plain": true}`, `{"prefix": "com.orders.", "plain": true}`, of("exact", "com.a", pair(t, ""))},
		"the first one, revoked":        {of("exact", "com.a", pair(t, `"active_from": `+past+`, `), `{"id": "k", "revoked": true}`)},
	} {
		require.Empty(t, files(t, write(t, 0o600, entries...)), name)
	}
}

// TestNotes: what may be meant is said, and is no fault.
func TestNotes(t *testing.T) {
	soon := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	for does, says := range map[string]string{"send": "it sends and takes plaintext until ", "accept": "answers plain calls in plain"} {
		found := files(t, write(t, 0o600, strings.Replace(of("exact", "com.a", pair(t, "")), `"versions"`, fmt.Sprintf(`"plaintext": %q, "until": %q, "versions"`, does, soon), 1)))
		require.Len(t, found, 1)
		require.Equal(t, []any{lint.Note, lint.Transition}, []any{found[0].Level, found[0].Rule})
		require.Contains(t, found[0].Message, says)
	}
	for name, test := range map[string]struct {
		entries []string
		line    int
		says    string
	}{
		"keys inside what is plain": {[]string{`{"prefix": "com.", "plain": true}`, of("prefix", "com.a.", pair(t, "")), of("exact", "com.b", pair(t, "")), `{"exact": "com.c", "plain": true}`},
			2, `every URI that begins with it goes out in plain, but for those of prefix "com.a.", exact "com.b"`},
		"inside a wildcard": {[]string{of("exact", "com.a.b", pair(t, "")), `{"wildcard": "com..b", "plain": true}`},
			3, `every URI with any text in place of its empty components goes out in plain, but for those of exact "com.a.b"`},
		"many": {append([]string{`{"prefix": "com.", "plain": true}`}, of("exact", "com.a", pair(t, "")), of("exact", "com.b", pair(t, "")), of("exact", "com.c", pair(t, "")),
			of("exact", "com.d", pair(t, "")), of("exact", "com.e", pair(t, "")), of("exact", "com.f", pair(t, "")), of("exact", "com.g", pair(t, ""))),
			2, `exact "com.e", 2 more`},
	} {
		path := write(t, 0o600, test.entries...)
		found := files(t, path)
		require.Len(t, found, 1, name)
		require.Equal(t, lint.Note, found[0].Level)
		require.Equal(t, lint.PlainAround, found[0].Rule)
		require.Equal(t, test.line, found[0].Line)
		require.Contains(t, found[0].Message, test.says)
		require.Contains(t, found[0].String(), fmt.Sprintf("%s:%d: note: plain-around: ", path, test.line))
	}
}

// TestPermissions of the file, and of those that it refers to.
func TestPermissions(t *testing.T) {
	one := func(path string, opts ...keyfile.Option) []lint.Finding {
		findings, err := lint.Files(lint.Source{Path: path, Options: opts})
		require.NoError(t, err)
		return findings
	}
	for mode, wrong := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o644: true, 0o640: true, 0o622: true} {
		path := write(t, mode, of("exact", "com.a", pair(t, "")))
		findings := one(path)
		require.Equal(t, wrong, len(findings) == 1 && findings[0].Rule == lint.Permissions, "%v %v", mode, findings)
		if mode == 0o644 {
			require.Empty(t, one(path, keyfile.AllowReadableByOthers()))
		}
	}
	path := write(t, 0o600, of("exact", "com.a", shared("k", "file:secret.key", "")))
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
	path := write(t, 0o600, of("exact", "com.a", shared("k", "env:WAMPBOX_LINT_KEY", "")), of("exact", "com.b", shared("l", "file:secret.key", "")))
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), "secret.key"), []byte("# made by hand\n"+counted+"\n"), 0o600))
	findings := files(t, path)
	require.Len(t, findings, 2)
	for i, f := range findings {
		require.Equal(t, lint.WeakKey, f.Rule)
		require.Equal(t, i+2, f.Line)
	}
}

// TestSeveral: all mistakes are told, by line, not the first alone.
func TestSeveral(t *testing.T) {
	findings := files(t, write(t, 0o644,
		of("prefix", "com.a", shared("k", privateA, "")),
		of("exact", "com.b", "\n"+shared("k", privateA, ""), "\n"+shared("k", privateA, `"active_from": `+past+`, `)),
		of("exact", "com..b", pair(t, "")),
	))
	var rules []lint.Rule
	for _, f := range findings {
		rules = append(rules, f.Rule)
	}
	require.Equal(t, []lint.Rule{lint.Permissions, lint.NoDot, lint.DuplicateID, lint.Invalid}, rules)
}

// TestTie: what only the whole file shows.
func TestTie(t *testing.T) {
	findings := files(t, write(t, 0o600, of("wildcard", "com..b", pair(t, "")), of("wildcard", ".a.b", pair(t, ""))))
	require.NotEmpty(t, findings)
	for _, f := range findings {
		require.Equal(t, lint.Overlap, f.Rule)
	}
	require.Contains(t, findings[len(findings)-1].Message, "fix one more component, or remove that one; edit the file by hand")
}

// TestVersion1 names the tool that converts it.
func TestVersion1(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"version": 1, "keys": []}`), 0o600))
	findings := files(t, path, write(t, 0o600, of("exact", "com.a", pair(t, ""))))
	require.Len(t, findings, 1)
	require.Equal(t, lint.Invalid, findings[0].Rule)
	require.Contains(t, findings[0].Message, "wampbox convert")
}

// TestManyFindings are bounded.
func TestManyFindings(t *testing.T) {
	entries := make([]string, 1200)
	for i := range entries {
		entries[i] = `{"exact": "com..a", "versions": [{"id": "k", "revoked": true}]}`
	}
	findings := files(t, write(t, 0o600, entries...))
	require.Len(t, findings, lint.MaxFindings+1)
	require.Equal(t, lint.TooManyFound, findings[0].Rule)
}

// TestUnreadable is an error, not a finding.
func TestUnreadable(t *testing.T) {
	_, err := lint.Files(lint.Source{Path: filepath.Join(t.TempDir(), "none")})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = lint.Files(lint.Source{Path: t.TempDir()})
	require.ErrorContains(t, err, "not a regular file")
	big := filepath.Join(t.TempDir(), "big")
	require.NoError(t, os.WriteFile(big, nil, 0o600))
	require.NoError(t, os.Truncate(big, 32<<20+1))
	_, err = lint.Files(lint.Source{Path: big})
	require.ErrorIs(t, err, keyfile.ErrTooLarge)
}

// FuzzFile: whatever a file holds, linting ends, and no finding shows a key.
func FuzzFile(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	other := write(f, 0o600, of("exact", "com.a", back(f, "")))
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "keyring.json")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		findings := files(t, path, other)
		require.LessOrEqual(t, len(findings), 2*(lint.MaxFindings+1))
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
		write(t, 0o600, of("exact", "com.a", pair(t, ""))),
		write(t, 0o600, of("wildcard", "com..b", shared("k", privateA, `"not_after": `+past+`,`)), of("prefix", "com.", pair(t, ""))),
		write(t, 0o600, of("exact", privateA, pair(t, `"comment": "x",`))),
	} {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		all = append(all, string(text))
	}
	return append(all, `{"version": 2}`, `{}`, ``)
}

func TestSeeds(t *testing.T) { require.Len(t, seeds(t), 6) }
