package keyring_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// unsignedOpeners are all ways in which a version of any dialect is found to open with.
func unsignedOpeners(t testing.TB, r *keyring.Ring, uri string, box, auto, passthru keyring.Key) map[string]error {
	t.Helper()
	e := look(t, r, uri)
	role := keyring.RoleResponder
	errs := map[string]error{}
	_, errs["opener"] = opening(e, role, box.ID())
	_, errs["by id"] = opening(e, role, passthru.ID())
	for name, key := range map[string]keyring.Key{"box": box, "Autobahn": auto, "passthru": passthru} {
		_, errs["named, "+name] = e.Named(role, key.ID())
	}
	_, errs["without an id, Autobahn"] = e.ForeignOpeners(role, cryptobox.Autobahn, "")
	_, errs["without an id, passthru"] = e.ForeignOpeners(role, cryptobox.Passthru, "")
	return errs
}

// mixed gives a ring with a signed version to come, and one in each dialect that isn't signed;
// the box seals.
func mixed(t testing.TB, p keyring.Pattern) (r *keyring.Ring, signed, box, auto, passthru keyring.Key) {
	t.Helper()
	signed = keyring.Signed(receiving("me", reader(cryptobox.SuiteSigned, "orders"), "shop"))
	o, me := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	box, auto, passthru = keyring.Responder(me, o.Public()), keyring.Both(o), named("k")
	r = keyring.New()
	require.NoError(t, r.Set(p, auto))
	require.NoError(t, r.Add(p, passthru, from(year(1998))))
	require.NoError(t, r.Add(p, box, from(year(1999))))
	require.NoError(t, r.Add(p, signed, from(future)))
	return r, signed, box, auto, passthru
}

// What isn't signed opens beside a signed version until the date, that moment included, and not
// after it, whatever the date of the signed one. It seals by its own dates.
func TestUnsignedVersions(t *testing.T) {
	p, responder := prefix("com."), keyring.RoleResponder
	synctest.Test(t, func(t *testing.T) {
		r, signed, box, auto, passthru := mixed(t, p)
		opens := func(want bool) {
			t.Helper()
			for how, err := range unsignedOpeners(t, r, "com.x", box, auto, passthru) {
				require.Equal(t, want, err == nil, how)
				require.Equal(t, !want, errors.Is(err, keyring.ErrUnsigned), "%s: %v", how, err)
			}
			e := look(t, r, "com.x")
			_, err := opening(e, responder, signed.ID())
			require.NoError(t, err, "what is signed opens")
			_, lasts := e.AllowsUnsigned()
			require.Equal(t, want, lasts)
			dialects, err := e.Dialects(responder)
			require.NoError(t, err)
			require.Equal(t, map[bool]int{true: 3, false: 1}[want], len(dialects))
			v, err := e.Sealer(responder)
			require.NoError(t, err)
			require.Equal(t, box.ID(), v.ID(), "it seals by its dates")
		}
		opens(false)
		until := time.Now().Add(time.Hour)
		before := look(t, r, "com.x")
		require.NoError(t, r.AllowUnsigned(p, until))
		_, err := opening(before, responder, box.ID())
		require.ErrorIs(t, err, keyring.ErrUnsigned, "an entry that was looked up doesn't change")
		opens(true)
		time.Sleep(time.Until(until))
		opens(true)
		time.Sleep(time.Nanosecond)
		opens(false)
		time.Sleep(time.Minute - time.Nanosecond)
		_, err = opening(look(t, r, "com.x"), responder, box.ID())
		require.ErrorContains(t, err, "they were allowed until "+until.UTC().Format(time.RFC3339)+", 1m0s ago by this clock")
		require.ErrorContains(t, err, "allow_unsigned")
		require.NoError(t, r.AllowUnsigned(p, future))
		opens(true)
		require.NoError(t, r.AllowUnsigned(p, time.Time{}))
		opens(false)
	})
}

// A signed version has others refused, be it revoked too, and other reasons count before.
func TestWhatShutsUnsignedVersions(t *testing.T) {
	p := prefix("com.")
	r, signed, box, auto, passthru := mixed(t, p)
	require.NoError(t, r.Revoke(p, signed.ID()))
	for how, err := range unsignedOpeners(t, r, "com.x", box, auto, passthru) {
		require.ErrorIs(t, err, keyring.ErrUnsigned, how)
	}
	r, signed, box, auto, passthru = mixed(t, p)
	require.NoError(t, r.RemoveVersion(p, signed.ID()))
	for how, err := range unsignedOpeners(t, r, "com.x", box, auto, passthru) {
		require.NoError(t, err, how)
	}
	r, signed, box, _, passthru = mixed(t, p)
	require.NoError(t, r.SetDates(p, signed.ID(), keyring.Dates{ActiveFrom: year(1996), NotAfter: year(1997)}))
	_, err := opening(look(t, r, "com.x"), keyring.RoleResponder, box.ID())
	require.ErrorIs(t, err, keyring.ErrUnsigned, "one that expired counts")
	require.NoError(t, r.Revoke(p, box.ID()))
	_, err = opening(look(t, r, "com.x"), keyring.RoleResponder, box.ID())
	require.ErrorIs(t, err, keyring.ErrRevoked)
	require.NoError(t, r.SetDates(p, passthru.ID(), keyring.Dates{ActiveFrom: year(1990), NotAfter: year(1991)}))
	_, err = opening(look(t, r, "com.x"), keyring.RoleResponder, passthru.ID())
	require.ErrorIs(t, err, keyring.ErrExpired)
}

