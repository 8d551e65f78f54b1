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
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
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
		"default key": keyringFile(t, fmt.Sprintf(`{"prefix": "", "versions": [{"dialect": "autobahn", "originator": {"private": %q}, "responder": {"private": %[1]q}}]}`, k["default_priv"])),
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
		"another dialect":      {[]string{"-keyring", ring, "-uri", v.URI}, []byte(`[50,1,{"ppt_scheme":"wamp","ppt_serializer":"cbor","ppt_cipher":"xsalsa20poly1305","ppt_keyid":"k1"},["\u0000` + base64.StdEncoding.EncodeToString(v.Payload) + `"]]`), "another key"},
		"another algorithm":    {[]string{"-keyring", ring, "-uri", v.URI}, []byte(`[16,1,{"enc_algo":"x_own","enc_serializer":"json"},"a","\u0000` + base64.StdEncoding.EncodeToString(v.Payload) + `"]`), "not the algorithm"},
		"an unknown key id":    {[]string{"-keyring", ring, "-uri", v.URI}, []byte(`{"enc":"` + base64.StdEncoding.EncodeToString(append([]byte{1}, sixtyBytes...)) + `"}`), "another key"},
		"the old form":         {[]string{"-keyring", ring, "-uri", v.URI}, []byte(`{"algo":"cryptobox","serializer":"json","payload":"` + base64.StdEncoding.EncodeToString(v.Payload) + `"}`), "format 1 of this library, before any release"},
		"no such keyring":      {[]string{"-keyring", filepath.Join(t.TempDir(), "none"), "-uri", v.URI}, v.Payload, "no such file"},
		"a keyring that isn't": {[]string{"-keyring", write(t, "k.json", []byte("{}")), "-uri", v.URI}, v.Payload, "not a keyring file"},
	} {
		t.Run(name, func(t *testing.T) {
			run{stdin: test.input}.start(t, append([]string{"open"}, test.args...)...).fails(t, 1, test.says)
		})
	}
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
	kind := kinds(t)["xbox"]
	at := time.Date(2026, 1, 2, 3, 4, 5, 500_000_000, time.UTC)
	rec := cryptobox.NewRecord(cryptobox.Head{Kind: cryptobox.KindPublish, From: cryptobox.NewSenderID(), N: 1}, "realm1", "com.x", []any{math.NaN(), math.Inf(-1), "\x00nul", at, []any{"plain", 1.0}}, map[string]any{"\x00k": []byte{1}})
	enc, _, err := kind.version(t).Key().Seal(nil, &rec)
	require.NoError(t, err)
	r := run{stdin: enc}.start(t, "open", "-keyring", kind.files[1], "-uri", "com.x")
	shown := record(t, r.fine(t))
	require.Equal(t, []any{"NaN", "-Inf", "\u2400nul", "2026-01-02T03:04:05.5Z", []any{"plain", 1.0}}, shown.Args)
	require.Equal(t, map[string]any{"\u2400k": []byte{1}}, shown.Kwargs)
	require.Contains(t, r.err, "some values don't exist in JSON")
}

// version gives the one that seals as the originator.
func (k kind) version(t testing.TB) *keyring.Version {
	t.Helper()
	entry, err := ring(t, k.files[0]).Lookup("com.x")
	require.NoError(t, err)
	version, err := entry.Sealer(keyring.RoleOriginator)
	require.NoError(t, err)
	return version
}

// TestOpenBothDirections: what either party has sealed, of every kind and in every suite,
// opens at both, alone and in a message, and is shown with its head.
func TestOpenBothDirections(t *testing.T) {
	for _, name := range []string{"box", "xbox", "shared"} {
		key := kinds(t)[name]
		version := key.version(t)
		answers := tokenOf(t, version)
		for kind, want := range map[cryptobox.Kind]string{
			cryptobox.KindPublish:      `{"kind": "publish", "realm": "realm1", "uri": "com.x", "seq": 5, "keep": true, `,
			cryptobox.KindCall:         `{"kind": "call", "realm": "realm1", "uri": "com.x", "seq": 5, `,
			cryptobox.KindCallProgress: `{"kind": "call_progress", "realm": "realm1", "uri": "com.x", "seq": 5, `,
			cryptobox.KindResult:       `{"kind": "result", "realm": "realm1", "uri": "com.x", "seq": 5, "re": "REF", `,
			cryptobox.KindProgress:     `{"kind": "progress", "realm": "realm1", "uri": "com.x", "seq": 5, "re": "REF", `,
			cryptobox.KindError:        `{"kind": "error", "realm": "realm1", "uri": "com.x.error", "seq": 5, "re": "REF", `,
			cryptobox.KindRefusal:      `{"kind": "refusal", "seq": 5, "re": "REF", `,
		} {
			realm, uri, args := "realm1", "com.x", []any{int64(1)}
			head := cryptobox.Head{Kind: kind, From: cryptobox.SenderID{1}, N: 7, TS: 1767225600123, Seq: 5, Keep: kind == cryptobox.KindPublish}
			if kind.Direction() == cryptobox.Answer {
				head.Re = answers
			}
			switch kind {
			case cryptobox.KindError:
				uri = "com.x.error"
			case cryptobox.KindRefusal:
				realm, uri, args = "", "", []any{"Stale", int64(1)}
			}
			rec := cryptobox.NewRecord(head, realm, uri, args, nil)
			enc, _, err := version.Key().Seal(nil, &rec)
			require.NoError(t, err)
			wantArgs, err := json.Marshal(args)
			require.NoError(t, err)
			want := strings.Replace(want, "REF", answers.Short(), 1) + `"from": "01000000000000000000000000000000", "n": 7, "ts": 1767225600123, "args": ` + string(wantArgs) + `, "kwargs": null}`
			message := fmt.Appendf(nil, `[36,1,2,{},[],{"enc":"\u0000%s"}]`, base64.StdEncoding.EncodeToString(enc))
			for _, input := range [][]byte{enc, message} {
				for _, file := range key.files {
					r := run{stdin: input}.start(t, "open", "-keyring", file, "-uri", "com.x")
					require.JSONEq(t, want, r.fine(t), "%s %v", name, kind)
					require.Contains(t, r.err, "suite "+name)
					require.Contains(t, r.err, fmt.Sprintf("sealed as %v 7 of the session 0100", kind))
					r.noSecrets(t, key.files[:]...)
				}
			}
		}
	}
}

