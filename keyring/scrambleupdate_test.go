package keyring_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Each source changes what it scrambles itself, and nobody else's.
func TestSourcesScramble(t *testing.T) {
	r := keyring.New()
	a, b := scrambling("a").ID().String(), scrambling("b").ID().String()
	require.Equal(t, []string{app}, update(t, r, "file", sourceOf(t, app, scrambling("a"), prefix("com.myapp.x."))).Scrambled)
	changes := update(t, r, "file", sourceOf(t, app, scrambling("a"), prefix("com.myapp.x.")))
	require.True(t, changes.Empty(), changes)
	require.Equal(t, []string{"org."}, update(t, r, "grants", sourceOf(t, "org.", scrambling("b"))).Scrambled)
	require.Equal(t, []keyring.Scrambled{
		{Prefix: app, Source: "file", Secrets: []keyring.ScrambledBy{{ID: a, State: keyring.StateActive}}},
		{Prefix: "org.", Source: "grants", Secrets: []keyring.ScrambledBy{{ID: b, State: keyring.StateActive}}},
	}, scrambledOf(r))

	before := r.Generation()
	for name, err := range map[string]error{
		"Scramble":     r.Scramble(app, scrambling("b")),
		"AddScramble":  r.AddScramble(app, scrambling("b"), from(future)),
		"dates":        r.SetScrambleDates(app, a, from(future)),
		"remove":       r.RemoveScramble(app, a),
		"AllowClear":   r.AllowClear(app, future),
		"Unscramble":   r.Unscramble(app),
		"another file": refusedOf(r, "grants", sourceOf(t, app, scrambling("b"))),
	} {
		require.ErrorIs(t, err, keyring.ErrSource, name)
		require.ErrorContains(t, err, `"file"`, name)
	}
	require.Equal(t, before, r.Generation())

	require.NoError(t, r.Scramble("net.", scrambling("a")))
	err := refusedOf(r, "file", sourceOf(t, "net.", scrambling("a")))
	require.ErrorIs(t, err, keyring.ErrSource)
	require.ErrorContains(t, err, "the program")
	require.NoError(t, r.AllowClear("biz.", future))
	require.ErrorIs(t, refusedOf(r, "file", sourceOf(t, "biz.", scrambling("a"))), keyring.ErrSource, "the program has begun with it")
	require.NoError(t, r.AllowClear("biz.", time.Time{}))
	require.ErrorIs(t, refusedOf(r, "file", sourceOf(t, "biz.", scrambling("a"))), keyring.ErrSource, "the program has closed it")
	require.NoError(t, r.AddScramble("biz.", scrambling("a"), from(past)))

	next := sourceOf(t, app, scrambling("a"), prefix("com.myapp.x."))
	require.NoError(t, next.AddScramble(app, scrambling("b"), from(future)))
	require.Equal(t, []string{app}, update(t, r, "file", next).Scrambled)
	require.Len(t, scrambledOf(r)[1].Secrets, 2)
}

func refusedOf(r *keyring.Ring, source string, with *keyring.Ring, allow ...keyring.Pattern) error {
	_, err := r.Update(source, with, allow...)
	return err
}

// TestDroppedScrambling: what a source doesn't scramble any more is closed until somebody brings
// it back, but with the program's consent.
func TestDroppedScrambling(t *testing.T) {
	x := prefix("com.myapp.x.")
	begun := func() *keyring.Ring {
		r := sealedRing(t, prefix("com.myapp.program."))
		update(t, r, "file", sourceOf(t, app, scrambling("a"), x))
		return r
	}
	r := begun()
	for name, with := range map[string]*keyring.Ring{"the pattern stays": sealedRing(t, x), "another one comes": sealedRing(t, exact("com.myapp.y")), "in part": sourceOf(t, "com.myapp.x.", scrambling("a"))} {
		before := r.Generation()
		err := refusedOf(r, "file", with, prefix("com.myapp.x."), prefix("org."))
		require.ErrorIs(t, err, keyring.ErrPlain, name)
		require.ErrorContains(t, err, "the URIs below the prefix were scrambled", name)
		require.Equal(t, before, r.Generation())
	}
	closed := func() {
		t.Helper()
		forms := r.Forms("realm1")
		for _, uri := range []string{"com.myapp.x.y", "com.myapp.program.y", "com.myapp.other"} {
			_, err := forms.Send(uri)
			require.ErrorIs(t, err, keyring.ErrNoActive, uri)
			_, _, err = forms.Receive(exact(uri))
			require.ErrorIs(t, err, keyring.ErrNoActive, uri)
			_, hidden := r.Hides(uri)
			require.True(t, hidden)
		}
		require.Equal(t, []keyring.Scrambled{{Prefix: app, Source: "file"}}, scrambledOf(r))
	}
	require.Equal(t, []string{app}, update(t, r, "file", keyring.New()).Scrambled)
	closed()
	require.True(t, update(t, r, "file", keyring.New()).Empty())
	closed()
	update(t, r, "other", sealedRing(t, prefix("org.")))
	closed()
	require.ErrorIs(t, refusedOf(r, "file", sealedRing(t, x)), keyring.ErrPlain, "the pattern alone comes back")
	clears := sourceOf(t, app, scrambling("a"))
	require.NoError(t, clears.AllowClear(app, future))
	require.ErrorIs(t, refusedOf(r, "file", clears), keyring.ErrPlain)
	require.ErrorIs(t, refusedOf(r, "other", clears), keyring.ErrPlain)
	closed()

	// It is brought back: by the source, by another one, by the program.
	update(t, r, "file", sourceOf(t, app, scrambling("a"), x))
	require.Len(t, scrambledOf(r)[0].Secrets, 1)
	update(t, r, "file", keyring.New())
	update(t, r, "other", sourceOf(t, app, scrambling("b")))
	require.Equal(t, "other", scrambledOf(r)[0].Source)
	update(t, r, "file", keyring.New())
	require.Equal(t, "other", scrambledOf(r)[0].Source, "it is the other's now")
	update(t, r, "other", keyring.New())
	require.NoError(t, r.AddScramble(app, scrambling("c"), from(past)))
	require.Equal(t, "", scrambledOf(r)[0].Source)
	update(t, r, "other", keyring.New())
	require.Len(t, scrambledOf(r)[0].Secrets, 1)

	// With consent, or by the program's word, the URIs go clear.
	for _, allow := range list(prefix(app), prefix("com."), prefix("")) {
		r = begun()
		require.Equal(t, []string{app}, update(t, r, "file", sealedRing(t, x), allow).Scrambled)
		form, err := r.Forms("realm1").Send("com.myapp.x.y")
		require.NoError(t, err)
		require.True(t, form.IsClear())
	}
	r = begun()
	update(t, r, "file", keyring.New())
	require.NoError(t, r.Unscramble(app))
	require.Empty(t, scrambledOf(r))
	update(t, r, "file", sealedRing(t, x))
	r = begun()
	require.Equal(t, []string{"com.myapp.x.", app}, update(t, r, "file", sourceOf(t, "com.myapp.x.", scrambling("a")), prefix(app)).Scrambled, "in part, with consent")
	require.ElementsMatch(t, []string{"com.", "com.myapp.x."}, update(t, r, "file", sourceOf(t, "com.", scrambling("a"))).Scrambled, "more of them need none")
}

