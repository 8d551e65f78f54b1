package main_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// vectors are the payloads that Autobahn sealed.
type vectors struct {
	Keys    map[string]string `json:"keys"`
	Vectors []struct {
		Name     string          `json:"name"`
		SealedBy string          `json:"sealed_by"`
		URI      string          `json:"uri"`
		Args     json.RawMessage `json:"args"`
		Kwargs   json.RawMessage `json:"kwargs"`
		Payload  []byte          `json:"payload_base64"`
	} `json:"vectors"`
}

func readVectors(t testing.TB) vectors {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "vectors", "autobahn_cryptobox.json"))
	require.NoError(t, err)
	var v vectors
	require.NoError(t, json.Unmarshal(data, &v))
	require.NotEmpty(t, v.Vectors)
	return v
}

// keyrings writes the keyring file that opens what each party sealed.
func (v vectors) keyrings(t testing.TB) map[string]string {
	t.Helper()
	k := v.Keys
	return map[string]string{
		"originator":  keyringFile(t, pairEntry("responder", k["responder_priv"], "originator", k["originator_pub"])),
		"responder":   keyringFile(t, pairEntry("originator", k["originator_priv"], "responder", k["responder_pub"])),
		"default key": keyringFile(t, fmt.Sprintf(`{"prefix": "", "versions": [{"originator": {"private": %q}, "responder": {"private": %[1]q}}]}`, k["default_priv"])),
	}
}

// wampBytes gives bytes the form that WAMP has for them in JSON.
func wampBytes(t testing.TB, raw json.RawMessage) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var v any
	require.NoError(t, decoder.Decode(&v))
	var walk func(any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case []any:
			for i := range v {
				v[i] = walk(v[i])
			}
		case map[string]any:
			if text, ok := v["$bytes_hex"].(string); ok {
				b, err := hex.DecodeString(text)
				require.NoError(t, err)
				return "\x00" + base64.StdEncoding.EncodeToString(b)
			}
			for k := range v {
				v[k] = walk(v[k])
			}
		}
		return v
	}
	return walk(v)
}

// TestVectors opens every payload of Autobahn, as it is, in base64 and in hex,
// from a file and from standard input.
func TestVectors(t *testing.T) {
	all := readVectors(t)
	keyrings := all.keyrings(t)
	for i, v := range all.Vectors {
		want, err := json.Marshal(map[string]any{"uri": v.URI, "args": wampBytes(t, v.Args), "kwargs": wampBytes(t, v.Kwargs)})
		require.NoError(t, err)
		ring := keyrings[v.SealedBy]
		require.NotEmpty(t, ring, v.SealedBy)
		for name, input := range map[string][]byte{
			"raw":    v.Payload,
			"base64": []byte(base64.StdEncoding.EncodeToString(v.Payload)),
			"hex":    []byte(hex.EncodeToString(v.Payload) + "\n"),
		} {
			about := fmt.Sprintf("vector %d %s by %s in %s", i, v.Name, v.SealedBy, name)
			args := []string{"open", "-keyring", ring, "-uri", v.URI, "-encoding", name}
			piped := run{stdin: input}.start(t, args[:5]...)
			require.Equal(t, record(t, string(want)), record(t, piped.fine(t)), about)
			named := run{}.start(t, append(args, write(t, "payload", input))...)
			require.Equal(t, piped.out, named.fine(t), about)
			named.noSecrets(t, ring)
		}
	}
}

