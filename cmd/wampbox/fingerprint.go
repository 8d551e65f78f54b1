package main

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// fingerprint tells secrets apart, whatever their ids, and gives nothing of them away. The
// ring has the pattern alone.
func fingerprint(ring *keyring.Ring, p keyring.Pattern, v keyfile.VersionInfo) string {
	entry, err := ring.Lookup(sample(p))
	if err != nil {
		return ""
	}
	for _, role := range []keyring.Role{keyring.RoleOriginator, keyring.RoleResponder} {
		if openers, err := entry.Openers(role, v.ID); err == nil {
			sum := sha256.Sum256([]byte("wampbox-list-1" + openers[0].Secret()))
			return base64.RawURLEncoding.EncodeToString(sum[:12])
		}
	}
	return ""
}

// sample gives a URI that the pattern matches.
func sample(p keyring.Pattern) string {
	if p.Match == keyring.MatchPrefix {
		return p.URI + "x"
	}
	components := strings.Split(p.URI, ".")
	for i, c := range components {
		if c == "" {
			components[i] = "x"
		}
	}
	return strings.Join(components, ".")
}
