package keyring_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// components are few, so that patterns meet often.
var components = []string{"a", "b", "ab"}

// below draws a text of a few components, some of them empty, behind a prefix.
func below(t *rapid.T, prefix string, empty bool) string {
	from := components
	if empty {
		from = append([]string{"", ""}, from...)
	}
	return prefix + strings.Join(rapid.SliceOfN(rapid.SampledFrom(from), 1, 3).Draw(t, "components"), ".")
}

// drawPattern draws a pattern below a scrambled prefix, above it, or beside it.
func drawPattern(t *rapid.T) keyring.Pattern {
	begins := rapid.SampledFrom([]string{"s.x.", "s.x.", "s.x.", "s.x.", "s.", "s.y.", ""}).Draw(t, "begins")
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		return exact(below(t, begins, false))
	case 1:
		return prefix(below(t, begins, false) + ".")
	case 2:
		return prefix(below(t, begins, false))
	case 3:
		return prefix(begins)
	}
	return wild(below(t, begins, true))
}

// change changes the ring in some way, which it may refuse.
func change(t *rapid.T, r *keyring.Ring, step int) {
	p := drawPattern(t)
	switch rapid.IntRange(0, 9).Draw(t, "change") {
	case 0, 1, 2, 3:
		_ = r.Set(p, ours(fmt.Sprint(step)))
	case 4:
		_ = r.SetPlain(p)
	case 5, 6:
		_ = r.Remove(p)
	case 7:
		_ = r.Add(p, ours(fmt.Sprint(step)), from(past.AddDate(0, 0, step)))
	case 8:
		_ = r.Set(p, named(fmt.Sprint(step)))
	case 9:
		with := keyring.New()
		for range rapid.IntRange(0, 3).Draw(t, "patterns") {
			_ = with.Set(drawPattern(t), ours(fmt.Sprint("file", step)))
		}
		_, _ = r.Update("file", with)
	}
}

// TestFormAgreesWithLookup: through any changes of a ring a Form finds, by what the router says of
// a URI, the entry that counts for the URI; and what was kept up by each change is what is made
// anew.
func TestFormAgreesWithLookup(t *testing.T) {
	var uris []string
	for _, begins := range []string{"s.x.", "s.y.", "s.", ""} {
		for n := 1; n <= 3; n++ {
			uris = append(uris, urisOf(begins, n)...)
		}
	}
	var hits, misses, more int
	rapid.Check(t, func(t *rapid.T) {
		r := keyring.New()
		for step := range rapid.IntRange(0, 5).Draw(t, "before") {
			change(t, r, step)
		}
		if r.Scramble("s.x.", scrambling("a")) != nil {
			t.Skip("a pattern that can't be below")
		}
		kept := formOf(nilTB{}, r, "kept", "s.x.a")
		for step := range rapid.IntRange(1, 15).Draw(t, "after") {
			_, _ = kept.Lookup("")
			change(t, r, 100+step)
		}
		anew := formOf(nilTB{}, r, "anew", "s.x.a")
		for _, uri := range uris {
			e, err := r.Lookup(uri)
			_, hidden := r.Hides(uri)
			for _, form := range []*keyring.Form{kept, anew} {
				got, gotErr := form.Lookup(form.URI(uri))
				switch {
				case !hidden:
					require.Error(t, gotErr, uri)
				case err == nil:
					require.NoError(t, gotErr, uri)
					require.Same(t, e, got, uri)
					hits++
				case gotErr == nil: // what is closed and ends within a component closes others too
					require.False(t, got.Plain())
					more++
				default:
					misses++
				}
			}
			one, oneErr := kept.Lookup(kept.URI(uri))
			two, twoErr := anew.Lookup(anew.URI(uri))
			require.Same(t, one, two, uri)
			require.Equal(t, oneErr == nil, twoErr == nil, uri)
		}
	})
	require.Greater(t, hits, 1000)
	require.Greater(t, misses, 1000)
	t.Log(hits, misses, more)
}

// urisOf gives all URIs of so many components behind what they begin with.
func urisOf(begins string, n int) (uris []string) {
	if n == 0 {
		return []string{""}
	}
	for _, c := range components {
		for _, rest := range urisOf("", n-1) {
			uris = append(uris, strings.TrimSuffix(begins+c+"."+rest, "."))
		}
	}
	return uris
}

// nilTB is for helpers that have nothing to report to.
type nilTB struct{ testing.TB }

func (nilTB) Helper() {}

// FuzzForm: whatever a router says, a Form gives an entry below its prefix that scrambles to what
// was said as far as it fixes it, or an error; and a URI's form says as much as the URI.
func FuzzForm(f *testing.F) {
	for _, s := range []string{"", ".", "com.myapp.", "com.myapp.a.b", "com.myapp..b", "com.myapp.a.", "com.other", "wamp.x", "wampbox.error", "com.myapp.\xff", "com.myapp.*", "com.myapp. ", strings.Repeat("com.myapp.x.", 50)} {
		f.Add(s, uint8(1))
		f.Add(s, uint8(3))
	}
	r := keyring.New()
	for _, p := range list(exact("com.myapp.a.b"), prefix("com.myapp.p."), wild("com.myapp..w"), prefix("")) {
		if err := r.Set(p, ours(p.String())); err != nil {
			f.Fatal(err)
		}
	}
	if err := r.Scramble(app, scrambling("a")); err != nil {
		f.Fatal(err)
	}
	if err := r.AddScramble(app, scrambling("b"), from(time.Now().Add(time.Hour))); err != nil {
		f.Fatal(err)
	}
	forms := r.Forms("realm1")
	form, err := forms.Send("com.myapp.x")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, said string, match uint8) {
		if e, err := form.Lookup(said); err == nil && !form.Pattern(e.Pattern()).Matches(said) || (err == nil) == (e == nil) {
			t.Fatalf("%q: %v, %v", said, e, err)
		}
		asked := keyring.Pattern{URI: said, Match: keyring.Match(match)}
		if p, known := form.Real(asked); known && form.Pattern(p) != asked {
			t.Fatalf("%v isn't %v", p, asked)
		}
		scrambled := form.URI(said)
		if strings.Count(scrambled, ".") != strings.Count(said, ".") || strings.HasPrefix(said, app) != strings.HasPrefix(scrambled, app) {
			t.Fatalf("%q became %q", said, scrambled)
		}
		if prefix, hidden := r.Hides(said); hidden {
			for i, c := range strings.Split(said[len(prefix):], ".") {
				s := strings.Split(scrambled[len(prefix):], ".")[i]
				if (c == "") != (s == "") || c != "" && (len(s) != 16 || c == s) {
					t.Fatalf("%q became %q", said, scrambled)
				}
			}
			want, wantErr := r.Lookup(said)
			e, err := form.Lookup(scrambled)
			if (err == nil) != (wantErr == nil) || e != want {
				t.Fatalf("%q gives %v, and scrambled %v", said, want, e)
			}
		}
		got, _, err := forms.Receive(asked)
		if (err == nil) != (len(got) > 0) {
			t.Fatalf("%v: %v, %v", asked, got, err)
		}
	})
}
