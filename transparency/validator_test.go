package transparency_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// invalid is a payload that refusing refuses.
var invalid = wamp.List{"ok", marker}

const (
	invalidPath = "args[1]"
	invalidWhy  = "const"
)

type validatorFunc func(*transparency.Payload) error

func (validatorFunc) Covers(cryptobox.Kind, string) bool { return true }

func (f validatorFunc) Validate(p *transparency.Payload) error { return f(p) }

// refusing is a validator of what is invalid.
var refusing = transparency.WithValidator(validatorFunc(func(p *transparency.Payload) error {
	if args := p.Args(); len(args) == 2 && args[1] == marker {
		return &transparency.InvalidError{Path: invalidPath, Why: invalidWhy}
	}
	return nil
}))

// validating is two Sessions of which one or both have a validator, and a URI of theirs.
type validating struct {
	originator, responder *transparency.Session
	refused               *harness.Rejections // of the one with a validator
	uri                   string
	sealed, foreign       bool
}

// forEachValidating runs the test over everything, sealed and plain, with a validator at the
// originator or at the responder.
func forEachValidating(t *testing.T, atOriginator bool, test func(t *testing.T, v *validating)) {
	t.Helper()
	forEachPair(t, func(t *testing.T, r *testrouter.Router, k harness.Keys, from, to link) {
		refused, collecting := harness.Collect()
		with := map[bool][]transparency.Option{true: {refusing, collecting}}
		responder := to.session(t, r, harness.RingOf(t, k.ResponderKey()), with[!atOriginator]...)
		originator := from.session(t, r, harness.RingOf(t, k.OriginatorKey()), with[atOriginator]...)
		foreign := strings.Contains(t.Name(), "/passthru")
		for _, uri := range []string{harness.Prefix + "v", "com.plain.v"} {
			sealed := uri == harness.Prefix+"v"
			test(t, &validating{originator, responder, refused, uri, sealed, sealed && foreign})
		}
		require.Zero(t, refused.Count()-int(originator.Stats().Rejected[transparency.Invalid]+responder.Stats().Rejected[transparency.Invalid]))
		require.NoError(t, originator.Close())
		require.NoError(t, responder.Close())
	})
}

// requireInvalid checks an error that says where, and nothing of the payload.
func requireInvalid(t *testing.T, err error, op, uri string) {
	t.Helper()
	harness.RequireReason(t, err, transparency.Invalid)
	e, ok := errors.AsType[*transparency.Error](err)
	require.True(t, ok)
	require.Equal(t, []string{op, uri}, []string{e.Op, e.URI})
	where, ok := errors.AsType[*transparency.InvalidError](err)
	require.True(t, ok)
	require.Equal(t, transparency.InvalidError{Path: invalidPath, Why: invalidWhy}, *where)
	require.Contains(t, err.Error(), ": invalid: ")
	require.Contains(t, err.Error(), invalidPath+": "+invalidWhy)
	require.NotContains(t, err.Error(), marker)
}

// requireTold checks what the caller of an invalid call gets.
func (v *validating) requireTold(t *testing.T, err error) {
	t.Helper()
	raised := harness.Raised(t, err)
	require.Equal(t, wamp.ErrInvalidArgument, raised.Error)
	require.Empty(t, raised.Arguments)
	info, sealed := transparency.InfoFrom(raised.Details)
	if v.foreign { // without a key of its own an error has no arguments there
		require.Empty(t, raised.ArgumentsKw)
		return
	}
	require.Equal(t, wamp.Dict{"path": invalidPath, "why": invalidWhy}, raised.ArgumentsKw)
	require.Equal(t, v.sealed, sealed)
	require.Equal(t, v.sealed, info.Kind == cryptobox.KindError)
}

