package keyring_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func TestParseMatch(t *testing.T) {
	for text, want := range map[string]keyring.Match{
		"":         keyring.MatchExact,
		"exact":    keyring.MatchExact,
		"prefix":   keyring.MatchPrefix,
		"wildcard": keyring.MatchWildcard,
	} {
		got, err := keyring.ParseMatch(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
		if text != "" {
			require.Equal(t, text, got.String())
		}
	}
	for _, text := range []string{"Exact", "prefix ", "wild", "*", strings.Repeat("x", 1<<20)} {
		got, err := keyring.ParseMatch(text)
		require.ErrorIs(t, err, keyring.ErrPattern)
		require.Zero(t, got)
		require.Less(t, len(err.Error()), 200)
	}
	require.Equal(t, "Match(0)", keyring.Match(0).String())
}

func TestValidate(t *testing.T) {
	longest := strings.Repeat("x", keyring.MaxPatternLength)
	most := strings.Repeat("a.", keyring.MaxComponents-1) + "a"
	for _, tc := range []struct {
		name    string
		pattern keyring.Pattern
		ok      bool
	}{
		{"one component", exact("com"), true},
		{"many", exact("com.myapp.topic"), true},
		{"loose characters", exact("com.my-app.Ünïcode.$%&/()=_1"), true},
		{"exact: empty", exact(""), false},
		{"exact: trailing dot", exact("com.foo."), false},
		{"exact: leading dot", exact(".com"), false},
		{"exact: empty in the middle", exact("com..foo"), false},
		{"exact: space", exact("com.my app"), false},
		{"exact: no-break space", exact("com.my\u00a0app"), false},
		{"exact: tab", exact("com.\tfoo"), false},
		{"exact: hash", exact("com.#foo"), false},
		{"exact: not UTF-8", exact("com.\xff"), false},
		{"exact: longest", exact(longest), true},
		{"exact: too long", exact(longest + "x"), false},
		{"exact: most components", exact(most), true},
		{"exact: too many components", exact(most + ".a"), false},

		{"prefix: the default", prefix(""), true},
		{"prefix: cut component", prefix("com.my"), true},
		{"prefix: trailing dot", prefix("com.myapp."), true},
		{"prefix: two trailing dots", prefix("com.myapp.."), false},
		{"prefix: dot", prefix("."), false},
		{"prefix: leading dot", prefix(".com"), false},
		{"prefix: empty in the middle", prefix("com..foo"), false},
		{"prefix: newline", prefix("com\n"), false},
		{"prefix: hash", prefix("com#"), false},
		{"prefix: half a character", prefix("com.\xc3"), false},
		{"prefix: too long", prefix(longest + "x"), false},
		{"prefix: too many components", prefix(most + "."), false},

		{"wildcard: middle", wild("com..temperature"), true},
		{"wildcard: first", wild(".myapp.temperature"), true},
		{"wildcard: last", wild("com.myapp."), true},
		{"wildcard: several", wild("..x.."), true},
		{"wildcard: none open", wild("com.myapp"), true},
		{"wildcard: empty", wild(""), false},
		{"wildcard: all open", wild("..."), false},
		{"wildcard: space", wild("com. .x"), false},
		{"wildcard: too long", wild("." + longest), false},
		{"wildcard: most components", wild(strings.Repeat(".", keyring.MaxComponents-1) + "x"), true},
		{"wildcard: too many components", wild(strings.Repeat(".", keyring.MaxComponents) + "x"), false},

		{"a star", exact("com.foo.*"), false},
		{"a star in a prefix", prefix("com.foo.*"), false},
		{"a star in a wildcard", wild("com..*"), false},
		{"our own errors", exact("wampbox.error"), false},
		{"our own errors, below", prefix("wampbox.error."), false},
		{"our own errors, more", exact("wampbox.errors"), false},
		{"our own errors, wildcard", wild("wampbox.error."), false},
		{"beside our own", prefix("wampbox."), true},
		{"WAMP's own", prefix("wamp."), true},

		{"no policy", keyring.Pattern{URI: "com.foo"}, false},
		{"unknown policy", keyring.Pattern{URI: "com.foo", Match: 4}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := keyring.New()
			set := r.Set(tc.pattern, named("k"))
			err := tc.pattern.Validate()
			if tc.ok {
				require.NoError(t, err)
				require.NoError(t, set)
				require.Equal(t, 1, r.Len())
				return
			}
			require.ErrorIs(t, err, keyring.ErrPattern)
			require.ErrorIs(t, set, keyring.ErrPattern)
			require.Zero(t, r.Len())
			require.ErrorIs(t, r.Remove(tc.pattern), keyring.ErrPattern)

			var typed *keyring.Error
			require.ErrorAs(t, set, &typed)
			require.Equal(t, tc.pattern, typed.Pattern)
			require.Equal(t, "set", typed.Op)
		})
	}
}

