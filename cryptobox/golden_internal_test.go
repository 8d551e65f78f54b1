package cryptobox

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func bytesOf(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

type goldenFile struct {
	SecretKey []struct {
		Name      string `json:"name"`
		Key       string `json:"key_hex"`
		Plaintext string `json:"plaintext_cbor_hex"`
		SecretBox struct {
			Nonce   string `json:"nonce_hex"`
			Payload string `json:"payload_hex"`
		} `json:"xsalsa20poly1305"`
	} `json:"secretkey"`
	Box []struct {
		Name             string `json:"name"`
		OriginatorSecret string `json:"originator_priv_hex"`
		OriginatorPublic string `json:"originator_pub_hex"`
		ResponderSecret  string `json:"responder_priv_hex"`
		ResponderPublic  string `json:"responder_pub_hex"`
		Nonce            string `json:"nonce_hex"`
		Plaintext        string `json:"plaintext_json"`
		Payload          string `json:"payload_hex"`
	} `json:"cryptobox"`
}

func readGolden(t *testing.T) goldenFile {
	t.Helper()
	data, err := os.ReadFile("../vectors/e2ee_reference_vectors.json")
	require.NoError(t, err)
	var file goldenFile
	require.NoError(t, json.Unmarshal(data, &file))
	require.NotEmpty(t, file.Box)
	require.NotEmpty(t, file.SecretKey)
	return file
}

// golden seals with the stated nonce and opens again.
func golden(t *testing.T, b *Box, nonce, plaintext, payload []byte) {
	t.Helper()
	sealed, err := b.sealFrom(bytes.NewReader(nonce), nil, plaintext)
	require.NoError(t, err)
	require.Equal(t, payload, sealed)
	opened, err := b.Open(payload)
	require.NoError(t, err)
	require.Equal(t, plaintext, opened)
	require.Equal(t, nonce, b.token(payload).bytes())
}

func TestGoldenBox(t *testing.T) {
	for _, v := range readGolden(t).Box {
		t.Run(v.Name, func(t *testing.T) {
			originator, err := ParsePrivateKey(v.OriginatorSecret)
			require.NoError(t, err)
			responder, err := ParsePrivateKey(v.ResponderSecret)
			require.NoError(t, err)
			require.Equal(t, bytesOf(t, v.OriginatorPublic), originator.Public().Bytes())
			require.Equal(t, bytesOf(t, v.ResponderPublic), responder.Public().Bytes())
			for _, k := range []struct {
				private PrivateKey
				peer    PublicKey
			}{{originator, responder.Public()}, {responder, originator.Public()}} {
				b, err := NewBox(k.private, k.peer)
				require.NoError(t, err)
				golden(t, b, bytesOf(t, v.Nonce), []byte(v.Plaintext), bytesOf(t, v.Payload))
			}
			// Our JSON has Autobahn's order and spacing.
			rec, err := JSON.Decode([]byte(v.Plaintext))
			require.NoError(t, err)
			again, err := JSON.Encode(rec)
			require.NoError(t, err)
			require.Equal(t, v.Plaintext, string(again))
		})
	}
}

func TestGoldenSecretBox(t *testing.T) {
	for _, v := range readGolden(t).SecretKey {
		t.Run(v.Name, func(t *testing.T) {
			key, err := NewSymmetricKey(bytesOf(t, v.Key))
			require.NoError(t, err)
			b, err := NewSecretBox(key)
			require.NoError(t, err)
			golden(t, b, bytesOf(t, v.SecretBox.Nonce), bytesOf(t, v.Plaintext), bytesOf(t, v.SecretBox.Payload))
		})
	}
}

func TestSealAppends(t *testing.T) {
	b, err := NewSecretBox(GenerateSymmetricKey())
	require.NoError(t, err)
	sealed, err := b.seal([]byte("before"), []byte("text"))
	require.NoError(t, err)
	require.Equal(t, "before", string(sealed[:6]))
	opened, err := b.open([]byte("more "), sealed[6:])
	require.NoError(t, err)
	require.Equal(t, "more text", string(opened))
}

func TestSealWithoutRandomness(t *testing.T) {
	b, err := NewSecretBox(GenerateSymmetricKey())
	require.NoError(t, err)
	sealed, err := b.sealFrom(bytes.NewReader(make([]byte, nonceSize-1)), nil, []byte("text"))
	require.Error(t, err)
	require.Nil(t, sealed)
}

func TestSystemRandomIsRandom(t *testing.T) {
	a, err := newNonce(systemRandom())
	require.NoError(t, err)
	b, err := newNonce(systemRandom())
	require.NoError(t, err)
	require.NotEqual(t, *a, *b)
}

// TestCanonicalIsNotCopied: arguments that are canonical already are walked
// without an allocation, and come out as they went in.
func TestCanonicalIsNotCopied(t *testing.T) {
	args := []any{nil, true, int64(1), uint64(1 << 63), 1.5, "text", []byte("bytes"), []any{int64(2), []any{}}, map[string]any{"k": []any{"v"}}}
	var out []any
	allocs := testing.AllocsPerRun(50, func() {
		w := walker{to: JSON, left: sealBudget()}
		list, changed, err := w.list(args, 1)
		if err != nil || changed {
			panic(errors.Join(errors.New("changed"), err))
		}
		out = list
	})
	require.Zero(t, allocs)
	require.Same(t, &args[0], &out[0])
}

// TestTokenIsMasked: what reflection finds in a Token is not the nonce.
func TestTokenIsMasked(t *testing.T) {
	nonce := []byte("0123456789abcdefghijklmn")
	token := newToken(nonce)
	require.NotContains(t, token.masked, string(nonce[:4]))
	require.Equal(t, nonce, token.bytes())
	require.Equal(t, token, newToken(nonce))
	require.NotEqual(t, token, newToken(nonce[:23]))
}

func TestScanRefusesWhatTheDecoderTakes(t *testing.T) {
	for _, c := range []string{"d9d9f7a0", "c100", "c074323031332d30332d32315432303a30343a30305a", "e0", "f820", "a10102", "a1416101", "c200", "d8406161", "d84080", "d840d8404161", "d9d9f74161"} {
		left := openBudget()
		require.ErrorIs(t, scanCBOR(bytesOf(t, c), 0, &left), ErrMalformed, c)
	}
}
