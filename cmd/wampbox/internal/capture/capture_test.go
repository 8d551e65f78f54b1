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
			c, err := capture.Parse(input, capture.Auto)
			require.NoError(t, err, "%s, %s", v.Name, name)
			require.Equal(t, capture.Payload, c.Form)
			require.Equal(t, v.Payload, c.Envelope.Payload, "%s, %s", v.Name, name)
			require.Empty(t, c.Framing)
			size, known := c.RecordSize()
			require.True(t, known)
			require.Equal(t, len(v.Payload)-40, size)
		}
		c, err := capture.Parse(marshal(t, cryptobox.JSON, v.Payload), capture.Auto)
		require.NoError(t, err)
		require.Equal(t, v.Payload, c.Envelope.Payload, "a WAMP string in JSON")
	}
}

// TestMessages finds the envelope in each message, framing, serializer and way
// of writing.
func TestMessages(t *testing.T) {
	for _, framing := range wire.Framings() {
		env := envelope(t, framing)
		part := &wire.Part{Dict: wamp.Dict{"acknowledge": true}}
		require.NoError(t, framing.Put(part, env))
		for kind, list := range messages(part) {
			for _, s := range serializers {
				for name, input := range writings(marshal(t, s, list)) {
					c, err := capture.Parse(input, capture.Auto)
					require.NoError(t, err, "%s %v %s %s", framing.Traits().Name, kind, s, name)
					require.Equal(t, capture.Message, c.Form)
					require.Equal(t, kind, c.Type)
					require.Equal(t, s, c.Serializer)
					require.Equal(t, framing.Traits().Name, c.Framing)
					require.Equal(t, env.Payload, c.Envelope.Payload)
					require.Equal(t, env.Serializer, c.Envelope.Serializer)
					require.Equal(t, "key-1", c.Envelope.KeyID)
					size, known := c.RecordSize()
					require.True(t, known)
					require.Equal(t, len(env.Payload)-40, size)
				}
			}
		}
	}
}

// TestPlainMessages are shown as what they are.
func TestPlainMessages(t *testing.T) {
	for kind, list := range messages(&wire.Part{Args: wamp.List{"hello", 23}, Kwargs: wamp.Dict{"a": 1}}) {
		for _, s := range serializers {
			c, err := capture.Parse(marshal(t, s, list), capture.Auto)
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
		c, err := capture.Parse([]byte(input), capture.Auto)
		require.NoError(t, err, input)
		require.Equal(t, want, c.URI, input)
	}
}

// TestEncArgument is found with and without the keyword arguments around it.
func TestEncArgument(t *testing.T) {
	env := envelope(t, wire.EncArgument{})
	part := new(wire.Part)
	require.NoError(t, wire.EncArgument{}.Put(part, env))
	for _, s := range serializers {
		for _, value := range []any{part.Kwargs, part.Kwargs[wire.EncName]} {
			c, err := capture.Parse(marshal(t, s, value), capture.Auto)
			require.NoError(t, err)
			require.Equal(t, capture.EncArgument, c.Form)
			require.Equal(t, s, c.Serializer)
			require.Equal(t, env, c.Envelope)
		}
	}
}

// TestTransparentPublish reads the WAMP specification's own vectors.
func TestTransparentPublish(t *testing.T) {
	var vectors []struct {
		Serializer string `json:"serializer"`
		Bytes      string `json:"bytes_hex"`
		Expected   struct {
			Payload string `json:"payload"`
			Topic   string `json:"topic"`
		} `json:"expected_attributes"`
	}
	readVectors(t, "wamp_transparent_publish.json", &vectors)
	seen := 0
	for _, v := range vectors {
		if v.Serializer != "json" && v.Serializer != "msgpack" && v.Serializer != "cbor" || v.Expected.Payload == "" {
			continue
		}
		c, err := capture.Parse([]byte(v.Bytes), capture.Auto)
		require.NoError(t, err)
		require.Equal(t, v.Serializer, string(c.Serializer))
		require.Equal(t, v.Expected.Topic, c.URI)
		if c.Sealed() {
			seen++
			require.Equal(t, v.Expected.Payload, hex.EncodeToString(c.Envelope.Payload))
			size, known := c.RecordSize()
			require.True(t, known)
			require.Negative(t, size, "25 bytes are no sealed record")
		}
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
		"nothing":               {"", capture.Auto, "it is empty"},
		"white space":           {" \n\t", capture.Auto, "it is empty"},
		"no hex":                {"abcx", capture.Hex, "it is not hex"},
		"no base64":             {"abc!", capture.Base64, "it is not base64"},
		"an unknown encoding":   {"abcd", "uuencode", "unknown encoding"},
		"an empty list":         {"[]", capture.Auto, "the list is empty"},
		"a list of words":       {`["hello"]`, capture.Auto, "no type of message"},
		"HELLO":                 {`[1,"realm1",{}]`, capture.Auto, "messages of type 1 carry no payload"},
		"a type beyond integer": {`[9223372036854775807,1,{},"a"]`, capture.Auto, "carry no payload"},
		"a short PUBLISH":       {`[16,1,{}]`, capture.Auto, "has 4 to 6 elements, this one has 3"},
		"a long PUBLISH":        {`[16,1,{},"a",[],{},1]`, capture.Auto, "has 4 to 6 elements, this one has 7"},
		"options that are none": {`[16,1,"x","a"]`, capture.Auto, "element 2 of the message is no map"},
		"arguments of a kind":   {`[16,1,{},"a",{}]`, capture.Auto, "element 4 of the message is no list"},
		"kwargs of a kind":      {`[16,1,{},"a",[],[]]`, capture.Auto, "element 5 of the message is no map"},
		"more behind bytes":     {`[16,1,{},"a","\u0000AAAA",{}]`, capture.Auto, "goes on behind binary data"},
		"another map":           {`{"secret":1}`, capture.Auto, "the map is no enc argument"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := capture.Parse([]byte(test.input), test.encoding)
			require.Nil(t, c)
			require.ErrorIs(t, err, capture.ErrCapture)
			require.ErrorContains(t, err, test.says)
		})
	}
}

