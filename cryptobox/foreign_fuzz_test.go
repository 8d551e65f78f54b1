package cryptobox_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

type foreignSeed struct {
	dialect byte // in foreign
	data    []byte
}

// foreignSeeds are what peers write, what we write, and what is refused.
func foreignSeeds(t testing.TB) []foreignSeed {
	t.Helper()
	var seeds []foreignSeed
	var ppt []struct {
		Serializer string `json:"ppt_serializer"`
		Bytes      string `json:"bytes_hex"`
	}
	readVectors(t, "ppt_envelope_vectors.json", &ppt)
	for _, v := range ppt {
		if i := slices.Index([]string{"json", "cbor"}, v.Serializer); i >= 0 {
			seeds = append(seeds, foreignSeed{byte(i), unhex(t, v.Bytes)})
		}
	}
	for _, v := range readReference(t).SecretKey {
		seeds = append(seeds, foreignSeed{1, unhex(t, v.Plaintext)})
	}
	rec := cryptobox.NewForeignRecord("com.x", []any{1, -1.5, "é", []byte{1}, nil, true, []any{}, uint64(1 << 63)}, map[string]any{"a": map[string]any{}})
	for i, d := range foreign {
		data, err := encode(t, d, rec)
		require.NoError(t, err)
		seeds = append(seeds, foreignSeed{byte(i), data})
	}
	for _, text := range hostileJSON {
		seeds = append(seeds, foreignSeed{0, []byte(text)})
	}
	for _, text := range hostileCBOR {
		seeds = append(seeds, foreignSeed{1, unhex(t, text)})
	}
	return seeds
}

// FuzzForeignRecord: what is accepted encodes, and decodes to the same record; what
// is refused gives no record and one of the known errors.
func FuzzForeignRecord(f *testing.F) {
	for _, s := range foreignSeeds(f) {
		f.Add(s.dialect, s.data)
	}
	f.Fuzz(func(t *testing.T, dialect byte, data []byte) {
		d := foreign[int(dialect)%len(foreign)]
		rec, err := decode(t, d, data)
		if err != nil {
			require.True(t, errors.Is(err, cryptobox.ErrMalformed) || errors.Is(err, cryptobox.ErrTooLarge), "%v", err)
			return
		}
		again, err := encode(t, d, rec)
		require.NoError(t, err)
		decoded, err := decode(t, d, again)
		require.NoError(t, err)
		require.True(t, sameRecord(rec, decoded), "%#v %#v\n%#v %#v", rec.Args(), rec.Kwargs(), decoded.Args(), decoded.Kwargs())
	})
}

type payloadSeed struct {
	dialect byte // in foreign
	payload []byte
}

// payloadSeeds gives what peers and we have sealed, and the ciphers that open it.
func payloadSeeds(t testing.TB) ([]payloadSeed, map[string]cryptobox.Cipher) {
	t.Helper()
	var file autobahnFile
	readVectors(t, "autobahn_cryptobox.json", &file)
	var seeds []payloadSeed
	for _, v := range file.Vectors {
		payload, err := base64.StdEncoding.DecodeString(v.Payload)
		require.NoError(t, err)
		seeds = append(seeds, payloadSeed{0, payload})
	}
	ciphers := map[string]cryptobox.Cipher{}
	for role, b := range autobahnBoxes(t, file.Keys) {
		ciphers[role] = b
	}
	for _, v := range readReference(t).SecretKey {
		key, err := cryptobox.ParseSymmetricKey(v.Key)
		require.NoError(t, err)
		ciphers["secret box"], ciphers["AES-GCM"] = secretBox(t, key), aesGCM(t, key)
		seeds = append(seeds, payloadSeed{1, unhex(t, v.SecretBox.Payload)}, payloadSeed{1, unhex(t, v.AESGCM.Payload)})
	}
	for i, d := range foreign {
		for _, c := range ciphers {
			seeds = append(seeds, payloadSeed{byte(i), foreignPayload(t, c, d)})
			plain, err := cryptobox.SealWith(c, make([]byte, 24), []byte("no record"))
			require.NoError(t, err)
			seeds = append(seeds, payloadSeed{byte(i), plain})
		}
	}
	return append(seeds, payloadSeed{0, nil}, payloadSeed{1, make([]byte, 28)}), ciphers
}

