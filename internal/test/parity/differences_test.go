package parity_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// difference is something that a Session does otherwise than nexus's client, on
// purpose.
type difference struct {
	name  string
	why   string
	links []link
	realm realmOption

	behave      behaviour
	nexus, ours outcome
}

// differences are all that are known, but for those towards a router that is played by
// hand: see handDifferences.
var differences = []difference{
	{
		name: "options of calls", why: "a caller's maps are its own", links: everywhere,
		behave: callOptions,
		nexus:  outcome{"call": "map[receive_progress:true]", "progressive call": "map[receive_progress:true]"},
		ours:   outcome{"call": "map[]", "progressive call": "map[]"},
	},
	{
		name: "options within a process", why: "nor may a router write into them", links: []link{local}, realm: leaks,
		behave: sharedOptions,
		nexus:  outcome{"subscribe": "map[leaked:true]"},
		ours:   outcome{"subscribe": "map[]"},
	},
	{
		name: "details of HELLO", why: "a configuration is its owner's", links: everywhere, realm: realmOf(ticketsOf),
		behave: helloDetails,
		nexus:  outcome{"roles": true, "authmethods": true},
		ours:   outcome{"roles": false, "authmethods": false},
	},
	{
		name: "no realm", why: "told before anything is dialled", links: everywhere,
		behave: noRealm,
		nexus:  outcome{"joining": "error"},
		ours:   outcome{"joining": "ErrOption"},
	},
	{
		name: "empty URI", why: "an unset variable is a mistake, and never what a key is for", links: everywhere,
		behave: emptyURI,
		nexus: outcome{
			"publish": "no error", "publish acknowledged": "error wamp.error.invalid_uri",
			"subscribe": "error wamp.error.invalid_uri", "register": "error wamp.error.invalid_uri",
			"call": "RPCError wamp.error.no_such_procedure of  to CALL", "progressive call": "RPCError wamp.error.no_such_procedure of  to CALL", "asked": true,
		},
		ours: outcome{
			"publish": "transparency.Error publish: misused", "publish acknowledged": "transparency.Error publish: misused",
			"subscribe": "transparency.Error subscribe: misused", "register": "transparency.Error register: misused",
			"call": "transparency.Error call: misused", "progressive call": "transparency.Error call: misused", "asked": false,
		},
	},
	{
		name: "options of payload passthru", why: "they are a dialect's, which an application chooses by its keys", links: binary,
		behave: passthru,
		nexus: outcome{
			"event": "[hello] map[prop:hello]", "call": "[goodbye] map[prop:goodbye]",
			"bad scheme": "ErrPPTSchemeInvalid", "bad serializer": "ErrPPTSerializerInvalid",
			"call with a bad scheme": "ErrPPTSchemeInvalid", "call with a bad serializer": "ErrPPTSerializerInvalid",
			"answer with a bad scheme": "RPCError wamp.error.invalid_argument of com.parity.bad to CALL [hello]",
		},
		ours: outcome{
			"event": "transparency.Error publish: reserved", "call": "transparency.Error call: reserved",
			"bad scheme": "transparency.Error publish: reserved", "bad serializer": "transparency.Error publish: reserved",
			"call with a bad scheme": "transparency.Error call: reserved", "call with a bad serializer": "transparency.Error call: reserved",
			"answer with a bad scheme": "RPCError wamp.error.runtime_error of com.parity.bad to CALL",
		},
	},
	{
		name: "keyword argument enc", why: "its receiver would take it for part of an envelope", links: everywhere,
		behave: encArgument,
		nexus:  outcome{"publish": "no error", "call": "no error"},
		ours:   outcome{"publish": "transparency.Error publish: reserved", "call": "transparency.Error call: reserved"},
	},
	{
		name: "values that can't be sent", why: "the sender is told, and nobody waits for what never went out", links: networks,
		behave: unsendable,
		nexus: outcome{
			"publish": "no error", "publish acknowledged": "ErrReplyTimeout", "call": "ErrReplyTimeout",
			"subscribe": "ErrReplyTimeout", "result": "context.DeadlineExceeded", "progress": "no error", "goes on": "[next]",
		},
		ours: outcome{
			"publish": "transparency.Error publish: can't be sealed or sent", "publish acknowledged": "transparency.Error publish: can't be sealed or sent", "call": "transparency.Error call: can't be sealed or sent",
			"subscribe": "transparency.Error subscribe: can't be sealed or sent", "result": "RPCError wamp.error.invalid_argument of com.parity.procedure to CALL", "progress": "transparency.Error yield: can't be sealed or sent", "goes on": "[next]",
		},
	},
	{
		name: "unknown match option", why: "routers differ in what they take it for", links: everywhere,
		behave: unknownMatch,
		nexus:  outcome{"subscribe": "no error", "register": "no error", "not a string": "no error"},
		ours:   outcome{"subscribe": "transparency.Error subscribe: misused", "register": "transparency.Error register: misused", "not a string": "transparency.Error subscribe: misused"},
	},
	{
		name: "receive_progress without a handler", why: "progress is no result", links: everywhere,
		behave: progressWithoutHandler,
		nexus:  outcome{"result": "[progress] map[progress:true]"},
		ours:   outcome{"result": "[result] map[]"},
	},
	{
		name: "a chunk that fails", why: "the caller gets its own error", links: everywhere,
		behave: failingChunk,
		nexus:  outcome{"call": "RPCError wamp.error.canceled of com.parity.procedure to CALL", "own error": false},
		ours:   outcome{"call": "error", "own error": true},
	},
	{
		name: "context of chunks", why: "whoever makes chunks learns when nobody wants them", links: everywhere,
		behave: contextOfChunks,
		nexus:  outcome{"after the call": nil},
		ours:   outcome{"after the call": context.Canceled},
	},
	{
		name: "Close while an event handler blocks", why: "Close returns in bounded time", links: each,
		behave: closeWhileBlocked,
		nexus:  outcome{"close": "still waits"},
		ours:   outcome{"close": "ErrCloseTimeout"},
	},
	{
		name: "Close while nobody reads a SubscribeChan", why: "the channel is given up", links: each,
		behave: closeWhileUnread,
		nexus:  outcome{"close": "still waits"},
		ours:   outcome{"close": "no error"},
	},
}

