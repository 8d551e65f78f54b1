package parity_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
)

// label is a string type as applications have them.
type label string

// point is a struct as applications have them.
type point struct {
	X, Y int
	Name string `codec:"name,omitempty"`
}

// values are what an application may send.
var values = map[string]any{
	"nil": nil, "true": true, "false": false,
	"int": 7, "negative": -7, "zero": 0, "int8": int8(-8), "int16": int16(-300), "int32": int32(70000),
	"int64": int64(math.MaxInt64), "min int64": int64(math.MinInt64),
	"uint8": uint8(8), "uint16": uint16(300), "uint32": uint32(1 << 31), "uint64": uint64(1 << 40), "max uint64": uint64(math.MaxUint64),
	"beyond 53 bits": int64(1<<53 + 1),
	"float64":        1.5, "float32": float32(0.25), "whole float": 2.0, "negative zero": math.Copysign(0, -1), "large float": 1e300, "small float": 5e-324,
	"string": "hello", "empty string": "", "unicode": "żółw 🐢 \u2028", "escapes": "a\"b\\c\n\t</script>", "long string": strings.Repeat("long", 500), "NUL": "a\x00b",
	"bytes": []byte{0, 1, 255}, "binary data": serialize.BinaryData{0, 1, 255}, "label": label("own type"),
	"id": wamp.ID(1 << 52), "uri": wamp.URI("com.parity.uri"), "message type": wamp.CALL,
	"list": wamp.List{1, "a", nil, true}, "empty list": wamp.List{}, "nested": wamp.List{wamp.List{wamp.List{1}}},
	"dict": wamp.Dict{"a": 1, "b": nil}, "empty dict": wamp.Dict{}, "deep": wamp.Dict{"a": wamp.Dict{"b": wamp.List{wamp.Dict{"c": []byte("x")}}}},
	"strings": []string{"a", "b"}, "ints": []int{1, 2}, "floats": []float64{0.5}, "any list": []any{1, "x"},
	"map of ints": map[string]int{"a": 1}, "map of any": map[string]any{"a": "x"}, "map of strings": map[string]string{"a": "x"},
	"struct": point{1, 2, "p"}, "pointer": &point{X: 3}, "array": [2]int{1, 2},
	"empty key": wamp.Dict{"": 1},
}

// TestValues: a value arrives as the same Go value by either client, in every message
// that carries values, over every serializer.
func TestValues(t *testing.T) {
	names := slices.Sorted(maps.Keys(values))
	args, kwargs := make(wamp.List, len(names)), wamp.Dict(values)
	for i, name := range names {
		args[i] = values[name]
	}
	both(t, everywhere, nil, func(w *world) {
		note := func(where string, args wamp.List, kwargs wamp.Dict) {
			w.Helper()
			require.Len(w, args, len(names), where)
			require.Len(w, kwargs, len(names), where)
			for i, name := range names {
				w.note(name+where, args[i])
				w.note(name+where+", by keyword", kwargs[name])
			}
		}
		callee, caller := w.connect(), w.connect()
		got := w.events(callee, topic, nil)
		invocations := make(chan *wamp.Invocation, 1)
		const failed = "com.parity.error.failed"
		w.register(callee, procedure, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
			if takes, _ := wamp.AsBool(inv.Details[wamp.OptReceiveProgress]); !takes {
				return client.InvokeResult{Err: failed, Args: args, Kwargs: kwargs}
			}
			invocations <- inv
			if err := callee.SendProgress(ctx, args, kwargs); err != nil {
				return client.InvokeResult{Err: "com.parity.error.progress"}
			}
			return client.InvokeResult{Args: args, Kwargs: kwargs}
		}, nil)
		require.NoError(w, caller.Publish(topic, nil, args, kwargs))
		event := receive(w, got)
		note(" in an event", event.Arguments, event.ArgumentsKw)
		var progress *wamp.Result
		result, err := caller.Call(w.soon(), procedure, nil, args, kwargs, func(result *wamp.Result) { progress = result })
		require.NoError(w, err)
		inv := receive(w, invocations)
		note(" in a call", inv.Arguments, inv.ArgumentsKw)
		note(" in a result", result.Arguments, result.ArgumentsKw)
		require.NotNil(w, progress)
		note(" in progress", progress.Arguments, progress.ArgumentsKw)
		_, err = caller.Call(w.soon(), procedure, nil, nil, nil, nil)
		var raised client.RPCError
		require.ErrorAs(w, err, &raised)
		require.Equal(w, wamp.URI(failed), raised.Err.Error)
		note(" in an error", raised.Err.Arguments, raised.Err.ArgumentsKw)
	})
}

