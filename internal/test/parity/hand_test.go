package parity_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Behaviours towards a router that a test plays by hand: what it sees on the wire, and
// what it may do that nexus's never does.

// handLinks are each transport and each serializer once.
var handLinks = []link{
	{"websocket-json", nil, client.JSON},
	{"rawsocket-msgpack", nil, client.MSGPACK},
	{"websocket-cbor", nil, client.CBOR},
	{"rawsocket-json", nil, client.JSON},
}

// byHand runs a behaviour of one client over both, with a router that is played by
// hand.
func byHand(t *testing.T, want outcome, behave func(w *world, r *handrouter.Router)) {
	t.Helper()
	t.Parallel()
	for _, l := range handLinks {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			var first outcome
			for _, s := range alone {
				t.Run(s.name, func(t *testing.T) {
					noted := visitByHand(t, l, s, behave)
					if want != nil {
						requireSame(t, "what it has to be", want, noted)
					}
					if first == nil {
						first = noted
						return
					}
					requireSame(t, "with nexus's client", first, noted)
				})
			}
		})
	}
}

// visitByHand runs a behaviour once.
func visitByHand(t *testing.T, l link, s side, behave func(w *world, r *handrouter.Router)) outcome {
	t.Helper()
	transport, serializer, _ := strings.Cut(l.name, "-")
	r := handrouter.Start(t, handrouter.Transport(transport), serializer)
	w := &world{T: t, link: l, side: s, realm: "parity.realm", noted: outcome{}}
	behave(w, r)
	return w.noted
}

// joining is a client on its way in.
type joining struct {
	client transparency.Client
	err    error
}

// join begins to connect.
func (w *world) join(r *handrouter.Router, options ...configOption) <-chan joining {
	w.Helper()
	m, cfg, ctx := w.maker(), w.config(options), w.soon()
	done := make(chan joining, 1)
	go func() {
		c, err := m.net(ctx, r.URL(), cfg)
		done <- joining{c, err}
	}()
	w.Cleanup(func() {
		select {
		case j := <-done:
			if j.client != nil {
				_ = j.client.Close()
			}
		default:
		}
	})
	return done
}

// joined connects to a router that welcomes with these features. GOODBYE is answered by
// the end of the connection when the test ends.
func (w *world) joined(r *handrouter.Router, options ...configOption) (transparency.Client, *handrouter.Conn) {
	w.Helper()
	pending := w.join(r, options...)
	conn := r.Welcome()
	j := receive(w, pending)
	require.NoError(w, j.err)
	w.Cleanup(func() { cut(w, conn, j.client) })
	return j.client, conn
}

// cut ends a client's connection, and then the client: nexus's waits long with its
// GOODBYE for a connection that it doesn't know to be gone.
func cut(w *world, conn *handrouter.Conn, c transparency.Client) {
	w.Helper()
	conn.Close()
	ends(w, c.Done())
	closes(w, c)
}

// plain makes one type of each kind of value, so that messages compare.
func plain(v any) any {
	if list, ok := wamp.AsList(v); ok {
		all := make([]any, len(list))
		for i := range list {
			all[i] = plain(list[i])
		}
		return all
	}
	if dict, ok := wamp.AsDict(v); ok {
		all := map[string]any{}
		for k, v := range dict {
			all[k] = plain(v)
		}
		return all
	}
	if n, ok := wamp.AsInt64(v); ok {
		return n
	}
	return v
}

// wire is a message as text. What it holds of nothing at its end isn't told apart from
// what it leaves out.
func wire(message []any) string {
	for len(message) > 0 {
		last := plain(message[len(message)-1])
		if list, ok := last.([]any); last != nil && (!ok || len(list) > 0) {
			break
		}
		message = message[:len(message)-1]
	}
	return fmt.Sprint(plain(message))
}

// hello is the HELLO of a client, but for what a Session announces more than nexus's
// clients: the features of dialects, for each role.
func (w *world) hello(conn *handrouter.Conn, more ...string) []any {
	w.Helper()
	hello, _ := plain(conn.Hello).([]any)
	if w.side.name != "ours" {
		return hello
	}
	details, _ := hello[2].(map[string]any)
	roles, _ := details["roles"].(map[string]any)
	require.NotEmpty(w, roles)
	for name, v := range roles {
		role, _ := v.(map[string]any)
		features, _ := role["features"].(map[string]any)
		for _, feature := range more {
			require.Equal(w, true, features[feature], name)
			delete(features, feature)
		}
	}
	return hello
}