// TestOpenNamed takes the URI from what names it, and asks for it where nothing does, or where
// that one isn't the one that the key is for.
func TestOpenNamed(t *testing.T) {
	key := kinds(t)["box"]
	seal := func(kind cryptobox.Kind, uri string) string {
		rec := cryptobox.NewRecord(cryptobox.Head{Kind: kind, From: cryptobox.SenderID{1}, N: 7, Keep: kind == cryptobox.KindPublish}, "realm1", uri, []any{int64(1)}, nil)
		enc, _, err := key.version(t).Key().Seal(nil, &rec)
		require.NoError(t, err)
		return base64.StdEncoding.EncodeToString(enc)
	}
	published, failed := seal(cryptobox.KindPublish, "com.x"), seal(cryptobox.KindError, "com.x.error")
	for _, input := range []string{
		`[16,1,{},"com.x",[],{"enc":"\u0000` + published + `"}]`, `[36,1,2,{"topic":"com.x"},[],{"enc":"\u0000` + published + `"}]`,
		`event "com.x" {"args":[],"kwargs":{"enc":"` + published + `"}}` + "\n",
	} {
		r := run{stdin: []byte(input)}.start(t, "open", "-keyring", key.files[1])
		require.Equal(t, []any{int64(1)}, record(t, r.fine(t)).Args, input)
		run{stdin: []byte(input)}.start(t, "open", "-keyring", key.files[1], "-uri", "com.x").fine(t)
		run{stdin: []byte(strings.Replace(input, "com.x", "com.y", 1))}.start(t, "open", "-keyring", key.files[1]).fails(t, 1, "")
	}
	for _, input := range []string{
		published, `{"enc":"` + published + `"}`, `{"args":[],"kwargs":{"enc":"` + published + `"}}`, `[36,1,2,{},[],{"enc":"\u0000` + published + `"}]`,
		`[8,48,1,{},"com.x.error",[],{"enc":"\u0000` + failed + `"}]`,
	} {
		run{stdin: []byte(input)}.start(t, "open", "-keyring", key.files[1]).fails(t, 2, "the message doesn't name the URI that the payload is for: give -uri")
	}
	run{stdin: []byte(`[8,48,1,{},"com.x.error",[],{"enc":"\u0000` + failed + `"}]`)}.start(t, "open", "-keyring", key.files[1], "-uri", "com.x").fine(t)
	run{stdin: []byte(`event "com.x" {"args":["Hello"],"kwargs":null}`)}.start(t, "open", "-keyring", key.files[1]).fails(t, 1, "there is no enc argument")
}

// TestOpenAlone: where the versions of a pattern differ in dialect, a payload alone opens
// with the one that it was sealed with.
func TestOpenAlone(t *testing.T) {
	dir, _ := begun(t)
	wampbox(t, with(dir, "rotate", "com.x.", "-for", "autobahn", "-activate", "now")...).fine(t)
	for dialect, realm := range map[string][]string{"wampbox": {"-realm", "realm1"}, "autobahn": nil} {
		args := append([]string{"seal", "-keyring", both(dir)[0], "-uri", "com.x.y", "-dialect", dialect}, realm...)
		sealed := run{stdin: []byte(`{"args": [1]}`)}.start(t, args...)
		sealed.fine(t)
		opened := run{stdin: []byte(sealed.out)}.start(t, "open", "-keyring", both(dir)[1], "-uri", "com.x.y")
		require.Equal(t, []any{int64(1)}, record(t, opened.fine(t)).Args)
		require.Equal(t, dialect == "wampbox", strings.Contains(opened.out, "realm1"))
		raw := must(base64.StdEncoding.DecodeString(strings.TrimSpace(sealed.out)))
		raw[len(raw)-1] ^= 1
		run{stdin: raw}.start(t, "open", "-keyring", both(dir)[1], "-uri", "com.x.y").fails(t, 1, "does not open")
	}

	// By chance one of another dialect begins as ours do.
	entry, err := ring(t, both(dir)[0]).Lookup("com.x.y")
	require.NoError(t, err)
	version, err := entry.Sealer(keyring.RoleOriginator)
	require.NoError(t, err)
	payload := []byte{0}
	for payload[0] != byte(cryptobox.SuiteXBox) {
		payload = sealedBy(t, version, cryptobox.Head{}, "com.x.y")
	}
	require.Greater(t, len(payload), cryptobox.MinSealed)
	run{stdin: payload}.start(t, "open", "-keyring", both(dir)[1], "-uri", "com.x.y").fine(t)
}
