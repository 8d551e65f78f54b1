package interop_test

import (
	"context"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
)

// formatArgs and formatKwargs have a value of each type that crosses all serializers.
func formatArgs() wamp.List {
	return wamp.List{
		nil, true, int64(-23), uint64(1<<63 + 1), 3.0, -0.25, "Grüße", "", []byte{0, 1, 255}, []byte{},
		[]any{[]any{}, map[string]any{}}, map[string]any{"a": []any{int64(1), 1.0}},
	}
}

func formatKwargs() wamp.Dict { return wamp.Dict{"unit": "°C", "raw": []byte("x")} }

type formatAnswer struct {
	result *wamp.Result
	err    error
}

// calls has the Session call, and collects progress.
func (f formatTalk) calls(procedure string, args wamp.List, kwargs wamp.Dict) (<-chan formatAnswer, *gather[*wamp.Result]) {
	done, chunks := make(chan formatAnswer, 1), &gather[*wamp.Result]{}
	go func() {
		result, err := f.session.Call(f.ctx, procedure, nil, args, kwargs, chunks.add)
		done <- formatAnswer{result, err}
	}()
	return done, chunks
}

// TestLiveFormatGoAsks: Python opens what a Session publishes and calls, and the
// Session opens what Python answers.
func TestLiveFormatGoAsks(t *testing.T) {
	eachFormat(t, "originator", func(f formatTalk) {
		topic, procedure := keyed("topic"), keyed("procedure")
		require.NoError(f, f.session.Publish(topic, nil, formatArgs(), formatKwargs()))
		f.takes(cryptobox.KindPublish, topic, formatArgs(), formatKwargs())
		require.NoError(f, f.session.Publish(topic, nil, nil, nil))
		f.takes(cryptobox.KindPublish, topic, nil, nil)

		done, _ := f.calls(procedure, formatArgs(), nil)
		f.answers(f.takes(cryptobox.KindCall, procedure, formatArgs(), nil), cryptobox.KindResult, "", formatArgs(), formatKwargs())
		got := next(f.live, done)
		require.NoError(f, got.err)
		f.holds(cryptobox.KindResult, got.result.Details, got.result.Arguments, formatArgs(), got.result.ArgumentsKw, formatKwargs())

		f.getsProgress(procedure)
		f.getsError(procedure)
		f.callsInChunks(procedure)
		require.Empty(f, f.session.Stats().Rejected)
	})
}

func (f formatTalk) getsProgress(procedure string) {
	f.Helper()
	done, chunks := f.calls(procedure, nil, formatKwargs())
	request := f.takes(cryptobox.KindCall, procedure, nil, formatKwargs())
	f.answers(request, cryptobox.KindProgress, "", wamp.List{"a"}, nil)
	f.answers(request, cryptobox.KindProgress, "", wamp.List{"b"}, formatKwargs())
	f.answers(request, cryptobox.KindResult, "", wamp.List{"c"}, nil)
	got := next(f.live, done)
	require.NoError(f, got.err)
	f.holds(cryptobox.KindResult, got.result.Details, got.result.Arguments, wamp.List{"c"}, got.result.ArgumentsKw, nil)
	came := chunks.all()
	require.Len(f, came, 2)
	f.holds(cryptobox.KindProgress, came[0].Details, came[0].Arguments, wamp.List{"a"}, came[0].ArgumentsKw, nil)
	f.holds(cryptobox.KindProgress, came[1].Details, came[1].Arguments, wamp.List{"b"}, came[1].ArgumentsKw, formatKwargs())
}

func (f formatTalk) getsError(procedure string) {
	f.Helper()
	for _, uri := range []wamp.URI{errorURI, plainURI} {
		done, _ := f.calls(procedure, nil, nil)
		request := f.takes(cryptobox.KindCall, procedure, nil, nil)
		f.answers(request, cryptobox.KindProgress, "", nil, nil)
		f.answers(request, cryptobox.KindError, string(uri), formatArgs(), nil)
		got := harness.Raised(f, next(f.live, done).err)
		require.Equal(f, uri, got.Error)
		f.holds(cryptobox.KindError, got.Details, got.Arguments, formatArgs(), got.ArgumentsKw, nil)
	}
}

