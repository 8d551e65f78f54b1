package keyring_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// content makes what a source says: a ring of keyed and of plain patterns.
func content(t testing.TB, keyed []keyring.Pattern, plain ...keyring.Pattern) *keyring.Ring {
	t.Helper()
	r := ringOf(t, keyed...)
	for _, p := range plain {
		require.NoError(t, r.SetPlain(p))
	}
	return r
}

func list(patterns ...keyring.Pattern) []keyring.Pattern { return patterns }

// update gives a ring a source's content, which it takes.
func update(t testing.TB, r *keyring.Ring, source string, with *keyring.Ring, allow ...keyring.Pattern) keyring.Changes {
	t.Helper()
	changes, err := r.Update(source, with, allow...)
	require.NoError(t, err)
	return changes
}

func requireChanges(t testing.TB, want, got keyring.Changes) {
	t.Helper()
	require.ElementsMatch(t, want.Opened, got.Opened, "opened")
	require.ElementsMatch(t, want.Changed, got.Changed, "changed")
	require.ElementsMatch(t, want.Closed, got.Closed, "closed")
	require.ElementsMatch(t, want.Plain, got.Plain, "plain")
	require.Equal(t, len(want.Opened)+len(want.Changed)+len(want.Closed) == 0, got.Empty())
}

// What a change of a source says is what has changed, no more and no less.
func TestUpdateTellsWhatChanged(t *testing.T) {
	a, b, c, d, e := exact("a"), prefix("b."), wild("c..x"), prefix(""), exact("e")
	r := ringOf(t, e)
	requireChanges(t, keyring.Changes{Opened: list(a, b, c), Plain: list(c)}, update(t, r, "file", content(t, list(a, b), c)))
	require.ElementsMatch(t, list(a, b, c, e), slices.Collect(r.Patterns()))
	requireChanges(t, keyring.Changes{}, update(t, r, "file", content(t, list(a, b), c)))

	next := content(t, list(b, c, d))
	require.NoError(t, next.Add(b, named("more"), from(future)))
	requireChanges(t, keyring.Changes{Opened: list(d), Changed: list(b, c), Closed: list(a)}, update(t, r, "file", next))
	require.True(t, closed(r, "a"), "the default doesn't count")
	require.Equal(t, c, found(t, r, "c.y.x"))

	requireChanges(t, keyring.Changes{Closed: list(b, c, d)}, update(t, r, "file", keyring.New()))
	requireChanges(t, keyring.Changes{}, update(t, r, "file", keyring.New()))
	require.Equal(t, list(e), slices.Collect(r.Patterns()))
	for _, uri := range []string{"a", "b.x", "c.y.x", "other"} {
		require.True(t, closed(r, uri), uri)
	}
	requireChanges(t, keyring.Changes{Opened: list(a)}, update(t, r, "file", content(t, list(a))))
	require.Equal(t, a, found(t, r, "a"), "it comes again")
}

