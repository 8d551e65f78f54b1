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
			s, err := cryptobox.ParseSerializer(v.Serializer)
			require.NoError(t, err)
			env := &cryptobox.Envelope{Algorithm: v.Algorithm, Serializer: s, Payload: payload}
			want := &cryptobox.Record{URI: v.URI, Args: statedList(t, v.Args), Kwargs: statedMap(t, v.Kwargs)}

			rec, token, err := cryptobox.Open(boxes[v.SealedBy], env)
			require.NoError(t, err)
			require.False(t, token.IsZero())
			require.True(t, sameRecord(want, rec), "%#v %#v", rec.Args, rec.Kwargs)

			// What we seal from it opens the same way.
			again, _, err := cryptobox.Seal(boxes[v.SealedBy], s, "", rec)
			require.NoError(t, err)
			rec, _, err = cryptobox.Open(boxes[v.SealedBy], again)
			require.NoError(t, err)
			require.True(t, sameRecord(want, rec))
		})
	}
}

func TestPassthruRecordsDecode(t *testing.T) {
	var file []struct {
		Implementation string `json:"implementation"`
		Serializer     string `json:"ppt_serializer"`
		Args           any    `json:"args"`
		Kwargs         any    `json:"kwargs"`
		Bytes          string `json:"bytes_hex"`
	}
	readVectors(t, "ppt_envelope_vectors.json", &file)
	require.NotEmpty(t, file)
	for _, v := range file {
		t.Run(v.Implementation+" "+v.Serializer, func(t *testing.T) {
			rec, err := cryptobox.Serializer(v.Serializer).Decode(unhex(t, v.Bytes))
			require.NoError(t, err)
			require.Empty(t, rec.URI)
			require.Nil(t, rec.Bind)
			requireSame(t, statedList(t, v.Args), rec.Args)
			requireSame(t, statedMap(t, v.Kwargs), rec.Kwargs)
		})
	}
}

func TestReferenceRecordsDecode(t *testing.T) {
	var file referenceFile
	readVectors(t, "e2ee_reference_vectors.json", &file)
	want := map[string]cryptobox.Record{
		"args+kwargs":               {Args: []any{"wrapped"}, Kwargs: map[string]any{"worker": int64(7)}},
		"args only, kwargs null":    {Args: []any{"native"}},
		"kwargs only, args null":    {Kwargs: map[string]any{"path": "dart"}},
		"both null":                 {},
		"connectanum PPT test data": {Args: []any{int64(100), "two", true}, Kwargs: map[string]any{"key1": int64(100), "key2": "two", "key3": true}},
		"bytes inside":              {Args: []any{[]byte{8, 9, 10}}, Kwargs: map[string]any{"blob": []byte{11, 12, 13}}},
	}
	require.Len(t, file.SecretKey, len(want))
	for _, v := range file.SecretKey {
		t.Run(v.Name, func(t *testing.T) {
			rec, err := cryptobox.CBOR.Decode(unhex(t, v.Plaintext))
			require.NoError(t, err)
			w, known := want[v.Name]
			require.True(t, known)
			require.True(t, sameRecord(&w, rec), "%#v %#v", rec.Args, rec.Kwargs)

			key, err := cryptobox.ParseSymmetricKey(v.Key)
			require.NoError(t, err)
			box, err := cryptobox.NewSecretBox(key)
			require.NoError(t, err)
			env := &cryptobox.Envelope{Algorithm: cryptobox.AlgorithmSecretBox, Serializer: cryptobox.CBOR, Payload: unhex(t, v.SecretBox.Payload)}
			rec, _, err = cryptobox.Open(box, env)
			require.NoError(t, err)
			require.True(t, sameRecord(&w, rec))
		})
	}
}

type referenceFile struct {
	SecretKey []struct {
		Name      string `json:"name"`
		Key       string `json:"key_hex"`
		Plaintext string `json:"plaintext_cbor_hex"`
		SecretBox struct {
			Nonce   string `json:"nonce_hex"`
			Payload string `json:"payload_hex"`
		} `json:"xsalsa20poly1305"`
	} `json:"secretkey"`
}