// TestHello: what a client says of itself when it comes: roles and features, methods of
// authentication, and what HelloDetails has.
func TestHello(t *testing.T) {
	byHand(t, nil, func(w *world, r *handrouter.Router) {
		_, conn := w.joined(r)
		require.Equal(w, "parity.realm", conn.Hello[1])
		w.note("by default", w.hello(conn, "payload_transparency", "payload_encryption_cryptobox"))
		roles, _ := wamp.AsDict(conn.Hello[2])
		roles, _ = wamp.AsDict(roles["roles"])
		require.Len(w, roles, 4)

		own := wamp.Dict{"authid": user, "authextra": wamp.Dict{"k": "v"}, "agent": "parity", "roles": wamp.Dict{wamp.RoleCaller: wamp.Dict{"features": wamp.Dict{wamp.FeatureCallerIdent: true}}}}
		_, conn = w.joined(r, hello(own))
		said := w.hello(conn, wamp.FeaturePayloadPassthruMode, "payload_transparency", "payload_encryption_cryptobox")
		w.note("with details", said)
		require.Equal(w, plain(own), said[2])

		_, conn = w.joined(r, handlers(map[string]client.AuthFunc{"ticket": ticket("x"), "wampcra": signCRA("x")}))
		details, _ := wamp.AsDict(conn.Hello[2])
		methods, _ := wamp.AsList(details["authmethods"])
		var names []string
		for _, m := range methods {
			names = append(names, text(m))
		}
		slices.Sort(names)
		w.note("methods", strings.Join(names, " "))
		require.Equal(w, "ticket wampcra", w.noted["methods"])
	})
}

// TestWelcomeWithoutRoles: such a router is of no use.
func TestWelcomeWithoutRoles(t *testing.T) {
	byHand(t, outcome{"joining": "ErrRouterNoRoles"}, func(w *world, r *handrouter.Router) {
		pending := w.join(r)
		conn := r.Accept()
		conn.Next()
		conn.Send(wamp.WELCOME, 1, wamp.Dict{"roles": wamp.Dict{}})
		j := receive(w, pending)
		require.Nil(w, j.client)
		w.noteError("joining", j.err)
	})
}

// TestRouterWithoutProgressiveCalls: the client asks no such thing of it.
func TestRouterWithoutProgressiveCalls(t *testing.T) {
	byHand(t, outcome{"call": "ErrProgCallNotSupportedByRouter", "asked": false, "feature": false}, func(w *world, r *handrouter.Router) {
		pending := w.join(r)
		conn := r.Accept()
		conn.Next()
		conn.Send(wamp.WELCOME, 1, wamp.Dict{"roles": wamp.Dict{wamp.RoleDealer: wamp.Dict{}}})
		j := receive(w, pending)
		require.NoError(w, j.err)
		asked := false
		_, err := j.client.CallProgressive(w.soon(), procedure, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			asked = true
			return nil, nil, nil, nil
		}, nil)
		w.noteError("call", err)
		w.note("asked", asked)
		w.note("feature", j.client.HasFeature(wamp.RoleDealer, wamp.FeatureProgCallInvocations))
		cut(w, conn, j.client)
	})
}

// TestRouterSaysNothing: joining ends in the response timeout.
func TestRouterSaysNothing(t *testing.T) {
	byHand(t, outcome{"joining": `an error with "timeout"`}, func(w *world, r *handrouter.Router) {
		pending := w.join(r, responseTimeout(100*time.Millisecond))
		conn := r.Accept()
		conn.Next()
		j := receive(w, pending)
		require.Nil(w, j.client)
		w.note("joining", heard(j.err, "timeout"))
	})
}

