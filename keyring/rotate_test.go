package keyring_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

var (
	past   = year(2001)
	future = year(2201)
)

// year is a moment in a year.
func year(n int) time.Time { return time.Date(n, 2, 3, 4, 5, 6, 0, time.UTC) }

// dates are from and until years, 0 for none.
func dates(from, until int) (d keyring.Dates) {
	if from != 0 {
		d.ActiveFrom = year(from)
	}
	if until != 0 {
		d.NotAfter = year(until)
	}
	return d
}

// condition is what dates and orders made of a version called v.
type condition struct {
	name    string
	dates   keyring.Dates
	revoked bool
	other   keyring.Dates // of the version beside it
}

var conditions = []condition{
	{"pending", dates(2201, 0), false, dates(0, 0)},
	{"active", dates(2005, 0), false, dates(0, 0)},
	{"retired", dates(0, 0), false, dates(2005, 0)},
	{"dated", dates(0, 2201), false, dates(2005, 0)},
	{"expired", dates(0, 2001), false, dates(2005, 0)},
	{"lapsed", dates(2005, 2006), false, dates(0, 0)}, // it would seal
	{"revoked", dates(0, 0), true, dates(2005, 0)},
	{"cut", dates(2005, 0), true, dates(0, 0)}, // it would seal
}

func (c condition) version() keyring.KeyVersion {
	return keyring.KeyVersion{Key: named("v"), Dates: c.dates, Revoked: c.revoked}
}

// conditioned gives a ring whose pattern "com.x" has the version "v" in a condition, and
// one called "other".
func conditioned(t *testing.T, c condition) *keyring.Ring {
	t.Helper()
	r := keyring.New()
	require.NoError(t, r.SetVersions(exact("com.x"), keyring.KeyVersion{Key: named("other"), Dates: c.other}, c.version()))
	return r
}

// states shows versions as "id state from..until", by the dates' years.
func states(r *keyring.Ring, p keyring.Pattern) []string {
	var list []string
	for _, v := range r.Versions(p) {
		s := v.ID + " " + v.State.String()
		if v.Dates != (keyring.Dates{}) {
			s += " "
			if !v.Dates.ActiveFrom.IsZero() {
				s += fmt.Sprint(v.Dates.ActiveFrom.Year())
			}
			s += ".."
			if !v.Dates.NotAfter.IsZero() {
				s += fmt.Sprint(v.Dates.NotAfter.Year())
			}
		}
		list = append(list, s)
	}
	return list
}

