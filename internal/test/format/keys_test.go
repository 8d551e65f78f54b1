package format_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// TestKeyIDs: both ends arrive at the id of the file.
func TestKeyIDs(t *testing.T) {
	f := readFile(t)
	require.NotEmpty(t, f.Keys)
	for i := range f.Keys {
		keys := &f.Keys[i]
		for _, role := range []string{"originator", "responder"} {
			key := keyOf(t, f, keys.Name, role)
			require.NoError(t, key.Validate(), keys.Name)
			if keys.Dialect != "autobahn" {
				require.Equal(t, keys.ID, key.ID(), keys.Name)
			}
			if keys.Private != nil {
				require.Equal(t, keys.Public[role], privateOf(t, keys, role).Public().String())
			}
		}
	}
}

func TestKeyTexts(t *testing.T) {
	f := readFile(t)
	require.NotEmpty(t, f.KeyTexts)
	parse := map[string]func(string) error{
		"public":    func(text string) error { _, err := cryptobox.ParsePublicKey(text); return err },
		"private":   func(text string) error { _, err := cryptobox.ParsePrivateKey(text); return err },
		"symmetric": func(text string) error { _, err := cryptobox.ParseSymmetricKey(text); return err },
		"signing":   func(text string) error { _, err := cryptobox.ParseSigningKey(text); return err },
		"verify":    func(text string) error { _, err := cryptobox.ParseVerifyKey(text); return err },
	}
	for _, suite := range []cryptobox.Suite{cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ} {
		parse[fmt.Sprintf("reading %d", suite)] = func(text string) error {
			key, err := cryptobox.ParseReadingKey(text)
			return ofSuite(suite, key.Suite(), err)
		}
		parse[fmt.Sprintf("reading public %d", suite)] = func(text string) error {
			key, err := cryptobox.ParseReadingPublicKey(text)
			return ofSuite(suite, key.Suite(), err)
		}
	}
	errs := map[string]error{"": nil, "key": cryptobox.ErrKey, "weak": cryptobox.ErrWeakKey}
	for _, k := range f.KeyTexts {
		require.Contains(t, parse, k.Kind)
		require.Contains(t, errs, k.Error)
		require.ErrorIs(t, parse[k.Kind](k.Text), errs[k.Error], "%s %s", k.Kind, k.Name)
	}
}

// ofSuite is err, or that a key is of another suite than the one that is wanted.
func ofSuite(want, got cryptobox.Suite, err error) error {
	if err == nil && want != got {
		return fmt.Errorf("%w: of suite %v", cryptobox.ErrKey, got)
	}
	return err
}

// TestSigners: both ends name a signer the same.
func TestSigners(t *testing.T) {
	f := readFile(t)
	require.NotEmpty(t, f.Signers)
	for _, keys := range f.Signers {
		sign, err := cryptobox.ParseSigningKey(keys.Signing)
		require.NoError(t, err)
		require.Equal(t, keys.Verify, sign.Public().String())
		require.Equal(t, keys.Signer, sign.Public().Signer().String())
	}
}

func TestPadme(t *testing.T) {
	f := readFile(t)
	require.NotEmpty(t, f.Padme)
	for _, row := range f.Padme {
		require.Equal(t, row[1], cryptobox.Padme(row[0]), "of %d", row[0])
	}
}
