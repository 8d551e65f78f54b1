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
	past   = time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	future = time.Date(2201, 2, 3, 4, 5, 6, 0, time.UTC)
)

// condition is a state of a version, with its date where that matters.
type condition struct {
	name     string
	state    keyring.State
	notAfter time.Time
}

var conditions = []condition{
	{"pending", keyring.StatePending, time.Time{}},
	{"active", keyring.StateActive, time.Time{}},
	{"retired", keyring.StateRetired, time.Time{}},
	{"dated", keyring.StateRetired, future},
	{"expired", keyring.StateRetired, past},
	{"revoked", keyring.StateRevoked, time.Time{}},
}

// conditioned gives a ring whose pattern "com.x" has the version "v" in a
// condition, and one called "other" that is active if v isn't.
func conditioned(t *testing.T, c condition) *keyring.Ring {
	t.Helper()
	other := keyring.StateActive
	if c.state == keyring.StateActive {
		other = keyring.StatePending
	}
	r := keyring.New()
	require.NoError(t, r.SetVersions("com.x", keyring.Exact,
		keyring.KeyVersion{Key: named("other"), State: other},
		keyring.KeyVersion{Key: named("v"), State: c.state, NotAfter: c.notAfter}))
	return r
}

// states shows versions as "id state date", by the date's year.
func states(r *keyring.Ring, p keyring.Pattern) []string {
	var list []string
	for _, v := range r.Versions(p.URI, p.Match) {
		s := v.ID + " " + v.State.String()
		if !v.NotAfter.IsZero() {
			s += fmt.Sprint(" ", v.NotAfter.Year())
		}
		list = append(list, s)
	}
	return list
}

// Every operation in every state: what comes of it, or why it is refused.
func TestOperationsInEveryState(t *testing.T) {
	operations := map[string]func(*keyring.Ring) error{
		"set":              func(r *keyring.Ring) error { return r.Set("com.x", keyring.Exact, named("v")) },
		"add":              func(r *keyring.Ring) error { return r.Add("com.x", keyring.Exact, named("v")) },
		"activate":         func(r *keyring.Ring) error { return r.Activate("com.x", keyring.Exact, "v") },
		"retire":           func(r *keyring.Ring) error { return r.Retire("com.x", keyring.Exact, "v", future.AddDate(1, 0, 0)) },
		"retire in past":   func(r *keyring.Ring) error { return r.Retire("com.x", keyring.Exact, "v", past.AddDate(1, 0, 0)) },
		"retire, no date":  func(r *keyring.Ring) error { return r.Retire("com.x", keyring.Exact, "v", time.Time{}) },
		"revoke":           func(r *keyring.Ring) error { return r.Revoke("com.x", keyring.Exact, "v") },
		"remove version":   func(r *keyring.Ring) error { return r.RemoveVersion("com.x", keyring.Exact, "v") },
		"add another":      func(r *keyring.Ring) error { return r.Add("com.x", keyring.Exact, named("w")) },
		"set another":      func(r *keyring.Ring) error { return r.Set("com.x", keyring.Exact, named("w")) },
		"activate unknown": func(r *keyring.Ring) error { return r.Activate("com.x", keyring.Exact, "w") },
		"add unbound":      func(r *keyring.Ring) error { return r.Add("com.x", keyring.Exact, named("w").AllowUnbound()) },
	}
	type outcome struct {
		states  []string // after it; nil for the ones before
		refusal error
		saying  string
	}
	refused := func(err error, saying string) outcome { return outcome{nil, err, saying} }
	becomes := func(states ...string) outcome { return outcome{states: states} }
	exists := func(state string) outcome { return refused(keyring.ErrVersionExists, state) }
	everywhere := func(o outcome) []outcome { return []outcome{o, o, o, o, o, o} }

	table := map[string][]outcome{ // in the order of conditions
		"set": append(everywhere(becomes("v active"))[:5], refused(keyring.ErrState, "make a new key, or Remove the pattern first")),
		"add": {exists("pending"), exists("active"), exists("retired"), exists("retired"), exists("retired"),
			refused(keyring.ErrVersionExists, "it was revoked: make a new key")},
		"activate": {
			becomes("v active", "other retired"), becomes("v active", "other pending"), becomes("v active", "other retired"),
			becomes("v active", "other retired"), refused(keyring.ErrState, "it expired"), refused(keyring.ErrState, "add a new key"),
		},
		"retire": {
			becomes("other active", "v retired 2202"), refused(keyring.ErrState, "activate another version first"),
			becomes("other active", "v retired 2202"), becomes("other active", "v retired 2202"), becomes("other active", "v retired 2202"),
			refused(keyring.ErrState, "stays so"),
		},
		"retire in past": {
			becomes("other active", "v retired 2002"), refused(keyring.ErrState, "activate another version first"),
			becomes("other active", "v retired 2002"), becomes("other active", "v retired 2002"), becomes("other active", "v retired 2002"),
			refused(keyring.ErrState, "stays so"),
		},
		"retire, no date": {
			refused(keyring.ErrState, "until which"), refused(keyring.ErrState, "activate another"), refused(keyring.ErrState, "until which"),
			refused(keyring.ErrState, "until which"), refused(keyring.ErrState, "until which"), refused(keyring.ErrState, "stays so"),
		},
		"revoke": {
			becomes("other active", "v revoked"), becomes("other pending", "v revoked"), becomes("other active", "v revoked"),
			becomes("other active", "v revoked"), becomes("other active", "v revoked"), becomes("other active", "v revoked"),
		},
		"remove version": {
			becomes("other active"), refused(keyring.ErrState, "activate another version first, or revoke it"), becomes("other active"),
			becomes("other active"), becomes("other active"), becomes("other active"),
		},
		"add another": {
			becomes("other active", "w pending", "v pending"), becomes("v active", "w pending", "other pending"),
			becomes("other active", "w pending", "v retired"), becomes("other active", "w pending", "v retired 2201"),
			becomes("other active", "w pending", "v retired 2001"), becomes("other active", "w pending", "v revoked"),
		},
		"set another":      everywhere(becomes("w active")),
		"activate unknown": everywhere(refused(keyring.ErrNoVersion, "Ring.Versions")),
		"add unbound":      everywhere(refused(keyring.ErrKey, "AllowUnbound is true with it and false with")),
	}
	require.Len(t, table, len(operations))
	for name, do := range operations {
		require.Len(t, table[name], len(conditions), name)
		for i, c := range conditions {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				r, want := conditioned(t, c), table[name][i]
				before := states(r, exact("com.x"))
				e, _ := r.Lookup("com.x")
				shown := fmt.Sprint(e)
				err := do(r)
				if want.refusal == nil {
					require.NoError(t, err)
					require.Equal(t, want.states, states(r, exact("com.x")))
				} else {
					var ke *keyring.Error
					require.ErrorAs(t, err, &ke)
					require.Equal(t, exact("com.x"), ke.Pattern)
					require.NotEmpty(t, ke.ID)
					require.ErrorIs(t, err, want.refusal)
					require.ErrorContains(t, err, want.saying)
					require.ErrorContains(t, err, fmt.Sprintf(`exact "com.x" id %q: `, ke.ID))
					require.Equal(t, before, states(r, exact("com.x")), "unchanged")
				}
				require.Equal(t, shown, fmt.Sprint(e), "who looked it up before has what there was")
			})
		}
	}
}