// Each thing that may change in a pattern is told, and nothing else.
func TestUpdateComparesPatterns(t *testing.T) {
	o, p := private(t, sampleOriginator), private(t, sampleResponder)
	x, utc := exact("com.x"), dates(2005, 2201)
	there := keyring.Dates{ActiveFrom: utc.ActiveFrom.In(time.FixedZone("there", 3600)), NotAfter: utc.NotAfter.In(time.FixedZone("there", 3600))}
	base := keyring.KeyVersion{Key: keyring.Originator(o, p.Public()), Dates: utc}
	other := base
	ring := func(versions ...keyring.KeyVersion) *keyring.Ring {
		r := keyring.New()
		require.NoError(t, r.SetVersions(x, versions...))
		return r
	}
	with := func(change func(kv *keyring.KeyVersion)) *keyring.Ring {
		other = base
		change(&other)
		return ring(other)
	}
	transition := func(p keyring.Plaintext, until time.Time) *keyring.Ring {
		r := ring(base)
		require.NoError(t, r.Transition(x, p, until))
		return r
	}
	for name, tc := range map[string]struct {
		next    *keyring.Ring
		changed bool
	}{
		"the same":                    {ring(base), false},
		"the same dates in a zone":    {with(func(kv *keyring.KeyVersion) { kv.Dates = there }), false},
		"the same suite, said":        {with(func(kv *keyring.KeyVersion) { kv.Key = kv.Key.WithSuite(cryptobox.SuiteBox) }), false},
		"another date":                {with(func(kv *keyring.KeyVersion) { kv.Dates = dates(2006, 2201) }), true},
		"another end":                 {with(func(kv *keyring.KeyVersion) { kv.Dates = dates(2005, 2202) }), true},
		"another suite":               {with(func(kv *keyring.KeyVersion) { kv.Key = kv.Key.WithSuite(cryptobox.SuiteXBox) }), true},
		"another dialect":             {with(func(kv *keyring.KeyVersion) { kv.Key = kv.Key.ForAutobahn() }), true},
		"another, the id as text":     {with(func(kv *keyring.KeyVersion) { kv.Key = kv.Key.ForPassthru(kv.Key.ID()) }), true},
		"another secret, the same id": {with(func(kv *keyring.KeyVersion) { kv.Key = keyring.Shared(shared).ForPassthru(kv.Key.ID()) }), true},
		"both halves":                 {with(func(kv *keyring.KeyVersion) { kv.Key = keyring.Pair(o, p) }), true},
		"revoked":                     {with(func(kv *keyring.KeyVersion) { kv.Revoked = true }), true},
		"a version more":              {ring(base, dated("k", future)), true},
		"a transition":                {transition(keyring.SendPlain, future), true},
		"plain":                       {content(t, nil, x), true},
	} {
		r := keyring.New()
		update(t, r, "file", ring(base))
		changes := update(t, r, "file", tc.next, x)
		require.Equal(t, tc.changed, len(changes.Changed) == 1, name)
		require.Equal(t, !tc.changed, changes.Empty(), name)
	}
	r := keyring.New()
	update(t, r, "file", transition(keyring.SendPlain, future))
	require.True(t, update(t, r, "file", transition(keyring.SendPlain, future.In(time.FixedZone("there", 3600)))).Empty())
	require.False(t, update(t, r, "file", transition(keyring.AcceptPlain, future)).Empty())
}

// Each source changes its own patterns alone.
func TestSourcesMeet(t *testing.T) {
	a, b, c, d := exact("a"), exact("b"), exact("c"), exact("d")
	r := ringOf(t, a)
	update(t, r, "file", content(t, list(b)))
	update(t, r, "grants", content(t, list(c)))
	for source, others := range map[string][]keyring.Pattern{"file": {a, c}, "grants": {a, b}, "other": {a, b, c}} {
		for _, p := range others {
			for _, next := range []*keyring.Ring{content(t, list(p, d)), content(t, list(d), p)} {
				_, err := r.Update(source, next, prefix(""))
				require.ErrorIs(t, err, keyring.ErrSource, "%s %v", source, p)
				require.ErrorContains(t, err, map[keyring.Pattern]string{a: "the program", b: "file", c: "grants"}[p])
			}
		}
	}
	require.ElementsMatch(t, list(a, b, c), slices.Collect(r.Patterns()))

	// The program doesn't change theirs either.
	id := b.String()
	for name, err := range map[string]error{
		"set": r.Set(b, named("v")), "plain": r.SetPlain(b), "add": r.Add(b, named("v"), from(past)), "remove": r.Remove(b),
		"versions": r.SetVersions(b, dated("v", past)), "dates": r.SetDates(b, id, from(past)),
		"remove version": r.RemoveVersion(b, id), "transition": r.Transition(b, keyring.SendPlain, future), "end": r.EndTransition(b),
	} {
		require.ErrorIs(t, err, keyring.ErrSource, name)
		require.ErrorContains(t, err, `"file": change it there`, name)
	}
	requireChanges(t, keyring.Changes{Opened: list(d), Closed: list(b)}, update(t, r, "file", content(t, list(d))))
	require.ElementsMatch(t, list(a, c, d), slices.Collect(r.Patterns()))

	// What one left closed another may open, the program too; and then it is theirs.
	update(t, r, "grants", content(t, list(b, c)))
	_, err := r.Update("file", content(t, list(b, d)))
	require.ErrorIs(t, err, keyring.ErrSource)
	update(t, r, "grants", content(t, list(c)))
	require.NoError(t, r.SetPlain(b))
	_, err = r.Update("grants", content(t, list(b, c)))
	require.ErrorIs(t, err, keyring.ErrSource)
	require.True(t, look(t, r, "b").Plain())

	_, err = r.Update("", keyring.New())
	require.ErrorIs(t, err, keyring.ErrSource, "without a name it would be the program")
	_, err = r.Update("r", r)
	require.ErrorIs(t, err, keyring.ErrSource)
}

