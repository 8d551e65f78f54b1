package lint_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/lint"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// secret is one of a prefix whose URIs are scrambled.
func secret(more string) string {
	return fmt.Sprintf(`{%s "secret": %q}`, more, cryptobox.GenerateScrambleSecret().UnsafeText())
}

// hidden makes a file with a prefix com. of which the URIs are scrambled, on line 1.
func hidden(t testing.TB, fields string, entries ...string) string {
	t.Helper()
	return writeAs(t, 0o600, `"version": 2, "scramble": [{"prefix": "com.", `+fields+`}]`, entries...)
}

func secretsOf(secrets ...string) string { return `"secrets": [` + strings.Join(secrets, ",") + `]` }

// TestScrambleRules: each by a file that breaks it and no other.
func TestScrambleRules(t *testing.T) {
	const counted = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="
	soon := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	clearUntil := func(until string) string { return `, "allow_clear": ` + until }
	key := []string{of("prefix", "com.a.", pair(t, ""))}
	for name, test := range map[string]struct {
		fields  string
		entries []string
		level   lint.Level
		rule    lint.Rule
		line    int
		says    string
	}{
		"clear for long":        {secretsOf(secret("")) + clearUntil(future), key, lint.Warning, lint.AllowClear, 1, "that is long"},
		"clear for an hour":     {secretsOf(secret("")) + clearUntil(`"`+soon+`"`), key, lint.Note, lint.AllowClear, 1, "as they are too until " + soon},
		"clear, and no secret":  {strings.TrimPrefix(clearUntil(`"`+soon+`"`), ", "), key, lint.Note, lint.AllowClear, 1, "as they are too until " + soon},
		"clear until it begins": {secretsOf(secret(`"active_from": `+future+`, `)) + clearUntil(`"2999-01-02T00:00:00Z"`), key, lint.Note, lint.AllowClear, 1, "until 2999-01-02"},
		"long after it begins":  {secretsOf(secret(`"active_from": `+future+`, `)) + clearUntil(`"2999-03-01T00:00:00Z"`), key, lint.Warning, lint.AllowClear, 1, "that is long"},
		"clear no more":         {secretsOf(secret("")) + clearUntil(past), key, lint.Warning, lint.AllowClear, 1, "has passed"},
		"none in use yet":       {secretsOf(secret(`"active_from": ` + future + `, `)), key, lint.Warning, lint.NoActive, 1, "no secret is in use before 2999-01-01T00:00:00Z"},
		"the last one ends":     {secretsOf(secret(`"not_after": ` + future + `, `)), key, lint.Warning, lint.Gap, 1, "from 2999-01-01T00:00:00Z on no secret is in use"},
		"a gap":                 {secretsOf(secret(`"not_after": `+future+`, `), secret(`"active_from": `+beyond+`, `)), key, lint.Warning, lint.Gap, 1, "from 2999-01-01T00:00:00Z to 2999-02-01T00:00:00Z no secret"},
		"an expired one":        {secretsOf(secret(`"not_after": `+past+`, `), secret(`"active_from": `+past+`, `)), key, lint.Warning, lint.Expired, 1, "is taken no more since 2020-01-01T00:00:00Z"},
		"an old one":            {secretsOf(secret(""), secret(`"active_from": `+past+`, `)), key, lint.Warning, lint.NoEnd, 1, "taken without end"},
		"a weak one":            {secretsOf(`{"secret": "scramble:` + counted + `"}`), key, lint.Warning, lint.WeakKey, 1, "doesn't look random"},
		"no pattern below":      {secretsOf(secret("")), []string{of("prefix", "org.", pair(t, ""))}, lint.Warning, lint.Scrambled, 1, "no pattern lies below it"},
		"a wide pattern":        {secretsOf(secret("")), []string{of("prefix", "com.a.", pair(t, "")), of("prefix", "", pair(t, ""))}, lint.Note, lint.Scrambled, 3, `it doesn't count below "com."`},
		"a wildcard":            {secretsOf(secret("")), []string{of("prefix", "com.a.", pair(t, "")), of("wildcard", ".b.c", pair(t, ""))}, lint.Note, lint.Scrambled, 3, `it doesn't count below "com."`},
		"plain below it":        {secretsOf(secret("")), []string{`{"exact": "com.a", "plain": true}`}, lint.Error, lint.Invalid, 2, "would be plain"},
		"Autobahn below it":     {secretsOf(secret("")), []string{of("exact", "com.a", pair(t, `"dialect": "autobahn",`))}, lint.Error, lint.Invalid, 2, "another dialect than ours"},
		"in a transition":       {secretsOf(secret("")), []string{strings.Replace(of("exact", "com.a", pair(t, "")), `"versions"`, `"plaintext": "send", "until": `+future+`, "versions"`, 1)}, lint.Error, lint.Invalid, 2, "would be in a transition"},
		"within a component":    {secretsOf(secret("")), []string{of("prefix", "com.a", pair(t, ""))}, lint.Error, lint.Invalid, 2, "let the prefix end with a dot"},
		"no secret, nor clear":  {`"comment": "x"`, key, lint.Error, lint.Invalid, 1, "it has no secrets"},
		"a bad secret":          {secretsOf(`{"secret": "env:WAMPBOX_LINT_NONE"}`), key, lint.Error, lint.Invalid, 1, "isn't set"},
		"a zero secret":         {secretsOf(`{"secret": "scramble:` + strings.Repeat("A", 43) + `="}`), key, lint.Error, lint.WeakKey, 1, "weak key"},
		"one that others read":  {secretsOf(`{"secret": "file:../none"}`), key, lint.Error, lint.Invalid, 1, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			found := files(t, hidden(t, test.fields, test.entries...))
			require.Len(t, found, 1, "%v", found)
			require.Equal(t, []any{test.level, test.rule, test.line}, []any{found[0].Level, found[0].Rule, found[0].Line}, "%v", found)
			require.Contains(t, found[0].Message, test.says)
			require.NotContains(t, found[0].String(), counted)
		})
	}
	ends := files(t, hidden(t, secretsOf(secret(`"not_after": `+past+`, `)), key...))
	require.Equal(t, []lint.Rule{lint.Expired, lint.NoActive}, []lint.Rule{ends[0].Rule, ends[1].Rule})
	late := files(t, hidden(t, secretsOf(secret(`"active_from": `+future+`, `))+clearUntil(`"`+soon+`"`), key...))
	require.Equal(t, []lint.Rule{lint.AllowClear, lint.NoActive}, []lint.Rule{late[0].Rule, late[1].Rule})
	nested := files(t, writeAs(t, 0o600, `"version": 2, "scramble": [{"prefix": "com.", `+secretsOf(secret(""))+`}, {"prefix": "com.a.", `+secretsOf(secret(""))+`}]`, key...))
	require.Len(t, nested, 1, "a bad prefix doesn't spoil what is beside it")
	require.Contains(t, nested[0].String(), `scramble[1] prefix "com.a.": not below a scrambled prefix`)

	for name, fields := range map[string]string{
		"one secret":           secretsOf(secret("")),
		"a rotation":           secretsOf(secret(`"not_after": `+beyond+`, `), secret(`"active_from": `+future+`, `)),
		"an old one that ends": secretsOf(secret(`"not_after": `+future+`, `), secret(`"active_from": `+past+`, `)),
	} {
		require.Empty(t, files(t, hidden(t, fields, append(key, of("exact", "org.a", pair(t, "")))...)), name)
	}
	// What doesn't count below the prefix doesn't overlap with what does.
	for _, f := range files(t, hidden(t, secretsOf(secret("")), append(key, `{"wildcard": ".a.b", "plain": true}`)...)) {
		require.Equal(t, lint.Scrambled, f.Rule)
	}
}

