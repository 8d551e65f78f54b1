package keyring_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

const app = "com.myapp."

// scrambling gives a secret that is always the same.
func scrambling(name string) cryptobox.ScrambleSecret {
	b := sha256.Sum256([]byte("scramble " + name))
	s, err := cryptobox.NewScrambleSecret(b[:])
	if err != nil {
		panic(err)
	}
	return s
}

// ours gives a key of our dialect.
func ours(id string) keyring.Key {
	secret := sha256.Sum256([]byte("secret of " + id))
	key, err := cryptobox.NewSymmetricKey(secret[:])
	if err != nil {
		panic(err)
	}
	return keyring.Shared(key)
}

// sealedRing sets patterns, each under a key of our dialect.
func sealedRing(t testing.TB, patterns ...keyring.Pattern) *keyring.Ring {
	t.Helper()
	r := keyring.New()
	for _, p := range patterns {
		require.NoError(t, r.Set(p, ours(p.String())))
	}
	return r
}

// scrambled has the URIs below app scrambled.
func scrambled(t testing.TB, r *keyring.Ring) *keyring.Ring {
	t.Helper()
	require.NoError(t, r.Scramble(app, scrambling("a")))
	return r
}

func scrambledOf(r *keyring.Ring) []keyring.Scrambled { return slices.Collect(r.Scrambled()) }

// ids gives those of forms, "" for the clear one.
func ids(forms []*keyring.Form) (names []string) {
	for _, f := range forms {
		names = append(names, f.ID())
	}
	return names
}

// TestScramblePrefixes: which prefixes may be scrambled.
func TestScramblePrefixes(t *testing.T) {
	secret := scrambling("a")
	for prefix, want := range map[string]error{
		"": keyring.ErrPattern, "com": keyring.ErrPattern, "com.myapp": keyring.ErrPattern, ".": keyring.ErrPattern, "com..": keyring.ErrPattern,
		"com.#.": keyring.ErrPattern, "com.*.": keyring.ErrPattern, "com. x.": keyring.ErrPattern, "\xff.": keyring.ErrPattern, "wamp.": keyring.ErrPattern, "wamp.x.": keyring.ErrPattern,
		"wampbox.error.": keyring.ErrPattern, "wampbox.errors.x.": keyring.ErrPattern, "wampbox.": keyring.ErrPattern,
		strings.Repeat("x", keyring.MaxPatternLength) + ".": keyring.ErrPattern, strings.Repeat("x.", keyring.MaxComponents): keyring.ErrPattern,
		"com.": nil, "com.myapp.": nil, "wampbox.other.": nil, "wamps.": nil, "é.": nil, strings.Repeat("x.", keyring.MaxComponents-1): nil,
	} {
		for name, change := range map[string]func(r *keyring.Ring) error{
			"Scramble":    func(r *keyring.Ring) error { return r.Scramble(prefix, secret) },
			"AddScramble": func(r *keyring.Ring) error { return r.AddScramble(prefix, secret, from(future)) },
			"AllowClear":  func(r *keyring.Ring) error { return r.AllowClear(prefix, future) },
			"Update":      func(r *keyring.Ring) error { _, err := r.Update("file", sourceOf(t, prefix, secret)); return err },
		} {
			r := keyring.New()
			if name == "Update" && want != nil {
				continue // the other ring has refused it
			}
			err := change(r)
			require.ErrorIs(t, err, want, "%s %.20q", name, prefix)
			require.Equal(t, want == nil, len(scrambledOf(r)) == 1, "%s %.20q", name, prefix)
			if want != nil {
				var ke *keyring.Error
				require.ErrorAs(t, err, &ke)
				require.Equal(t, keyring.Prefix(prefix), ke.Pattern)
			}
		}
	}
	r := keyring.New()
	for _, zero := range []error{r.Scramble(app, cryptobox.ScrambleSecret{}), r.AddScramble(app, cryptobox.ScrambleSecret{}, from(past))} {
		require.ErrorIs(t, zero, keyring.ErrKey)
	}
	require.Empty(t, scrambledOf(r))
}

// sourceOf makes what a source says that scrambles a prefix.
func sourceOf(t testing.TB, prefix string, secret cryptobox.ScrambleSecret, keyed ...keyring.Pattern) *keyring.Ring {
	t.Helper()
	r := sealedRing(t, keyed...)
	require.NoError(t, r.Scramble(prefix, secret))
	return r
}

