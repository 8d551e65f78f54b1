package parity_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const procedure = "com.parity.procedure"

// sum adds its arguments.
func sum(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
	var total int64
	for _, arg := range inv.Arguments {
		total += number(arg)
	}
	return client.InvokeResult{Args: wamp.List{total}, Kwargs: wamp.Dict{"of": len(inv.Arguments)}}
}

func TestRegisterAndCall(t *testing.T) {
	want := outcome{
		"registration id":       true,
		"of another procedure":  false,
		"of the caller":         false,
		"sum":                   "[55] map[of:10] map[]",
		"called by the callee":  "[7] map[of:1] map[]",
		"unregister":            "no error",
		"registration id after": false,
		"unregister twice":      "ErrNotRegistered",
		"never registered":      "ErrNotRegistered",
		"another's":             "ErrNotRegistered",
		"call after":            "RPCError wamp.error.no_such_procedure of com.parity.procedure to CALL",
		"registered again":      "[anew]",
	}
	both(t, everywhere, want, func(w *world) {
		callee, caller := w.connect(), w.connect()
		w.noteError("never registered", callee.Unregister(procedure))
		w.register(callee, procedure, sum, nil)
		id, ok := callee.RegistrationID(procedure)
		w.note("registration id", ok && id != 0)
		_, ok = callee.RegistrationID("com.parity.other")
		w.note("of another procedure", ok)
		_, ok = caller.RegistrationID(procedure)
		w.note("of the caller", ok)
		w.noteError("another's", caller.Unregister(procedure))
		result, err := caller.Call(w.soon(), procedure, nil, wamp.List{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, nil, nil)
		require.NoError(w, err)
		w.note("sum", fmt.Sprint(result.Arguments, result.ArgumentsKw, result.Details))
		result, err = callee.Call(w.soon(), procedure, nil, wamp.List{7}, nil, nil)
		require.NoError(w, err)
		w.note("called by the callee", fmt.Sprint(result.Arguments, result.ArgumentsKw, result.Details))

		w.noteError("unregister", callee.Unregister(procedure))
		_, ok = callee.RegistrationID(procedure)
		w.note("registration id after", ok)
		w.noteError("unregister twice", callee.Unregister(procedure))
		result, err = caller.Call(w.soon(), procedure, nil, wamp.List{555}, nil, nil)
		require.Nil(w, result)
		w.noteError("call after", err)
		w.register(callee, procedure, answers("anew"), nil)
		result, err = caller.Call(w.soon(), procedure, nil, nil, nil, nil)
		require.NoError(w, err)
		w.note("registered again", fmt.Sprint(result.Arguments))
	})
}

func TestRegisterIsRefused(t *testing.T) {
	want := outcome{
		"bad name":           "error wamp.error.invalid_uri",
		"known":              false,
		"another's":          "error wamp.error.procedure_already_exists",
		"one's own":          "error wamp.error.procedure_already_exists",
		"one's own goes on":  "[first]",
		"reserved":           "error wamp.error.invalid_uri",
		"policies in plural": "error wamp.error.procedure_already_exists",
		"disclose_caller":    "error wamp.error.option_disallowed.disclose_me",
	}
	both(t, everywhere, want, func(w *world) {
		c, another := w.connect(), w.connect()
		w.noteError("bad name", c.Register("bad proc! no no", sum, nil))
		_, known := c.RegistrationID("bad proc! no no")
		w.note("known", known)
		w.register(c, procedure, answers("first"), nil)
		w.noteError("another's", another.Register(procedure, sum, nil))
		w.noteError("one's own", c.Register(procedure, sum, nil))
		result, err := another.Call(w.soon(), procedure, nil, nil, nil, nil)
		require.NoError(w, err)
		w.note("one's own goes on", fmt.Sprint(result.Arguments))
		w.noteError("reserved", c.Register("wamp.parity", sum, nil))
		w.register(c, "com.parity.shared", sum, wamp.Dict{wamp.OptInvoke: wamp.InvokeFirst})
		w.noteError("policies in plural", another.Register("com.parity.shared", sum, wamp.Dict{wamp.OptInvoke: wamp.InvokeLast}))
		w.noteError("disclose_caller", c.Register("com.parity.nosy", sum, wamp.Dict{wamp.OptDiscloseCaller: true}))
	}, strict, func(cfg *router.RealmConfig) { cfg.AllowDisclose = false })
}

// TestWhatHandlersReturn: each way to answer, and what the caller gets.
func TestWhatHandlersReturn(t *testing.T) {
	const failed = "com.parity.error.failed"
	for name, c := range map[string]struct {
		answer client.InvokeResult
		want   string
	}{
		"nothing":              {client.InvokeResult{}, "[] map[] map[]"},
		"arguments":            {client.InvokeResult{Args: wamp.List{"a", "b"}}, "[a b] map[] map[]"},
		"keywords":             {client.InvokeResult{Kwargs: wamp.Dict{"k": "v"}}, "[] map[k:v] map[]"},
		"both":                 {client.InvokeResult{Args: wamp.List{"a"}, Kwargs: wamp.Dict{"k": "v"}}, "[a] map[k:v] map[]"},
		"empty ones":           {client.InvokeResult{Args: wamp.List{}, Kwargs: wamp.Dict{}}, "[] map[] map[]"},
		"options":              {client.InvokeResult{Args: wamp.List{"a"}, Options: wamp.Dict{"x_option": 1}}, "[a] map[] map[]"},
		"an error":             {client.InvokeResult{Err: failed}, "RPCError com.parity.error.failed of com.parity.procedure to CALL"},
		"an error with why":    {client.InvokeResult{Err: failed, Args: wamp.List{"why"}, Kwargs: wamp.Dict{"k": "v"}}, "RPCError com.parity.error.failed of com.parity.procedure to CALL [why] map[k:v]"},
		"an error and options": {client.InvokeResult{Err: failed, Options: wamp.Dict{"x": 1}}, "RPCError com.parity.error.failed of com.parity.procedure to CALL"},
		"canceled":             {client.InvocationCanceled, "RPCError wamp.error.canceled of com.parity.procedure to CALL"},
		"timeout":              {client.InvokeResult{Err: wamp.ErrTimeout}, "RPCError wamp.error.timeout of com.parity.procedure to CALL"},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, everywhere, nil, func(w *world) {
				callee, caller := w.connect(), w.connect()
				w.register(callee, procedure, func(context.Context, *wamp.Invocation) client.InvokeResult { return c.answer }, nil)
				result, err := caller.Call(w.soon(), procedure, nil, nil, nil, nil)
				if err != nil {
					require.Nil(w, result)
					require.Equal(w, c.want, said(err))
					var raised client.RPCError
					require.ErrorAs(w, err, &raised)
					w.note("text", raised.Error())
					w.note("details", raised.Err.Details)
					w.note("arguments", some(raised.Err.Arguments))
					w.note("keywords", someKw(raised.Err.ArgumentsKw))
					return
				}
				require.Equal(w, c.want, fmt.Sprint(result.Arguments, result.ArgumentsKw, result.Details))
				w.note("details", result.Details)
				w.note("arguments", some(result.Arguments))
				w.note("keywords", someKw(result.ArgumentsKw))
			})
		})
	}
}

