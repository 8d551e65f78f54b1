package main_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// sealedMessage is a PUBLISH of com.x.y, with the keyring files that open it.
func sealedMessage(t testing.TB) (dir string, message []byte) {
	t.Helper()
	dir, _ = begun(t)
	r := run{stdin: []byte(`{"args": ["Hello"]}`)}.start(t, "seal", "-keyring", both(dir)[0], "-uri", "com.x.y", "-realm", "realm1", "-message")
	return dir, []byte(strings.TrimSpace(r.fine(t)))
}

// ways are those in which people have a message at hand.
func ways(t testing.TB, message []byte) map[string]string {
	t.Helper()
	m := string(message)
	var list []any
	require.NoError(t, json.Unmarshal(message, &list))
	payload := strings.TrimPrefix(list[5].(map[string]any)["enc"].(string), "\x00")
	enc := must(base64.StdEncoding.DecodeString(payload))
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, _ = w.Write(message)
	require.NoError(t, w.Close())
	size := len(message)
	return map[string]string{
		"a byte order mark": "\xef\xbb\xbf" + m, "a log": "2026-01-02 03:04:05 [DEBUG] tx " + m + "\r\n", "a batch": m + "\x1e", "a list": "[" + m + "]", "gzip": zipped.String(),
		"a RawSocket frame": string([]byte{0, 0, byte(size >> 8), byte(size)}) + m, "a WebSocket frame": string([]byte{0x81, 126, byte(size >> 8), byte(size)}) + m,
		"0x": "0x" + hex.EncodeToString(enc), "colons": strings.ReplaceAll(fmt.Sprintf("% x", enc), " ", ":"), "url-safe": base64.URLEncoding.EncodeToString(enc), "a string": string(must(json.Marshal(m))),
	}
}

// TestOpenWithin: what a message is captured in is taken off, and it opens.
func TestOpenWithin(t *testing.T) {
	dir, message := sealedMessage(t)
	for name, input := range ways(t, message) {
		r := run{stdin: []byte(input)}.start(t, "open", "-keyring", both(dir)[1], "-uri", "com.x.y")
		require.Equal(t, []any{"Hello"}, record(t, r.fine(t)).Args, name)
		require.Contains(t, run{stdin: []byte(input)}.start(t, "inspect").fine(t), "suite        box", name)
	}
}

// TestOpenSeveral opens each of several messages, and says which of them it doesn't.
func TestOpenSeveral(t *testing.T) {
	dir, message := sealedMessage(t)
	log := fmt.Sprintf("[1,\"realm1\",{}]\n%[1]s\n[16,1,{},\"com.x.y\",[\"plain\"]]\n%[2]s\n%[1]s\n", message, bytes.Replace(message, []byte("com.x.y"), []byte("com.x.z"), 1))
	r := run{stdin: []byte(log)}.start(t, "open", "-keyring", both(dir)[1])
	require.Equal(t, 1, r.status)
	decoder := json.NewDecoder(strings.NewReader(r.out))
	for range 2 {
		var opened struct{ Args []string }
		require.NoError(t, decoder.Decode(&opened))
		require.Equal(t, []string{"Hello"}, opened.Args)
	}
	require.False(t, decoder.More())
	require.Contains(t, r.err, `message 2 of 3: the payload opens, but it was sealed for "com.x.y"`)
	require.Contains(t, r.err, "passed over, as they carry no payload: 1 message\n")
	require.Contains(t, r.err, "passed over, as they are plain: 1 message\n")

	seen := run{stdin: []byte(log)}.start(t, "inspect").fine(t)
	require.Equal(t, 4, strings.Count(seen, "form         message, json\nfound in     text\n"))
	decoder = json.NewDecoder(strings.NewReader(run{stdin: []byte(log)}.start(t, "inspect", "-json").fine(t)))
	for range 4 {
		require.NoError(t, decoder.Decode(new(struct{})))
	}
	run{stdin: []byte("[16,1,{},\"a\"]\n[16,1,{},\"b\"]")}.start(t, "open", "-keyring", both(dir)[1]).fails(t, 1, "all of the 2 messages are plain")
}

// notCaptures are what people give in place of a capture, and what it is called.
func notCaptures(t testing.TB) map[string]string {
	dir, message := sealedMessage(t)
	var binary []byte // a PUBLISH in MessagePack
	binary = append(binary, "\x96\x10\x01\x80\xa7com.x.y\x90\x81\xa3enc\xc4\x40"...)
	binary = append(binary, sixtyBytes...)
	return map[string]string{
		"": "it is empty", " \n\t": "it is empty", "Hello, world! How are you today, and what is this?": "it is text", string(must(os.ReadFile(both(dir)[0]))): "it is a keyring file",
		string(message[:len(message)/2]): "isn't whole", string(binary): "isn't whole", "-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n": "it is PEM",
		"age-encryption.org/v1\n-> X25519 x\n": "encrypted with age", "GET /ws HTTP/1.1\r\nHost: x\r\n\r\n": "it is HTTP", "\x7f\xf1\x00\x00": "a connection is begun", "\x89PNG\r\n\x1a\n" + string(sixtyBytes): "it is a picture",
		"\x17\x03\x03\x00\x3c" + string(sixtyBytes): "records of TLS", `[1,"realm1",{}]`: "this is none of them", "0000000 0157 fcb2 0157 fcb2\n0000008\n": "whose bytes are swapped", "abcd": "too short to be sealed",
	}
}

