package capture_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/capture"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// TestPayloadAlone finds every payload of Autobahn in every way of writing.
func TestPayloadAlone(t *testing.T) {
	for _, v := range autobahn(t) {
		for name, input := range writings(v.Payload) {
			c, err := parse(input, capture.Auto)
			require.NoError(t, err, "%s, %s", v.Name, name)
			require.Equal(t, capture.Payload, c.Form)
			require.Equal(t, v.Payload, c.Payload, "%s, %s", v.Name, name)
			require.Empty(t, c.Dialect)
			require.Zero(t, c.Suite)
			size, known := c.RecordSize()
			require.True(t, known)
			require.Equal(t, len(v.Payload)-40, size)
		}
		c, err := parse(marshal(t, "json", v.Payload), capture.Auto)
		require.NoError(t, err)
		require.Equal(t, v.Payload, c.Payload, "a WAMP string in JSON")
	}
}

// TestOursAlone begins with its suite and key id.
func TestOursAlone(t *testing.T) {
	env, id := envelope(t, cryptobox.Wampbox)
	for name, input := range writings(env.Payload) {
		c, err := parse(input, capture.Auto)
		require.NoError(t, err, name)
		require.Equal(t, capture.Payload, c.Form)
		require.Equal(t, env.Payload, c.Payload)
		require.Equal(t, cryptobox.SuiteXBox, c.Suite)
		require.Equal(t, id, c.KeyID)
		require.Empty(t, c.Dialect, "another one's payload may begin so")
		size, known := c.RecordSize()
		require.True(t, known)
		require.Equal(t, len(env.Payload)-57, size)
	}
}

// TestMessages finds the envelope in each message, dialect, serializer and way
// of writing.
func TestMessages(t *testing.T) {
	overhead := map[cryptobox.Dialect]int{cryptobox.Wampbox: 57, cryptobox.Autobahn: 40, cryptobox.Passthru: 40}
	for _, dialect := range dialects {
		env, id := envelope(t, dialect)
		part := &wire.Part{Dict: wamp.Dict{"acknowledge": true}}
		wire.Put(part, env)
		for kind, list := range messages(part) {
			for _, s := range serializers {
				for name, input := range writings(marshal(t, s, list)) {
					c, err := parse(input, capture.Auto)
					require.NoError(t, err, "%v %v %s %s", dialect, kind, s, name)
					require.Equal(t, capture.Message, c.Form)
					require.Equal(t, kind, c.Type)
					require.Equal(t, s, c.Serializer)
					require.Equal(t, dialect.String(), c.Dialect)
					require.Equal(t, env.Payload, c.Payload)
					require.Equal(t, env.Algorithm, c.Algorithm)
					require.Equal(t, id, c.KeyID)
					require.Equal(t, dialect.Foreign(), c.Suite == 0)
					size, known := c.RecordSize()
					require.True(t, known)
					require.Equal(t, len(env.Payload)-overhead[dialect], size)
				}
			}
		}
	}
}

// TestPlainMessages are shown as what they are.
func TestPlainMessages(t *testing.T) {
	for kind, list := range messages(&wire.Part{Args: wamp.List{"hello", 23}, Kwargs: wamp.Dict{"a": 1}}) {
		for _, s := range serializers {
			c, err := parse(marshal(t, s, list), capture.Auto)
			require.NoError(t, err, "%v %s", kind, s)
			require.False(t, c.Sealed())
			require.Equal(t, kind, c.Type)
		}
	}
}

// TestURIs: a message's URI stands in its place or in its details.
func TestURIs(t *testing.T) {
	for input, want := range map[string]string{
		`[16,1,{},"com.topic"]`:                      "com.topic",
		`[48,1,{},"com.procedure",[1],{}]`:           "com.procedure",
		`[8,48,1,{},"com.error"]`:                    "com.error",
		`[36,1,2,{"topic":"com.event"}]`:             "com.event",
		`[68,1,2,{"procedure":"com.invocation"},[]]`: "com.invocation",
		`[36,1,2,{"topic":23}]`:                      "",
		`[50,1,{}]`:                                  "",
	} {
		c, err := parse([]byte(input), capture.Auto)
		require.NoError(t, err, input)
		require.Equal(t, want, c.URI, input)
	}
}

// TestEncArgument is found in keyword arguments alone.
func TestEncArgument(t *testing.T) {
	env, id := envelope(t, cryptobox.Wampbox)
	part := new(wire.Part)
	wire.Put(part, env)
	for _, s := range serializers {
		c, err := parse(marshal(t, s, part.Kwargs), capture.Auto)
		require.NoError(t, err)
		require.Equal(t, capture.EncArgument, c.Form)
		require.Equal(t, s, c.Serializer)
		require.Equal(t, []any{"wampbox", cryptobox.SuiteXBox, id, env.Payload}, []any{c.Dialect, c.Suite, c.KeyID, c.Payload})
	}
}

