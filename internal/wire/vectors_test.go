package wire_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

func readVectors(t *testing.T, name string, v any) {
	t.Helper()
	data, err := os.ReadFile("../../vectors/" + name)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, v))
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

// TestSpecificationPublish: what the WAMP specification's PUBLISH vectors name as their
// serializer no peer reads, so they are refused. With JSON they are taken, and put back.
func TestSpecificationPublish(t *testing.T) {
	var file []struct {
		Expected struct {
			Options wamp.Dict `json:"options"`
			Payload string    `json:"payload"`
		} `json:"expected_attributes"`
	}
	readVectors(t, "wamp_transparent_publish.json", &file)
	require.Len(t, file, 6)
	for _, v := range file {
		options, payload := v.Expected.Options, unhex(t, v.Expected.Payload)
		require.NotEqual(t, "json", options["enc_serializer"])
		env, err := wire.Take(&wire.Part{Dict: options, Raw: payload})
		require.ErrorIs(t, err, wire.ErrParts)
		require.Nil(t, env)

		options["enc_serializer"] = "json"
		env, err = wire.Take(&wire.Part{Dict: options, Raw: payload})
		require.NoError(t, err)
		require.Equal(t, &wire.Envelope{Dialect: cryptobox.Autobahn, Algorithm: options["enc_algo"].(string), Payload: payload}, env)

		// The other options stay as they are.
		sent := &wire.Part{Dict: wamp.Dict{}}
		for name, value := range options {
			if !wire.Reserved(name) {
				sent.Dict[name] = value
			}
		}
		wire.Put(sent, env)
		require.Equal(t, &wire.Part{Dict: options, Raw: payload}, sent)
	}
}

type referenceFile struct {
	SecretKey []struct {
		Name      string       `json:"name"`
		Key       string       `json:"key_hex"`
		Plaintext string       `json:"plaintext_cbor_hex"`
		SecretBox hexedPayload `json:"xsalsa20poly1305"`
		AESGCM    hexedPayload `json:"aes256gcm"`
	} `json:"secretkey"`
	Box []struct {
		OriginatorPrivate string `json:"originator_priv_hex"`
		OriginatorPublic  string `json:"originator_pub_hex"`
		ResponderPrivate  string `json:"responder_priv_hex"`
		ResponderPublic   string `json:"responder_pub_hex"`
		Payload           string `json:"payload_hex"`
	} `json:"cryptobox"`
}

type hexedPayload struct {
	Payload string `json:"payload_hex"`
}

// ciphers are those that payload passthru mode has, under one shared key.
func ciphers(t *testing.T, key string) []cryptobox.Cipher {
	t.Helper()
	secret, err := cryptobox.ParseSymmetricKey(key)
	require.NoError(t, err)
	box, err := cryptobox.NewSecretBox(secret)
	require.NoError(t, err)
	gcm, err := cryptobox.NewAESGCM(secret)
	require.NoError(t, err)
	return []cryptobox.Cipher{box, gcm}
}

// openPassthru takes the payload out of an EVENT as a peer of payload passthru
// mode has sealed it, and opens it.
func openPassthru(t *testing.T, cipher cryptobox.Cipher, name string, payload []byte) *cryptobox.ForeignRecord {
	t.Helper()
	env, err := wire.Take(&wire.Part{
		Dict: wamp.Dict{"ppt_scheme": "wamp", "ppt_serializer": "cbor", "ppt_cipher": name, "ppt_keyid": "key-1"},
		Args: wamp.List{payload},
	})
	require.NoError(t, err)
	require.Equal(t, cryptobox.Passthru, env.Dialect)
	rec, _, err := cryptobox.OpenForeign(cipher, cryptobox.Passthru, env.Payload)
	require.NoError(t, err)
	return rec
}

// putAndOpen seals rec, puts it and takes it through each of nexus's
// serializers.
func putAndOpen(t *testing.T, cipher, opener cryptobox.Cipher, rec *cryptobox.ForeignRecord) {
	t.Helper()
	for _, s := range serializers {
		payload, _, err := cryptobox.SealForeign(cipher, cryptobox.Passthru, rec)
		require.NoError(t, err)
		var part wire.Part
		wire.Put(&part, &wire.Envelope{Dialect: cryptobox.Passthru, Algorithm: cipher.Algorithm(cryptobox.Passthru), KeyID: "key-1", Payload: payload})
		data, err := s.Serialize(&wamp.Event{Details: part.Dict, Arguments: part.Args, ArgumentsKw: part.Kwargs})
		require.NoError(t, err)
		msg, err := s.Deserialize(data)
		require.NoError(t, err)
		event, ok := msg.(*wamp.Event)
		require.True(t, ok)
		env, err := wire.Take(&wire.Part{Dict: event.Details, Args: event.Arguments, Kwargs: event.ArgumentsKw})
		require.NoError(t, err)
		got, _, err := cryptobox.OpenForeign(opener, cryptobox.Passthru, env.Payload)
		require.NoError(t, err)
		requireSameRecord(t, rec, got)
	}
}