// binary is where nexus's client can unpack payload passthru: with JSON it panics.
var binary = []link{webMsgpack, webCBOR, rawMsgpack, rawCBOR, local}

// TestDifferences holds each client to its own outcome.
func TestDifferences(t *testing.T) {
	for _, d := range differences {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			require.NotEqual(t, d.nexus, d.ours, "this is no difference")
			var options []realmOption
			if d.realm != nil {
				options = append(options, d.realm)
			}
			for _, l := range d.links {
				t.Run(l.name, func(t *testing.T) {
					t.Parallel()
					for _, s := range alone {
						t.Run(s.name, func(t *testing.T) {
							requireSame(t, "what it has to be", d.of(s), visit(t, l, s, d.behave, options))
						})
					}
				})
			}
		})
	}
}

func (d difference) of(s side) outcome {
	if s.name == nexus.name {
		return d.nexus
	}
	return d.ours
}

func callOptions(w *world) {
	c := w.connect()
	w.register(c, procedure, sum, nil)
	options, chunk := wamp.Dict{}, wamp.Dict{}
	_, err := c.Call(w.soon(), procedure, options, nil, nil, func(*wamp.Result) {})
	require.NoError(w, err)
	w.note("call", fmt.Sprint(options))
	_, err = c.CallProgressive(w.soon(), procedure, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		return chunk, nil, nil, nil
	}, func(*wamp.Result) {})
	require.NoError(w, err)
	w.note("progressive call", fmt.Sprint(chunk))
}

func leaks(cfg *router.RealmConfig) {
	cfg.Authorizer = leaky{}
	cfg.RequireLocalAuthz = true
}

