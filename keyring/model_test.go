package keyring_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// modelSeed is fixed: a failure is found again.
const modelSeed = 20_260_301

// model is a ring as one would first write it: a map, and a search through all
// of it. It gives the id of a pattern's key, or one of these.
type model map[keyring.Pattern]string

const (
	isPlain  = "plain"
	isClosed = "closed"
)

// held is how many patterns are keyed or plain.
func (m model) held() int {
	n := 0
	for _, what := range m {
		if what != isClosed {
			n++
		}
	}
	return n
}

// keys is the definition of which patterns key a URI.
func keys(p keyring.Pattern, uri string) bool {
	if strings.HasPrefix(uri, "wamp.") && !strings.HasPrefix(p.URI, "wamp.") {
		return false
	}
	switch p.Match {
	case keyring.MatchExact:
		return uri == p.URI
	case keyring.MatchPrefix:
		return strings.HasPrefix(uri, p.URI)
	}
	want, have := strings.Split(p.URI, "."), strings.Split(uri, ".")
	if len(want) != len(have) {
		return false
	}
	for i := range want {
		if want[i] != "" && want[i] != have[i] {
			return false
		}
	}
	return true
}

// rank orders patterns that key one URI; the highest wins.
func rank(p keyring.Pattern) int {
	switch {
	case p.Match == keyring.MatchExact:
		return 1_000_000
	case p == prefix(""):
		return 0
	case p.Match == keyring.MatchPrefix:
		return 1000 + len(p.URI)
	}
	return fixed(p.URI)
}

func fixed(pattern string) int {
	n := 0
	for _, c := range strings.Split(pattern, ".") {
		if c != "" {
			n++
		}
	}
	return n
}

// lookup gives all patterns of the highest rank. What is closed leaves alone what has a
// key, and closes the rest.
func (m model) lookup(uri string) []keyring.Pattern {
	var best []keyring.Pattern
	for p := range m {
		switch {
		case !keys(p, uri):
		case len(best) == 0 || rank(p) > rank(best[0]):
			best = []keyring.Pattern{p}
		case rank(p) == rank(best[0]):
			best = append(best, p)
		}
	}
	shut := func(p keyring.Pattern) bool { return m[p] == isClosed }
	if i := slices.IndexFunc(best, shut); len(best) > 1 && i >= 0 {
		if open := slices.DeleteFunc(slices.Clone(best), shut); len(open) > 0 && m[open[0]] != isPlain {
			return open
		}
		return best[i : i+1]
	}
	return best
}

// ties tells whether a wildcard ties with one in the model, by trying all URIs
// of its length over the alphabet of the test.
func (m model) ties(p keyring.Pattern) bool {
	for other := range m {
		if other.Match != keyring.MatchWildcard || other == p || m[other] == isClosed || fixed(other.URI) != fixed(p.URI) {
			continue
		}
		for _, uri := range urisOfCount(strings.Count(p.URI, ".") + 1) {
			if keys(p, uri) && keys(other, uri) {
				return true
			}
		}
	}
	return false
}

var letters = []string{"a", "b", "ab", "wamp"}

// urisOfCount gives all URIs of n components over the letters.
func urisOfCount(n int) []string {
	if n == 1 {
		return letters
	}
	var uris []string
	for _, rest := range urisOfCount(n - 1) {
		for _, c := range letters {
			uris = append(uris, c+"."+rest)
		}
	}
	return uris
}

// randomPattern draws from so small a set that patterns meet often.
func randomPattern(rnd *rand.Rand, wildOnly bool) keyring.Pattern {
	parts, match := make([]string, 1+rnd.Intn(4)), keyring.Match(1+rnd.Intn(3))
	if wildOnly {
		parts, match = make([]string, 3), keyring.MatchWildcard
	}
	for i := range parts {
		parts[i] = letters[rnd.Intn(len(letters))]
	}
	switch p := (keyring.Pattern{Match: match}); p.Match {
	case keyring.MatchPrefix:
		p.URI = strings.Join(parts, ".")
		p.URI = p.URI[:rnd.Intn(len(p.URI)+1)]
		return p
	case keyring.MatchWildcard:
		for i := range parts {
			if rnd.Intn(2) == 0 {
				parts[i] = ""
			}
		}
		fallthrough
	default:
		p.URI = strings.Join(parts, ".")
		return p
	}
}

