package keyring_test

import (
	"errors"
	"fmt"
	"math/rand"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// nearest gives the pattern that the error for a URI names.
func nearest(t testing.TB, r *keyring.Ring, uri string) keyring.Pattern {
	t.Helper()
	_, err := r.Lookup(uri)
	require.ErrorIs(t, err, keyring.ErrClosed)
	var ke *keyring.Error
	require.ErrorAs(t, err, &ke)
	require.Equal(t, ke.Near != keyring.Pattern{}, strings.Contains(err.Error(), "; it nearly matches "+ke.Near.String()))
	return ke.Near
}

func TestNearestPattern(t *testing.T) {
	r := content(t, list(exact("com.app.order"), prefix("com.app.secret."), wild("org..temperature.room"), wild("org.x."), prefix("net.pre"), exact("é.Ünïcode"), exact("äöü.é")),
		exact("com.public.news"))
	for uri, want := range map[string]keyring.Pattern{
		// exact
		"com.app.ordr":     exact("com.app.order"),
		"com.app.orderr":   exact("com.app.order"),
		"com.app.ordes":    exact("com.app.order"),
		"com.app.odrer":    exact("com.app.order"),
		"com.app.order.":   exact("com.app.order"),
		".com.app.order":   exact("com.app.order"),
		"com..app.order":   exact("com.app.order"),
		"com.apporder":     exact("com.app.order"),
		"com.app.or.der":   exact("com.app.order"),
		"com.app-order":    exact("com.app.order"),
		"COM.APP.ORDER":    exact("com.app.order"),
		"Com.App.Ordr":     exact("com.app.order"),
		"com.public.new":   exact("com.public.news"), // what is plain is helped with, too
		"com.app.ord":      none,
		"com.app.orderers": none,
		"com.app.redro":    none,
		"com.app.order.x":  none,
		// prefixes
		"com.app.secret":        prefix("com.app.secret."),
		"com.app.secre.x":       prefix("com.app.secret."),
		"com.app.secrets.x.y.z": prefix("com.app.secret."),
		"com.app.Secret.x":      prefix("com.app.secret."),
		"com.app..secret.x":     prefix("com.app.secret."),
		"com.appsecret.x":       prefix("com.app.secret."),
		"com.app.se.cret.x":     prefix("com.app.secret."),
		"net.pra":               prefix("net.pre"),
		"com.secret.x":          none,
		"com.app.other.x":       none,
		"net.other":             none,
		// wildcards
		"org.any.temperatur.room":   wild("org..temperature.room"),
		"orgs.any.temperature.room": wild("org..temperature.room"),
		"org.any.Temperature.ROOM":  wild("org..temperature.room"),
		"org.any.temperature.room.": wild("org..temperature.room"),
		"org.any..temperature.room": wild("org..temperature.room"),
		"org.X.any":                 none, // it matches nothing; see below
		"org.any.humidity.room":     none,
		// other letters
		"é.ünïcode": exact("é.Ünïcode"),
		"É.ÜNÏCODE": exact("é.Ünïcode"),
		"ÄÖÜ.é":     exact("äöü.é"),
		// URIs without a name
		"": none, ".": none, "..": none, "x": none,
	} {
		if uri == "org.X.any" {
			want = wild("org.x.")
		}
		require.Equal(t, want, nearest(t, r, uri), uri)
		require.Equal(t, want, nearest(t, r, uri), "%s, asked again", uri)
	}
}

// What was near is told no more when it is gone, and what comes is.
func TestNearestPatternKeepsUp(t *testing.T) {
	r := keyring.New()
	require.Zero(t, nearest(t, r, "com.b"))
	for _, p := range list(exact("com.first"), prefix("org.second."), wild("net..third")) {
		uri := p.URI + "x"
		require.Zero(t, nearest(t, r, uri+".n.n.n"))
		require.Zero(t, nearest(t, r, uri))
		require.NoError(t, r.Set(p, named("k")))
		if p.Match == keyring.MatchPrefix {
			uri = strings.TrimSuffix(p.URI, ".")
		}
		require.Equal(t, p, nearest(t, r, uri))
		require.NoError(t, r.Remove(p))
		require.Equal(t, p, nearest(t, r, uri), "it is still there, closed")
		forget(t, r, p)
		require.Zero(t, nearest(t, r, uri))
		update(t, r, "file", content(t, list(p)))
		require.Equal(t, p, nearest(t, r, uri))
		require.NoError(t, r.Set(exact("z"), named("z")))
		require.Equal(t, p, nearest(t, r, uri))
	}
	for i := range 3000 { // more than there was room for at first
		require.NoError(t, r.Set(exact(fmt.Sprintf("org.device%d.x", 1000+i)), named("k")))
		require.Equal(t, exact(fmt.Sprintf("org.device%d.x", 1000+i)), nearest(t, r, fmt.Sprintf("org.device%dx", 1000+i)))
	}
	require.Equal(t, exact("org.device1003.x"), nearest(t, r, "org.device1003x"))
}

// edits gives a text with one edit.
func edits(rnd *rand.Rand, text string) string {
	i := rnd.Intn(len(text) + 1)
	c := string("abcxyz."[rnd.Intn(7)])
	switch {
	case rnd.Intn(4) == 0 && i < len(text):
		return text[:i] + text[i+1:]
	case rnd.Intn(3) == 0 && i < len(text):
		return text[:i] + c + text[i+1:]
	case rnd.Intn(2) == 0 && i+1 < len(text):
		return text[:i] + text[i+1:i+2] + text[i:i+1] + text[i+2:]
	}
	return text[:i] + c + text[i:]
}

// missedBy is the definition of a near miss: in how many characters a URI differs from the
// nearest that a pattern matches, 0 for another case alone, 2 for more than one.
func missedBy(p keyring.Pattern, uri string) int { return missedBehind(p, uri, 0) }

// missedBehind is missedBy of a prefix by what goes on behind so many bytes.
func missedBehind(p keyring.Pattern, uri string, n int) int {
	text, uri := strings.ToLower(p.URI), strings.ToLower(uri)
	if text == "" || uri == "" {
		return 2
	}
	least := 2
	switch p.Match {
	case keyring.MatchPrefix:
		for i := range uri {
			if uri[i] == '.' && i >= n {
				least = min(least, distance(uri[:i+1], text))
			}
		}
		if begin, ok := strings.CutSuffix(text, "."); ok && strings.HasPrefix(uri, begin) && len(text) > n {
			least = min(least, 1)
		}
		if len(uri) <= n {
			return least
		}
		fallthrough
	case keyring.MatchExact:
		return min(least, distance(uri, text))
	}
	chars, parts := []rune(uri), strings.Split(text, ".")
	for i := range append(chars, 0) {
		with := func(j int, others string) int {
			return fixedApart(text, string(chars[:i])+others+string(chars[min(j, len(chars)):]))
		}
		switch begin := strings.Split(string(chars[:i]), "."); len(parts) - strings.Count(uri, ".") - 1 {
		case 0:
			return fixedApart(text, uri)
		case 1: // a dot is missing, or another character in its place
			least = min(least, 1+with(i, "."), 1+with(i+1, "."))
		case -1: // one is too many, or in place of another character
			if i == len(chars) || chars[i] != '.' {
				continue
			}
			least = min(least, 1+with(i+1, ""))
			last := begin[len(begin)-1]
			if want, ok := strings.CutPrefix(parts[len(begin)-1], last); ok && want != "" {
				least = min(least, 1+with(i+1, string([]rune(want)[:1])))
			}
		}
	}
	return least
}

// fixedApart compares the components that a wildcard fixes.
func fixedApart(text, uri string) int {
	fixed, parts := strings.Split(text, "."), strings.Split(uri, ".")
	if len(fixed) != len(parts) {
		return 2
	}
	for i := range parts {
		if fixed[i] == "" {
			parts[i] = ""
		}
	}
	return distance(strings.Join(parts, "."), text)
}

// The nearest pattern is named, and none that isn't near, in a ring of any size.
func TestNearestIsNamed(t *testing.T) {
	rnd := rand.New(rand.NewSource(modelSeed))
	word := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "abC"[rnd.Intn(3)]
		}
		return string(b)
	}
	for _, n := range []int{1, 20, 500} {
		r := keyring.New()
		var all []keyring.Pattern
		for range n {
			p := exact(word(1+rnd.Intn(8)) + "." + word(1+rnd.Intn(12)))
			switch rnd.Intn(3) {
			case 0:
				p = prefix(p.URI + ".")
			case 1:
				p = wild(p.URI + "..c")
			}
			require.NoError(t, r.Set(p, named("k")))
			all = append(all, p)
		}
		counts := [3]int{}
		for range 2000 {
			p := all[rnd.Intn(len(all))]
			uri := p.URI
			if rnd.Intn(2) == 0 {
				uri = strings.Replace(uri, "..", ".zyx.", 1)
			}
			uri = edits(rnd, uri)
			if rnd.Intn(3) == 0 {
				uri = edits(rnd, uri)
			}
			if p.Match == keyring.MatchPrefix && strings.HasSuffix(uri, ".") {
				uri += "xyz.xyz"
			}
			if _, err := r.Lookup(uri); err == nil || uri == "" {
				continue // it is another one
			}
			least := 2
			for _, other := range all {
				least = min(least, missedBy(other, uri))
			}
			near := nearest(t, r, uri)
			if require.Equal(t, least < 2, near != keyring.Pattern{}, "%q, %v", uri, near); least < 2 {
				require.Equal(t, least, missedBy(near, uri), "%q, %v", uri, near)
			}
			counts[least]++
		}
		require.Greater(t, min(counts[0], counts[1], counts[2]), 5, counts)
	}
}

