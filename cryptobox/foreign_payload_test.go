package cryptobox_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

func foreignPayload(t testing.TB, c cryptobox.Cipher, d cryptobox.Dialect) []byte {
	t.Helper()
	payload, token, err := cryptobox.SealForeign(c, d, cryptobox.NewForeignRecord("com.x", []any{"text"}, nil))
	require.NoError(t, err)
	require.False(t, token.IsZero())
	return payload
}

func requireNoRecord(t testing.TB, want error, c cryptobox.Cipher, d cryptobox.Dialect, payload []byte) {
	t.Helper()
	rec, token, err := cryptobox.OpenForeign(c, d, payload)
	require.ErrorIs(t, err, want)
	require.Nil(t, rec)
	require.True(t, token.IsZero())
}

// TestForeignRecordsTravel between the holders of a key.
func TestForeignRecordsTravel(t *testing.T) {
	ours, theirs := pair(t)
	key := cryptobox.GenerateSymmetricKey()
	for _, c := range []struct{ seals, opens cryptobox.Cipher }{
		{ours, theirs}, {theirs, ours}, {ours, ours}, {secretBox(t, key), secretBox(t, key)}, {aesGCM(t, key), aesGCM(t, key)},
	} {
		for _, d := range foreign {
			payload := foreignPayload(t, c.seals, d)
			before := bytes.Clone(payload)
			rec, _, err := cryptobox.OpenForeign(c.opens, d, payload)
			require.NoError(t, err)
			require.True(t, sameRecord(cryptobox.NewForeignRecord("com.x", []any{"text"}, nil), rec))
			require.Equal(t, before, payload)
		}
	}
}

// TestForeignTokens: equal at both ends, apart for each payload, and what they stand for
// begins with the nonce.
func TestForeignTokens(t *testing.T) {
	ours, theirs := pair(t)
	key := cryptobox.GenerateSymmetricKey()
	seen := map[cryptobox.Token]bool{{}: true}
	for _, c := range []struct {
		seals, opens cryptobox.Cipher
		nonce        int
	}{{ours, theirs, 24}, {aesGCM(t, key), aesGCM(t, key), 12}} {
		for range 10 {
			payload, token, err := cryptobox.SealForeign(c.seals, cryptobox.Passthru, &cryptobox.ForeignRecord{})
			require.NoError(t, err)
			require.False(t, seen[token])
			seen[token] = true
			require.Equal(t, append(bytes.Clone(payload[:c.nonce]), make([]byte, 24-c.nonce)...), cryptobox.TokenBytes(token))
			_, opened, err := cryptobox.OpenForeign(c.opens, cryptobox.Passthru, payload)
			require.NoError(t, err)
			require.Equal(t, token, opened)
		}
	}
}

func TestForeignPayloadsAreRefused(t *testing.T) {
	ours, theirs := pair(t)
	_, others := pair(t)
	sealed := foreignPayload(t, ours, cryptobox.Passthru)
	for name, c := range map[string]struct {
		payload []byte
		want    error
	}{
		"none":             {nil, cryptobox.ErrOpen},
		"empty":            {[]byte{}, cryptobox.ErrOpen},
		"huge":             {make([]byte, cryptobox.MaxPayload+1<<20), cryptobox.ErrTooLarge},
		"above MaxPayload": {make([]byte, cryptobox.MaxPayload+41), cryptobox.ErrTooLarge},
		"trailing byte":    {append(bytes.Clone(sealed), 0), cryptobox.ErrOpen},
		"short":            {sealed[:39], cryptobox.ErrOpen},
		"without nonce":    {sealed[24:], cryptobox.ErrOpen},
	} {
		t.Run(name, func(t *testing.T) { requireNoRecord(t, c.want, theirs, cryptobox.Passthru, c.payload) })
	}
	requireNoRecord(t, cryptobox.ErrMalformed, theirs, cryptobox.Autobahn, sealed)
	requireNoRecord(t, cryptobox.ErrMalformed, theirs, cryptobox.Passthru, foreignPayload(t, ours, cryptobox.Autobahn))
	requireNoRecord(t, cryptobox.ErrOpen, others, cryptobox.Passthru, sealed)
	requireNoRecord(t, cryptobox.ErrKey, nil, cryptobox.Passthru, sealed)
}

func TestEveryChangedByteIsNoticed(t *testing.T) {
	ours, theirs := pair(t)
	key := cryptobox.GenerateSymmetricKey()
	for _, c := range []struct{ seals, opens cryptobox.Cipher }{{ours, theirs}, {aesGCM(t, key), aesGCM(t, key)}} {
		for _, d := range foreign {
			sealed := foreignPayload(t, c.seals, d)
			for n := range sealed {
				requireNoRecord(t, cryptobox.ErrOpen, c.opens, d, sealed[:n])
			}
			for i := range len(sealed) * 8 {
				flipped := bytes.Clone(sealed)
				flipped[i/8] ^= 1 << (i % 8)
				requireNoRecord(t, cryptobox.ErrOpen, c.opens, d, flipped)
			}
		}
	}
}

func TestSealForeignRefuses(t *testing.T) {
	ours, _ := pair(t)
	for name, c := range map[string]struct {
		cipher cryptobox.Cipher
		rec    *cryptobox.ForeignRecord
		want   error
	}{
		"no cipher": {nil, &cryptobox.ForeignRecord{}, cryptobox.ErrKey},
		"no record": {ours, nil, cryptobox.ErrValue},
	} {
		t.Run(name, func(t *testing.T) {
			payload, token, err := cryptobox.SealForeign(c.cipher, cryptobox.Passthru, c.rec)
			require.ErrorIs(t, err, c.want)
			require.Nil(t, payload)
			require.True(t, token.IsZero())
		})
	}
}