// TestSharedRegistration: who of three callees is called, by the policy. Random is
// told by everybody having had a call in the end.
func TestSharedRegistration(t *testing.T) {
	for policy, want := range map[string]outcome{
		wamp.InvokeRoundRobin: {"calls": "1 2 3 1 2", "after the second has left": "1 3 1 3"},
		wamp.InvokeFirst:      {"calls": "1 1 1 1 1", "after the second has left": "1 1 1 1"},
		wamp.InvokeLast:       {"calls": "3 3 3 3 3", "after the second has left": "3 3 3 3"},
	} {
		t.Run(policy, func(t *testing.T) {
			both(t, everywhere, want, func(w *world) {
				callees := w.share(policy)
				caller := w.connect()
				w.note("calls", w.callTimes(caller, 5))
				require.NoError(w, callees[1].Unregister(procedure))
				first := w.callTimes(caller, 1)
				if policy == wamp.InvokeRoundRobin && first[0] == '3' {
					w.callTimes(caller, 1) // whose turn it is, is the router's affair
					w.callTimes(caller, 1)
					first = w.callTimes(caller, 1)
				}
				rest := w.callTimes(caller, 3)
				w.note("after the second has left", first+" "+rest)
				require.NoError(w, callees[0].Unregister(procedure))
				require.NoError(w, callees[2].Unregister(procedure))
			})
		})
	}
	t.Run(wamp.InvokeRandom, func(t *testing.T) {
		both(t, everywhere, outcome{"called": 3}, func(w *world) {
			callees := w.share(wamp.InvokeRandom)
			caller := w.connect()
			called := map[string]bool{}
			for i := 0; len(called) < 3 && i < 500; i++ {
				called[w.callTimes(caller, 1)] = true
			}
			w.note("called", len(called))
			for _, c := range callees {
				require.NoError(w, c.Unregister(procedure))
			}
		})
	})
}

