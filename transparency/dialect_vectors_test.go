package transparency_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// What other implementations have sealed, sent as they send it, reaches handlers.

func readVectors(t testing.TB, name string, v any) {
	t.Helper()
	data, err := os.ReadFile("../vectors/" + name)
	require.NoError(t, err)
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(v))
}

// stated turns what a vector states into what a handler should get.
func stated(t testing.TB, v any) any {
	t.Helper()
	switch v := v.(type) {
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			f, err := v.Float64()
			require.NoError(t, err)
			return f
		}
		n, err := v.Int64()
		require.NoError(t, err)
		return n
	case []any:
		for i := range v {
			v[i] = stated(t, v[i])
		}
		return v
	case map[string]any:
		if text, ok := v["$bytes_hex"].(string); ok {
			b, err := hex.DecodeString(text)
			require.NoError(t, err)
			return b
		}
		for name := range v {
			v[name] = stated(t, v[name])
		}
		return v
	}
	return v
}

// delivered is a payload as another implementation sends it, and what a handler has
// to get.
type delivered struct {
	uri    string
	tail   tail
	args   wamp.List
	kwargs wamp.Dict
}

func (d delivered) requireArrived(t *testing.T, args wamp.List, kwargs, details wamp.Dict) {
	t.Helper()
	requireExactly(t, d.args, args)
	requireExactly(t, d.kwargs, kwargs)
	info, ok := transparency.InfoFrom(details)
	require.True(t, ok)
	require.True(t, info.Dialect.Foreign())
}

func (d delivered) toResponder(t *testing.T, p *played) {
	t.Helper()
	s := serve(p, d.uri)
	s.sendEvent(d.tail)
	ev := harness.Receive(t, s.events)
	d.requireArrived(t, ev.Arguments, ev.ArgumentsKw, ev.Details)
	s.sendInvocation(d.tail)
	inv := harness.Receive(t, s.served)
	d.requireArrived(t, inv.Arguments, inv.ArgumentsKw, inv.Details)
	_, record, _ := s.sealedMessage(wamp.YIELD, 1, wamp.Dict{})
	require.Equal(t, d.uri, record.URI)
}

// toOriginator answers a call each of three Sessions, as one takes a payload that
// binds nothing only once.
func (d delivered) toOriginator(t *testing.T, connect func() *played) {
	t.Helper()
	call := func(progress client.ProgressHandler, options wamp.Dict) (p *played, request any, done <-chan harness.Outcome) {
		p = connect()
		done = p.calling(d.uri, nil, nil, progress)
		got, _, _ := p.sealedMessage(wamp.CALL, nil, options, d.uri)
		return p, got[1], done
	}
	p, request, done := call(nil, wamp.Dict{})
	p.Send(append([]any{wamp.RESULT, request, d.tail.attributes}, d.tail.payload...)...)
	got := harness.Receive(t, done)
	require.NoError(t, got.Err)
	d.requireArrived(t, got.Result.Arguments, got.Result.ArgumentsKw, got.Result.Details)

	progress := make(chan *wamp.Result, 1)
	p, request, done = call(func(half *wamp.Result) { progress <- half }, wamp.Dict{"receive_progress": true})
	more := maps.Clone(d.tail.attributes)
	more["progress"] = true
	p.Send(append([]any{wamp.RESULT, request, more}, d.tail.payload...)...)
	half := harness.Receive(t, progress)
	d.requireArrived(t, half.Arguments, half.ArgumentsKw, half.Details)
	p.Send(wamp.ERROR, wamp.CALL, request, wamp.Dict{}, "com.myapp.enough")
	require.Equal(t, wamp.URI("com.myapp.enough"), harness.Raised(t, harness.Receive(t, done).Err).Error)

	// Autobahn seals an error under its own URI.
	p, request, done = call(nil, wamp.Dict{})
	p.Send(append([]any{wamp.ERROR, wamp.CALL, request, d.tail.attributes, d.uri}, d.tail.payload...)...)
	failed := harness.Raised(t, harness.Receive(t, done).Err)
	d.requireArrived(t, failed.Arguments, failed.ArgumentsKw, failed.Details)
}

func TestPayloadsOfAutobahn(t *testing.T) {
	var file struct {
		Keys    map[string]string
		Vectors []struct {
			Name       string
			SealedBy   string `json:"sealed_by"`
			URI        string
			Args       []any
			Kwargs     map[string]any
			Algorithm  string `json:"enc_algo"`
			Serializer string `json:"enc_serializer"`
			Payload    []byte `json:"payload_base64"`
		}
	}
	readVectors(t, "autobahn_cryptobox.json", &file)
	require.Len(t, file.Vectors, 30)
	key := func(name string) cryptobox.PrivateKey {
		parsed, err := cryptobox.ParsePrivateKey(file.Keys[name])
		require.NoError(t, err)
		return parsed
	}
	pairs := harness.Keys{Originator: key("originator_priv"), Responder: key("responder_priv"), Dialect: cryptobox.Autobahn}
	whole := harness.SharedKeys(keyring.Both(key("default_priv")))
	for i, v := range file.Vectors {
		encoding := handrouter.Serializers[i/3%3]
		t.Run(v.Name+"/"+v.SealedBy+"/"+encoding, func(t *testing.T) {
			k := pairs
			if v.SealedBy == "default key" {
				k = whole
			}
			connect := func(own, other keyring.Key) *played {
				return play(t, autobahn, handrouter.WebSocket, encoding, own, other)
			}
			args, _ := stated(t, v.Args).([]any)
			kwargs, _ := stated(t, v.Kwargs).(map[string]any)
			d := delivered{uri: v.URI, args: args, kwargs: kwargs}
			attributes := wamp.Dict{"enc_algo": v.Algorithm, "enc_serializer": v.Serializer}
			if v.SealedBy != "responder" {
				d.tail = tail{attributes, []any{binaryIn(encoding, v.Payload)}}
				d.toResponder(t, connect(k.ResponderKey(), k.OriginatorKey()))
			}
			if v.SealedBy != "originator" {
				d.tail = tail{attributes, []any{binaryIn(encoding, v.Payload)}}
				d.toOriginator(t, func() *played { return connect(k.OriginatorKey(), k.ResponderKey()) })
			}
		})
	}
}

