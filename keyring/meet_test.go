package keyring

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// meetWords are what the patterns of this test are made of. The URIs have those words too,
// and each beginning of one with a letter behind it that no pattern has.
var meetWords = []string{"a", "b", "ab", "wamp"}

func meetURIs() []string {
	words := slices.Clone(meetWords)
	for _, w := range append(slices.Clone(meetWords), "") {
		for i := range len(w) + 1 {
			if fresh := w[:i] + "z"; !slices.Contains(words, fresh) {
				words = append(words, fresh)
			}
		}
	}
	words = append(words, "")
	uris, all := []string{""}, []string{}
	for range 3 {
		var longer []string
		for _, u := range uris {
			for _, w := range words {
				longer = append(longer, strings.TrimPrefix(u+"."+w, "."))
			}
		}
		uris = longer
		all = append(all, uris...)
	}
	for _, u := range uris[:len(uris):len(uris)] { // beyond what wildcards of the test match
		all = append(all, u+".z")
	}
	return slices.DeleteFunc(all, func(u string) bool { return u == "" || isReserved(u) })
}

// meetPattern draws from so few that patterns meet often.
func meetPattern(rnd *rand.Rand) Pattern {
	for {
		parts := make([]string, 1+rnd.Intn(3))
		for i := range parts {
			parts[i] = meetWords[rnd.Intn(len(meetWords))]
		}
		p := Pattern{Match: Match(1 + rnd.Intn(3))}
		if p.Match == MatchWildcard {
			for i := range parts {
				if rnd.Intn(2) == 0 {
					parts[i] = ""
				}
			}
		}
		p.URI = strings.Join(parts, ".")
		if p.Match == MatchPrefix {
			p.URI = p.URI[:rnd.Intn(len(p.URI)+1)]
		}
		if p.problem() == "" {
			return p
		}
	}
}

// about tells whether a URI is among those that a pattern has to do with.
func (p Pattern) about(uri string) bool {
	return p.Matches(uri) && (p.own() || !strings.HasPrefix(uri, reserved))
}

// What patterns have in common, and what covers them, is what trying all URIs gives; and
// the URI that stands for what they have in common does so for every other pattern.
func TestMeetAndCovers(t *testing.T) {
	rnd, uris := rand.New(rand.NewSource(11)), meetURIs()
	var met, apart, covered, stood int
	for range 1200 {
		p, q, other := meetPattern(rnd), meetPattern(rnd), meetPattern(rnd)
		var common, of int
		all := true
		for _, u := range uris {
			if q.about(u) {
				of++
			}
			if p.about(u) && q.about(u) {
				common++
				all = all && other.about(u)
			}
		}
		uri, ok := p.meet(q)
		require.Equal(t, common > 0, ok, "%v, %v", p, q)
		require.Equal(t, common == of, p.covers(q), "%v covers %v", p, q)
		back, also := q.meet(p)
		require.Equal(t, ok, also)
		if !ok {
			apart++
			continue
		}
		require.Equal(t, uri, back)
		met++
		require.True(t, p.about(uri) && q.about(uri), "%q of %v and %v", uri, p, q)
		require.Equal(t, all, other.about(uri) && other.own() == p.own(), "%q of %v and %v, %v", uri, p, q, other)
		if common == of {
			covered++
		}
		if all {
			stood++
		}
	}
	for _, n := range []int{met, apart, covered, stood} {
		require.Greater(t, n, 20)
	}
}

// Patterns that nobody can set may be asked for all the same.
func TestMeetOfInvalidPatterns(t *testing.T) {
	for _, tc := range []struct {
		asked, held Pattern
		meet        bool
	}{
		{Wildcard(".."), Exact("a.b.c"), true},
		{Wildcard(".."), Exact("a.b"), false},
		{Wildcard(".."), Prefix("a.b"), true},
		{Wildcard(""), Exact("a"), true},
		{Prefix("a..b"), Wildcard("a..bc"), true},
		{Prefix("a..b"), Wildcard("a.c.b"), false},
		{Prefix("com.*"), Prefix("com."), true},
		{Exact("com.*"), Prefix("com."), true},
		{Exact(""), Prefix(""), false},
		{Wildcard(strings.Repeat(".", 99)), Prefix("a"), true},
	} {
		uri, ok := tc.asked.meet(tc.held)
		require.Equal(t, tc.meet, ok, "%v %v", tc.asked, tc.held)
		if ok {
			require.True(t, tc.held.Matches(uri))
		}
	}
	require.False(t, Prefix("com.*").covers(Prefix("com.")), "what stands for all is no star of ours")
}