// TestNoReply: what waits for the router's reply ends in the response timeout; a call
// in its context alone, but for the reply to its cancellation.
func TestNoReply(t *testing.T) {
	want := outcome{
		"subscribe": "ErrReplyTimeout", "register": "ErrReplyTimeout", "publish": "ErrReplyTimeout", "publish unacknowledged": "no error",
		"call": "ErrReplyTimeout", "call waited": true, "subscription": false, "registration": false, "connected": true,
	}
	byHand(t, want, func(w *world, r *handrouter.Router) {
		const limit = 100 * time.Millisecond
		c, conn := w.joined(r, responseTimeout(limit))
		go func() {
			for conn.NextBytes() != nil { // reads on, and says nothing
			}
		}()
		w.noteError("subscribe", c.Subscribe(topic, func(*wamp.Event) {}, nil))
		_, known := c.SubscriptionID(topic)
		w.note("subscription", known)
		w.noteError("register", c.Register(procedure, sum, nil))
		_, known = c.RegistrationID(procedure)
		w.note("registration", known)
		w.noteError("publish", c.Publish(topic, acknowledged(), nil, nil))
		w.noteError("publish unacknowledged", c.Publish(topic, nil, nil, nil))
		ctx, cancel := context.WithTimeout(context.Background(), 3*limit)
		defer cancel()
		before := time.Now()
		_, err := c.Call(ctx, procedure, nil, nil, nil, nil)
		w.noteError("call", err)
		w.note("call waited", time.Since(before) >= 3*limit)
		w.note("connected", c.Connected())
	})
}

// TestNoReplyToTheEnd: of a subscription and a registration, which are gone all the same.
func TestNoReplyToTheEnd(t *testing.T) {
	want := outcome{"unsubscribe": "ErrReplyTimeout", "again": "ErrNotSubscribed", "unregister": "ErrReplyTimeout", "and again": "ErrNotRegistered"}
	byHand(t, want, func(w *world, r *handrouter.Router) {
		c, conn := w.joined(r, responseTimeout(time.Second))
		conn.Serve(func(m []any) {
			switch wamp.MessageType(number(m[0])) {
			case wamp.SUBSCRIBE:
				conn.Send(wamp.SUBSCRIBED, m[1], 11)
			case wamp.REGISTER:
				conn.Send(wamp.REGISTERED, m[1], 12)
			}
		})
		require.NoError(w, c.Subscribe(topic, func(*wamp.Event) {}, nil))
		w.noteError("unsubscribe", c.Unsubscribe(topic))
		w.noteError("again", c.Unsubscribe(topic))
		require.NoError(w, c.Register(procedure, sum, nil))
		w.noteError("unregister", c.Unregister(procedure))
		w.noteError("and again", c.Unregister(procedure))
	})
}

// TestChallengeOfAnUnknownMethod: it is answered, with nothing, and the router's ABORT
// is the error. So is the ABORT to an AuthFunc that returns nothing.
func TestChallengeOfAnUnknownMethod(t *testing.T) {
	want := outcome{
		"unknown": `an error with "no such method"`, "unknown's answer": "5 ",
		"nothing": "an error", "nothing's answer": "5 ",
	}
	byHand(t, want, func(w *world, r *handrouter.Router) {
		for name, challenge := range map[string]struct {
			method string
			abort  wamp.Dict
		}{"unknown": {"telepathy", wamp.Dict{"message": "no such method"}}, "nothing": {"ticket", wamp.Dict{}}} {
			pending := w.join(r, handlers(map[string]client.AuthFunc{"ticket": func(*wamp.Challenge) (string, wamp.Dict) { return "", nil }}))
			conn := r.Accept()
			conn.Next()
			conn.Send(wamp.CHALLENGE, challenge.method, wamp.Dict{})
			answer := conn.Next()
			require.Len(w, answer, 3)
			extra, _ := wamp.AsDict(answer[2]) // null or an empty dict
			require.Empty(w, extra)
			w.note(name+"'s answer", fmt.Sprintf("%d %s", number(answer[0]), answer[1]))
			conn.Send(wamp.ABORT, challenge.abort, "wamp.error.authentication_denied")
			j := receive(w, pending)
			require.Nil(w, j.client)
			w.note(name, heard(j.err, "no such method"))
			conn.Close()
		}
	})
}