// Of a revoked version the ring knows that it was signed, though it is given by its id alone.
func TestARevokedIDShutsUnsignedVersions(t *testing.T) {
	p := prefix("com.")
	_, signed, box, auto, passthru := mixed(t, p)
	signedBy := keyring.KeyVersion{Key: signed, Dates: from(past)}
	others := []keyring.KeyVersion{
		{Key: box, Dates: from(year(1999))}, {Key: auto}, {Key: passthru, Dates: from(year(1998))},
	}
	id := keyring.KeyVersion{Key: keyring.Revoked(signed.ID()), Revoked: true}
	content := func(first keyring.KeyVersion) *keyring.Ring {
		r := keyring.New()
		require.NoError(t, r.SetVersions(p, append([]keyring.KeyVersion{first}, others...)...))
		return r
	}
	shut := func(r *keyring.Ring) {
		t.Helper()
		for how, err := range unsignedOpeners(t, r, "com.x", box, auto, passthru) {
			require.ErrorIs(t, err, keyring.ErrUnsigned, how)
		}
	}
	set := func(r *keyring.Ring) {
		t.Helper()
		require.NoError(t, r.SetVersions(p, append([]keyring.KeyVersion{id}, others...)...))
		shut(r)
	}
	r := content(signedBy)
	set(r)
	set(r)
	r = content(signedBy)
	require.NoError(t, r.Revoke(p, signed.ID()))
	set(r)
	require.NoError(t, r.SetPlain(p))
	set(r)

	r = keyring.New()
	update(t, r, "file", content(signedBy))
	for range 2 {
		update(t, r, "file", content(id))
		shut(r)
	}
}

// Where the signed version serves another role, nothing opens.
func TestNothingOpensBesideASignedSender(t *testing.T) {
	p := prefix("com.")
	r := keyring.New()
	require.NoError(t, r.Set(p, keyring.Signed(sending("me", reader(cryptobox.SuiteSigned, "orders")))))
	require.NoError(t, r.Add(p, named("k"), from(past)))
	e := look(t, r, "com.x")
	_, err := e.Dialects(keyring.RoleResponder)
	require.ErrorIs(t, err, keyring.ErrUnsigned)
	_, err = e.ForeignOpeners(keyring.RoleResponder, cryptobox.Passthru, "")
	require.ErrorIs(t, err, keyring.ErrUnsigned)
	require.NoError(t, r.AllowUnsigned(p, future))
	dialects, err := look(t, r, "com.x").Dialects(keyring.RoleResponder)
	require.NoError(t, err)
	require.Equal(t, []cryptobox.Dialect{cryptobox.Passthru}, dialects)
}

// The allowance is the pattern's: it stays with other versions, and goes with another key.
func TestAllowUnsignedIsThePatterns(t *testing.T) {
	p := prefix("com.")
	r := ringOf(t, p)
	allows := func(want bool) {
		t.Helper()
		_, lasts := look(t, r, "com.x").AllowsUnsigned()
		require.Equal(t, want, lasts)
	}
	require.NoError(t, r.AllowUnsigned(p, future), "before there is a signed version")
	signed := keyring.Signed(receiving("me", reader(cryptobox.SuiteSigned, "orders"), "shop"))
	require.NoError(t, r.Add(p, signed, from(past)))
	allows(true)
	require.NoError(t, r.SetDates(p, signed.ID(), from(future)))
	require.NoError(t, r.AddParty(p, keyring.RoleOriginator, partyOf("desk")))
	require.NoError(t, r.Transition(p, keyring.AcceptPlain, future))
	require.NoError(t, r.Revoke(p, p.String()))
	allows(true)
	require.True(t, look(t, r, "com.x").TakesPlain())
	require.NoError(t, r.Set(p, named("other")))
	allows(false)

	for pattern, want := range map[keyring.Pattern]error{exact("a..b"): keyring.ErrPattern, exact("org.x"): keyring.ErrNoVersion, exact("com.plain"): keyring.ErrNoVersion, exact("com.file"): keyring.ErrSource} {
		r := ringOf(t, p)
		require.NoError(t, r.SetPlain(exact("com.plain")))
		update(t, r, "file", ringOf(t, exact("com.file")))
		err := r.AllowUnsigned(pattern, future)
		require.ErrorIs(t, err, want)
		require.ErrorContains(t, err, "allow unsigned")
	}
}

// A source says it of its own patterns, and a change of it is told.
func TestUpdateTellsOfAllowUnsigned(t *testing.T) {
	p := prefix("com.")
	content := func(until time.Time) *keyring.Ring {
		r := ringOf(t, p)
		require.NoError(t, r.AllowUnsigned(p, until))
		return r
	}
	r := keyring.New()
	requireChanges(t, keyring.Changes{Opened: list(p)}, update(t, r, "file", content(past)))
	requireChanges(t, keyring.Changes{}, update(t, r, "file", content(past)))
	requireChanges(t, keyring.Changes{Changed: list(p)}, update(t, r, "file", content(future)))
	_, lasts := look(t, r, "com.x").AllowsUnsigned()
	require.True(t, lasts)
}
