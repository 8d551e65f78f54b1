package compare

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// NewList tells what a keyring file holds. The error is that of keyfile.File.List.
func NewList(f *keyfile.File) (List, error) {
	infos, err := f.List()
	if err != nil {
		return List{}, err
	}
	l := List{Patterns: []Pattern{}}
	if l.Scramble, err = newScrambles(f); err != nil {
		return List{}, err
	}
	if f.PlainUnlessKeyed {
		l.Unkeyed = "plain"
	}
	for i, info := range infos {
		alone := f.Alone(f.Entries[i])
		alone.Scrambles = nil // a pattern needn't count for the URI by which it is looked up
		p, err := newPattern(alone, info)
		if err != nil {
			return List{}, err
		}
		l.Patterns = append(l.Patterns, p)
	}
	return l, l.parse()
}

// newPattern tells of one entry, which stands alone in a file.
func newPattern(alone *keyfile.File, info keyfile.Info) (Pattern, error) {
	p := Pattern{
		Pattern: info.Pattern.URI, Match: info.Pattern.Match.String(), Plain: info.Plain,
		Until: info.Until, AllowUnsigned: info.AllowUnsigned,
	}
	if info.Plaintext != 0 {
		p.Plaintext = info.Plaintext.String()
	}
	if info.Plain {
		return p, nil
	}
	ring, err := alone.Ring()
	if err != nil {
		return Pattern{}, err
	}
	entry, err := ring.Lookup(sample(info.Pattern))
	if err != nil {
		return Pattern{}, err
	}
	for _, v := range info.Versions {
		told := Version{
			ID: v.ID, State: v.State.String(), Kind: v.Kind, Algorithm: v.Algorithm,
			ActiveFrom: v.Dates.ActiveFrom, NotAfter: v.Dates.NotAfter, Created: v.Created,
			Fingerprint: fingerprint(entry, v), Signed: newSigned(v.VersionInfo),
		}
		switch {
		case v.Dialect.Foreign():
			told.Dialect = v.Dialect.String()
		case v.Suite != 0:
			told.Suite = v.Suite.String()
		}
		p.Versions = append(p.Versions, told)
	}
	return p, nil
}

// sample gives a URI that the pattern matches.
func sample(p keyring.Pattern) string {
	switch p.Match {
	case keyring.MatchPrefix:
		return p.URI + "x"
	case keyring.MatchWildcard:
		components := strings.Split(p.URI, ".")
		for i, c := range components {
			if c == "" {
				components[i] = "x"
			}
		}
		return strings.Join(components, ".")
	}
	return p.URI
}

// fingerprint is a hash of its own, so that no other use of the secret's id is given away.
func fingerprint(entry *keyring.Entry, v keyfile.VersionInfo) string {
	role := keyring.RoleOriginator
	if v.Kind == kindResponder || v.Kind == kindSigned && !v.Signed.Originates {
		role = keyring.RoleResponder
	}
	version, err := entry.Named(role, v.ID)
	if err != nil { // expired or revoked
		return ""
	}
	sum := sha256.Sum256([]byte("wampbox-list-1" + version.Secret()))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}
