package keyring_test

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// signer gives the signing key of a party, the same each time.
func signer(name string) cryptobox.SigningKey {
	seed := sha256.Sum256([]byte("signing key of " + name))
	key, err := cryptobox.NewSigningKey(seed[:])
	if err != nil {
		panic(err)
	}
	return key
}

// partyOf gives a party with the signing key of its name.
func partyOf(name string) keyring.Party { return keyring.Party{Name: name, Key: signer(name).Public()} }

// partiesOf gives several.
func partiesOf(names ...string) []keyring.Party {
	list := make([]keyring.Party, len(names))
	for i, name := range names {
		list[i] = partyOf(name)
	}
	return list
}

// reader gives a reading key, the same for each name and suite.
func reader(suite cryptobox.Suite, name string) cryptobox.ReadingKey {
	seed := sha256.Sum256([]byte("reading key of " + name))
	key, err := cryptobox.NewReadingKey(suite, seed[:])
	if err != nil {
		panic(err)
	}
	return key
}

// sending gives the parts of a party that calls, and takes answers of some.
func sending(name string, read cryptobox.ReadingKey, answerers ...string) keyring.Signing {
	return keyring.Signing{Suite: read.Suite(), Sign: signer(name), Seal: read.Public(), Answerers: partiesOf(answerers...)}
}

// receiving gives the parts of one that is called, and hears some.
func receiving(name string, read cryptobox.ReadingKey, senders ...string) keyring.Signing {
	return keyring.Signing{Suite: read.Suite(), Sign: signer(name), Read: read, Senders: partiesOf(senders...)}
}

// listed tells under which names a version lists the keys of some parties, "" for none.
func listed(v *keyring.Version, role keyring.Role, names ...string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i], _ = v.NameOf(signer(name).Public(), role)
	}
	return list
}

// only gives a pattern's only version, as the ring has it now.
func only(t testing.TB, r *keyring.Ring, uri string) *keyring.Version {
	t.Helper()
	e, err := r.Lookup(uri)
	require.NoError(t, err)
	ids := r.Versions(e.Pattern())
	require.Len(t, ids, 1)
	for _, role := range []keyring.Role{keyring.RoleOriginator, keyring.RoleResponder} {
		if v, err := e.Named(role, ids[0].ID); err == nil {
			return v
		}
	}
	require.FailNow(t, "nothing opens")
	return nil
}

// manyParties gives n parties, quickly.
func manyParties(n int) []keyring.Party {
	list := make([]keyring.Party, n)
	for i := range list {
		list[i] = partyOf(fmt.Sprint("party ", i))
	}
	return list
}
