package keyring_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func TestMostSpecificWins(t *testing.T) {
	none := keyring.Pattern{}
	all := []keyring.Pattern{
		exact("com.app.room.temp"), prefix("com.app."), prefix("com.app.r"), prefix("co"),
		wild("org.app..temp"), wild("org..."), wild("com.app..x"), prefix(""),
	}
	for _, tc := range []struct {
		name     string
		patterns []keyring.Pattern
		uri      string
		want     keyring.Pattern
	}{
		{"exact before prefix", all, "com.app.room.temp", exact("com.app.room.temp")},
		{"longest prefix", all, "com.app.room.tempo", prefix("com.app.r")},
		{"shorter prefix", all, "com.app.x", prefix("com.app.")},
		{"shortest prefix", all, "com.apple", prefix("co")},
		{"prefix before a wildcard that fixes more", all, "com.app.s.x", prefix("com.app.")},
		{"short prefix before wildcard", []keyring.Pattern{prefix("c"), wild("com.app..x")}, "com.app.s.x", prefix("c")},
		{"wildcard with most fixed", all, "org.app.room.temp", wild("org.app..temp")},
		{"wildcard with fewer", all, "org.app.room.x", wild("org...")},
		{"wildcard before the default", []keyring.Pattern{wild("net."), prefix("")}, "net.x", wild("net.")},
		{"default", all, "net.x", prefix("")},
		{"default for a malformed URI", all, "net..x y", prefix("")},
		{"exact before a wildcard without open components", []keyring.Pattern{exact("a.b"), wild("a.b")}, "a.b", exact("a.b")},
		{"no default", all[:7], "net.x", none},
		{"no pattern matches", []keyring.Pattern{exact("a.b")}, "a.c", none},
		{"empty URI", all, "", none},
		{"empty ring", nil, "com.app.room.temp", none},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := ringOf(t, tc.patterns...)
			require.Equal(t, tc.want, found(t, r, tc.uri))
			if tc.want != none {
				require.Equal(t, tc.want.String(), idOf(t, r, tc.uri))
			}
		})
	}
}

func TestOwnURIsOfWAMP(t *testing.T) {
	others := []keyring.Pattern{
		prefix(""), prefix("w"), prefix("wa"), prefix("wamp"), exact("wamp"), exact("wampum.session"),
		wild(".session.count"), wild("..count"), wild(".x"),
	}
	r := ringOf(t, others...)
	for _, uri := range []string{"wamp.session.count", "wamp.x", "wamp.", "wamp..count", "wamp.y.count"} {
		e := look(t, r, uri)
		require.True(t, e.Plain(), uri)
		require.Equal(t, prefix("wamp."), e.Pattern())
	}
	// Only the first component is reserved, and only as a whole.
	require.Equal(t, exact("wamp"), found(t, r, "wamp"))
	require.Equal(t, prefix("wamp"), found(t, r, "wamp2.session.count"))
	require.Equal(t, exact("wampum.session"), found(t, r, "wampum.session"))
	require.Equal(t, wild("..count"), found(t, r, "Wamp.x.count"))
	require.Equal(t, wild(".session.count"), found(t, r, "x.session.count"))

	for _, p := range []keyring.Pattern{
		exact("wamp.session.count"), prefix("wamp."), prefix("wamp.sess"), wild("wamp..count"), wild("wamp.session."),
	} {
		r := ringOf(t, append(others, p)...)
		require.Equal(t, p, found(t, r, "wamp.session.count"), p)
	}
}

func TestURIsOfAnyLength(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	r := ringOf(t, prefix("com.app"), wild("org..x"), wild(".b"))
	require.Equal(t, prefix("com.app"), found(t, r, "com.app"+long))
	require.Equal(t, wild("org..x"), found(t, r, "org."+long+".x"), "an open component may be of any length")
	require.Zero(t, found(t, r, "org."+long+".y"))
	require.Zero(t, found(t, r, long+".x.x"))
	require.Zero(t, found(t, r, strings.Repeat(".", 1<<20)))
	require.Equal(t, wild(".b"), found(t, r, long+".b"))
	require.Zero(t, found(t, r, "b."+long))
}

func TestLongestPatternsAreFound(t *testing.T) {
	most := strings.Repeat("a.", keyring.MaxComponents-2)
	full := strings.Repeat("y", keyring.MaxPatternLength-2)
	for _, tc := range []struct {
		pattern keyring.Pattern
		uri     string
	}{
		{wild(most + ".z"), most + "any.z"},
		{wild("." + most + "z"), "any." + most + "z"},
		{wild("." + full + "."), "a." + full + ".b"},
		{wild(".y" + full), "abc.y" + full},
		{wild(full + ".."), full + ".b.c"},
		{exact("yy" + full), "yy" + full},
		{prefix("yy" + full), "yy" + full + "y"},
	} {
		r := keyring.New()
		require.NoError(t, r.Set(tc.pattern, named("k")))
		require.Equal(t, tc.pattern, found(t, r, tc.uri))
		require.Zero(t, found(t, r, tc.uri[:10]+"q"+tc.uri[11:]))
	}
}

// What a wide pattern declares plain costs nothing more, without any key and with one.
func TestPlainLookupAllocatesNothing(t *testing.T) {
	r := content(t, nil, prefix("com."))
	look := func() { _, _ = r.Lookup("com.myapp.any") }
	require.Zero(t, testing.AllocsPerRun(100, look))
	require.NoError(t, r.Set(exact("com.myapp.key"), named("k")))
	look()
	require.Zero(t, testing.AllocsPerRun(100, look))
}