// share registers three callees that answer with their number.
func (w *world) share(policy string) []transparency.Client {
	w.Helper()
	var callees []transparency.Client
	for i := range 3 {
		c := w.connect()
		w.register(c, procedure, answers(i+1), wamp.Dict{wamp.OptInvoke: policy})
		callees = append(callees, c)
	}
	return callees
}

// callTimes returns who answered n calls.
func (w *world) callTimes(c transparency.Client, n int) string {
	w.Helper()
	who := ""
	for i := range n {
		result, err := c.Call(w.soon(), procedure, nil, nil, nil, nil)
		require.NoError(w, err)
		if i > 0 {
			who += " "
		}
		who += fmt.Sprint(number(result.Arguments[0]))
	}
	return who
}

// TestRegisterPattern: the handler of a pattern is told which procedure was called, in
// the same type by both clients.
func TestRegisterPattern(t *testing.T) {
	for match, pattern := range map[string]string{"": "com.parity.x", wamp.MatchExact: "com.parity.x", wamp.MatchPrefix: "com.parity", wamp.MatchWildcard: "com..x"} {
		t.Run("match "+match, func(t *testing.T) {
			both(t, everywhere, nil, func(w *world) {
				callee, caller := w.connect(), w.connect()
				var options wamp.Dict
				if match != "" {
					options = wamp.Dict{wamp.OptMatch: match}
				}
				invocations := make(chan *wamp.Invocation, 1)
				w.register(callee, pattern, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
					invocations <- inv
					return client.InvokeResult{}
				}, options)
				id, ok := callee.RegistrationID(pattern)
				require.True(w, ok)
				_, err := caller.Call(w.soon(), "com.parity.x", nil, nil, nil, nil)
				require.NoError(w, err)
				inv := receive(w, invocations)
				require.Equal(w, id, inv.Registration)
				named, has := inv.Details["procedure"]
				require.Equal(w, match != wamp.MatchExact, has, "nexus's router tells it wherever exact isn't said")
				if has {
					uri, _ := wamp.AsURI(named)
					require.Equal(w, wamp.URI("com.parity.x"), uri)
				}
				w.note("details", inv.Details)
				_, err = caller.Call(w.soon(), "org.other.y", nil, nil, nil, nil)
				w.noteError("another procedure", err)
				require.NoError(w, callee.Unregister(pattern))
				_, err = caller.Call(w.soon(), "com.parity.x", nil, nil, nil, nil)
				w.noteError("unregistered", err)
			})
		})
	}
}

// TestCallerIdentification: disclose_me and disclose_caller tell the callee who calls,
// where the realm allows it.
func TestCallerIdentification(t *testing.T) {
	want := outcome{"nobody asks": false, "the caller asks": true, "the callee asks": true, "authid": true}
	both(t, everywhere, want, func(w *world) {
		callee, caller := w.connect(), w.connect()
		invocations := make(chan *wamp.Invocation, 1)
		handler := func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
			invocations <- inv
			return client.InvokeResult{}
		}
		w.register(callee, procedure, handler, nil)
		w.register(callee, "com.parity.nosy", handler, wamp.Dict{wamp.OptDiscloseCaller: true})
		for name, call := range map[string]struct {
			procedure string
			options   wamp.Dict
		}{
			"nobody asks":     {procedure, nil},
			"the caller asks": {procedure, wamp.Dict{wamp.OptDiscloseMe: true}},
			"the callee asks": {"com.parity.nosy", nil},
		} {
			_, err := caller.Call(w.soon(), call.procedure, call.options, nil, nil, nil)
			require.NoError(w, err)
			inv := receive(w, invocations)
			w.note(name, number(inv.Details["caller"]) == int64(caller.ID()))
			if name == "the callee asks" {
				w.note("authid", inv.Details["caller_authid"] == caller.RealmDetails()["authid"])
			}
		}
	})
}

func TestDisclosingIsDisallowed(t *testing.T) {
	want := outcome{"call": "RPCError wamp.error.option_disallowed.disclose_me of com.parity.procedure to CALL"}
	both(t, everywhere, want, func(w *world) {
		callee, caller := w.connect(), w.connect()
		w.register(callee, procedure, sum, nil)
		_, err := caller.Call(w.soon(), procedure, wamp.Dict{wamp.OptDiscloseMe: true}, nil, nil, nil)
		w.noteError("call", err)
	}, func(cfg *router.RealmConfig) { cfg.AllowDisclose = false })
}

// gatekeeper is an authorizer that says no in its own ways, rewrites a topic, and marks
// sessions.
type gatekeeper struct{}