// Scrambled prefixes don't nest, and lie apart from what is reserved.
func TestScrambledPrefixesAreApart(t *testing.T) {
	r := scrambled(t, keyring.New())
	require.NoError(t, r.Scramble("com.myapps.", scrambling("b")))
	require.NoError(t, r.Scramble("com.app.", scrambling("a")), "a secret may be of several")
	for _, nested := range []string{"com.", "com.myapp.x.", "com.myapp.x.y.z."} {
		require.ErrorIs(t, r.Scramble(nested, scrambling("b")), keyring.ErrScrambled, nested)
		require.ErrorIs(t, r.AllowClear(nested, future), keyring.ErrScrambled, nested)
		_, err := r.Update("file", sourceOf(t, nested, scrambling("b")))
		require.ErrorIs(t, err, keyring.ErrScrambled, nested)
	}
	require.Len(t, scrambledOf(r), 3)
	for uri, want := range map[string]string{
		"com.myapp.x": app, "com.myapp.x.y": app, "com.myapp.": "", "com.myapp": "", "com.myappx.y": "", "com.myapps.x": "com.myapps.", "com.app.x": "com.app.",
		"": "", "com.x": "", "org.x": "", "com.a.x": "", "com.z.x": "", "wamp.com.myapp.x": "",
	} {
		prefix, hidden := r.Hides(uri)
		require.Equal(t, want, prefix, uri)
		require.Equal(t, want != "", hidden, uri)
	}

	for _, p := range []string{app, "com.", "com.myapp.keys."} {
		require.ErrorIs(t, r.Reserve(p), keyring.ErrState, p)
	}
	r = keyring.New()
	require.NoError(t, r.Reserve("org.keys."))
	for _, p := range []string{"org.", "org.keys.", "org.keys.x."} {
		require.ErrorIs(t, r.Scramble(p, scrambling("a")), keyring.ErrPattern, p)
		_, err := r.Update("file", sourceOf(t, p, scrambling("a")))
		require.ErrorIs(t, err, keyring.ErrPattern, p)
	}
	require.NoError(t, r.Scramble("org.key.", scrambling("a")))
}

func TestScrambledPrefixesAreBounded(t *testing.T) {
	with := keyring.New()
	for i := range keyring.MaxScrambled {
		require.NoError(t, with.Scramble(fmt.Sprintf("com.a%d.", i), scrambling("a")))
	}
	require.ErrorIs(t, with.Scramble("com.more.", scrambling("a")), keyring.ErrState)
	require.NoError(t, with.Scramble("com.a7.", scrambling("b")), "one that there is")
	r := keyring.New()
	require.NoError(t, r.Scramble("com.more.", scrambling("a")))
	_, err := r.Update("file", with)
	require.ErrorIs(t, err, keyring.ErrState)
	require.Len(t, scrambledOf(r), 1)
	for i := range keyring.MaxVersions {
		require.NoError(t, r.AddScramble(app, scrambling(fmt.Sprint(i)), from(past.AddDate(0, 0, i))))
	}
	require.ErrorIs(t, r.AddScramble(app, scrambling("more"), from(future)), keyring.ErrState)
	require.Len(t, scrambledOf(r)[1].Secrets, keyring.MaxVersions)
}

// unfit are entries that can't be below a scrambled prefix, with what they are refused by.
var unfit = map[string]struct {
	pattern keyring.Pattern
	set     func(r *keyring.Ring, p keyring.Pattern) error
	want    error
}{
	"Set foreign":         {exact("com.myapp.x"), func(r *keyring.Ring, p keyring.Pattern) error { return r.Set(p, named("k")) }, keyring.ErrScrambled},
	"Add foreign":         {wild("com.myapp..x"), func(r *keyring.Ring, p keyring.Pattern) error { return r.Add(p, named("k"), from(past)) }, keyring.ErrScrambled},
	"SetVersions foreign": {prefix("com.myapp.x."), func(r *keyring.Ring, p keyring.Pattern) error { return r.SetVersions(p, dated("k", past)) }, keyring.ErrScrambled},
	"SetPlain":            {exact("com.myapp.x"), func(r *keyring.Ring, p keyring.Pattern) error { return r.SetPlain(p) }, keyring.ErrScrambled},
	"SetPlain of all":     {prefix(app), func(r *keyring.Ring, p keyring.Pattern) error { return r.SetPlain(p) }, keyring.ErrScrambled},
	"Set within a component": {prefix("com.myapp.or"), func(r *keyring.Ring, p keyring.Pattern) error {
		return r.Set(p, ours("k"))
	}, keyring.ErrPattern},
	"Set what is too long": {wild(app + strings.Repeat("a.", 60)), func(r *keyring.Ring, p keyring.Pattern) error {
		return r.Set(p, ours("k"))
	}, keyring.ErrPattern},
	"Transition": {exact("com.myapp.x"), func(r *keyring.Ring, p keyring.Pattern) error {
		if r.Versions(p) == nil {
			if err := r.Set(p, ours("own")); err != nil {
				return err
			}
		}
		return r.Transition(p, keyring.AcceptPlain, future)
	}, keyring.ErrScrambled},
	"a foreign version beside ours": {exact("com.myapp.x"), func(r *keyring.Ring, p keyring.Pattern) error {
		if r.Versions(p) == nil {
			if err := r.Set(p, ours("own")); err != nil {
				return err
			}
		}
		return r.Add(p, named("k"), from(future))
	}, keyring.ErrScrambled},
}

