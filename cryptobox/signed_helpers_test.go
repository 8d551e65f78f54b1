package cryptobox_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// signedSuites are the suites of signed envelopes.
var signedSuites = []cryptobox.Suite{cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ}

// party is somebody with a signing key.
type party struct {
	sign   cryptobox.SigningKey
	verify cryptobox.VerifyKey
}

// cast is who holds what of the reading key of one pattern: alice publishes and calls, bob
// reads, answers and may send, carol has a signing key that nobody lists.
type cast struct {
	suite             cryptobox.Suite
	read              cryptobox.ReadingKey
	alice, bob, carol party
}

func newCast(t testing.TB, suite cryptobox.Suite) *cast {
	t.Helper()
	read, err := cryptobox.GenerateReadingKey(suite)
	require.NoError(t, err)
	c := &cast{suite: suite, read: read}
	for _, p := range []*party{&c.alice, &c.bob, &c.carol} {
		p.sign = cryptobox.GenerateSigningKey()
		p.verify = p.sign.Public()
	}
	return c
}

// exampleCast is that of the examples.
func exampleCast(t testing.TB) (*cast, []example) {
	t.Helper()
	file := readExampleFile(t)
	c := &cast{suite: cryptobox.SuiteSigned}
	var err error
	c.read, err = cryptobox.ParseReadingKey("x25519:" + file.Keys["reading_private"])
	require.NoError(t, err)
	require.Equal(t, "x25519:"+file.Keys["reading_public"], c.read.Public().String())
	for name, p := range map[string]*party{"alice": &c.alice, "bob": &c.bob} {
		p.sign, err = cryptobox.ParseSigningKey("ed25519:" + file.Keys[name+"_signing"])
		require.NoError(t, err)
		p.verify = p.sign.Public()
		require.Equal(t, "ed25519:"+file.Keys[name+"_verify"], p.verify.String())
	}
	var examples []example
	for _, e := range file.Examples {
		if e.Suite == cryptobox.SuiteSigned {
			examples = append(examples, e)
		}
	}
	require.Len(t, examples, 9)
	return c, examples
}

// sender is what a party has that publishes and calls.
func (c *cast) sender(p party) cryptobox.SignedParts {
	return cryptobox.SignedParts{Suite: c.suite, Sign: p.sign, Seal: c.read.Public(), Answerers: []cryptobox.VerifyKey{c.bob.verify}}
}

// reader is what bob has.
func (c *cast) reader() cryptobox.SignedParts {
	return cryptobox.SignedParts{Suite: c.suite, Sign: c.bob.sign, Read: c.read, Senders: []cryptobox.VerifyKey{c.alice.verify, c.bob.verify}}
}

func signedKey(t testing.TB, parts cryptobox.SignedParts) *cryptobox.SuiteKey {
	t.Helper()
	key, err := cryptobox.NewSignedKey(parts)
	require.NoError(t, err)
	return key
}

// once has both sides sign a context once.
func once(parts cryptobox.SignedParts) cryptobox.SignedParts {
	parts.SignedOnce = true
	return parts
}

// callOf is a call's record.
func callOf(args ...any) *cryptobox.Record {
	rec := cryptobox.NewRecord(headOf(cryptobox.KindCall), "realm1", "com.myapp.add2", args, nil)
	return &rec
}

// answerTo is a record of a kind in an exchange.
func answerTo(x cryptobox.Exchange, kind cryptobox.Kind, re cryptobox.Token, args ...any) *cryptobox.Record {
	head := headOf(kind)
	head.Re = re
	rec := cryptobox.NewRecord(head, "realm1", "com.myapp.add2", args, nil)
	rec.Exchange = x
	return &rec
}

// draft encodes a record, and releases it with the test.
func draft(t testing.TB, key *cryptobox.SuiteKey, rec *cryptobox.Record) *cryptobox.Draft {
	t.Helper()
	d := new(cryptobox.Draft)
	require.NoError(t, key.Encode(rec, d))
	t.Cleanup(d.Release)
	return d
}

// openIn opens enc in an exchange, and releases it with the test.
func openIn(t testing.TB, key *cryptobox.SuiteKey, x cryptobox.Exchange, enc []byte, direction cryptobox.Direction) (*cryptobox.Opened, error) {
	t.Helper()
	opened := new(cryptobox.Opened)
	t.Cleanup(opened.Release)
	return opened, key.OpenIn(x, enc, direction, opened)
}

// inSigned runs a test for each suite of signed envelopes, signed each and signed once.
func inSigned(t *testing.T, test func(t *testing.T, c *cast, how func(cryptobox.SignedParts) cryptobox.SignedParts)) {
	t.Helper()
	each := func(parts cryptobox.SignedParts) cryptobox.SignedParts { return parts }
	for _, suite := range signedSuites {
		for name, how := range map[string]func(cryptobox.SignedParts) cryptobox.SignedParts{"each": each, "once": once} {
			t.Run(fmt.Sprintf("%v signed %s", suite, name), func(t *testing.T) { test(t, newCast(t, suite), how) })
		}
	}
}
