package guard_test

import (
	"context"
	"errors"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
)

// progressive has the client call in chunks, and returns the outcome.
func (h *hostile) progressive(procedure string, chunk func(n int) (wamp.Dict, error)) <-chan harness.Outcome {
	n := 0
	return harness.Calling(func(ctx context.Context) (*wamp.Result, error) {
		return h.s.CallProgressive(ctx, procedure, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			n++
			options, err := chunk(n)
			return options, wamp.List{n}, nil, err
		}, nil)
	})
}

// lastByNil is a source whose last chunk has no options.
func lastByNil(n int) (wamp.Dict, error) {
	if n == 3 {
		return nil, nil
	}
	return wamp.Dict{wamp.OptProgress: true}, nil
}

func TestGuardNilOptionsOfTheLastChunk(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := st.session(t, d)
		done := h.progressive("com.plain.x", lastByNil)
		var request any
		for i := range 3 {
			call := h.r.Next()
			require.EqualValues(t, wamp.CALL, call[0])
			more, _ := call[2].(map[string]any)[wamp.OptProgress].(bool)
			require.Equal(t, i < 2, more)
			request = call[1]
		}
		h.r.Send(wamp.RESULT, request, wamp.Dict{}, []any{"done"})
		require.NoError(t, harness.Receive(t, done).Err)
		h.requireCloses()
	})
}

func TestGuardNilOptionsOfTheLastChunkNexus(t *testing.T) {
	harness.RequireDies(t, "interface conversion", func(t *testing.T) {
		rawStage.nexus(t).progressive("com.plain.x", lastByNil)
	})
}

var errSource = errors.New("the source broke")

// failing is a source that breaks at its third chunk.
func failing(n int) (wamp.Dict, error) {
	if n == 3 {
		return nil, errSource
	}
	return wamp.Dict{wamp.OptProgress: true}, nil
}

func TestGuardErrorOfALaterChunk(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := st.session(t, d)
		done := h.progressive("com.plain.x", failing)
		request := h.r.Next()[1]
		h.r.Next()
		require.EqualValues(t, wamp.CANCEL, h.r.Next()[0])
		h.r.Send(wamp.ERROR, wamp.CALL, request, wamp.Dict{}, wamp.ErrCanceled)
		require.ErrorIs(t, harness.Receive(t, done).Err, errSource)
		h.requireAlive()
		h.requireCloses()
	})
}

func TestGuardErrorOfALaterChunkNexus(t *testing.T) {
	h := rawStage.nexus(t)
	done := h.progressive("com.plain.x", failing)
	request := h.r.Next()[1]
	h.r.Next()
	require.EqualValues(t, wamp.CANCEL, h.r.Next()[0])
	h.r.Send(wamp.ERROR, wamp.CALL, request, wamp.Dict{}, wamp.ErrCanceled)
	err := harness.Receive(t, done).Err
	require.Error(t, err)
	require.NotErrorIs(t, err, errSource, "nexus has lost it")
	h.requireCloses()
}

// TestGuardUnwantedProgress: a progressive RESULT for a call that takes none isn't its
// result.
func TestGuardUnwantedProgress(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		h := st.session(t, d)
		for _, procedure := range []string{"com.plain.x", harness.Prefix + "x"} {
			for _, progress := range []any{true, 1} {
				request, done := h.call(procedure, nil)
				h.r.Send(wamp.RESULT, request, wamp.Dict{wamp.OptProgress: progress}, []any{"part"})
				h.r.Send(wamp.RESULT, request, wamp.Dict{}, []any{"all"})
				outcome := harness.Receive(t, done)
				if progress == 1 && procedure == "com.plain.x" {
					require.NoError(t, outcome.Err, "that is no progress")
					continue
				}
				require.Error(t, outcome.Err)
				require.Nil(t, outcome.Result)
			}
		}
		h.requireAlive()
		h.requireCloses()
	})
}

func TestGuardUnwantedProgressNexus(t *testing.T) {
	h := rawStage.nexus(t)
	request, done := h.call("com.plain.x", nil)
	h.r.Send(wamp.RESULT, request, wamp.Dict{wamp.OptProgress: true}, []any{"part"})
	outcome := harness.Receive(t, done)
	require.NoError(t, outcome.Err)
	require.Equal(t, wamp.List{"part"}, outcome.Result.Arguments, "nexus takes it for the result")
	h.requireCloses()
}