// Every operation in every state: what comes of it, or why it is refused.
func TestOperationsInEveryState(t *testing.T) {
	x := exact("com.x")
	otherDates := func(r *keyring.Ring) keyring.Dates {
		for _, v := range r.Versions(x) {
			if v.ID == "other" {
				return keyring.Dates{ActiveFrom: v.Dates.ActiveFrom}
			}
		}
		panic("no other")
	}
	secondName := named("v").ForPassthru("w")
	operations := map[string]func(*keyring.Ring) error{
		"set":                func(r *keyring.Ring) error { return r.Set(x, named("v")) },
		"set another":        func(r *keyring.Ring) error { return r.Set(x, named("w")) },
		"add":                func(r *keyring.Ring) error { return r.Add(x, named("v"), dates(2010, 0)) },
		"add another":        func(r *keyring.Ring) error { return r.Add(x, named("w"), dates(2010, 0)) },
		"add, same moment":   func(r *keyring.Ring) error { return r.Add(x, named("w"), otherDates(r)) },
		"add, never good":    func(r *keyring.Ring) error { return r.Add(x, named("w"), dates(2010, 2009)) },
		"add its secret":     func(r *keyring.Ring) error { return r.Add(x, secondName, dates(2010, 0)) },
		"date":               func(r *keyring.Ring) error { return r.SetDates(x, "v", dates(2010, 2202)) },
		"date ahead":         func(r *keyring.Ring) error { return r.SetDates(x, "v", dates(2210, 0)) },
		"date, same moment":  func(r *keyring.Ring) error { return r.SetDates(x, "v", otherDates(r)) },
		"date, never good":   func(r *keyring.Ring) error { return r.SetDates(x, "v", dates(2010, 2009)) },
		"date another":       func(r *keyring.Ring) error { return r.SetDates(x, "w", dates(2010, 0)) },
		"revoke":             func(r *keyring.Ring) error { return r.Revoke(x, "v") },
		"remove version":     func(r *keyring.Ring) error { return r.RemoveVersion(x, "v") },
		"remove the pattern": func(r *keyring.Ring) error { return r.Remove(x) },
	}
	type outcome struct {
		states  []string // after it; nil for the ones before
		refusal error
		saying  string
	}
	refused := func(err error, saying string) outcome { return outcome{nil, err, saying} }
	becomes := func(states ...string) outcome { return outcome{states: states} }
	live := func(o outcome, revoked ...outcome) []outcome { // the last two conditions are others
		if len(revoked) == 0 {
			revoked = []outcome{o}
		}
		return []outcome{o, o, o, o, o, o, revoked[0], revoked[len(revoked)-1]}
	}
	stays := refused(keyring.ErrState, "it was revoked, and stays so")
	seals := refused(keyring.ErrState, "it is the one that seals")
	table := map[string][]outcome{ // in the order of conditions
		"set":         live(becomes("v active"), refused(keyring.ErrState, `the id "v" was revoked, or its secret under another id: make a new key`)),
		"set another": live(becomes("w active")),
		"add": live(refused(keyring.ErrVersionExists, "remove it first, or give the key another id"),
			refused(keyring.ErrVersionExists, "revoked: make a new key")),
		"add another": {
			becomes("v pending 2201..", "w active 2010..", "other retired"), becomes("w active 2010..", "v retired 2005..", "other retired"),
			becomes("w active 2010..", "other retired 2005..", "v retired"), becomes("w active 2010..", "other retired 2005..", "v retired ..2201"),
			becomes("w active 2010..", "other retired 2005..", "v expired ..2001"), becomes("w active 2010..", "v expired 2005..2006", "other retired"),
			becomes("w active 2010..", "other retired 2005..", "v revoked"), becomes("w active 2010..", "v revoked 2005..", "other retired"),
		},
		"add, same moment": live(refused(keyring.ErrState, `the version "other" is active from the same moment`)),
		"add, never good":  live(refused(keyring.ErrState, "it would open until 2009-02-03T04:05:06Z and seal from 2010-02-03T04:05:06Z")),
		"add its secret": live(refused(keyring.ErrKey, `the version "v" has the same secret`),
			refused(keyring.ErrState, `the id "w" was revoked, or its secret under another id`)),
		"date": {
			becomes("v active 2010..2202", "other retired"), becomes("v active 2010..2202", "other retired"),
			becomes("v active 2010..2202", "other retired 2005.."), becomes("v active 2010..2202", "other retired 2005.."),
			becomes("v active 2010..2202", "other retired 2005.."), becomes("v active 2010..2202", "other retired"), stays, stays,
		},
		"date ahead": {
			becomes("v pending 2210..", "other active"), becomes("v pending 2210..", "other active"),
			becomes("v pending 2210..", "other active 2005.."), becomes("v pending 2210..", "other active 2005.."),
			becomes("v pending 2210..", "other active 2005.."), becomes("v pending 2210..", "other active"), stays, stays,
		},
		"date, same moment": live(refused(keyring.ErrState, `the version "other" is active from the same moment`), stays),
		"date, never good":  live(refused(keyring.ErrState, "give a later end"), stays),
		"date another":      live(refused(keyring.ErrNoVersion, `the pattern has "`)),
		"revoke": {
			becomes("v revoked 2201..", "other active"), becomes("v revoked 2005..", "other retired"), becomes("other active 2005..", "v revoked"),
			becomes("other active 2005..", "v revoked ..2201"), becomes("other active 2005..", "v revoked ..2001"),
			becomes("v revoked 2005..2006", "other retired"), becomes("other active 2005..", "v revoked"), becomes("v revoked 2005..", "other retired"),
		},
		"remove version": {
			becomes("other active"), seals, becomes("other active 2005.."), becomes("other active 2005.."), becomes("other active 2005.."), seals,
			becomes("other active 2005.."), seals,
		},
		"remove the pattern": live(becomes()),
	}
	require.Len(t, table, len(operations))
	for name, do := range operations {
		require.Len(t, table[name], len(conditions), name)
		for i, c := range conditions {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				r, want := conditioned(t, c), table[name][i]
				before, generation := states(r, x), r.Generation()
				err := do(r)
				if want.refusal == nil {
					require.NoError(t, err)
					require.Equal(t, want.states, states(r, x))
					require.Greater(t, r.Generation(), generation)
					return
				}
				var ke *keyring.Error
				require.ErrorAs(t, err, &ke)
				require.Equal(t, x, ke.Pattern)
				require.ErrorIs(t, err, want.refusal)
				require.ErrorContains(t, err, want.saying)
				require.Equal(t, before, states(r, x), "unchanged")
				require.Equal(t, generation, r.Generation())
			})
		}
	}
}