// Below a pattern is what it would beat, all of it and nothing else.
func TestBelow(t *testing.T) {
	rnd, uris := rand.New(rand.NewSource(12)), meetURIs()
	seen := 0
	for range 300 {
		r := New()
		for range 12 {
			_ = r.SetPlain(meetPattern(rnd))
		}
		p := meetPattern(rnd)
		if _, tied := r.ties.find(p.URI); p.Match == MatchExact || r.snapshot().get(p) != nil || p.Match == MatchWildcard && tied {
			continue
		}
		s := r.snapshot()
		next, below := s.with(&Entry{pattern: p}), map[*Entry]bool{}
		for e := range s.below(p) {
			below[e] = true
			require.False(t, e.pattern == p)
		}
		for _, u := range uris {
			before, after := s.lookup(u), next.lookup(u)
			if before != nil && after.pattern == p {
				require.True(t, below[before], "%v loses %q to %v", before, u, p)
				seen++
			}
			if p.about(u) && before != nil && after == before && before.pattern.Match != MatchWildcard {
				require.False(t, below[before], "%v keeps %q from %v", before, u, p)
			}
		}
		for range s.below(p) { // it may be left early
			break
		}
	}
	require.Greater(t, seen, 300)
}

// What a ring takes in by a pattern is what trying all URIs gives.
func TestOverlapAgreesWithAllURIs(t *testing.T) {
	rnd, uris := rand.New(rand.NewSource(13)), meetURIs()
	counts := map[string]int{}
	for range 400 {
		r := New()
		for i := range 1 + rnd.Intn(12) {
			p := meetPattern(rnd)
			switch rnd.Intn(4) {
			case 0:
				_ = r.Set(p, meetKey)
				_ = r.Remove(p)
			case 1:
				_ = r.Set(p, meetKey)
			default:
				_ = r.SetPlain(p)
			}
			if i == 5 && rnd.Intn(2) == 0 {
				r.PlainUnlessKeyed()
			}
		}
		for range 6 {
			p := meetPattern(rnd)
			withKey, withoutKey, both := r.Overlap(p)
			hasKey, isPlain := tryAll(r, p, uris)
			about := fmt.Sprintf("%v in %v", p, slices.Collect(r.Patterns()))
			require.Equal(t, hasKey, withKey != Pattern{}, about)
			require.Equal(t, isPlain, withoutKey != Pattern{}, about)
			require.Equal(t, hasKey && isPlain, both, about)
			requireNamed(t, r, withKey, keyed)
			requireNamed(t, r, withoutKey, plain)
			counts[fmt.Sprint(hasKey, isPlain)]++
		}
	}
	for _, which := range []string{"true true", "true false", "false true", "false false"} {
		require.Greater(t, counts[which], 100, which)
	}
}

var meetKey = Revoked("k").usable()

// usable makes a key whose secret no test needs.
func (k Key) usable() Key {
	k.kind = kindShared
	return k
}

// tryAll tells whether URIs of a pattern are keyed, and whether any are plain. It takes no
// account of near misses, which are closed where all else is plain.
func tryAll(r *Ring, p Pattern, uris []string) (hasKey, isPlain bool) {
	s := r.snapshot()
	for _, u := range uris {
		if !p.about(u) {
			continue
		}
		switch e := s.lookup(u); {
		case e == nil:
			isPlain = isPlain || s.isOpen() || strings.HasPrefix(u, reserved)
		case e.standing == keyed:
			hasKey = true
		case e.standing == plain:
			isPlain = true
		}
	}
	return hasKey, isPlain
}

// requireNamed checks that what is named is what it is named for.
func requireNamed(t *testing.T, r *Ring, p Pattern, want standing) {
	t.Helper()
	switch e := r.snapshot().get(p); {
	case p == Pattern{}:
	case e != nil:
		require.Equal(t, want, e.standing)
	default:
		require.Equal(t, plain, want)
		require.Contains(t, []Pattern{Prefix(""), Prefix(reserved)}, p)
	}
}