// TestUnfitBelowScrambled: what can't be scrambled can't be set below the prefix, nor the prefix
// be scrambled above it, by whatever way.
func TestUnfitBelowScrambled(t *testing.T) {
	for name, tc := range unfit {
		t.Run(name, func(t *testing.T) {
			r := scrambled(t, keyring.New())
			require.ErrorIs(t, tc.set(r, tc.pattern), tc.want)

			given := keyring.New()
			require.NoError(t, tc.set(given, tc.pattern), "elsewhere it can be")
			fresh := scrambled(t, keyring.New())
			before := fresh.Generation()
			_, err := fresh.Update("file", given, prefix(""))
			require.ErrorIs(t, err, tc.want)
			require.Equal(t, before, fresh.Generation())

			have := keyring.New()
			require.NoError(t, tc.set(have, tc.pattern))
			before = have.Generation()
			require.ErrorIs(t, have.Scramble(app, scrambling("a")), tc.want)
			require.ErrorIs(t, have.AllowClear(app, future), tc.want)
			_, err = have.Update("file", sourceOf(t, app, scrambling("a")))
			require.ErrorIs(t, err, tc.want)
			require.Equal(t, before, have.Generation())
			require.Empty(t, scrambledOf(have))

			require.NoError(t, r.Unscramble(app))
			require.NoError(t, tc.set(r, tc.pattern))
		})
	}
	r := scrambled(t, keyring.New())
	for _, p := range list(prefix(""), prefix("com."), prefix("com.my"), wild(".myapp.x"), wild("com..y"), exact("com.myapp"), exact("com.myapps.x"), prefix("com.myapps")) {
		require.NoError(t, r.SetPlain(p), "what isn't below may be anything")
	}
	long := wild(app + strings.Repeat("a.", 59)) // 1024 bytes, one more component has more
	require.NoError(t, r.Set(long, ours("k")))
	form, err := r.Forms("realm1").Send("com.myapp.x")
	require.NoError(t, err)
	uri := app + strings.Repeat("a.", 59) + "x"
	require.Len(t, form.Pattern(long).URI, len(app)+59*17)
	e, err := form.Lookup(form.URI(uri))
	require.NoError(t, err)
	require.Equal(t, long, e.Pattern())
}

// Revoked versions and closed patterns are in nobody's way.
func TestRevokedBelowScrambled(t *testing.T) {
	r := sealedRing(t, prefix("com.myapp.a."))
	require.NoError(t, r.Set(prefix("com.myapp.or"), ours("or")))
	require.NoError(t, r.Remove(prefix("com.myapp.or")))
	require.NoError(t, r.Set(exact("com.myapp.f"), named("f")))
	require.NoError(t, r.Remove(exact("com.myapp.f")))
	scrambled(t, r)
	for _, uri := range []string{"com.myapp.or", "com.myapp.orders.x", "com.myapp.f"} {
		require.True(t, closed(r, uri), uri)
	}
	require.NoError(t, r.Revoke(prefix("com.myapp.a."), r.Versions(prefix("com.myapp.a."))[0].ID))
	_, err := look(t, r, "com.myapp.a.x").Sealer(keyring.RoleOriginator)
	require.ErrorIs(t, err, keyring.ErrNoActive)
	require.ErrorIs(t, r.Set(prefix("com.myapp.or"), ours("new")), keyring.ErrPattern)
}

