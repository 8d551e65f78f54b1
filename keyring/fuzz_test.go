package keyring_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// seed is one input of FuzzPattern.
type seed struct {
	text  string
	match uint8
	uri   string
}

// seeds are the near misses, and what a mutation rarely makes.
func seeds() []seed {
	list := []seed{
		{"", 2, "com.foo"}, {"", 1, ""}, {"", 3, ""}, {"com.foo", 0, "com.foo"}, {"com.foo", 4, "com.foo"},
		{"wa", 2, "wamp.x"}, {"wamp.", 2, "wamp.x"}, {".x", 3, "wamp.x"}, {"wamp.", 3, "wamp.x"}, {"", 2, "wamp.x"},
		{"com.#", 1, "com.#"}, {"com.*", 2, "com.x"}, {"com.foo", 1, "com.FOO"}, {"x", 1, "A" + strings.Repeat("\xff", 100)},
		{"wampbox.", 2, "wampbox.error.x"}, {"wampbox.error", 1, "wampbox.error"}, {"", 2, "wampbox.errors"}, {"wampbox..x", 3, "wampbox.error.x"}, {"com.\xff", 2, "com.\xff"}, {"com. x", 3, "com. x"},
		{strings.Repeat(".", 63) + "x", 3, strings.Repeat("a.", 63) + "x"},
		{strings.Repeat(".", 64) + "x", 3, strings.Repeat("a.", 64) + "x"},
		{"." + strings.Repeat("x", keyring.MaxPatternLength-1), 3, "a." + strings.Repeat("x", keyring.MaxPatternLength)},
		{strings.Repeat("x", keyring.MaxPatternLength+1), 1, "x"},
	}
	for _, tc := range nearMisses {
		for _, uri := range append(tc.yes[:len(tc.yes):len(tc.yes)], tc.no...) {
			list = append(list, seed{tc.pattern.URI, uint8(tc.pattern.Match), uri})
		}
	}
	return list
}

func TestFuzzSeeds(t *testing.T) {
	var valid, invalid, matching int
	for _, s := range seeds() {
		p := keyring.Pattern{URI: s.text, Match: keyring.Match(s.match)}
		if p.Validate() == nil {
			valid++
		} else {
			invalid++
		}
		if p.Matches(s.uri) {
			matching++
		}
	}
	require.Greater(t, valid, 50)
	require.Greater(t, invalid, 5)
	require.Greater(t, matching, 20)
}

func FuzzPattern(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s.text, s.match, s.uri)
	}
	key := named("k")
	f.Fuzz(func(t *testing.T, text string, match uint8, uri string) {
		p := keyring.Pattern{URI: text, Match: keyring.Match(match)}
		r := keyring.New()
		invalid, refused := p.Validate(), r.Set(p, key)
		if (invalid == nil) != (refused == nil) {
			t.Fatalf("Validate says %v, Set %v", invalid, refused)
		}
		e, err := r.Lookup(uri)
		keyed := err == nil && !e.Plain()
		if invalid != nil {
			if keyed || p.Matches(uri) || r.Len() != 0 || r.Remove(p) == nil {
				t.Fatalf("invalid, yet used: %v", p)
			}
			return
		}
		own, ours := strings.HasPrefix(uri, "wamp."), strings.HasPrefix(uri, "wampbox.error")
		want := p.Matches(uri) && !ours && (!own || strings.HasPrefix(text, "wamp."))
		if keyed != want || keyed && e.Pattern() != p {
			t.Fatalf("Matches says %v of %q, Lookup %v", want, uri, e)
		}
		if ours != errors.Is(err, keyring.ErrReserved) || !ours && !own && !want != errors.Is(err, keyring.ErrClosed) {
			t.Fatalf("%q gives %v", uri, err)
		}
		// A valid pattern's text is itself among the URIs that it keys.
		if _, err := r.Lookup(text); (err == nil) != (text != "") {
			t.Fatalf("%v doesn't key its own text: %v", p, err)
		}
		if r.Remove(p) != nil || r.Len() != 0 {
			t.Fatalf("%v can't be removed", p)
		}
		if e, err := r.Lookup(uri); err == nil && !e.Plain() {
			t.Fatalf("%v is still found", p)
		}
		r.PlainUnlessKeyed()
		if _, err := r.Lookup(uri); want && !errors.Is(err, keyring.ErrClosed) {
			t.Fatalf("%q was keyed, and isn't closed: %v", uri, err)
		}
	})
}