func sharedOptions(w *world) {
	options := wamp.Dict{}
	require.NoError(w, w.connect().Subscribe(topic, func(*wamp.Event) {}, options))
	w.note("subscribe", fmt.Sprint(options))
}

func helloDetails(w *world) {
	details := wamp.Dict{"authid": user}
	w.connect(hello(details), handlers(map[string]client.AuthFunc{"ticket": ticket(password)}))
	for _, name := range []string{"roles", "authmethods"} {
		_, has := details[name]
		w.note(name, has)
	}
}

func noRealm(w *world) {
	c, err := w.try(func(cfg *client.Config) { cfg.Realm = "" })
	require.Nil(w, c)
	w.noteError("joining", err)
}

func emptyURI(w *world) {
	c := w.connect()
	w.noteError("publish", c.Publish("", nil, nil, nil))
	w.noteError("publish acknowledged", c.Publish("", acknowledged(), nil, nil))
	w.noteError("subscribe", c.Subscribe("", func(*wamp.Event) {}, nil))
	w.noteError("register", c.Register("", sum, nil))
	_, err := c.Call(w.soon(), "", nil, nil, nil, nil)
	w.noteError("call", err)
	asked := false
	_, err = c.CallProgressive(w.soon(), "", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		asked = true
		return nil, nil, nil, nil
	}, nil)
	w.noteError("progressive call", err)
	w.note("asked", asked)
}

// passthru goes through all serializers of payload passthru mode where that is taken.
func passthru(w *world) {
	c, another := w.connect(), w.connect()
	got := w.events(another, topic, nil)
	w.register(another, procedure, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{
			Args: wamp.List{"goodbye"}, Kwargs: wamp.Dict{"prop": "goodbye"},
			Options: wamp.Dict{wamp.OptPPTScheme: inv.Details[wamp.OptPPTScheme], wamp.OptPPTSerializer: inv.Details[wamp.OptPPTSerializer]},
		}
	}, nil)
	options := func(scheme, serializer string) wamp.Dict {
		return wamp.Dict{wamp.OptPPTScheme: scheme, wamp.OptPPTSerializer: serializer}
	}
	args, kwargs := wamp.List{"hello"}, wamp.Dict{"prop": "hello"}
	events, calls := map[string]bool{}, map[string]bool{}
	serializers := []string{"cbor", "msgpack", "json"}
	if w.link.url == nil {
		serializers = append(serializers, "native") // over a network nexus's client can't read it back
	}
	for _, serializer := range serializers {
		if err := c.Publish(topic, options("x_custom", serializer), args, kwargs); err != nil {
			events[said(err)] = true
		} else {
			event := receive(w, got)
			events[fmt.Sprint(event.Arguments, event.ArgumentsKw)] = true
		}
		if result, err := c.Call(w.soon(), procedure, options("x_custom", serializer), args, kwargs, nil); err != nil {
			calls[said(err)] = true
		} else {
			calls[fmt.Sprint(result.Arguments, result.ArgumentsKw)] = true
		}
	}
	for name, all := range map[string]map[string]bool{"event": events, "call": calls} {
		require.Len(w, all, 1, "not the same with all serializers")
		for one := range maps.Keys(all) {
			w.note(name, one)
		}
	}
	w.noteError("bad scheme", c.Publish(topic, options("invalid", "cbor"), args, kwargs))
	w.noteError("bad serializer", c.Publish(topic, options("x_custom", "xml"), args, kwargs))
	_, err := c.Call(w.soon(), procedure, options("invalid", "cbor"), args, kwargs, nil)
	w.noteError("call with a bad scheme", err)
	_, err = c.Call(w.soon(), procedure, options("x_custom", "xml"), args, kwargs, nil)
	w.noteError("call with a bad serializer", err)
	w.register(another, "com.parity.bad", func(context.Context, *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{Args: args, Options: options("invalid", "cbor")}
	}, nil)
	_, err = c.Call(w.soon(), "com.parity.bad", nil, nil, nil, nil)
	w.noteError("answer with a bad scheme", err)
	require.Empty(w, got)
}