// A ring that was itself changed before it is handed over brings what it left closed.
func TestUpdateWithClosedPatterns(t *testing.T) {
	a, b := exact("a"), exact("b")
	given := func() *keyring.Ring {
		next := ringOf(t, a, b)
		require.NoError(t, next.Remove(b))
		return next
	}
	r := keyring.New()
	requireChanges(t, keyring.Changes{Opened: list(a)}, update(t, r, "file", given()))
	require.True(t, closed(r, "b"))
	update(t, r, "file", content(t, list(a, b)))
	requireChanges(t, keyring.Changes{Closed: list(b)}, update(t, r, "file", given()))
	require.True(t, closed(r, "b"))
}

func TestUpdateNeedsConsentForPlaintext(t *testing.T) {
	sending, accepting := func(r *keyring.Ring, p keyring.Pattern) *keyring.Ring {
		require.NoError(t, r.Transition(p, keyring.SendPlain, future))
		return r
	}, func(r *keyring.Ring, p keyring.Pattern) *keyring.Ring {
		require.NoError(t, r.Transition(p, keyring.AcceptPlain, future))
		return r
	}
	over := func(r *keyring.Ring, p keyring.Pattern) *keyring.Ring {
		require.NoError(t, r.Transition(p, keyring.SendPlain, past))
		return r
	}
	open := func(r *keyring.Ring) *keyring.Ring { r.PlainUnlessKeyed(); return r }
	app, x, y := prefix("com.app."), exact("com.app.x"), exact("com.y")
	none := list()
	for _, tc := range []struct {
		name    string
		program *keyring.Ring
		first   *keyring.Ring // nil for none
		next    *keyring.Ring
		lets    keyring.Pattern // that needs consent; zero for none
		plain   []keyring.Pattern
	}{
		{"a keyed pattern turns plain", content(t, none), content(t, list(app)), content(t, none, app), app, list(app)},
		{"a closed one does", content(t, none), content(t, none), nil, keyring.Pattern{}, nil},
		{"plain within a keyed prefix", content(t, none), content(t, list(app)), content(t, list(app), x), x, list(x)},
		{"plain within the program's prefix, at first", content(t, list(app)), nil, content(t, none, x), x, list(x)},
		{"a plain prefix within one", content(t, list(prefix("com."))), nil, content(t, none, app), app, list(app)},
		{"a plain wildcard within the default", content(t, list(prefix(""))), nil, content(t, none, wild("com..x")), wild("com..x"), list(wild("com..x"))},
		{"a plain wildcard that fixes more", content(t, list(wild("..x"))), nil, content(t, none, wild("com..x")), wild("com..x"), list(wild("com..x"))},
		{"a plain wildcard that fixes more of others", content(t, list(wild("..y"))), nil, content(t, none, wild("com..x")), keyring.Pattern{}, list(wild("com..x"))},
		{"a plain prefix over a wildcard", content(t, list(wild(".app.x"))), nil, content(t, none, prefix("com")), prefix("com"), list(prefix("com"))},
		{"a plain prefix beside", content(t, list(prefix("org."))), nil, content(t, none, app), keyring.Pattern{}, list(app)},
		{"less specific than what is keyed", content(t, list(x)), nil, content(t, none, app), keyring.Pattern{}, list(app)},
		{"within a keyed one, where it was plain before", content(t, list(prefix("com.")), app), nil, content(t, none, prefix("com.app.z.")), keyring.Pattern{}, list(prefix("com.app.z."))},
		{"the default", content(t, list(x)), nil, content(t, none, prefix("")), keyring.Pattern{}, list(prefix(""))},
		{"WAMP's own", content(t, list(prefix(""))), nil, content(t, none, exact("wamp.x")), keyring.Pattern{}, list(exact("wamp.x"))},
		{"WAMP's own, keyed", content(t, none), content(t, list(exact("wamp.x"))), content(t, none, exact("wamp.x")), exact("wamp.x"), list(exact("wamp.x"))},
		{"sends for some time", content(t, none), content(t, list(app)), sending(content(t, list(app)), app), app, list(app)},
		{"accepts for some time", content(t, none), content(t, list(app)), accepting(content(t, list(app)), app), app, list(app)},
		{"sends instead of accepting", content(t, none), accepting(content(t, list(app)), app), sending(content(t, list(app)), app), app, list(app)},
		{"accepts instead of sending", content(t, none), sending(content(t, list(app)), app), accepting(content(t, list(app)), app), keyring.Pattern{}, nil},
		{"sends until a date that has passed", content(t, none), content(t, list(app)), over(content(t, list(app)), app), keyring.Pattern{}, nil},
		{"a new one that accepts", content(t, none), content(t, none), accepting(content(t, list(app)), app), keyring.Pattern{}, list(app)},
		{"a new one that accepts, within a keyed one", content(t, list(prefix("com."))), nil, accepting(content(t, list(app)), app), app, list(app)},
		{"unless keyed, at first", content(t, list(x)), nil, open(content(t, list(y))), keyring.Pattern{}, nil},
		{"unless keyed, after nothing", content(t, none), content(t, none), open(content(t, none)), prefix(""), nil},
		{"unless keyed, later", content(t, none), content(t, list(y)), open(content(t, list(y))), prefix(""), nil},
		{"unless keyed, as before", content(t, none), open(content(t, list(y))), open(content(t, list(y))), keyring.Pattern{}, nil},
		{"unless keyed, as the program has it", open(content(t, none)), content(t, list(y)), open(content(t, list(y))), keyring.Pattern{}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.next == nil {
				tc.first, tc.next, tc.lets, tc.plain = content(t, list(app)), content(t, none, app), app, list(app)
				update(t, tc.program, "file", tc.first)
				tc.first = content(t, none)
			}
			if tc.first != nil {
				update(t, tc.program, "file", tc.first)
			}
			if tc.lets != (keyring.Pattern{}) {
				before := tc.program.Generation()
				for _, allow := range [][]keyring.Pattern{nil, {exact("com.other"), prefix("com.app.x.y."), prefix("com.*")}} {
					_, err := tc.program.Update("file", tc.next, allow...)
					require.ErrorIs(t, err, keyring.ErrPlain)
					var ke *keyring.Error
					require.ErrorAs(t, err, &ke)
					require.Equal(t, tc.lets, ke.Pattern)
				}
				require.Equal(t, before, tc.program.Generation())
			}
			allow := tc.lets
			switch tc.name { // a wider one does as well
			case "plain within a keyed prefix":
				allow = prefix("com.")
			case "WAMP's own, keyed", "a keyed pattern turns plain":
				allow = prefix("")
			}
			changes := update(t, tc.program, "file", tc.next, allow)
			require.ElementsMatch(t, tc.plain, changes.Plain)
		})
	}
}

