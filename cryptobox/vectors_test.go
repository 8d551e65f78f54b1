package cryptobox_test

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

type autobahnFile struct {
	Keys    map[string]string `json:"keys"`
	Vectors []struct {
		Name       string `json:"name"`
		SealedBy   string `json:"sealed_by"`
		URI        string `json:"uri"`
		Args       any    `json:"args"`
		Kwargs     any    `json:"kwargs"`
		Algorithm  string `json:"enc_algo"`
		Serializer string `json:"enc_serializer"`
		Payload    string `json:"payload_base64"`
	} `json:"vectors"`
}

func mustPrivate(t testing.TB, text string) cryptobox.PrivateKey {
	t.Helper()
	k, err := cryptobox.ParsePrivateKey(text)
	require.NoError(t, err)
	return k
}

// autobahnBoxes gives who opens what each role has sealed.
func autobahnBoxes(t testing.TB, keys map[string]string) map[string]*cryptobox.Box {
	t.Helper()
	originator := mustPrivate(t, keys["originator_priv"])
	responder := mustPrivate(t, keys["responder_priv"])
	def := mustPrivate(t, keys["default_priv"])
	require.Equal(t, keys["originator_pub"], originator.Public().String())
	require.Equal(t, keys["responder_pub"], responder.Public().String())
	boxes := map[string]*cryptobox.Box{}
	for role, k := range map[string]struct {
		private cryptobox.PrivateKey
		peer    cryptobox.PublicKey
	}{
		"originator":  {responder, originator.Public()},
		"responder":   {originator, responder.Public()},
		"default key": {def, def.Public()},
	} {
		b, err := cryptobox.NewBox(k.private, k.peer)
		require.NoError(t, err)
		boxes[role] = b
	}
	return boxes
}

func TestAutobahnPayloadsOpen(t *testing.T) {
	var file autobahnFile
	readVectors(t, "autobahn_cryptobox.json", &file)
	require.NotEmpty(t, file.Vectors)
	boxes := autobahnBoxes(t, file.Keys)
	for _, v := range file.Vectors {
		t.Run(v.Name+" by "+v.SealedBy, func(t *testing.T) {
			payload, err := base64.StdEncoding.DecodeString(v.Payload)
			require.NoError(t, err)
			require.Equal(t, "json", v.Serializer)
			require.Equal(t, v.Algorithm, boxes[v.SealedBy].Algorithm(cryptobox.Autobahn))
			want := cryptobox.NewForeignRecord(v.URI, statedList(t, v.Args), statedMap(t, v.Kwargs))

			rec, token, err := cryptobox.OpenForeign(boxes[v.SealedBy], cryptobox.Autobahn, payload)
			require.NoError(t, err)
			require.False(t, token.IsZero())
			require.True(t, sameRecord(want, rec), "%#v %#v", rec.Args(), rec.Kwargs())

			// What we seal from it opens the same way.
			again, _, err := cryptobox.SealForeign(boxes[v.SealedBy], cryptobox.Autobahn, rec)
			require.NoError(t, err)
			rec, _, err = cryptobox.OpenForeign(boxes[v.SealedBy], cryptobox.Autobahn, again)
			require.NoError(t, err)
			require.True(t, sameRecord(want, rec))
		})
	}
}

type sealedVector struct {
	Nonce   string `json:"nonce_hex"`
	Payload string `json:"payload_hex"`
}

type referenceFile struct {
	SecretKey []struct {
		Name      string       `json:"name"`
		Key       string       `json:"key_hex"`
		Plaintext string       `json:"plaintext_cbor_hex"`
		SecretBox sealedVector `json:"xsalsa20poly1305"`
		AESGCM    sealedVector `json:"aes256gcm"`
	} `json:"secretkey"`
	Box []struct {
		sealedVector
		Name             string `json:"name"`
		OriginatorSecret string `json:"originator_priv_hex"`
		OriginatorPublic string `json:"originator_pub_hex"`
		ResponderSecret  string `json:"responder_priv_hex"`
		ResponderPublic  string `json:"responder_pub_hex"`
		Plaintext        string `json:"plaintext_json"`
	} `json:"cryptobox"`
}