// TestJoiningGoesWrong: whatever the router says in place of WELCOME is an error.
func TestJoiningGoesWrong(t *testing.T) {
	byHand(t, nil, func(w *world, r *handrouter.Router) {
		for name, answer := range map[string][]any{
			"abort":       {wamp.ABORT, wamp.Dict{"message": "go away"}, "wamp.error.no_such_realm"},
			"goodbye":     {wamp.GOODBYE, wamp.Dict{}, "wamp.close.system_shutdown"},
			"end of line": nil,
		} {
			pending := w.join(r)
			conn := r.Accept()
			conn.Next()
			if answer != nil {
				conn.Send(answer...)
			} else {
				conn.Close()
			}
			j := receive(w, pending)
			require.Nil(w, j.client)
			require.Error(w, j.err)
			if answer != nil {
				w.noteError(name, j.err, "go away", wamp.MessageType(answer[0].(wamp.MessageType)).String())
			}
			conn.Close()
		}
	})
}

// TestRequestsOnTheWire: what each method sends, element by element.
func TestRequestsOnTheWire(t *testing.T) {
	want := outcome{
		"publish":               "[16 1 map[] com.parity.topic [1 a] map[k:v]]",
		"publish acknowledged":  "[16 2 map[acknowledge:true exclude_me:false] com.parity.topic]",
		"subscribe":             "[32 3 map[] com.parity.topic]",
		"subscribe a pattern":   "[32 4 map[match:prefix] com.parity]",
		"unsubscribe":           "[34 5 103]",
		"register":              "[64 6 map[] com.parity.procedure]",
		"register with options": "[64 7 map[invoke:roundrobin match:wildcard] com..procedure]",
		"unregister":            "[66 8 106]",
		"call":                  "[48 9 map[] com.parity.procedure [1] map[k:v]]",
		"call with progress":    "[48 10 map[receive_progress:true timeout:5000] com.parity.procedure]",
		"close":                 "[6 map[] wamp.close.close_realm]",
	}
	byHand(t, want, func(w *world, r *handrouter.Router) {
		c, conn := w.joined(r)
		seen := make(chan string, 1)
		conn.Serve(func(m []any) {
			seen <- wire(m)
			switch kind := wamp.MessageType(number(m[0])); kind {
			case wamp.PUBLISH:
				if options, _ := wamp.AsDict(m[2]); len(options) > 0 {
					conn.Send(wamp.PUBLISHED, m[1], 1)
				}
			case wamp.SUBSCRIBE, wamp.REGISTER:
				conn.Send(kind+1, m[1], 100+number(m[1]))
			case wamp.UNSUBSCRIBE, wamp.UNREGISTER:
				conn.Send(kind+1, m[1])
			case wamp.CALL:
				conn.Send(wamp.RESULT, m[1], wamp.Dict{})
			case wamp.GOODBYE:
				conn.Send(wamp.GOODBYE, wamp.Dict{}, wamp.CloseGoodbyeAndOut)
			}
		})
		do := func(name string, err error) {
			require.NoError(w, err, name)
			w.note(name, receive(w, seen))
		}
		call := func(options wamp.Dict, args wamp.List, kwargs wamp.Dict, progcb client.ProgressHandler) error {
			_, err := c.Call(w.soon(), procedure, options, args, kwargs, progcb)
			return err
		}
		do("publish", c.Publish(topic, nil, wamp.List{1, "a"}, wamp.Dict{"k": "v"}))
		do("publish acknowledged", c.Publish(topic, acknowledged(wamp.OptExcludeMe, false), nil, nil))
		do("subscribe", c.Subscribe(topic, func(*wamp.Event) {}, nil))
		do("subscribe a pattern", c.Subscribe("com.parity", func(*wamp.Event) {}, wamp.Dict{wamp.OptMatch: wamp.MatchPrefix}))
		do("unsubscribe", c.Unsubscribe(topic))
		do("register", c.Register(procedure, sum, nil))
		do("register with options", c.Register("com..procedure", sum, wamp.Dict{wamp.OptMatch: wamp.MatchWildcard, wamp.OptInvoke: wamp.InvokeRoundRobin}))
		do("unregister", c.Unregister(procedure))
		do("call", call(nil, wamp.List{1}, wamp.Dict{"k": "v"}, nil))
		do("call with progress", call(wamp.Dict{wamp.OptTimeout: 5000}, nil, nil, func(*wamp.Result) {}))
		do("close", c.Close())
	})
}

