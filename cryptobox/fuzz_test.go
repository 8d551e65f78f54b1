package cryptobox_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

type recordSeed struct {
	serializer byte
	data       []byte
}

// recordSeeds are what peers write, what we write, and what is refused.
func recordSeeds(t testing.TB) []recordSeed {
	t.Helper()
	var seeds []recordSeed
	var ppt []struct {
		Serializer string `json:"ppt_serializer"`
		Bytes      string `json:"bytes_hex"`
	}
	readVectors(t, "ppt_envelope_vectors.json", &ppt)
	for _, v := range ppt {
		for i, s := range serializers {
			if string(s) == v.Serializer {
				seeds = append(seeds, recordSeed{byte(i), unhex(t, v.Bytes)})
			}
		}
	}
	for _, v := range readReference(t).SecretKey {
		seeds = append(seeds, recordSeed{2, unhex(t, v.Plaintext)})
	}
	rec := cryptobox.NewRecord("com.x", []any{1, -1.5, "é", []byte{1}, nil, true, []any{}, uint64(1 << 63)}, map[string]any{"a": map[string]any{}}, &cryptobox.Bind{Kind: cryptobox.KindCall, Realm: "r", From: cryptobox.SenderID{1}, N: 1, Re: someToken(t), Self: true})
	for i, s := range serializers {
		data, err := s.Encode(rec)
		require.NoError(t, err)
		seeds = append(seeds, recordSeed{byte(i), data})
	}
	for _, text := range hostileJSON {
		seeds = append(seeds, recordSeed{0, []byte(text)})
	}
	for _, text := range hostileMessagePack {
		seeds = append(seeds, recordSeed{1, unhex(t, text)})
	}
	for _, text := range hostileCBOR {
		seeds = append(seeds, recordSeed{2, unhex(t, text)})
	}
	return seeds
}

// FuzzRecord: what is accepted encodes, and decodes to the same record; what
// is refused gives no record and one of the known errors.
func FuzzRecord(f *testing.F) {
	for _, s := range recordSeeds(f) {
		f.Add(s.serializer, s.data)
	}
	f.Fuzz(func(t *testing.T, serializer byte, data []byte) {
		s := serializers[int(serializer)%len(serializers)]
		before := bytes.Clone(data)
		rec, err := s.Decode(data)
		require.True(t, bytes.Equal(before, data), "the input was changed")
		if err != nil {
			require.Nil(t, rec)
			require.True(t, errors.Is(err, cryptobox.ErrMalformed) || errors.Is(err, cryptobox.ErrTooLarge), "%v", err)
			return
		}
		again, err := s.Encode(rec)
		require.NoError(t, err)
		decoded, err := s.Decode(again)
		require.NoError(t, err)
		require.True(t, sameRecord(rec, decoded), "%#v %#v\n%#v %#v", rec.Args(), rec.Kwargs(), decoded.Args(), decoded.Kwargs())
	})
}

type envelopeSeed struct {
	algorithm, serializer, keyID string
	payload                      []byte
}

// envelopeSeeds gives what peers and we have sealed, some of it under names
// that open nothing, and the ciphers that open it.
func envelopeSeeds(t testing.TB) ([]envelopeSeed, map[string]cryptobox.Cipher) {
	t.Helper()
	var file autobahnFile
	readVectors(t, "autobahn_cryptobox.json", &file)
	var seeds []envelopeSeed
	for _, v := range file.Vectors {
		payload, err := base64.StdEncoding.DecodeString(v.Payload)
		require.NoError(t, err)
		seeds = append(seeds, envelopeSeed{v.Algorithm, v.Serializer, "", payload})
	}
	ciphers := map[string]cryptobox.Cipher{}
	for role, b := range autobahnBoxes(t, file.Keys) {
		ciphers[role] = b
	}
	for _, v := range readReference(t).SecretKey {
		key, err := cryptobox.ParseSymmetricKey(v.Key)
		require.NoError(t, err)
		ciphers["secret box"], ciphers["AES-GCM"] = secretBox(t, key), aesGCM(t, key)
		seeds = append(seeds, envelopeSeed{"xsalsa20poly1305", "cbor", "key-1", unhex(t, v.SecretBox.Payload)},
			envelopeSeed{"aes256gcm", "cbor", "key-1", unhex(t, v.AESGCM.Payload)}, envelopeSeed{"aes256gcm", "cbor", "", unhex(t, v.SecretBox.Payload)})
	}
	for _, s := range serializers {
		for _, c := range ciphers {
			env := sealedEnvelope(t, c, s)
			seeds = append(seeds, envelopeSeed{env.Algorithm, string(s), env.KeyID, env.Payload}, envelopeSeed{"xsalsa20poly1305", string(s), "", env.Payload})
			plain, err := cryptobox.SealWith(c, make([]byte, 24), []byte("no record"))
			require.NoError(t, err)
			seeds = append(seeds, envelopeSeed{env.Algorithm, string(s), "\x00", plain})
		}
	}
	return append(seeds, envelopeSeed{"xsalsa20poly1305", "", "", nil}, envelopeSeed{"aes256gcm", "cbor", "", make([]byte, 28)}), ciphers
}

// FuzzEnvelopeOpen: on an error all results are zero; what opens seals and
// opens to the same record.
func FuzzEnvelopeOpen(f *testing.F) {
	seeds, ciphers := envelopeSeeds(f)
	for _, s := range seeds {
		f.Add(s.algorithm, s.serializer, s.keyID, s.payload)
	}
	f.Fuzz(func(t *testing.T, algorithm, serializer, keyID string, payload []byte) {
		env := &cryptobox.Envelope{Algorithm: algorithm, Serializer: cryptobox.Serializer(serializer), KeyID: keyID, Payload: payload}
		valid := env.Validate()
		require.NotEmpty(t, env.String())
		for _, c := range ciphers {
			rec, token, err := cryptobox.Open(c, env)
			if err != nil {
				require.Nil(t, rec)
				require.True(t, token.IsZero())
				continue
			}
			require.NoError(t, valid)
			require.False(t, token.IsZero())
			again, _, err := cryptobox.Seal(c, env.Serializer, keyID, rec)
			require.NoError(t, err)
			opened, _, err := cryptobox.Open(c, again)
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
	for i, s := range serializers {
		accepted, refused := 0, 0
		for _, seed := range recordSeeds(t) {
			if int(seed.serializer) != i {
				continue
			}
			if _, err := s.Decode(seed.data); err == nil {
				accepted++
			} else {
				refused++
			}
		}
		require.Greater(t, accepted, 2, s)
		require.Greater(t, refused, 20, s)
	}
	seeds, ciphers := envelopeSeeds(t)
	opened, by := 0, map[string]int{}
	for _, seed := range seeds {
		for name, c := range ciphers {
			if _, _, err := cryptobox.Open(c, &cryptobox.Envelope{Algorithm: seed.algorithm, Serializer: cryptobox.Serializer(seed.serializer), KeyID: seed.keyID, Payload: seed.payload}); err == nil {
				opened++
				by[name]++
			}
		}
	}
	for name := range ciphers {
		require.Greater(t, by[name], 6, name)
	}
	require.Less(t, opened, len(seeds)*len(ciphers))
	require.NotEmpty(t, keySeeds())
}