func readReference(t testing.TB) referenceFile {
	t.Helper()
	var file referenceFile
	readVectors(t, "e2ee_reference_vectors.json", &file)
	require.NotEmpty(t, file.Box)
	require.NotEmpty(t, file.SecretKey)
	return file
}

// golden seals with the stated nonce, and opens what is stated.
func golden(t *testing.T, c cryptobox.Cipher, v sealedVector, d cryptobox.Dialect, plaintext []byte, want *cryptobox.ForeignRecord) {
	t.Helper()
	nonce, payload := unhex(t, v.Nonce), unhex(t, v.Payload)
	sealed, err := cryptobox.SealWith(c, nonce, plaintext)
	require.NoError(t, err)
	require.Equal(t, payload, sealed)
	rec, token, err := cryptobox.OpenForeign(c, d, payload)
	require.NoError(t, err)
	require.Equal(t, nonce, cryptobox.TokenBytes(token)[:len(nonce)])
	require.True(t, sameRecord(want, rec), "%#v %#v", rec.Args(), rec.Kwargs())
}

func TestReferenceSecretKeys(t *testing.T) {
	want := map[string]*cryptobox.ForeignRecord{
		"args+kwargs":               cryptobox.NewForeignRecord("", []any{"wrapped"}, map[string]any{"worker": int64(7)}),
		"args only, kwargs null":    cryptobox.NewForeignRecord("", []any{"native"}, nil),
		"kwargs only, args null":    cryptobox.NewForeignRecord("", nil, map[string]any{"path": "dart"}),
		"both null":                 cryptobox.NewForeignRecord("", nil, nil),
		"connectanum PPT test data": cryptobox.NewForeignRecord("", []any{int64(100), "two", true}, map[string]any{"key1": int64(100), "key2": "two", "key3": true}),
		"bytes inside":              cryptobox.NewForeignRecord("", []any{[]byte{8, 9, 10}}, map[string]any{"blob": []byte{11, 12, 13}}),
	}
	file := readReference(t)
	require.Len(t, file.SecretKey, len(want))
	for _, v := range file.SecretKey {
		t.Run(v.Name, func(t *testing.T) {
			w, known := want[v.Name]
			require.True(t, known)
			key, err := cryptobox.ParseSymmetricKey(v.Key)
			require.NoError(t, err)
			plaintext := unhex(t, v.Plaintext)
			golden(t, secretBox(t, key), v.SecretBox, cryptobox.Passthru, plaintext, w)
			golden(t, aesGCM(t, key), v.AESGCM, cryptobox.Passthru, plaintext, w)
			if len(w.Kwargs()) < 2 { // else their order is open
				data, err := encode(t, cryptobox.Passthru, w)
				require.NoError(t, err)
				require.Equal(t, withAbsentURI(t, cryptobox.Passthru, plaintext), data)
			}
		})
	}
}

func TestReferenceBoxes(t *testing.T) {
	for _, v := range readReference(t).Box {
		t.Run(v.Name, func(t *testing.T) {
			originator, responder := mustPrivate(t, v.OriginatorSecret), mustPrivate(t, v.ResponderSecret)
			require.Equal(t, unhex(t, v.OriginatorPublic), originator.Public().Bytes())
			require.Equal(t, unhex(t, v.ResponderPublic), responder.Public().Bytes())
			want := cryptobox.NewForeignRecord("com.myapp.topic1", []any{int64(1), "two"}, nil)
			for _, k := range []struct {
				private cryptobox.PrivateKey
				peer    cryptobox.PublicKey
			}{{originator, responder.Public()}, {responder, originator.Public()}} {
				b, err := cryptobox.NewBox(k.private, k.peer)
				require.NoError(t, err)
				golden(t, b, v.sealedVector, cryptobox.Autobahn, []byte(v.Plaintext), want)
			}
			golden(t, secretBox(t, pairKey(t, originator, responder.Public())), v.sealedVector, cryptobox.Autobahn, []byte(v.Plaintext), want)
			// Our JSON has Autobahn's order and spacing.
			data, err := encode(t, cryptobox.Autobahn, want)
			require.NoError(t, err)
			require.Equal(t, v.Plaintext, string(data))
		})
	}
}