// chunked calls with these chunks. In place of one that is nil it waits for the end of the call:
// one that is under way then is refused for another reason.
func (v *validating) chunked(t *testing.T, chunks ...wamp.List) (*wamp.Result, error) {
	t.Helper()
	next := 0
	return v.originator.CallProgressive(harness.Timeout(t), v.uri, func(ctx context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		if next++; chunks[next-1] == nil {
			<-ctx.Done()
			return nil, nil, nil, ctx.Err()
		}
		return wamp.Dict{wamp.OptProgress: next < len(chunks)}, chunks[next-1], nil, nil
	}, nil)
}

func TestInvalidMessagesAreNotHandedOn(t *testing.T) {
	forEachValidating(t, false, func(t *testing.T, v *validating) {
		got := events(t, v.responder, v.uri, nil)
		require.NoError(t, v.originator.Publish(v.uri, nil, invalid, nil))
		requireInvalid(t, v.refused.Next(t), "event", v.uri)
		require.NoError(t, v.originator.Publish(v.uri, nil, wamp.List{"ok", "ok"}, nil))
		require.Equal(t, wamp.List{"ok", "ok"}, harness.Receive(t, got).Arguments)
		harness.Nothing(t, got)

		served := make(chan wamp.List, 10)
		require.NoError(t, v.responder.Register(v.uri, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
			served <- inv.Arguments
			if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
				return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
			}
			return client.InvokeResult{Args: inv.Arguments}
		}, nil))
		_, err := v.originator.Call(harness.Timeout(t), v.uri, nil, invalid, nil, nil)
		v.requireTold(t, err)
		requireInvalid(t, v.refused.Next(t), "invocation", v.uri)
		_, err = v.chunked(t, invalid, nil)
		v.requireTold(t, err)
		requireInvalid(t, v.refused.Next(t), "invocation", v.uri)
		harness.Nothing(t, served)

		_, err = v.chunked(t, wamp.List{"first"}, invalid)
		v.requireTold(t, err)
		requireInvalid(t, v.refused.Next(t), "invocation", v.uri)
		require.Equal(t, wamp.List{"first"}, harness.Receive(t, served))
		harness.Nothing(t, served)
		res, err := v.chunked(t, wamp.List{"first"}, wamp.List{"last"})
		require.NoError(t, err)
		require.Equal(t, wamp.List{"last"}, res.Arguments)
		require.NoError(t, v.responder.Unregister(v.uri))
	})
}

func TestInvalidMessagesAreNotSent(t *testing.T) {
	forEachValidating(t, true, func(t *testing.T, v *validating) {
		got := events(t, v.responder, v.uri, nil)
		requireInvalid(t, v.originator.Publish(v.uri, nil, invalid, nil), "publish", v.uri)
		require.NoError(t, v.originator.Publish(v.uri, nil, wamp.List{"ok", "ok"}, nil))
		require.Equal(t, wamp.List{"ok", "ok"}, harness.Receive(t, got).Arguments)

		served := make(chan wamp.List, 10)
		require.NoError(t, v.responder.Register(v.uri, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
			served <- inv.Arguments
			if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
				return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
			}
			return client.InvokeResult{}
		}, nil))
		_, err := v.originator.Call(harness.Timeout(t), v.uri, nil, invalid, nil, nil)
		requireInvalid(t, err, "call", v.uri)
		_, err = v.chunked(t, invalid)
		requireInvalid(t, err, "call", v.uri)
		harness.Nothing(t, served)
		_, err = v.chunked(t, wamp.List{"first"}, invalid)
		requireInvalid(t, err, "call", v.uri)
		if harness.Arrives(served) { // before the call was cancelled
			harness.Nothing(t, served)
		}
		require.NoError(t, v.responder.Unregister(v.uri))
		require.Zero(t, v.refused.Count(), "they were returned")
	})
}

// answering registers a handler that answers with what it is asked for.
func (v *validating) answering(t *testing.T, progressed chan<- error) {
	t.Helper()
	require.NoError(t, v.responder.Register(v.uri, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		switch inv.Arguments[0] {
		case "error":
			return client.InvokeResult{Err: "com.plain.error", Args: invalid, Kwargs: wamp.Dict{"k": "v"}}
		case "progress":
			progressed <- v.responder.SendProgress(ctx, invalid, nil)
			if err := v.responder.SendProgress(ctx, wamp.List{"fine"}, nil); err != nil {
				return client.InvokeResult{Err: "com.plain.wrong"}
			}
			return client.InvokeResult{Args: wamp.List{"done"}}
		}
		return client.InvokeResult{Args: invalid}
	}, nil))
}