// TestLookupBelowScrambled: only what lies below the prefix counts there, in any kind, also where
// something wider would come first.
func TestLookupBelowScrambled(t *testing.T) {
	for _, wide := range list(prefix(""), prefix("com."), prefix("com.my"), wild(".myapp.a.x"), wild("com..a.x"), exact("com.myapp")) {
		for name, set := range map[string]func(r *keyring.Ring) error{
			"keyed":    func(r *keyring.Ring) error { return r.Set(wide, ours("wide")) },
			"plain":    func(r *keyring.Ring) error { return r.SetPlain(wide) },
			"unkeyed":  func(r *keyring.Ring) error { r.PlainUnlessKeyed(); return nil },
			"a source": func(r *keyring.Ring) error { _, err := r.Update("wide", content(t, list(wide))); return err },
			"closed": func(r *keyring.Ring) error {
				if err := r.Set(wide, ours("wide")); err != nil {
					return err
				}
				return r.Remove(wide)
			},
		} {
			r := scrambled(t, keyring.New())
			require.NoError(t, set(r))
			for _, uri := range []string{"com.myapp.a.x", "com.myapp.other", "com.myapp."} {
				_, err := r.Lookup(uri)
				require.ErrorIs(t, err, keyring.ErrClosed, "%s %v %s", name, wide, uri)
				require.ErrorContains(t, err, `no pattern below "com.myapp." matches, and where URIs are scrambled no other counts: give it a key`)
				require.NotContains(t, err.Error(), "plain", "nothing can be there")
				var ke *keyring.Error
				require.ErrorAs(t, err, &ke)
				require.Equal(t, prefix(app), ke.Pattern)
			}
			for _, below := range list(wild("com.myapp..x"), prefix("com.myapp.a."), exact("com.myapp.a.x")) {
				if below.Match == keyring.MatchWildcard && wide.Match == keyring.MatchWildcard {
					below = wild("com.myapp..") // the other would tie
				}
				require.NoError(t, r.Set(below, ours("below")), "%s %v", name, wide)
				require.Equal(t, below, found(t, r, "com.myapp.a.x"), "%s %v", name, wide)
				form, err := r.Forms("realm1").Send("com.myapp.a.x")
				require.NoError(t, err)
				e, err := form.Lookup(form.URI("com.myapp.a.x"))
				require.NoError(t, err)
				require.Equal(t, below, e.Pattern())
			}
		}
	}
}

// A near miss is named below a prefix as elsewhere, and changes nothing. A wide pattern that doesn't count
// there isn't one, though it matches.
func TestNearMissBelowScrambled(t *testing.T) {
	r := scrambled(t, sealedRing(t, exact("com.myapp.order"), prefix("com.myapp.secret."), wild("..kept")))
	require.NoError(t, r.SetPlain(prefix("com.")))
	r.PlainUnlessKeyed()
	for uri, near := range map[string]keyring.Pattern{
		"com.myapp.orders": exact("com.myapp.order"), "com.myapp.Order": exact("com.myapp.order"), "com.myapp.secrets.x": prefix("com.myapp.secret."), "com.myapp.nothing": {}, "com.myapp.kept": {},
		"com.myap.order": exact("com.myapp.order"), "commyapp.order": exact("com.myapp.order"),
	} {
		_, err := r.Lookup(uri)
		require.ErrorIs(t, err, keyring.ErrClosed, uri)
		var ke *keyring.Error
		require.ErrorAs(t, err, &ke)
		require.Equal(t, near, ke.Near, uri)
	}
	require.True(t, look(t, r, "com.other.x").Plain())
}