// TestCancelOnTheWire: the modes, and that what comes before the ERROR is passed over.
func TestCancelOnTheWire(t *testing.T) {
	want := outcome{
		"":                        "[49 1 map[mode:killnowait]] context.Canceled",
		wamp.CancelModeKill:       "[49 2 map[mode:kill]] context.Canceled",
		wamp.CancelModeKillNoWait: "[49 3 map[mode:killnowait]] context.Canceled",
		wamp.CancelModeSkip:       "[49 4 map[mode:skip]] context.Canceled",
	}
	byHand(t, want, func(w *world, r *handrouter.Router) {
		c, conn := w.joined(r)
		for _, mode := range []string{"", wamp.CancelModeKill, wamp.CancelModeKillNoWait, wamp.CancelModeSkip} {
			require.NoError(w, c.SetCallCancelMode(mode))
			ctx, cancel := context.WithCancel(w.soon())
			call := start(ctx, c, procedure, nil, nil, nil)
			id := conn.Next()[1]
			cancel()
			message := wire(conn.Next())
			conn.Send(wamp.ERROR, wamp.CALL, id, wamp.Dict{}, "wamp.error.canceled")
			w.note(mode, message+" "+said(receive(w, call).err))
		}
	})
}

// TestAnswersOnTheWire: what a callee sends for each way that a handler can end.
func TestAnswersOnTheWire(t *testing.T) {
	results := map[string]client.InvokeResult{
		"result":   {Args: wamp.List{1}, Kwargs: wamp.Dict{"k": "v"}},
		"nothing":  {},
		"options":  {Options: wamp.Dict{"x_option": 1}},
		"error":    {Err: "com.parity.error.failed", Args: wamp.List{"why"}, Kwargs: wamp.Dict{"k": "v"}},
		"canceled": client.InvocationCanceled,
	}
	want := outcome{
		"result":            "[70 7 map[] [1] map[k:v]]",
		"nothing":           "[70 7 map[]]",
		"options":           "[70 7 map[x_option:1]]",
		"error":             "[8 68 7 map[] com.parity.error.failed [why] map[k:v]]",
		"canceled":          "[8 68 7 map[] wamp.error.canceled]",
		"progress":          "[70 8 map[progress:true] [p] map[k:v]]",
		"after progress":    "[70 8 map[]]",
		"unregistered":      "wamp.error.invalid_argument to 11",
		"interrupted":       "[8 68 10 map[] wamp.error.canceled]",
		"handler's context": context.Canceled,
	}
	byHand(t, want, func(w *world, r *handrouter.Router) {
		c, conn := w.joined(r)
		answer, begun, ended := client.InvokeResult{}, make(chan bool, 1), make(chan error, 1)
		pending := make(chan error, 1)
		go func() {
			pending <- c.Register(procedure, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
				if waits, _ := wamp.AsBool(inv.ArgumentsKw["waits"]); waits {
					begun <- true
					<-ctx.Done()
					ended <- ctx.Err()
					return client.InvocationCanceled
				}
				if takes, _ := wamp.AsBool(inv.Details[wamp.OptReceiveProgress]); takes {
					if err := c.SendProgress(ctx, wamp.List{"p"}, wamp.Dict{"k": "v"}); err != nil {
						return client.InvokeResult{Err: "com.parity.error.progress"}
					}
					return client.InvokeResult{}
				}
				return answer
			}, nil)
		}()
		conn.Send(wamp.REGISTERED, conn.Next()[1], 5)
		require.NoError(w, receive(w, pending))
		id := 0
		for _, name := range []string{"result", "nothing", "options", "error", "canceled"} {
			answer = results[name]
			id++
			conn.Send(wamp.INVOCATION, id, 5, wamp.Dict{})
			message := conn.Next()
			at := 1
			if wamp.MessageType(number(message[0])) == wamp.ERROR {
				at = 2
			}
			require.EqualValues(w, id, number(message[at]))
			message[at] = 7 // so that the order doesn't count
			w.note(name, wire(message))
		}
		conn.Send(wamp.INVOCATION, 8, 5, wamp.Dict{wamp.OptReceiveProgress: true})
		w.note("progress", wire(conn.Next()))
		w.note("after progress", wire(conn.Next()))
		conn.Send(wamp.INVOCATION, 10, 5, wamp.Dict{}, []any{}, wamp.Dict{"waits": true})
		receive(w, begun)
		conn.Send(wamp.INTERRUPT, 10, wamp.Dict{wamp.OptReason: "wamp.error.canceled", wamp.OptMode: wamp.CancelModeKill})
		w.note("interrupted", wire(conn.Next()))
		w.note("handler's context", receive(w, ended))

		go func() { pending <- c.Unregister(procedure) }()
		conn.Send(wamp.UNREGISTERED, conn.Next()[1])
		require.NoError(w, receive(w, pending))
		conn.Send(wamp.INVOCATION, 11, 5, wamp.Dict{}) // was on its way
		message := conn.Next()
		require.Equal(w, int64(wamp.INVOCATION), number(message[1]))
		w.note("unregistered", fmt.Sprint(message[4], " to ", number(message[2])))
	})
}