func TestInvalidAnswersAreNotHandedOn(t *testing.T) {
	forEachValidating(t, true, func(t *testing.T, v *validating) {
		progressed := make(chan error, 1)
		v.answering(t, progressed)
		_, err := v.originator.Call(harness.Timeout(t), v.uri, nil, wamp.List{"result"}, nil, nil)
		requireInvalid(t, err, "result", v.uri)
		requireInvalid(t, v.refused.Next(t), "result", v.uri)

		_, err = v.originator.Call(harness.Timeout(t), v.uri, nil, wamp.List{"progress"}, nil, func(got *wamp.Result) {
			require.Empty(t, got.Arguments, "invalid progress was handed on")
		})
		requireInvalid(t, err, "progress", v.uri)
		requireInvalid(t, v.refused.Next(t), "progress", v.uri)
		require.NoError(t, harness.Receive(t, progressed))

		_, err = v.originator.Call(harness.Timeout(t), v.uri, nil, wamp.List{"error"}, nil, nil)
		if v.foreign { // its arguments weren't sent
			require.Empty(t, harness.Raised(t, err).Arguments)
		} else {
			requireInvalid(t, err, "error", "com.plain.error")
			requireInvalid(t, v.refused.Next(t), "error", "com.plain.error")
		}
		require.NoError(t, v.responder.Unregister(v.uri))
	})
}

func TestInvalidAnswersAreNotSent(t *testing.T) {
	forEachValidating(t, false, func(t *testing.T, v *validating) {
		progressed := make(chan error, 1)
		v.answering(t, progressed)
		_, err := v.originator.Call(harness.Timeout(t), v.uri, nil, wamp.List{"result"}, nil, nil)
		raised := harness.Raised(t, err)
		require.EqualValues(t, "wamp.error.runtime_error", raised.Error)
		require.Empty(t, raised.Arguments)
		requireInvalid(t, v.refused.Next(t), "yield", v.uri)

		var got []any
		res, err := v.originator.Call(harness.Timeout(t), v.uri, nil, wamp.List{"progress"}, nil, func(part *wamp.Result) {
			got = append(got, part.Arguments...)
		})
		require.NoError(t, err)
		require.Equal(t, wamp.List{"done"}, res.Arguments)
		require.Equal(t, []any{"fine"}, got)
		requireInvalid(t, harness.Receive(t, progressed), "yield", v.uri)

		_, err = v.originator.Call(harness.Timeout(t), v.uri, nil, wamp.List{"error"}, nil, nil)
		raised = harness.Raised(t, err)
		require.EqualValues(t, "com.plain.error", raised.Error)
		require.Empty(t, raised.Arguments)
		require.Empty(t, raised.ArgumentsKw)
		requireInvalid(t, v.refused.Next(t), "yield", "com.plain.error")
		require.NoError(t, v.responder.Unregister(v.uri))
	})
}

// watch is a validator that notes what it sees.
func watch() (<-chan *transparency.Payload, transparency.Option) {
	seen := make(chan *transparency.Payload, 1000)
	return seen, transparency.WithValidator(validatorFunc(func(p *transparency.Payload) error {
		seen <- p
		return nil
	}))
}

