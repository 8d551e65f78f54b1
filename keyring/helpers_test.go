package keyring_test

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// The published sample keys of Crossbar.io's cryptobox example, which the
// vectors use too.
const (
	sampleOriginator = "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM="
	sampleResponder  = "ss1v3Nbg65NGGzz8fno17hUCS669pIvPKd3T40oWkEE="
	sampleBoth       = "bkQzyAmjd8T49VEnV/Rb5qfZSIZ1iMrvpNiCqQMls6Q="
)

// shared is a key for tests that look at patterns only.
var shared = cryptobox.GenerateSymmetricKey()

// named gives a key that is recognized by its id, and has a secret of its own.
func named(id string) keyring.Key {
	secret := sha256.Sum256([]byte("secret of " + id))
	key, err := cryptobox.NewSymmetricKey(secret[:])
	if err != nil {
		panic(err)
	}
	return keyring.Shared(key).ForPassthru(id)
}

// opening gives what opens what a party of a role received under an id: that of a key of our
// dialect by its form, else one of payload passthru mode, or "".
func opening(e *keyring.Entry, role keyring.Role, id string) ([]*keyring.Version, error) {
	derived, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(id))
	if err != nil || len(derived) != len(cryptobox.KeyID{}) {
		return e.ForeignOpeners(role, cryptobox.Passthru, id)
	}
	v, err := e.Opener(role, cryptobox.KeyID(derived))
	if err != nil {
		return nil, err
	}
	return []*keyring.Version{v}, nil
}

// serving gives the versions that may open now in a dialect, whichever role they serve.
func serving(t testing.TB, e *keyring.Entry, d cryptobox.Dialect) []*keyring.Version {
	t.Helper()
	for _, role := range []keyring.Role{keyring.RoleOriginator, keyring.RoleResponder} {
		if !d.Foreign() {
			if v, err := e.Sealer(role); err == nil {
				return []*keyring.Version{v}
			}
			continue
		}
		if vs, err := e.ForeignOpeners(role, d, ""); err == nil {
			return vs
		}
	}
	require.FailNow(t, "nothing serves")
	return nil
}

// private parses a private key.
func private(t testing.TB, text string) cryptobox.PrivateKey {
	t.Helper()
	k, err := cryptobox.ParsePrivateKey(text)
	require.NoError(t, err)
	return k
}

// ringOf sets patterns, each under a key whose id is the pattern's text.
func ringOf(t testing.TB, patterns ...keyring.Pattern) *keyring.Ring {
	t.Helper()
	r := keyring.New()
	for _, p := range patterns {
		require.NoError(t, r.Set(p, named(p.String())))
	}
	return r
}

// look gives the entry of a URI, which there is.
func look(t testing.TB, r *keyring.Ring, uri string) *keyring.Entry {
	t.Helper()
	e, err := r.Lookup(uri)
	require.NoError(t, err, uri)
	return e
}

// found gives the pattern that keys a URI, the zero one for none.
func found(t testing.TB, r *keyring.Ring, uri string) keyring.Pattern {
	t.Helper()
	e, err := r.Lookup(uri)
	require.Equal(t, err == nil, e != nil)
	if err != nil {
		require.ErrorIs(t, err, keyring.ErrClosed)
		return keyring.Pattern{}
	}
	if e.Plain() {
		return keyring.Pattern{}
	}
	return e.Pattern()
}

// closed tells whether nothing may be sent or taken for a URI.
func closed(r *keyring.Ring, uri string) bool {
	e, err := r.Lookup(uri)
	return e == nil && errors.Is(err, keyring.ErrClosed)
}

// idOf gives the id of the key that seals for a URI.
func idOf(t testing.TB, r *keyring.Ring, uri string) string {
	t.Helper()
	v, err := look(t, r, uri).Sealer(keyring.RoleOriginator)
	require.NoError(t, err)
	return v.ID()
}

func exact(text string) keyring.Pattern  { return keyring.Exact(text) }
func prefix(text string) keyring.Pattern { return keyring.Prefix(text) }
func wild(text string) keyring.Pattern   { return keyring.Wildcard(text) }

// forget takes a pattern off a ring without a trace: a removed key would leave it closed.
func forget(t testing.TB, r *keyring.Ring, p keyring.Pattern) {
	t.Helper()
	require.NoError(t, r.SetPlain(p))
	require.NoError(t, r.Remove(p))
}

// from are the dates of a version that seals from a moment on.
func from(at time.Time) keyring.Dates { return keyring.Dates{ActiveFrom: at} }

// dated gives a version called id for SetVersions, with an ActiveFrom.
func dated(id string, from time.Time) keyring.KeyVersion {
	return keyring.KeyVersion{Key: named(id), Dates: keyring.Dates{ActiveFrom: from}}
}

// dead gives a revoked version called id.
func dead(id string, from time.Time) keyring.KeyVersion {
	kv := dated(id, from)
	kv.Revoked = true
	return kv
}