// TestOpenRefuses: nothing is printed that wasn't found to be for this URI.
func TestOpenRefuses(t *testing.T) {
	all := readVectors(t)
	ring, v := all.keyrings(t)["originator"], all.Vectors[0]
	altered := bytes.Clone(v.Payload)
	altered[len(altered)-1] ^= 1
	narrow := strings.Replace(string(must(os.ReadFile(ring))), `"prefix": ""`, `"prefix": "com.myapp."`, 1)
	for name, test := range map[string]struct {
		args  []string
		input []byte
		says  string
	}{
		"another URI":          {[]string{"-keyring", ring, "-uri", "com.myapp.other"}, v.Payload, `sealed for "com.myapp.encrypted.case0"`},
		"a URI without a key":  {[]string{"-keyring", write(t, "k.json", []byte(narrow)), "-uri", "org.x"}, v.Payload, "no pattern of the keyring matches"},
		"an altered payload":   {[]string{"-keyring", ring, "-uri", v.URI}, altered, "does not open"},
		"a plain message":      {[]string{"-keyring", ring, "-uri", v.URI}, []byte(`[16,1,{},"com.x",["Hello"]]`), "the payload is plain"},
		"an unknown key id":    {[]string{"-keyring", ring, "-uri", v.URI, "-key-id", "nobody"}, v.Payload, "another key"},
		"another serializer":   {[]string{"-keyring", ring, "-uri", v.URI, "-serializer", "cbor"}, v.Payload, "what is in it is no record"},
		"another algorithm":    {[]string{"-keyring", ring, "-uri", v.URI}, []byte(`{"algo":"aes256gcm","serializer":"json","payload":"` + base64.StdEncoding.EncodeToString(v.Payload) + `"}`), "not the algorithm"},
		"no such keyring":      {[]string{"-keyring", filepath.Join(t.TempDir(), "none"), "-uri", v.URI}, v.Payload, "no such file"},
		"a keyring that isn't": {[]string{"-keyring", write(t, "k.json", []byte("{}")), "-uri", v.URI}, v.Payload, "not a keyring file"},
	} {
		t.Run(name, func(t *testing.T) {
			run{stdin: test.input}.start(t, append([]string{"open"}, test.args...)...).fails(t, 1, test.says)
		})
	}
	run{stdin: []byte(`[16,1,{},"com.x"]`)}.start(t, "open", "-keyring", ring, "-uri", v.URI, "-key-id", "k").
		fails(t, 2, "-serializer and -key-id are for a payload alone")
	run{}.start(t, "open", "-keyring", ring, "-uri", v.URI, "-serializer", "xml").fails(t, 2, "use json, msgpack or cbor")
}

func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return data
}

// TestOpenReadable refuses a keyring that others can read, unless told.
func TestOpenReadable(t *testing.T) {
	all := readVectors(t)
	ring, v := all.keyrings(t)["originator"], all.Vectors[0]
	require.NoError(t, os.Chmod(ring, 0o644))
	run{stdin: v.Payload}.start(t, "open", "-keyring", ring, "-uri", v.URI).fails(t, 1, "permissions")
	run{stdin: v.Payload}.start(t, "open", "-keyring", ring, "-uri", v.URI, "-readable-by-others").fine(t)
}

// TestOpenUnusualValues shows values that JSON doesn't have, and says so.
func TestOpenUnusualValues(t *testing.T) {
	all := readVectors(t)
	private, err := cryptobox.ParsePrivateKey(all.Keys["originator_priv"])
	require.NoError(t, err)
	public, err := cryptobox.ParsePublicKey(all.Keys["responder_pub"])
	require.NoError(t, err)
	box, err := cryptobox.NewBox(private, public)
	require.NoError(t, err)
	env, _, err := cryptobox.Seal(box, cryptobox.CBOR, "", cryptobox.NewRecord("com.x", []any{math.NaN(), math.Inf(-1), "\x00nul", []any{"plain", 1.0}}, map[string]any{"\x00k": []byte{1}}, nil))
	require.NoError(t, err)
	r := run{stdin: env.Payload}.start(t, "open", "-keyring", all.keyrings(t)["originator"], "-uri", "com.x")
	rec := record(t, r.fine(t))
	require.Equal(t, []any{"NaN", "-Inf", "\u2400nul", []any{"plain", 1.0}}, rec.Args)
	require.Equal(t, map[string]any{"\u2400k": []byte{1}}, rec.Kwargs)
	require.Contains(t, r.err, "some values don't exist in JSON")
}
