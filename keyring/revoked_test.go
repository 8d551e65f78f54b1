package keyring_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func TestRevokedIsAnIDOnly(t *testing.T) {
	r := keyring.New()
	gone := keyring.Revoked("old")
	require.Equal(t, "old", gone.ID())
	require.ErrorIs(t, r.Set(exact("com.a"), gone), keyring.ErrKey)
	require.ErrorIs(t, r.Add(exact("com.a"), gone, keyring.Dates{}), keyring.ErrKey)
	require.ErrorIs(t, r.SetVersions(exact("com.a"), keyring.KeyVersion{Key: gone}), keyring.ErrKey)
	require.ErrorIs(t, r.SetVersions(exact("com.a"), keyring.KeyVersion{Key: keyring.Revoked(""), Revoked: true}), keyring.ErrKey)
	require.Zero(t, r.Len())
}

// Messages under the id are told from others, by whoever receives them, and
// the id can't be used again.
func TestMessagesUnderARevokedID(t *testing.T) {
	o, p := private(t, sampleOriginator), private(t, sampleResponder)
	versions := []keyring.KeyVersion{
		{Key: keyring.Revoked("old"), Revoked: true}, // first, and it says nothing of dialects
		{Key: keyring.Originator(o, p.Public())},
	}
	r := keyring.New()
	require.NoError(t, r.SetVersions(exact("com.a"), versions...))
	e := look(t, r, "com.a")
	_, err := opening(e, keyring.RoleOriginator, "old")
	require.ErrorIs(t, err, keyring.ErrRevoked)
	_, err = opening(e, keyring.RoleOriginator, "other")
	require.ErrorIs(t, err, keyring.ErrUnknownID)
	_, err = e.Sealer(keyring.RoleResponder)
	require.ErrorIs(t, err, keyring.ErrWrongRole)
	_, err = e.Sealer(keyring.RoleOriginator)
	require.NoError(t, err, "without a date the revoked one isn't the one that would seal")
	require.ErrorIs(t, r.SetDates(exact("com.a"), "old", from(past)), keyring.ErrState)
	require.ErrorIs(t, r.Add(exact("com.a"), named("old"), from(past)), keyring.ErrVersionExists)

	require.NoError(t, r.SetVersions(exact("com.a"), versions[0]))
	e, _ = r.Lookup("com.a")
	for _, role := range []keyring.Role{keyring.RoleOriginator, keyring.RoleResponder} {
		_, err = opening(e, role, "old")
		require.ErrorIs(t, err, keyring.ErrRevoked)
		_, err = opening(e, role, "")
		require.ErrorIs(t, err, keyring.ErrRevoked)
		_, err = e.Sealer(role)
		require.ErrorIs(t, err, keyring.ErrNoActive)
	}
}

func TestPair(t *testing.T) {
	o, p := private(t, sampleOriginator), private(t, sampleResponder)
	pair := keyring.Pair(o, p)
	require.Equal(t, keyring.Originator(o, p.Public()).ID(), pair.ID())
	r := keyring.New()
	require.ErrorIs(t, r.Set(exact("com.a"), keyring.Pair(o, cryptobox.PrivateKey{})), keyring.ErrKey)
	require.ErrorIs(t, r.Set(exact("com.a"), keyring.Pair(cryptobox.PrivateKey{}, p)), keyring.ErrKey)
	require.ErrorIs(t, r.Set(exact("com.a"), keyring.Pair(o, o)), keyring.ErrKey, "one key is no pair")
	require.NoError(t, r.Set(exact("com.a"), pair))
	e, _ := r.Lookup("com.a")
	for _, role := range []keyring.Role{keyring.RoleOriginator, keyring.RoleResponder} {
		_, err := e.Sealer(role)
		require.NoError(t, err)
	}
}

// TestRevokedIDSaysNothingOfRoles: of an id alone it isn't known which role it served, so
// that the versions with keys say why nothing opens.
func TestRevokedIDSaysNothingOfRoles(t *testing.T) {
	r := keyring.New()
	o, p := private(t, sampleOriginator), private(t, sampleResponder)
	require.NoError(t, r.SetVersions(exact("com.a"),
		keyring.KeyVersion{Key: keyring.Originator(o, p.Public())},
		keyring.KeyVersion{Key: keyring.Revoked("gone"), Revoked: true, Dates: keyring.Dates{ActiveFrom: past}}))
	e, err := r.Lookup("com.a")
	require.NoError(t, err)
	_, err = opening(e, keyring.RoleResponder, "")
	require.ErrorIs(t, err, keyring.ErrWrongRole)
	require.ErrorContains(t, err, "originator")
	_, err = opening(e, keyring.RoleResponder, "gone")
	require.ErrorIs(t, err, keyring.ErrRevoked)
}