// Who writes "*" or "#" means something by it: the error says what WAMP has.
func TestStarsAreRefusedWithAdvice(t *testing.T) {
	for _, text := range []string{"*", "com.*", "com.#", "com.*.x", "com.foo*", "**"} {
		for _, p := range []keyring.Pattern{exact(text), prefix(text), wild("." + text), keyring.ParsePattern(text)} {
			for _, err := range []error{p.Validate(), keyring.New().Set(p, named("k")), keyring.New().SetPlain(p)} {
				require.ErrorIs(t, err, keyring.ErrPattern)
				require.ErrorContains(t, err, `a prefix, which ends with a dot ("com.myapp.")`)
				require.ErrorContains(t, err, `leave it empty ("com.myapp..temperature")`)
			}
		}
	}
}

func TestParsePattern(t *testing.T) {
	for text, want := range map[string]keyring.Pattern{
		"": prefix(""), "com": exact("com"), "com.foo": exact("com.foo"), "com.foo.": prefix("com.foo."), "com.": prefix("com."),
		"com..foo": wild("com..foo"), ".foo": wild(".foo"), ".foo.": wild(".foo."), "com..": wild("com.."), "..x..": wild("..x.."),
		".": wild("."), "com. x": exact("com. x"),
	} {
		require.Equal(t, want, keyring.ParsePattern(text), text)
	}
	require.Error(t, keyring.ParsePattern(".").Validate())
	require.Error(t, keyring.ParsePattern("com. x").Validate())
}

func TestRefusedPatternOfAnyLengthGivesAShortError(t *testing.T) {
	huge := keyring.Pattern{URI: strings.Repeat("\x00", 1<<20), Match: keyring.MatchPrefix}
	require.Less(t, len(huge.Validate().Error()), 5*keyring.MaxPatternLength)
}

func TestDefaultIsSuggestedWhereItIsMeant(t *testing.T) {
	for _, p := range []keyring.Pattern{exact(""), wild(""), wild("..")} {
		require.ErrorContains(t, p.Validate(), "empty prefix", p)
	}
}

// nearMisses says for each pattern what it matches and what only looks like it.
var nearMisses = []struct {
	pattern keyring.Pattern
	yes, no []string
}{
	{exact("com.foo"), []string{"com.foo"},
		[]string{"com.foobar", "com.foo.", "com.fo", "com.foo.bar", "com..foo", ".com.foo", "com.Foo", "COM.FOO", "com.foo ", ""}},
	{prefix("com.foo"), []string{"com.foo", "com.foobar", "com.foo.", "com.foo.bar", "com.foo..x"},
		[]string{"com.fo", "com", "xcom.foo", " com.foo", "com.Foo", ""}},
	{prefix("com.foo."), []string{"com.foo.bar", "com.foo.", "com.foo..x"},
		[]string{"com.foo", "com.foobar", "com.foobar.x"}},
	{prefix("com.\u00e9"), []string{"com.\u00e9", "com.\u00e9t\u00e9"}, []string{"com.\u00e8", "com.e\u0301", "com.\xc3"}},
	{prefix(""), []string{"com", "x", "com.foo.bar", "."}, []string{""}},
	{wild("com..bar"), []string{"com.foo.bar", "com.x.bar", "com..bar"},
		[]string{"com.bar", "com.foo.baz", "com.foo.bar.", "com.foo.x.bar", "com.foo.barx", "xcom.foo.bar", ".com.foo.bar", "com.foo", ""}},
	{wild("com.foo."), []string{"com.foo.bar", "com.foo."},
		[]string{"com.foo", "com.foo.bar.baz", "com.foobar.x", "com.foo.."}},
	{wild(".foo"), []string{"com.foo", ".foo"}, []string{"foo", "com.x.foo", "com.foo.", "com.food"}},
	{wild("..c.."), []string{"a.b.c.d.e", "..c..", "x..c..x"},
		[]string{"a.b.c.d", "a.b.c.d.e.f", "a.c.b.d.e", "...c."}},
	{wild("com.foo"), []string{"com.foo"}, []string{"com.foobar", "com.foo.", "com", "com.bar"}},
}

func TestNearMisses(t *testing.T) {
	for _, tc := range nearMisses {
		r := ringOf(t, tc.pattern)
		for _, uri := range tc.yes {
			require.True(t, tc.pattern.Matches(uri), "%v matches %q", tc.pattern, uri)
			require.Equal(t, tc.pattern, found(t, r, uri), uri)
		}
		for _, uri := range tc.no {
			require.False(t, tc.pattern.Matches(uri), "%v doesn't match %q", tc.pattern, uri)
			require.Zero(t, found(t, r, uri), "%v, %q", tc.pattern, uri)
		}
	}
}

func TestInvalidPatternMatchesNothing(t *testing.T) {
	for _, p := range []keyring.Pattern{
		{URI: "com.foo"}, {URI: "com.foo", Match: 9}, {}, exact(""), exact("com..foo"), wild(""), wild("."), prefix(".."),
	} {
		for _, uri := range []string{"", "x", "com.foo", "com..foo", "a.b", "..x"} {
			require.False(t, p.Matches(uri), "%v, %q", p, uri)
		}
	}
}
