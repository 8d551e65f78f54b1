package live_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

// exact are JSON values that have to come out as they went in, digit by digit.
const exact = `["attack at dawn",9223372036854775807,18446744073709551615,123456789012345678901234567890,3.0,1e+300,` +
	`"<&>","\u0000AAEC/w==",[],{"a":{"b":null}},true,-1]`

func elements(t testing.TB, list string) (texts []string) {
	t.Helper()
	var raw []json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(list), &raw))
	for _, r := range raw {
		texts = append(texts, string(r))
	}
	return texts
}

// TestEvents go from pub to sub as they were written, and the router sees none of it.
func TestEvents(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	for name, url := range transports(router) {
		for _, serialization := range []string{"json", "msgpack", "cbor"} {
			t.Run(name+" "+serialization, func(t *testing.T) {
				tap := proxy.Start(t, url)
				flags := []string{"-serialization", serialization}
				sub := new(run).start(t.Context(), with("sub", append(flags, at(tap.URL(), files.responder)...), "-n", "2", prefix)...)
				sub.says(t, "subscribed to prefix")

				values := append([]string{prefix + "hello"}, elements(t, exact)...)
				pub := fine(t, with("pub", append(flags, at(tap.URL(), files.originator)...), values...)...)
				require.Empty(t, pub.out.String())
				require.Contains(t, pub.err.String(), "sealed with id ")
				require.Contains(t, pub.err.String(), ", acknowledged\n")
				fine(t, with("pub", append(flags, at(tap.URL(), files.originator)...), "-kwargs", `{"secret":"at dawn, again"}`, prefix+"bye")...)

				require.NoError(t, sub.wait(t))
				require.Contains(t, sub.out.String(), `"args":`+exact+`,"kwargs":{}`)
				lines := sub.lines(t)
				require.Len(t, lines, 2)
				require.Equal(t, prefix+"hello", lines[0]["topic"])
				require.Equal(t, map[string]any{"secret": "at dawn, again"}, lines[1]["kwargs"])
				require.Equal(t, true, lines[0]["sealed"])
				proved := lines[0]["proved"].(map[string]any)
				require.Equal(t, "originator", proved["role"])
				require.Contains(t, pub.err.String(), "sealed with id "+proved["key"].(string))
				require.Len(t, proved["session"], 32)
				require.NotContains(t, lines[0]["router_says"], "publisher") // wasn't disclosed

				for _, secret := range []string{"attack at dawn", "at dawn, again"} {
					seen, err := tap.Contains(secret)
					require.NoError(t, err)
					require.False(t, seen)
				}
			})
		}
	}
}

// TestCalls go from call to a callee and back, sealed.
func TestCalls(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	for name, url := range transports(router) {
		t.Run(name, func(t *testing.T) {
			tap := proxy.Start(t, url)
			callee := join(t, tap.URL(), files.responder)
			procedure := prefix + "echo." + name
			require.NoError(t, callee.Register(procedure, echo, nil))

			call := func(args ...string) *run { return fine(t, with("call", at(tap.URL(), files.originator), args...)...) }
			require.Equal(t, exact+"\n", call(procedure, exact).out.String(), "a single argument stands by itself")
			require.Equal(t, `{"args":[1,"attack at dawn"],"kwargs":{}}`+"\n", call(procedure, "1", `"attack at dawn"`).out.String())
			require.Equal(t, `{"args":[],"kwargs":{"a":1}}`+"\n", call(procedure, "-kwargs", `{"a":1}`).out.String())
			require.Equal(t, "null\n", call(procedure).out.String())
			require.Equal(t, "-5\n", call(procedure, "-5").out.String())

			full := call("-full", procedure, "7").lines(t)[0]
			require.Equal(t, []any{json.Number("7")}, full["args"])
			require.Equal(t, true, full["sealed"])
			require.Equal(t, "responder", full["proved"].(map[string]any)["role"])

			seen, err := tap.Contains("attack at dawn")
			require.NoError(t, err)
			require.False(t, seen)
			require.NoError(t, callee.Close())
		})
	}
}

func echo(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
	return client.InvokeResult{Args: inv.Arguments, Kwargs: inv.ArgumentsKw}
}

// TestPlain payloads have the same form, and say that they are plain.
func TestPlain(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t, plainToo(t))
	const values = `["hello",9223372036854775807,18446744073709551615,"\u0000AAEC/w==",{"a":[1.5,null]}]`
	for name, url := range transports(router) {
		for _, serialization := range []string{"json", "msgpack", "cbor"} {
			t.Run(name+" "+serialization, func(t *testing.T) {
				flags := []string{"-serialization", serialization}
				sub := new(run).start(t.Context(), with("sub", append(flags, at(url, files.responder)...), "-n", "1", "com.myapp.plain.x")...)
				sub.says(t, "subscribed to exact")
				pub := fine(t, with("pub", append(flags, at(url, files.originator)...), append([]string{"com.myapp.plain.x"}, elements(t, values)...)...)...)
				require.Contains(t, pub.err.String(), "in plain, as the keyring declares, acknowledged")
				require.NoError(t, sub.wait(t))
				require.Contains(t, sub.out.String(), `"args":`+values+`,"kwargs":{},"sealed":false,"router_says"`)
			})
		}
	}
	_, err := tool(t, with("pub", at(router.WebSocketURL(), files.originator), "com.myapp.plain.x", strings.Repeat("9", 40))...)
	require.ErrorContains(t, err, "integers beyond 64 bits can only be sealed")
}
