package keyring_test

import (
	"testing"

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

// named gives a key that is recognized by its id.
func named(id string) keyring.Key { return keyring.Symmetric(id, shared) }

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
		require.NoError(t, r.Set(p.URI, p.Match, named(p.String())))
	}
	return r
}

// found gives the pattern that keys a URI, the zero one for none.
func found(t testing.TB, r *keyring.Ring, uri string) keyring.Pattern {
	t.Helper()
	e, ok := r.Lookup(uri)
	require.Equal(t, ok, e != nil)
	if !ok {
		return keyring.Pattern{}
	}
	return e.Pattern()
}

// idOf gives the id of the key that seals for a URI.
func idOf(t testing.TB, r *keyring.Ring, uri string) string {
	t.Helper()
	e, ok := r.Lookup(uri)
	require.True(t, ok, uri)
	v, err := e.Sealer(keyring.RoleOriginator)
	require.NoError(t, err)
	return v.ID()
}

func exact(uri string) keyring.Pattern  { return keyring.Pattern{URI: uri, Match: keyring.Exact} }
func prefix(uri string) keyring.Pattern { return keyring.Pattern{URI: uri, Match: keyring.Prefix} }
func wild(uri string) keyring.Pattern   { return keyring.Pattern{URI: uri, Match: keyring.Wildcard} }
