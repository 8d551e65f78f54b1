package live_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// shared is a key of tests.
var shared = cryptobox.GenerateSymmetricKey()

// TestUsage errors say what to give, and repeat no value: it might be a secret.
func TestUsage(t *testing.T) {
	files := newEnds(t)
	all := at("ws://127.0.0.1:1/ws", files.originator)
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"no router":             {[]string{"pub", "com.x"}, "give -router URL, such as ws://localhost:8080/ws, or set WAMPBOX_ROUTER"},
		"no realm":              {[]string{"pub", "-router", "ws://x/ws", "com.x"}, "give -realm, or set WAMPBOX_REALM"},
		"no keyring":            {[]string{"pub", "-router", "ws://x/ws", "-realm", "r", "com.x"}, "give -keyring FILE, or set WAMPBOX_KEYRING"},
		"a router that is none": {[]string{"pub", "-router", "hunter2", "-realm", "r", "com.x"}, "-router is no URL"},
		"a password in the URL": {[]string{"pub", "-router", "ws://joe:hunter2@x/ws", "-realm", "r", "com.x"}, "-router has a user in it"},
		"no topic":              {with("pub", all), "TOPIC is missing"},
		"no topic to sub":       {with("sub", all, ""), "TOPIC is missing"},
		"two topics":            {with("sub", all, "com.x", "hunter2"), "an argument too many"},
		"a bad pattern":         {with("sub", all, "com.*"), `"com.*"`},
		"an unknown match":      {with("sub", all, "-match", "hunter2", "com.x"), "use exact, prefix or wildcard"},
		"less than no events":   {with("sub", all, "-n", "-1", "com.x"), "-n is how many events to end after, 1 or more"},
		"no events":             {with("sub", all, "-n", "0", "com.x"), "without it sub goes on until it is interrupted"},
		"no procedure":          {with("call", all), "PROCEDURE is missing"},
		"no time":               {with("call", all, "-timeout", "0s", "com.x"), "-timeout has to be above 0"},
		"a time that is none":   {with("call", all, "-timeout", "hunter2", "com.x"), "give a duration such as 90s, 36h, 30d or 2w"},
		"a prefix":              {with("pub", all, "com.x."), `"com.x." is a pattern, not a URI: an event goes to one topic`},
		"a prefix to call":      {with("call", all, "com.x."), `"com.x." is a pattern, not a URI: a call is for one procedure`},
		"a wildcard":            {with("pub", all, "com..x"), "is a pattern, not a URI"},
		"an empty beginning":    {with("call", all, ".com.x"), "is a pattern, not a URI"},
		"a star":                {with("pub", all, "com.x.*"), "is a pattern, not a URI"},
		"a hash":                {with("call", all, "com.#"), "is a pattern, not a URI"},
		"two words":             {with("pub", all, "com.x y"), `"com.x y" is no URI: white space`},
		"a file as topic":       {with("pub", all, files.originator, "com.x"), "is a file, and stands where TOPIC is wanted: the keyring file comes behind -keyring"},
		"a file to call":        {[]string{"call", files.originator, "com.x"}, "stands where PROCEDURE is wanted"},
		"a file to sub":         {[]string{"sub", files.originator}, "stands where TOPIC is wanted"},
		"a key as topic":        {with("pub", all, base64.StdEncoding.EncodeToString(shared.UnsafeBytes())), "there is a key where TOPIC is wanted"},
		"a bare word":           {with("pub", all, "com.x", "hunter2"), `argument 1 is no JSON value: a text needs quotes of its own`},
		"two values in one":     {with("pub", all, "com.x", "1", "2,3"), `argument 2 is no JSON value`},
		"a way out of the list": {with("pub", all, "com.x", `1],"kwargs":{"a":1`), `argument 1 is no JSON value`},
		"a flag behind -5":      {with("pub", all, "com.x", "-5", "-retain"), "flags go before the first negative number"},
		"a duplicate name":      {with("pub", all, "com.x", `{"a":1,"a":2}`), `argument 1 is no JSON value`},
		"kwargs that are none":  {with("pub", all, "-kwargs", `["hunter2"]`, "com.x"), "-kwargs is no JSON object"},
		"standard input twice":  {with("pub", all, "com.x", "-", "-"), "is read for one argument only"},
		"an unknown serializer": {with("pub", all, "-serialization", "hunter2", "com.x"), "use cbor, msgpack or json"},
		"a secret as -auth":     {with("pub", all, "-auth", "ticket:hunter2", "com.x"), "doesn't belong on the command line"},
		"another method":        {with("pub", all, "-auth", "scram:file:hunter2", "com.x"), "write ticket:file:PATH"},
		"no authid":             {with("pub", all, "-auth", "ticket:env:X", "com.x"), "needs the -authid"},
		"authid alone":          {with("pub", all, "-authid", "joe", "com.x"), "-authid goes with -auth"},
		"ca without TLS":        {with("pub", all, "-ca", "hunter2", "com.x"), "-ca is for connections with TLS"},
		"doctor of nothing":     {[]string{"doctor", "-peer", "x"}, "name it, or set WAMPBOX_KEYRING"},
		"doctor with nothing":   {[]string{"doctor", files.originator}, "give -peer LIST to compare with, -router URL to look at, or both"},
		"a flag of none":        {with("pub", all, "-nonsense", "com.x"), "flag provided but not defined: -nonsense"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := tool(t, test.args...)
			require.ErrorIs(t, err, errUsage)
			require.ErrorContains(t, err, test.says)
			require.NotContains(t, err.Error()+r.out.String()+r.err.String(), "hunter2")
		})
	}
}