// TestRouterTalksNonsense: messages about nothing that the client has are passed over.
func TestRouterTalksNonsense(t *testing.T) {
	byHand(t, outcome{"connected": true, "call": "[right]"}, func(w *world, r *handrouter.Router) {
		c, conn := w.joined(r)
		for _, message := range [][]any{
			{wamp.EVENT, 4711, 1, wamp.Dict{}, []any{"x"}},
			{wamp.INTERRUPT, 4711, wamp.Dict{}},
			{wamp.RESULT, 4711, wamp.Dict{}, []any{"x"}},
			{wamp.SUBSCRIBED, 4711, 1},
			{wamp.UNSUBSCRIBED, 4711},
			{wamp.REGISTERED, 4711, 1},
			{wamp.UNREGISTERED, 4711},
			{wamp.PUBLISHED, 4711, 1},
			{wamp.ERROR, wamp.CALL, 4711, wamp.Dict{}, "com.parity.error"},
			{wamp.ERROR, wamp.SUBSCRIBE, 4711, wamp.Dict{}, "com.parity.error"},
			{wamp.WELCOME, 4711, wamp.Dict{}},
		} {
			conn.Send(message...)
		}
		call := start(w.soon(), c, procedure, nil, nil, nil)
		conn.Send(wamp.RESULT, conn.Next()[1], wamp.Dict{}, []any{"right"})
		got := receive(w, call)
		require.NoError(w, got.err)
		w.note("call", fmt.Sprint(got.result.Arguments))
		w.note("connected", c.Connected())
	})
}

// TestRouterEndsTheSession: by ABORT, by GOODBYE, or by cutting the connection.
func TestRouterEndsTheSession(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(conn *handrouter.Conn)
		want string
	}{
		"goodbye": {func(conn *handrouter.Conn) {
			conn.Send(wamp.GOODBYE, wamp.Dict{"message": "bye"}, "com.parity.bye")
		}, "com.parity.bye map[message:bye]"},
		"abort": {func(conn *handrouter.Conn) {
			conn.Send(wamp.ABORT, wamp.Dict{"message": "violation"}, "wamp.error.protocol_violation")
		}, "none"},
		"cut": {func(conn *handrouter.Conn) { conn.Close() }, "none"},
	} {
		t.Run(name, func(t *testing.T) {
			byHand(t, outcome{"goodbye": c.want, "call": "ErrNotConn", "close": "no error", "connected": false}, func(w *world, r *handrouter.Router) {
				client, conn := w.joined(r)
				call := start(w.soon(), client, procedure, nil, nil, nil)
				conn.Next()
				c.end(conn)
				w.note("goodbye", goodbye(w, client))
				w.noteError("call", receive(w, call).err)
				w.note("connected", client.Connected())
				within(w, "Close", func() { w.noteError("close", client.Close()) })
			})
		})
	}
}

// TestRouterIgnoresGoodbye: Close ends without an answer.
func TestRouterIgnoresGoodbye(t *testing.T) {
	byHand(t, outcome{"close": "no error", "goodbye": "none"}, func(w *world, r *handrouter.Router) {
		c, conn := w.joined(r, responseTimeout(100*time.Millisecond))
		go func() {
			for conn.NextBytes() != nil {
			}
		}()
		within(w, "Close", func() { w.noteError("close", c.Close()) })
		w.note("goodbye", goodbye(w, c))
	})
}