func TestRingAgreesWithModel(t *testing.T) {
	t.Logf("seed %d", modelSeed)
	rnd := rand.New(rand.NewSource(modelSeed))
	var uris []string
	for n := 1; n <= 4; n++ {
		uris = append(uris, urisOfCount(n)...)
	}
	uris = append(uris, "", ".", "a.", ".a", "a..b", "wamp.", "wamp..b", "a.b..", "abc", "a.b.c.d.e", "wam")

	var set, refused, removed, hits int
	for round := range 200 {
		r, m := keyring.New(), model{}
		wildOnly := round%4 == 0 // where ties are many
		for step := range 60 {
			p, id := randomPattern(rnd, wildOnly), fmt.Sprint(step)
			if rnd.Intn(4) == 0 {
				removed += m.remove(t, r, p)
				continue
			}
			var err error
			if rnd.Intn(4) == 0 {
				id, err = isPlain, r.SetPlain(p)
			} else {
				err = r.Set(p, named(id))
			}
			switch {
			case p.Match == keyring.MatchWildcard && fixed(p.URI) == 0:
				require.ErrorIs(t, err, keyring.ErrPattern, p)
			case p.Match == keyring.MatchWildcard && m.ties(p):
				require.ErrorIs(t, err, keyring.ErrConflict, p)
				refused++
			default:
				require.NoError(t, err, "%v into %v", p, m)
				m[p] = id
				set++
			}
		}
		require.Equal(t, m.held(), r.Len())
		for _, uri := range uris {
			hits += agree(t, r, m, uri)
		}
	}
	// The comparison must have compared something.
	require.Greater(t, set, 1000)
	require.Greater(t, refused, 100)
	require.Greater(t, removed, 100)
	require.Greater(t, hits, 5000)
}

// agree compares one look-up, and gives 1 for a hit.
func agree(t *testing.T, r *keyring.Ring, m model, uri string) int {
	t.Helper()
	want := m.lookup(uri)
	if uri == "" {
		want = nil // never keyed
	}
	if len(want) == 0 {
		require.Zero(t, found(t, r, uri), "%q among %v", uri, m)
		return 0
	}
	require.Len(t, want, 1, "a tie got in: %q among %v", uri, m)
	e, err := r.Lookup(uri)
	switch what := m[want[0]]; what {
	case isClosed:
		require.ErrorIs(t, err, keyring.ErrClosed)
	case isPlain:
		if m.typo(uri, want[0]) {
			var refused *keyring.Error
			require.ErrorAs(t, err, &refused, "%q among %v", uri, m)
			require.ErrorIs(t, err, keyring.ErrClosed)
			require.NotEqual(t, isPlain, m[refused.Near], "%q among %v: %v", uri, m, err)
			return 1
		}
		require.NoError(t, err)
		require.True(t, e.Plain())
		require.Equal(t, want[0], e.Pattern())
	default:
		require.Equal(t, want[0], found(t, r, uri), "%q among %v", uri, m)
		require.Equal(t, what, idOf(t, r, uri))
	}
	return 1
}

// typo tells whether a URI that a pattern declares plain among others misses a more
// specific one that isn't plain by little. Of prefixes that is one which goes on behind it.
func (m model) typo(uri string, wide keyring.Pattern) bool {
	for p, what := range m {
		switch {
		case what == isPlain || wide.Match == keyring.MatchExact:
		case p.Match == keyring.MatchPrefix && wide.Match == keyring.MatchPrefix:
			if missedBehind(p, uri, len(wide.URI)) < 2 {
				return true
			}
		case narrower(p, wide) && missedBy(p, uri) < 2:
			return true
		}
	}
	return false
}

// narrower is the rank of kinds, and of components that wildcards fix.
func narrower(p, wide keyring.Pattern) bool {
	kind := func(p keyring.Pattern) int {
		if p == prefix("") {
			return 0
		}
		return slices.Index([]keyring.Match{0, keyring.MatchWildcard, keyring.MatchPrefix, keyring.MatchExact}, p.Match)
	}
	if kind(p) != kind(wide) {
		return kind(p) > kind(wide)
	}
	return fixed(p.URI) > fixed(wide.URI)
}

// remove takes a pattern off both, and gives 1 where it was there.
func (m model) remove(t *testing.T, r *keyring.Ring, p keyring.Pattern) int {
	t.Helper()
	err := r.Remove(p)
	switch what, had := m[p]; {
	case !had || what == isClosed:
		require.Error(t, err)
		return 0
	case what == isPlain:
		delete(m, p)
	default:
		m[p] = isClosed
	}
	require.NoError(t, err, p)
	return 1
}

func TestModelAlphabetCoversWAMP(t *testing.T) {
	require.True(t, slices.Contains(letters, "wamp"))
	require.Len(t, urisOfCount(4), 256)
}