// What a version of each state does, asked for by its id and without.
func TestWhatStatesDo(t *testing.T) {
	for _, c := range conditions {
		t.Run(c.name, func(t *testing.T) {
			r := keyring.New()
			require.NoError(t, r.SetVersions(exact("com.x"), c.version()))
			e := look(t, r, "com.x")
			require.False(t, e.Plain() || e.SendsPlain() || e.TakesPlain(), "the pattern is keyed, whatever its versions may do")

			v, err := e.Sealer(keyring.RoleOriginator)
			switch c.name {
			case "active", "retired", "dated": // the only one seals from its date on
				require.NoError(t, err)
				require.Equal(t, "v", v.ID())
			default:
				require.Nil(t, v)
				require.ErrorIs(t, err, keyring.ErrNoActive)
				require.NotErrorIs(t, err, keyring.ErrWrongRole)
			}

			want := map[string]error{
				"expired": keyring.ErrExpired, "lapsed": keyring.ErrExpired, "revoked": keyring.ErrRevoked, "cut": keyring.ErrRevoked,
			}[c.name]
			for _, id := range []string{"v", ""} {
				vs, err := opening(e, keyring.RoleResponder, id)
				if want != nil {
					require.Nil(t, vs)
					require.ErrorIs(t, err, want)
					require.NotErrorIs(t, err, keyring.ErrUnknownID)
					continue
				}
				require.NoError(t, err)
				require.Len(t, vs, 1)
				require.Equal(t, "v", vs[0].ID())
				require.Equal(t, cryptobox.AlgorithmSecretBox, vs[0].Cipher().Algorithm(cryptobox.Passthru))
			}
			_, err = opening(e, keyring.RoleResponder, "w")
			require.ErrorIs(t, err, keyring.ErrUnknownID)
			_, err = opening(e, 0, "")
			require.ErrorIs(t, err, keyring.ErrWrongRole)
		})
	}
}

// Changes of patterns and versions that aren't there.
func TestChangesOfWhatIsNotThere(t *testing.T) {
	for name, do := range map[string]func(*keyring.Ring, keyring.Pattern, string) error{
		"revoke":    (*keyring.Ring).Revoke,
		"remove":    (*keyring.Ring).RemoveVersion,
		"set dates": func(r *keyring.Ring, p keyring.Pattern, id string) error { return r.SetDates(p, id, from(future)) },
		"transition": func(r *keyring.Ring, p keyring.Pattern, _ string) error {
			return r.Transition(p, keyring.SendPlain, future)
		},
	} {
		r := ringOf(t, prefix("com."), wild("org..x"))
		for _, p := range []keyring.Pattern{exact("com."), exact("com.foo"), prefix("com"), prefix(""), wild("org..y"), wild("org.x."), wild("a.b.c.")} {
			err := do(r, p, "v")
			if p == exact("com.") {
				require.ErrorIs(t, err, keyring.ErrPattern)
			} else {
				require.ErrorIs(t, err, keyring.ErrNoVersion, "%s %v", name, p)
				require.ErrorContains(t, err, "the keyring doesn't have the pattern")
			}
			require.ErrorContains(t, err, "keyring: "+name+" ")
			require.Nil(t, r.Versions(p))
		}
		require.ErrorIs(t, do(r, wild(".."), "v"), keyring.ErrPattern)
		require.ErrorIs(t, do(r, keyring.Pattern{URI: "com.", Match: 9}, "v"), keyring.ErrPattern)
		require.ErrorIs(t, do(new(keyring.Ring), prefix("com."), "v"), keyring.ErrNoVersion)

		require.NoError(t, r.SetPlain(prefix("net.")))
		err := do(r, prefix("net."), "v")
		require.ErrorIs(t, err, keyring.ErrNoVersion)
		require.ErrorContains(t, err, "the pattern is plain: give it a key first")
		require.Equal(t, 3, r.Len())
	}
}

// Without versions a pattern would have no key.
func TestTheOnlyVersionStays(t *testing.T) {
	for _, c := range conditions {
		r := keyring.New()
		require.NoError(t, r.SetVersions(exact("com.x"), c.version()))
		require.ErrorIs(t, r.RemoveVersion(exact("com.x"), "v"), keyring.ErrState, c.name)
		require.Equal(t, exact("com.x"), found(t, r, "com.x"))
	}
}