// TestValidatorsSeeTheSameAtBothEnds: what arrives, whatever was sent, of each kind.
func TestValidatorsSeeTheSameAtBothEnds(t *testing.T) {
	type order struct {
		Item  string `json:"item"`
		Count uint8  `json:"count"`
	}
	payloads := []wamp.List{{1, uint64(2), float32(0.5), []byte{0, 255}, nil, true}, {order{"tea", 3}, []order{{}}, map[string]int{"a": 1}}, {wamp.Dict{"l": wamp.List{1, wamp.Dict{}}}}}
	forEachPair(t, func(t *testing.T, r *testrouter.Router, k harness.Keys, from, to link) {
		sent, outgoing := watch()
		received, incoming := watch()
		responder := to.session(t, r, harness.RingOf(t, k.ResponderKey()), incoming)
		originator := from.session(t, r, harness.RingOf(t, k.OriginatorKey()), outgoing)
		uri := harness.Prefix + "same"
		got := events(t, responder, uri, nil)
		require.NoError(t, responder.Register(uri, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
			if err := responder.SendProgress(ctx, inv.Arguments, inv.ArgumentsKw); err != nil {
				return client.InvokeResult{Err: "com.plain.wrong"}
			}
			if inv.ArgumentsKw != nil {
				return client.InvokeResult{Err: harness.Prefix + "error", Args: inv.Arguments}
			}
			return client.InvokeResult{Args: inv.Arguments}
		}, nil))
		same := func(kind cryptobox.Kind, uri string, args wamp.List) {
			t.Helper()
			a, b := harness.Receive(t, sent), harness.Receive(t, received)
			for _, p := range []*transparency.Payload{a, b} {
				require.Equal(t, kind, p.Kind)
				require.Equal(t, uri, p.URI)
				require.Equal(t, args, p.Args())
			}
			if len(a.Kwargs())+len(b.Kwargs()) > 0 { // progress in passthru mode is never without
				require.Equal(t, a.Kwargs(), b.Kwargs())
			}
		}
		for _, args := range payloads {
			require.NoError(t, originator.Publish(uri, nil, args, nil))
			arrived := harness.Receive(t, got)
			same(cryptobox.KindPublish, uri, arrived.Arguments)
			res, err := originator.Call(harness.Timeout(t), uri, nil, args, nil, func(*wamp.Result) {})
			require.NoError(t, err)
			for _, kind := range []cryptobox.Kind{cryptobox.KindCall, cryptobox.KindProgress, cryptobox.KindResult} {
				same(kind, uri, res.Arguments)
			}
			_, err = originator.Call(harness.Timeout(t), uri, nil, args, wamp.Dict{"raise": true}, func(*wamp.Result) {})
			raised := harness.Raised(t, err)
			same(cryptobox.KindCall, uri, arrived.Arguments)
			same(cryptobox.KindProgress, uri, arrived.Arguments)
			if raised.Arguments != nil {
				same(cryptobox.KindError, harness.Prefix+"error", arrived.Arguments)
			}
			harness.Nothing(t, sent)
			harness.Nothing(t, received)
		}
		require.NoError(t, originator.Close())
		require.NoError(t, responder.Unregister(uri))
		require.NoError(t, responder.Close())
	})
}

// spoiling changes everything that it is shown.
var spoiling = transparency.WithValidator(validatorFunc(func(p *transparency.Payload) error {
	for _, v := range slices.Concat(p.Args(), wamp.List{p.Kwargs()["k"]}) {
		switch v := v.(type) {
		case map[string]any:
			clear(v)
		case []any:
			clear(v)
		case []byte:
			clear(v)
		}
	}
	clear(p.Args())
	clear(p.Kwargs())
	p.URI, p.Kind = "spoilt", 0
	return nil
}))