// FuzzOpenForeign: on an error all results are zero; what opens seals and
// opens to the same record.
func FuzzOpenForeign(f *testing.F) {
	seeds, ciphers := payloadSeeds(f)
	for _, s := range seeds {
		f.Add(s.dialect, s.payload)
	}
	f.Fuzz(func(t *testing.T, dialect byte, payload []byte) {
		d := foreign[int(dialect)%len(foreign)]
		before := bytes.Clone(payload)
		for _, c := range ciphers {
			rec, token, err := cryptobox.OpenForeign(c, d, payload)
			require.True(t, bytes.Equal(before, payload), "the input was changed")
			if err != nil {
				require.Nil(t, rec)
				require.True(t, token.IsZero())
				continue
			}
			require.False(t, token.IsZero())
			again, _, err := cryptobox.SealForeign(c, d, rec)
			require.NoError(t, err)
			opened, _, err := cryptobox.OpenForeign(c, d, again)
			require.NoError(t, err)
			require.True(t, sameRecord(rec, opened))
		}
	})
}

func keySeeds() []string {
	return []string{
		"6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM=", "GTtQ37XGJO2O4R8Dvx4AUo8pe61D9evIWpKGQAPdOh0=", " bkQzyAmjd8T49VEnV/Rb5qfZSIZ1iMrvpNiCqQMls6Q=\n",
		strings.Repeat("0", 64), strings.Repeat("Ab", 32), lowOrder[2], "", strings.Repeat("A", 43) + "=", strings.Repeat("A", 42) + "B=", "\u00a0" + strings.Repeat("f", 64),
	}
}

// FuzzKeyText: what is accepted is the base64 or hex of what comes out; what
// is refused gives no key and a KeyError.
func FuzzKeyText(f *testing.F) {
	for _, s := range keySeeds() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for what, p := range parsers {
			b, err := p.parse(text)
			if err != nil {
				var ke *cryptobox.KeyError
				require.ErrorAs(t, err, &ke)
				require.Nil(t, b)
				continue
			}
			trimmed := strings.TrimSpace(text)
			require.True(t, trimmed == base64.StdEncoding.EncodeToString(b) || strings.ToLower(trimmed) == hex.EncodeToString(b), what)
			again, err := p.build(b)
			require.NoError(t, err)
			require.Equal(t, b, again)
		}
	})
}

// TestSeedsAreNotEmpty: each seed corpus holds what is accepted and what isn't.
func TestSeedsAreNotEmpty(t *testing.T) {
	for i, d := range foreign {
		accepted, refused := 0, 0
		for _, seed := range foreignSeeds(t) {
			if int(seed.dialect) != i {
				continue
			}
			if _, err := decode(t, d, seed.data); err == nil {
				accepted++
			} else {
				refused++
			}
		}
		require.Greater(t, accepted, 2, d)
		require.Greater(t, refused, 20, d)
	}
	seeds, ciphers := payloadSeeds(t)
	opened := map[string]int{}
	for _, seed := range seeds {
		for name, c := range ciphers {
			if _, _, err := cryptobox.OpenForeign(c, foreign[seed.dialect], seed.payload); err == nil {
				opened[name]++
			}
		}
	}
	for name := range ciphers {
		require.Greater(t, opened[name], 3, name)
		require.Less(t, opened[name], len(seeds)/2, name)
	}
	records := map[bool]int{}
	for _, record := range recordSeeds(t) {
		_, err := openRecord(t, record, cryptobox.Message)
		records[err == nil]++
	}
	require.Greater(t, records[true], 20)
	require.Greater(t, records[false], 20)
	require.NotEmpty(t, keySeeds())
}
