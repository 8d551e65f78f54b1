package main

import (
	"context"
	"math"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// registerProcedures registers each procedure under a plain and an encrypted
// URI. The handlers are the same: the session opens what comes in and seals
// what goes out, by the URI.
func registerProcedures(session *transparency.Session) error {
	procedures := []struct {
		uri     string
		handler client.InvocationHandler
	}{
		{"com.myapp.add2", add2},
		{"com.myapp.encrypted.add2", add2},
		{"com.myapp.failme", failMe},
		{"com.myapp.encrypted.failme", failMe},
	}
	for _, procedure := range procedures {
		if err := session.Register(procedure.uri, announced(procedure.uri, procedure.handler), nil); err != nil {
			return err
		}
	}
	return nil
}

// announced prints each call of the procedure, and how it came.
func announced(uri string, handler client.InvocationHandler) client.InvocationHandler {
	return func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		output.Printf("call %s (%s)", uri, way(inv.Details))
		return handler(ctx, inv)
	}
}

// add2 returns the sum of two integers.
func add2(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
	if len(inv.Arguments) != 2 {
		return invalidArgument("two arguments are needed")
	}
	a, aOK := integer(inv.Arguments[0])
	b, bOK := integer(inv.Arguments[1])
	if !aOK || !bOK {
		return invalidArgument("both arguments have to be integers")
	}
	sum := a + b
	if (sum > a) != (b > 0) {
		return invalidArgument("the sum is too large")
	}
	return client.InvokeResult{Args: wamp.List{sum}}
}

// failMe raises an error whose URI is keyed for true, and one whose URI isn't
// for false. A caller that called encrypted gets both encrypted, but by Autobahn's rules
// the first alone.
func failMe(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
	if len(inv.Arguments) != 1 {
		return invalidArgument("one argument is needed")
	}
	encrypted, ok := inv.Arguments[0].(bool)
	if !ok {
		return invalidArgument("the argument has to be true or false")
	}
	raised := client.InvokeResult{
		Err:    "com.myapp.error1",
		Kwargs: wamp.Dict{"custom1": 23, "custom2": "Hello"},
	}
	if encrypted {
		raised.Err = "com.myapp.encrypted.error1"
	}
	return raised
}

// integer returns a number from a payload. wamp.AsInt64 would also cut off the
// fraction of a float, and wrap an integer beyond int64.
func integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case uint64: // from plain payloads; sealed ones give int64 where it fits
		return int64(v), v <= math.MaxInt64
	}
	return 0, false
}

// way says in a word how a payload came.
func way(details wamp.Dict) string {
	if _, proved := transparency.InfoFrom(details); proved {
		return "encrypted"
	}
	return "plain"
}

func invalidArgument(why string) client.InvokeResult {
	return client.InvokeResult{Err: wamp.ErrInvalidArgument, Args: wamp.List{why}}
}