// An update that is refused changes nothing, in whatever it is refused.
func TestUpdateIsDoneWhollyOrNotAtAll(t *testing.T) {
	a, b, w := exact("a"), exact("b"), wild("x..y")
	r := ringOf(t, a, wild("q.r."))
	first := content(t, list(b))
	require.NoError(t, first.Set(w, named("w")))
	require.NoError(t, first.Add(b, named("gone"), from(future)))
	require.NoError(t, first.Revoke(b, "gone"))
	update(t, r, "file", first)
	held := look(t, r, "b")
	content := func(change func(next *keyring.Ring) error) *keyring.Ring {
		next := keyring.New()
		// It revokes what the ring has, and lacks the wildcard.
		require.NoError(t, next.SetVersions(b, dead(b.String(), past), dated("new", future)))
		require.NoError(t, change(next))
		return next
	}
	for name, tc := range map[string]struct {
		with *keyring.Ring
		want error
	}{
		"source":     {content(func(next *keyring.Ring) error { return next.Set(a, named("v")) }), keyring.ErrSource},
		"plain":      {content(func(next *keyring.Ring) error { return next.SetPlain(w) }), keyring.ErrPlain},
		"conflict":   {content(func(next *keyring.Ring) error { return next.Set(wild("q..s"), named("v")) }), keyring.ErrConflict},
		"lives":      {content(func(next *keyring.Ring) error { return next.Set(b, named("gone")) }), keyring.ErrState},
		"the others": {content(func(next *keyring.Ring) error { next.PlainUnlessKeyed(); return nil }), keyring.ErrPlain},
	} {
		before, generation := slices.Collect(r.Patterns()), r.Generation()
		changes, err := r.Update("file", tc.with)
		require.ErrorIs(t, err, tc.want, name)
		require.True(t, changes.Empty(), name)
		require.Equal(t, generation, r.Generation(), name)
		require.ElementsMatch(t, before, slices.Collect(r.Patterns()), name)
		require.Equal(t, b.String(), idOf(t, r, "b"), name)
		_, err = held.Sealer(keyring.RoleOriginator)
		require.NoError(t, err, name)
		require.ErrorIs(t, r.Set(wild(".x.y"), named("v")), keyring.ErrConflict, "ties are as before")
		require.True(t, closed(r, "other"))
	}
}