func encArgument(w *world) {
	c := w.connect()
	w.register(c, procedure, answers("x"), nil)
	w.noteError("publish", c.Publish(topic, acknowledged(), nil, wamp.Dict{"enc": 1}))
	_, err := c.Call(w.soon(), procedure, nil, nil, wamp.Dict{"enc": 1}, nil)
	w.noteError("call", err)
}

func unsendable(w *world) {
	const limit = time.Second
	c, caller := w.connect(responseTimeout(limit)), w.connect()
	bad := wamp.List{1i} // no serializer knows complex numbers
	soon := func() context.Context {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		w.Cleanup(cancel)
		return ctx
	}
	w.noteError("publish", c.Publish(topic, nil, bad, nil))
	w.noteError("publish acknowledged", c.Publish(topic, acknowledged(), bad, nil))
	_, err := c.Call(soon(), "com.parity.other", nil, bad, nil, nil)
	w.noteError("call", err)
	w.noteError("subscribe", c.Subscribe(topic, func(*wamp.Event) {}, wamp.Dict{"x": bad}))
	w.register(c, procedure, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		if takes, _ := wamp.AsBool(inv.Details[wamp.OptReceiveProgress]); takes {
			w.noteError("progress", c.SendProgress(ctx, bad, nil))
			return client.InvokeResult{}
		}
		return client.InvokeResult{Args: bad}
	}, nil)
	_, err = caller.Call(soon(), procedure, nil, nil, nil, nil)
	w.noteError("result", err)
	_, err = caller.Call(w.soon(), procedure, nil, nil, nil, func(*wamp.Result) {})
	require.NoError(w, err)
	w.register(c, "com.parity.next", answers("next"), nil)
	result, err := caller.Call(w.soon(), "com.parity.next", nil, nil, nil, nil)
	require.NoError(w, err)
	w.note("goes on", fmt.Sprint(result.Arguments))
}

func unknownMatch(w *world) {
	c := w.connect()
	w.noteError("subscribe", c.Subscribe(topic, func(*wamp.Event) {}, wamp.Dict{wamp.OptMatch: "roughly"}))
	w.noteError("register", c.Register(procedure, sum, wamp.Dict{wamp.OptMatch: "roughly"}))
	w.noteError("not a string", c.Subscribe("com.parity.other", func(*wamp.Event) {}, wamp.Dict{wamp.OptMatch: 7}))
}

func progressWithoutHandler(w *world) {
	callee, caller := w.connect(), w.connect()
	returned := make(chan struct{})
	w.register(callee, procedure, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		if err := callee.SendProgress(ctx, wamp.List{"progress"}, nil); err == nil {
			<-returned // nexus's client may hang on a result that comes too soon
		}
		return client.InvokeResult{Args: wamp.List{"result"}}
	}, nil)
	result, err := caller.Call(w.soon(), procedure, wamp.Dict{wamp.OptReceiveProgress: true}, nil, nil, nil)
	close(returned)
	require.NoError(w, err)
	w.note("result", fmt.Sprint(result.Arguments, result.Details))
}

func failingChunk(w *world) {
	callee, caller := w.connect(), w.connect()
	w.register(callee, procedure, func(context.Context, *wamp.Invocation) client.InvokeResult { return more }, nil)
	why := errors.New("nothing left")
	first := true
	_, err := caller.CallProgressive(w.soon(), procedure, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		if !first {
			return nil, nil, nil, why
		}
		first = false
		return wamp.Dict{wamp.OptProgress: true}, nil, nil, nil
	}, nil)
	w.noteError("call", err)
	w.note("own error", errors.Is(err, why))
}

func contextOfChunks(w *world) {
	c := w.connect()
	w.register(c, procedure, sum, nil)
	var seen context.Context
	_, err := c.CallProgressive(w.soon(), procedure, func(ctx context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		seen = ctx
		return nil, nil, nil, nil
	}, nil)
	require.NoError(w, err)
	w.note("after the call", seen.Err())
}