// What a version of each state does, asked for by its id and without.
func TestWhatStatesDo(t *testing.T) {
	for _, c := range conditions {
		t.Run(c.name, func(t *testing.T) {
			r := keyring.New()
			require.NoError(t, r.SetVersions("com.x", keyring.Exact, keyring.KeyVersion{Key: named("v"), State: c.state, NotAfter: c.notAfter}))
			e, ok := r.Lookup("com.x")
			require.True(t, ok, "the pattern is keyed, whatever its versions may do")

			v, err := e.Sealer(keyring.RoleOriginator)
			if c.name == "active" {
				require.NoError(t, err)
				require.Equal(t, "v", v.ID())
			} else {
				require.Nil(t, v)
				require.ErrorIs(t, err, keyring.ErrNoActive)
				require.NotErrorIs(t, err, keyring.ErrWrongRole)
			}

			want := map[string]error{"expired": keyring.ErrExpired, "revoked": keyring.ErrRevoked}[c.name]
			for _, id := range []string{"v", ""} {
				vs, err := e.Openers(keyring.RoleResponder, id)
				if want != nil {
					require.Nil(t, vs)
					require.ErrorIs(t, err, want)
					require.NotErrorIs(t, err, keyring.ErrUnknownID)
					continue
				}
				require.NoError(t, err)
				require.Len(t, vs, 1)
				require.Equal(t, "v", vs[0].ID())
				require.Equal(t, cryptobox.AlgorithmSecretBox, vs[0].Algorithm())
			}
			_, err = e.Openers(keyring.RoleResponder, "w")
			require.ErrorIs(t, err, keyring.ErrUnknownID)
			_, err = e.Openers(0, "")
			require.ErrorIs(t, err, keyring.ErrWrongRole)
		})
	}
}