// Ties are of the new content, between sources too.
func TestUpdateTies(t *testing.T) {
	r := ringOf(t, wild("a..b"))
	_, err := r.Update("file", content(t, list(exact("z"), wild("a.c."))))
	require.ErrorIs(t, err, keyring.ErrConflict)
	require.ErrorContains(t, err, "a..b")
	require.ErrorContains(t, err, "a.c.")
	require.Equal(t, 1, r.Len())

	update(t, r, "file", content(t, nil, wild("x..y")))
	require.ErrorIs(t, r.Set(wild("x.z."), named("k")), keyring.ErrConflict)
	_, err = r.Update("grants", content(t, list(wild("x.z."))))
	require.ErrorIs(t, err, keyring.ErrConflict)
	update(t, r, "file", keyring.New())
	require.NoError(t, r.Set(wild("x.z."), named("k")), "a plain one is gone without a trace")
	require.ErrorIs(t, r.Set(wild("x..y"), named("k")), keyring.ErrConflict)

	// A file's wildcard is replaced by one that ties with it, and nothing of it opens.
	update(t, r, "file", content(t, list(wild("q..y"))))
	update(t, r, "file", content(t, nil, wild("q.z.")))
	require.True(t, closed(r, "q.z.y"))
	require.True(t, look(t, r, "q.z.a").Plain())
	update(t, r, "file", content(t, list(wild("q.z."))))
	require.Equal(t, wild("q.z."), found(t, r, "q.z.y"))
	require.True(t, closed(r, "q.a.y"))
}

// A reload that lacks a pattern leaves its URIs closed, whatever else matches them.
func TestWhatUpdateDropsStaysClosed(t *testing.T) {
	for _, p := range list(exact("com.a.b"), prefix("com.a"), wild("com..b"), prefix("")) {
		r := keyring.New()
		update(t, r, "file", content(t, list(p)))
		require.Equal(t, p, found(t, r, "com.a.b"))
		update(t, r, "file", keyring.New())
		r.PlainUnlessKeyed()
		if p != prefix("") {
			require.NoError(t, r.SetPlain(prefix("")))
		}
		for range 3 {
			require.True(t, closed(r, "com.a.b"), p)
			update(t, r, "file", content(t, list(exact("other"))))
			update(t, r, "another", keyring.New())
		}
		require.NoError(t, r.Set(p, named("v")))
		require.Equal(t, p, found(t, r, "com.a.b"), "the program opens it again")
	}
	// What was plain comes under what else there is.
	r := ringOf(t, prefix("com."))
	update(t, r, "file", content(t, nil, exact("com.x")), prefix("com."))
	require.Zero(t, found(t, r, "com.x"))
	update(t, r, "file", keyring.New())
	require.Equal(t, prefix("com."), found(t, r, "com.x"))
}

