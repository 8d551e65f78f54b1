package main_test

import (
	"bytes"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
)

// inspected is what inspect prints as JSON.
type inspected struct {
	Form      string `json:"form"`
	Encoding  string `json:"encoding"`
	Message   string `json:"message"`
	WrittenIn string `json:"message_serializer"`
	URI       string `json:"uri"`
	Sealed    bool   `json:"sealed"`
	Format1   bool   `json:"format_1"`
	Dialect   string `json:"dialect"`
	Suite     string `json:"suite"`
	Algorithm string `json:"algorithm"`
	KeyID     string `json:"key_id"`
	Ref       string `json:"ref"`
	Direction string `json:"direction"`
	Encapsul  int    `json:"encapsulated_bytes"`
	Contents  int    `json:"contents_bytes"`
	Payload   int    `json:"payload_bytes"`
	Record    int    `json:"record_bytes"`
}

// sixtyBytes are a payload that nothing opens, sixty is its base64.
var (
	sixtyBytes = sha512Of("what nothing opens")[:60]
	sixty      = base64.StdEncoding.EncodeToString(sixtyBytes)
)

func sha512Of(text string) []byte {
	sum := sha512.Sum512([]byte(text))
	return sum[:]
}

// ours is base64 of a payload that looks like ours, of suite 2 and a record of 43 bytes.
var ours = base64.StdEncoding.EncodeToString(append([]byte{2}, sixtyBytes[:]...))

// oursID is the key id that it has.
const oursID = "cgznh7xcxwygzwka5f4bowcsdi"

// oursRef is how its nonce begins.
var oursRef = hex.EncodeToString(sixtyBytes[16:24])

func TestInspectJSON(t *testing.T) {
	for input, want := range map[string]inspected{
		sixty:                          {Form: "payload", Encoding: "base64", Sealed: true, Payload: 60, Record: 20},
		hex.EncodeToString(sixtyBytes): {Form: "payload", Encoding: "hex", Sealed: true, Payload: 60, Record: 20},
		string(sixtyBytes):             {Form: "payload", Encoding: "raw", Sealed: true, Payload: 60, Record: 20},
		ours:                           {Form: "payload", Encoding: "base64", Sealed: true, Suite: "xbox", KeyID: oursID, Ref: oursRef, Payload: 61, Record: 4},
		`{"enc":"` + ours + `"}`: {
			Form: "enc argument", Encoding: "json", WrittenIn: "json", Sealed: true,
			Dialect: "wampbox", Suite: "xbox", KeyID: oursID, Ref: oursRef, Payload: 61, Record: 4},
		`[16,1,{},"com.x",[],{"enc":"\u0000` + ours + `"}]`: {
			Form: "message", Encoding: "json", Message: "PUBLISH", WrittenIn: "json", URI: "com.x", Sealed: true,
			Dialect: "wampbox", Suite: "xbox", KeyID: oursID, Ref: oursRef, Payload: 61, Record: 4},
		`[36,1,2,{"enc_algo":"cryptobox","enc_serializer":"json","topic":"com.x"},"\u0000` + sixty + `"]`: {
			Form: "message", Encoding: "json", Message: "EVENT", WrittenIn: "json", URI: "com.x", Sealed: true,
			Dialect: "autobahn", Algorithm: "cryptobox", Payload: 60, Record: 20},
		`[50,1,{"ppt_scheme":"wamp","ppt_serializer":"cbor","ppt_cipher":"aes256gcm","ppt_keyid":"k1"},["\u0000` + sixty + `"]]`: {
			Form: "message", Encoding: "json", Message: "RESULT", WrittenIn: "json", Sealed: true,
			Dialect: "passthru", Algorithm: "aes256gcm", KeyID: "k1", Payload: 60, Record: 32},
		`{"args":[],"kwargs":{"enc":"` + ours + `"}}`: {
			Form: "arguments", Encoding: "json", WrittenIn: "json", Sealed: true,
			Dialect: "wampbox", Suite: "xbox", KeyID: oursID, Ref: oursRef, Payload: 61, Record: 4},
		`event "com.x" {"args":null,"kwargs":{"enc":"` + ours + `"}}` + "\n": {
			Form: "arguments", Encoding: "json", WrittenIn: "json", URI: "com.x", Sealed: true,
			Dialect: "wampbox", Suite: "xbox", KeyID: oursID, Ref: oursRef, Payload: 61, Record: 4},
		`event "com.x" {"args":["plain"],"kwargs":null}`: {Form: "arguments", Encoding: "json", WrittenIn: "json", URI: "com.x"},
		`[48,1,{},"com.x",["plain"]]`:                    {Form: "message", Encoding: "json", Message: "CALL", WrittenIn: "json", URI: "com.x"},
		`[16,1,{"enc_algo":"x_own","enc_serializer":"json"},"com.x","\u0000` + sixty + `"]`: {
			Form: "message", Encoding: "json", Message: "PUBLISH", WrittenIn: "json", URI: "com.x", Sealed: true,
			Dialect: "autobahn", Algorithm: "x_own", Payload: 60},
		`{"algo":"cryptobox","serializer":"cbor","key":"k1","payload":"` + sixty + `"}`: {
			Form: "enc argument", Encoding: "json", WrittenIn: "json", Sealed: true, Format1: true},
		`[68,1,2,{},[],{"enc":{"algo":"cryptobox","serializer":"cbor","payload":"\u0000` + sixty + `"}}]`: {
			Form: "message", Encoding: "json", Message: "INVOCATION", WrittenIn: "json", Sealed: true, Format1: true},
	} {
		var seen inspected
		run{stdin: []byte(input)}.start(t, "inspect", "-json").decode(t, &seen)
		require.Equal(t, want, seen)
		seen = inspected{}
		wampbox(t, "inspect", "-json", write(t, "captured", []byte(input))).decode(t, &seen)
		require.Equal(t, want, seen)
	}
}