// The program revokes what a file gave. It stays so, whatever the file says later, and the
// file's other changes count.
func TestProgramRevokesAFilesVersion(t *testing.T) {
	x := exact("com.x")
	file := func(versions ...keyring.KeyVersion) *keyring.Ring {
		next := content(t, list(exact("com.other")))
		if len(versions) > 0 {
			require.NoError(t, next.SetVersions(x, versions...))
		}
		return next
	}
	a, b, c := dated("a", past), dated("b", future), dated("c", year(2002))
	r := keyring.New()
	update(t, r, "file", file(a, b))
	held, err := look(t, r, "com.x").Sealer(keyring.RoleOriginator)
	require.NoError(t, err)
	require.NoError(t, r.Revoke(x, "a"))
	require.True(t, held.Revoked())
	require.ErrorIs(t, r.Revoke(x, "c"), keyring.ErrNoVersion)
	require.ErrorIs(t, r.SetDates(x, "b", from(past)), keyring.ErrSource, "nothing else is the program's to change")
	stays := func(want ...string) { t.Helper(); require.Equal(t, want, states(r, x)) }
	stays("b pending 2201..", "a revoked 2001..")

	require.True(t, update(t, r, "file", file(a, b)).Empty(), "listed as good")
	stays("b pending 2201..", "a revoked 2001..")
	update(t, r, "file", file(b))
	stays("b pending 2201..")
	update(t, r, "file", file(a, b))
	stays("b pending 2201..", "a revoked 2001..")
	update(t, r, "file", file())
	require.True(t, closed(r, "com.x"))
	update(t, r, "file", file(a, c))
	stays("c active 2002..", "a revoked 2001..")
	require.Equal(t, "c", idOf(t, r, "com.x"))
	update(t, r, "file", file(keyring.KeyVersion{Key: named("a").ForPassthru("again"), Dates: from(future)}, c))
	stays("again revoked 2201..", "c active 2002..")
	update(t, r, "file", file(keyring.KeyVersion{Key: keyring.Revoked("again"), Revoked: true, Dates: from(future)}, c))
	_, err = r.Update("file", file(keyring.KeyVersion{Key: named("z").ForPassthru("again"), Dates: from(future)}, c))
	require.ErrorIs(t, err, keyring.ErrState, "an id that the file itself revoked, though its secret was known before")
	require.NoError(t, r.Revoke(x, "c"))
	_, err = look(t, r, "com.x").Sealer(keyring.RoleOriginator)
	require.ErrorIs(t, err, keyring.ErrNoActive)
}

// A version that one Update drops and a later one revokes is revoked for an exchange that
// has had it all along.
func TestRevokedAfterItWasDropped(t *testing.T) {
	x := exact("com.x")
	for name, last := range map[string]keyring.KeyVersion{
		"by its id": {Key: keyring.Revoked("a"), Revoked: true}, "by its secret": {Key: named("a").ForPassthru("again"), Revoked: true},
	} {
		r := keyring.New()
		first := keyring.New()
		require.NoError(t, first.SetVersions(x, dated("a", past)))
		update(t, r, "file", first)
		held := look(t, r, "com.x")
		v, err := held.Sealer(keyring.RoleOriginator)
		require.NoError(t, err)
		for _, versions := range [][]keyring.KeyVersion{{dated("b", past)}, {dated("b", past), last}} {
			require.False(t, v.Revoked(), name)
			next := keyring.New()
			require.NoError(t, next.SetVersions(x, versions...))
			update(t, r, "file", next)
		}
		require.True(t, v.Revoked(), name)
		_, err = held.ForeignOpeners(keyring.RoleResponder, cryptobox.Passthru, "a")
		require.ErrorIs(t, err, keyring.ErrRevoked, name)
	}
}

// What a ring knows as revoked is bounded: it takes no version that it couldn't revoke, and
// revokes all that it has.
func TestRevocationsAreBounded(t *testing.T) {
	x := exact("com.x")
	r := ringOf(t, x)
	last := 0
	for i := range 2 * keyring.MaxRevoked {
		id := fmt.Sprint(i)
		if err := r.Add(x, named(id), from(past.AddDate(0, 0, i))); err != nil {
			require.ErrorIs(t, err, keyring.ErrState)
			require.ErrorContains(t, err, "start the program anew")
			break
		}
		last = i
		if i > 0 {
			require.NoError(t, r.Revoke(x, fmt.Sprint(i-1)))
			require.NoError(t, r.RemoveVersion(x, fmt.Sprint(i-1)))
		}
	}
	require.Equal(t, keyring.MaxRevoked-2, last)
	require.NoError(t, r.SetDates(x, fmt.Sprint(last), from(past)))
	require.NoError(t, r.Revoke(x, fmt.Sprint(last)))
	require.NoError(t, r.Revoke(x, x.String()))
	require.ErrorIs(t, r.Add(x, named("0"), from(future)), keyring.ErrState)
}