// TestFormat1 is named, in a message and alone, and nothing of it is read.
func TestFormat1(t *testing.T) {
	enc := map[string]any{"algo": "cryptobox", "serializer": "cbor", "key": "key-1", "payload": []byte("sealed")}
	part := &wire.Part{Args: wamp.List{}, Kwargs: wamp.Dict{"enc": enc}}
	inputs := []any{enc, map[string]any{"enc": enc}}
	for _, list := range messages(part) {
		inputs = append(inputs, list)
	}
	for i, input := range inputs {
		for _, s := range serializers {
			c, err := parse(marshal(t, s, input), capture.Auto)
			require.NoError(t, err, "%d %s", i, s)
			require.True(t, c.Format1)
			require.True(t, c.Sealed())
			require.Nil(t, c.Payload)
			require.Empty(t, c.Dialect)
			_, known := c.RecordSize()
			require.False(t, known)
		}
	}
}

// TestTransparentPublish reads the WAMP specification's own vectors: they hold records that
// Autobahn doesn't make, which is said, and with its own serializer they are found.
func TestTransparentPublish(t *testing.T) {
	var vectors []struct {
		Serializer string `json:"serializer"`
		Bytes      string `json:"bytes_hex"`
		Expected   struct {
			Payload string         `json:"payload"`
			Topic   string         `json:"topic"`
			Options map[string]any `json:"options"`
		} `json:"expected_attributes"`
	}
	readVectors(t, "wamp_transparent_publish.json", &vectors)
	seen := 0
	for _, v := range vectors {
		_, err := parse([]byte(v.Bytes), capture.Auto)
		require.ErrorIs(t, err, wire.ErrParts)
		require.ErrorContains(t, err, "enc_serializer is not json")
		if v.Serializer != "json" {
			continue
		}
		seen++
		text, err := hex.DecodeString(v.Bytes)
		require.NoError(t, err)
		named := v.Expected.Options["enc_serializer"].(string)
		c, err := parse([]byte(strings.Replace(string(text), `"`+named+`"`, `"json"`, 1)), capture.Auto)
		require.NoError(t, err)
		require.Equal(t, []string{"json", "autobahn", v.Expected.Topic, v.Expected.Payload},
			[]string{c.Serializer, c.Dialect, c.URI, hex.EncodeToString(c.Payload)})
		size, known := c.RecordSize()
		require.True(t, known)
		require.Negative(t, size, "25 bytes are no sealed record")
	}
	require.NotZero(t, seen)
}

// TestRefused: each with what is wrong, and with nothing of the input.
func TestRefused(t *testing.T) {
	for name, test := range map[string]struct {
		input    string
		encoding capture.Encoding
		says     string
	}{
		"nothing":                {"", capture.Auto, "it is empty"},
		"white space":            {" \n\t", capture.Auto, "it is empty"},
		"no hex":                 {"abcx", capture.Hex, "it is not hex"},
		"no base64":              {"abc!", capture.Base64, "it is not base64"},
		"an unknown encoding":    {"abcd", "uuencode", "unknown encoding"},
		"an empty list":          {"[]", capture.Auto, "element 0 is no id"},
		"a list of words":        {`["hello"]`, capture.Auto, "element 0 is no id"},
		"HELLO in CBOR, raw":     {"\x83\x01\x66realm1\xa0", capture.Raw, "this is none of them"},
		"another in MessagePack": {"\x95100\xd000", capture.Raw, "this is none of them"},
		"what sub prints":        {`{"topic":"a.b","args":[1],"kwargs":{},"sealed":true}`, capture.Auto, "it is what wampbox sub or call prints, which is opened already"},
		"HELLO":                  {`[1,"realm1",{}]`, capture.Auto, "carry a payload, and this is none of them"},
		"a type beyond integer":  {`[9223372036854775807,1,{},"a"]`, capture.Auto, "no message of WAMP"},
		"a payload cut short":    {"AAECAwQF", capture.Auto, "6 bytes in base64 are too short to be sealed"},
		"a short PUBLISH":        {`[16,1,{}]`, capture.Auto, "element 3 is no string"},
		"a long PUBLISH":         {`[16,1,{},"a",[],{},1]`, capture.Auto, "more behind the keyword arguments"},
		"options that are none":  {`[16,1,"x","a"]`, capture.Auto, "element 2 is no dict"},
		"arguments of a kind":    {`[16,1,{},"a",{}]`, capture.Auto, "no list in the arguments' place"},
		"kwargs of a kind":       {`[16,1,{},"a",[],[]]`, capture.Auto, "no dict in the keyword arguments' place"},
		"more behind bytes":      {`[16,1,{},"a","\u0000AAAA",{}]`, capture.Auto, "more behind binary data"},
		"another map":            {`{"secret":1}`, capture.Auto, "the map has neither an enc argument nor args and kwargs"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := parse([]byte(test.input), test.encoding)
			require.Nil(t, c)
			require.ErrorIs(t, err, capture.ErrCapture)
			require.ErrorContains(t, err, test.says)
		})
	}
}