// TestOverlapBelowScrambled: wide entries have nothing in common with what lies below.
func TestOverlapBelowScrambled(t *testing.T) {
	r := scrambled(t, sealedRing(t, prefix("com.myapp.a."), wild("org..x")))
	require.NoError(t, r.SetPlain(prefix("com.")))
	require.NoError(t, r.SetPlain(wild("..x")))
	r.PlainUnlessKeyed()
	none := keyring.Pattern{}
	for _, tc := range []struct{ asked, withKey, withoutKey keyring.Pattern }{
		{prefix(app), prefix("com.myapp.a."), none},
		{prefix("com.myapp.b."), none, none},
		{wild("com.myapp..x"), prefix("com.myapp.a."), none},
		{wild("com.myapp.b."), none, none},
		{prefix("com.myapp.a.b."), prefix("com.myapp.a."), none},
		{exact("com.myapp.b.x"), none, none},
		{prefix("com.other."), none, prefix("com.")},
		{prefix("org."), wild("org..x"), prefix("")},
	} {
		withKey, withoutKey, both := r.Overlap(tc.asked)
		require.Equal(t, tc.withKey, withKey, tc.asked)
		require.Equal(t, tc.withoutKey, withoutKey, tc.asked)
		require.Equal(t, withKey != none && withoutKey != none, both)
	}
	require.NoError(t, r.Unscramble(app))
	_, withoutKey, both := r.Overlap(prefix(app))
	require.Equal(t, prefix("com."), withoutKey)
	require.True(t, both)
}

// TestScrambleDates: states, who is sent under what, and when that changes.
func TestScrambleDates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, start := scrambled(t, keyring.New()), time.Now()
		forms := r.Forms("realm1")
		a, b := scrambling("a").ID().String(), scrambling("b").ID().String()
		require.NoError(t, r.AddScramble(app, scrambling("b"), keyring.Dates{ActiveFrom: start.Add(time.Hour), NotAfter: start.Add(4 * time.Hour)}))
		require.NoError(t, r.SetScrambleDates(app, a, keyring.Dates{NotAfter: start.Add(2 * time.Hour)}))
		check := func(at time.Duration, sends string, receives []string, next time.Duration, states ...keyring.State) {
			t.Helper()
			time.Sleep(time.Until(start.Add(at)))
			form, err := forms.Send("com.myapp.x")
			if sends == "" {
				require.ErrorIs(t, err, keyring.ErrNoActive)
				require.ErrorContains(t, err, b+" was until ")
				require.ErrorContains(t, err, `no secret scrambles the URIs below "com.myapp." now`)
			} else {
				require.NoError(t, err)
				require.Equal(t, sends, form.ID())
			}
			got, until, err := forms.Receive(exact("com.myapp.x"))
			require.Equal(t, receives, ids(got))
			require.Equal(t, receives == nil, err != nil)
			want := start.Add(next + 1)
			switch {
			case next == time.Hour:
				want = start.Add(next) // it begins with that moment, others end behind it
			case next == 0:
				want = time.Time{}
			}
			require.True(t, want.Equal(until), "%v %v", want, until)
			var have []keyring.State
			for _, s := range scrambledOf(r)[0].Secrets {
				have = append(have, s.State)
			}
			require.Equal(t, states, have)
		}
		check(0, a, []string{a, b}, time.Hour, keyring.StatePending, keyring.StateActive)
		check(time.Hour-1, a, []string{a, b}, time.Hour, keyring.StatePending, keyring.StateActive)
		check(time.Hour, b, []string{b, a}, 2*time.Hour, keyring.StateActive, keyring.StateRetired)
		check(2*time.Hour, b, []string{b, a}, 2*time.Hour, keyring.StateActive, keyring.StateRetired)
		check(2*time.Hour+1, b, []string{b}, 4*time.Hour, keyring.StateActive, keyring.StateExpired)
		check(4*time.Hour, b, []string{b}, 4*time.Hour, keyring.StateActive, keyring.StateExpired)
		require.NoError(t, r.SetScrambleDates(app, a, keyring.Dates{}))
		check(4*time.Hour+1, "", []string{a}, 0, keyring.StateExpired, keyring.StateRetired)
		require.NoError(t, r.AllowClear(app, start.Add(9*time.Hour)))
		_, err := forms.Send("com.myapp.x")
		require.ErrorIs(t, err, keyring.ErrNoActive, "an expired secret is no reason to send clear")
		got, _, err := forms.Receive(exact("com.myapp.x"))
		require.NoError(t, err)
		require.Equal(t, []string{a, ""}, ids(got))
	})
}

