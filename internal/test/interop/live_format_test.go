package interop_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Sessions of this library talk to the second implementation of docs/FORMAT.md, both ways,
// through Crossbar.io and through nexus's router.

// Who originates below which prefix.
const (
	fromGoPrefix     = prefix + "fromgo."
	fromPythonPrefix = prefix + "frompython."
)

// formatTalk is a Session and the other party.
type formatTalk struct {
	live
	session *transparency.Session
	python  *interop.Format
	refusals
	of     formatSuite
	chunks bool // the router carries calls in chunks
}

// formatSuites are the kinds of keys that both have.
var formatSuites = []formatSuite{
	{cryptobox.SuiteBox, false}, {cryptobox.SuiteXBox, false}, {cryptobox.SuiteShared, false},
	{cryptobox.SuiteSigned, false}, {cryptobox.SuiteSigned, true}, {cryptobox.SuiteSignedPQ, false},
}

type formatSuite struct {
	cryptobox.Suite
	once bool
}

// String names a test.
func (s formatSuite) String() string {
	if s.once {
		return s.Suite.String() + "-once"
	}
	return s.Suite.String()
}

// signed tells whether its messages have a sender.
func (s formatSuite) signed() bool { return s.Suite >= cryptobox.SuiteSigned }

// eachFormat runs a test in each suite, through each router, with different serializers.
func eachFormat(t *testing.T, test func(f formatTalk)) {
	all := startLive(t)
	nexus := testrouter.Start(t, interop.Realm)
	for router, url := range map[string]string{"Crossbar.io": all.suite.Node.WebSocketURL(), "nexus": nexus.WebSocketURL()} {
		for i, suite := range formatSuites {
			for j, serializer := range []string{"json", "cbor"} {
				if suite.signed() && (router == "nexus") == (serializer == "json") {
					continue
				}
				t.Run(fmt.Sprintf("%s/%v/%s", router, suite, serializer), func(t *testing.T) {
					goes := []serialize.Serialization{serialize.MSGPACK, serialize.CBOR, serialize.JSON}[(i+j)%3]
					f := all.in(t).talk(url, serializer, goes, suite)
					f.chunks = router == "nexus"
					test(f)
				})
			}
		}
	}
}

// keysOf gives the keys of the Session and those of Python.
func (s formatSuite) keysOf(l live) (goes *keyring.Ring, python []interop.FormatKey) {
	l.Helper()
	goes, python = keyring.New(), []interop.FormatKey{
		{Pattern: fromGoPrefix, Match: "prefix"}, {Pattern: fromPythonPrefix, Match: "prefix"},
	}
	goKeys := l.Keys
	switch {
	case s.Suite == cryptobox.SuiteShared:
		key := cryptobox.GenerateSymmetricKey()
		python[0].Secret = base64Of(key.UnsafeBytes())
		python[1].Secret = python[0].Secret
		goKeys = harness.SharedKeys(keyring.Shared(key))
	case s.signed():
		goKeys = harness.SignedKeys(s.Suite, s.once)
		signedFormat(goKeys.Parties(), python)
	default:
		goKeys.Suite = s.Suite
		python[0].Role, python[0].Private, python[0].Peer = "responder", base64Of(l.Responder.UnsafeBytes()), l.Originator.Public().String()
		python[1].Role, python[1].Private, python[1].Peer = "originator", base64Of(l.Originator.UnsafeBytes()), l.Responder.Public().String()
		python[0].Suite, python[1].Suite = int(s.Suite), int(s.Suite)
	}
	require.NoError(l, goes.Set(keyring.Prefix(fromGoPrefix), goKeys.OriginatorKey()))
	require.NoError(l, goes.Set(keyring.Prefix(fromPythonPrefix), goKeys.ResponderKey()))
	return goes, python
}

// signedFormat fills in what Python has of signed keys: to receive from the Session, and to
// send to it.
func signedFormat(of *harness.Signed, python []interop.FormatKey) {
	in, out := &python[0], &python[1]
	in.Suite, in.SignedOnce = int(of.Suite), of.Once
	out.Suite, out.SignedOnce = int(of.Suite), of.Once
	in.Sign, in.Read = of.Sign[harness.Responding].UnsafeText(), of.Read.UnsafeText()
	out.Sign, out.Seal = of.Sign[harness.Originating].UnsafeText(), of.Read.Public().String()
	for _, name := range []string{harness.Originating, harness.DoingBoth} {
		in.Senders = append(in.Senders, [2]string{name, of.Party(name).Key.String()})
	}
	for _, name := range []string{harness.Responding, harness.DoingBoth} {
		out.Answerers = append(out.Answerers, [2]string{name, of.Party(name).Key.String()})
	}
}