// TestParts: what is not whole and alone is told from both sealed and plain.
func TestParts(t *testing.T) {
	for name, input := range map[string]string{
		"enc beside others":       `[16,1,{},"a",[],{"enc":"` + strings.Repeat("AQEB", 20) + `","b":1}]`,
		"enc that is too short":   `[16,1,{},"a",[],{"enc":"AQEB"}]`,
		"enc of a kind":           `[16,1,{},"a",[],{"enc":{"algo":"cryptobox","serializer":"cbor"}}]`,
		"enc_algo without bytes":  `[16,1,{"enc_algo":"cryptobox"},"a",["secret"]]`,
		"bytes without enc_algo":  `[16,1,{},"a","\u0000AAAA"]`,
		"ppt that isn't one":      `[16,1,{"ppt_scheme":"wamp","ppt_serializer":"cbor"},"a",["\u0000AAAA"]]`,
		"two dialects":            `[16,1,{"enc_algo":"cryptobox","ppt_scheme":"wamp"},"a",["\u0000AAAA"]]`,
		"enc argument of strings": `{"enc":23}`,
	} {
		c, err := parse([]byte(input), capture.Auto)
		require.Error(t, err, name)
		require.Nil(t, c, name)
		require.NotContains(t, err.Error(), "secret")
	}
}

// TestText that is neither a message nor a payload written down is refused, but where it is
// said that it is the payload.
func TestText(t *testing.T) {
	for _, input := range []string{
		`[16,1,{},"a","b and secret words`, `[16,1,{},"secret and a`, "secret words, secret words and secret words", "geheime Wörter\n geheime Wörter und geheime",
		"secret W\xf6rter in Latin-1, which is no UTF-8", `event com.x.secret "args", "kwargs", and more of it`, "event `com.x` 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
	} {
		c, err := parse([]byte(input), capture.Auto)
		require.ErrorIs(t, err, capture.ErrCapture, input)
		require.Regexp(t, "it is text|isn't whole JSON", err.Error())
		require.NotContains(t, err.Error(), "secret")
		require.NotContains(t, err.Error(), "found in")
		require.Nil(t, c)
		if len(input) <= 40 {
			continue
		}
		c, err = parse([]byte(input), capture.Raw)
		require.NoError(t, err)
		require.Equal(t, input, string(c.Payload))
	}
}

// TestArguments of a message, alone and as a router shows them.
func TestArguments(t *testing.T) {
	env, id := envelope(t, cryptobox.Wampbox)
	part := new(wire.Part)
	wire.Put(part, env)
	both := map[string]any{"args": part.Args, "kwargs": part.Kwargs}
	for _, s := range serializers {
		c, err := parse(marshal(t, s, both), capture.Auto)
		require.NoError(t, err)
		require.Equal(t, []any{capture.Arguments, s, "wampbox", id, env.Payload, ""}, []any{c.Form, c.Serializer, c.Dialect, c.KeyID, c.Payload, c.URI})
	}
	shown := "event \"com.\\x1b[31mx\" " + string(marshal(t, "json", both)) + "\n"
	c, err := parse([]byte(shown), capture.Auto)
	require.NoError(t, err)
	require.Equal(t, []any{capture.Arguments, env.Payload, "com.\x1b[31mx"}, []any{c.Form, c.Payload, c.URI})
	c, err = parse([]byte(`event "com.x" {"args":["hello"],"kwargs":null}`), capture.Auto)
	require.NoError(t, err)
	require.False(t, c.Sealed())
	for _, input := range []string{`{"args":[]}`, `{"args":{},"kwargs":{}}`, `{"args":[],"kwargs":[]}`, `{"args":[],"kwargs":{},"more":1}`} {
		_, err := parse([]byte(input), capture.Auto)
		require.ErrorContains(t, err, "neither an enc argument nor args and kwargs", input)
	}
	_, err = parse([]byte(`{"args":[1],"kwargs":{"enc":"AAAA"}}`), capture.Auto)
	require.Error(t, err, "parts of an envelope")
}

// TestBounds: what is too large or too deep costs an error.
func TestBounds(t *testing.T) {
	_, err := parse(make([]byte, capture.MaxInput+1), capture.Auto)
	require.ErrorContains(t, err, fmt.Sprintf("it has more than %d bytes", capture.MaxInput))
	_, err = parse(make([]byte, cryptobox.MaxSealed+1), capture.Raw)
	require.ErrorIs(t, err, capture.ErrCapture)
	deep := `[16,1,{},"a",` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `]`
	_, err = parse([]byte(deep), capture.Auto)
	require.ErrorIs(t, err, capture.ErrCapture)
	wide := `[16,1,{},"a",[` + strings.Repeat("{},", 1_100_000) + `{}]]`
	_, err = parse([]byte(wide), capture.Auto)
	require.ErrorContains(t, err, "too large")
	// A declared length alone is bytes like any others, and allocates nothing.
	c, err := parse(append([]byte("\xdd\xff\xff\xff\xff\x10"), make([]byte, 60)...), capture.Auto)
	require.NoError(t, err)
	require.Equal(t, capture.Payload, c.Form)
}