// TestAllowClear: a system that runs begins with scrambling without a message lost.
func TestAllowClear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, start := sealedRing(t, prefix(app)), time.Now()
		forms, a := r.Forms("realm1"), scrambling("a").ID().String()
		check := func(sends string, receives ...string) {
			t.Helper()
			form, err := forms.Send("com.myapp.x")
			if sends == "none" {
				require.ErrorIs(t, err, keyring.ErrNoActive)
			} else {
				require.NoError(t, err)
				require.Equal(t, sends, form.ID())
			}
			got, _, err := forms.Receive(prefix(app))
			require.Equal(t, len(receives) == 0, err != nil)
			require.Equal(t, receives, ids(got))
			if err != nil {
				require.ErrorIs(t, err, keyring.ErrNoActive)
			}
		}
		require.False(t, forms.Any())
		check("", "")
		require.NoError(t, r.AllowClear(app, start.Add(2*time.Hour)))
		require.True(t, forms.Any())
		check("", "")
		require.NoError(t, r.AddScramble(app, scrambling("a"), from(start.Add(time.Hour))))
		check("", "", a)
		require.True(t, start.Add(2*time.Hour).Equal(scrambledOf(r)[0].ClearUntil))
		time.Sleep(time.Hour)
		check(a, a, "")
		time.Sleep(time.Hour)
		check(a, a, "")
		time.Sleep(time.Nanosecond)
		check(a, a)
		require.NoError(t, r.AllowClear(app, start.Add(9*time.Hour)))
		check(a, a, "")
		require.NoError(t, r.AllowClear(app, time.Time{}))
		check(a, a)
		require.NoError(t, r.SetScrambleDates(app, a, from(start.Add(5*time.Hour))))
		check("none", a)
		_, err := forms.Send("com.myapp.x")
		require.ErrorContains(t, err, a+" will be from ")
		require.NoError(t, r.RemoveScramble(app, a))
		check("none")
		_, err = forms.Send("com.myapp.x")
		require.ErrorContains(t, err, "a change took them away")
		require.NoError(t, r.Scramble(app, scrambling("b")), "the program's own word")
		require.NoError(t, r.Unscramble(app))
		check("", "")
	})
}

// TestChangeOfSecrets: what is refused, and leaves all as it is.
func TestChangeOfSecrets(t *testing.T) {
	r := scrambled(t, keyring.New())
	a, b := scrambling("a").ID().String(), scrambling("b").ID().String()
	require.NoError(t, r.AddScramble(app, scrambling("b"), from(future)))
	before := r.Generation()
	for name, tc := range map[string]struct {
		err  error
		want error
	}{
		"the same secret":      {r.AddScramble(app, scrambling("a"), from(past)), keyring.ErrVersionExists},
		"the same date":        {r.AddScramble(app, scrambling("c"), from(future)), keyring.ErrState},
		"always, twice":        {r.AddScramble(app, scrambling("c"), keyring.Dates{}), keyring.ErrState},
		"an end before":        {r.AddScramble(app, scrambling("c"), keyring.Dates{ActiveFrom: future, NotAfter: past}), keyring.ErrState},
		"dates: the same":      {r.SetScrambleDates(app, b, keyring.Dates{}), keyring.ErrState},
		"dates: an end before": {r.SetScrambleDates(app, b, keyring.Dates{ActiveFrom: future, NotAfter: past}), keyring.ErrState},
		"dates: unknown":       {r.SetScrambleDates(app, scrambling("c").ID().String(), from(past)), keyring.ErrNoVersion},
		"dates: no prefix":     {r.SetScrambleDates("org.", a, from(past)), keyring.ErrNoVersion},
		"remove: unknown":      {r.RemoveScramble(app, ""), keyring.ErrNoVersion},
		"remove: in use":       {r.RemoveScramble(app, a), keyring.ErrState},
		"remove: no prefix":    {r.RemoveScramble("org.", a), keyring.ErrNoVersion},
		"unscramble":           {r.Unscramble("org."), keyring.ErrNoVersion},
		"unscramble within":    {r.Unscramble("com.myapp.x."), keyring.ErrNoVersion},
	} {
		require.ErrorIs(t, tc.err, tc.want, name)
		var ke *keyring.Error
		require.ErrorAs(t, tc.err, &ke, name)
		require.Equal(t, "scramble", ke.Op, name)
	}
	require.Equal(t, before, r.Generation())
	require.NoError(t, r.SetScrambleDates(app, b, from(past)))
	require.NoError(t, r.RemoveScramble(app, a), "another is in use")
	told := scrambledOf(r)
	require.Len(t, told, 1)
	require.Equal(t, []keyring.ScrambledBy{{ID: b, State: keyring.StateActive, Dates: from(past)}}, told[0].Secrets)
	require.NoError(t, r.Scramble(app, scrambling("c")))
	require.Len(t, scrambledOf(r)[0].Secrets, 1, "it replaces what there was")
}
