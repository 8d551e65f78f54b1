package cryptobox_test

import (
	"crypto/fips140"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/fips"
)

// requireNamed checks that an error says that Go refuses to compute, and why.
func requireNamed(t *testing.T, err error) {
	t.Helper()
	require.ErrorIs(t, err, cryptobox.ErrPrimitive)
	require.NotErrorIs(t, err, cryptobox.ErrKey)
	require.NotErrorIs(t, err, cryptobox.ErrWeakKey)
	var named *cryptobox.KeyError
	require.ErrorAs(t, err, &named)
	require.ErrorContains(t, err, "not allowed in FIPS 140-only mode")
	require.ErrorContains(t, err, "GODEBUG=fips140=only")
}

// TestFIPSOnly: no key is made that serves nothing, and no other reason is given for it.
func TestFIPSOnly(t *testing.T) {
	if !fips.Only(t) {
		return
	}
	for name, make := range map[string]func() error{
		"generated":      func() (err error) { defer func() { err, _ = recover().(error) }(); cryptobox.GenerateKey(); return nil },
		"a private key":  func() error { _, err := cryptobox.ParsePrivateKey(alicePrivate); return err },
		"a public key":   func() error { _, err := cryptobox.ParsePublicKey(aliceAndBob); return err },
		"text of a file": func() error { return new(cryptobox.PublicKey).UnmarshalText([]byte(aliceAndBob)) },
		"a reading key": func() error {
			_, err := cryptobox.NewReadingKey(cryptobox.SuiteSigned, unhex(t, alicePrivate))
			return err
		},
		"a hybrid reading key": func() error { _, err := cryptobox.GenerateReadingKey(cryptobox.SuiteSignedPQ); return err },
		"a reading public key": func() error {
			_, err := cryptobox.NewReadingPublicKey(cryptobox.SuiteSigned, unhex(t, aliceAndBob))
			return err
		},
		"AES-GCM": func() error {
			c, err := cryptobox.NewAESGCM(cryptobox.GenerateSymmetricKey())
			require.Nil(t, c)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { requireNamed(t, make()) })
	}
}

// TestFIPSOnlyFromTheFirstMessageOn: keys that were made where all is allowed agree on
// nothing, and never on the secret that everybody knows.
func TestFIPSOnlyFromTheFirstMessageOn(t *testing.T) {
	if !fips.Only(t) {
		return
	}
	var private cryptobox.PrivateKey
	fips140.WithoutEnforcement(func() { private = cryptobox.GenerateKey() })
	require.False(t, private.Public().IsZero())
	box, err := cryptobox.NewBox(private, private.Public())
	require.NoError(t, err)
	for range 2 {
		_, err = box.Seal([]byte("x"))
		requireNamed(t, err)
		_, err = box.Open(make([]byte, 100))
		requireNamed(t, err)
	}
	for _, suite := range []cryptobox.Suite{cryptobox.SuiteBox, cryptobox.SuiteXBox} {
		key, err := cryptobox.NewPairKey(suite, box, private.Public(), private.Public())
		require.NoError(t, err)
		_, _, err = key.Seal(nil, event([]any{"x"}, nil))
		requireNamed(t, err)
	}
	fips140.WithoutEnforcement(func() { _, err = box.Seal([]byte("x")) })
	require.NoError(t, err, "a failure isn't kept")
}

// TestFIPSOnlyReading: reading keys that were made where all is allowed say why they serve
// nothing, in a device too, and don't call a message altered. Signing keys serve.
func TestFIPSOnlyReading(t *testing.T) {
	if !fips.Only(t) {
		return
	}
	var keys []cryptobox.ReadingKey
	var encapsulated []byte
	fips140.WithoutEnforcement(func() {
		private := unhex(t, alicePrivate)
		k, err := cryptobox.NewReadingKey(cryptobox.SuiteSigned, private)
		require.NoError(t, err)
		keys = append(keys, k, newReader(t, cryptobox.SuiteSigned, private).key(t))
		encapsulated, _, err = cryptobox.Send(k.Public(), nil)
		require.NoError(t, err)
	})
	_, _, err := cryptobox.Send(keys[0].Public(), nil)
	requireNamed(t, err)
	for _, k := range keys {
		_, err := cryptobox.Receive(k, encapsulated, nil)
		requireNamed(t, err)
	}
	signer := cryptobox.GenerateSigningKey()
	signature, err := cryptobox.Sign(signer, []byte("message"))
	require.NoError(t, err)
	require.True(t, cryptobox.Verify(signer.Public(), []byte("message"), signature))
}

// TestFIPSOnlyShared: XChaCha20-Poly1305 is refused too, and XSalsa20-Poly1305, which
// golang.org/x/crypto has outside of that mode, is not.
func TestFIPSOnlyShared(t *testing.T) {
	if !fips.Only(t) {
		return
	}
	key := cryptobox.GenerateSymmetricKey()
	suite, err := cryptobox.NewSharedKey(key)
	require.NoError(t, err)
	_, _, err = suite.Seal(nil, event([]any{"x"}, nil))
	requireNamed(t, err)
	_, err = secretBox(t, key).Seal([]byte("x"))
	require.NoError(t, err)
}
