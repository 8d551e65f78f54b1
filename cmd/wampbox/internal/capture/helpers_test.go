package capture_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"github.com/ugorji/go/codec"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/capture"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// serializers are those of WAMP sessions.
var serializers = []string{"json", "msgpack", "cbor"}

// parse gives the only capture of an input.
func parse(input []byte, encoding capture.Encoding) (*capture.Capture, error) {
	found, err := capture.Parse(input, encoding)
	if err != nil {
		if found != nil {
			panic("a result beside an error")
		}
		return nil, err
	}
	if len(found.Captures) != 1 || found.Left != 0 {
		return nil, fmt.Errorf("%d captures, %d bytes left", len(found.Captures), found.Left)
	}
	return found.Captures[0], nil
}

// marshal writes a value as peers do, by other encoders than the ones that
// read it here.
func marshal(t testing.TB, s string, v any) []byte {
	t.Helper()
	var data []byte
	var err error
	switch s {
	case "json":
		data, err = json.Marshal(nulStrings(v))
	case "cbor":
		data, err = cbor.Marshal(v)
	default:
		h := new(codec.MsgpackHandle)
		h.WriteExt = true
		err = codec.NewEncoderBytes(&data, h).Encode(v)
	}
	require.NoError(t, err)
	return data
}

// nulStrings gives binary data the form that it has in JSON.
func nulStrings(v any) any {
	switch v := v.(type) {
	case []byte:
		return "\x00" + base64.StdEncoding.EncodeToString(v)
	case serialize.BinaryData:
		return nulStrings([]byte(v))
	case wamp.List:
		return nulStrings([]any(v))
	case wamp.Dict:
		return nulStrings(map[string]any(v))
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = nulStrings(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = nulStrings(e)
		}
		return out
	}
	return v
}

// dialects are all that there are.
var dialects = []cryptobox.Dialect{cryptobox.Wampbox, cryptobox.Autobahn, cryptobox.Passthru}

// envelope gives a sealed payload in a dialect, and its key id.
func envelope(t testing.TB, d cryptobox.Dialect) (*wire.Envelope, string) {
	t.Helper()
	private := cryptobox.GenerateKey()
	box, err := cryptobox.NewBox(private, private.Public())
	require.NoError(t, err)
	if d.Foreign() {
		payload, _, err := cryptobox.SealForeign(box, d, cryptobox.NewForeignRecord("com.x", []any{"secret"}, nil))
		require.NoError(t, err)
		env := &wire.Envelope{Dialect: d, Algorithm: box.Algorithm(d), Payload: payload}
		if d == cryptobox.Passthru {
			env.KeyID = "key-1"
		}
		return env, env.KeyID
	}
	key, err := cryptobox.NewPairKey(cryptobox.SuiteXBox, box, private.Public(), private.Public())
	require.NoError(t, err)
	rec := cryptobox.NewRecord(cryptobox.Head{Kind: cryptobox.KindCall, From: cryptobox.NewSenderID(), N: 1}, "realm1", "com.x", []any{"secret"}, nil)
	enc, _, err := key.Seal(nil, &rec)
	require.NoError(t, err)
	return &wire.Envelope{Payload: enc}, key.ID().String()
}

// messages gives the seven messages around a part, as lists.
func messages(part *wire.Part) map[wamp.MessageType][]any {
	dict := any(map[string]any(part.Dict))
	if part.Dict == nil {
		dict = map[string]any{}
	}
	tail := []any{[]any(part.Args), map[string]any(part.Kwargs)}
	switch {
	case part.Raw != nil:
		tail = []any{part.Raw}
	case part.Kwargs == nil:
		tail = tail[:1]
	}
	with := func(head ...any) []any { return append(head, tail...) }
	return map[wamp.MessageType][]any{
		wamp.PUBLISH:    with(16, 1, dict, "com.x"),
		wamp.EVENT:      with(36, 1, 2, dict),
		wamp.CALL:       with(48, 1, dict, "com.x"),
		wamp.INVOCATION: with(68, 1, 2, dict),
		wamp.YIELD:      with(70, 1, dict),
		wamp.RESULT:     with(50, 1, dict),
		wamp.ERROR:      with(8, 48, 1, dict, "com.x"),
	}
}

// writings gives the same bytes in all ways in which they may be captured.
func writings(data []byte) map[string][]byte {
	wrapped := base64.StdEncoding.EncodeToString(data)
	half := len(wrapped) / 2
	return map[string][]byte{
		"raw":            data,
		"base64":         []byte(wrapped),
		"base64 wrapped": []byte(wrapped[:half] + "\r\n  " + wrapped[half:] + "\n"),
		"base64 raw":     []byte(base64.RawStdEncoding.EncodeToString(data)),
		"base64url":      []byte(base64.URLEncoding.EncodeToString(data)),
		"hex":            []byte(hex.EncodeToString(data) + "\n"),
	}
}

// vector is one payload of another implementation.
type vector struct {
	Name    string `json:"name"`
	Payload []byte `json:"payload_base64"`
}

func readVectors(t testing.TB, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "vectors", name))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, into))
}

func autobahn(t testing.TB) []vector {
	t.Helper()
	var file struct {
		Vectors []vector `json:"vectors"`
	}
	readVectors(t, "autobahn_cryptobox.json", &file)
	require.NotEmpty(t, file.Vectors)
	return file.Vectors
}