// A pattern that is two edits away isn't near, though both are one from a third.
func TestFartherNeighbour(t *testing.T) {
	r := ringOf(t, exact("com.tenant45"), exact("com.tenant5"))
	require.Equal(t, exact("com.tenant5"), nearest(t, r, "com.tennant5"))
	require.NoError(t, r.SetPlain(exact("com.Tennant5")))
	require.Equal(t, exact("com.Tennant5"), nearest(t, r, "com.tennant5"), "another case alone")
	r = ringOf(t, exact("com.tenant45"))
	r.PlainUnlessKeyed()
	require.True(t, look(t, r, "com.tennant5").Plain())
}

// What counts is the nearest of those that decide, not the nearest of all.
func TestNearMissThatDecides(t *testing.T) {
	r := ringOf(t, wild("com..status"), exact("com.app.states"), prefix("com.app.statuss."))
	require.NoError(t, r.SetPlain(prefix("com.app.")))
	require.True(t, closed(r, "com.app.state"), "missed by one, though a wildcard that decides nothing is as near")
	require.NoError(t, r.SetPlain(exact("com.App.status")))
	require.True(t, closed(r, "com.app.statusS.x"))
	require.True(t, closed(r, "com.app.statas"), "a plain pattern that is near, too, opens nothing")
}