func (gatekeeper) Authorize(session *wamp.Session, msg wamp.Message) (bool, error) {
	switch m := msg.(type) {
	case *wamp.Call:
		switch m.Procedure {
		case "com.parity.broken":
			return false, fmt.Errorf("the directory can't be reached")
		case "com.parity.forbidden":
			return false, nil
		}
	case *wamp.Register:
		return m.Procedure != "com.parity.forbidden", nil
	case *wamp.Publish:
		return m.Topic != "com.parity.forbidden", nil
	case *wamp.Subscribe:
		switch m.Topic {
		case "com.parity.forbidden":
			return false, nil
		case "com.parity.alias":
			m.Topic = topic
		}
		wamp.SetOption(session.Details, "seen", "by the gatekeeper")
	}
	return true, nil
}

// TestAuthorizer: what a realm's authorizer refuses, rewrites, and tells of a session.
func TestAuthorizer(t *testing.T) {
	want := outcome{
		"before":      "no string: <nil>",
		"after":       "by the gatekeeper",
		"by an alias": "[hi]",
		"broken":      `RPCError wamp.error.authorization_failed of com.parity.broken to CALL [the directory can't be reached]`,
		"call":        "RPCError wamp.error.not_authorized of com.parity.forbidden to CALL",
		"register":    "error wamp.error.not_authorized",
		"publish":     "error wamp.error.not_authorized",
		"subscribe":   "error wamp.error.not_authorized",
	}
	both(t, everywhere, want, func(w *world) {
		subscriber, another := w.connect(), w.connect()
		seen := func() string {
			result, err := another.Call(w.soon(), string(wamp.MetaProcSessionGet), nil, wamp.List{subscriber.ID()}, nil, nil)
			require.NoError(w, err)
			details, _ := wamp.AsDict(result.Arguments[0])
			return text(details["seen"])
		}
		w.note("before", seen())
		got := w.events(subscriber, "com.parity.alias", nil)
		w.note("after", seen())
		require.NoError(w, another.Publish(topic, nil, wamp.List{"hi"}, nil))
		w.note("by an alias", fmt.Sprint(receive(w, got).Arguments))
		for name, procedure := range map[string]string{"broken": "com.parity.broken", "call": "com.parity.forbidden"} {
			_, err := another.Call(w.soon(), procedure, nil, nil, nil, nil)
			w.noteError(name, err)
		}
		w.noteError("register", another.Register("com.parity.forbidden", sum, nil))
		w.noteError("publish", another.Publish("com.parity.forbidden", acknowledged(), nil, nil))
		w.noteError("subscribe", another.Subscribe("com.parity.forbidden", func(*wamp.Event) {}, nil))
	}, func(cfg *router.RealmConfig) {
		cfg.Authorizer = gatekeeper{}
		cfg.RequireLocalAuthz = true
		cfg.MetaStrict = true
		cfg.MetaIncludeSessionDetails = []string{"seen"}
	})
}

// TestHandlersRunInParallel: one invocation may wait for what another does.
func TestHandlersRunInParallel(t *testing.T) {
	both(t, everywhere, outcome{"waits": "[55]", "goes on": "[55]"}, func(w *world) {
		callee, caller, another := w.connect(), w.connect(), w.connect()
		proceed, waiting := make(chan struct{}), make(chan struct{})
		w.register(callee, procedure, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
			if wait, _ := wamp.AsBool(inv.ArgumentsKw["wait"]); wait {
				close(waiting)
				<-proceed
			} else {
				defer close(proceed)
			}
			answer := sum(ctx, inv)
			answer.Kwargs = nil
			return answer
		}, nil)
		args := wamp.List{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
		first := make(chan outcomeOf, 1)
		ctx := w.soon()
		go func() {
			result, err := caller.Call(ctx, procedure, nil, args, wamp.Dict{"wait": true}, nil)
			first <- outcomeOf{result, err}
		}()
		ends(w, waiting)
		result, err := another.Call(w.soon(), procedure, nil, args, nil, nil)
		require.NoError(w, err)
		w.note("goes on", fmt.Sprint(result.Arguments))
		waited := receive(w, first)
		require.NoError(w, waited.err)
		w.note("waits", fmt.Sprint(waited.result.Arguments))
	})
}