// "Plain unless keyed" is each source's own word, and goes with it.
func TestUpdateTakesUnlessKeyedBack(t *testing.T) {
	plain := func(r *keyring.Ring) bool {
		e, err := r.Lookup("com.other")
		return err == nil && e.Plain()
	}
	said := func() *keyring.Ring {
		next := ringOf(t, exact("x"))
		next.PlainUnlessKeyed()
		return next
	}
	r := keyring.New()
	require.True(t, update(t, r, "file", said()).Unkeyed)
	require.True(t, plain(r))
	changes := update(t, r, "file", said())
	require.False(t, changes.Unkeyed)
	require.True(t, changes.Empty())
	changes = update(t, r, "file", ringOf(t, exact("x")))
	require.True(t, changes.Unkeyed)
	require.False(t, changes.Empty())
	require.False(t, plain(r))

	update(t, r, "file", said(), prefix(""))
	update(t, r, "grants", keyring.New())
	require.True(t, plain(r), "another source doesn't take it back")
	r.PlainUnlessKeyed()
	update(t, r, "file", ringOf(t, exact("x")))
	require.True(t, plain(r), "nor what the program says")
}

// A version that a reload revokes is so at once where it was looked up before, one or
// several reloads ago, whether it is read with its secret or only by its id.
func TestRevocationReachesEarlierEntries(t *testing.T) {
	o, p := strings.Repeat("ab", 32), cryptobox.GenerateKey().Public()
	pair := func() keyring.Key {
		own, err := cryptobox.ParsePrivateKey(o)
		require.NoError(t, err)
		return keyring.Originator(own, p)
	}
	keys := map[string]func() keyring.Key{
		"pair": pair, "shared": func() keyring.Key { return keyring.Shared(shared) }, "given": func() keyring.Key { return named("v") },
		"autobahn": func() keyring.Key { return pair().ForAutobahn() }, "pair, given": func() keyring.Key { return pair().ForPassthru("v") },
		"xbox": func() keyring.Key { return pair().WithSuite(cryptobox.SuiteXBox) },
	}
	for name, key := range keys {
		for reloads := range 4 {
			for _, how := range []string{"with its secret", "by its id", "by the program"} {
				t.Run(fmt.Sprint(name, " ", reloads, " ", how), func(t *testing.T) {
					r, x := keyring.New(), exact("com.x")
					program := how == "by the program"
					load := func(kv keyring.KeyVersion) {
						next := keyring.New()
						kv.Dates = from(past)
						require.NoError(t, next.SetVersions(x, kv, dated("old", year(2000))))
						if program {
							require.NoError(t, r.SetVersions(x, kv, dated("old", year(2000))))
							return
						}
						update(t, r, "file", next)
					}
					load(keyring.KeyVersion{Key: key()})
					held := look(t, r, "com.x")
					sealer, err := held.Sealer(keyring.RoleOriginator)
					require.NoError(t, err)
					id := sealer.ID()
					for range reloads {
						load(keyring.KeyVersion{Key: key()})
					}
					require.False(t, sealer.Revoked())
					switch how {
					case "with its secret":
						load(keyring.KeyVersion{Key: key(), Revoked: true})
					case "by its id":
						load(keyring.KeyVersion{Key: keyring.Revoked(id), Revoked: true})
					default:
						require.NoError(t, r.Revoke(x, id))
					}
					require.True(t, sealer.Revoked())
					for _, e := range []*keyring.Entry{held, look(t, r, "com.x")} {
						_, err = e.Sealer(keyring.RoleOriginator)
						require.ErrorIs(t, err, keyring.ErrNoActive)
						_, err = byName(sealer.Dialect(), e, keyring.RoleOriginator, id)
						require.ErrorIs(t, err, keyring.ErrRevoked)
						_, err = opening(e, keyring.RoleOriginator, "old")
						require.NoError(t, err)
					}
				})
			}
		}
	}
}

