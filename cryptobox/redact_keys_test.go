package cryptobox_test

import (
	"crypto/ed25519"
	"crypto/mlkem"
	"crypto/sha3"
	"crypto/sha512"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/leak"
)

// signedKeySecret is the private key of all of signedKeyValues.
var signedKeySecret = []byte("Zebra crossing 41 quokka jumps 7")

// signedKeyValues are keys of signed envelopes, in software and in devices, and errors about
// them.
func signedKeyValues(t testing.TB) map[string][]any {
	t.Helper()
	signing, err := cryptobox.NewSigningKey(signedKeySecret)
	require.NoError(t, err)
	module := newSigningModule()
	module.private = ed25519.NewKeyFromSeed(signedKeySecret)
	device, err := cryptobox.NewSigningDevice(module)
	require.NoError(t, err)
	values := map[string][]any{
		"SigningKey": {signing, &signing, device, &device},
		"VerifyKey":  {signing.Public()}, "Signer": {signing.Public().Signer()},
	}
	for _, suite := range []cryptobox.Suite{cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ} {
		k, err := cryptobox.NewReadingKey(suite, signedKeySecret)
		require.NoError(t, err)
		device := newReader(t, suite, signedKeySecret).key(t)
		values["ReadingKey"] = append(values["ReadingKey"], k, &k, device, &device)
		values["ReadingPublicKey"] = append(values["ReadingPublicKey"], k.Public())
	}
	return values
}

// TestSignedKeysAreHidden, and what is made from them: the two halves of SHA-512 in Ed25519,
// the ML-KEM and X25519 keys in X-Wing.
func TestSignedKeysAreHidden(t *testing.T) {
	halves := sha512.Sum512(signedKeySecret)
	expanded := sha3.SumSHAKE256(signedKeySecret, 96)
	pq, err := mlkem.NewDecapsulationKey768(expanded[:64])
	require.NoError(t, err)
	for _, list := range signedKeyValues(t) {
		for _, v := range list {
			leak.RequireHidden(t, v, signedKeySecret, halves[:32], halves[32:], expanded[:32], expanded[32:64], expanded[64:], pq.Bytes())
		}
	}
}

// TestSignedKeyErrorsAreHidden: no text of a private key that was refused.
func TestSignedKeyErrorsAreHidden(t *testing.T) {
	signing, err := cryptobox.NewSigningKey(signedKeySecret)
	require.NoError(t, err)
	reading, err := cryptobox.NewReadingKey(cryptobox.SuiteSignedPQ, signedKeySecret)
	require.NoError(t, err)
	for _, text := range []string{signing.UnsafeText(), reading.UnsafeText()} {
		for _, refused := range []string{text + "A", text[:len(text)-2] + "!=", text[1:], "other-" + text, text + ":", text[8:], text[8:] + ":" + text} {
			for _, parse := range []func(string) error{
				func(s string) error { _, err := cryptobox.ParseSigningKey(s); return err },
				func(s string) error { _, err := cryptobox.ParseVerifyKey(s); return err },
				func(s string) error { _, err := cryptobox.ParseReadingKey(s); return err },
				func(s string) error { _, err := cryptobox.ParseReadingPublicKey(s); return err },
			} {
				err := parse(refused)
				require.Error(t, err)
				leak.RequireHidden(t, err, signedKeySecret)
			}
		}
	}
	_, err = cryptobox.ParseReadingPublicKey(reading.UnsafeText())
	require.Error(t, err)
	leak.RequireHidden(t, err, signedKeySecret)
}