// TestAnswersFindTheirCalls: of many calls at once, by several callers to several
// procedures, each gets its own answer.
func TestAnswersFindTheirCalls(t *testing.T) {
	const callers, calls = 3, 8
	both(t, everywhere, outcome{"right": 2 * callers * calls}, func(w *world) {
		callee := w.connect()
		release := make(chan struct{})
		var ready sync.WaitGroup
		ready.Add(2 * callers * calls)
		for _, name := range []string{"hello", "world"} {
			w.register(callee, "com.parity."+name, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
				ready.Done()
				<-release
				return client.InvokeResult{Args: wamp.List{name, inv.Arguments[0]}}
			}, nil)
		}
		type pending struct {
			want string
			done <-chan outcomeOf
		}
		var all []pending
		for i := range callers {
			c := w.connect()
			for j := range calls {
				for _, name := range []string{"hello", "world"} {
					asked := fmt.Sprint(i, j)
					all = append(all, pending{name + asked, start(w.soon(), c, "com.parity."+name, nil, wamp.List{asked}, nil)})
				}
			}
		}
		within(w, "one of the calls", ready.Wait)
		close(release)
		right := 0
		for _, p := range all {
			got := receive(w, p.done)
			require.NoError(w, got.err)
			if text(got.result.Arguments[0])+text(got.result.Arguments[1]) == p.want {
				right++
			}
		}
		w.note("right", right)
	})
}

// TestEverythingFromAHandler: a handler of invocations may use its client for all that
// a client can do.
func TestEverythingFromAHandler(t *testing.T) {
	want := outcome{"call": "[inner]", "publish": "no error", "subscribe": "no error", "register": "no error", "unregister": "no error", "unsubscribe": "no error", "outer": "[done]", "event": "[hi]"}
	both(t, everywhere, want, func(w *world) {
		c, caller := w.connect(), w.connect()
		got := w.events(caller, topic, nil)
		w.register(c, "com.parity.inner", answers("inner"), nil)
		w.register(c, procedure, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			result, err := c.Call(ctx, "com.parity.inner", nil, nil, nil, nil)
			if err != nil {
				return client.InvokeResult{Err: "com.parity.error.inner", Args: wamp.List{err.Error()}}
			}
			w.note("call", fmt.Sprint(result.Arguments))
			w.noteError("publish", c.Publish(topic, acknowledged(), wamp.List{"hi"}, nil))
			w.noteError("subscribe", c.Subscribe("com.parity.second", func(*wamp.Event) {}, nil))
			w.noteError("unsubscribe", c.Unsubscribe("com.parity.second"))
			w.noteError("register", c.Register("com.parity.second", sum, nil))
			w.noteError("unregister", c.Unregister("com.parity.second"))
			return client.InvokeResult{Args: wamp.List{"done"}}
		}, nil)
		result, err := caller.Call(w.soon(), procedure, nil, nil, nil, nil)
		require.NoError(w, err)
		w.note("outer", fmt.Sprint(result.Arguments))
		w.note("event", fmt.Sprint(receive(w, got).Arguments))
	})
}

// TestUnregisterWhileServing: an invocation that has begun is answered all the same.
func TestUnregisterWhileServing(t *testing.T) {
	both(t, everywhere, outcome{"unregister": "no error", "answer": "[late]"}, func(w *world) {
		callee, caller := w.connect(), w.connect()
		begun, release := make(chan struct{}), make(chan struct{})
		w.register(callee, procedure, func(context.Context, *wamp.Invocation) client.InvokeResult {
			close(begun)
			<-release
			return client.InvokeResult{Args: wamp.List{"late"}}
		}, nil)
		call := start(w.soon(), caller, procedure, nil, nil, nil)
		ends(w, begun)
		w.noteError("unregister", callee.Unregister(procedure))
		close(release)
		got := receive(w, call)
		require.NoError(w, got.err)
		w.note("answer", fmt.Sprint(got.result.Arguments))
	})
}

// TestInvocationsAreTheHandlersOwn: what a callee does to its arguments, the caller
// doesn't see, and what a caller does to a result, the callee doesn't. Not so for what
// lies deeper in a link in the process, by either client.
func TestInvocationsAreTheHandlersOwn(t *testing.T) {
	both(t, networks, outcome{"arguments": "[a] map[k:v]", "result": "[ra] map[rk:rv]"}, func(w *world) {
		callee, caller := w.connect(), w.connect()
		answer := client.InvokeResult{Args: wamp.List{"ra"}, Kwargs: wamp.Dict{"rk": "rv"}}
		w.register(callee, procedure, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
			inv.Arguments[0], inv.ArgumentsKw["k"] = "changed", "changed"
			return answer
		}, nil)
		args, kwargs := wamp.List{"a"}, wamp.Dict{"k": "v"}
		result, err := caller.Call(w.soon(), procedure, nil, args, kwargs, nil)
		require.NoError(w, err)
		result.Arguments[0], result.ArgumentsKw["rk"] = "changed", "changed"
		w.note("arguments", fmt.Sprint(args, kwargs))
		w.note("result", fmt.Sprint(answer.Args, answer.Kwargs))
	})
}
