package main

import (
	"context"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

// honest answers as the responder does; lies replace one of its handlers.
var honest = map[string]client.InvocationHandler{
	"com.myapp.add2":             sum,
	"com.myapp.encrypted.add2":   sum,
	"com.myapp.failme":           fail,
	"com.myapp.encrypted.failme": fail,
}

func sum(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
	a, _ := integer(inv.Arguments[0])
	b, _ := integer(inv.Arguments[1])
	return client.InvokeResult{Args: wamp.List{a + b}}
}

func fail(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
	if inv.Arguments[0] == true {
		return raise("com.myapp.encrypted.error1", wamp.Dict{"custom1": 23, "custom2": "Hello"})
	}
	return raise("com.myapp.error1", wamp.Dict{"custom1": 23, "custom2": "Hello"})
}

func raise(uri wamp.URI, kwargs wamp.Dict) client.InvokeResult {
	return client.InvokeResult{Err: uri, Kwargs: kwargs}
}

// always answers every call with the same.
func always(result client.InvokeResult) client.InvocationHandler {
	return func(context.Context, *wamp.Invocation) client.InvokeResult { return result }
}

func values(list ...any) client.InvokeResult { return client.InvokeResult{Args: list} }

// secretText is in answers whose contents must not be printed.
const secretText = "the contents of an answer"

func TestEveryOutcomeIsChecked(t *testing.T) {
	for _, test := range []struct {
		name    string
		uri     string
		plainly bool // the handler is that of a client without keys
		handler client.InvocationHandler
		message string
	}{
		{"sum", "com.myapp.add2", false, always(values(25)), "call com.myapp.add2: the result isn't the sum"},
		{"encrypted sum", "com.myapp.encrypted.add2", false, always(values(25)), "call com.myapp.encrypted.add2: the result isn't the sum"},
		{"float", "com.myapp.encrypted.add2", false, always(values(24.0)), "the result isn't the sum"},
		{"two values", "com.myapp.encrypted.add2", false, always(values(24, secretText)), "the result isn't one value"},
		{"no value", "com.myapp.add2", false, always(values()), "the result isn't one value"},
		{"plain answer", "com.myapp.encrypted.add2", true, always(values(24)), "payload is not sealed"},
		{"error", "com.myapp.encrypted.add2", false, always(raise("com.myapp.no", wamp.Dict{"a": secretText})), `error "com.myapp.no"`},
		{"no error", "com.myapp.failme", false, always(values()), "call com.myapp.failme: no error was raised"},
		{"no encrypted error", "com.myapp.encrypted.failme", false, always(values()), "call com.myapp.encrypted.failme: no error was raised"},
		{"other error", "com.myapp.encrypted.failme", false, always(raise("com.myapp.error2", wamp.Dict{"a": secretText})), `error "com.myapp.error2"`},
		{"plain error", "com.myapp.failme", true, fail, "call com.myapp.failme: the answer came plain"},
		{"other number", "com.myapp.failme", false, always(raise("com.myapp.error1", wamp.Dict{"custom1": 24, "custom2": "Hello"})), "other arguments"},
		{"other text", "com.myapp.encrypted.failme", false, always(raise("com.myapp.error1", wamp.Dict{"custom1": 23, "custom2": secretText})), "other arguments"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			router := startRouter(t)
			keyed, plain := connectKeyed(t, router), connectPlain(t, router)
			for uri, handler := range honest {
				if uri != test.uri {
					require.NoError(t, keyed.Register(uri, handler, nil))
				}
			}
			if test.plainly {
				require.NoError(t, plain.Register(test.uri, test.handler, nil))
			} else {
				require.NoError(t, keyed.Register(test.uri, test.handler, nil))
			}
			p, status := proc.Run(t, "originator", "-router", router.WebSocketURL())
			require.Equal(t, 1, status)
			require.Contains(t, p.Stderr(), "originator: ")
			require.Contains(t, p.Stderr(), test.message)
			require.NotContains(t, p.Stdout(), "all as expected")
			require.NotContains(t, p.Stdout()+p.Stderr(), secretText)
		})
	}
}

// Without a lie the same setting succeeds, so each of them is what failed.
func TestHonestAnswersPass(t *testing.T) {
	router := startRouter(t)
	keyed := connectKeyed(t, router)
	for uri, handler := range honest {
		require.NoError(t, keyed.Register(uri, handler, nil))
	}
	p, status := proc.Run(t, "originator", "-router", router.WebSocketURL())
	require.Zero(t, status, p.Stderr())
	require.Equal(t, allOutcomes, p.Stdout())
}