// TestRevokedStaysKnown: whatever becomes of its pattern.
func TestRevokedStaysKnown(t *testing.T) {
	a, key := exact("com.a"), named("key")
	revoked := keyring.KeyVersion{Key: key, Revoked: true}
	for name, then := range map[string]func(t *testing.T, r *keyring.Ring) error{
		"taken off":   func(_ *testing.T, r *keyring.Ring) error { return r.Remove(a) },
		"another key": func(_ *testing.T, r *keyring.Ring) error { return r.Set(a, named("other")) },
		"another version": func(_ *testing.T, r *keyring.Ring) error {
			return r.SetVersions(a, keyring.KeyVersion{Key: named("other")})
		},
		"nothing happened": func(*testing.T, *keyring.Ring) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			r := keyring.New()
			require.NoError(t, r.SetVersions(a, revoked))
			require.NoError(t, then(t, r))
			require.Error(t, r.Set(a, key), "a revoked key lives again")
		})
		t.Run(name+", by a source", func(t *testing.T) {
			r := keyring.New()
			content := func(change func(*keyring.Ring) error) *keyring.Ring {
				next := keyring.New()
				require.NoError(t, change(next))
				return next
			}
			update(t, r, "file", content(func(next *keyring.Ring) error { return next.SetVersions(a, revoked) }))
			switch name {
			case "taken off":
				update(t, r, "file", keyring.New())
			case "nothing happened":
			default:
				update(t, r, "file", content(func(next *keyring.Ring) error { return then(t, next) }))
			}
			_, err := r.Update("file", content(func(next *keyring.Ring) error { return next.Set(a, key) }))
			require.Error(t, err, "a revoked key lives again")
		})
	}
}

// A version that is revoked by its id alone has the date that the ring knows, so that no
// older one seals in its place, whoever revoked it and whatever became of it meanwhile.
func TestRevokedByItsIDKeepsItsDate(t *testing.T) {
	x := exact("com.x")
	older, newest := dated("older", year(2001)), dated("newest", year(2002))
	bare := keyring.KeyVersion{Key: keyring.Revoked("newest"), Revoked: true}
	renamed := keyring.KeyVersion{Key: named("newest").ForPassthru("renamed"), Revoked: true}
	good := keyring.KeyVersion{Key: newest.Key}
	for name, c := range map[string]struct {
		then [][]keyring.KeyVersion
		id   string
	}{
		"at once":                  {[][]keyring.KeyVersion{{older, bare}}, "newest"},
		"by its secret":            {[][]keyring.KeyVersion{{older, renamed}}, "renamed"},
		"again":                    {[][]keyring.KeyVersion{{older, bare}, {older, bare}}, "newest"},
		"left out, and given back": {[][]keyring.KeyVersion{{older, bare}, {older}, {older, bare}}, "newest"},
		"taken off meanwhile":      {[][]keyring.KeyVersion{{older, bare}, nil, {older, bare}}, "newest"},
		"the only one with a date": {[][]keyring.KeyVersion{{{Key: named("older")}, bare}}, "newest"},
	} {
		file, program := ringOf(t), ringOf(t)
		for _, versions := range append([][]keyring.KeyVersion{{older, newest}}, c.then...) {
			next := keyring.New()
			if versions == nil {
				require.NoError(t, program.Remove(x))
			} else {
				require.NoError(t, next.SetVersions(x, versions...))
				require.NoError(t, program.SetVersions(x, versions...))
			}
			update(t, file, "file", next)
		}
		for whose, r := range map[string]*keyring.Ring{"file": file, "program": program} {
			require.Equal(t, c.id+" revoked 2002..", states(r, x)[0], "%s, %s", name, whose)
			_, err := look(t, r, "com.x").Sealer(keyring.RoleOriginator)
			require.ErrorIs(t, err, keyring.ErrNoActive, "%s, %s", name, whose)
		}
	}
	r := keyring.New()
	first := keyring.New()
	require.NoError(t, first.SetVersions(x, older, newest))
	update(t, r, "file", first)
	require.NoError(t, r.Revoke(x, "newest"))
	next := keyring.New()
	require.NoError(t, next.SetVersions(x, older, good))
	update(t, r, "file", next)
	require.Equal(t, []string{"newest revoked 2002..", "older retired 2001.."}, states(r, x), "listed as good, without its date")
}