func TestValidatorsChangeNothing(t *testing.T) {
	forEachPair(t, func(t *testing.T, r *testrouter.Router, k harness.Keys, from, to link) {
		responder := to.session(t, r, harness.RingOf(t, k.ResponderKey()), spoiling)
		originator := from.session(t, r, harness.RingOf(t, k.OriginatorKey()), spoiling)
		for _, uri := range []string{harness.Prefix + "spoil", "com.plain.spoil"} {
			require.NoError(t, responder.Register(uri, harness.Echo, nil))
			value := func() any { return map[string]any{"l": []any{"x"}, "m": map[string]any{"n": "y"}} }
			args, kwargs := wamp.List{value(), []any{"x"}, wamp.Dict{"d": "z"}}, wamp.Dict{"k": value()}
			res, err := originator.Call(harness.Timeout(t), uri, nil, args, kwargs, nil)
			require.NoError(t, err)
			require.Equal(t, wamp.List{value(), []any{"x"}, wamp.Dict{"d": "z"}}, args)
			require.Equal(t, wamp.Dict{"k": value()}, kwargs)
			require.Equal(t, value(), harness.At(t, []any(res.Arguments), 0))
			require.Len(t, res.Arguments, 3)
			require.Equal(t, value(), res.ArgumentsKw["k"])
			require.NoError(t, responder.Unregister(uri))
		}
		require.NoError(t, originator.Close())
		require.NoError(t, responder.Close())
	})
}

// TestValidatorIsAskedLast: what is refused otherwise, it never sees.
func TestValidatorIsAskedLast(t *testing.T) {
	k := harness.NewKeys()
	seen, watching := watch()
	v := newVictim(t, harness.RingOf(t, k.ResponderKey()), harness.Prefix+"x", watching)
	v.refuses(t, harness.Prefix+"x", wamp.List{marker}, nil, transparency.Plaintext, harness.OpaquePlain)
	captured := sealedEvent(t, v, k, harness.Prefix+"x", marker)
	require.Equal(t, wamp.List{marker}, harness.Receive(t, seen).Args())
	require.NoError(t, v.router.Publish(harness.Prefix+"x", nil, nil, captured))
	harness.RequireReason(t, v.refused.Next(t), transparency.Replayed)
	harness.Nothing(t, seen)
}

// TestWrappedSessionsValidate.
func TestWrappedSessionsValidate(t *testing.T) {
	k, r := harness.NewKeys(), startRouter(t)
	wrap := func(key keyring.Key, opts ...transparency.Option) *transparency.Session {
		s, err := transparency.Wrap(links[1].plain(t, r), harness.Realm, harness.RingOf(t, key), opts...)
		require.NoError(t, err)
		return s
	}
	responder, originator := wrap(k.ResponderKey(), refusing), wrap(k.OriginatorKey())
	require.NoError(t, responder.Register(harness.Prefix+"w", harness.Echo, nil))
	_, err := originator.Call(harness.Timeout(t), harness.Prefix+"w", nil, invalid, nil, nil)
	require.Equal(t, wamp.ErrInvalidArgument, harness.Raised(t, err).Error)
	_, err = originator.Call(harness.Timeout(t), harness.Prefix+"w", nil, wamp.List{"ok"}, nil, nil)
	require.NoError(t, err)
}

// TestInvalidTestament: the router publishes what is in it, so its sender has it looked at.
func TestInvalidTestament(t *testing.T) {
	const procedure, topic = string(wamp.MetaProcSessionAddTestament), "com.plain.will"
	r, k := testrouter.Start(t), harness.NewKeys()
	got := events(t, local.plain(t, r), topic, nil)
	s := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()), refusing)
	for _, call := range []struct {
		args   wamp.List
		kwargs wamp.Dict
	}{
		{wamp.List{topic, invalid, wamp.Dict{}}, nil},
		{nil, wamp.Dict{"topic": topic, "args": invalid}},
		{wamp.List{topic}, wamp.Dict{"args": invalid}},
	} {
		_, err := s.Call(harness.Timeout(t), procedure, nil, call.args, call.kwargs, nil)
		requireInvalid(t, err, "testament", topic)
	}
	_, err := s.Call(harness.Timeout(t), procedure, nil, wamp.List{topic, 5, wamp.Dict{}}, nil, nil)
	harness.RequireReason(t, err, transparency.Misuse)
	_, err = s.Call(harness.Timeout(t), procedure, nil, wamp.List{topic, wamp.List{"bye"}, wamp.Dict{}}, nil, nil)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.Equal(t, wamp.List{"bye"}, harness.Receive(t, got).Arguments)
}