func TestAddKeysANewPattern(t *testing.T) {
	for _, p := range []keyring.Pattern{exact("com.a.b"), prefix("com."), wild("com..b"), prefix("")} {
		r := keyring.New()
		require.NoError(t, r.Add(p, named("v"), from(future)))
		require.Equal(t, 1, r.Len())
		require.Equal(t, []string{"v pending 2201.."}, states(r, p))
		e := look(t, r, "com.a.b")
		_, err := e.Sealer(keyring.RoleOriginator)
		require.ErrorIs(t, err, keyring.ErrNoActive)
		require.ErrorContains(t, err, "it seals from 2201-02-03T04:05:06Z on")
		require.Equal(t, fmt.Sprintf("keyring.Entry(%v, none active)", p), fmt.Sprint(e))
		require.NoError(t, r.SetDates(p, "v", keyring.Dates{}))
		require.Equal(t, "v", idOf(t, r, "com.a.b"))

		require.NoError(t, r.Remove(p))
		require.NoError(t, r.Add(p, named("w"), keyring.Dates{}), "it opens what was closed, too")
		require.Equal(t, []string{"w active"}, states(r, p))
	}
}

func TestAddChecksAsSetDoes(t *testing.T) {
	r, none := ringOf(t, wild("com..temp")), keyring.Dates{}
	require.ErrorIs(t, r.Add(wild("com.room."), named("v"), none), keyring.ErrConflict)
	require.ErrorIs(t, r.Add(exact("a..b"), named("v"), none), keyring.ErrPattern)
	require.ErrorIs(t, r.Add(exact("a.b"), keyring.Key{}, none), keyring.ErrKey)
	require.NoError(t, r.Add(wild("com..temp"), named("v"), from(past)), "no tie with itself")
	forget(t, r, wild("com..temp"))
	require.NoError(t, r.Add(wild("com.room."), named("v"), none))
	require.ErrorIs(t, r.Add(wild("com..temp"), named("v"), none), keyring.ErrConflict, "a pattern that was added ties too")
	require.Equal(t, 1, r.Len())
	require.NoError(t, r.SetPlain(exact("a.b")))
	require.ErrorIs(t, r.Add(exact("a.b"), named("v"), none), keyring.ErrNoVersion)
	require.True(t, look(t, r, "a.b").Plain())
}

func TestVersionsAreBounded(t *testing.T) {
	r, at := ringOf(t, exact("com.x")), func(i int) keyring.Dates { return from(past.AddDate(0, 0, -i)) }
	for i := 1; i < keyring.MaxVersions; i++ {
		require.NoError(t, r.Add(exact("com.x"), named(fmt.Sprint(i)), at(i)))
	}
	require.ErrorIs(t, r.Add(exact("com.x"), named("v"), at(0)), keyring.ErrState)
	e := look(t, r, "com.x")
	vs, err := opening(e, keyring.RoleResponder, "")
	require.NoError(t, err)
	require.Len(t, vs, keyring.MaxOpeners)
	require.Equal(t, "1", vs[0].ID(), "the one that seals first")
	require.Equal(t, "2", vs[1].ID(), "then the one before it")
	require.Equal(t, len(vs), cap(vs))
	for i := 1; i < keyring.MaxVersions; i++ { // by its id each opens
		vs, err := opening(e, keyring.RoleResponder, fmt.Sprint(i))
		require.NoError(t, err)
		require.Len(t, vs, 1)
		require.Equal(t, 1, cap(vs), "to append changes no other")
	}
	require.NoError(t, r.RemoveVersion(exact("com.x"), "7"))
	require.NoError(t, r.Add(exact("com.x"), named("v"), at(0)))
}

// However many are to come, the one that seals is tried, and those that come next.
func TestVersionsToComeLeaveRoom(t *testing.T) {
	r := ringOf(t, exact("com.x"))
	for i := range 2 * keyring.MaxOpeners {
		require.NoError(t, r.Add(exact("com.x"), named(fmt.Sprint("in ", i)), from(future.AddDate(0, 0, i))))
	}
	ids := openersOf(t, look(t, r, "com.x"))
	require.Len(t, ids, keyring.MaxOpeners)
	require.Equal(t, []string{exact("com.x").String(), "in 0", "in 1"}, ids[:3])
}

