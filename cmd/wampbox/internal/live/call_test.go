package live_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestErrors of a callee are one line of JSON on standard error.
func TestErrors(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	callee := join(t, router.WebSocketURL(), files.responder)
	require.NoError(t, callee.Register(prefix+"fail", func(context.Context, *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{Err: prefix + "error.bad", Args: wamp.List{"no", 7}, Kwargs: wamp.Dict{"a": nil}}
	}, nil))
	r, err := tool(t, with("call", at(router.WebSocketURL(), files.originator), prefix+"fail")...)
	require.ErrorIs(t, err, live.ErrSaid)
	require.Empty(t, r.out.String())
	require.Contains(t, r.err.String(), `{"error":"com.myapp.sealed.error.bad","args":["no",7],"kwargs":{"a":null},"sealed":true,"proved":{`)

	r, err = tool(t, with("call", at(router.WebSocketURL(), files.originator), prefix+"nobody")...)
	require.ErrorIs(t, err, live.ErrSaid)
	require.Contains(t, r.err.String(), `{"error":"wamp.error.no_such_procedure","args":[],"kwargs":{},"sealed":false}`)
	require.Contains(t, r.err.String(), "nobody serves the procedure at present, or its name is another one, as under another scramble secret: wampbox doctor -peer compares those")

	others := newEnds(t)
	r, err = tool(t, with("call", at(router.WebSocketURL(), others.originator), prefix+"fail", `"attack at dawn"`)...)
	require.ErrorIs(t, err, transparency.Refused)
	require.Regexp(t, `\(ref [0-9a-f]{16}, key id "`+sealing(t, others.originator)+`"\)`, err.Error())
	require.Contains(t, r.err.String(), "most often the two ends hold different keys, or, of a signed key, the other end doesn't list this one as a sender, which wampbox doctor -peer finds")
	require.NotContains(t, r.err.String()+err.Error(), "attack")

	// A plain call of what is sealed there.
	plain := newEnds(t, func(o, _ *keyFile) { require.NoError(t, o.SetPlain(keyring.Prefix(prefix))) })
	r, err = tool(t, with("call", at(router.WebSocketURL(), plain.originator), prefix+"fail")...)
	require.ErrorIs(t, err, live.ErrSaid)
	require.Contains(t, r.err.String(), string(transparency.URISealedOnly))
	require.Contains(t, r.err.String(), "the call was sent in plain")
	require.NoError(t, callee.Close())
}

// TestRefusal by a callee that has the key is told with its reason and its clock.
func TestRefusal(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	callee := join(t, router.WebSocketURL(), files.responder, transparency.WithMaxAge(time.Nanosecond))
	require.NoError(t, callee.Register(prefix+"x", echo, nil))
	_, err := tool(t, with("call", at(router.WebSocketURL(), files.originator), prefix+"x")...)
	require.ErrorIs(t, err, transparency.Refused)
	require.ErrorContains(t, err, "it says too old: answering a call")
	require.NoError(t, callee.Close())
}

// TestForgedResult is an error that says why.
func TestForgedResult(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	forger, err := client.ConnectNet(t.Context(), router.WebSocketURL(), client.Config{Realm: realm})
	require.NoError(t, err)
	require.NoError(t, forger.Register(prefix+"x", func(context.Context, *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{Args: wamp.List{"forged"}}
	}, nil))
	r, err := tool(t, with("call", at(router.WebSocketURL(), files.originator), prefix+"x")...)
	require.ErrorIs(t, err, transparency.Plaintext)
	require.Empty(t, r.out.String())
	require.NoError(t, forger.Close())
}

// TestProgress is printed as it comes.
func TestProgress(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	callee := join(t, router.RawSocketURL(), files.responder)
	require.NoError(t, callee.Register(prefix+"count", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		for i := range 3 {
			if err := callee.SendProgress(ctx, wamp.List{i}, nil); err != nil {
				return client.InvokeResult{Args: wamp.List{"no progress"}}
			}
		}
		return client.InvokeResult{Args: wamp.List{"done", true}}
	}, nil))
	r := fine(t, with("call", at(router.RawSocketURL(), files.originator), "-progress", prefix+"count")...)
	require.Equal(t, "0\n1\n2\n"+`{"args":["done",true],"kwargs":{}}`+"\n", r.out.String())
	r = fine(t, with("call", at(router.RawSocketURL(), files.originator), "-timeout", "1d", prefix+"count")...)
	require.Equal(t, `"no progress"`+"\n", r.out.String())
	require.NoError(t, callee.Close())
}

// TestTimeout ends a call, and so does an interruption.
func TestTimeout(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	callee := join(t, router.RawSocketURL(), files.responder)
	called := make(chan struct{}, 2)
	require.NoError(t, callee.Register(prefix+"wait", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		called <- struct{}{}
		<-ctx.Done()
		return client.InvocationCanceled
	}, nil))
	begun := time.Now()
	_, err := tool(t, with("call", at(router.RawSocketURL(), files.originator), "-timeout", "300ms", prefix+"wait")...)
	require.ErrorContains(t, err, "no answer within 300ms; -timeout allows more")
	require.Less(t, time.Since(begun), patience/2)
	<-called

	ctx, cancel := context.WithCancel(t.Context())
	call := new(run).start(ctx, with("call", at(router.RawSocketURL(), files.originator), prefix+"wait")...)
	<-called
	cancel()
	require.ErrorIs(t, call.wait(t), context.Canceled)
	require.NoError(t, callee.Close())
}

// TestTransition says that what goes out is plain.
func TestTransition(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t, plainFor(t, time.Hour))
	callee := join(t, router.RawSocketURL(), files.responder)
	require.NoError(t, callee.Register(prefix+"echo", echo, nil))
	r := fine(t, with("call", at(router.RawSocketURL(), files.originator), "-full", prefix+"echo", "1")...)
	require.Contains(t, r.err.String(), "in plain, as its pattern is in transition")
	require.Equal(t, `{"args":[1],"kwargs":{},"sealed":false}`, strings.TrimSpace(r.out.String()))
	require.NoError(t, callee.Close())
}

// plainFor has the originator send plain, and the responder take it for a minute longer.
func plainFor(t testing.TB, d time.Duration) func(originator, responder *keyFile) {
	return func(originator, responder *keyFile) {
		until := time.Now().Add(d).Truncate(time.Second)
		require.NoError(t, originator.Transition(keyring.Prefix(prefix), keyring.SendPlain, until))
		require.NoError(t, responder.Transition(keyring.Prefix(prefix), keyring.AcceptPlain, until.Add(time.Minute)))
	}
}