// TestScrambleBetween: what two files have to agree on.
func TestScrambleBetween(t *testing.T) {
	one, two := secret(""), secret("")
	dated := func(s, more string) string { return strings.Replace(s, "{", "{"+more, 1) }
	soon := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	soonClear := fmt.Sprintf(`, "allow_clear": %q`, time.Now().Add(2*time.Hour).UTC().Format(time.RFC3339))
	pending := secretsOf(dated(one, fmt.Sprintf(`"active_from": %q, `, soon)))
	a, b := of("prefix", "com.a.", pair(t, "")), of("prefix", "com.a.", back(t, ""))
	for name, test := range map[string]struct {
		one, two string // fields of the prefix, "" for none
		rules    []lint.Rule
		says     string
	}{
		"the same":          {secretsOf(one), secretsOf(one), nil, ""},
		"other secrets":     {secretsOf(one), secretsOf(two), []lint.Rule{lint.Differs, lint.Differs}, "lacks the secret"},
		"one doesn't":       {secretsOf(one), "", []lint.Rule{lint.Differs}, "doesn't scramble its URIs"},
		"another beginning": {secretsOf(dated(one, `"active_from": `+past+`, `)), secretsOf(one), []lint.Rule{lint.Differs}, "2020-01-01T00:00:00Z"},
		"another end":       {secretsOf(dated(one, `"not_after": `+beyond+`, `), dated(two, `"active_from": `+past+`, `)), secretsOf(dated(one, `"not_after": `+future+`, `), dated(two, `"active_from": `+past+`, `)), []lint.Rule{lint.Differs}, "2999-01-01T00:00:00Z"},
		"clear here alone":  {pending + soonClear, pending, []lint.Rule{lint.AllowClear, lint.AllowClear, lint.NoActive}, "sends its URIs as they are until " + soon + ", which is refused here"},
		"clear at both":     {pending + soonClear, pending + soonClear, []lint.Rule{lint.AllowClear, lint.AllowClear}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			first, second := hidden(t, test.one, a), write(t, 0o600, b)
			if test.two != "" {
				second = hidden(t, test.two, b)
			}
			var rules []lint.Rule
			said := ""
			for _, f := range files(t, first, second) {
				rules, said = append(rules, f.Rule), said+f.String()+"\n"
			}
			require.ElementsMatch(t, test.rules, rules, said)
			require.Contains(t, said, test.says)
		})
	}
	// A file of a party that has nothing to do with the prefix needs no secret.
	for _, f := range files(t, hidden(t, secretsOf(one), a, `{"exact": "org.p", "plain": true}`), write(t, 0o600, `{"exact": "org.p", "plain": true}`), hidden(t, secretsOf(one), b)) {
		require.NotEqual(t, lint.Differs, f.Rule, "%v", f)
	}
}