// TestConsentToClear: a change that has URIs go clear which don't, or for longer, needs consent.
func TestConsentToClear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := func(hours int) time.Time { return time.Now().Add(time.Duration(hours) * time.Hour) }
		with := func(prefix string, until time.Time, froms ...time.Time) *keyring.Ring {
			r := keyring.New()
			if !until.IsZero() {
				require.NoError(t, r.AllowClear(prefix, until))
			}
			for i, begin := range froms {
				require.NoError(t, r.AddScramble(prefix, scrambling(string(rune('a'+i))), from(begin)))
			}
			return r
		}
		never, always := time.Time{}, time.Time{}
		for name, tc := range map[string]struct {
			first, next *keyring.Ring
			lets        bool
		}{
			"begins to":                      {with(app, never, always), with(app, at(1), always), true},
			"until a date that has passed":   {with(app, never, always), with(app, at(-1), always), false},
			"longer":                         {with(app, at(1), always), with(app, at(2), always), true},
			"shorter":                        {with(app, at(2), always), with(app, at(1), always), false},
			"not any more":                   {with(app, at(2), always), with(app, never, always), false},
			"as before":                      {with(app, at(2), at(1)), with(app, at(2), at(1)), false},
			"begins later":                   {with(app, at(3), at(1)), with(app, at(3), at(2)), true},
			"begins later, clear no longer":  {with(app, at(1), at(2)), with(app, at(1), at(3)), false},
			"begins sooner":                  {with(app, at(3), at(2)), with(app, at(3), at(1)), false},
			"is in use, and would begin":     {with(app, at(3), at(-1)), with(app, at(3), at(1)), true},
			"loses its secrets":              {with(app, at(3), at(-1)), with(app, at(3)), true},
			"loses the first of two to come": {with(app, at(3), at(1), at(2)), with(app, at(3), at(2)), true},
			"gets an earlier one":            {with(app, at(3), at(2)), with(app, at(3), at(2), at(1)), false},
			"a wider prefix":                 {with(app, never, always), with("com.", at(1), always), true},
			"a wider prefix, as before":      {with(app, at(1), always), with("com.", at(1), always), false},
			"at first":                       {keyring.New(), with(app, at(1), always), false},
			"elsewhere":                      {with(app, never, always), with("org.", at(1), always), false},
		} {
			r := keyring.New()
			update(t, r, "file", tc.first)
			if tc.lets {
				before := r.Generation()
				for _, allow := range list(exact("com.myapp.x"), prefix("com.myapp.x."), prefix("org.")) {
					require.ErrorIs(t, refusedOf(r, "file", tc.next, allow), keyring.ErrPlain, name)
				}
				require.Equal(t, before, r.Generation())
				update(t, r, "file", tc.next, prefix(app))
				continue
			}
			require.NoError(t, refusedOf(r, "file", tc.next), name)
		}
	})
}

// A refused Update leaves all as it was, also where only the scrambled prefix is what is wrong.
func TestUpdateOfScramblingIsDoneWhollyOrNotAtAll(t *testing.T) {
	r := scrambled(t, sealedRing(t, prefix("com.myapp.p.")))
	update(t, r, "file", sourceOf(t, "org.", scrambling("a"), prefix("org.a."), prefix("com.myapp.q.")))
	form, err := r.Forms("realm1").Send("org.a.x")
	require.NoError(t, err)
	before, told := r.Generation(), scrambledOf(r)
	next := sourceOf(t, "org.", scrambling("b"), prefix("org.b."))
	require.NoError(t, next.Scramble("com.myapp.p.", scrambling("a")))
	changes, err := r.Update("file", next)
	require.ErrorIs(t, err, keyring.ErrScrambled)
	require.True(t, changes.Empty())
	require.Equal(t, before, r.Generation())
	require.Equal(t, told, scrambledOf(r))
	require.Equal(t, prefix("org.a."), found(t, r, "org.a.x"))
	again, err := r.Forms("realm1").Send("org.a.x")
	require.NoError(t, err)
	require.Same(t, form, again)
}