// talk connects both.
func (l live) talk(url, serializer string, goes serialize.Serialization, suite formatSuite, opts ...transparency.Option) formatTalk {
	l.Helper()
	f := formatTalk{live: l, of: suite}
	ring, keys := suite.keysOf(l)
	f.python = l.suite.Format(l.ctx, l, "../../../peers/python", url, serializer, keys...)
	cfg := harness.Config(goes)
	cfg.Realm = interop.Realm
	var collecting transparency.Option
	f.refusals, collecting = collect()
	var err error
	f.session, err = transparency.ConnectNet(l.ctx, url, cfg, ring, append(opts, collecting)...)
	require.NoError(l, err)
	l.Cleanup(func() { require.NoError(l, f.session.Close()) })
	return f
}

// from expects details of what Python has sealed, and who it was where that is proved.
func (f formatTalk) from(details wamp.Dict, kind cryptobox.Kind) {
	f.Helper()
	fromGo(f, details, kind)
	want := ""
	if f.of.signed() {
		want = map[cryptobox.Direction]string{cryptobox.Message: harness.Originating, cryptobox.Answer: harness.Responding}[kind.Direction()]
	}
	info, _ := transparency.InfoFrom(details)
	require.Equal(f, want, info.Sender.Name)
}

// does has Python do something that the router confirms, and gives the number.
func (f formatTalk) does(do, name string, command interop.Told) json.Number {
	f.Helper()
	id := f.python.Do(f, do, command)
	told := f.python.Next(f.ctx, f)
	require.Equal(f, id, told["id"], told)
	number, ok := told[name].(json.Number)
	require.True(f, ok, told)
	return number
}

// hears expects that Python has opened something, and what is told of it besides.
func (f formatTalk) hears(uri string, args, kwargs any, more interop.Told) interop.Told {
	f.Helper()
	told := f.python.Next(f.ctx, f)
	require.Equal(f, true, told["sealed"], told)
	require.Equal(f, uri, told["uri"])
	require.Equal(f, args, told["args"])
	require.Equal(f, kwargs, told["kwargs"])
	for name, value := range more {
		require.Equal(f, value, told[name], name)
	}
	return told
}

// formatValues cross, and marked is how Python tells them.
func formatValues() (goes wamp.List, marked []any) {
	return wamp.List{nil, true, int64(-23), uint64(1<<63 + 1), 3.0, "Grüße", []byte{0, 1, 255}, []any{map[string]any{"a": []any{}}}},
		[]any{
			nil, true, json.Number("-23"), map[string]any{"$int": "9223372036854775809"}, map[string]any{"$float": "3.0"}, "Grüße",
			map[string]any{"$bytes": "AAH/"}, []any{map[string]any{"a": []any{}}},
		}
}

// TestLiveFormatGoAsks: Python opens what a Session publishes and calls, and the Session
// what Python answers.
func TestLiveFormatGoAsks(t *testing.T) {
	eachFormat(t, func(f formatTalk) {
		topic, procedure := fromGoPrefix+"topic", fromGoPrefix+"procedure"
		f.does("subscribe", "subscription", interop.Told{"topic": topic})
		f.does("register", "registration", interop.Told{"procedure": procedure})
		goes, marked := formatValues()
		require.NoError(f, f.session.Publish(topic, nil, goes, wamp.Dict{"k": "v"}))
		f.hears(topic, marked, map[string]any{"k": "v"}, interop.Told{"missed": json.Number("0")})
		require.NoError(f, f.session.Publish(topic, nil, nil, nil))
		f.hears(topic, nil, nil, interop.Told{"missed": json.Number("0")})

		for _, answer := range []interop.Told{{"args": marked}, {"args": marked, "uri": string(plainURI)}} {
			f.answeredByPython(procedure, answer)
		}
		if f.chunks {
			f.callsInChunks(procedure)
		}
		require.Empty(f, f.session.Stats().Rejected)
	})
}

// answeredByPython calls, and has Python answer with progress and what it is given.
func (f formatTalk) answeredByPython(procedure string, answer interop.Told) {
	f.Helper()
	var chunks gather[*wamp.Result]
	called := harness.Calling(func(ctx context.Context) (*wamp.Result, error) {
		return f.session.Call(ctx, procedure, nil, wamp.List{"x"}, nil, chunks.add)
	})
	invocation := f.hears(procedure, []any{"x"}, nil, interop.Told{"more": false})["invocation"]
	f.python.Do(f, "yield", interop.Told{"invocation": invocation, "args": []any{"a"}, "progress": true})
	answer["invocation"] = invocation
	do, kind := "yield", cryptobox.KindResult
	if answer["uri"] != nil {
		do, kind = "error", cryptobox.KindError
	}
	f.python.Do(f, do, answer)
	got := harness.Receive(f, called)
	details, args := wamp.Dict(nil), wamp.List(nil)
	if kind == cryptobox.KindError {
		raised := harness.Raised(f, got.Err)
		require.EqualValues(f, plainURI, raised.Error)
		details, args = raised.Details, raised.Arguments
	} else {
		require.NoError(f, got.Err)
		details, args = got.Result.Details, got.Result.Arguments
	}
	goes, _ := formatValues()
	require.Equal(f, goes, args)
	f.from(details, kind)
	require.Len(f, chunks.all(), 1)
	f.from(chunks.all()[0].Details, cryptobox.KindProgress)
}