// closing notes what Close does within a time in which it should have returned.
func closing(w *world, c transparency.Client, release func()) {
	w.Helper()
	closed := make(chan error, 1)
	go func() { closed <- c.Close() }()
	select {
	case err := <-closed:
		w.noteError("close", err)
		release()
	case <-time.After(4 * time.Second):
		w.note("close", "still waits")
		release()
		require.NoError(w, receive(w, closed))
	}
	ends(w, c.Done())
}

func closeWhileBlocked(w *world) {
	c, publisher := w.connect(responseTimeout(500*time.Millisecond)), w.connect()
	begun, release := make(chan struct{}), make(chan struct{})
	require.NoError(w, c.Subscribe(topic, func(*wamp.Event) {
		close(begun)
		<-release
	}, nil))
	require.NoError(w, publisher.Publish(topic, nil, nil, nil))
	ends(w, begun)
	closing(w, c, func() { close(release) })
}

func closeWhileUnread(w *world) {
	c, publisher := w.connect(responseTimeout(500*time.Millisecond)), w.connect()
	events := make(chan *wamp.Event)
	require.NoError(w, c.SubscribeChan(topic, events, nil))
	require.NoError(w, publisher.Publish(topic, acknowledged(), nil, nil))
	time.Sleep(300 * time.Millisecond) // the event comes
	closing(w, c, func() {
		select {
		case <-events:
		case <-time.After(100 * time.Millisecond):
		}
	})
}

// handDifference is one towards a router that is played by hand.
type handDifference struct {
	name, why   string
	behave      func(w *world, r *handrouter.Router)
	nexus, ours outcome
}

var handDifferences = []handDifference{
	{
		name: "a result in answer to CANCEL", why: "nothing else comes for this call, so there is nothing to wait for",
		behave: resultForCancel,
		nexus:  outcome{"call": "ErrReplyTimeout"},
		ours:   outcome{"call": "context.Canceled"},
	},
	{
		name: "a reply of another kind", why: "it answers nothing that was asked",
		behave: replyOfAnotherKind,
		nexus:  outcome{"subscribe": `error "REGISTERED"`},
		ours:   outcome{"subscribe": "ErrReplyTimeout"},
	},
	{
		name: "an invocation of no registration", why: "no router in its senses sends it, so nobody waits for an answer",
		behave: invocationOfNothing,
		nexus:  outcome{"answer": "wamp.error.invalid_argument", "goes on": "no error"},
		ours:   outcome{"answer": "none", "goes on": "no error"},
	},
	{
		name: "ConnectNet's context", why: "it bounds all of joining",
		behave: contextOfJoining,
		nexus:  outcome{"joining": "later"},
		ours:   outcome{"joining": "context.DeadlineExceeded in time"},
	},
}

// TestDifferencesByHand holds each client to its own outcome.
func TestDifferencesByHand(t *testing.T) {
	for _, d := range handDifferences {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			require.NotEqual(t, d.nexus, d.ours, "this is no difference")
			for _, l := range handLinks {
				t.Run(l.name, func(t *testing.T) {
					t.Parallel()
					for _, s := range alone {
						t.Run(s.name, func(t *testing.T) {
							want := d.ours
							if s.name == nexus.name {
								want = d.nexus
							}
							requireSame(t, "what it has to be", want, visitByHand(t, l, s, d.behave))
						})
					}
				})
			}
		})
	}
}

func resultForCancel(w *world, r *handrouter.Router) {
	c, conn := w.joined(r, responseTimeout(time.Second))
	ctx, cancel := context.WithCancel(w.soon())
	call := start(ctx, c, procedure, nil, nil, nil)
	id := conn.Next()[1]
	cancel()
	require.EqualValues(w, wamp.CANCEL, number(conn.Next()[0]))
	conn.Send(wamp.RESULT, id, wamp.Dict{}, []any{"too late"})
	got := receive(w, call)
	require.Nil(w, got.result)
	w.noteError("call", got.err)
}