// TestNoCapture: neither command says of what is no capture that it doesn't open, or blames
// keys.
func TestNoCapture(t *testing.T) {
	dir, _ := sealedMessage(t)
	for input, says := range notCaptures(t) {
		for _, args := range [][]string{{"inspect"}, {"inspect", "-json"}, {"open", "-keyring", both(dir)[1], "-uri", "com.x.y"}} {
			r := run{stdin: []byte(input)}.start(t, args...)
			r.fails(t, 1, "wampbox: this is not a captured payload: ")
			require.Contains(t, r.err, says, "%q", input)
			require.NotContains(t, r.err, "does not open")
		}
	}
	// Of bytes that may be a payload nothing is known but how they begin.
	r := run{stdin: sixtyBytes}.start(t, "open", "-keyring", both(dir)[1], "-uri", "com.x.y")
	r.fails(t, 1, `it is no payload that a key of prefix "com.x." seals: those begin with a suite and a key id`)
}

// readable fails for a text that a terminal takes for more than text.
func readable(t testing.TB, text string) {
	t.Helper()
	require.True(t, utf8.ValidString(text), "%q", text)
	for _, r := range text {
		require.True(t, unicode.IsPrint(r) || r == '\n' || r == '\t', "%q in %q", r, text)
	}
}

// TestTerminal: whatever stands in a field, a terminal gets it as text.
func TestTerminal(t *testing.T) {
	dir, _ := sealedMessage(t)
	bad := `\u001b[31m\u0007\u009b31m\u202e\u2066\u200f\ufeff\u2028\u0085\udb40\udc41`
	sealed := run{stdin: []byte(`{"args": ["` + bad + `"], "kwargs": {"` + bad + `": 1}}`)}.start(t, "seal", "-keyring", both(dir)[0], "-uri", "com.x.y", "-realm", "re\u202ealm\x1b[1m", "-message").fine(t)
	r := run{stdin: []byte(sealed)}.start(t, "open", "-keyring", both(dir)[1])
	opened := record(t, r.fine(t))
	readable(t, r.out+r.err)
	require.Equal(t, "\x1b[31m\a\u009b31m\u202e\u2066\u200f\ufeff\u2028\u0085\U000e0041", opened.Args[0])
	for _, input := range []string{
		`[16,1,{},"` + bad + `",["a"]]`, `[16,1,{"enc_algo":"` + bad + `","enc_serializer":"json","enc_key":"` + bad + `"},"` + bad + `","\u0000` + sixty + `"]`,
		`[50,1,{"ppt_scheme":"wamp","ppt_serializer":"cbor","ppt_cipher":"` + bad + `","ppt_keyid":"` + bad + `"},["\u0000` + sixty + `"]]`, "event \"\\x1b[31m\u202e\" {\"args\":[],\"kwargs\":null}",
	} {
		for _, args := range [][]string{{"inspect"}, {"inspect", "-json"}, {"open", "-keyring", both(dir)[1]}, {"open", "-keyring", both(dir)[1], "-uri", "com.\x1b[31m\u202e"}} {
			r := run{stdin: []byte(input)}.start(t, args...)
			require.NotEmpty(t, r.out+r.err)
			readable(t, r.out+r.err)
		}
	}
	for _, args := range [][]string{{"list", "no\x1b[31m\u202efile"}, {"no\u202ecommand"}, {"explain", "com.x.\u202e", both(dir)[0]}, {"inspect", "no\u009bfile"}, {"rotate", "com.\u202e.", both(dir)[0]}} {
		r := wampbox(t, args...)
		readable(t, r.out+r.err)
		require.NotEmpty(t, r.err+r.out)
	}
}

// FuzzInspect: whatever is given to inspect and open, what they say is text, has no key in it
// and isn't long, and what is called no capture isn't also said not to open.
func FuzzInspect(f *testing.F) {
	dir, message := sealedMessage(f)
	for _, input := range ways(f, message) {
		f.Add([]byte(input))
	}
	for input := range notCaptures(f) {
		f.Add([]byte(input))
	}
	keys := secrets(f, both(dir)...)
	for _, key := range keys {
		f.Add([]byte(key))
		f.Add([]byte(`[16,1,{},"` + key + `",["` + key + `"]]`))
		f.Add([]byte(`[16,1,{"enc_algo":"` + key + `","enc_serializer":"json","enc_key":"` + key + `"},"` + key[:40] + `","\u0000` + sixty + `"]`))
	}
	for _, file := range both(dir) {
		f.Add(must(os.ReadFile(file)))
	}
	signed, _ := begunSigned(f)
	sealed := exchange(f, both(signed)[0], both(signed)[1])
	call := filepath.Join(signed, "call")
	if err := os.WriteFile(call, sealed.call, 0o600); err != nil {
		f.Fatal(err)
	}
	keys = append(keys, signedSecrets(f, both(signed)...)...)
	for _, input := range [][]byte{sealed.call, sealed.answer, wampMessage(`48,1,{},"com.x.y"`, sealed.call), wampMessage(`50,1,{}`, sealed.answer)} {
		f.Add(input)
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		for _, args := range [][]string{
			{"inspect"}, {"inspect", "-json"}, {"open", "-keyring", both(dir)[1], "-uri", "com.x.y"}, {"open", "-keyring", both(signed)[1], "-uri", "com.x.y", "-call", call},
		} {
			r := run{stdin: input}.start(t, args...)
			require.Contains(t, []int{0, 1}, r.status)
			readable(t, r.out+r.err)
			require.NotContains(t, r.err, "goroutine ")
			for _, key := range keys {
				require.NotContains(t, r.out+r.err, key[:20])
			}
			if strings.Contains(r.err, "not a captured payload") {
				require.Empty(t, r.out)
				require.NotContains(t, r.err, "does not open")
			}
		}
	})
}
