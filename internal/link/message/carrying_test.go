package message_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// TestReadCarrying: of what clients send, Read takes nothing, and ReadCarrying what carries
// a payload; of both, a message is whole.
func TestReadCarrying(t *testing.T) {
	codec, err := message.New(serialize.JSON)
	require.NoError(t, err)
	for text, want := range map[string]message.In{
		`[16,7,{"a":1},"com.x",[1],{"k":2}]`:   {Type: wamp.PUBLISH, Request: 7, URI: "com.x"},
		`[48,7,{"a":1},"com.x",[1],{"k":2}]`:   {Type: wamp.CALL, Request: 7, URI: "com.x"},
		`[70,7,{"a":1},[1],{"k":2}]`:           {Type: wamp.YIELD, Request: 7},
		`[36,7,8,{"a":1},[1],{"k":2}]`:         {Type: wamp.EVENT, ID: 7, Publication: 8},
		`[68,7,8,{"a":1},[1],{"k":2}]`:         {Type: wamp.INVOCATION, Request: 7, ID: 8},
		`[50,7,{"a":1},[1],{"k":2}]`:           {Type: wamp.RESULT, Request: 7},
		`[8,48,7,{"a":1},"com.x",[1],{"k":2}]`: {Type: wamp.ERROR, Answers: wamp.CALL, Request: 7, URI: "com.x"},
	} {
		var in message.In
		known, err := codec.ReadCarrying([]byte(text), &in)
		require.NoError(t, err)
		require.True(t, known, text)
		require.Equal(t, `{"a":1} [1] {"k":2}`, string(in.Details)+" "+string(in.Payload.Args)+" "+string(in.Payload.Kwargs))
		in.Details, in.Payload = nil, message.Payload{}
		require.Equal(t, want, in)

		known, err = codec.Read([]byte(text), &in)
		require.NoError(t, err)
		sent := want.Type == wamp.PUBLISH || want.Type == wamp.CALL || want.Type == wamp.YIELD
		require.Equal(t, !sent, known, text)

		known, err = codec.ReadCarrying([]byte(text+"x"), &in)
		require.ErrorIs(t, err, message.ErrMessage, "something behind it")
		require.False(t, known)
		require.Zero(t, in)
	}
	for _, text := range []string{`[1,"realm1",{}]`, `[2,1,{}]`, `[17,1,2]`, `[99999]`} {
		var in message.In
		known, err := codec.ReadCarrying([]byte(text), &in)
		require.NoError(t, err)
		require.False(t, known, text)
	}
	for _, text := range []string{``, `{}`, `[]`, `[16,1,{}]`, `[16,1,"x","com.x"]`} {
		var in message.In
		known, err := codec.ReadCarrying([]byte(text), &in)
		require.ErrorIs(t, err, message.ErrMessage, text)
		require.False(t, known, text)
	}
}