// Changes of patterns and versions that aren't there.
func TestChangesOfWhatIsNotThere(t *testing.T) {
	for name, do := range map[string]func(*keyring.Ring, string, keyring.Match, string) error{
		"activate": (*keyring.Ring).Activate,
		"revoke":   (*keyring.Ring).Revoke,
		"remove":   (*keyring.Ring).RemoveVersion,
		"retire": func(r *keyring.Ring, uri string, match keyring.Match, id string) error {
			return r.Retire(uri, match, id, future)
		},
	} {
		r := ringOf(t, prefix("com."), wild("org..x"))
		for _, p := range []keyring.Pattern{exact("com."), exact("com.foo"), prefix("com"), prefix(""), wild("org..y"), wild("org.x."), wild("a.b.c.")} {
			err := do(r, p.URI, p.Match, "v")
			if p == exact("com.") {
				require.ErrorIs(t, err, keyring.ErrPattern)
			} else {
				require.ErrorIs(t, err, keyring.ErrNoVersion, "%s %v", name, p)
				require.ErrorContains(t, err, "the ring doesn't have the pattern")
			}
			require.ErrorContains(t, err, "keyring: "+name+" ")
			require.Nil(t, r.Versions(p.URI, p.Match))
		}
		require.ErrorIs(t, do(r, "..", keyring.Wildcard, "v"), keyring.ErrPattern)
		require.ErrorIs(t, do(r, "com.", 9, "v"), keyring.ErrPattern)
		require.ErrorIs(t, do(new(keyring.Ring), "com.", keyring.Prefix, "v"), keyring.ErrNoVersion)
		require.Equal(t, 2, r.Len())
	}
}

// Without versions a pattern would have to go, and its URIs in plain.
func TestTheOnlyVersionStays(t *testing.T) {
	for _, c := range conditions {
		r := keyring.New()
		require.NoError(t, r.SetVersions("com.x", keyring.Exact, keyring.KeyVersion{Key: named("v"), State: c.state, NotAfter: c.notAfter}))
		require.ErrorIs(t, r.RemoveVersion("com.x", keyring.Exact, "v"), keyring.ErrState, c.name)
		_, ok := r.Lookup("com.x")
		require.True(t, ok)
	}
}

func TestAddKeysANewPattern(t *testing.T) {
	for _, p := range []keyring.Pattern{exact("com.a.b"), prefix("com."), wild("com..b"), prefix("")} {
		r := keyring.New()
		require.NoError(t, r.Add(p.URI, p.Match, named("v")))
		require.Equal(t, 1, r.Len())
		require.Equal(t, []string{"v pending"}, states(r, p))
		e, ok := r.Lookup("com.a.b")
		require.True(t, ok, "else it would be sent in plain")
		_, err := e.Sealer(keyring.RoleOriginator)
		require.ErrorIs(t, err, keyring.ErrNoActive)
		require.Equal(t, fmt.Sprintf("keyring.Entry(%v, none active)", p), fmt.Sprint(e))
		require.NoError(t, r.Activate(p.URI, p.Match, "v"))
		require.Equal(t, "v", idOf(t, r, "com.a.b"))
	}
}

func TestAddChecksAsSetDoes(t *testing.T) {
	r := ringOf(t, wild("com..temp"))
	require.ErrorIs(t, r.Add("com.room.", keyring.Wildcard, named("v")), keyring.ErrConflict)
	require.ErrorIs(t, r.Add("a..b", keyring.Exact, named("v")), keyring.ErrPattern)
	require.ErrorIs(t, r.Add("a.b", keyring.Exact, keyring.Key{}), keyring.ErrKey)
	require.NoError(t, r.Add("com..temp", keyring.Wildcard, named("v")), "no tie with itself")
	require.True(t, r.Remove("com..temp", keyring.Wildcard))
	require.NoError(t, r.Add("com.room.", keyring.Wildcard, named("v")))
	require.ErrorIs(t, r.Add("com..temp", keyring.Wildcard, named("v")), keyring.ErrConflict, "a pattern that was added ties too")
	require.Equal(t, 1, r.Len())
}

func TestVersionsAreBounded(t *testing.T) {
	r := ringOf(t, exact("com.x"))
	for i := 1; i < keyring.MaxVersions; i++ {
		require.NoError(t, r.Add("com.x", keyring.Exact, named(fmt.Sprint(i))))
	}
	require.ErrorIs(t, r.Add("com.x", keyring.Exact, named("v")), keyring.ErrState)
	e, _ := r.Lookup("com.x")
	vs, err := e.Openers(keyring.RoleResponder, "")
	require.NoError(t, err)
	require.Len(t, vs, keyring.MaxOpeners)
	require.Equal(t, keyring.MaxOpeners, cap(vs))
	require.Equal(t, exact("com.x").String(), vs[0].ID(), "the active one first")
	require.Equal(t, fmt.Sprint(keyring.MaxVersions-1), vs[1].ID(), "then the one added last")
	for i := 1; i < keyring.MaxVersions; i++ { // by its id each opens
		vs, err := e.Openers(keyring.RoleResponder, fmt.Sprint(i))
		require.NoError(t, err)
		require.Len(t, vs, 1)
		require.Equal(t, 1, cap(vs), "to append changes no other")
	}
	require.NoError(t, r.RemoveVersion("com.x", keyring.Exact, "7"))
	require.NoError(t, r.Add("com.x", keyring.Exact, named("v")))
}