func replyOfAnotherKind(w *world, r *handrouter.Router) {
	c, conn := w.joined(r, responseTimeout(time.Second))
	pending := make(chan error, 1)
	go func() { pending <- c.Subscribe(topic, func(*wamp.Event) {}, nil) }()
	conn.Send(wamp.REGISTERED, conn.Next()[1], 5)
	w.noteError("subscribe", receive(w, pending), "REGISTERED")
}

func invocationOfNothing(w *world, r *handrouter.Router) {
	c, conn := w.joined(r)
	errs := make(chan []any, 1)
	conn.Serve(func(m []any) {
		switch wamp.MessageType(number(m[0])) {
		case wamp.ERROR:
			errs <- m
		case wamp.CALL:
			conn.Send(wamp.RESULT, m[1], wamp.Dict{})
		}
	})
	conn.Send(wamp.INVOCATION, 1, 4711, wamp.Dict{})
	_, err := c.Call(w.soon(), procedure, nil, nil, nil, nil)
	w.noteError("goes on", err)
	select {
	case m := <-errs:
		w.note("answer", text(m[4]))
	case <-time.After(300 * time.Millisecond):
		w.note("answer", "none")
	}
}

func contextOfJoining(w *world, r *handrouter.Router) {
	const limit = 3 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), limit/3)
	defer cancel()
	before := time.Now()
	c, err := w.maker().net(ctx, r.URL(), w.config([]configOption{responseTimeout(limit)}))
	require.Nil(w, c)
	require.Error(w, err)
	if time.Since(before) < limit {
		w.note("joining", said(err)+" in time")
	} else {
		w.note("joining", "later")
	}
}

// TestChunkWithoutProgressOption: a later chunk that doesn't say whether more follow is
// the last one. It ends the process of nexus's client.
func TestChunkWithoutProgressOption(t *testing.T) {
	t.Parallel()
	oursAlone(t, everywhere, outcome{"call": "[2]"}, func(w *world) {
		callee, caller := w.connect(), w.connect()
		var count int64
		w.register(callee, procedure, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
			count++
			if unfinished, _ := inv.Details[wamp.OptProgress].(bool); unfinished {
				return more
			}
			return client.InvokeResult{Args: wamp.List{count}}
		}, nil)
		options := wamp.Dict{wamp.OptProgress: true}
		result, err := caller.CallProgressive(w.soon(), procedure, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			now := options
			options = nil
			return now, nil, nil, nil
		}, nil)
		require.NoError(w, err)
		w.note("call", fmt.Sprint(result.Arguments))
	})
}

// TestUnexpectedMessageInPlaceOfWelcome: either client ends with an error, nexus's at
// once, a Session when its patience ends.
func TestUnexpectedMessageInPlaceOfWelcome(t *testing.T) {
	byHand(t, outcome{"client": nil, "error": true}, func(w *world, r *handrouter.Router) {
		pending := w.join(r, responseTimeout(300*time.Millisecond))
		conn := r.Accept()
		conn.Next()
		conn.Send(wamp.SUBSCRIBED, 1, 2)
		j := receive(w, pending)
		w.note("client", j.client)
		w.note("error", j.err != nil)
	})
}

// TestRingIsNeeded: what only a Session takes, it checks before it connects.
func TestRingIsNeeded(t *testing.T) {
	t.Parallel()
	_, err := transparency.ConnectNet(context.Background(), shared.WebSocketURL(), client.Config{Realm: "x"}, nil)
	require.ErrorIs(t, err, transparency.ErrOption)
	_, err = transparency.ConnectLocal(shared.Router(), client.Config{Realm: "x"}, nil)
	require.ErrorIs(t, err, transparency.ErrOption)
	_, err = transparency.ConnectLocal(shared.Router(), client.Config{Realm: "x"}, keyring.New(), nil)
	require.ErrorIs(t, err, transparency.ErrOption)
}