func (f formatTalk) callsInChunks(procedure string) {
	f.Helper()
	n := 0
	called := harness.Calling(func(ctx context.Context) (*wamp.Result, error) {
		return f.session.CallProgressive(ctx, procedure, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			n++
			return wamp.Dict{wamp.OptProgress: n < 3}, wamp.List{n}, nil, nil
		}, nil)
	})
	var invocation any
	for i := 1; i <= 3; i++ {
		invocation = f.hears(procedure, []any{json.Number(fmt.Sprint(i))}, nil, interop.Told{"more": i < 3})["invocation"]
	}
	f.python.Do(f, "yield", interop.Told{"invocation": invocation, "args": []any{"done"}})
	got := harness.Receive(f, called)
	require.NoError(f, got.Err)
	require.Equal(f, wamp.List{"done"}, got.Result.Arguments)
}

// TestLiveFormatGoAnswers: the other way round.
func TestLiveFormatGoAnswers(t *testing.T) {
	eachFormat(t, func(f formatTalk) {
		topic, procedure := fromPythonPrefix+"topic", fromPythonPrefix+"procedure"
		events := f.subscribed(f.session, topic, nil)
		goes, marked := formatValues()
		f.does("publish", "publication", interop.Told{"topic": topic, "args": marked})
		event := next(f.live, events)
		require.Equal(f, goes, event.Arguments)
		f.from(event.Details, cryptobox.KindPublish)

		invocations := f.served(f.session, procedure, nil, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
			switch {
			case wamp.OptionFlag(inv.Details, wamp.OptProgress):
				return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
			case inv.Arguments[0] == "fail":
				return client.InvokeResult{Err: plainURI, Args: goes}
			case f.session.SendProgress(ctx, wamp.List{"a"}, nil) != nil:
				return client.InvokeResult{Err: wamp.ErrInvalidArgument}
			}
			return client.InvokeResult{Args: goes}
		})
		ask := func(options map[string]any, args ...any) json.Number {
			return f.python.Do(f, "call", interop.Told{"procedure": procedure, "args": args, "options": options})
		}
		id := ask(map[string]any{"receive_progress": true}, "x")
		f.from(next(f.live, invocations).Details, cryptobox.KindCall)
		f.hears(procedure, []any{"a"}, nil, interop.Told{"id": id, "what": "progress"})
		f.hears(procedure, marked, nil, interop.Told{"id": id, "what": "result"})
		id = ask(map[string]any{}, "fail")
		f.from(next(f.live, invocations).Details, cryptobox.KindCall)
		f.hears(string(plainURI), marked, nil, interop.Told{"id": id, "what": "error"})

		require.Empty(f, f.session.Stats().Rejected)
		if !f.chunks {
			return
		}
		id = ask(map[string]any{"progress": true, "receive_progress": true}, "chunk")
		f.from(next(f.live, invocations).Details, cryptobox.KindCallProgress)
		f.python.Do(f, "chunk", interop.Told{"call": id, "args": []any{"x"}, "options": map[string]any{}})
		f.from(next(f.live, invocations).Details, cryptobox.KindCall)
		f.hears(procedure, []any{"a"}, nil, interop.Told{"id": id, "what": "progress"})
		f.hears(procedure, marked, nil, interop.Told{"id": id, "what": "result"})
		require.Empty(f, f.session.Stats().Rejected)
	})
}

// TestLiveFormatRefusals: what one refuses, the other reads where it can.
func TestLiveFormatRefusals(t *testing.T) {
	all := startLive(t)
	broken := transparency.WithReplayMemory(harness.BrokenMemory{ReplayMemory: transparency.NewReplayMemory()})
	for _, suite := range formatSuites {
		t.Run(suite.String(), func(t *testing.T) {
			f := all.in(t).talk(all.suite.Node.WebSocketURL(), "cbor", serialize.MSGPACK, suite, broken)
			procedure := fromPythonPrefix + "procedure"
			f.served(f.session, procedure, nil, harness.Echo)
			id := f.python.Do(f, "call", interop.Told{"procedure": procedure, "options": map[string]any{}})
			told := f.python.Next(f.ctx, f)
			require.Equal(f, id, told["id"])
			refused, ok := told["refused"].(map[string]any)
			require.True(f, ok, told)
			require.Equal(f, "StoreDown", refused["reason"])
			require.NotEmpty(f, refused["clock"])
			require.ErrorIs(f, next(f.live, f.C), transparency.StoreDown)

			procedure = fromGoPrefix + "procedure"
			f.does("register", "registration", interop.Told{"procedure": procedure})
			stranger := harness.NewKeys()
			if suite.Suite < cryptobox.SuiteShared {
				stranger.Suite = suite.Suite
			}
			ring := keyring.New()
			require.NoError(f, ring.Set(keyring.Prefix(fromGoPrefix), stranger.OriginatorKey()))
			_, err := f.connectRing(usual, ring).Call(f.ctx, procedure, nil, nil, nil, nil)
			harness.RequireRefused(f, err, 0)
			require.Equal(f, "NotOpened", f.python.Next(f.ctx, f)["reason"])
		})
	}
}