// A configuration that is read anew has other Keys of the same secrets: the
// exchange is kept, and so is the count of what an AES-GCM key has sealed.
func TestUpdateKeepsWhatWasComputed(t *testing.T) {
	pri, pub := strings.Repeat("ab", 32), cryptobox.GenerateKey().Public()
	secret := strings.Repeat("cd", 32)
	read := func(other bool) map[string]keyring.Key {
		private, err := cryptobox.ParsePrivateKey(pri)
		require.NoError(t, err)
		symmetric, err := cryptobox.ParseSymmetricKey(secret)
		require.NoError(t, err)
		if other {
			private, symmetric = cryptobox.GenerateKey(), cryptobox.GenerateSymmetricKey()
		}
		return map[string]keyring.Key{
			"originator": keyring.Originator(private, pub), "responder": keyring.Responder(private, pub).ForAutobahn(), "both": keyring.Both(private),
			"xbox": keyring.Originator(private, pub).WithSuite(cryptobox.SuiteXBox), "shared": keyring.Shared(symmetric),
			"secretbox": keyring.Shared(symmetric).ForPassthru("k"), "gcm": keyring.AES256GCM("k", symmetric),
		}
	}
	load := func(keys map[string]keyring.Key) *keyring.Ring {
		r := keyring.New()
		for name, key := range keys {
			require.NoError(t, r.Set(exact(name), key))
		}
		return r
	}
	cipher := func(r *keyring.Ring, name string) any {
		e := look(t, r, name)
		for _, role := range []keyring.Role{keyring.RoleOriginator, keyring.RoleResponder} {
			if v, err := e.Sealer(role); err == nil {
				return sealing(v)
			}
		}
		return nil
	}
	r := keyring.New()
	update(t, r, "file", load(read(false)))
	before := map[string]any{}
	for name := range read(false) {
		before[name] = cipher(r, name)
	}
	update(t, r, "file", load(read(false)))
	for name, c := range before {
		require.Same(t, c, cipher(r, name), name)
	}
	update(t, r, "file", load(read(true)))
	for name, c := range before {
		require.NotSame(t, c, cipher(r, name), name)
	}

	// Of one secret each algorithm makes its own.
	mixed := read(false)
	mixed["gcm"], mixed["secretbox"] = mixed["secretbox"], mixed["gcm"]
	update(t, r, "file", load(read(false)))
	gcm := cipher(r, "gcm")
	update(t, r, "file", load(mixed))
	require.IsType(t, &cryptobox.AESGCM{}, gcm)
	require.IsType(t, &cryptobox.Box{}, cipher(r, "gcm"))

	// Whoever still has an entry of a key that has sealed nothing yet counts too.
	r = keyring.New()
	update(t, r, "file", load(read(false)))
	held := look(t, r, "gcm")
	update(t, r, "file", load(read(false)))
	require.Same(t, serving(t, held, cryptobox.Passthru)[0].Cipher(), cipher(r, "gcm"))
}

func TestUpdateIsOneStep(t *testing.T) {
	content := func(i int) *keyring.Ring {
		r := keyring.New()
		require.NoError(t, r.SetVersions(prefix("com."), dated(fmt.Sprint(i%2), past), dated(fmt.Sprint(1-i%2), year(2000))))
		if i%2 == 0 {
			require.NoError(t, r.SetPlain(exact("org.x")))
		}
		return r
	}
	r := keyring.New()
	update(t, r, "file", content(0))
	var done atomic.Bool
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for !done.Load() {
				if err := usable(r); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 1000 {
		if _, err := r.Update("file", content(i)); err != nil {
			t.Error(err)
		}
	}
	done.Store(true)
	wg.Wait()
}

// usable tells what is wrong with "com.x", at a time when others change it.
func usable(r *keyring.Ring) error {
	_, _ = r.Lookup("org.y") // near "org.x", which comes and goes
	_, _, _ = r.Overlap(prefix(""))
	e, err := r.Lookup("com.x")
	if err != nil {
		return err
	}
	v, err := e.Sealer(keyring.RoleOriginator)
	if err != nil {
		return err
	}
	var errs []error
	for _, id := range []string{"0", "1", v.ID()} {
		_, err := opening(e, keyring.RoleResponder, id)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