// TestHelp of each command needs no other text, and shows examples.
func TestHelp(t *testing.T) {
	for _, command := range []string{"sub", "pub", "call", "doctor"} {
		help := fine(t, command, "-h").out.String()
		require.Contains(t, help, "Examples:")
		require.Contains(t, help, "$ wampbox "+command)
		for line := range strings.Lines(help) {
			require.LessOrEqual(t, len(line), 121, line)
		}
	}
}

// TestEnvironment stands in for flags.
func TestEnvironment(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	t.Setenv("WAMPBOX_ROUTER", router.RawSocketURL())
	t.Setenv("WAMPBOX_REALM", realm)
	t.Setenv("WAMPBOX_KEYRING", files.originator)
	fine(t, "pub", prefix+"x", "1")
	fine(t, "doctor")
	_, err := tool(t, "pub", "-realm", "other", prefix+"x", "1")
	require.ErrorContains(t, err, `the router has no realm "other"`)
	t.Setenv("WAMPBOX_ROUTER", "")
	_, err = tool(t, "pub", prefix+"x", "1")
	require.ErrorContains(t, err, "or set WAMPBOX_ROUTER")
}

// TestClosed URIs, and roles that a key doesn't have, are errors before anything is sent.
func TestClosed(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	flags := at(router.WebSocketURL(), files.originator)
	for _, command := range []string{"pub", "call", "sub"} {
		_, err := tool(t, with(command, flags, "com.myapp.sealedd.x")...)
		require.ErrorIs(t, err, transparency.NoKey, command)
		require.ErrorIs(t, err, keyring.ErrClosed)
		require.ErrorContains(t, err, `"com.myapp.sealedd.x"`)
		require.ErrorContains(t, err, `prefix "com.myapp.sealed."`, "the near miss")
	}
	_, err := tool(t, with("pub", at(router.WebSocketURL(), files.responder), prefix+"x")...)
	require.ErrorIs(t, err, transparency.WrongRole)
	_, err = tool(t, with("sub", flags, prefix+"x")...)
	require.ErrorIs(t, err, transparency.WrongRole)
}

// TestStdin gives one of the values.
func TestStdin(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	sub := new(run).start(t.Context(), with("sub", at(router.WebSocketURL(), files.responder), "-n", "1", prefix+"x")...)
	sub.says(t, "subscribed to")
	pub := &run{stdin: " {\"a\": \"attack at dawn\"}\n"}
	require.NoError(t, pub.start(t.Context(), with("pub", at(router.WebSocketURL(), files.originator), prefix+"x", "1", "-", "2")...).wait(t))
	require.NoError(t, sub.wait(t))
	require.Contains(t, sub.out.String(), `"args":[1,{"a":"attack at dawn"},2]`)
}

// TestPubJSON tells a script what sealed the event.
func TestPubJSON(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t, plainToo(t))
	ring, err := keyfile.Load(files.originator)
	require.NoError(t, err)
	pub := fine(t, with("pub", at(router.WebSocketURL(), files.originator), "-json", prefix+"x", `"attack"`)...)
	require.Equal(t, `{"topic":"com.myapp.sealed.x","sealed":true,"key":"`+ring.Versions(keyring.Prefix(prefix))[0].ID+"\"}\n", pub.out.String())
	pub = fine(t, with("pub", at(router.WebSocketURL(), files.originator), "-json", "com.myapp.plain.x")...)
	require.Equal(t, `{"topic":"com.myapp.plain.x","sealed":false}`+"\n", pub.out.String())
}

// TestRetain says that the router may not do it: nexus doesn't.
func TestRetain(t *testing.T) {
	router := testrouter.Start(t)
	pub := fine(t, with("pub", at(router.WebSocketURL(), newEnds(t).originator), "-retain", prefix+"x")...)
	require.Contains(t, pub.err.String(), "doesn't announce event retention")
}

// TestUnreachable routers, and what isn't one.
func TestUnreachable(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	_, err := tool(t, with("pub", at("ws://127.0.0.1:1/ws", files.originator), prefix+"x")...)
	require.ErrorContains(t, err, "ws://127.0.0.1:1/ws can't be reached")
	_, err = tool(t, with("pub", at(chatter(t), files.originator), prefix+"x")...)
	require.ErrorContains(t, err, "doesn't speak WAMP as was asked")
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	_, err = tool(t, with("pub", at("ws"+strings.TrimPrefix(web.URL, "http"), files.originator), prefix+"x")...)
	require.ErrorContains(t, err, "opens no WebSocket")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, new(run).start(ctx, with("pub", at(router.WebSocketURL(), files.originator), prefix+"x")...).wait(t), context.Canceled)
}

// TestKeyringFiles that don't load are told by file and line.
func TestKeyringFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"version": 2, "patterns": [{}]}`), 0o600))
	_, err := tool(t, with("pub", at("ws://127.0.0.1:1/ws", path), prefix+"x")...)
	require.ErrorContains(t, err, path)
	require.NotErrorIs(t, err, errUsage)
}