// TestParts: what is not whole and alone is told from both sealed and plain.
func TestParts(t *testing.T) {
	for name, input := range map[string]string{
		"enc beside others":       `[16,1,{},"a",[],{"enc":{"algo":"cryptobox","serializer":"cbor","payload":"AAAA"},"b":1}]`,
		"enc without a payload":   `[16,1,{},"a",[],{"enc":{"algo":"cryptobox","serializer":"cbor"}}]`,
		"enc_algo without bytes":  `[16,1,{"enc_algo":"cryptobox"},"a",["secret"]]`,
		"bytes without enc_algo":  `[16,1,{},"a","\u0000AAAA"]`,
		"ppt that isn't one":      `[16,1,{"ppt_scheme":"wamp","ppt_serializer":"cbor"},"a",["\u0000AAAA"]]`,
		"two framings":            `[16,1,{"enc_algo":"cryptobox","ppt_scheme":"wamp"},"a",["\u0000AAAA"]]`,
		"enc argument of strings": `{"payload":"AAAA","algo":23}`,
	} {
		c, err := capture.Parse([]byte(input), capture.Auto)
		require.Error(t, err, name)
		require.Nil(t, c, name)
		require.NotContains(t, err.Error(), "secret")
	}
}

// TestAmbiguousJSON is no JSON to us, and so bytes like any others.
func TestAmbiguousJSON(t *testing.T) {
	for _, input := range []string{`[16,1,{"a":1,"a":2},"x"]`, `[16,1,{},"a"],"kwargs":{}`, `[16,1,{},"a"`} {
		c, err := capture.Parse([]byte(input), capture.Auto)
		require.NoError(t, err)
		require.Equal(t, capture.Payload, c.Form, input)
		require.Equal(t, input, string(c.Envelope.Payload))
	}
}

// TestBounds: what is too large or too deep costs an error.
func TestBounds(t *testing.T) {
	_, err := capture.Parse(make([]byte, capture.MaxInput+1), capture.Auto)
	require.ErrorContains(t, err, fmt.Sprintf("it has more than %d bytes", capture.MaxInput))
	_, err = capture.Parse(make([]byte, cryptobox.MaxPayload+1000), capture.Raw)
	require.ErrorIs(t, err, capture.ErrCapture)
	deep := `[16,1,{},"a",` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `]`
	_, err = capture.Parse([]byte(deep), capture.Auto)
	require.ErrorIs(t, err, capture.ErrCapture)
	wide := `[16,1,{},"a",[` + strings.Repeat("1,", 1_100_000) + `1]]`
	_, err = capture.Parse([]byte(wide), capture.Auto)
	require.ErrorIs(t, err, cryptobox.ErrTooLarge)
	// A declared length alone is bytes like any others, and allocates nothing.
	c, err := capture.Parse([]byte("\xdd\xff\xff\xff\xff\x10"), capture.Auto)
	require.NoError(t, err)
	require.Equal(t, capture.Payload, c.Form)
}