// referencePlaintexts are the records of e2ee_reference_vectors.json, which has
// them in CBOR.
var referencePlaintexts = map[string]struct {
	args   wamp.List
	kwargs wamp.Dict
}{
	"args+kwargs":               {wamp.List{"wrapped"}, wamp.Dict{"worker": int64(7)}},
	"args only, kwargs null":    {wamp.List{"native"}, nil},
	"kwargs only, args null":    {nil, wamp.Dict{"path": "dart"}},
	"both null":                 {nil, nil},
	"connectanum PPT test data": {wamp.List{int64(100), "two", true}, wamp.Dict{"key1": int64(100), "key2": "two", "key3": true}},
	"bytes inside":              {wamp.List{[]byte{8, 9, 10}}, wamp.Dict{"blob": []byte{11, 12, 13}}},
}

func TestPayloadsOfPassthruPeers(t *testing.T) {
	type sealed struct {
		Payload string `json:"payload_hex"`
	}
	var file struct {
		SecretKey []struct {
			Name      string
			Key       string `json:"key_hex"`
			SecretBox sealed `json:"xsalsa20poly1305"`
			AESGCM    sealed `json:"aes256gcm"`
		}
	}
	readVectors(t, "e2ee_reference_vectors.json", &file)
	require.Len(t, file.SecretKey, len(referencePlaintexts))
	for i, v := range file.SecretKey {
		want, known := referencePlaintexts[v.Name]
		require.True(t, known, v.Name)
		secret, err := cryptobox.ParseSymmetricKey(v.Key)
		require.NoError(t, err)
		encoding := handrouter.Serializers[i%3]
		for cipher, c := range map[string]struct {
			key     keyring.Key
			payload string
		}{
			"xsalsa20poly1305": {keyring.Shared(secret).ForPassthru("key-1"), v.SecretBox.Payload},
			"aes256gcm":        {keyring.AES256GCM("key-1", secret), v.AESGCM.Payload},
		} {
			t.Run(v.Name+"/"+cipher+"/"+encoding, func(t *testing.T) {
				payload, err := hex.DecodeString(c.payload)
				require.NoError(t, err)
				d := delivered{uri: keyedURI, args: want.args, kwargs: want.kwargs}
				for _, attributes := range []wamp.Dict{
					{"ppt_scheme": "wamp", "ppt_serializer": "cbor", "ppt_cipher": cipher, "ppt_keyid": "key-1"},
					{"ppt_scheme": "wamp", "ppt_serializer": "cbor", "ppt_cipher": cipher},
				} {
					connect := func() *played {
						return play(t, passthru, handrouter.RawSocket, encoding, c.key, c.key)
					}
					d.tail = tail{attributes, []any{[]any{binaryIn(encoding, payload)}}}
					d.toResponder(t, connect())
					d.toOriginator(t, connect)
				}
			})
		}
	}
}

// TestBoxOfAutobahn: one payload with a known nonce, under keys and a topic of its
// own.
func TestBoxOfAutobahn(t *testing.T) {
	var file struct {
		Box []struct {
			Originator string `json:"originator_priv_hex"`
			Responder  string `json:"responder_priv_hex"`
			Payload    string `json:"payload_hex"`
		} `json:"cryptobox"`
	}
	readVectors(t, "e2ee_reference_vectors.json", &file)
	require.Len(t, file.Box, 1)
	originator, err := cryptobox.ParsePrivateKey(file.Box[0].Originator)
	require.NoError(t, err)
	responder, err := cryptobox.ParsePrivateKey(file.Box[0].Responder)
	require.NoError(t, err)
	payload, err := hex.DecodeString(file.Box[0].Payload)
	require.NoError(t, err)
	k := harness.Keys{Originator: originator, Responder: responder, Dialect: cryptobox.Autobahn}
	for _, encoding := range handrouter.Serializers {
		p := play(t, autobahn, handrouter.WebSocket, encoding, k.ResponderKey(), k.OriginatorKey())
		require.NoError(t, p.ring.Set(keyring.Exact("com.myapp.topic1"), k.ResponderKey()))
		delivered{
			uri:  "com.myapp.topic1",
			tail: tail{wamp.Dict{"enc_algo": "cryptobox", "enc_serializer": "json"}, []any{p.binary(payload)}},
			args: wamp.List{int64(1), "two"},
		}.toResponder(t, p)
	}
}