// A pattern may go over from a shared key to pairs; each version serves its
// own roles only.
func TestVersionsOfDifferentKinds(t *testing.T) {
	mine, theirs := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	x, r := exact("com.x"), keyring.New()
	require.NoError(t, r.Set(x, named("shared")))
	pair := keyring.Originator(mine, theirs.Public())
	require.NoError(t, r.Add(x, pair, from(future)))
	e := look(t, r, "com.x")
	dialects := func(role keyring.Role) []cryptobox.Dialect {
		list, err := e.Dialects(role)
		require.NoError(t, err)
		return list
	}
	require.Equal(t, []cryptobox.Dialect{cryptobox.Wampbox, cryptobox.Passthru}, dialects(keyring.RoleOriginator))
	require.Equal(t, []cryptobox.Dialect{cryptobox.Passthru}, dialects(keyring.RoleResponder))
	require.Equal(t, []string{"shared"}, openersOf(t, e))
	vs, err := opening(e, keyring.RoleOriginator, pair.ID())
	require.NoError(t, err)
	require.Equal(t, pair.ID(), vs[0].ID())
	_, err = opening(e, keyring.RoleResponder, pair.ID())
	require.ErrorIs(t, err, keyring.ErrWrongRole)
	_, err = opening(e, keyring.RoleResponder, "w")
	require.ErrorIs(t, err, keyring.ErrUnknownID)

	require.NoError(t, r.SetDates(x, pair.ID(), from(past)))
	e = look(t, r, "com.x")
	_, err = e.Sealer(keyring.RoleResponder)
	require.ErrorIs(t, err, keyring.ErrWrongRole, "the one that seals counts")
	require.ErrorContains(t, err, "kind originator")
	require.Equal(t, []cryptobox.Dialect{cryptobox.Passthru}, dialects(keyring.RoleResponder))
	infos := r.Versions(x)
	require.Equal(t, keyring.VersionInfo{ID: pair.ID(), State: keyring.StateActive, Dates: from(past), Kind: "originator", Suite: cryptobox.SuiteBox}, infos[0])
	require.Equal(t, keyring.VersionInfo{ID: "shared", State: keyring.StateRetired, Kind: "shared", Dialect: cryptobox.Passthru, Algorithm: "xsalsa20poly1305"}, infos[1])

	// A role that only a revoked version served isn't a wrong one, wherever it stands.
	require.NoError(t, r.Revoke(x, "shared"))
	_, err = opening(look(t, r, "com.x"), keyring.RoleResponder, "")
	require.ErrorIs(t, err, keyring.ErrRevoked)
	require.NoError(t, r.SetVersions(x, dead("new", past), keyring.KeyVersion{Key: pair}))
	_, err = opening(look(t, r, "com.x"), keyring.RoleResponder, "")
	require.ErrorIs(t, err, keyring.ErrRevoked)
}

func TestRevokingTheActiveFailsClosed(t *testing.T) {
	p := prefix("com.")
	r, id := ringOf(t, p), p.String()
	require.NoError(t, r.Add(p, named("next"), from(future)))
	held := look(t, r, "com.x")
	v, err := held.Sealer(keyring.RoleOriginator)
	require.NoError(t, err)
	require.False(t, v.Revoked())
	require.NoError(t, r.Revoke(p, id))
	require.NoError(t, r.Revoke(p, id), "twice is once")
	require.True(t, v.Revoked())
	for name, e := range map[string]*keyring.Entry{"now": look(t, r, "com.x"), "looked up before": held} {
		_, err := e.Sealer(keyring.RoleOriginator)
		require.ErrorIs(t, err, keyring.ErrNoActive, name)
		require.ErrorContains(t, err, "it was revoked, and an older one doesn't seal in its place: add another", name)
		_, err = opening(e, keyring.RoleOriginator, id)
		require.ErrorIs(t, err, keyring.ErrRevoked, name)
		require.Equal(t, []string{"next"}, openersOf(t, e), name)
		require.False(t, e.Plain() || e.SendsPlain() || e.TakesPlain())
	}
	require.NoError(t, r.SetDates(p, "next", from(past)))
	require.Equal(t, "next", idOf(t, r, "com.x"))
	require.NoError(t, r.RemoveVersion(p, id))
	_, err = opening(look(t, r, "com.x"), keyring.RoleOriginator, id)
	require.ErrorIs(t, err, keyring.ErrUnknownID)
	require.ErrorIs(t, r.Add(p, named(id), from(year(2002))), keyring.ErrState, "it stays revoked")
	require.ErrorIs(t, r.Set(p, named(id)), keyring.ErrState)
}

func TestStateNames(t *testing.T) {
	for s, name := range map[keyring.State]string{
		keyring.StatePending: "pending", keyring.StateActive: "active", keyring.StateRetired: "retired",
		keyring.StateExpired: "expired", keyring.StateRevoked: "revoked", 0: "State(0)", 6: "State(6)",
	} {
		require.Equal(t, name, s.String())
	}
}