// A pattern may go over from a shared key to pairs; each version serves its
// own roles only.
func TestVersionsOfDifferentKinds(t *testing.T) {
	mine, theirs := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	r := keyring.New()
	require.NoError(t, r.Set("com.x", keyring.Exact, named("shared")))
	pair := keyring.Originator(mine, theirs.Public())
	require.NoError(t, r.Add("com.x", keyring.Exact, pair))
	e, _ := r.Lookup("com.x")
	ids := func(role keyring.Role) []string {
		vs, err := e.Openers(role, "")
		require.NoError(t, err)
		var list []string
		for _, v := range vs {
			list = append(list, v.ID())
		}
		return list
	}
	require.Equal(t, []string{"shared", pair.ID()}, ids(keyring.RoleOriginator))
	require.Equal(t, []string{"shared"}, ids(keyring.RoleResponder))
	_, err := e.Openers(keyring.RoleResponder, pair.ID())
	require.ErrorIs(t, err, keyring.ErrWrongRole)
	_, err = e.Openers(keyring.RoleResponder, "w")
	require.ErrorIs(t, err, keyring.ErrUnknownID)

	require.NoError(t, r.Activate("com.x", keyring.Exact, pair.ID()))
	e, _ = r.Lookup("com.x")
	_, err = e.Sealer(keyring.RoleResponder)
	require.ErrorIs(t, err, keyring.ErrWrongRole, "the active version counts")
	require.ErrorContains(t, err, "kind originator")
	require.Equal(t, []string{"shared"}, ids(keyring.RoleResponder))
	infos := r.Versions("com.x", keyring.Exact)
	require.Equal(t, keyring.VersionInfo{ID: pair.ID(), State: keyring.StateActive, Kind: "originator", Algorithm: "cryptobox"}, infos[0])
	require.Equal(t, keyring.VersionInfo{ID: "shared", State: keyring.StateRetired, Kind: "symmetric", Algorithm: "xsalsa20poly1305"}, infos[1])

	// A role that only a revoked version served isn't a wrong one.
	require.NoError(t, r.Revoke("com.x", keyring.Exact, "shared"))
	e, _ = r.Lookup("com.x")
	_, err = e.Openers(keyring.RoleResponder, "")
	require.ErrorIs(t, err, keyring.ErrRevoked)
}

func TestRevokingTheActiveFailsClosed(t *testing.T) {
	r := ringOf(t, prefix("com."))
	id := prefix("com.").String()
	require.NoError(t, r.Add("com.", keyring.Prefix, named("next")))
	held, _ := r.Lookup("com.x")
	require.NoError(t, r.Revoke("com.", keyring.Prefix, id))
	require.NoError(t, r.Revoke("com.", keyring.Prefix, id), "twice is once")
	e, ok := r.Lookup("com.x")
	require.True(t, ok)
	_, err := e.Sealer(keyring.RoleOriginator)
	require.ErrorIs(t, err, keyring.ErrNoActive)
	require.ErrorContains(t, err, "activate one that all peers have")
	_, err = e.Openers(keyring.RoleOriginator, id)
	require.ErrorIs(t, err, keyring.ErrRevoked)
	_, err = held.Openers(keyring.RoleOriginator, id)
	require.NoError(t, err, "what was begun before goes on")
	require.NoError(t, r.Activate("com.", keyring.Prefix, "next"))
	require.Equal(t, "next", idOf(t, r, "com.x"))
	require.NoError(t, r.RemoveVersion("com.", keyring.Prefix, id))
	e, _ = r.Lookup("com.x")
	_, err = e.Openers(keyring.RoleOriginator, id)
	require.ErrorIs(t, err, keyring.ErrUnknownID, "forgotten")
}

func TestStateNames(t *testing.T) {
	for _, s := range []keyring.State{keyring.StatePending, keyring.StateActive, keyring.StateRetired, keyring.StateRevoked} {
		parsed, err := keyring.ParseState(s.String())
		require.NoError(t, err)
		require.Equal(t, s, parsed)
	}
	for _, s := range []string{"", "Active", "State(0)", "State(5)", " active"} {
		_, err := keyring.ParseState(s)
		require.ErrorIs(t, err, keyring.ErrState)
		require.ErrorContains(t, err, "use pending, active, retired or revoked")
	}
	require.Equal(t, "State(0)", keyring.State(0).String())
}