// requireSameRecord compares what is in records, which don't print it.
func requireSameRecord(t *testing.T, want, got *cryptobox.ForeignRecord) {
	t.Helper()
	require.Equal(t, want.URI(), got.URI())
	require.Equal(t, want.Args(), got.Args())
	require.Equal(t, want.Kwargs(), got.Kwargs())
}

// decodePassthru reads a record that isn't sealed.
func decodePassthru(t *testing.T, plaintext []byte) *cryptobox.ForeignRecord {
	t.Helper()
	key, err := cryptobox.NewSecretBox(cryptobox.GenerateSymmetricKey())
	require.NoError(t, err)
	payload, err := key.Seal(plaintext)
	require.NoError(t, err)
	rec, _, err := cryptobox.OpenForeign(key, cryptobox.Passthru, payload)
	require.NoError(t, err)
	return rec
}

// TestReferencePayloads opens what other implementations' ciphers gave, under
// symmetric keys.
func TestReferencePayloads(t *testing.T) {
	var file referenceFile
	readVectors(t, "e2ee_reference_vectors.json", &file)
	require.Len(t, file.SecretKey, 6)
	for _, v := range file.SecretKey {
		t.Run(v.Name, func(t *testing.T) {
			want := decodePassthru(t, unhex(t, v.Plaintext))
			payloads := map[string]string{"xsalsa20poly1305": v.SecretBox.Payload, "aes256gcm": v.AESGCM.Payload}
			for _, cipher := range ciphers(t, v.Key) {
				payload, known := payloads[cipher.Algorithm(cryptobox.Passthru)]
				require.True(t, known)
				requireSameRecord(t, want, openPassthru(t, cipher, cipher.Algorithm(cryptobox.Passthru), unhex(t, payload)))
				putAndOpen(t, cipher, cipher, want)
			}
		})
	}
}

// TestReferenceBox: a payload of Autobahn's cryptobox opens from payload
// transparency, and what one party's box seals opens from payload passthru mode
// at the other party.
func TestReferenceBox(t *testing.T) {
	var file referenceFile
	readVectors(t, "e2ee_reference_vectors.json", &file)
	require.Len(t, file.Box, 1)
	v := file.Box[0]
	originator := box(t, v.OriginatorPrivate, v.ResponderPublic)
	responder := box(t, v.ResponderPrivate, v.OriginatorPublic)

	env, err := wire.Take(&wire.Part{
		Dict: wamp.Dict{"enc_algo": "cryptobox", "enc_serializer": "json"}, Raw: unhex(t, v.Payload),
	})
	require.NoError(t, err)
	require.Equal(t, cryptobox.Autobahn, env.Dialect)
	rec, _, err := cryptobox.OpenForeign(responder, cryptobox.Autobahn, env.Payload)
	require.NoError(t, err)
	require.Equal(t, "com.myapp.topic1", rec.URI())
	require.Equal(t, []any{int64(1), "two"}, rec.Args())

	putAndOpen(t, originator, responder, rec)
	putAndOpen(t, responder, originator, rec)
}

func box(t *testing.T, private, public string) *cryptobox.Box {
	t.Helper()
	own, err := cryptobox.ParsePrivateKey(private)
	require.NoError(t, err)
	peer, err := cryptobox.ParsePublicKey(public)
	require.NoError(t, err)
	b, err := cryptobox.NewBox(own, peer)
	require.NoError(t, err)
	return b
}

// TestPassthruRecords seals records as other implementations encode them, and
// takes them from payload passthru mode.
func TestPassthruRecords(t *testing.T) {
	var file []struct {
		Implementation string `json:"implementation"`
		Serializer     string `json:"ppt_serializer"`
		Bytes          string `json:"bytes_hex"`
	}
	readVectors(t, "ppt_envelope_vectors.json", &file)
	key := cryptobox.GenerateSymmetricKey()
	secretBox, err := cryptobox.NewSecretBox(key)
	require.NoError(t, err)
	gcm, err := cryptobox.NewAESGCM(key)
	require.NoError(t, err)
	seen := 0
	for _, v := range file {
		if v.Serializer != "cbor" {
			continue
		}
		seen++
		plaintext := unhex(t, v.Bytes)
		want := decodePassthru(t, plaintext)
		sealed, err := secretBox.Seal(plaintext)
		require.NoError(t, err)
		requireSameRecord(t, want, openPassthru(t, secretBox, "xsalsa20poly1305", sealed))
		sealed, err = gcm.Seal(plaintext)
		require.NoError(t, err)
		requireSameRecord(t, want, openPassthru(t, gcm, "aes256gcm", sealed))
		putAndOpen(t, secretBox, secretBox, want)
		putAndOpen(t, gcm, gcm, want)
	}
	require.Equal(t, 7, seen)

	// The same in MessagePack or JSON isn't of the scheme.
	for _, serializer := range []string{"msgpack", "json"} {
		env, err := wire.Take(&wire.Part{
			Dict: wamp.Dict{"ppt_scheme": "wamp", "ppt_serializer": serializer, "ppt_cipher": "aes256gcm"},
			Args: wamp.List{[]byte{1}},
		})
		require.ErrorIs(t, err, wire.ErrParts)
		require.Nil(t, env)
	}
}