// TestWhatValuesBecome says of some values what they are on arrival, so that not both
// clients can be wrong together.
func TestWhatValuesBecome(t *testing.T) {
	for _, c := range []struct {
		link link
		want outcome
	}{
		{webJSON, outcome{"int": uint64(7), "negative": int64(-7), "float64": 1.5, "string": "hello", "bytes": "AAH/", "list": []any{uint64(1), "a", nil, true}, "dict": map[string]any{"a": uint64(1), "b": nil}, "id": uint64(1 << 52)}},
		{rawMsgpack, outcome{"int": int64(7), "negative": int64(-7), "float64": 1.5, "string": "hello", "bytes": []byte{0, 1, 255}, "list": []any{int64(1), "a", nil, true}, "dict": map[string]any{"a": int64(1), "b": nil}, "id": uint64(1 << 52)}},
		{rawCBOR, outcome{"int": uint64(7), "negative": int64(-7), "float64": 1.5, "string": "hello", "bytes": []byte{0, 1, 255}, "list": []any{uint64(1), "a", nil, true}, "dict": map[string]any{"a": uint64(1), "b": nil}, "id": uint64(1 << 52)}},
		{local, outcome{"int": 7, "negative": -7, "float64": 1.5, "string": "hello", "bytes": []byte{0, 1, 255}, "list": wamp.List{1, "a", nil, true}, "dict": wamp.Dict{"a": 1, "b": nil}, "id": wamp.ID(1 << 52)}},
	} {
		t.Run(c.link.name, func(t *testing.T) {
			both(t, []link{c.link}, c.want, func(w *world) {
				subscriber, publisher := w.connect(), w.connect()
				got := w.events(subscriber, topic, nil)
				for name := range c.want {
					require.NoError(w, publisher.Publish(topic, nil, wamp.List{values[name]}, nil))
					w.note(name, receive(w, got).Arguments[0])
				}
			})
		})
	}
}

// TestNothingEverywhere: nil and empty options, arguments and keyword arguments, in all
// combinations.
func TestNothingEverywhere(t *testing.T) {
	both(t, everywhere, nil, func(w *world) {
		callee, caller := w.connect(), w.connect()
		got := w.events(callee, topic, wamp.Dict{})
		w.register(callee, procedure, echo, wamp.Dict{})
		for _, options := range []wamp.Dict{nil, {}} {
			for _, args := range []wamp.List{nil, {}, {nil}} {
				for _, kwargs := range []wamp.Dict{nil, {}, {"k": nil}} {
					name := fmt.Sprintf("%#v %#v %#v", options, args, kwargs)
					require.NoError(w, caller.Publish(topic, options, args, kwargs))
					event := receive(w, got)
					require.Len(w, event.Arguments, len(args))
					require.Len(w, event.ArgumentsKw, len(kwargs))
					w.note("event "+name, fmt.Sprint(event.Arguments, event.ArgumentsKw))
					result, err := caller.Call(w.soon(), procedure, options, args, kwargs, nil)
					require.NoError(w, err)
					require.Len(w, result.Arguments, len(args))
					require.Len(w, result.ArgumentsKw, len(kwargs))
					w.note("call "+name, fmt.Sprint(result.Arguments, result.ArgumentsKw))
				}
			}
		}
	})
}

// TestLargeMessages: of a MiB, both ways.
func TestLargeMessages(t *testing.T) {
	both(t, each, outcome{"call": 1 << 20, "event": 1 << 20}, func(w *world) {
		callee, caller := w.connect(), w.connect()
		got := w.events(callee, topic, nil)
		w.register(callee, procedure, echo, nil)
		large := strings.Repeat("x", 1<<20)
		result, err := caller.Call(w.soon(), procedure, nil, wamp.List{large}, nil, nil)
		require.NoError(w, err)
		w.note("call", len(text(result.Arguments[0])))
		require.NoError(w, caller.Publish(topic, nil, wamp.List{large}, nil))
		w.note("event", len(text(receive(w, got).Arguments[0])))
	})
}