// TestInspectText quotes what others wrote: it goes to a terminal.
func TestInspectText(t *testing.T) {
	input := `[16,1,{"ppt_scheme":"wamp","ppt_serializer":"cbor","ppt_cipher":"xsalsa20poly1305","ppt_keyid":"k1"},"com.\u001b[31mred",["` + sixty + `"]]`
	r := run{stdin: []byte(input)}.start(t, "inspect")
	require.Equal(t, `form         message, json
message      PUBLISH in json
uri          "com.\x1b[31mred"
dialect      passthru
algorithm    "xsalsa20poly1305"
key id       "k1"
payload      60 bytes
record       20 bytes
`, r.fine(t))
	require.Empty(t, r.err)

	require.Equal(t, `form         enc argument, json
sealed       in format 1 of this library, before any release: nothing opens it
`, run{stdin: []byte(`{"enc":{"algo":"cryptobox","serializer":"cbor","payload":"` + sixty + `"}}`)}.start(t, "inspect").fine(t))

	require.Equal(t, `form         arguments, json
uri          "com.x"
sealed       no enc argument: plain, or for others than this library, which have more in the message
`, run{stdin: []byte(`event "com.x" {"args":["Hello"],"kwargs":null}`)}.start(t, "inspect").fine(t))

	require.Equal(t, `form         message, json
message      CALL in json
uri          "com.x"
sealed       no, the payload is plain
`, run{stdin: []byte(`[48,1,{},"com.x",["Hello"]]`)}.start(t, "inspect").fine(t))
}

// TestInspectFindings exit with 1.
func TestInspectFindings(t *testing.T) {
	for input, says := range map[string]string{
		"":                                   "this is not a captured payload: it is empty",
		"Hello, world!":                      "it is text, and there is no message of WAMP in JSON in it",
		`event "com.x" `:                     "it is text",
		`event "com.x {"args":[]}`:           "it is text",
		`{"args":[],"kwargs":{},"secret":1}`: "the map has neither an enc argument nor args and kwargs",
		`[1,"realm1",{}]`:                    "carry a payload, and this is none of them",
		`[16,1,{},"a","\u0000AA"]`:           "binary data in the arguments' place",
		`[16,1,{"enc_algo":"cryptobox"},"com.x",["secret"]]`: "parts of an envelope that is not whole and alone",
	} {
		r := run{stdin: []byte(input)}.start(t, "inspect")
		r.fails(t, 1, says)
		require.NotContains(t, r.err, "secret")
	}
	run{stdin: []byte("abcd")}.start(t, "inspect").fails(t, 1, "2 bytes in hex are too short to be sealed")
	run{stdin: []byte("xyz")}.start(t, "inspect", "-encoding", "hex").fails(t, 1, "it is not hex")
}

// TestInspectSigned: of a signed key what it shows depends on whether it is an answer.
func TestInspectSigned(t *testing.T) {
	for suite, encapsulated := range map[string]int{"signed": 32, "signed-pq": 1120} {
		first := map[string]byte{"signed": 4, "signed-pq": 5}[suite]
		enc := append([]byte{first}, bytes.Repeat(sixtyBytes, 25)...)
		text := base64.StdEncoding.EncodeToString(enc)
		nonce := hex.EncodeToString(enc[17+encapsulated:][:8])
		for input, want := range map[string]inspected{
			`[16,1,{},"com.x",[],{"enc":"\u0000` + text + `"}]`: {
				Form: "message", Encoding: "json", Message: "PUBLISH", WrittenIn: "json", URI: "com.x", Sealed: true, Dialect: "wampbox", Suite: suite, KeyID: oursID,
				Ref: nonce, Direction: "message", Encapsul: encapsulated, Payload: 1501, Contents: 1501 - 57 - encapsulated},
			`[50,1,{},[],{"enc":"\u0000` + text + `"}]`: {
				Form: "message", Encoding: "json", Message: "RESULT", WrittenIn: "json", Sealed: true, Dialect: "wampbox", Suite: suite, KeyID: oursID,
				Direction: "answer", Payload: 1501, Contents: 1501 - 57},
			text: {Form: "payload", Encoding: "base64", Sealed: true, Suite: suite, KeyID: oursID, Ref: nonce, Encapsul: encapsulated, Payload: 1501, Contents: 1501 - 57 - encapsulated},
		} {
			var seen inspected
			run{stdin: []byte(input)}.start(t, "inspect", "-json").decode(t, &seen)
			require.Equal(t, want, seen)
		}
	}
	enc := base64.StdEncoding.EncodeToString(append([]byte{4}, bytes.Repeat(sixtyBytes, 2)[:88]...))
	require.Equal(t, `form         message, json
message      CALL in json
uri          "com.x"
dialect      wampbox
suite        signed
key id       "`+oursID+`"
ref          `+hex.EncodeToString(bytes.Repeat(sixtyBytes, 2)[48:56])+`
payload      89 bytes
encapsulated 32 bytes
`, func() string {
		r := run{stdin: []byte(`[48,1,{},"com.x",[],{"enc":"` + enc + `"}]`)}.start(t, "inspect")
		require.Equal(t, 1, r.status)
		require.Contains(t, r.err, "89 bytes are too short to be sealed")
		return r.out
	}())
	longer := append([]byte{4}, bytes.Repeat(sixtyBytes, 2)[:89]...)
	require.Contains(t, run{stdin: longer}.start(t, "inspect").fine(t), "encapsulated 32 bytes unless it is an answer\n")
}