func (f formatTalk) callsInChunks(procedure string) {
	f.Helper()
	done, n := make(chan formatAnswer, 1), 0
	go func() {
		result, err := f.session.CallProgressive(f.ctx, procedure, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			n++
			return wamp.Dict{wamp.OptProgress: n < 3}, wamp.List{n}, nil, nil
		}, nil)
		done <- formatAnswer{result, err}
	}()
	f.takes(cryptobox.KindCallProgress, procedure, wamp.List{int64(1)}, nil)
	f.takes(cryptobox.KindCallProgress, procedure, wamp.List{int64(2)}, nil)
	request := f.takes(cryptobox.KindCall, procedure, wamp.List{int64(3)}, nil)
	f.answers(request, cryptobox.KindResult, "", wamp.List{"done"}, nil)
	got := next(f.live, done)
	require.NoError(f, got.err)
	f.holds(cryptobox.KindResult, got.result.Details, got.result.Arguments, wamp.List{"done"}, got.result.ArgumentsKw, nil)
}

// TestLiveFormatGoAnswers: the other way round.
func TestLiveFormatGoAnswers(t *testing.T) {
	eachFormat(t, "responder", func(f formatTalk) {
		topic, procedure := keyed("topic"), keyed("procedure")
		events := f.subscribes(topic)
		message := interop.FormatMessage{To: formatSubscription, Request: 1, URI: topic, Payload: interop.Payload{Args: formatArgs(), Kwargs: formatKwargs()}}
		f.sent(f.py.Event(f.ctx, message))
		event := delivered(f, events)
		f.holds(cryptobox.KindPublish, event.Details, event.Arguments, formatArgs(), event.ArgumentsKw, formatKwargs())

		invocations := make(chan *wamp.Invocation, 10)
		f.registers(procedure, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
			invocations <- inv
			return f.handles(ctx, inv)
		})
		for i, handled := range []struct {
			progress []wamp.List
			kind     cryptobox.Kind
			uri      string
		}{
			{nil, cryptobox.KindResult, procedure},
			{[]wamp.List{{"a"}, {"b"}}, cryptobox.KindResult, procedure},
			{[]wamp.List{{"a"}}, cryptobox.KindError, errorURI},
			{nil, cryptobox.KindError, plainURI},
		} {
			f.invokes(uint64(i+1), procedure, wamp.List{handled.uri, int64(len(handled.progress))}, false)
			inv := delivered(f, invocations)
			f.holds(cryptobox.KindCall, inv.Details, inv.Arguments, wamp.List{handled.uri, int64(len(handled.progress))}, inv.ArgumentsKw, nil)
			for _, args := range handled.progress {
				f.takes(cryptobox.KindProgress, procedure, args, nil)
			}
			f.takes(handled.kind, handled.uri, formatArgs(), formatKwargs())
		}

		f.invokes(9, procedure, wamp.List{"chunk 1"}, true)
		f.invokes(9, procedure, wamp.List{"chunk 2"}, true)
		f.invokes(9, procedure, wamp.List{procedure, int64(1)}, false)
		for _, want := range []wamp.List{{"chunk 1"}, {"chunk 2"}, {procedure, int64(1)}} {
			require.Equal(f, want, delivered(f, invocations).Arguments)
		}
		f.takes(cryptobox.KindProgress, procedure, wamp.List{"a"}, nil)
		f.takes(cryptobox.KindResult, procedure, formatArgs(), formatKwargs())
		require.Empty(f, f.session.Stats().Rejected)
	})
}

func (f formatTalk) invokes(request uint64, procedure string, args wamp.List, more bool) {
	f.Helper()
	f.sent(f.py.Invocation(f.ctx, interop.FormatMessage{
		To: formatRegistration, Request: request, URI: procedure, More: more, Payload: interop.Payload{Args: args},
	}))
}

// handles is a handler that sends as much progress as it is told, and then the error
// that it is told, or a result if that is no error.
func (f formatTalk) handles(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
	if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
		return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
	}
	uri, _ := wamp.AsURI(inv.Arguments[0])
	count, _ := wamp.AsInt64(inv.Arguments[1])
	for _, args := range []wamp.List{{"a"}, {"b"}}[:count] {
		if err := f.session.SendProgress(ctx, args, nil); err != nil {
			return client.InvokeResult{Err: wamp.ErrInvalidArgument}
		}
	}
	result := client.InvokeResult{Args: formatArgs(), Kwargs: formatKwargs()}
	if uri == errorURI || uri == plainURI {
		result.Err = uri
	}
	return result
}
