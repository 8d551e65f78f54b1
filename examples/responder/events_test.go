package main

import (
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
)

func TestEvents(t *testing.T) {
	router := startRouter(t)
	responder := startResponder(t, router.RawSocketURL())
	session := connectOriginator(t, router, client.CBOR)
	for _, event := range []struct {
		topic string
		args  wamp.List
		line  string
	}{
		{"com.myapp.hello", wamp.List{"one"}, `event com.myapp.hello: "one" (plain)`},
		{"com.myapp.encrypted.hello", wamp.List{"two"}, `event com.myapp.encrypted.hello: "two" (encrypted)`},
		{"com.myapp.hello", wamp.List{"\x1b[2J\nforged"}, `event com.myapp.hello: "\x1b[2J\nforged" (plain)`},
		{"com.myapp.hello", wamp.List{strings.Repeat("x", 5000)}, `event com.myapp.hello: "` + strings.Repeat("x", 200) + `" (plain)`},
		{"com.myapp.encrypted.hello", wamp.List{23}, `event com.myapp.encrypted.hello: not a text (encrypted)`},
		{"com.myapp.hello", nil, `event com.myapp.hello: not a text (plain)`},
		{"com.myapp.hello", wamp.List{"a", "b"}, `event com.myapp.hello: not a text (plain)`},
	} {
		before := strings.Count(responder.Stdout(), event.line+"\n")
		require.NoError(t, session.Publish(event.topic, nil, event.args, nil))
		responder.AwaitLine(event.line, before+1)
	}
}

// What has no key to prove it is never printed as an event of the encrypted
// topic.
func TestPlainEventsOfAnEncryptedTopic(t *testing.T) {
	router := startRouter(t)
	responder := startResponder(t, router.WebSocketURL())
	plain := connectPlain(t, router)
	require.NoError(t, plain.Publish("com.myapp.encrypted.hello", nil, wamp.List{"forged"}, nil))
	require.NoError(t, plain.Publish("com.myapp.encrypted.hello", nil, nil, wamp.Dict{"enc": wamp.Dict{"algo": "cryptobox"}}))
	require.NoError(t, plain.Publish("com.myapp.hello", nil, wamp.List{"last"}, nil))
	responder.AwaitLine(`event com.myapp.hello: "last" (plain)`, 1)
	require.Equal(t, 1, strings.Count(responder.Stdout(), "event "))
	responder.AwaitStderr(`event "com.myapp.encrypted.hello": payload is not sealed`)
	require.NotContains(t, responder.Stderr(), "forged")
}