// distance is Damerau's, of adjacent characters, or 2 where the lengths say enough.
func distance(one, two string) int {
	a, b := []rune(one), []rune(two)
	if max(len(a), len(b))-min(len(a), len(b)) > 1 {
		return 2
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		for j := range rows[i] {
			if i == 0 || j == 0 {
				rows[i][j] = i + j
				continue
			}
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

// A router can make us look for any text: none ends the process.
func TestNearMissOfAnyText(t *testing.T) {
	r := ringOf(t, exact("com.app.order"), prefix("com.app."), wild("a..b"), exact(strings.Repeat("x", 128)),
		wild(strings.Repeat(".", 63)+"a"), wild(strings.Repeat("a.", 62)+"."), prefix(strings.Repeat("a.", 63)))
	for _, longest := range list(exact(strings.Repeat("y", 1024)), wild("."+strings.Repeat("Ⱥ", 511))) {
		require.NoError(t, r.Set(longest, named("k")))
	}
	r.PlainUnlessKeyed()
	for _, part := range []string{"A", "Ⱥ", "\xff", ".", "x", "a.", "\x00", "İ", "."} {
		for n := range 300 {
			for _, uri := range []string{strings.Repeat(part, n), "A" + strings.Repeat(part, n), strings.Repeat(part, n) + "a.b"} {
				_, _ = r.Lookup(uri)
			}
		}
	}
	require.True(t, closed(r, strings.Repeat("x", 127)))
	require.True(t, closed(r, strings.Repeat("X", 127)))
	require.True(t, closed(r, strings.Repeat("Y", 1025)))
	require.True(t, look(t, r, strings.Repeat("y", 1026)).Plain())
	huge := strings.Repeat("z", 1<<20)
	require.True(t, closed(r, huge+strings.Repeat("Ⱥ", 511)), "a dot too few")
	require.True(t, look(t, r, huge+strings.Repeat("Ⱥ", 511)+"x").Plain())
}

func FuzzNearMiss(f *testing.F) {
	for _, s := range []string{"com.app.order", "com.app.Ordre", "ȺȺ.ȺȺ", "A\xff\xff", "..", "com..app.", "wamp.x", strings.Repeat("Ⱥ", 64)} {
		f.Add(s, "com.app.order")
		f.Add(s+".x", "com.app.order.")
		f.Add(s, "com..order")
		f.Add(s+"new", "com.app.order.")
		f.Add(strings.Replace(s, ".app", "app", 1), "com..order")
		f.Add(strings.Replace(s, "app", "a.p", 1), "com..order")
		f.Add(strings.Repeat(s, 20), "com.app.order."+strings.Repeat("long", 40)+"."+s)
	}
	f.Fuzz(func(t *testing.T, uri, pattern string) {
		r := keyring.New()
		if len(uri)+len(pattern) > 500 || r.Set(keyring.ParsePattern(pattern), named("k")) != nil {
			return // or it takes too long
		}
		r.PlainUnlessKeyed()
		e, err := r.Lookup(uri)
		again, second := r.Lookup(uri)
		if e != again || (err == nil) != (second == nil) {
			t.Fatalf("%q gives %v, %v, and then %v, %v", uri, e, err, again, second)
		}
		p := keyring.ParsePattern(pattern)
		if uri == "" || p.Matches(uri) || strings.HasPrefix(uri, "wamp") || strings.ContainsAny(uri, "*#") {
			return
		}
		if near := missedBy(p, uri) < 2 && p.URI != ""; near != errors.Is(err, keyring.ErrClosed) {
			t.Fatalf("near is %t for %q of %v, and the error %v", near, uri, p, err)
		}
	})
}

// Those who look and those who change meet; what is near in the end is found.
func TestConcurrentNearMisses(t *testing.T) {
	for range 30 {
		r := keyring.New()
		r.PlainUnlessKeyed()
		var wg sync.WaitGroup
		for g := range 4 {
			wg.Go(func() {
				for i := range 50 {
					p := exact(fmt.Sprintf("com.g%d.number%d", g, i))
					_, _ = r.Lookup(p.URI + "x")
					if err := r.Set(p, named("k")); err != nil {
						t.Error(err)
					}
					if _, err := r.Lookup(p.URI + "x"); !errors.Is(err, keyring.ErrClosed) {
						t.Errorf("%v isn't near at once: %v", p, err)
					}
				}
			})
			wg.Go(func() {
				if _, err := r.Update("file", ringOf(t, exact(fmt.Sprint("file", g)))); err != nil {
					t.Error(err)
				}
				for i := range 100 {
					_, _ = r.Lookup(fmt.Sprint("net.", g, i))
				}
			})
		}
		wg.Wait()
		for g := range 4 {
			for i := range 50 {
				uri := fmt.Sprintf("com.g%d.number%dx", g, i)
				require.True(t, closed(r, uri), uri)
			}
		}
	}
}
